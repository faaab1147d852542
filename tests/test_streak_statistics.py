"""Streaks alive and streaks lost on each day: exact against the journal, whatever happens to the records."""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, NamedTuple
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest

from laurels.mechanics.streaks import rules
from laurels.mechanics.streaks.model import StreakRecorded, StreakState
from tests.checks import query
from tests.support import Server
from tests.test_statistics import ZONE, counted, send

BEGIN = datetime(2031, 3, 7, 21, 30, tzinfo=UTC)
"""Summer time begins in New York and ends in Auckland in the weeks after it."""

ALIVE, LOST = "streaks_alive", "streaks_lost"


class Recorded(NamedTuple):
    """A fact about a streak, in the order of the journal."""

    id: str
    streak: tuple[str, str]
    code: str
    recorded_at: datetime
    occurred_at: datetime
    fact: StreakRecorded


@pytest.fixture
def project(server: Server, api: httpx.Client) -> Iterator[httpx.Client]:
    code = f"streaks_{uuid4().hex[:8]}"
    made = api.post("/admin/projects", json={"code": code, "mode": "test", "time_zone": ZONE}).json()
    with server.client(made["admin_key"]["key"]) as client:
        send(client, "/admin/clock", now=BEGIN.isoformat())
        yield client


def later(client: httpx.Client, hours: int) -> datetime:
    clock = send(client, "/admin/clock", advance_seconds=hours * 3600)
    return datetime.fromisoformat(clock["now"])


def record(client: httpx.Client, who: str, streak: str, at: datetime | None = None) -> dict[str, Any]:
    when = {"timestamp": at.isoformat()} if at else {}
    return send(client, "/streaks/record", participant_id=who, streak_code=streak, **when)


def shown(client: httpx.Client, first: date, last: date) -> dict[tuple[str, str | None], list[int]]:
    counted(client)
    answer = client.get("/admin/statistics", params={"from": str(first), "to": str(last)}).json()
    return {(each["name"], each["code"]): each["by_day"] for each in answer["statistics"]}


def day(moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(ZONE)).date()


def test_a_loss_a_repair_and_an_end_that_has_not_come(project: httpx.Client) -> None:
    """In New Zealand the 8th begins at 11:00 UTC. A streak without grace is lost at the end of the day after the last
    record."""
    send(project, "/admin/streaks", code="daily", name="Daily", period="daily")
    record(project, "a", "daily")
    record(project, "b", "daily")
    later(project, 24)
    record(project, "b", "daily")
    later(project, 24)
    record(project, "b", "daily")
    later(project, 24)
    record(project, "a", "daily")
    assert record(project, "a", "daily", BEGIN + timedelta(days=1))["new_count"] == 2
    assert record(project, "a", "daily", BEGIN + timedelta(days=2))["new_count"] == 4
    first = day(BEGIN)
    numbers = shown(project, first, first + timedelta(days=5))
    assert numbers[ALIVE, "daily"] == numbers[ALIVE, None] == [2, 2, 1, 2, 2, 2]
    assert numbers[LOST, "daily"] == numbers[LOST, None] == [0, 0, 1, 0, 0, 0]
    later(project, 48)
    numbers = shown(project, first, first + timedelta(days=5))
    assert numbers[ALIVE, None] == [2, 2, 1, 2, 1, 0]
    assert numbers[LOST, None] == [0, 0, 1, 0, 1, 1]
    last = {"from": str(first + timedelta(days=3)), "to": str(first + timedelta(days=5))}
    answer = project.get("/admin/statistics", params=last).json()
    totals = {each["name"]: (each["total"], each["total_before"]) for each in answer["statistics"] if not each["code"]}
    assert (totals[ALIVE], totals[LOST]) == ((0, 1), (2, 1))
    rows = csv.reader(io.StringIO(project.get("/admin/statistics.csv", params=last).text))
    assert [row for row in rows if row[1] == LOST and row[2]] == [
        [str(first + timedelta(days=days)), LOST, "daily", "1"] for days in (4, 5)
    ]


def test_a_record_can_end_a_streak(project: httpx.Client) -> None:
    """A late record of a newer period has the deadline by the grace of today, which may have passed."""
    body = {"code": "daily", "name": "Daily", "period": "daily", "grace_period_hours": 240}
    send(project, "/admin/streaks", **body)
    record(project, "a", "daily")
    later(project, 120)
    assert project.patch("/admin/streaks/daily", json={"grace_period_hours": 0}).status_code == 200
    record(project, "a", "daily", BEGIN + timedelta(days=1))
    first = day(BEGIN)
    numbers = shown(project, first, first + timedelta(days=20))
    assert numbers[ALIVE, None] == [1] * 5 + [0] * 16
    assert numbers[LOST, None] == [0] * 5 + [1] + [0] * 15


def facts(database_url: str, code: str) -> list[Recorded]:
    statement = """
    SELECT j.id::text, subject::text, j.data, recorded_at, occurred_at
    FROM journal j JOIN project p ON p.id = project_id
    WHERE p.code = %s AND kind = 'streak_recorded' ORDER BY j.id
    """
    return [
        Recorded(
            id_,
            (subject, data["streak_id"]),
            data["streak_code"],
            recorded_at,
            occurred_at,
            StreakRecorded(
                streak_id=data["streak_id"],
                streak_code=data["streak_code"],
                period=data["period"],
                continues_until=datetime.fromisoformat(data["continues_until"]),
                count=data["count"],
            ),
        )
        for id_, subject, data, recorded_at, occurred_at in query(database_url, statement, code)
    ]


def recounted(
    recorded: Sequence[Recorded], moment: datetime, first: date, days: int
) -> dict[tuple[str, str | None], list[int]]:
    """The numbers of the days from the facts, one streak of a participant after the other."""
    alive: dict[str, Counter[date]] = defaultdict(Counter)
    lost: dict[str, Counter[date]] = defaultdict(Counter)
    period = [first + timedelta(days=number) for number in range(days)]
    for streak in {each.streak for each in recorded}:
        own = [each for each in recorded if each.streak == streak]
        code = own[0].code
        states: dict[str, StreakState] = {}
        deadlines = []
        for each in own:
            rules.fold_recorded(states, each.fact, each.occurred_at)
            deadlines.append(states[each.fact.streak_id].runs[-1].continues_until)
        stretches = zip((each.recorded_at for each in own), deadlines, strict=True)
        following = [each.recorded_at for each in own[1:]]
        is_alive = False
        for (begin, end), until in zip(stretches, [*following, None], strict=True):
            if is_alive and end <= begin:
                lost[code][day(begin)] += 1
            is_alive = begin < end and (until is None or until < end)
            if begin < end <= (until or moment):
                lost[code][day(end)] += 1
            for each_day in period:
                at = min(moment, datetime.combine(each_day + timedelta(days=1), datetime.min.time(), ZoneInfo(ZONE)))
                is_last = until is None or (until > at if at == moment else until >= at)
                is_counted = begin <= at if at == moment else begin < at
                is_before_end = at < end if at == moment else at <= end
                alive[code][each_day] += is_counted and is_last and is_before_end
    numbers: dict[tuple[str, str | None], list[int]] = {}
    for name, by_code in ((ALIVE, alive), (LOST, lost)):
        for code, counts in by_code.items():
            numbers[name, code] = [counts[each_day] for each_day in period]
        numbers[name, None] = [sum(counts[each_day] for counts in by_code.values()) for each_day in period]
    return numbers


def test_any_records_in_any_order(project: httpx.Client, database_url: str) -> None:
    """Late records, grace, weeks, and people in other zones; one person is deleted, and one anonymised."""
    random = Random(7)
    for code, body in {
        "daily": {"period": "daily"},
        "lenient": {"period": "daily", "grace_period_hours": 31},
        "weekly": {"period": "weekly"},
    }.items():
        send(project, "/admin/streaks", code=code, name=code, **body)
    people = {f"p{number}": zone for number, zone in enumerate(("", "America/New_York", "Asia/Kathmandu", "", ""))}
    for who, zone in people.items():
        send(project, "/participants", participant_id=who, attributes={"timezone": zone} if zone else {})
    code = project.get("/session").json()["project"]["code"]
    now, seen = BEGIN, {}
    for round_ in range(40):
        for who in people:
            if random.random() < 0.5:
                late = timedelta(hours=random.choice((0, 0, 0, 20, 40, 100)))
                record(project, who, random.choice(("daily", "lenient", "weekly")), now - late)
        if round_ == 25:
            seen = {each.id: each for each in facts(database_url, code)}
            before = shown(project, day(BEGIN), day(now))
            assert project.delete("/admin/participants/p3").status_code == 200
            assert project.delete("/admin/participants/p4", params={"anonymize": True}).status_code == 200
            assert shown(project, day(BEGIN), day(now)) == before
            del people["p3"], people["p4"]
        now = later(project, random.choice((5, 11, 17, 25, 30)))
    recorded = sorted(
        {**seen, **{each.id: each for each in facts(database_url, code)}}.values(), key=lambda each: each.id
    )
    days = (day(now) - day(BEGIN)).days + 12
    expected = recounted(recorded, now, day(BEGIN), days)
    numbers = shown(project, day(BEGIN), day(BEGIN) + timedelta(days=days - 1))
    assert {key: value for key, value in numbers.items() if key[0] in {ALIVE, LOST}} == expected
    assert min(sum(value) for value in expected.values()) > 0
    current = [
        streak["code"]
        for who in people
        for streak in project.get(f"/participants/{who}/streaks").json()["streaks"]
        if streak["current_count"]
    ]
    assert {code: expected[ALIVE, code][-1] for code in set(current)} == Counter(current)
    assert query(
        database_url, "SELECT count(*) FROM lasting l LEFT JOIN participant p USING (lane, subject) WHERE p IS NULL"
    ) == [(0,)]
