"""The credited amount of an award: multipliers apply first, then earning caps.

1. The highest of the active multipliers counts. An award is multiplied if it is requested before the multiplier ends,
   and its `timestamp` is not before the multiplier's start. The result is rounded down.
2. An earning cap limits the points that one participant is awarded per day, week or month of the participant's
   calendar: by all awards or, if it names a rule, by this rule. The time of the award decides the period. An award is
   reduced to the points left under the cap.
3. Reversals, expiry and points that return from holds and claims do not change the points left under a cap.
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
    """The result of multipliers and caps. `multiplier` is in millionths, or None. `windows` are the windows in which
    the points count, by the id of the cap."""

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
    """Applies multipliers and caps to `base` points. `caps` are the caps that apply, each with its window."""
    factor = max((m.millionths for m in multipliers if _runs(m, occurred_at, now)), default=None)
    points = base if factor is None else base * factor // decimals.MILLIONTHS
    windows = {cap.id: window for cap, window in caps}
    rooms = {cap.id: max(0, cap.points - uses.get((cap.id, window), 0)) for cap, window in caps}
    credited = min([points, *rooms.values()])
    reduced_by = [cap_id for cap_id, room in rooms.items() if room == credited] if credited < points else []
    return Credit(credited, factor, reduced_by, windows)


def applying(caps: Iterable[EarningCap], rule_code: str | None) -> list[EarningCap]:
    """The active caps for all awards, and for the awards of this rule."""
    return [cap for cap in caps if cap.is_active and not cap.is_deleted and cap.rule_code in (None, rule_code)]


def window(cap: EarningCap, occurred_at: datetime, zone: tzinfo, calendar: Calendar) -> int:
    day = periods.local_date(occurred_at, zone)
    return periods.number_of(_PERIODS[cap.period], day, calendar.first_day_of_week)


def expiry(occurred_at: datetime, days: int, zone: tzinfo) -> datetime:
    """The end of the day, this many days later in the participant's calendar."""
    return periods.start_of(periods.local_date(occurred_at, zone) + timedelta(days=days + 1), zone)


def end_of_day(expires_at: datetime, zone: tzinfo) -> datetime:
    """The end of the local day of an expiry. Midnight belongs to the day before it. The calendar's last day has no
    representable end, so an expiry on it stays unchanged."""
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
