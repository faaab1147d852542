"""The feed events of streaks."""

from datetime import UTC, datetime

from laurels.kernel.deciding.listing import announces
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.feed import FeedData, FeedType
from laurels.mechanics.streaks.model import Streak, StreakRecorded


class StreakData(FeedData, frozen=True, kw_only=True):
    """A participant's streak."""

    streak_code: str
    """The streak's code."""
    streak_name: str
    """The streak's name."""
    count: int
    """How many periods the streak has."""


class StreakAtRiskData(StreakData, frozen=True, kw_only=True):
    """A streak that is lost without a further record."""

    lost_at: datetime
    """When the streak is lost without a record."""


def _extended(definitions: Definitions, _: Entry, fact: StreakRecorded) -> StreakData:
    streak = definitions[Streak].by_id[fact.streak_id]
    return StreakData(streak_code=streak.code, streak_name=streak.name, count=fact.count)


_EXAMPLE = StreakData(streak_code="daily_visit", streak_name="Daily visit", count=7)

AT_RISK = "streak.at_risk"
LOST = "streak.lost"
RECOVERED = "streak.recovered"

FEED = (
    announces(
        "streak.extended",
        StreakRecorded,
        _extended,
        about="A period of a streak was recorded.",
        example=_EXAMPLE,
    ),
    FeedType(
        name=AT_RISK,
        about="The period of a streak ends in `at_risk_hours`, and it has no record yet.",
        example=StreakAtRiskData(
            streak_code="daily_visit",
            streak_name="Daily visit",
            count=7,
            lost_at=datetime(2026, 3, 2, tzinfo=UTC),
        ),
    ),
    FeedType(
        name=LOST,
        about="A streak was lost. `count` is its former number of periods.",
        example=_EXAMPLE,
    ),
    FeedType(
        name=RECOVERED,
        about="A late record repaired a streak that was lost.",
        example=StreakData(streak_code="daily_visit", streak_name="Daily visit", count=9),
    ),
)
