"""Definitions are many at most, and an edit costs what it changes."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest

from laurels.app import COMPOSITION, TABLES
from laurels.config import plan as configuration
from laurels.config.definitions_file import DefinitionsFileError
from laurels.config.plan import Files
from laurels.kernel.definition import Definitions
from laurels.kernel.definitions import counts
from laurels.kernel.definitions.counts import ALL_LIMIT, PRESENT_LIMIT
from laurels.mechanics.rules.model import Rule
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.office import projects
from laurels.storage.postgres.database import Connection, connect_one
from tests.checks import assert_refused, make_key, query
from tests.support import Server

RULE: dict[str, Any] = {
    "code": "first",
    "name": "First",
    "event_name": "order",
    "actions": [{"type": "award_points", "amount": 1}],
}
_KINDS = ("tiers", "badges", "streaks", "leaderboards", "rules", "challenges", "rewards", "earning_caps")
_FILL = """
INSERT INTO definition (id, project_id, kind, code, body, is_active, display_order, version, created_at, updated_at,
                        deleted_at)
SELECT gen_random_uuid(), d.project_id, d.kind, %s || number, d.body, d.is_active, 0, d.version, now(), now(),
       CASE WHEN %s THEN now() END
FROM definition d JOIN project ON project.id = d.project_id CROSS JOIN generate_series(1, %s) AS number
WHERE project.code = %s AND d.code = 'first'
"""


@pytest.fixture
def project(name: str) -> str:
    return name.replace("_", "-")[:60]


@pytest.fixture
def admin(server: Server, database_url: str, project: str) -> Iterator[httpx.Client]:
    with server.client(make_key(database_url, "admin", project=project)) as client:
        client.post("/admin/rules", json=RULE).raise_for_status()
        yield client


def with_project(database_url: str, code: str, work: Callable[[Connection, int], Awaitable[None]]) -> None:
    async def run() -> None:
        connection = await connect_one(database_url)
        try:
            found = await projects.by_code(connection, code)
            assert found is not None
            await work(connection, found.id)
        finally:
            await connection.close()

    asyncio.run(run())


def test_a_project_has_so_many_of_a_kind(admin: httpx.Client, database_url: str, project: str) -> None:
    query(database_url, _FILL, "many", False, PRESENT_LIMIT - 1, project)
    told = f"A project can have up to {PRESENT_LIMIT} rules: delete unused ones first"
    assert_refused(admin.post("/admin/rules", json={**RULE, "code": "more"}), 409, detail=told)
    assert admin.get("/admin/rules/more").status_code == 404
    assert admin.patch("/admin/rules/first", json={"name": "Renamed"}).status_code == 200
    tier = {"code": "other", "name": "Other", "level": 1, "award_type": "manual"}
    assert admin.post("/admin/tiers", json=tier).status_code == 201, "other kinds are none the worse"
    assert admin.delete("/admin/rules/first").status_code == 200
    assert admin.post("/admin/rules", json={**RULE, "code": "more"}).status_code == 201
    assert_refused(admin.post("/admin/rules/first/restore"), 409, detail=told)
    assert_refused(admin.post("/admin/rules", json=RULE), 409, detail=told)


def test_deleted_ones_count_until_they_come_back(admin: httpx.Client, database_url: str, project: str) -> None:
    query(database_url, _FILL, "gone", True, ALL_LIMIT - 1, project)
    told = f"A project can have up to {ALL_LIMIT} rules, including deleted ones: restore one, or reuse its code"
    assert_refused(admin.post("/admin/rules", json={**RULE, "code": "more"}), 409, detail=told)
    assert admin.post("/admin/rules", json={**RULE, "code": "gone7"}).status_code == 201
    assert admin.post("/admin/rules/gone8/restore").status_code == 200


def test_more_from_before_the_bound_stay(admin: httpx.Client, database_url: str, project: str) -> None:
    query(database_url, _FILL, "many", False, PRESENT_LIMIT + 5, project)
    assert admin.patch("/admin/rules/many3", json={"name": "Renamed"}).status_code == 200
    assert admin.delete("/admin/rules/many4").status_code == 200
    assert admin.post("/admin/rules", json={**RULE, "code": "more"}).status_code == 409


def rules_file(*codes: str) -> Files:
    rule = "  - {code: %s, name: A, event_name: order, actions: [{type: award_points, amount: 1}]}\n"
    return Files(TABLES.kinds, {"rules.yaml": ("rules:\n" + "".join(rule % code for code in codes)).encode()})


def test_files_are_held_to_it(
    admin: httpx.Client, database_url: str, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    del admin
    monkeypatch.setattr(counts, "PRESENT_LIMIT", 3)
    told = "rules: A project can have up to 3 rules: delete unused ones first."

    async def work(connection: Connection, project_id: int) -> None:
        # What the file lacks is deleted, so that all three can be others.
        planned = await configuration.plan(
            connection, TABLES, project_id, rules_file("a", "b", "c"), COMPOSITION.resources
        )
        with pytest.raises(DefinitionsFileError) as refused:
            await configuration.plan(
                connection, TABLES, project_id, rules_file("a", "b", "c", "d"), COMPOSITION.resources
            )
        assert str(refused.value) == told
        with pytest.raises(DefinitionsFileError) as refused:
            await configuration.apply(
                connection, TABLES, project_id, rules_file("a", "b", "c", "d"), COMPOSITION.resources, planned, {}
            )
        assert str(refused.value) == told
        await configuration.apply(
            connection, TABLES, project_id, rules_file("a", "b", "c"), COMPOSITION.resources, planned, {}
        )

    with_project(database_url, project, work)
    with pytest.raises(DefinitionsFileError, match=rf"rules may have up to {ALL_LIMIT} definitions, not 5001\.$"):
        Files(TABLES.kinds, {"rules.json": b'{"rules": [' + b",".join([b"{}"] * (ALL_LIMIT + 1)) + b"]}"})


def test_a_draft_is_held_to_it(admin: httpx.Client) -> None:
    rules = [{**RULE, "code": f"r{number}"} for number in range(PRESENT_LIMIT + 1)]
    refused = admin.post("/admin/simulate", json={"definitions": {"rules": rules}})
    assert_refused(refused, 422, field="definitions.rules")
    assert "may have up to 1000 definitions, not 1001" in refused.json()["detail"]


class Counting:
    """Counts the definitions whose bodies are read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.bodies = 0

    async def fetch(self, statement: str, *arguments: Any) -> list[Any]:
        rows = await self._connection.fetch(statement, *arguments)
        self.bodies += sum(row.get("body") is not None for row in rows)
        return rows


def contents(definitions: Definitions) -> dict[str, Any]:
    by_id = {definition.id: definition for definition in definitions}
    return {**by_id, "calendar": definitions.calendar, "version": definitions.version}


def test_a_newer_version_costs_what_differs(admin: httpx.Client, database_url: str, project: str) -> None:
    query(database_url, _FILL, "many", False, 200, project)
    board = {"code": "top", "name": "Top", "metric": "points_earned", "time_window": "weekly"}
    edits: list[tuple[str, str, Any]] = [
        ("POST", "/admin/leaderboards", board),
        ("PATCH", "/admin/rules/many7", {"name": "Renamed", "is_active": False}),
        ("PATCH", "/admin/leaderboards/top", {"metric": "event_count"}),
        ("DELETE", "/admin/rules/many8", None),
        ("POST", "/admin/rules/many8/restore", None),
        ("DELETE", "/admin/leaderboards/top", None),
        ("POST", "/admin/rules", {**RULE, "code": "another"}),
    ]

    async def work(connection: Connection, project_id: int) -> None:
        await asyncio.to_thread(admin.patch, "/admin/rules/first", json={"name": "Since then"})
        counting = Counting(connection)
        cache = DefinitionsCache(TABLES)
        assert len((await cache.newest(counting, project_id))[Rule].by_id) == 201
        for method, path, body in edits:
            counting.bodies = 0
            done = await asyncio.to_thread(admin.request, method, path, json=body)
            assert done.status_code in (200, 201), done.text
            anew = await DefinitionsCache(TABLES).newest(connection, project_id)
            # Leaderboards are filled meanwhile, which makes versions, too.
            while (followed := await cache.newest(counting, project_id)).version != anew.version:
                anew = await DefinitionsCache(TABLES).newest(connection, project_id)
            assert contents(followed) == contents(anew), path
            assert 0 < counting.bodies < 10, path

    with_project(database_url, project, work)


_LOST = {
    "a change": [
        'UPDATE definition SET version = version - 1, body = body || \'{"name": "Before"}\' '
        "WHERE code = 'first' AND project_id = $1"
    ],
    "a creation": [
        "DELETE FROM definition_history USING definition d "
        "WHERE d.id = definition_id AND d.code = 'lost' AND d.project_id = $1",
        "DELETE FROM definition WHERE code = 'lost' AND project_id = $1",
    ],
}


@pytest.mark.parametrize("what", _LOST)
def test_definitions_that_went_back_are_noticed(
    admin: httpx.Client, database_url: str, project: str, what: str
) -> None:
    """As after a failover to a standby that had not received the last edits."""
    admin.patch("/admin/rules/first", json={"name": "Lost"}).raise_for_status()
    admin.post("/admin/rules", json={**RULE, "code": "lost"}).raise_for_status()

    async def work(connection: Connection, project_id: int) -> None:
        cache = DefinitionsCache(TABLES)
        await cache.newest(connection, project_id)
        for statement in _LOST[what]:
            await connection.execute(statement, project_id)
        await connection.execute(
            "UPDATE project SET definitions_version = definitions_version + 1 WHERE id = $1", project_id
        )
        followed = await cache.newest(connection, project_id)
        assert contents(followed) == contents(await DefinitionsCache(TABLES).newest(connection, project_id))

    with_project(database_url, project, work)
