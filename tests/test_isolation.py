"""No read and no write crosses projects: every endpoint, with whatever of another project can be named in a request.

The cases are made from the endpoints and the OpenAPI document: a new endpoint is tried without being listed here.
"""

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import psycopg
import pytest

from laurels.app import COMPOSITION
from laurels.web.endpoint import Endpoint
from laurels.web.keys.access import Access
from tests.checks import BACKGROUND_TABLES, asked, make_key
from tests.conftest import TEMPLATE
from tests.support import ADMIN_KEY, Databases, Server, eventually

SCOPES = ("gamify", "gamify:read", "gamify:support", "gamify:admin", "admin", "operator")
CHANGES = {
    Access.ANY_KEY: SCOPES,
    Access.KEY: ("gamify", *SCOPES[2:]),
    Access.SUPPORT: SCOPES[2:],
    Access.ADMIN: SCOPES[3:],
    Access.PROJECT_ADMIN: SCOPES[4:],
    Access.OPERATOR: SCOPES[5:],
}
READS = {**CHANGES, Access.KEY: SCOPES, Access.SUPPORT: SCOPES[1:], Access.ADMIN: SCOPES[1:]}
"""The scopes that open an endpoint."""
GUARDED = [endpoint for endpoint in COMPOSITION.endpoints if endpoint.access is not Access.OPEN]
SECRET = "for-their-eyes-only"

KINDS: dict[str, dict[str, Any]] = {
    "tier": {"level": 70, "award_type": "manual"},
    "badge": {},
    "streak": {"period": "daily"},
    "leaderboard": {},
    "reward": {"type": "coupon", "points_cost": 1},
    "challenge": {"objectives": [{"code": "o", "event_name": "theirs", "target": 2}]},
    "rule": {"event_name": "theirs", "actions": [{"type": "award_points", "amount": 1}]},
    "earning_cap": {"period": "day", "points": 1_000_000},
    "webhook": {"url": "https://receiver.example", "types": ["tier.changed"]},
}


class Desk:
    """The server, its database and the key of an operator, each opened once."""

    def __init__(self, server: Server) -> None:
        self.url = server.database_url or ""
        self.database = psycopg.connect(self.url, autocommit=True)
        self.api = httpx.Client(base_url=server.base_url, timeout=30)
        self.columns: dict[str, set[str]] = {}
        for table, column in self.database.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " JOIN information_schema.tables USING (table_schema, table_name)"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name NOT LIKE 'journal\\__%'"
        ):
            self.columns.setdefault(table, set()).add(column)

    def ask(self, key: str, **request: Any) -> httpx.Response:
        return asked(self.api, **request, headers={"X-API-Key": key})

    def post(self, key: str, path: str, body: dict[str, Any] | None = None) -> Any:
        reply = self.ask(key, method="POST", url=f"/api/v1/gamify{path}", json=body or {})
        assert reply.status_code in (200, 201), reply.text
        return reply.json()


class Theirs:
    """A project with something of everything, and the names by which a request can mean it."""

    def __init__(self, desk: Desk) -> None:
        self.code = f"theirs-{uuid4().hex}"
        made = desk.post(ADMIN_KEY, "/admin/projects", {"code": self.code, "mode": "test", "name": SECRET})
        self.key = made["admin_key"]["key"]
        self.named: dict[str, Any] = {"project_code": self.code, "key_id": made["admin_key"]["id"]}
        self._furnish(desk)
        [(self.project_id, subject)] = desk.database.execute(
            "SELECT project_id, subject FROM participant WHERE participant_id = %s", (self.named["participant_id"],)
        ).fetchall()
        self.subject = str(subject)
        self.ids = {str(value) for name, value in self.named.items() if name.endswith("_id")} | {self.subject}

    def _furnish(self, desk: Desk) -> None:
        post = partial(desk.post, self.key)
        person = f"person-{uuid4().hex}"
        codes = {kind: f"{kind}-{uuid4().hex}" for kind in KINDS}
        post("/participants", {"participant_id": person, "display_name": SECRET})
        for kind, particular in KINDS.items():
            body = {"code": codes[kind], "name": SECRET, **particular}
            definition = post(f"/admin/{kind.replace('_', '-')}s", body)
            self.named |= {f"{kind}_id": definition["id"], f"{kind}_code": codes[kind]}
        webhook = f"/admin/webhooks/{self.named['webhook_id']}"
        post(f"{webhook}/test")
        # Switched off, so that nothing changes by itself.
        desk.ask(self.key, method="PATCH", url=f"/api/v1/gamify{webhook}", json={"is_active": False}).raise_for_status()
        reward = self.named["reward_id"]
        post(f"/admin/rewards/{reward}/codes", {"codes": [f"{SECRET}-{uuid4().hex}" for _ in range(5)]})
        post("/points/award", {"participant_id": person, "amount": 100, "reason": SECRET})
        deducted = post("/points/deduct", {"participant_id": person, "amount": 1, "reason": SECRET})
        held = post("/points/hold", {"participant_id": person, "amount": 1})
        event = {"participant_id": person, "event_name": "theirs", "properties": {"note": SECRET}}
        post("/badges/award", {"participant_id": person, "badge_code": codes["badge"]})
        self.named |= {
            "participant_id": person,
            "delivery_number": 1,
            "transaction_id": deducted["transaction_id"],
            "hold_id": held["hold_id"],
            "event_id": post("/events", event)["event_id"],
            "claim_id": post(f"/rewards/{reward}/claim", {"participant_id": person})["claim_id"],
        }

    def fits(self, field: str, endpoint: Endpoint) -> Any:
        """What of theirs a field of a request can name, None if it names nothing."""
        if field == "code":
            found = re.search(r"gamify/(?:admin/)?(\w+?)s/", endpoint.path + "/")
            return self.named.get(f"{found.group(1)}_code") if found else None
        return self.named.get(field)


@pytest.fixture(scope="module")
def desk(databases: Databases) -> Iterator[Desk]:
    with Server(databases.create(TEMPLATE)) as server:
        yield Desk(server)


@pytest.fixture(scope="module")
def ours(desk: Desk) -> dict[str, str]:
    """A key of each scope in a project of ours."""
    return {scope: make_key(desk.url, scope, project="ours", mode="test") for scope in SCOPES}  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def one_of_theirs(desk: Desk) -> Theirs:
    """For requests that change nothing."""
    return Theirs(desk)


@pytest.fixture
def theirs(desk: Desk, endpoint: Endpoint, request: pytest.FixtureRequest) -> Theirs:
    return request.getfixturevalue("one_of_theirs") if endpoint.method == "GET" else Theirs(desk)


@pytest.fixture(scope="module")
def examples(desk: Desk) -> dict[tuple[str, str], Any]:
    """The example of each request's body."""
    document = desk.api.get("/openapi.json").json()
    found: dict[tuple[str, str], Any] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            given = [content.get("example"), *(each["value"] for each in content.get("examples", {}).values())]
            found[method.upper(), path] = next((body for body in given if body is not None), None)
    return found


def aimed(value: Any, theirs: Theirs, endpoint: Endpoint) -> Any:
    """The example with everything in it that has a name replaced by what is theirs."""
    if isinstance(value, list):
        return [aimed(each, theirs, endpoint) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        field: theirs.fits(field, endpoint) or aimed(inner, theirs, endpoint)
        for field, inner in value.items()
        if field != "idempotency_key"
    }


def request_to(endpoint: Endpoint, theirs: Theirs, examples: dict[tuple[str, str], Any]) -> dict[str, Any]:
    path = re.sub(r"\{(\w+)\}", lambda found: str(theirs.fits(found.group(1), endpoint)), endpoint.path)
    assert "None" not in path, "a new parameter of a path has to be told in Theirs"
    body = aimed(examples[endpoint.method, endpoint.path], theirs, endpoint)
    fields = [field.encode_name for field in msgspec.structs.fields(endpoint.query)] if endpoint.query else []
    named = {field: theirs.fits(field, endpoint) for field in fields}
    asked = {field: value for field, value in named.items() if value is not None}
    return {"method": endpoint.method, "url": path, "json": body, "params": asked}


def rows_of(desk: Desk, theirs: Theirs) -> list[tuple[Any, ...]]:
    """Every row of theirs in every table."""
    statement = " UNION ALL ".join(
        f"SELECT '{table}' AS place, t::text AS content FROM {table} t WHERE {_is_theirs(columns)}"
        for table, columns in desk.columns.items()
        if table not in BACKGROUND_TABLES
    )
    named = {
        "project_id": theirs.project_id,
        "subject": theirs.subject,
        "ids": [f"%{each}%" for each in theirs.ids],
    }
    return desk.database.execute(f"{statement} ORDER BY place, content", named).fetchall()  # type: ignore[arg-type]


def _is_theirs(columns: set[str]) -> str:
    if "project_id" in columns:
        return "project_id = %(project_id)s"
    return "subject = %(subject)s" if "subject" in columns else "t::text LIKE ANY (%(ids)s)"


@pytest.mark.parametrize("endpoint", GUARDED, ids=lambda endpoint: f"{endpoint.method} {endpoint.path}")
def test_nothing_crosses(
    endpoint: Endpoint, desk: Desk, ours: dict[str, str], theirs: Theirs, examples: dict[tuple[str, str], Any]
) -> None:
    request = request_to(endpoint, theirs, examples)
    if endpoint.path.endswith("/restore"):
        desk.ask(theirs.key, method="DELETE", url=request["url"].removesuffix("/restore")).raise_for_status()
    before = rows_of(desk, theirs)
    assert {"journal", "account", "claim", "definition"} <= {place for place, _ in before}
    for scope, key in ours.items():
        if endpoint.access is Access.OPERATOR and scope == "operator":
            continue  # operators are there to administer other projects
        reply = desk.ask(key, **request)
        sufficient = (READS if endpoint.method == "GET" else CHANGES)[endpoint.access]
        assert (reply.status_code == 403) == (scope not in sufficient), reply.text
        if scope not in sufficient:
            assert reply.json()["sufficient_scopes"] == [*sufficient]
        assert reply.status_code < 500, reply.text
        assert SECRET not in reply.text
        for each in theirs.ids:
            assert each not in reply.text or each in json.dumps(request), f"tells {each}: {reply.text}"
        assert rows_of(desk, theirs) == before
    if endpoint.access is not Access.OPERATOR:
        own = desk.ask(theirs.key, **request)
        assert own.status_code not in (401, 403, 404), f"the request would not work for themselves: {own.text}"


@pytest.fixture(scope="module")
def dead_keys(desk: Desk) -> dict[str, str]:
    desk.post(ADMIN_KEY, "/admin/projects", {"code": "closed"})
    of_closed = desk.post(ADMIN_KEY, "/admin/projects/closed/keys", {"scope": "admin"})["key"]
    desk.post(ADMIN_KEY, "/admin/projects/closed/archive")
    ending = desk.post(ADMIN_KEY, "/admin/keys", {"scope": "operator"})
    desk.post(ADMIN_KEY, f"/admin/keys/{ending['id']}/rotate", {"valid_hours": 0})
    keys = {
        "revoked": make_key(desk.url, "operator", is_revoked=True),
        "ended": ending["key"],
        "of an archived project": of_closed,
        "never made": make_key(desk.url)[:-6] + "000000",
        "empty": "",
    }
    for key in keys.values():
        eventually(lambda key=key: _status(desk, key) == 401)  # type: ignore[misc]
    return keys


def _status(desk: Desk, key: str) -> int:
    return desk.ask(key, method="GET", url="/api/v1/gamify/participants/nobody").status_code


@pytest.mark.parametrize("endpoint", GUARDED, ids=lambda endpoint: f"{endpoint.method} {endpoint.path}")
def test_dead_keys_open_nothing(
    endpoint: Endpoint,
    desk: Desk,
    dead_keys: dict[str, str],
    one_of_theirs: Theirs,
    examples: dict[tuple[str, str], Any],
) -> None:
    request = request_to(endpoint, one_of_theirs, examples)
    before = rows_of(desk, one_of_theirs)
    for name, key in dead_keys.items():
        reply = desk.ask(key, **request)
        assert (name, reply.status_code) == (name, 401)
        assert SECRET not in reply.text
    assert rows_of(desk, one_of_theirs) == before
