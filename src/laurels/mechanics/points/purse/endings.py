"""Endings: the lots, open holds and multipliers of a participant end by themselves, in the order of time.

The heap of lots and holds is built on first use, so that commands that end nothing do not pay for it. A lot or hold
that has ended in another way stays in the heap until it comes to the top. So a fact costs O(log n) for n lots.
"""

from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from laurels.mechanics.points.purse.model import Purse

LOT, HOLD, MULTIPLIER = range(3)


class Ending(NamedTuple):
    """The end of a lot, hold or multiplier. `name` is the id of the hold or of the multiplier's claim. Ends at the same
    moment are in the order of their kinds, then of their names."""

    at: datetime
    kind: int
    name: str = ""


def first(purse: Purse) -> Ending | None:
    """The earliest ending, past or future."""
    if purse.endings is None:
        purse.endings = _heap_of(purse)
    heap = purse.endings
    while heap and not _stands(purse, heap[0]):
        heappop(heap)
    ends = [Ending(each.ends_at, MULTIPLIER, each.claim_id) for each in purse.multipliers]
    if heap:
        ends.append(Ending(*heap[0]))
    return min(ends, default=None)


def expect(purse: Purse, at: datetime, kind: int, name: str = "") -> None:
    """Adds the ending of a new lot or hold."""
    if purse.endings is not None:
        heappush(purse.endings, Ending(at, kind, name))


def due(purse: Purse, now: datetime) -> int:
    """The number of loaded lots, holds and multipliers that have ended by `now`."""
    lots = sum(at <= now for at in purse.lots)
    holds = sum(hold.status == "held" and hold.expires_at <= now for hold in purse.holds.values())
    return lots + holds + sum(multiplier.ends_at <= now for multiplier in purse.multipliers)


def _heap_of(purse: Purse) -> list[tuple[datetime, int, str]]:
    heap: list[tuple[datetime, int, str]] = [Ending(at, LOT) for at in purse.lots]
    heap += [Ending(hold.expires_at, HOLD, name) for name, hold in purse.holds.items() if hold.status == "held"]
    heapify(heap)
    return heap


def _stands(purse: Purse, ending: tuple[datetime, int, str]) -> bool:
    at, kind, name = ending
    if kind == LOT:
        return at in purse.lots
    hold = purse.holds.get(name)
    return hold is not None and hold.status == "held"
