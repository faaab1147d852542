"""Events that a project keeps only for so long: their content goes, what they set off and what is counted stays."""

import asyncio
import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from laurels.app import TABLES
from laurels.kernel.facts import Outcome
from laurels.mechanics.events.model import EventRecorded
from laurels.mechanics.events.rules import forget
from laurels.office import retention_job as retention
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.lanes import LANES, lane_of
from laurels.storage.postgres.database import connect_job
from tests.checks import make_key, query
from tests.processes import laurels
from tests.support import Server, check
from tests.test_leaderboards import until_ready
from tests.test_serve import wait_for

DAY_MS = 86_400_000
RULE = {
    "code": "points",
    "name": "Points",
    "event_name": "order",
    "condition": "event.properties.amount > 10",
    "actions": [{"type": "award_points", "amount": 10}],
    "limit": {"per_participant": {"ever": 2}, "in_total": {"ever": 100}},
}
BROKEN_RULE = {
    "code": "broken",
    "name": "Broken",
    "event_name": "order",
    "condition": "event.properties.coupon == 'x'",
    "actions": [{"type": "award_points", "amount": 10}],
}
CHALLENGE = {
    "code": "spender",
    "name": "Spender",
    "objectives": [
        {"code": "spend", "event_name": "order", "measure": "sum", "property": "amount", "target": 10_000},
        {"code": "late", "event_name": "order", "target": 9, "requires": ["spend"]},
    ],
}
SUM = {"code": "spent", "name": "Spent", "metric": "event_sum", "event_name": "order", "property": "amount"}
COUNT = {"code": "orders", "name": "Orders", "metric": "event_count", "event_name": "order"}


class Project:
    """A project of its own, whose clock can be moved."""

    def __init__(self, api: httpx.Client, code: str, database_url: str) -> None:
        self.api = api
        self.code = code
        self.database_url = database_url

    def add(self, kind: str, body: dict[str, Any]) -> str:
        reply = self.api.post(f"/admin/{kind}", json=body)
        assert reply.status_code == 201, reply.text
        name: str = reply.json()["id"]
        if kind == "leaderboards":
            until_ready(self.api, name)
        return name

    def order(self, amount: float, who: str = "ada", **fields: Any) -> dict[str, Any]:
        properties = {"amount": amount, "address": f"Secret Street {amount}", "items": [1, 2]}
        body = {"participant_id": who, "event_name": "order", "properties": properties, **fields}
        reply = self.api.post("/events", json=body)
        assert reply.status_code == 200, reply.text
        return reply.json()  # type: ignore[no-any-return]

    def set_retention(self, *arguments: str) -> str:
        done = laurels("projects", "retention", self.code, *arguments, "--database-url", self.database_url)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def later(self, days: int) -> None:
        query(
            self.database_url,
            "UPDATE project SET clock_offset_ms = clock_offset_ms + %s, definitions_version = definitions_version + 1"
            " WHERE code = %s",
            days * DAY_MS,
            self.code,
        )

    def forget(self) -> None:
        async def work() -> None:
            connection = await connect_job(self.database_url)
            forgetting = retention.RetentionSweep()
            while await forgetting.run_round(connection, DefinitionsCache(TABLES)):
                pass
            await connection.close()

        asyncio.run(work())

    def history(self, who: str = "ada") -> list[Any]:
        return self.api.get(f"/participants/{who}/events").json()["events"]  # type: ignore[no-any-return]

    def stored(self, kind: str) -> list[str]:
        return [
            data
            for (data,) in query(
                self.database_url,
                "SELECT data::text FROM journal WHERE kind = %s AND project_id ="
                " (SELECT id FROM project WHERE code = %s)",
                kind,
                self.code,
            )
        ]


_numbers = itertools.count()


@pytest.fixture
def project(server: Server, database_url: str) -> Iterator[Project]:
    code = f"kept_{next(_numbers)}"
    with server.client(make_key(database_url, "admin", project=code, mode="test")) as api:
        yield Project(api, code, database_url)
    check(database_url)


def test_it_is_seen_and_set_by_a_command(project: Project, database_url: str) -> None:
    assert project.set_retention() == "The content of events is kept permanently.\n"
    assert project.set_retention("--event-days", "90") == "The content of events is kept for 90 days.\n"
    assert project.set_retention() == "The content of events is kept for 90 days.\n"
    assert project.set_retention("--keep-events") == "The content of events is kept permanently.\n"
    for arguments in (["--event-days", "0"], ["--event-days", "9", "--keep-events"]):
        assert laurels("projects", "retention", project.code, *arguments, "--database-url", database_url).returncode


def test_old_events_lose_their_content_and_nothing_else_changes(project: Project, database_url: str) -> None:
    project.add("rules", RULE)
    project.add("challenges", CHALLENGE)
    project.add("leaderboards", SUM)
    project.add("leaderboards", COUNT)
    for amount in (5, 50.5, 500, 700):
        project.order(amount)
    project.order(20, who="bob")
    asked = (
        "/participants/ada/points",
        "/participants/ada/points/transactions",
        "/participants/ada/state",
        "/participants/ada/challenges",
        "/leaderboards/spent",
        "/leaderboards/orders",
    )
    before = [project.api.get(path).json() for path in asked]
    project.set_retention("--event-days", "30")
    project.forget()
    assert len(project.history()) == 4, "all of them are young"
    project.later(31)
    young = project.order(11)
    project.forget()

    assert [event["id"] for event in project.history()] == [young["event_id"]]
    forgotten = project.stored("event_forgotten")
    assert len(forgotten) == 5
    assert not any("Secret" in data or "items" in data for data in forgotten)
    project.order(1)
    check(database_url)
    query(database_url, "DELETE FROM ticked_rank")
    after = [project.api.get(path).json() for path in asked]
    assert after[1] == before[1]
    spent = {entry["participant_id"]: entry["score"] for entry in after[4]["entries"]}
    assert spent == {"ada": 5 + 50.5 + 500 + 700 + 11 + 1, "bob": 20}
    orders = {entry["participant_id"]: entry["score"] for entry in after[5]["entries"]}
    assert orders == {"ada": 6, "bob": 1}


def test_a_replay_of_a_forgotten_event_is_recognised(project: Project) -> None:
    first = project.order(50, idempotency_key="order-1")
    project.set_retention("--event-days", "30")
    project.later(31)
    project.forget()
    assert project.order(50, idempotency_key="order-1") == first
    other = {"participant_id": "ada", "event_name": "order", "properties": {}, "idempotency_key": "order-1"}
    assert project.api.post("/events", json=other).status_code == 422
    assert project.history() == []


def test_explain_says_what_it_can_no_longer_tell(project: Project) -> None:
    project.add("rules", RULE)
    project.add("rules", BROKEN_RULE)
    project.add("challenges", CHALLENGE)
    told = project.order(50)
    path = f"/participants/ada/events/{told['event_id']}/explain"
    before = project.api.get(path).json()
    assert before["note"] is None
    project.set_retention("--event-days", "30")
    project.later(31)
    project.forget()
    after = project.api.get(path).json()
    assert "for a limited number of days" in after["note"]
    assert [fact["kind"] for fact in after["facts"]] == [
        "event_forgotten",
        *(fact["kind"] for fact in before["facts"][1:]),
    ]
    outcomes = [(rule["code"], rule["outcome"]) for rule in after["rules"]]
    assert outcomes == [(rule["code"], rule["outcome"]) for rule in before["rules"]]
    assert {outcome for _, outcome in outcomes} == {"acted", "failed"}
    assert "coupon" in str(before["rules"])
    assert "coupon" not in str([rule["reason"] for rule in after["rules"]])
    assert [seen["values"] for rule in after["rules"] for seen in rule["conditions"]] == [{}] * 2
    assert [each["outcome"] for each in after["challenges"]] == [each["outcome"] for each in before["challenges"]]


@pytest.mark.all_cases
def test_what_if_takes_forgotten_events_as_they_were_and_says_so(project: Project) -> None:
    project.add("rules", RULE)
    for amount in (50, 60):
        project.order(amount)
    project.set_retention("--event-days", "30")
    project.later(31)
    project.order(70, who="bob")
    project.forget()
    generous = {"rules": [{**RULE, "actions": [{"type": "award_points", "amount": 1000}]}]}
    for draft, points in (({}, 30), (generous, 1020)):
        reply = project.api.post("/admin/simulate", json={"definitions": draft, "days": 60}, timeout=60)
        told = httpx.Response(200, text=reply.text.splitlines()[-1]).json()["result"]
        assert told["forgotten_events"] == 2
        assert told["events"] == 1
        assert (told["points_live"]["awarded"], told["points_draft"]["awarded"]) == (30, points)


def test_a_board_made_later_counts_forgotten_events(project: Project) -> None:
    project.order(50)
    project.set_retention("--event-days", "30")
    project.later(31)
    project.forget()
    project.add("leaderboards", COUNT)
    project.add("leaderboards", SUM)
    project.order(1)
    assert project.api.get("/leaderboards/orders").json()["entries"][0]["score"] == 2
    assert project.api.get("/leaderboards/spent").json()["entries"][0]["score"] == 1


def test_it_goes_in_small_steps_and_never_back(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "FACTS_AT_ONCE", 2)
    monkeypatch.setattr(retention, "ROUND_SECONDS", 0)
    for number in range(7):
        project.order(number)
    project.set_retention("--event-days", "30")
    project.later(31)

    async def rounds() -> int:
        connection = await connect_job(project.database_url)
        forgetting = retention.RetentionSweep()
        count = 1
        while await forgetting.run_round(connection, DefinitionsCache(TABLES)):
            count += 1
        await connection.close()
        return count

    assert asyncio.run(rounds()) > LANES
    assert len(project.stored("event_forgotten")) == 7
    monkeypatch.setattr(retention, "ROUND_SECONDS", 60)
    project.set_retention("--event-days", "365")
    project.order(8)
    project.forget()
    assert len(project.stored("event_forgotten")) == 7


def test_an_event_of_an_erasure_that_is_called_off_is_forgotten_too(project: Project) -> None:
    project.order(1)
    project.set_retention("--event-days", "30")
    project.later(31)
    with psycopg.connect(project.database_url) as erasing, ThreadPoolExecutor() as pool:
        [(project_id,)] = query(project.database_url, "SELECT id FROM project WHERE code = %s", project.code)
        lane = lane_of(project_id, "ada")
        erasing.execute("SELECT FROM journal WHERE lane = %s AND kind = 'event_recorded' FOR UPDATE", (lane,))
        forgetting = pool.submit(project.forget)
        with pytest.raises(TimeoutError):
            forgetting.result(0.5)
        erasing.rollback()
        forgetting.result()
    assert len(project.stored("event_forgotten")) == 1


def test_an_erased_person_keeps_no_numbers(project: Project) -> None:
    project.add("leaderboards", SUM)
    project.order(123456)
    project.set_retention("--event-days", "30")
    project.later(31)
    project.forget()
    assert "123456" in project.stored("event_forgotten")[0]
    assert project.api.delete("/admin/participants/ada?anonymize=true").status_code == 200
    assert "123456" not in project.stored("event_forgotten")[0]


def test_a_server_does_it_by_itself(project: Project, database_url: str) -> None:
    project.order(50)
    project.set_retention("--event-days", "30")
    project.later(31)
    with Server(database_url):
        wait_for(lambda: len(project.stored("event_forgotten")) == 1)


def test_only_numbers_that_are_summed_stay() -> None:
    outcome = Outcome(str(UUID(int=1)), "acted", detail="quotes 'Secret'", windows=[7])
    event = EventRecorded(
        event_name="order",
        properties={"amount": 5, "price": 1.5, "name": "Secret", "is_gift": True, "other": 9},
        outcomes=[outcome],
    )
    left = forget(event, {"amount", "price", "name", "is_gift"}, [])
    assert left.numbers == {"amount": 5, "price": 1.5}
    assert left.event_name == "order"
    assert left.outcomes == [Outcome(str(UUID(int=1)), "acted", windows=[7])]
