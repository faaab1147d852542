"""The feed events of leaderboards: a window's result was stored. They have no fact, as the clock causes them."""

from laurels.kernel.feed import FeedData, FeedType


class LeaderboardClosedData(FeedData, frozen=True, kw_only=True):
    """The window of a leaderboard whose result was stored. Participants are not named: each of the first 100 has an
    event `leaderboard.placed`."""

    leaderboard_code: str
    """The leaderboard's code."""
    leaderboard_name: str
    """The leaderboard's name."""
    period: str
    """The time window, or the code of the season."""
    period_key: str | None = None
    """The period, such as 2026-02-14, 2026-W07, 2026-02 or 2026; null for seasons."""
    total_participants: int
    """The number of participants with a score in the window."""


class LeaderboardPlacedData(FeedData, frozen=True, kw_only=True):
    """A participant's place in the result of a leaderboard."""

    leaderboard_code: str
    """The leaderboard's code."""
    leaderboard_name: str
    """The leaderboard's name."""
    period: str
    """The time window, or the code of the season."""
    period_key: str | None = None
    """The period, such as 2026-02-14, 2026-W07, 2026-02 or 2026; null for seasons."""
    rank: int
    """The rank in the result; equal scores share a rank."""
    score: int | float
    """The participant's score in the window."""
    total_participants: int
    """The number of participants with a score in the window."""


CLOSED = FeedType(
    name="leaderboard.closed",
    is_of_participant=False,
    about="The result of a leaderboard's window was stored, 24 hours after the window ended.",
    example=LeaderboardClosedData(
        leaderboard_code="top_scorers",
        leaderboard_name="Top scorers",
        period="monthly",
        period_key="2026-02",
        total_participants=1_204,
    ),
)

PLACED = FeedType(
    name="leaderboard.placed",
    about="A participant is among the first 100 of a leaderboard's window whose result was stored.",
    example=LeaderboardPlacedData(
        leaderboard_code="top_scorers",
        leaderboard_name="Top scorers",
        period="monthly",
        period_key="2026-02",
        rank=1,
        score=5_400,
        total_participants=1_204,
    ),
)

FEED = (CLOSED, PLACED)
