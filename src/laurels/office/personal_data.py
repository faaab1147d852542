"""All stored data of one participant, table by table.

Rows are exported as they are stored, so that a new column of a table is never forgotten. Rows with the id of a
definition get its code as well.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

from msgspec import Raw, Struct

from laurels.storage.postgres.database import Fetches
from laurels.storage.postgres.pieces import PIECE_BYTES
from laurels.storage.tables import AllTables, PeopleTable

CHUNK_FACTS = 1_000
CHUNK_ROWS = 100


class _ExportedTable(Struct, frozen=True):
    """A table of the export. `shown` is the SQL expression of a row as JSON."""

    table: PeopleTable
    shown: str = "to_jsonb(r) - 'lane' - 'subject'"


_KEYS = _ExportedTable(
    PeopleTable(name="idempotency", section="idempotency_keys", key=(("operation", "text"), ("key", "text"))),
    "json_build_object('operation', r.operation, 'key', r.key, 'command_id', r.command_id,"
    " 'answer', convert_from(r.answer, 'UTF8')::json)",
)


def _exported_tables(tables: AllTables) -> Iterator[_ExportedTable]:
    for table in tables.people:
        if table.name == "account" and tables.account_definition:
            yield _ExportedTable(replace(table, definition=f"r.{tables.account_definition}"))
        else:
            left_out = ("lane", "subject", *table.unshown)
            yield _ExportedTable(table, " - ".join(["to_jsonb(r)", *(f"'{name}'" for name in left_out)]))
    yield _KEYS


def table_names(tables: AllTables) -> frozenset[str]:
    """The tables with rows of participants. All of them are exported."""
    return frozenset({*(section.table.name for section in _exported_tables(tables)), "journal"})


_LENGTHS = f"""
SELECT seq, octet_length(data::text) AS length FROM journal
WHERE lane = $1 AND subject = $2 AND seq > $3 ORDER BY seq LIMIT {CHUNK_FACTS}
"""  # noqa: S608

_JOURNAL = """
SELECT (to_jsonb(r) - 'lane' - 'subject')::text AS json FROM journal r
WHERE lane = $1 AND subject = $2 AND seq > $3 AND seq <= $4 ORDER BY seq
"""


async def sections(
    connection: Fetches, tables: AllTables, lane: int, subject: str
) -> AsyncIterator[tuple[str, list[Raw]]]:
    """The name of each kind of row, with rows of the participant as JSON, in pieces of up to PIECE_BYTES. A single
    longer row is a piece by itself."""
    for section in _exported_tables(tables):
        table = section.table
        after: tuple[Any, ...] | None = ()
        while after is not None:
            rows = await connection.fetch(_statement(section, is_first=not after), lane, subject, *after)
            yield table.section, [Raw(row["json"]) for row in rows]
            has_more = bool(rows) and (len(rows) < rows[0]["found"] or len(rows) == CHUNK_ROWS)
            after = tuple(rows[-1][name] for name, _ in table.key) if has_more and table.key else None
    last = 0
    while lengths := await connection.fetch(_LENGTHS, lane, subject, last):
        for end in _ends(lengths):
            facts = await connection.fetch(_JOURNAL, lane, subject, last, end)
            yield "facts", [Raw(row["json"]) for row in facts]
            last = end


def _ends(lengths: list[Any]) -> Iterator[int]:
    """The last fact of each piece of the journal. Pieces have up to PIECE_BYTES; a single longer fact is a piece by
    itself."""
    total = 0
    for row, following in pairwise([*lengths, None]):
        total += row["length"]
        if following is None or total + following["length"] > PIECE_BYTES:
            yield row["seq"]
            total = 0


def _statement(section: _ExportedTable, *, is_first: bool) -> str:
    """The statement that reads the next rows, up to CHUNK_ROWS. Rows that would make the piece too long are left for
    the next statement; the column `found` counts them as well."""
    table, code, join, following = section.table, "", "", ""
    if table.definition is not None:
        code = " || jsonb_build_object('code', d.code)"
        join = f"LEFT JOIN definition d ON d.id = {table.definition}"
    keys = [f"r.{name}" for name, _ in table.key]
    if not is_first:
        placeholders = [f"${number}::{kind}" for number, (_, kind) in enumerate(table.key, 3)]
        following = f"AND ({', '.join(keys)}) > ({', '.join(placeholders)})"
    order = f"ORDER BY {', '.join(name for name, _ in table.key)}" if keys else ""
    return f"""
    SELECT * FROM (
        SELECT *, count(*) OVER () AS found, row_number() OVER ({order}) = 1
            OR sum(octet_length(json)) OVER ({order}) <= {PIECE_BYTES} AS fits
        FROM (
            SELECT {", ".join([f"(({section.shown}){code})::text AS json", *keys])} FROM {table.name} r {join}
            WHERE r.lane = $1 AND r.subject = $2 {following} {f"ORDER BY {', '.join(keys)}" if keys else ""}
            LIMIT {CHUNK_ROWS}
        ) AS next
    ) AS weighed WHERE fits {order}
    """  # noqa: S608
