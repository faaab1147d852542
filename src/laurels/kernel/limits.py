"""Limits: how often definitions act, counted in windows of time."""

from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo

from msgspec import Struct

from laurels.kernel.dates.calendar import Calendar
from laurels.kernel.facts import Outcome

LimitWindow = tuple[str, int]
"""The id of a definition and the number of a window that it counts in."""

TOTALS_FROM = 40_000_000
"""Windows from this number on count all participants together. Part of stored keys: never to be changed."""


class Limited(Struct, frozen=True):
    """A definition whose uses a command may have to know. `windows` gives those that something counts in which occurs
    then, each with the limit for all participants together, None for one of each participant alone."""

    definition_id: str
    windows: Callable[[datetime, tzinfo, Calendar], Iterator[tuple[int, int | None]]]


def fold_acted(outcome: Outcome, uses: dict[LimitWindow, int], totals: dict[LimitWindow, int]) -> None:
    """Counts an act in its windows. The totals are counted for the participant, too: so they can be taken back."""
    for window in outcome.windows:
        key = (outcome.definition_id, window)
        uses[key] = uses.get(key, 0) + 1
        if window >= TOTALS_FROM:
            totals[key] = totals.get(key, 0) + 1
