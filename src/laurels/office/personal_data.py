"""All that is stored of one person, table by table.

Rows are given as they are stored, so that nothing can be forgotten when a table gets another column; what names a
definition has its code beside it.
"""

from collections.abc import AsyncIterator, Iterator
from itertools import pairwise
from typing import Any

from msgspec import Raw, Struct

from laurels.storage.database import Fetches
from laurels.storage.pieces import PIECE_BYTES

CHUNK_FACTS = 1_000
CHUNK_ROWS = 100


class _Section(Struct, frozen=True):
    """`key` tells a person's rows from each other and gives their order, each column with its type. `definition` tells,
    in SQL, the id of the definition that a row is about. `shown` is the row as JSON, in SQL."""

    name: str
    table: str
    key: dict[str, str] = {}
    definition: str | None = None
    shown: str = "to_jsonb(r) - 'lane' - 'subject'"


_BOARD = "(SELECT g.definition_id FROM board_generation g WHERE g.id = r.generation)"
_WINDOW = {"generation": "integer", "window_key": "integer"}
_ANSWER = (
    "json_build_object('operation', r.operation, 'key', r.key, 'command_id', r.command_id,"
    " 'answer', convert_from(r.answer, 'UTF8')::json)"
)

_SECTIONS = (
    _Section("participant", "participant"),
    _Section("account", "account", {}, "r.tier_id"),
    _Section("tier_history", "tier_history", {"seq": "bigint"}, "r.tier_id"),
    _Section("badges", "earned_badge", {"earned_at": "timestamptz", "badge_id": "uuid"}, "r.badge_id"),
    _Section("streaks", "streak_state", {"streak_id": "uuid"}, "r.streak_id"),
    _Section("challenges", "challenge_state", {"challenge_id": "uuid"}, "r.challenge_id"),
    _Section("limits", "limit_use", {"definition_id": "uuid", "window_key": "integer"}, "r.definition_id"),
    _Section("expiring_points", "point_lot", {"expires_at": "timestamptz"}),
    _Section("holds", "hold", {"id": "uuid"}),
    _Section("reversals", "reversal", {"transaction_id": "uuid"}),
    _Section("claims", "claim", {"id": "uuid"}, "r.reward_id"),
    _Section("scores", "standing", _WINDOW, _BOARD),
    _Section("ranks", "ticked_rank", _WINDOW, _BOARD),
    _Section("idempotency_keys", "idempotency", {"operation": "text", "key": "text"}, shown=_ANSWER),
)

TABLES = frozenset({section.table for section in _SECTIONS} | {"journal"})

_LENGTHS = f"""
SELECT seq, octet_length(data::text) AS length FROM journal
WHERE lane = $1 AND subject = $2 AND seq > $3 ORDER BY seq LIMIT {CHUNK_FACTS}
"""  # noqa: S608

_JOURNAL = """
SELECT (to_jsonb(r) - 'lane' - 'subject')::text AS json FROM journal r
WHERE lane = $1 AND subject = $2 AND seq > $3 AND seq <= $4 ORDER BY seq
"""


async def sections(connection: Fetches, lane: int, subject: str) -> AsyncIterator[tuple[str, list[Raw]]]:
    """The name of each kind of row with the person's rows as JSON, in parts of no more than PIECE_BYTES, unless a
    single row has more."""
    for section in _SECTIONS:
        after: tuple[Any, ...] | None = ()
        while after is not None:
            rows = await connection.fetch(_statement(section, is_first=not after), lane, subject, *after)
            yield section.name, [Raw(row["json"]) for row in rows]
            has_more = bool(rows) and (len(rows) < rows[0]["found"] or len(rows) == CHUNK_ROWS)
            after = tuple(rows[-1][name] for name in section.key) if has_more and section.key else None
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
    code = join = following = ""
    if section.definition is not None:
        code = " || jsonb_build_object('code', d.code)"
        join = f"LEFT JOIN definition d ON d.id = {section.definition}"
    keys = [f"r.{name}" for name in section.key]
    if not is_first:
        places = [f"${number}::{kind}" for number, kind in enumerate(section.key.values(), 3)]
        following = f"AND ({', '.join(keys)}) > ({', '.join(places)})"
    order = f"ORDER BY {', '.join(section.key)}" if keys else ""
    return f"""
    SELECT * FROM (
        SELECT *, count(*) OVER () AS found, row_number() OVER ({order}) = 1
            OR sum(octet_length(json)) OVER ({order}) <= {PIECE_BYTES} AS fits
        FROM (
            SELECT {", ".join([f"(({section.shown}){code})::text AS json", *keys])} FROM {section.table} r {join}
            WHERE r.lane = $1 AND r.subject = $2 {following} {f"ORDER BY {', '.join(keys)}" if keys else ""}
            LIMIT {CHUNK_ROWS}
        ) AS next
    ) AS weighed WHERE fits {order}
    """  # noqa: S608
