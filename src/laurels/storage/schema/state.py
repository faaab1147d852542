"""The state of the database's schema: its revisions, and whether anything has to be changed.

Without the libraries that change it (storage/schema/migrate.py), which take 50 MB of memory.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import asyncpg

from laurels.storage.postgres import revisions
from laurels.storage.postgres.database import IS_WRITABLE, MAY_WRITE, Connection, DatabaseUnavailableError
from laurels.storage.postgres.pools import Readers
from laurels.storage.schema import months
from laurels.storage.tables import OwnMigrations

VERSION_TABLE = "alembic_version"

_PARTITIONS = "SELECT relname FROM pg_class WHERE relname = ANY ($1) AND pg_table_is_visible(oid)"
_HAS_STRAYS = "SELECT EXISTS (SELECT 1 FROM journal_default WHERE id < $1)"


class SchemaState(NamedTuple):
    """The newest migration of the database, and whether the database accepts writes. `further` has the newest migration
    of each mechanic with its own migrations, by the mechanic's name."""

    revision: str | None
    is_writable: bool
    further: dict[str, str | None]


async def read(readers: Readers, further: Sequence[OwnMigrations] = ()) -> SchemaState:
    rows = await _versions(readers, f"version_num, {IS_WRITABLE} AND {MAY_WRITE} AS is_writable", VERSION_TABLE)
    if not rows:
        return SchemaState(None, True, {})
    if not rows[0]["is_writable"]:
        # Sessions keep their server and settings; a new one may reach the primary, or have another default.
        readers.renew()
    rows_of_mechanics = {own.name: await _versions(readers, "version_num", table_of(own)) for own in further}
    further_revisions = {name: own[0]["version_num"] if own else None for name, own in rows_of_mechanics.items()}
    return SchemaState(rows[0]["version_num"], rows[0]["is_writable"], further_revisions)


async def is_complete(connection: Connection, further: Sequence[OwnMigrations]) -> bool:
    """Whether all migrations have run, and the partitions of the coming months exist. Raises errors of the database,
    such as UndefinedTableError for a new one."""
    if not await connection.fetchval(f"SELECT {IS_WRITABLE}"):
        return False
    for table, folder in ((VERSION_TABLE, revisions.VERSIONS), *((table_of(own), own.folder) for own in further)):
        stored = await connection.fetchval(f"SELECT version_num FROM {table}")  # noqa: S608
        if stored is None or revisions.age(stored, folder) not in ("current", "newer"):
            return False
    return await _has_partitions(connection)


async def needs_upkeep(connection: Connection) -> bool:
    """Whether partitions have to be created, or filled with facts from the default partition."""
    if not await _has_partitions(connection):
        return True
    return bool(await connection.fetchval(_HAS_STRAYS, months.first_id_at(months.LAST_MOMENT)))


def table_of(own: OwnMigrations) -> str:
    """The table with the newest migration of a mechanic."""
    return f"{VERSION_TABLE}_{own.name}"


async def _has_partitions(connection: Connection) -> bool:
    wanted = list(months.coming(datetime.now(UTC)))
    return len(await connection.fetch(_PARTITIONS, wanted)) == len(wanted)


async def _versions(readers: Readers, columns: str, table: str) -> list[asyncpg.Record]:
    """The row of a version table; empty if nothing has been migrated yet."""
    try:
        return list(await readers.fetch(f"SELECT {columns} FROM {table}"))  # noqa: S608
    except DatabaseUnavailableError as error:
        if not isinstance(error.__cause__, asyncpg.UndefinedTableError):
            raise
        # Sessions keep the search_path that they started with.
        readers.renew()
        return []
