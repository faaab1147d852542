"""The database's schema: migrating it and telling whether it is current."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

import asyncpg
import psycopg
import sqlalchemy
import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

from laurels.storage.postgres import revisions
from laurels.storage.postgres.database import (
    CONNECT_TIMEOUT_SECONDS,
    IS_WRITABLE,
    MAY_WRITE,
    READ_ONLY,
    DatabaseUnavailableError,
)
from laurels.storage.postgres.pools import Readers
from laurels.storage.postgres.revisions import SchemaError
from laurels.storage.schema import citus, partitions
from laurels.storage.tables import AllTables, OwnMigrations

log = structlog.get_logger("laurels.schema")

Result = TypeVar("Result")

LOCK_WAIT_SECONDS = 2
LOCK_PAUSE_SECONDS = 1.0
LOCK_ATTEMPTS = 1_000
LOCK_ERRORS = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)


VERSION_TABLE = "alembic_version"


def migrate(database_url: str, *, on_citus: AllTables | None = None, further: Sequence[OwnMigrations] = ()) -> str:
    """Brings the schema to the newest revision, makes the journal's coming partitions; returns the revision.

    `further` are the migrations of mechanics that have their own, `on_citus` the tables to distribute over a cluster,
    as far as they are not yet. Safe to run from several servers at once, also while others serve. A schema that a newer
    version has migrated stays as it is. Raises ConnectionError when the database cannot be reached, CitusError, before
    any change, when it cannot be distributed, SchemaError when it is not ours to migrate.
    """
    try:
        return _migrate(database_url, on_citus=on_citus, further=further)
    except sqlalchemy.exc.ProgrammingError as error:
        if isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
            refusal = str(error.orig).partition("\n")[0]
            raise SchemaError(f"The schema cannot be made ({refusal}): let the role own its database.") from error
        raise


def _migrate(database_url: str, *, on_citus: AllTables | None, further: Sequence[OwnMigrations]) -> str:
    try:
        connected = _engine(database_url).connect()
    except (sqlalchemy.exc.OperationalError, sqlalchemy.exc.ProgrammingError) as error:
        raise ConnectionError(" ".join(str(error.orig).split())) from error
    with connected as connection:
        _require_writable(connection)
        if on_citus:
            citus.require_cluster(connection)
        _wait_briefly_for_locks(connection)
        with _one_machine_after_another(connection, on_citus=bool(on_citus)):
            _upgrade(connection, revisions.VERSIONS, VERSION_TABLE)
            for own in further:
                _upgrade(connection, own.folder, _table_of(own))
        _patiently(connection, lambda: partitions.ensure(connection))
        if on_citus:
            _patiently(connection, lambda: citus.distribute(connection, on_citus))
        revision = MigrationContext.configure(connection).get_current_revision()
    return revision or ""


class PartitionUpkeep(NamedTuple):
    """The names of the partitions that were made ahead, and of those into which facts were moved that lay in none."""

    made: list[str]
    filled: list[str]


def keep_partitions(database_url: str) -> PartitionUpkeep:
    """Makes the journal's coming partitions, and some of the past for facts that lie in none; also for a schema that is
    newer than this version."""
    upkeep = PartitionUpkeep([], [])
    with _engine(database_url).connect() as connection:
        _wait_briefly_for_locks(connection)
        upkeep.made.extend(_patiently(connection, lambda: partitions.ensure(connection)))
        while filled := _patiently(connection, lambda: partitions.move_strays(connection)):
            upkeep.filled.append(filled)
        return upkeep


class SchemaState(NamedTuple):
    """The newest migration that the database has, and whether it takes writes. `further` has the newest one of each
    mechanic with its own migrations, by its name."""

    revision: str | None
    is_writable: bool
    further: dict[str, str | None]


async def state(readers: Readers, further: Sequence[OwnMigrations] = ()) -> SchemaState:
    rows = await _versions(readers, f"version_num, {IS_WRITABLE} AND {MAY_WRITE} AS is_writable", VERSION_TABLE)
    if not rows:
        return SchemaState(None, True, {})
    if not rows[0]["is_writable"]:
        # Sessions stay as they began; another one may meet the primary, or another default.
        readers.renew()
    of_mechanics = {own.name: await _versions(readers, "version_num", _table_of(own)) for own in further}
    revisions_ = {name: found[0]["version_num"] if found else None for name, found in of_mechanics.items()}
    return SchemaState(rows[0]["version_num"], rows[0]["is_writable"], revisions_)


async def _versions(readers: Readers, columns: str, table: str) -> list[asyncpg.Record]:
    """No row where nothing has been migrated yet."""
    try:
        return list(await readers.fetch(f"SELECT {columns} FROM {table}"))  # noqa: S608
    except DatabaseUnavailableError as error:
        if not isinstance(error.__cause__, asyncpg.UndefinedTableError):
            raise
        # Sessions keep the search_path with which they began.
        readers.renew()
        return []


def _table_of(own: OwnMigrations) -> str:
    return f"{VERSION_TABLE}_{own.name}"


def _upgrade(connection: sqlalchemy.Connection, folder: Path, version_table: str) -> None:
    """Runs the folder's migrations that are yet to be run."""
    if _has_all(connection, folder, version_table):
        return
    config = Config()
    config.set_main_option("script_location", str(revisions.MIGRATIONS))
    config.set_main_option("version_locations", str(folder))
    config.set_main_option("path_separator", "os")
    config.attributes |= {"connection": connection, "version_table": version_table}
    _patiently(connection, lambda: command.upgrade(config, "head"))


def _has_all(connection: sqlalchemy.Connection, folder: Path, version_table: str) -> bool:
    context = MigrationContext.configure(connection, opts={"version_table": version_table})
    stored = context.get_current_revision()
    connection.commit()
    if stored is None:
        return False
    age = revisions.age(stored, folder)
    if age == "unknown":
        raise revisions.unknown(stored)
    return age != "older"


def _engine(database_url: str) -> sqlalchemy.Engine:
    """The driver reads the address itself: SQLAlchemy does not know addresses of several hosts."""
    return sqlalchemy.create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(database_url, connect_timeout=CONNECT_TIMEOUT_SECONDS),
        poolclass=sqlalchemy.NullPool,
    )


def _require_writable(connection: sqlalchemy.Connection) -> None:
    if not connection.exec_driver_sql(f"SELECT {IS_WRITABLE}").scalar():
        raise ConnectionError(READ_ONLY)
    connection.commit()


def _wait_briefly_for_locks(connection: sqlalchemy.Connection) -> None:
    """Whoever waits for a table's lock makes all later ones wait behind: better to step back and try again."""
    connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_WAIT_SECONDS}s'")
    connection.commit()


@contextmanager
def _one_machine_after_another(connection: sqlalchemy.Connection, *, on_citus: bool) -> Iterator[None]:
    """Else Citus refuses to change a table that is on every machine after one that is spread over them."""
    if on_citus:
        connection.exec_driver_sql("SET citus.multi_shard_modify_mode = 'sequential'")
        connection.commit()
    yield
    if on_citus:
        connection.exec_driver_sql("RESET citus.multi_shard_modify_mode")
        connection.commit()


def _patiently(connection: sqlalchemy.Connection, work: Callable[[], Result]) -> Result:
    """Runs and commits it, again when others hold a table's lock for long, or hold one and wait for another of ours."""
    attempt = 1
    while True:
        try:
            result = work()
            connection.commit()
        except sqlalchemy.exc.OperationalError as error:
            connection.rollback()
            if not isinstance(error.orig, LOCK_ERRORS) or attempt == LOCK_ATTEMPTS:
                raise
            log.warning("waiting_for_lock", attempt=attempt)
            attempt += 1
            time.sleep(LOCK_PAUSE_SECONDS)
        else:
            return result
