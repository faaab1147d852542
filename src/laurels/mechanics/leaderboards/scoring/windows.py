"""Windows of leaderboards: the day, week, month and year of a fact in the project's calendar, all time, and seasons.

A window's key is a whole number that names the kind of window and its period. A season's period is its position in the
generation, which a change of the seasons ends.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache

from laurels.kernel.dates import periods
from laurels.kernel.dates.calendar import Calendar
from laurels.kernel.dates.periods import Period
from laurels.mechanics.leaderboards.scoring.model import Generation, Season, TimeWindow

# Part of the stored keys of windows: never renumber.
_NUMBERS: dict[TimeWindow, int] = {"all_time": 0, "yearly": 1, "monthly": 2, "weekly": 3, "daily": 4}
_PERIODS: dict[TimeWindow, Period] = {"yearly": "yearly", "monthly": "monthly", "weekly": "weekly", "daily": "daily"}
_FACTOR = 10_000_000
_SEASONS = 5 * _FACTOR

ALL_TIME_KEY = 0


def window_key(window: TimeWindow, period_number: int) -> int:
    return ALL_TIME_KEY if window == "all_time" else _NUMBERS[window] * _FACTOR + period_number


def season_key(place: int) -> int:
    """The key of the generation's season at this position."""
    return _SEASONS + place


def season_place(key: int) -> int | None:
    """The position of the season with this key; None for other windows."""
    return key - _SEASONS if key >= _SEASONS else None


def keys_beside(key: int) -> tuple[int, int]:
    """The first and the last key of the windows of the same kind. Each season is alone."""
    if key >= _SEASONS:
        return key, key
    base = key // _FACTOR * _FACTOR
    return base, base + _FACTOR - 1


def window_of(key: int) -> tuple[TimeWindow, int]:
    """The window, which is not a season, and the number of its period."""
    number, period_number = divmod(key, _FACTOR)
    return next(window for window, known in _NUMBERS.items() if known == number), period_number


def window_at(window: TimeWindow, at: datetime, calendar: Calendar) -> int:
    """The key of the window that contains the time."""
    if window == "all_time":
        return ALL_TIME_KEY
    day = periods.local_date(at, calendar.zone)
    return window_key(window, periods.number_of(_PERIODS[window], day, calendar.first_day_of_week))


def window_named(window: TimeWindow, period_key: str, calendar: Calendar) -> int | None:
    """The key of a window by its period's name, such as 2026-W07; None if the period does not exist."""
    if window == "all_time":
        return None
    number = periods.number_from(_PERIODS[window], period_key, calendar.first_day_of_week)
    return None if number is None else window_key(window, number)


def keys_at(generation: Generation, at: datetime, calendar: Calendar) -> tuple[int, ...]:
    """The keys of the generation's windows and seasons that contain the time."""
    day = periods.local_date(at, calendar.zone)
    return _keys_of(generation.windows, generation.seasons, day, calendar.first_day_of_week)


def period_name(key: int, calendar: Calendar) -> str | None:
    """The window's period as in `period_key`; None for all time and seasons."""
    if key >= _SEASONS:
        return None
    window, number = window_of(key)
    return None if window == "all_time" else periods.key_of(_PERIODS[window], number, calendar.first_day_of_week)


def ends_at(generation: Generation, key: int, calendar: Calendar) -> datetime | None:
    """The end of the window (UTC); None for all time."""
    if (place := season_place(key)) is not None:
        return periods.start_of(generation.seasons[place].to + timedelta(days=1), calendar.zone)
    window, number = window_of(key)
    if window == "all_time":
        return None
    return periods.end_of(_PERIODS[window], number, calendar.zone, calendar.first_day_of_week)


def tick_number(key: int, now: datetime, calendar: Calendar) -> int:
    """Ticks are due when this changes: every hour for daily windows, every local day for the others."""
    if key < _SEASONS and window_of(key)[0] == "daily":
        return int(now.timestamp()) // 3600
    return periods.local_date(now, calendar.zone).toordinal()


@lru_cache(maxsize=16_384)
def _keys_of(
    windows: tuple[TimeWindow, ...], seasons: tuple[Season, ...], day: date, first_day_of_week: int
) -> tuple[int, ...]:
    return (
        *(
            ALL_TIME_KEY
            if window == "all_time"
            else window_key(window, periods.number_of(_PERIODS[window], day, first_day_of_week))
            for window in windows
        ),
        *(season_key(place) for place, season in enumerate(seasons) if season.from_ <= day <= season.to),
    )
