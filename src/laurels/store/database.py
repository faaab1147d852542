"""Connections to PostgreSQL, and which of its errors mean what."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol

import asyncpg

# Generic for the type checker alone.
if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection


class Fetches(Protocol):
    """A connection, or the pool of readers."""

    async def fetch(self, query: str, *arguments: Any) -> list[asyncpg.Record]: ...


CONNECT_TIMEOUT_SECONDS = 5
STATEMENT_TIMEOUT_SECONDS = 30

# Requests look everything up by key: one generic plan, nested loops over indexes, suits them all, and a plan made
# while a table was empty does not scan it when it has grown. (The order of a join made for an empty table is wrong for
# a large one: the engine has its plans made anew now and then, reads get theirs anew with autovacuum's ANALYZE.)
_KEYED_PLANS = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
}
# Citus hides what its tables consist of, by a function called for every row of the catalogues: what the driver asks
# there would take seconds. PostgreSQL alone takes any setting whose name has a dot.
_WHOLE_CATALOGUES = {"citus.override_table_visibility": "off"}
# A transaction whose server hangs must not keep its locks for ever.
WRITER_SETTINGS = {
    **_KEYED_PLANS,
    **_WHOLE_CATALOGUES,
    "application_name": "laurels writer",
    "idle_in_transaction_session_timeout": "20s",
}
READER_SETTINGS = {**_KEYED_PLANS, **_WHOLE_CATALOGUES, "application_name": "laurels reader"}
# Citus tells by the arguments which machine has the rows, and so has to plan each execution.
ON_CITUS = {"plan_cache_mode": "force_custom_plan"}
# A plan for each execution: a job meets tables of every size.
JOB_SETTINGS = {
    **_WHOLE_CATALOGUES,
    "application_name": "laurels jobs",
    "plan_cache_mode": "force_custom_plan",
    "jit": "off",
    "idle_in_transaction_session_timeout": "60s",
}
COMMAND_SETTINGS = {**_WHOLE_CATALOGUES, "application_name": "laurels command"}
# A read that goes through a large part of a table is planned for what it asks, and runs on two cores if there are.
SURVEY_SETTINGS = {
    **dict.fromkeys(_KEYED_PLANS, "on"),
    "plan_cache_mode": "force_custom_plan",
    "jit": "off",
    "max_parallel_workers_per_gather": "2",
    "work_mem": "'64MB'",
}

_ARRAYS = """
SELECT $1::smallint[], $2::integer[], $3::bigint[], $4::boolean[], $5::text[], $6::uuid[], $7::timestamptz[],
       $8::jsonb[]
"""

CONNECTION_ERRORS = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what a COPY says whose connection breaks under it
    asyncpg.OperatorInterventionError,
    asyncpg.CannotConnectNowError,
)
"""The database is away, restarting, or has cut us off."""

REFUSALS = (
    asyncpg.InvalidAuthorizationSpecificationError,  # of the role or its password
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.TooManyConnectionsError,
)
"""The database does not let us in, or not do what we need: an operator has to change something."""

TRANSIENT_ERRORS = (
    *CONNECTION_ERRORS,
    asyncpg.TransactionRollbackError,
    asyncpg.InsufficientResourcesError,
    # A migration changed a table under our prepared statements.
    asyncpg.InvalidCachedStatementError,
    asyncpg.OutdatedSchemaCacheError,
)
"""The same batch can succeed when it is run again."""


class DatabaseUnavailableError(Exception):
    """The database could not be reached, or not do it, in the time we have. Nothing is known to have changed."""


async def connect_writer(url: str, *, on_citus: bool = False) -> Connection:
    connection = await asyncpg.connect(
        url,
        timeout=CONNECT_TIMEOUT_SECONDS,
        command_timeout=STATEMENT_TIMEOUT_SECONDS,
        server_settings=WRITER_SETTINGS | (ON_CITUS if on_citus else {}),
    )
    # The driver looks every type up when it first meets it, slowly: so once, and before anybody waits.
    await connection.prepare(_ARRAYS)
    return connection


async def connect_job(url: str) -> Connection:
    """A connection for work in the background."""
    return await asyncpg.connect(url, timeout=CONNECT_TIMEOUT_SECONDS, server_settings=JOB_SETTINGS)


async def connect_one(url: str) -> Connection:
    """A connection for a command of the CLI."""
    return await asyncpg.connect(url, timeout=CONNECT_TIMEOUT_SECONDS, server_settings=COMMAND_SETTINGS)


class Readers:
    """A few connections for reads, each one statement and so without a transaction.

    No more than a list of idle connections: a pool that resets and wraps them costs as much as a small read.
    """

    def __init__(self, url: str, size: int, *, on_citus: bool = False) -> None:
        self._url = url
        self._settings = READER_SETTINGS | (ON_CITUS if on_citus else {})
        self._free = asyncio.Semaphore(size)
        self._idle: list[Connection] = []

    async def open(self) -> None:
        async with self._connection():
            pass

    async def close(self) -> None:
        while self._idle:
            self._idle.pop().terminate()

    async def fetch(self, query: str, *arguments: Any) -> list[asyncpg.Record]:
        """Runs a read; once more on a new connection if the old one turns out to be dead."""
        try:
            return await self._fetch(query, arguments)
        except CONNECTION_ERRORS:
            await asyncio.sleep(0.05)
        try:
            return await self._fetch(query, arguments)
        except CONNECTION_ERRORS as error:
            raise DatabaseUnavailableError from error

    async def fetchrow(self, query: str, *arguments: Any) -> asyncpg.Record | None:
        rows = await self.fetch(query, *arguments)
        return rows[0] if rows else None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A transaction for an administrative write. It is not run again here: after a full disk or a deadlock callers
        try again, as after an outage."""
        try:
            async with self._connection() as connection, connection.transaction():
                yield connection
        except TRANSIENT_ERRORS as error:
            raise DatabaseUnavailableError from error

    @asynccontextmanager
    async def survey(self) -> AsyncIterator[Connection]:
        """A transaction for reads that go through a large part of a table."""
        async with self.transaction() as connection:
            await connection.execute("".join(f"SET LOCAL {name} = {value};" for name, value in SURVEY_SETTINGS.items()))
            yield connection

    async def _fetch(self, query: str, arguments: tuple[Any, ...]) -> list[asyncpg.Record]:
        async with self._connection() as connection:
            return await connection.fetch(query, *arguments)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        """An idle connection, or a new one. One that is broken, or whose statement was given up, is not kept."""
        async with self._free:
            connection = await self._take()
            try:
                yield connection
            except (asyncio.CancelledError, *CONNECTION_ERRORS):
                connection.terminate()
                raise
            finally:
                if not connection.is_closed():
                    self._idle.append(connection)

    async def _take(self) -> Connection:
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        return await asyncpg.connect(
            self._url,
            timeout=CONNECT_TIMEOUT_SECONDS,
            command_timeout=STATEMENT_TIMEOUT_SECONDS,
            server_settings=self._settings,
        )
