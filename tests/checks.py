"""What the tests over HTTP have in common: the shapes of answers and errors, and looks into the database."""

import asyncio
import http.client
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
import psycopg
from psycopg import sql
from psycopg.pq import ExecStatus

from laurels.storage.office import keys, projects
from laurels.storage.office.keys import Scope
from laurels.storage.office.projects import Mode
from laurels.storage.postgres.database import connect_one
from tests.support import ADMIN_KEY, ON_CITUS, Server, eventually


class Maybe(NamedTuple):
    """A shape that may also be null."""

    shape: Any


class Moment:
    """RFC 3339 in UTC with Z."""


ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def assert_shape(value: Any, shape: Any, where: str = "answer") -> None:
    """Every field of `shape` is there with its type; further fields are allowed."""
    match shape:
        case Maybe():
            if value is not None:
                assert_shape(value, shape.shape, where)
        case dict():
            assert type(value) is dict, f"{where} is {value!r}"
            assert shape.keys() <= value.keys(), f"{where} lacks {shape.keys() - value.keys()}"
            for name, inner in shape.items():
                assert_shape(value[name], inner, f"{where}.{name}")
        case [inner]:
            assert type(value) is list, f"{where} is {value!r}"
            for index, item in enumerate(value):
                assert_shape(item, inner, f"{where}[{index}]")
        case re.Pattern():
            assert shape.fullmatch(value), f"{where} is {value!r}"
        case type() if shape is Moment:
            assert _MOMENT.fullmatch(value), f"{where} is {value!r}"
        case _:
            assert type(value) is shape, f"{where} is {value!r}"


def assert_answer(reply: httpx.Response, shape: Any, status: int = 200) -> Any:
    """The answer's JSON, of this shape."""
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["x-request-id"]
    assert_shape(reply.json(), shape)
    return reply.json()


@cache
def documented_codes() -> dict[str, int]:
    """The codes of errors that docs/errors.md lists, each with its status."""
    page = (Path(__file__).parents[1] / "docs/errors.md").read_text()
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| (\d{3}) \|", page, re.MULTILINE)
    listed = [(code, int(status)) for codes, status in rows for code in re.findall(r"\w+", codes)]
    assert len(listed) == len(dict(listed)), "a code is listed twice"
    return dict(listed)


def asked(client: httpx.Client, method: str, url: str | httpx.URL, **given: Any) -> httpx.Response:
    """The response; of a stream of events only its first piece, as it does not end by itself."""
    with client.stream(method, url, **given) as reply:
        if reply.headers.get("content-type") != "text/event-stream":
            reply.read()
            return reply
        began = time.monotonic()
        first = httpx.Response(reply.status_code, content=next(reply.iter_raw()), request=reply.request)
    first.headers.update({name: value for name, value in reply.headers.items() if name != "transfer-encoding"})
    first.elapsed = timedelta(seconds=time.monotonic() - began)
    return first


def assert_refused(reply: Any, status: int, *, field: str | None = None, detail: str | None = None) -> None:
    """An error as all are: one sentence, a documented code, with 422 the fields it is about, with 403 the scopes."""
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["x-request-id"]
    body = reply.json()
    further = {422: {"errors"}, 403: {"sufficient_scopes"}}.get(status, set())
    assert body.keys() == {"detail", "code"} | further, body
    assert documented_codes().get(body["code"]) == status, body
    assert isinstance(body["detail"], str)
    assert body["detail"]
    if status == 422:
        assert body["errors"]
        for error in body["errors"]:
            assert {name: type(value) for name, value in error.items()} == {"field": str, "message": str}
    if field is not None:
        assert [error["field"] for error in body["errors"]] == [field], body
    if detail is not None:
        assert body["detail"] == detail


def query(database_url: str, statement: str, *arguments: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        cursor = connection.execute(statement, arguments or None)
        # Rows without columns have no description.
        has_rows = cursor.pgresult is not None and cursor.pgresult.status == ExecStatus.TUPLES_OK
        return cursor.fetchall() if has_rows else []


_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def waiting_for_locks(database_url: str) -> int:
    """How many statements wait for a lock of another: on Citus it is the machine with the row where they do."""
    if not ON_CITUS:
        return int(query(database_url, _WAITING)[0][0])
    return int(query(database_url, "SELECT sum(result::integer) FROM run_command_on_all_nodes(%s)", _WAITING)[0][0])


def all_waiting_for_locks(
    database_url: str, *requests: Callable[[], Future[httpx.Response]]
) -> list[Future[httpx.Response]]:
    """Begins the requests, and returns once all of them wait for a lock at the same time. One that waited too long
    meanwhile got 503 and begins again."""
    begun = [begin() for begin in requests]

    def are_waiting() -> bool:
        for number, request in enumerate(begun):
            if request.done():
                assert request.result().status_code == 503, request.result().text
                begun[number] = requests[number]()
        return waiting_for_locks(database_url) == len(requests)

    eventually(are_waiting)
    return begun


# Jobs write here in their own time.
BACKGROUND_TABLES = (
    "board_generation",
    "board_tick",
    "ticked_rank",
    "worker",
    "key_use",
    "console_session",
    "lasting",
    "lasting_end",
    "statistic",
    "statistics_progress",
    *("outbox", "feed_event", "feed_sequencer", "alarm", "alarm_filling"),
    *("webhook", "webhook_delivery", "webhook_sender", "board_closing", "board_result"),
)
# A job removes the standings of other generations of boards.
IN_USE = " WHERE generation IN (SELECT id FROM board_generation WHERE status <> 'retired')"
BEING_FILLED = "SELECT 1 FROM board_generation WHERE status IN ('waiting', 'filling')"


@cache
def _digests(database_url: str) -> str:
    """A statement with one row for each table: its number of rows and a sum over all that they hold."""
    tables = query(
        database_url,
        "SELECT relname, EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'generation')"
        " FROM pg_class c"
        " WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace",
    )
    return " UNION ALL ".join(
        f"SELECT '{table}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM {table} t"
        + (IN_USE if has_generation else "")
        for table, has_generation in tables
        if table not in BACKGROUND_TABLES
    )


def contents(database_url: str) -> dict[str, tuple[int, str]]:
    """What each table holds, in two numbers, once every board is filled: that gives its project a new version."""
    connection = _connection(database_url)
    eventually(lambda: not connection.execute(BEING_FILLED).fetchall(), seconds=60)
    rows = connection.execute(_digests(database_url).encode()).fetchall()
    return {table: (count, total) for table, count, total in rows}


@cache
def _connection(database_url: str) -> psycopg.Connection[tuple[Any, ...]]:
    """Kept, as many tests compare before and after: PostgreSQL then plans the comparison once."""
    return psycopg.connect(database_url, autocommit=True)


@contextmanager
def unchanged(database_url: str) -> Iterator[None]:
    """Nothing in the database differs afterwards: nobody was created, no key kept, no fact written."""
    before = contents(database_url)
    assert {"participant", "account", "journal", "idempotency", "tier_history", "definition"} <= before.keys()
    yield
    after = contents(database_url)
    assert after == before, {name: (before[name], after[name]) for name in before if before[name] != after.get(name)}


def mentions(database_url: str, word: str) -> list[str]:
    """The tables that hold `word` in any column, bytes included."""
    found = []
    with psycopg.connect(database_url, autocommit=True) as connection:
        for (table,) in connection.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        ).fetchall():
            statement = sql.SQL("SELECT count(*) FROM {} t WHERE t::text LIKE ANY (%s)").format(sql.Identifier(table))
            patterns = [f"%{word}%", f"%{word.encode().hex()}%"]
            if connection.execute(statement, (patterns,)).fetchall()[0][0]:
                found.append(table)
    return found


def make_key(
    database_url: str,
    scope: Scope = "gamify",
    *,
    project: str = "default",
    mode: Mode = "live",
    is_revoked: bool = False,
) -> str:
    """A new key; the project is made if there is none of that code."""

    async def work() -> str:
        connection = await connect_one(database_url)
        try:
            # At once: no server may see a key before it is revoked.
            async with connection.transaction():
                owner = await projects.by_code(connection, project)
                owner = owner or await projects.create(connection, project, project, mode, "UTC")
                assert owner is not None
                key = await keys.create(connection, owner, scope, "")
                if is_revoked:
                    project_id, key_id = await keys.identified(connection, key) or (0, "")
                    row = await keys.get(connection, project_id, key_id)
                    assert row is not None
                    await keys.revoke(connection, project_id, row, is_forced=True)
                return key
        finally:
            await connection.close()

    return asyncio.run(work())


class RawReply(NamedTuple):
    status_code: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()

    def json(self) -> Any:
        return msgspec.json.decode(self.content)


def send(server: Server, method: str, path: str, body: bytes | None = None, **headers: str | None) -> RawReply:
    """A request whose path and headers go out exactly as given; a header of None is left out."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.putrequest(method, f"/api/v1/gamify{path}", skip_accept_encoding=True)
        for name, value in {"X-API-Key": ADMIN_KEY, **headers}.items():
            if value is not None:
                connection.putheader(name, value)
        if body is not None and "Content-Length" not in headers:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        reply = connection.getresponse()
        return RawReply(reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read())
    finally:
        connection.close()
