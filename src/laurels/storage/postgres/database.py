"""Connections to PostgreSQL, and the meaning of its errors."""

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


READ_ONLY = "The database is read-only: it is a standby, or configured so"
IS_WRITABLE = "NOT pg_is_in_recovery() AND NOT current_setting('transaction_read_only')::boolean"
"""SQL for whether the database accepts writes: it is neither a standby nor configured as read-only."""
MAY_WRITE = """
coalesce(has_table_privilege(to_regclass('journal'), 'INSERT')
         AND has_table_privilege(to_regclass('account'), 'INSERT, UPDATE'), false)
"""
"""SQL for whether the role may write to the tables in its search_path; false if there are none."""

CONNECT_TIMEOUT_SECONDS = 5
HOST_TIMEOUT_SECONDS = 2
"""Per host, where there are several."""
STATEMENT_TIMEOUT_SECONDS = 30

# Requests find all rows by key, so one generic plan with nested loops over indexes suits all of them, and a plan made
# while a table was empty does not scan the table after it has grown. (A join order chosen for an empty table is wrong
# for a large one: the engine has its plans replaced now and then, and reads get new plans after autovacuum's ANALYZE.)
KEYED_PLANS = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
}
# Citus hides the shards of its tables with a function called for every catalogue row, so that the driver's catalogue
# queries would take seconds. PostgreSQL without Citus accepts any setting whose name has a dot.
_WHOLE_CATALOGUES = {"citus.override_table_visibility": "off"}
# Each kind of connection sets its own lock timeout, independent of the database's default, so that an expired
# `lock_timeout` always means a row or a table locked by another session.
#
# A batch waits only for rows that people share, whose locks are short. A transaction of a hanging server must not keep
# its locks for long.
WRITER_SETTINGS = {
    **KEYED_PLANS,
    **_WHOLE_CATALOGUES,
    "application_name": "laurels writer",
    "lock_timeout": "250ms",
    "idle_in_transaction_session_timeout": "5s",
}
# Reads wait only for tables that a migration is changing.
READER_SETTINGS = {**KEYED_PLANS, **_WHOLE_CATALOGUES, "application_name": "laurels reader", "lock_timeout": "10s"}
EDIT_SETTINGS = {
    **KEYED_PLANS,
    **_WHOLE_CATALOGUES,
    "application_name": "laurels edits",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "5s",
}
# Citus finds the machine that has the rows by the arguments, so each execution has to be planned.
ON_CITUS = {"plan_cache_mode": "force_custom_plan"}
# A separate plan for each execution, as jobs work on tables of every size.
JOB_SETTINGS = {
    **_WHOLE_CATALOGUES,
    "application_name": "laurels jobs",
    "lock_timeout": "2s",
    "plan_cache_mode": "force_custom_plan",
    "jit": "off",
    "idle_in_transaction_session_timeout": "60s",
}
COMMAND_SETTINGS = {**_WHOLE_CATALOGUES, "application_name": "laurels command", "lock_timeout": "30s"}
# A read of a large part of a table is planned for its arguments, and may use two cores.
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
    """PostgreSQL refused the connection. Whatever the reason, the database is unavailable to us for as long as it
    lasts."""


CONNECTION_ERRORS = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # raised by a COPY whose connection breaks
    asyncpg.OperatorInterventionError,  # shutting down, starting, recovering; a statement that took too long
    asyncpg.ReadOnlySQLTransactionError,  # a standby, or a primary that has become one
    asyncpg.TooManyConnectionsError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.ObjectInUseError,  # the database is being dropped, renamed or cloned
    asyncpg.InvalidCatalogNameError,  # between the two steps of a restore
    asyncpg.UndefinedTableError,  # the search_path of the role or the database was changed
    asyncpg.InvalidSchemaNameError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.TransactionTimeoutError,
)
"""The database is unavailable: it does not respond, accepts no writes or no connections, or has closed ours. A new
connection, perhaps to another host, may succeed."""

REFUSALS = (
    ConnectionRefusedByDatabaseError,
    asyncpg.InvalidAuthorizationSpecificationError,  # the role or its password
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.TooManyConnectionsError,
)
"""The database refuses our connections or statements, and an operator has to change something."""

TRANSIENT_ERRORS = (
    *CONNECTION_ERRORS,
    asyncpg.TransactionRollbackError,
    asyncpg.InsufficientResourcesError,
    # A migration changed a table after our statements were prepared.
    asyncpg.InvalidCachedStatementError,
    asyncpg.OutdatedSchemaCacheError,
)
"""Errors after which the same batch can succeed when it is run again."""


class DatabaseUnavailableError(Exception):
    """The database could not be reached, or did not finish in time. Nothing is known to have changed."""


class LockedError(Exception):
    """Another session held a needed lock for longer than the lock timeout. Nothing was changed."""


class ReadsCrowdedError(Exception):
    """The caller's key has too many reads running and waiting, or they waited for too long."""


class SurveyTooLongError(Exception):
    """A read of many rows exceeded its time limit."""


async def connect_writer(url: str, *, on_citus: bool = False) -> Connection:
    """A connection for batches. Raises CONNECTION_ERRORS, also if the database accepts no writes."""
    settings = WRITER_SETTINGS | (ON_CITUS if on_citus else {})
    connection = await connect(url, settings, command_timeout=STATEMENT_TIMEOUT_SECONDS)
    try:
        is_writable, may_write = await connection.fetchrow(f"SELECT {IS_WRITABLE}, {MAY_WRITE}") or (False, False)
        if not is_writable:
            raise ConnectionRefusedByDatabaseError(READ_ONLY)
        if not may_write:
            raise ConnectionRefusedByDatabaseError("The role may not write, or its search_path has no schema")
        # The driver looks up each type on first use, which is slow. This does so once, before any request waits.
        await connection.prepare(_ARRAYS)
    except BaseException:
        connection.terminate()
        raise
    return connection


async def connect_job(url: str) -> Connection:
    """A connection for work in the background."""
    return await connect(url, JOB_SETTINGS)


_SET_LOCALLY = """
SELECT set_config(name, value, true) FROM unnest($1::text[], $2::text[]) AS setting (name, value)
WHERE NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')
"""


async def plan_as_batches(connection: Connection) -> None:
    """Lets the open transaction of a job plan its statements as batches do, for any arguments; on Citus, each execution
    is planned. Statistics do not know a lane that a job is filling: planned for its arguments, a statement would expect
    no rows in the lane, and compare all of them with each new one."""
    await connection.execute(_SET_LOCALLY, list(KEYED_PLANS), list(KEYED_PLANS.values()))


async def forget_plans(connection: Connection) -> None:
    """Lets statements be planned again for the sizes that the tables have now. A plan for an empty table would compare
    all of its later rows with each row of a join."""
    await connection.execute("DISCARD PLANS")


async def connect_one(url: str) -> Connection:
    """A connection for a CLI command. Raises SchemaError if this version cannot work with the schema, and
    UndefinedTableError if there is none."""
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
    """Connects to the first host that accepts the connection and matches `target_session_attrs`. The driver's own
    search would have one timeout for all hosts, which a dead machine uses up, and would stop at the first refusal."""
    urls = addresses(url)
    timeout = CONNECT_TIMEOUT_SECONDS if len(urls) == 1 else HOST_TIMEOUT_SECONDS
    for number, host_url in enumerate(urls, 1):
        try:
            return await asyncpg.connect(
                host_url, timeout=timeout, command_timeout=command_timeout, server_settings=settings
            )
        except CONNECTION_ERRORS:
            if number == len(urls):
                raise
        except asyncpg.PostgresError as error:
            if number == len(urls):
                raise ConnectionRefusedByDatabaseError(str(error)) from error
    raise AssertionError


def addresses(url: str) -> list[str]:
    """The URL for each host of a URL with several, such as `postgresql://laurels@db1,db2:5433/laurels`."""
    parts = urlsplit(url)
    login, at, hosts = parts.netloc.rpartition("@")
    if "," not in hosts:
        return [url]
    return [urlunsplit(parts._replace(netloc=f"{login}{at}{host}")) for host in hosts.split(",")]
