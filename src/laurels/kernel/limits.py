"""Limits on the number of times that definitions act, counted in windows of time."""

from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo

from msgspec import Struct

from laurels.kernel.dates.calendar import Calendar
from laurels.kernel.facts import Outcome

LimitWindow = tuple[str, int]
"""The id of a definition and the number of a window in which it counts."""

TOTALS_FROM = 40_000_000
"""Windows from this number on count all participants together. It is part of stored keys, so it must never change."""


class Limited(Struct, frozen=True):
    """A definition whose uses a command may need. `windows` gives the windows in which an act at this time counts, each
    with the total limit for all participants, or None for a window of a single participant."""

    definition_id: str
    windows: Callable[[datetime, tzinfo, Calendar], Iterator[tuple[int, int | None]]]


def fold_acted(outcome: Outcome, uses: dict[LimitWindow, int], totals: dict[LimitWindow, int]) -> None:
    """Counts an act in its windows. Totals are also counted for the participant, so that an erasure can subtract the
    participant's share."""
    for window in outcome.windows:
        key = (outcome.definition_id, window)
        uses[key] = uses.get(key, 0) + 1
        if window >= TOTALS_FROM:
            totals[key] = totals.get(key, 0) + 1
