"""The order and the limits of rules.

1. The active rules that listen to the event's name are considered, by descending priority, then by code.
2. A rule acts on events that occurred at or after `starts_at` and before `ends_at`.
3. Conditions and amounts see the participant as before the event, with the event itself counted: the actions of one
   rule never change the values that another rule sees.
4. A rule that has reached a limit does not act. Limits per participant count in the participant's own calendar, limits
   in total in the project's calendar; both by the time when the event occurred.
5. Among the rules of a group, only the first that can act does: if its condition is false or its limit is reached, the
   next rule is considered.
6. A rule does all of its actions or, if one of them is refused, none. The refusal is noted, and never blocks the event.

A limit window is a whole number that encodes its scope, its period and the period's number.
"""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from laurels.kernel.dates import periods
from laurels.kernel.dates.calendar import Calendar
from laurels.kernel.dates.periods import Period
from laurels.kernel.definition import Definitions
from laurels.kernel.limits import TOTALS_FROM, LimitWindow
from laurels.mechanics.rules.model import Limit, LimitPeriod, Rule

# Part of stored keys: never renumber.
_PERIOD_NUMBERS: dict[LimitPeriod, int] = {"ever": 0, "day": 1, "week": 2, "month": 3}
_PERIODS: dict[LimitPeriod, Period] = {"day": "daily", "week": "weekly", "month": "monthly"}
_PERIOD_FACTOR = 10_000_000


def listening(definitions: Definitions, event_name: str) -> list[Rule]:
    """The rules that are considered for an event, in order (rule 1)."""
    active = [
        rule
        for rule in definitions[Rule].by_id.values()
        if rule.event_name == event_name and rule.is_active and not rule.is_deleted
    ]
    return sorted(active, key=lambda rule: (-rule.priority, rule.code))


def is_in_time(rule: Rule, occurred_at: datetime) -> bool:
    return (rule.starts_at is None or occurred_at >= rule.starts_at) and (
        rule.ends_at is None or occurred_at < rule.ends_at
    )


def windows(rule: Rule, occurred_at: datetime, zone: tzinfo, calendar: Calendar) -> Iterator[tuple[Limit, int]]:
    """The rule's limits, each with the window in which an event counts; `zone` is the participant's."""
    for limit in rule.limits:
        number = _number(limit.per, occurred_at, calendar.zone if limit.in_total else zone, calendar.first_day_of_week)
        scope = TOTALS_FROM if limit.in_total else 0
        yield limit, scope + _PERIOD_NUMBERS[limit.per] * _PERIOD_FACTOR + number


def reached_limit(
    rule: Rule, counted: list[tuple[Limit, int]], uses: dict[LimitWindow, int], totals: dict[LimitWindow, int]
) -> Limit | None:
    """The first limit that is reached."""
    for limit, window in counted:
        if (totals if limit.in_total else uses).get((rule.id, window), 0) >= limit.times:
            return limit
    return None


def limit_named(limit: Limit) -> str:
    """The limit in words, such as "2 a day for each participant"."""
    scope = "for all participants together" if limit.in_total else "for each participant"
    return f"{limit.times} {'ever' if limit.per == 'ever' else 'a ' + limit.per} {scope}"


def window_of(
    limit: Limit, occurred_at: datetime, zone: tzinfo, calendar: Calendar
) -> tuple[str, tzinfo, datetime] | None:
    """The key of the period in which an event counts, the time zone of its days, and its end; None for a limit without
    a period."""
    if limit.per == "ever":
        return None
    counting = calendar.zone if limit.in_total else zone
    period, number = _PERIODS[limit.per], _number(limit.per, occurred_at, counting, calendar.first_day_of_week)
    key = periods.key_of(period, number, calendar.first_day_of_week)
    return key, counting, periods.end_of(period, number, counting, calendar.first_day_of_week)


def _number(per: LimitPeriod, occurred_at: datetime, zone: tzinfo, first_day_of_week: int) -> int:
    if per == "ever":
        return 0
    return periods.number_of(_PERIODS[per], periods.local_date(occurred_at, zone), first_day_of_week)
