"""Leaderboards: what a fact adds to which standings, ranks among counted scores, and what changed since a tick.

What a fact adds is told by the measure that a board ranks by (kernel/measures.py).

A score counts in five windows at once: the day, week, month and year of the fact in the project's calendar, and all
time. Scores are whole numbers, those of a decimal measure in millionths.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, tzinfo
from functools import lru_cache
from typing import Literal, NamedTuple

from laurels.kernel import decimals
from laurels.kernel.dates import periods
from laurels.kernel.dates.calendar import Calendar
from laurels.kernel.dates.periods import Period
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry, Fact
from laurels.kernel.measures import Measure
from laurels.mechanics.leaderboards.model import Generation, Layout, Leaderboard, TimeWindow

RANKS_KEPT = 1_000
"""How many ranks a tick keeps to compare later ones with."""

Change = Literal["up", "down", "same", "new"]

# Part of the stored keys of windows: never renumber.
_WINDOW_NUMBERS: dict[TimeWindow, int] = {"all_time": 0, "yearly": 1, "monthly": 2, "weekly": 3, "daily": 4}
_PERIODS: dict[TimeWindow, Period] = {"yearly": "yearly", "monthly": "monthly", "weekly": "weekly", "daily": "daily"}
_WINDOW_FACTOR = 10_000_000

ALL_TIME_KEY = 0

WINDOWS: tuple[TimeWindow, ...] = tuple(_WINDOW_NUMBERS)


class WindowKeys(NamedTuple):
    """The windows that a fact of one date counts in, beside all time: whole numbers that name window and period."""

    yearly: int
    monthly: int
    weekly: int
    daily: int


class Gain(NamedTuple):
    """What one fact adds to one participant's standings in one generation of a leaderboard."""

    generation: int
    score: int
    occurred_at: datetime
    windows: WindowKeys
    layout: Layout = "leaves"


_Additions = dict[type[Fact], list[tuple[Generation, Callable[..., int | None]]]]
"""The generations that count facts of a type, each with the function that gives the number."""


def window_key(window: TimeWindow, period_number: int) -> int:
    return 0 if window == "all_time" else _WINDOW_NUMBERS[window] * _WINDOW_FACTOR + period_number


def keys_of(window: TimeWindow) -> tuple[int, int]:
    """The first and the last key that any period of the window can have."""
    base = _WINDOW_NUMBERS[window] * _WINDOW_FACTOR
    return base, base + _WINDOW_FACTOR - 1


def window_of(key: int) -> tuple[TimeWindow, int]:
    """The window and the number of its period."""
    number, period_number = divmod(key, _WINDOW_FACTOR)
    return next(window for window, known in _WINDOW_NUMBERS.items() if known == number), period_number


def window_at(window: TimeWindow, at: datetime, calendar: Calendar) -> int:
    """The key of the window that `at` lies in."""
    if window == "all_time":
        return ALL_TIME_KEY
    day = periods.local_date(at, calendar.zone)
    return window_key(window, periods.number_of(_PERIODS[window], day, calendar.first_day_of_week))


def window_named(window: TimeWindow, period_key: str, calendar: Calendar) -> int | None:
    """The key of a window by its period's name, such as 2026-W07; None if there is no such period."""
    if window == "all_time":
        return None
    number = periods.number_from(_PERIODS[window], period_key, calendar.first_day_of_week)
    return None if number is None else window_key(window, number)


def period_name(key: int, calendar: Calendar) -> str | None:
    """The window's period as in `period_key`, None for all time."""
    window, number = window_of(key)
    return None if window == "all_time" else periods.key_of(_PERIODS[window], number, calendar.first_day_of_week)


def resets_at(key: int, calendar: Calendar) -> datetime | None:
    """When the window ends (UTC), None for all time."""
    window, number = window_of(key)
    if window == "all_time":
        return None
    return periods.end_of(_PERIODS[window], number, calendar.zone, calendar.first_day_of_week)


def counting(definitions: Definitions) -> list[Generation]:
    """The generations of all boards that count facts now."""
    known: list[Generation] | None = definitions.memory.get(counting)
    if known is None:
        boards = definitions[Leaderboard].by_id.values()
        known = definitions.memory[counting] = [generation for board in boards for generation in board.generations]
    return known


def gains(definitions: Definitions, entries: list[Entry]) -> Iterator[Gain]:
    """What the facts add to the leaderboards that are counting."""
    additions = _additions(definitions)
    if not additions:
        return
    for entry in entries:
        for generation, number in additions.get(type(entry.fact), ()):
            score = number(entry.fact, generation)
            if score is not None:
                windows = window_keys(entry.occurred_at, definitions.calendar)
                yield Gain(generation.id, score, entry.occurred_at, windows, generation.layout)


def _additions(definitions: Definitions) -> _Additions:
    known: _Additions | None = definitions.memory.get(_additions)
    if known is None:
        known = defaultdict(list)
        for generation in counting(definitions):
            for fact, number in definitions.game.additions[generation.metric].items():
                known[fact].append((generation, number))
        definitions.memory[_additions] = known
    return known


def shown_generation(board: Leaderboard) -> Generation:
    """The newest that is filled; a board's first one is shown while it fills."""
    ready = [generation for generation in board.generations if generation.is_ready]
    return (ready or board.generations)[-1]


def ranks(scores: Sequence[int], first_rank: int, first_ties: int) -> list[int]:
    """The ranks of neighbours on a board, highest score first, ties sharing one.

    `first_rank` is that of the first score and `first_ties` how many on the whole board have it.
    """
    found: list[int] = []
    following = first_rank + first_ties
    for place, score in enumerate(scores):
        if place and score != scores[place - 1]:
            first_rank, following = following, following + scores.count(score)
        found.append(first_rank)
    return found


def window_keys(at: datetime, calendar: Calendar) -> WindowKeys:
    return _window_keys_of(periods.local_date(at, calendar.zone), calendar.first_day_of_week)


def shown(measure: Measure, score: int) -> int | float:
    """A score as people read it."""
    return decimals.shown(score) if measure.is_decimal else score


def percentile(rank: int, total: int) -> float:
    """The share of the board, in percent, that the rank is ahead of; one decimal, halves are rounded up."""
    return (2_000 * (total - rank) + total) // (2 * total) / 10


def change(rank: int, joined_at: datetime, ticked_at: datetime | None, rank_then: int | None) -> Change | None:
    """The rank against that at the last tick, of which the first RANKS_KEPT are known."""
    if rank > RANKS_KEPT:
        return None
    if ticked_at is None or joined_at > ticked_at:
        return "new"
    if rank_then is None or rank < rank_then:
        return "up"
    return "down" if rank > rank_then else "same"


def tick_number(window: TimeWindow, now: datetime, zone: tzinfo) -> int:
    """Ticks are due when this changes: every hour for daily windows, every local day for the others."""
    if window == "daily":
        return int(now.timestamp()) // 3600
    return periods.local_date(now, zone).toordinal()


@lru_cache(maxsize=4_096)
def _window_keys_of(day: date, first_day_of_week: int) -> WindowKeys:
    return WindowKeys(
        *(
            window_key(window, periods.number_of(_PERIODS[window], day, first_day_of_week))
            for window in ("yearly", "monthly", "weekly", "daily")
        )
    )
