"""Migrating the database's schema, and the upkeep of the journal's partitions."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

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
    READ_ONLY,
)
from laurels.storage.postgres.revisions import SchemaError
from laurels.storage.schema import citus, partitions
from laurels.storage.schema.state import VERSION_TABLE, table_of
from laurels.storage.tables import AllTables, OwnMigrations

log = structlog.get_logger("laurels.schema")

Result = TypeVar("Result")

LOCK_WAIT_SECONDS = 2
LOCK_PAUSE_SECONDS = 1.0
LOCK_ATTEMPTS = 1_000
LOCK_ERRORS = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)


def migrate(database_url: str, *, on_citus: AllTables | None = None, further: Sequence[OwnMigrations] = ()) -> str:
    """Migrates the schema to the newest revision and creates the journal's coming partitions; returns the revision.

    `further` are the migrations of mechanics that have their own, `on_citus` the tables to distribute over a cluster,
    if they are not yet distributed. Safe to run from several servers at once, also while others serve. A schema
    migrated by a newer version stays as it is. Raises ConnectionError if the database cannot be reached, CitusError,
    before any change, if it cannot be distributed, and SchemaError if it cannot be migrated.
    """
    try:
        return _migrate(database_url, on_citus=on_citus, further=further)
    except sqlalchemy.exc.ProgrammingError as error:
        if isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
            refusal = str(error.orig).partition("\n")[0]
            raise SchemaError(
                f"The schema cannot be created ({refusal}): make the role the owner of its database."
            ) from error
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
                _upgrade(connection, own.folder, table_of(own))
        _patiently(connection, lambda: partitions.ensure(connection))
        if on_citus:
            _patiently(connection, lambda: citus.distribute(connection, on_citus))
        revision = MigrationContext.configure(connection).get_current_revision()
    return revision or ""


class PartitionUpkeep(NamedTuple):
    """The names of the partitions created ahead, and of partitions filled with facts from the default partition."""

    made: list[str]
    filled: list[str]


def keep_partitions(database_url: str) -> PartitionUpkeep:
    """Creates the journal's coming partitions, and past partitions for facts that are in the default partition; also in
    a schema that is newer than this version."""
    upkeep = PartitionUpkeep([], [])
    with _engine(database_url).connect() as connection:
        _wait_briefly_for_locks(connection)
        upkeep.made.extend(_patiently(connection, lambda: partitions.ensure(connection)))
        while filled := _patiently(connection, lambda: partitions.move_strays(connection)):
            upkeep.filled.append(filled)
        return upkeep


def _upgrade(connection: sqlalchemy.Connection, folder: Path, version_table: str) -> None:
    """Runs the folder's pending migrations."""
    if _has_all(connection, folder, version_table):
        return
    config = Config()
    config.set_main_option("script_location", str(revisions.MIGRATIONS))
    config.set_main_option("version_locations", str(folder))
    config.set_main_option("recursive_version_locations", "true")
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
    """An engine whose driver parses the URL itself, as SQLAlchemy does not support URLs with several hosts."""
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
    """Limits the wait for a table's lock: all later statements on the table queue behind it, so giving up and trying
    again is better."""
    connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_WAIT_SECONDS}s'")
    connection.commit()


@contextmanager
def _one_machine_after_another(connection: sqlalchemy.Connection, *, on_citus: bool) -> Iterator[None]:
    """Makes Citus change one machine after another: otherwise it refuses to change a table that is on every machine
    after a spread table."""
    if on_citus:
        connection.exec_driver_sql("SET citus.multi_shard_modify_mode = 'sequential'")
        connection.commit()
    yield
    if on_citus:
        connection.exec_driver_sql("RESET citus.multi_shard_modify_mode")
        connection.commit()


def _patiently(connection: sqlalchemy.Connection, work: Callable[[], Result]) -> Result:
    """Runs and commits `work`, and repeats it if a lock is held for too long or there is a deadlock."""
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
