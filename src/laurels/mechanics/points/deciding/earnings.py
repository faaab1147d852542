"""What is credited of an award: multipliers first, caps after them.

1. Of the multipliers that are running the highest one counts. An award is multiplied if both the call and what it is
   for lie between the multiplier's start and its end; the result is rounded down.
2. An earning cap bounds what one participant is awarded in a day, week or month of the participant's calendar, by when
   it occurred: by all awards or, if it names a rule, by that rule's. An award is reduced to the room there is.
3. Reversals, expiry and points that come back from holds and claims neither use a cap nor make room under it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo

from msgspec import Struct

from laurels.kernel import decimals
from laurels.kernel.dates import periods
from laurels.kernel.dates.calendar import Calendar
from laurels.kernel.dates.periods import Period
from laurels.kernel.limits import LimitWindow
from laurels.mechanics.points.purse.model import CapPeriod, EarningCap, Multiplier

_PERIODS: dict[CapPeriod, Period] = {"day": "daily", "week": "weekly", "month": "monthly"}


class Credit(Struct, frozen=True):
    """`multiplier` in millionths, None for none. `windows`: by cap's id the one that the points count in."""

    points: int
    multiplier: int | None
    capped_by: list[str]
    windows: dict[str, int]


def credit(
    base: int,
    multipliers: Iterable[Multiplier],
    caps: Sequence[tuple[EarningCap, int]],
    uses: Mapping[LimitWindow, int],
    occurred_at: datetime,
    now: datetime,
) -> Credit:
    """`caps` are those that apply, each with its window."""
    factor = max((m.millionths for m in multipliers if _runs(m, occurred_at, now)), default=None)
    points = base if factor is None else base * factor // decimals.MILLIONTHS
    windows = {cap.id: window for cap, window in caps}
    rooms = {cap.id: max(0, cap.points - uses.get((cap.id, window), 0)) for cap, window in caps}
    credited = min([points, *rooms.values()])
    reduced_by = [cap_id for cap_id, room in rooms.items() if room == credited] if credited < points else []
    return Credit(credited, factor, reduced_by, windows)


def applying(caps: Iterable[EarningCap], rule_code: str | None) -> list[EarningCap]:
    """Those on all awards, and those on the rule's."""
    return [cap for cap in caps if cap.is_active and not cap.is_deleted and cap.rule_code in (None, rule_code)]


def window(cap: EarningCap, occurred_at: datetime, zone: tzinfo, calendar: Calendar) -> int:
    day = periods.local_date(occurred_at, zone)
    return periods.number_of(_PERIODS[cap.period], day, calendar.first_day_of_week)


def expiry(occurred_at: datetime, days: int, zone: tzinfo) -> datetime:
    """The end of the day that many days later in the participant's calendar."""
    return periods.start_of(periods.local_date(occurred_at, zone) + timedelta(days=days + 1), zone)


def end_of_day(expires_at: datetime, zone: tzinfo) -> datetime:
    """The end of the local day in which points were to expire; midnight ends the day before it. On the last day of the
    calendar there is none, and the moment stays as it is."""
    try:
        day = periods.local_date(expires_at - timedelta(microseconds=1), zone)
        return periods.start_of(day + timedelta(days=1), zone)
    except OverflowError:
        return expires_at


def fold_credited(uses: dict[LimitWindow, int], windows: Mapping[str, int], points: int) -> None:
    for key in windows.items():
        uses[key] = uses.get(key, 0) + points


def _runs(multiplier: Multiplier, occurred_at: datetime, now: datetime) -> bool:
    return multiplier.starts_at <= occurred_at and now < multiplier.ends_at
