"""Lots: the points of an account that expire at the same moment. Points that never expire are in no lot.

1. Points are spent and held from the lot that expires soonest, and last from the points that never expire.
2. A fact names the lots that its amount came from or went to, so that returned points go back into their lots.
3. A lot expires exactly at its moment. Points that return to it later expire at once.
4. Lots are never merged, so their number is limited: with EXACT_LOTS lots, a new award expires at the end of the local
   day; with LOTS_LIMIT lots, an award that expires is refused. The lots of open holds count.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from laurels.mechanics.points.purse.model import Lot

Lots = dict[datetime, int]

EXACT_LOTS = 1_000
LOTS_LIMIT = 5_000


def take(lots: Mapping[datetime, int], points: int) -> list[Lot]:
    """The part of `points` that comes from lots (rule 1). The rest comes from points that never expire."""
    taken = []
    for expires_at in sorted(lots):
        if points == 0:
            break
        part = min(lots[expires_at], points)
        taken.append(Lot(expires_at, part))
        points -= part
    return taken


def part(lots: Iterable[Lot], whole: int, offset: int, points: int) -> list[Lot]:
    """The lots of `points` out of `whole`, after the first `offset`, in the order in which they were taken."""
    found = []
    begin, end = offset, min(offset + points, whole)
    place = 0
    for lot in lots:
        inside = min(place + lot.points, end) - max(place, begin)
        if inside > 0:
            found.append(Lot(lot.expires_at, inside))
        place += lot.points
    return found


def new_among(lots: Mapping[datetime, int], given: Iterable[Lot]) -> Collection[datetime]:
    """The expiries of the `given` lots that do not exist yet, each once."""
    return {lot.expires_at for lot in given if lot.expires_at not in lots}


def fold(lots: Lots, sign: int, moved: Iterable[Lot]) -> None:
    """Adds (`sign` 1) or takes away (`sign` -1) the lots of a fact."""
    for lot in moved:
        left = lots.get(lot.expires_at, 0) + sign * lot.points
        if left:
            lots[lot.expires_at] = left
        else:
            lots.pop(lot.expires_at, None)
