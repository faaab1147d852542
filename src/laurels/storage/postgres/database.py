"""Connections to PostgreSQL, and which of its errors mean what."""

from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from laurels.storage.postgres import arrays, revisions

arrays.compare_types()

# Generic for the type checker alone.
if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection


class Fetches(Protocol):
    """A connection, or the pool of readers."""

    async def fetch(self, query: str, *arguments: Any) -> list[asyncpg.Record]: ...


READ_ONLY = "The database is read-only: a standby, or set so"
IS_WRITABLE = "NOT pg_is_in_recovery() AND NOT current_setting('transaction_read_only')::boolean"
"""SQL for whether the database takes writes: no standby, nor made read-only."""
MAY_WRITE = """
coalesce(has_table_privilege(to_regclass('journal'), 'INSERT')
         AND has_table_privilege(to_regclass('account'), 'INSERT, UPDATE'), false)
"""
"""SQL for whether the role may write what it sees of a schema; false where it sees none."""

CONNECT_TIMEOUT_SECONDS = 5
HOST_TIMEOUT_SECONDS = 2
"""For each where there are several."""
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
# Each kind of connection says how long it waits for a lock, whatever the database's default is: so an expired
# `lock_timeout` always means a row or a table that somebody else has locked.
#
# A batch waits only for rows that people share, and those change hands quickly. A transaction whose server hangs must
# not keep its locks for long.
WRITER_SETTINGS = {
    **_KEYED_PLANS,
    **_WHOLE_CATALOGUES,
    "application_name": "laurels writer",
    "lock_timeout": "250ms",
    "idle_in_transaction_session_timeout": "5s",
}
# Reads wait for nothing but a table that a migration is changing.
READER_SETTINGS = {**_KEYED_PLANS, **_WHOLE_CATALOGUES, "application_name": "laurels reader", "lock_timeout": "10s"}
EDIT_SETTINGS = {
    **_KEYED_PLANS,
    **_WHOLE_CATALOGUES,
    "application_name": "laurels edits",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "5s",
}
# Citus tells by the arguments which machine has the rows, and so has to plan each execution.
ON_CITUS = {"plan_cache_mode": "force_custom_plan"}
# A plan for each execution: a job meets tables of every size.
JOB_SETTINGS = {
    **_WHOLE_CATALOGUES,
    "application_name": "laurels jobs",
    "lock_timeout": "2s",
    "plan_cache_mode": "force_custom_plan",
    "jit": "off",
    "idle_in_transaction_session_timeout": "60s",
}
COMMAND_SETTINGS = {**_WHOLE_CATALOGUES, "application_name": "laurels command", "lock_timeout": "30s"}
# A read that goes through a large part of a table is planned for what it asks, and runs on two cores if there are.
SURVEY_SETTINGS = {
    **_WHOLE_CATALOGUES,
    "application_name": "laurels surveys",
    "lock_timeout": "10s",
    "plan_cache_mode": "force_custom_plan",
    "jit": "off",
    "max_parallel_workers_per_gather": "2",
    "work_mem": "64MB",
}

_ARRAYS = """
SELECT $1::smallint[], $2::integer[], $3::bigint[], $4::boolean[], $5::text[], $6::uuid[], $7::timestamptz[],
       $8::jsonb[]
"""


class ConnectionRefusedByDatabaseError(ConnectionError):
    """PostgreSQL answered, and did not let us in. Whatever its reason, it is away for us until it has gone."""


CONNECTION_ERRORS = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what a COPY says whose connection breaks under it
    asyncpg.OperatorInterventionError,  # shutting down, starting, recovering; a statement that took too long
    asyncpg.ReadOnlySQLTransactionError,  # a standby, or a primary that has become one
    asyncpg.TooManyConnectionsError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.ObjectInUseError,  # while it is dropped, renamed or cloned
    asyncpg.InvalidCatalogNameError,  # between the two steps of a restore
    asyncpg.UndefinedTableError,  # of the role or the database the search_path was changed
    asyncpg.InvalidSchemaNameError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.TransactionTimeoutError,
)
"""The database is away: it does not answer, is not the one that takes writes, lets nobody in, or has cut us off.
Another connection, perhaps to another host, may find it again."""

REFUSALS = (
    ConnectionRefusedByDatabaseError,
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


class LockedError(Exception):
    """Somebody else held a lock that this needs for longer than it waits. Nothing was changed."""


class ReadsCrowdedError(Exception):
    """The caller's key has as many reads under way and waiting as it may, or they wait for too long."""


class SurveyTooLongError(Exception):
    """A read went through more rows than it could in the time that it has."""


async def connect_writer(url: str, *, on_citus: bool = False) -> Connection:
    """Raises CONNECTION_ERRORS, also where the database takes no writes."""
    settings = WRITER_SETTINGS | (ON_CITUS if on_citus else {})
    connection = await connect(url, settings, command_timeout=STATEMENT_TIMEOUT_SECONDS)
    try:
        is_writable, may_write = await connection.fetchrow(f"SELECT {IS_WRITABLE}, {MAY_WRITE}") or (False, False)
        if not is_writable:
            raise ConnectionRefusedByDatabaseError(READ_ONLY)
        if not may_write:
            raise ConnectionRefusedByDatabaseError("The role may not write, or finds no schema in its search_path")
        # The driver looks every type up when it first meets it, slowly: so once, and before anybody waits.
        await connection.prepare(_ARRAYS)
    except BaseException:
        connection.terminate()
        raise
    return connection


async def connect_job(url: str) -> Connection:
    """A connection for work in the background."""
    return await connect(url, JOB_SETTINGS)


async def connect_one(url: str) -> Connection:
    """A connection for a command of the CLI. Raises SchemaError where the schema is none that this version works with,
    and UndefinedTableError where there is none."""
    connection = await connect(url, COMMAND_SETTINGS)
    try:
        stored = await connection.fetchval("SELECT version_num FROM alembic_version")
        if stored is None:
            raise asyncpg.UndefinedTableError("The database was never migrated")
        revisions.require(stored)
    except BaseException:
        connection.terminate()
        raise
    return connection


async def connect(url: str, settings: dict[str, str], *, command_timeout: float | None = None) -> Connection:
    """To the first host that lets us in and is what `target_session_attrs` asks for. The driver would give all hosts
    one timeout together, which a machine that is gone uses up, and would stop at the first that refuses us."""
    urls = addresses(url)
    timeout = CONNECT_TIMEOUT_SECONDS if len(urls) == 1 else HOST_TIMEOUT_SECONDS
    for number, of_host in enumerate(urls, 1):
        try:
            return await asyncpg.connect(
                of_host, timeout=timeout, command_timeout=command_timeout, server_settings=settings
            )
        except CONNECTION_ERRORS:
            if number == len(urls):
                raise
        except asyncpg.PostgresError as error:
            if number == len(urls):
                raise ConnectionRefusedByDatabaseError(str(error)) from error
    raise AssertionError


def addresses(url: str) -> list[str]:
    """The address of each of the hosts that a URL names, such as `postgresql://laurels@db1,db2:5433/laurels`."""
    parts = urlsplit(url)
    login, at, hosts = parts.netloc.rpartition("@")
    if "," not in hosts:
        return [url]
    return [urlunsplit(parts._replace(netloc=f"{login}{at}{host}")) for host in hosts.split(",")]
