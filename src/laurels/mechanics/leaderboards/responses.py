"""The responses of reads of leaderboards."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from laurels.mechanics.leaderboards import generations
from laurels.mechanics.leaderboards.places import Place
from laurels.mechanics.leaderboards.scoring import rules, windows
from laurels.mechanics.leaderboards.scoring.entries import BoardPage, ParticipantRank, RankedEntry
from laurels.mechanics.leaderboards.scoring.model import Leaderboard
from laurels.mechanics.leaderboards.scoring.rules import Change
from laurels.web.endpoint import Request

TieValues = Annotated[list[int | float | None], Meta(description="The numbers of the tie-breakers, in order.")]


class BoardEntry(Struct, frozen=True, kw_only=True):
    """`change` compares with the rank of the last full hour (daily boards) or the last midnight: null beyond rank 1,000
    and for past periods."""

    rank: int
    """The place, from 1. Equal scores share a rank."""
    participant_id: str
    score: int | float
    """The participant's score in the window."""
    tie_values: TieValues | UnsetType = UNSET
    """The numbers of the tie-breakers, in order; only on boards with tie-breakers. Null for a number that no fact has
    given."""
    global_rank: int | UnsetType = UNSET
    """The place on the whole board; only in a ranking among some participants, where `rank` is the place among them."""
    change: Change | None
    """The change of the rank since the last tick; `new` if the participant was not on the board then. Null beyond rank
    1,000 and for past periods."""
    display_name: str | UnsetType | None = UNSET
    """The participant's name, with `include=profile`; null if there is none."""
    avatar_url: str | UnsetType | None = UNSET
    """The address of the participant's image, with `include=profile`; null if there is none."""


class BoardAnswer(Struct, frozen=True, kw_only=True):
    """`progress` is there while a new board is being filled from history: 0 to 1."""

    leaderboard_code: str
    """The leaderboard's code."""
    period: str
    """The time window of the scores, or the code of the season."""
    entries: list[BoardEntry]
    """The participants, the best first."""
    total_participants: int
    """The number of participants with a score in the window."""
    period_key: str | None
    """The period, such as 2026-02-14, 2026-W07, 2026-02 or 2026; null for all time and seasons."""
    resets_at: datetime | None
    """When the window ends; null for all time and past periods."""
    result_at: datetime | UnsetType = UNSET
    """When the result was stored; only with `result=true`."""
    next_cursor: str | UnsetType = UNSET
    """The cursor of the next entries, for `after`; left out if no entries follow."""
    progress: float | UnsetType = UNSET
    """How much of the board is filled, 0 to 1; left out once it is filled."""


class RankAnswer(Struct, frozen=True, kw_only=True):
    """Without a score in the period: `rank` and `percentile` are null and the score is 0. `progress` is there while a
    new board is being filled from history, 0 to 1: until then a rank is among the facts that have been counted."""

    participant_id: str
    rank: int | None
    """The place, from 1; null without a score in the window."""
    score: int | float
    """The participant's score in the window; 0 without one."""
    tie_values: TieValues | UnsetType = UNSET
    """The numbers of the tie-breakers, in order; only on boards with tie-breakers, and with a score."""
    total_participants: int
    """The number of participants with a score in the window."""
    percentile: float | None
    """The share of the participants that this one is ahead of, in percent with one decimal; null without a score."""
    progress: float | UnsetType = UNSET
    """How much of the board is filled, 0 to 1; left out once it is filled."""


class WindowRank(Struct, frozen=True, kw_only=True):
    """The rank of a participant in one window or season."""

    period: str
    """The time window, or the code of the season."""
    period_key: str | None
    """The current period, such as 2026-02-14, 2026-W07, 2026-02 or 2026; null for all time and seasons."""
    rank: int | None
    """The place, from 1; null without a score in the window."""
    score: int | float
    """The participant's score in the window; 0 without one."""
    tie_values: TieValues | UnsetType = UNSET
    """The numbers of the tie-breakers, in order; only on boards with tie-breakers, and with a score."""
    total_participants: int
    """The number of participants with a score in the window."""
    percentile: float | None
    """The share of the participants that this one is ahead of, in percent with one decimal; null without a score."""
    resets_at: datetime | None
    """When the window ends; null for all time and past seasons."""


class ParticipantRanksAnswer(Struct, frozen=True, kw_only=True):
    """The ranks of a participant in all windows and seasons of a board."""

    participant_id: str
    leaderboard_code: str
    """The leaderboard's code."""
    ranks: list[WindowRank]
    """One for each time window that the board keeps, in its current period, then one for each season."""
    progress: float | UnsetType = UNSET
    """How much of the board is filled, 0 to 1; left out once it is filled."""


async def board_answer(
    request: Request[Any, Any], place: Place, page: BoardPage, ranked: Sequence[int], *, has_profiles: bool
) -> BoardAnswer:
    return BoardAnswer(
        leaderboard_code=place.board.code,
        period=place.period,
        entries=[
            BoardEntry(
                rank=rank,
                participant_id=entry.participant_id,
                score=place.score(entry.score),
                tie_values=place.tie_values(entry.tie_values),
                change=None if place.is_past else rules.change(rank, entry.joined_at, page.ticked_at, entry.rank_then),
                display_name=entry.display_name if has_profiles else UNSET,
                avatar_url=entry.avatar_url if has_profiles else UNSET,
            )
            for rank, entry in zip(ranked, page.entries, strict=True)
        ],
        total_participants=page.total,
        period_key=windows.period_name(place.window_key, place.definitions.calendar),
        resets_at=None if place.is_past else place.ends_at,
        progress=await progress(request, place),
    )


def window_rank(place: Place, standing: ParticipantRank) -> WindowRank:
    return WindowRank(
        period=place.period,
        period_key=windows.period_name(place.window_key, place.definitions.calendar),
        rank=standing.rank,
        score=place.score(standing.score or 0),
        tie_values=UNSET if standing.rank is None else place.tie_values(standing.tie_values),
        total_participants=standing.total,
        percentile=rules.percentile(standing.rank, standing.total) if standing.rank else None,
        resets_at=None if place.is_past else place.ends_at,
    )


async def progress(request: Request[Any, Any], place: Place) -> float | UnsetType:
    """The share of the board that is filled; UNSET once it is filled."""
    return UNSET if place.generation.is_ready else await _share(request, place.board)


def first_rank(listed: Sequence[RankedEntry]) -> tuple[int, int]:
    """The rank of the first entry, and the number of people who share it. A list without an own rank begins at the
    top."""
    if not listed:
        return 1, 0
    first = listed[0]
    own = next((entry for entry in listed if entry.own_rank is not None), None)
    if own is None or own.own_rank is None or first.ties is None:
        return 1, sum(entry.value == first.value for entry in listed)
    if first.value == own.value:
        return own.own_rank, first.ties
    # All entries with a value between the two are listed.
    between = sum(own.value < entry.value < first.value for entry in listed)
    return own.own_rank - between - first.ties, first.ties


async def _share(request: Request[Any, Any], board: Leaderboard) -> float:
    found = await generations.progress(request.services.readers, [board.id])
    return found[board.id].share if board.id in found else 1.0
