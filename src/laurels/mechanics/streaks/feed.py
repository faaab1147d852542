"""The feed events of streaks."""

from laurels.kernel.deciding.listing import announces
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.feed import FeedData
from laurels.mechanics.streaks.model import Streak, StreakRecorded


class StreakData(FeedData, frozen=True, kw_only=True):
    """A participant's streak."""

    streak_code: str
    """The streak's code."""
    streak_name: str
    """The streak's name."""
    count: int
    """How many periods the streak has."""


def _extended(definitions: Definitions, _: Entry, fact: StreakRecorded) -> StreakData:
    streak = definitions[Streak].by_id[fact.streak_id]
    return StreakData(streak_code=streak.code, streak_name=streak.name, count=fact.count)


FEED = (
    announces(
        "streak.extended",
        StreakRecorded,
        _extended,
        about="A period of a streak was recorded.",
        example=StreakData(streak_code="daily_visit", streak_name="Daily visit", count=7),
    ),
)
