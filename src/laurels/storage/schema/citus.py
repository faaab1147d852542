"""Spreading the tables over several machines with Citus, an extension of PostgreSQL: `laurels migrate --citus`.

Each mechanic says how its tables are placed. What belongs to people is spread by lane, and all of one lane lies on one
machine; some tables are spread by another column. What every machine needs to decide and to read is on each of them;
the rest stays where it is.
"""

import sqlalchemy
import structlog

from laurels.storage.tables import AllTables, Spread

log = structlog.get_logger("laurels.citus")

SHARDS = 53
"""Lanes are placed by their hash, so that some shards hold several and some none. With this number the machine
with most has 33 of the 64 lanes where there are two, 22 of three, 18 of four, 10 of eight; with 64 shards it would have
39, 25, 25, 16."""


class CitusError(Exception):
    """The database cannot be distributed as it is, in a sentence. Nothing has been changed."""


def require_cluster(connection: sqlalchemy.Connection) -> None:
    """Raises CitusError where there is nothing to distribute over."""
    has_citus = connection.exec_driver_sql("SELECT 1 FROM pg_extension WHERE extname = 'citus'").scalar()
    if not has_citus:
        raise CitusError(
            "This database has no Citus, so its tables stay on one machine. Install Citus on every machine, run"
            " CREATE EXTENSION citus in this database on each, add the workers, and run this again: see docs/scale.md."
        )
    workers = connection.exec_driver_sql("SELECT count(*) FROM pg_dist_node WHERE groupid > 0 AND isactive").scalar()
    if not workers:
        raise CitusError(
            "This database has Citus, but no workers: SELECT citus_add_node('HOST', 5432) for each, and run this again."
        )


def distribute(connection: sqlalchemy.Connection, tables: AllTables) -> list[str]:
    """Distributes those of the tables that are not yet, in the open transaction; returns their names.

    Rows that are there move along, while writers wait. Safe to run again, and from several servers at once.
    """
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(5217, 3)")
    done = {
        name for (name,) in connection.exec_driver_sql("SELECT logicalrelid::regclass::text FROM pg_dist_partition")
    }
    _part(connection, tables.everywhere)
    made = [name for name in tables.everywhere if _make_reference(connection, name)]
    for spread in (Spread(column="lane", tables=tables.by_lane), *tables.apart):
        for table, column in spread.numbered:
            if table not in done:
                connection.exec_driver_sql(f"ALTER TABLE {table} ALTER COLUMN {column} DROP IDENTITY IF EXISTS")
        for table in spread.tables:
            if table not in done:
                _spread(connection, table, spread.column, spread.tables[0])
                made.append(table)
    if made:
        log.info("tables_distributed", names=made)
    return made


def _part(connection: sqlalchemy.Connection, tables: tuple[str, ...]) -> None:
    """Removes the foreign keys among tables that are everywhere.

    Citus lets one transaction at a time write to such a table, and locks those that it refers to after it: a job that
    begins with a board's generation and an edit that begins with its project would wait for each other.
    """
    found = connection.exec_driver_sql(
        """
        SELECT conrelid::regclass::text, conname FROM pg_constraint
        WHERE contype = 'f' AND conrelid = ANY (%s::regclass[]) AND confrelid = ANY (%s::regclass[])
        """,
        (list(tables), list(tables)),
    )
    for table, name in found.all():
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


def _make_reference(connection: sqlalchemy.Connection, table: str) -> bool:
    """Puts the table on every machine; False if it is there."""
    kind = connection.exec_driver_sql(
        "SELECT partmethod = 'n' AND repmodel = 't' FROM pg_dist_partition WHERE logicalrelid = %s::regclass", (table,)
    ).scalar()
    if kind:
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
