"""The endpoint of daily statistics: as JSON, and as CSV for spreadsheets."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from laurels.office.examples import STATISTICS_CSV, STATISTICS_RESPONSE
from laurels.storage.daily import counting, reading
from laurels.storage.statistics import AllStatistics, ListedStatistic
from laurels.web import csv_text
from laurels.web.endpoint import Reply, Request, Routes
from laurels.web.keys.access import Access
from laurels.web.protocol.errors import invalid

routes = Routes(
    "Statistics",
    Access.ADMIN,
    about="Figures of each day, compared with the period before. Guide: [Statistics](docs/statistics.md).",
)

MOST_DAYS = 400
DEFAULT_DAYS = 30
MOST_CODES = 100
OTHERS = "(others)"


class StatisticsQuery(Struct, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """The days, both included."""

    first: Annotated[
        date | None,
        Meta(description="The first day, such as 2026-03-01. Default: 29 days before the last day."),
    ] = None
    last: Annotated[date | None, Meta(description="The last day. Default: today in the project's time zone.")] = None


class StatisticShown(Struct, frozen=True, kw_only=True):
    """The numbers of one statistic. A statistic with codes has one entry for the sum and one for each code."""

    name: str
    """The name of the statistic, such as `points_issued`."""
    code: str | None
    """The code that is counted, such as a badge's or the name of an event; null for the sum over all codes."""
    total: int
    """The sum over the days; for a level the number of the last day."""
    total_before: int
    """The same for as many days before."""
    by_day: list[int]
    """The number of each day, in the order of `days`."""


class StatisticsAnswer(Struct, frozen=True, kw_only=True):
    """The daily statistics of a period."""

    days: Annotated[list[date], Meta(description="The days, in the project's time zone.")]
    time_zone: str
    """The time zone in which the days begin."""
    counted_until: datetime
    """Facts recorded before this time are counted; later ones follow within about 20 seconds. It is a real time, also
    in test projects."""
    statistics: list[StatisticShown]
    """The statistics, those with codes followed by their codes, the most frequent first."""


class _Period(Struct, frozen=True):
    """The days of a request, and the first day of the period before."""

    before: date
    days: list[date]


@routes.get(
    "/gamify/admin/statistics",
    summary="Daily statistics of the project",
    query=StatisticsQuery,
    answers={200: StatisticsAnswer},
    answer_example=STATISTICS_RESPONSE,
)
async def daily_statistics(request: Request[None, StatisticsQuery]) -> Reply:
    """Returns the figures of each day: active and new participants, points, events by name, badges, tiers, challenges,
    streaks and claims. A fact belongs to the day on which it was recorded. Figures are counted from the journal in the
    background; the erasure of a participant does not change them."""
    return Reply(msgspec.json.encode(await _read(request)))


@routes.get(
    "/gamify/admin/statistics.csv",
    summary="Daily statistics as CSV",
    query=StatisticsQuery,
    answers={200: str},
    answer_example=STATISTICS_CSV,
    content_type="text/csv; charset=utf-8",
)
async def daily_statistics_csv(request: Request[None, StatisticsQuery]) -> Reply:
    """The same figures, with a line for each statistic, code and day that is not 0. Texts that a spreadsheet would take
    for a formula begin with an apostrophe."""
    answer = await _read(request)
    rows = [
        (day.isoformat(), each.name, each.code or "", value)
        for each in answer.statistics
        for day, value in zip(answer.days, each.by_day, strict=True)
        if value
    ]
    body = csv_text.lines([("day", "statistic", "code", "value"), *rows])
    return Reply(body, content_type=csv_text.CONTENT_TYPE, headers=csv_text.download("statistics.csv"))


async def _read(request: Request[None, StatisticsQuery]) -> StatisticsAnswer:
    services = request.services
    known = await services.definitions.newest(services.readers, request.project_id)
    today = known.calendar.at(datetime.now(UTC)).astimezone(known.calendar.zone).date()
    period = _period(request.query, today)
    declared = services.definitions.tables.statistics
    until = await counting.counted_until(services.readers)
    days, moment = (period.before, period.days[-1]), known.calendar.at(until)
    found = await reading.numbers(services.readers, declared, request.project_id, days, moment)
    return StatisticsAnswer(
        days=period.days,
        time_zone=str(known.calendar.zone),
        counted_until=until,
        statistics=_shown(declared, period, found),
    )


def _period(query: StatisticsQuery, today: date) -> _Period:
    """The days of a request. Raises Refusal 422."""
    last = query.last or today
    first = query.first or last - timedelta(days=DEFAULT_DAYS - 1)
    count = (last - first).days + 1
    if not 1 <= count <= MOST_DAYS:
        raise invalid("from", f"must be 1 to {MOST_DAYS} days before the end of `to`")
    if first < date(1, 1, 1) + timedelta(days=count):
        raise invalid("from", "is too early")
    return _Period(first - timedelta(days=count), [first + timedelta(days=number) for number in range(count)])


def _shown(declared: AllStatistics, period: _Period, found: list[reading.Number]) -> list[StatisticShown]:
    by_name: dict[str, dict[str, Counter[date]]] = defaultdict(lambda: defaultdict(Counter))
    for number in found:
        by_name[number.name][number.code][number.day] += number.value
    shown = []
    for each in declared.listed:
        codes = by_name[each.name]
        shown.append(_statistic(each, None, _summed(codes.values()), period))
        if each.is_divided:
            divided = [_statistic(each, code, days, period) for code, days in _most_frequent(codes)]
            shown += sorted(divided, key=lambda one: (-one.total, -one.total_before, one.code or ""))
    return shown


def _most_frequent(codes: dict[str, Counter[date]]) -> list[tuple[str, Counter[date]]]:
    """The codes with the greatest numbers, and the sum of the others."""
    in_order = sorted(codes.items(), key=lambda each: (-each[1].total(), each[0]))
    most, others = in_order[:MOST_CODES], in_order[MOST_CODES:]
    return [*most, (OTHERS, _summed([days for _, days in others]))] if others else most


def _summed(numbers: Iterable[Counter[date]]) -> Counter[date]:
    total: Counter[date] = Counter()
    for days in numbers:
        for day, value in days.items():
            total[day] += value
    return total


def _statistic(listed: ListedStatistic, code: str | None, numbers: Counter[date], period: _Period) -> StatisticShown:
    """The numbers of the days. Those of a level are changes, and are added up."""
    by_day = [numbers[day] for day in period.days]
    before = sum(value for day, value in numbers.items() if day < period.days[0])
    if listed.is_level:
        by_day = list(accumulate(by_day, initial=before))[1:]
    total = by_day[-1] if listed.is_level else sum(by_day)
    return StatisticShown(name=listed.name, code=code, total=total, total_before=before, by_day=by_day)
