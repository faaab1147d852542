"""Endings: what of a participant ends by itself, the soonest first: lots, open holds and multipliers.

The heap of lots and holds is made when it is first needed, so that commands that end nothing pay nothing for it. What
has ended in another way stays in it until its turn comes: so a fact costs O(log n), however many lots there are.
"""

from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from laurels.mechanics.points.purse.model import Purse

LOT, HOLD, MULTIPLIER = range(3)


class Ending(NamedTuple):
    """`kind` is LOT, HOLD or MULTIPLIER, `name` the id of the hold or of the multiplier's claim. What ends at the same
    moment ends in the order of the kinds, then of the names."""

    at: datetime
    kind: int
    name: str = ""


def first(purse: Purse) -> Ending | None:
    """What ends next, or should have ended first."""
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
    """A new lot or hold."""
    if purse.endings is not None:
        heappush(purse.endings, Ending(at, kind, name))


def due(purse: Purse, now: datetime) -> int:
    """The number of lots, holds and multipliers known of the participant that have ended by `now`."""
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
