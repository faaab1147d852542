"""All that is stored of one person, table by table.

Rows are given as they are stored, so that nothing can be forgotten when a table gets another column; what names a
definition has its code beside it.
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


class _Section(Struct, frozen=True):
    """`shown` is a row as JSON, in SQL."""

    table: PeopleTable
    shown: str = "to_jsonb(r) - 'lane' - 'subject'"


_KEYS = _Section(
    PeopleTable(name="idempotency", section="idempotency_keys", key=(("operation", "text"), ("key", "text"))),
    "json_build_object('operation', r.operation, 'key', r.key, 'command_id', r.command_id,"
    " 'answer', convert_from(r.answer, 'UTF8')::json)",
)


def _sections(tables: AllTables) -> Iterator[_Section]:
    for table in tables.people:
        if table.name == "account" and tables.account_definition:
            yield _Section(replace(table, definition=f"r.{tables.account_definition}"))
        else:
            yield _Section(table)
    yield _KEYS


def table_names(tables: AllTables) -> frozenset[str]:
    """The tables with rows of people, all of which are exported."""
    return frozenset({*(section.table.name for section in _sections(tables)), "journal"})


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
    """The name of each kind of row with the person's rows as JSON, in parts of no more than PIECE_BYTES, unless a
    single row has more."""
    for section in _sections(tables):
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
    """Where in the journal pieces end that have no more than PIECE_BYTES, unless a single fact has."""
    total = 0
    for row, following in pairwise([*lengths, None]):
        total += row["length"]
        if following is None or total + following["length"] > PIECE_BYTES:
            yield row["seq"]
            total = 0


def _statement(section: _Section, *, is_first: bool) -> str:
    """The next rows, with how many there are among the next CHUNK_ROWS, `found`: those that would make the piece too
    long are left for the next statement."""
    table, code, join, following = section.table, "", "", ""
    if table.definition is not None:
        code = " || jsonb_build_object('code', d.code)"
        join = f"LEFT JOIN definition d ON d.id = {table.definition}"
    keys = [f"r.{name}" for name, _ in table.key]
    if not is_first:
        places = [f"${number}::{kind}" for number, (_, kind) in enumerate(table.key, 3)]
        following = f"AND ({', '.join(keys)}) > ({', '.join(places)})"
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
