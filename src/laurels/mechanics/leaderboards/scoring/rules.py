"""Leaderboards: the ranks of neighbours, scores as people read them, and changes since a tick."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from laurels.kernel import decimals
from laurels.kernel.game import Game
from laurels.mechanics.leaderboards.scoring.counting import MISSING
from laurels.mechanics.leaderboards.scoring.model import Generation, Leaderboard, Scored

RANKS_KEPT = 1_000
"""The number of ranks that a tick stores for comparison with later ones."""

Change = Literal["up", "down", "same", "new"]
Number = int | float


def shown_generation(board: Leaderboard) -> Generation:
    """The newest generation that is filled. A board's first generation is shown while it is filled."""
    ready = [generation for generation in board.generations if generation.is_ready]
    return (ready or board.generations)[-1]


def ranks(values: Sequence[object], first_rank: int, first_ties: int) -> list[int]:
    """The ranks of neighbours on a board, the best first; equal values share a rank.

    `first_rank` is the rank of the first value, `first_ties` the number of people on the whole board who have it.
    """
    found: list[int] = []
    following = first_rank + first_ties
    for place, value in enumerate(values):
        if place and value != values[place - 1]:
            first_rank, following = following, following + values.count(value)
        found.append(first_rank)
    return found


def shown(game: Game, scored: Scored, stored: int) -> Number | None:
    """A stored number as people read it; None for a number that nothing has given yet."""
    if stored == MISSING:
        return None
    number = -stored if scored.order == "asc" else stored
    return decimals.shown(number) if game.measures[scored.metric].is_decimal else number


def percentile(rank: int, total: int) -> float:
    """The share of the board, in percent, that the rank is ahead of; one decimal, halves are rounded up."""
    return (2_000 * (total - rank) + total) // (2 * total) / 10


def change(rank: int, joined_at: datetime, ticked_at: datetime | None, rank_then: int | None) -> Change | None:
    """The rank against the rank at the last tick, of which the first RANKS_KEPT are known."""
    if rank > RANKS_KEPT:
        return None
    if ticked_at is None or joined_at > ticked_at:
        return "new"
    if rank_then is None or rank < rank_then:
        return "up"
    return "down" if rank > rank_then else "same"
