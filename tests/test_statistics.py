"""Daily statistics: exact against the journal, each fact once, and their exports."""

import asyncio
import csv
import io
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import psycopg
import pytest

from laurels.app import COMPOSITION
from laurels.engine.jobs.job import Left
from laurels.kernel.game import ClashError
from laurels.office import statistics_job
from laurels.storage import statistics as declaration
from laurels.storage.postgres.database import connect_one
from laurels.storage.schema.months import first_id_at
from laurels.storage.statistics import Statistic
from laurels.web import csv_text
from tests.checks import make_key, query
from tests.conftest import TEMPLATE
from tests.support import Databases, Server, eventually

ZONE = "Pacific/Auckland"
FORMULA = '=HYPERLINK("https://evil.example")'


@pytest.fixture
def project(server: Server, api: httpx.Client) -> Iterator[httpx.Client]:
    """A test project far from UTC."""
    code = f"counted_{uuid4().hex[:8]}"
    made = api.post("/admin/projects", json={"code": code, "mode": "test", "time_zone": ZONE}).json()
    with server.client(made["admin_key"]["key"]) as client:
        yield client


def give(client: httpx.Client, who: str, amount: int, **more: Any) -> str:
    reply = client.post("/points/award", json={"participant_id": who, "amount": amount, **more})
    assert reply.status_code == 200, reply.text
    return str(reply.json()["transaction_id"])


def send(client: httpx.Client, path: str, **body: Any) -> dict[str, Any]:
    reply = client.post(path, json=body)
    assert reply.status_code in {200, 201}, reply.text
    sent: dict[str, Any] = reply.json()
    return sent


def play(client: httpx.Client) -> None:
    """A little of everything, on three days."""
    send(client, "/admin/badges", code="helper", name="Helper")
    send(client, "/admin/tiers", code="silver", name="Silver", level=2, criteria_config={"min_points": 100})
    send(client, "/admin/rewards", code="mug", name="Mug", type="physical", points_cost=30)
    send(client, "/admin/streaks", code="daily", name="Daily", period="daily")
    for day in range(3):
        for number in range(4):
            who = f"p{number}"
            if (day + number) % 2:
                send(client, "/events", participant_id=who, event_name=f"event_{number % 3}", properties={"a": 1})
                send(client, "/streaks/record", participant_id=who, streak_code="daily")
            award = give(client, who, 50 + number, expires_in_days=1)
            if number == 1:
                send(client, "/points/reverse", participant_id=who, transaction_id=award, amount=7)
            if number == 2:
                send(client, "/points/deduct", participant_id=who, amount=5, reason="x")
        if day == 1:
            hold = send(client, "/points/hold", participant_id="p3", amount=20)["hold_id"]
            send(client, "/points/capture", participant_id="p3", hold_id=hold, amount=11)
            claim = send(client, "/rewards/mug/claim", participant_id="p0", points_deduction=True)["claim_id"]
            send(client, "/admin/claims/cancel", participant_id="p0", claim_id=claim)
            send(client, "/badges/award", participant_id="p1", badge_code="helper")
            send(client, "/admin/badges/revoke", participant_id="p1", badge_code="helper")
        send(client, "/admin/clock", advance_seconds=86_400)


def counted(client: httpx.Client) -> dict[str, Any]:
    """The statistics, once everything until now is counted."""
    now = datetime.now(UTC)
    answers: list[dict[str, Any]] = []

    def is_counted() -> bool:
        answers[:] = [client.get("/admin/statistics").json()]
        return datetime.fromisoformat(answers[0]["counted_until"]) > now

    eventually(is_counted)
    return answers[0]


def recounted(database_url: str, project_id: int, first: date) -> dict[tuple[str, str | None], list[int]]:
    """The numbers of four days, from the facts themselves."""
    days: dict[tuple[str, str | None], Counter[date]] = {}
    active: set[tuple[str, date]] = set()

    def add(name: str, code: str | None, day: date, value: int) -> None:
        days.setdefault((name, None), Counter())[day] += value
        if code is not None:
            days.setdefault((name, code), Counter())[day] += value

    named = {
        "event_recorded": ("events", "event_name"),
        "badge_earned": ("badges_earned", "badge_code"),
        "badge_revoked": ("badges_revoked", "badge_code"),
        "tier_reached": ("tier_changes", "tier_code"),
        "tier_assigned": ("tier_changes", "tier_code"),
        "streak_recorded": ("streak_records", "streak_code"),
        "reward_claimed": ("claims", "reward_name"),
        "claim_cancelled": ("claims_cancelled", None),
    }
    earned = {"points_awarded": 1, "award_reversed": -1}
    spent = {
        "points_deducted": 1,
        "hold_captured": 1,
        "deduct_reversed": -1,
        "reward_claimed": 1,
        "claim_cancelled": -1,
    }
    statement = "SELECT kind, data, recorded_at, subject, seq, cause_id FROM journal WHERE project_id = %s ORDER BY id"
    for kind, data, recorded_at, subject, seq, cause in query(database_url, statement, project_id):
        day, amount = recorded_at.astimezone(ZoneInfo(ZONE)).date(), data.get("amount", 0)
        add("new_participants", None, day, int(seq == 1))
        add("points_issued", None, day, earned.get(kind, 0) * amount)
        add("points_spent", None, day, spent.get(kind, 0) * amount)
        add("points_expired", None, day, amount if kind == "points_expired" else 0)
        if kind in named:
            name, field = named[kind]
            add(name, data[field] if field else None, day, 1)
        is_own = cause is None and kind not in {"points_expired", "claim_cancelled", "badge_revoked", "badge_earned"}
        if is_own and kind not in {"award_reversed", "tier_reached", "hold_released"}:
            active.add((subject, day))
    for _, day in active:
        add("active_participants", None, day, 1)
    period = [first + timedelta(days=number) for number in range(4)]
    return {key: [numbers[day] for day in period] for key, numbers in days.items()}


def test_they_are_those_of_the_journal(project: httpx.Client, database_url: str) -> None:
    first = datetime.fromisoformat(project.get("/admin/clock").json()["now"]).astimezone(ZoneInfo(ZONE)).date()
    play(project)
    answer = counted(project)
    assert answer["time_zone"] == ZONE
    assert [day for day in answer["days"] if day >= str(first)] == [str(first + timedelta(days=n)) for n in range(4)]
    code = project.get("/session").json()["project"]["code"]
    [(project_id,)] = query(database_url, "SELECT id FROM project WHERE code = %s", code)
    elsewhere = {"streaks_alive", "streaks_lost"}  # tests/test_streak_statistics.py
    shown = {
        (each["name"], each["code"]): each["by_day"][-4:]
        for each in answer["statistics"]
        if each["name"] not in elsewhere
    }
    outstanding = shown.pop(("points_outstanding", None))
    expected = recounted(database_url, project_id, first)
    assert {key: value for key, value in shown.items() if any(value)} == {
        key: value for key, value in expected.items() if any(value)
    }
    liability = project.get("/admin/liability").json()
    totals = {each["name"]: each["total"] for each in answer["statistics"] if each["code"] is None}
    assert totals["points_issued"] == liability["issued"]
    assert totals["points_spent"] == liability["spent"]
    assert totals["points_expired"] == liability["expired"] > 0
    assert totals["points_outstanding"] == outstanding[-1] == liability["outstanding"]
    assert totals["active_participants"] == 12
    assert totals["new_participants"] == 4

    later = {"from": str(first + timedelta(days=2)), "to": str(first + timedelta(days=3))}
    period = project.get("/admin/statistics", params=later).json()
    halves = {(each["name"], each["code"]): each for each in period["statistics"]}
    events = halves["events", None]
    assert (events["total"], events["total_before"]) == (2, 4)
    assert halves["points_outstanding", None]["total_before"] == outstanding[1]
    assert halves["points_outstanding", None]["by_day"] == outstanding[2:]

    rows = list(csv.reader(io.StringIO(project.get("/admin/statistics.csv").text)))
    assert rows[0] == ["day", "statistic", "code", "value"]
    assert {(name, code or None): value for _, name, code, value in rows[1:] if name == "new_participants"} == {
        ("new_participants", None): "4"
    }


def test_a_fact_that_is_committed_late_is_counted_once(databases: Databases) -> None:
    """A transaction that has chosen its ids keeps the count from going past them."""
    url = databases.create(TEMPLATE)
    statistics = COMPOSITION.tables.statistics
    at = datetime.now(UTC) - timedelta(minutes=5)

    def total() -> int:
        [(value,)] = query(url, "SELECT coalesce(sum(value), 0)::bigint FROM statistic WHERE name = 'events'")
        return int(value)

    async def counts() -> Left:
        connection = await connect_one(url)
        try:
            while (left := await statistics_job.step(connection, statistics)) is Left.AT_ONCE:
                pass
            return left
        finally:
            await connection.close()

    insert = """
    INSERT INTO journal
        (seq, occurred_at, recorded_at, project_id, definitions_version, lane, id, subject, command_id, kind, data)
    SELECT %s, now(), now(), id, 1, 0, %s, %s, %s, 'event_recorded', '{"event_name": "late"}'
    FROM project WHERE code = 'default'
    """
    make_key(url)
    with psycopg.connect(url) as late:
        late.execute("SELECT FROM account FOR NO KEY UPDATE")
        subject = uuid4()
        late.execute(insert, (1, first_id_at(at), subject, uuid4()))
        assert asyncio.run(counts()) is Left.SOMETHING
        assert asyncio.run(counts()) is Left.SOMETHING
        assert total() == 0
        late.commit()
    assert asyncio.run(counts()) is Left.NOTHING
    assert total() == 1
    asyncio.run(counts())
    assert total() == 1


def test_transactions_as_csv(project: httpx.Client) -> None:
    """Texts in cells are never formulas. Days are those of the project, by its clock."""
    now = project.get("/admin/clock").json()["now"]
    today = datetime.fromisoformat(now).astimezone(ZoneInfo(ZONE)).date()
    give(project, "=1+1", 5, reason=FORMULA)
    send(project, "/points/deduct", participant_id="=1+1", amount=2, reason="-2")
    send(project, "/admin/clock", advance_seconds=86_400)
    give(project, "b", 7, reason='a "quoted", text')

    def read(first: date, last: date) -> list[list[str]]:
        reply = project.get("/admin/transactions.csv", params={"from": str(first), "to": str(last)})
        assert reply.status_code == 200, reply.text
        assert reply.headers["content-type"] == "text/csv; charset=utf-8"
        assert "attachment" in reply.headers["content-disposition"]
        return [row[3:] for row in csv.reader(io.StringIO(reply.text))][1:]

    first_day = [["'=1+1", "award", "5", "5", "5", f"'{FORMULA}"], ["'=1+1", "deduct", "2", "-2", "3", "'-2"]]
    second_day = [["b", "award", "7", "7", "7", 'a "quoted", text']]
    tomorrow = today + timedelta(days=1)
    assert read(today, today) == first_day
    assert read(tomorrow, tomorrow) == second_day
    assert read(today - timedelta(days=400), tomorrow) == first_day + second_day
    wrong = project.get("/admin/transactions.csv", params={"from": str(tomorrow), "to": str(today)})
    assert wrong.status_code == 422


@pytest.mark.parametrize(
    "days", [{"from": "2026-03-02", "to": "2026-03-01"}, {"from": "2020-01-01", "to": "2026-03-01"}, {"from": "x"}]
)
def test_other_periods_are_refused(project: httpx.Client, days: dict[str, str]) -> None:
    assert project.get("/admin/statistics", params=days).status_code == 422


def test_cells_that_a_spreadsheet_would_run() -> None:
    cells: list[str | int | None] = ["=1", "+1", "-1", "@a", "\t=1", "a=1", -1, None]
    assert csv_text.lines([cells]) == b"'=1,'+1,'-1,'@a,'\t=1,a=1,-1,\r\n"


def test_clashing_statistics_are_refused() -> None:
    one = Statistic(name="one", facts={"points_awarded": 1}, field="amount")
    with pytest.raises(ClashError, match="one"):
        declaration.combine(COMPOSITION.game, [one, one], (), ())
    other = Statistic(name="other", facts={"points_awarded": 1}, field="balance_after")
    with pytest.raises(ValueError, match="two fields of points_awarded"):
        declaration.combine(COMPOSITION.game, [one, other], (), ())
