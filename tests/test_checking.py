"""`laurels check` finds what was tampered with, alone and by several processes, in one snapshot."""

import asyncio

import pytest

from laurels.app import COMPOSITION
from laurels.storage.checking import whole as checking
from laurels.storage.checking.invariants import Finding
from tests.checks import query
from tests.conftest import TEMPLATE
from tests.support import Databases, Server

PEOPLE = 40


@pytest.fixture(scope="module")
def url(databases: Databases) -> str:
    made = databases.create(TEMPLATE)
    with Server(made) as server, server.client() as api:
        for number in range(PEOPLE):
            body = {"participant_id": f"person_{number}", "amount": 300}
            api.post("/points/award", json=body).raise_for_status()
        objectives = [{"code": "o", "event_name": "walk", "target": 3}]
        api.post("/admin/challenges", json={"code": "walk", "name": "W", "objectives": objectives}).raise_for_status()
        api.post("/events", json={"participant_id": "person_7", "event_name": "walk"}).raise_for_status()
    return made


def found(url: str) -> dict[str, Finding]:
    async def work() -> list[Finding]:
        return [finding async for finding in checking.check(url, COMPOSITION.present_tables, with_rebuild=True)]

    return {finding.invariant: finding for finding in asyncio.run(work()) if finding.differences}


@pytest.fixture(params=["one process", "several"])
def by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(checking, "MUCH_BYTES", 0 if request.param == "several" else 10**12)
    monkeypatch.setattr(checking.os, "cpu_count", lambda: 2)
    return str(request.param)


def test_what_is_in_order_is_found_so(url: str, by: str) -> None:
    assert found(url) == {}


def test_every_account_that_was_tampered_with_is_told(url: str, by: str) -> None:
    query(url, "UPDATE account SET balance = balance + 1, total_earned = total_earned + 1")
    try:
        problems = found(url)
    finally:
        query(url, "UPDATE account SET balance = balance - 1, total_earned = total_earned - 1")
    assert problems["the account is the sum of its facts"].differences == PEOPLE
    rebuilt = problems["folding the journal again gives every projection as stored"]
    assert rebuilt.differences == PEOPLE
    assert len(rebuilt.examples) == 20


def test_facts_without_an_account_are_told(url: str, by: str) -> None:
    query(url, "CREATE TABLE kept AS SELECT * FROM account WHERE lane = (SELECT max(lane) FROM account)")
    query(url, "DELETE FROM account WHERE lane = (SELECT max(lane) FROM kept)")
    try:
        problems = found(url)
    finally:
        query(url, "INSERT INTO account SELECT * FROM kept")
        query(url, "DROP TABLE kept")
    told = problems["folding the journal again gives every projection as stored"].examples
    assert any("rows without an account" in each for each in told)


ACCOUNTS = "UPDATE account SET latest_earned_at = latest_earned_at + interval '{}'"
RUNS = """
UPDATE challenge_state
SET state = state || jsonb_build_object('latest_at', (state->>'latest_at')::timestamptz + interval '{}')
"""


@pytest.mark.parametrize("change", [ACCOUNTS, RUNS])
def test_times_that_older_servers_did_not_keep_are_no_difference_and_later_ones_are(url: str, change: str) -> None:
    counts = {ACCOUNTS: PEOPLE, RUNS: 1}
    assert query(url, change.format("-1 day") + " RETURNING true") == [(True,)] * counts[change]
    try:
        earlier = found(url)
        query(url, change.format("2 days"))
        later = found(url)
    finally:
        query(url, change.format("-1 day"))
    assert earlier == {}
    assert later["folding the journal again gives every projection as stored"].differences == counts[change]


def test_times_that_are_missing_are_no_difference(url: str) -> None:
    query(url, "UPDATE account SET latest_earned_at = NULL, latest_event_at = NULL")
    query(url, "UPDATE challenge_state SET state = state - 'latest_at'")
    assert found(url) == {}
