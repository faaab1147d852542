"""The sections of streaks in a participant's state and profile: the best of all streaks, now and ever."""

from datetime import datetime

from msgspec import Struct

from laurels.kernel.definition import Definitions
from laurels.mechanics.streaks.api import summaries
from laurels.mechanics.streaks.rules import StreakSummary
from laurels.storage.participants import ParticipantRow
from laurels.web.api import Section
from laurels.web.endpoint import AnyRequest


class StreaksSection(Struct, frozen=True):
    """The best of the participant's streaks."""

    current: int
    """The largest current count of all streaks."""
    longest: int
    """The largest longest count of all streaks."""


class ProfileStreaks(Struct, frozen=True, kw_only=True):
    """The best of the participant's streaks."""

    current: int
    """The largest current count of all streaks."""
    longest: int
    """The largest longest count of all streaks."""
    last_activity_at: datetime | None
    """The latest record of all streaks."""


async def _best(request: AnyRequest, participant: ParticipantRow, _definitions: Definitions) -> StreaksSection:
    return _best_of([summary for _, summary in await summaries(request, participant)])


async def _recorded(
    request: AnyRequest, participant: ParticipantRow, _definitions: Definitions
) -> ProfileStreaks | None:
    """The best of all streaks; None without records."""
    standing = [summary for _, summary in await summaries(request, participant)]
    recorded = [summary.last_recorded_at for summary in standing if summary.last_recorded_at is not None]
    if not recorded:
        return None
    best = _best_of(standing)
    return ProfileStreaks(current=best.current, longest=best.longest, last_activity_at=max(recorded))


def _best_of(standing: list[StreakSummary]) -> StreaksSection:
    return StreaksSection(
        max((summary.current for summary in standing), default=0),
        max((summary.longest for summary in standing), default=0),
    )


STATE = Section(
    name="streaks",
    type=StreaksSection,
    read=_best,
    example={"current": 7, "longest": 21},
    description="The best of the participant's streaks.",
)
PROFILE = Section(
    name="streaks",
    type=ProfileStreaks | None,
    read=_recorded,
    description="The best of the participant's streaks; null without a record.",
    example={"current": 7, "longest": 21, "last_activity_at": "2026-03-01T08:15:00Z"},
)
