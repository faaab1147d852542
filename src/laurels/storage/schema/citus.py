"""Spreading the tables over several machines with Citus, an extension of PostgreSQL: `laurels migrate --citus`.

Each mechanic declares the placement of its tables. Participants' rows are spread by lane, with all rows of a lane on
one machine; some tables are spread by another column. Tables that every machine needs for deciding and reading are
copied to all machines; the others stay on the first machine.
"""

import sqlalchemy
import structlog

from laurels.storage.postgres.revisions import SchemaError
from laurels.storage.tables import AllTables, Spread

log = structlog.get_logger("laurels.citus")

SHARDS = 53
"""The number of shards. Lanes are placed by their hash, so that some shards hold several lanes and others none. With 53
shards, the machine with the most lanes has 33 of the 64 lanes on two machines, 22 on three, 18 on four, 10 on eight;
with 64 shards it would have 39, 25, 25, 16."""


class CitusError(SchemaError):
    """The reason, as a sentence, why the database cannot be distributed. Nothing has been changed."""


def require_cluster(connection: sqlalchemy.Connection) -> None:
    """Raises CitusError if the database has no Citus or no workers."""
    has_citus = connection.exec_driver_sql("SELECT 1 FROM pg_extension WHERE extname = 'citus'").scalar()
    if not has_citus:
        raise CitusError(
            "This database has no Citus, so its tables stay on one machine. Install Citus on every machine, run"
            " CREATE EXTENSION citus in this database on each, add the workers, and repeat this command: see"
            " docs/scale.md."
        )
    workers = connection.exec_driver_sql("SELECT count(*) FROM pg_dist_node WHERE groupid > 0 AND isactive").scalar()
    if not workers:
        raise CitusError(
            "This database has Citus, but no workers: run SELECT citus_add_node('HOST', 5432) for each, and repeat this"
            " command."
        )


def distribute(connection: sqlalchemy.Connection, tables: AllTables) -> list[str]:
    """Distributes the tables that are not distributed yet, in the open transaction; returns their names.

    Rows that are there move along, while writers wait. Safe to run again, and from several servers at once.
    """
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(5217, 3)")
    distributed = {
        name for (name,) in connection.exec_driver_sql("SELECT logicalrelid::regclass::text FROM pg_dist_partition")
    }
    _drop_foreign_keys(connection, tables.everywhere)
    changed = [name for name in tables.everywhere if _make_reference(connection, name)]
    for spread in (Spread(column="lane", tables=tables.by_lane), *tables.apart):
        for table, column in spread.numbered:
            if table not in distributed:
                connection.exec_driver_sql(f"ALTER TABLE {table} ALTER COLUMN {column} DROP IDENTITY IF EXISTS")
        for table in spread.tables:
            if table not in distributed:
                _spread(connection, table, spread.column, spread.tables[0])
                changed.append(table)
    if changed:
        log.info("tables_distributed", names=changed)
    return changed


def _drop_foreign_keys(connection: sqlalchemy.Connection, tables: tuple[str, ...]) -> None:
    """Removes the foreign keys among tables that are on all machines.

    Citus allows one transaction at a time to write to such a table, and then locks the tables that it references: a job
    that begins with a board's generation and an edit that begins with its project would wait for each other.
    """
    foreign_keys = connection.exec_driver_sql(
        """
        SELECT conrelid::regclass::text, conname FROM pg_constraint
        WHERE contype = 'f' AND conrelid = ANY (%s::regclass[]) AND confrelid = ANY (%s::regclass[])
        """,
        (list(tables), list(tables)),
    )
    for table, name in foreign_keys.all():
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


def _make_reference(connection: sqlalchemy.Connection, table: str) -> bool:
    """Copies the table to every machine; returns False if this was done before."""
    is_reference = connection.exec_driver_sql(
        "SELECT partmethod = 'n' AND repmodel = 't' FROM pg_dist_partition WHERE logicalrelid = %s::regclass", (table,)
    ).scalar()
    if is_reference:
        return False
    connection.exec_driver_sql("SELECT create_reference_table(%s)", (table,))
    return True


def _spread(connection: sqlalchemy.Connection, table: str, column: str, beside: str) -> None:
    if table == beside:
        connection.exec_driver_sql(
            "SELECT create_distributed_table(%s, %s, colocate_with => 'none', shard_count => %s)",
            (table, column, SHARDS),
        )
    else:
        connection.exec_driver_sql(
            "SELECT create_distributed_table(%s, %s, colocate_with => %s)", (table, column, beside)
        )
