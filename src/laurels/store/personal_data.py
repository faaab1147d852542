"""All that is stored of one person, table by table.

Rows are given as they are stored, so that nothing can be forgotten when a table gets another column; what names a
definition has its code beside it.
"""

from collections.abc import AsyncIterator, Iterator
from itertools import pairwise
from typing import Any

from msgspec import Raw, Struct

from laurels.store.database import Fetches
from laurels.store.pieces import PIECE_BYTES

CHUNK_FACTS = 1_000
CHUNK_KEYS = 200


class _Section(Struct, frozen=True):
    """`definition` is what tells, in SQL, the id of the definition that a row is about."""

    name: str
    table: str
    definition: str | None = None
    order: str = ""


_BOARD = "(SELECT g.definition_id FROM board_generation g WHERE g.id = r.generation)"

_SECTIONS = (
    _Section("participant", "participant"),
    _Section("account", "account", "r.tier_id"),
    _Section("tier_history", "tier_history", "r.tier_id", "r.seq"),
    _Section("badges", "earned_badge", "r.badge_id", "r.earned_at"),
    _Section("streaks", "streak_state", "r.streak_id"),
    _Section("challenges", "challenge_state", "r.challenge_id"),
    _Section("limits", "limit_use", "r.definition_id"),
    _Section("expiring_points", "point_lot", None, "r.expires_at"),
    _Section("holds", "hold", None, "r.id"),
    _Section("reversals", "reversal"),
    _Section("claims", "claim", "r.reward_id", "r.id"),
    _Section("scores", "standing", _BOARD, "r.generation, r.window_key"),
    _Section("ranks", "ticked_rank", _BOARD, "r.generation, r.window_key"),
)

TABLES = frozenset({section.table for section in _SECTIONS} | {"idempotency", "journal"})

_IDEMPOTENCY = f"""
SELECT operation, key,
       json_build_object('operation', operation, 'key', key, 'command_id', command_id,
                         'answer', convert_from(answer, 'UTF8')::json)::text AS row
FROM idempotency WHERE lane = $1 AND subject = $2 AND (operation, key) > ($3::text, $4::text)
ORDER BY operation, key LIMIT {CHUNK_KEYS}
"""  # noqa: S608

_LENGTHS = f"""
SELECT seq, octet_length(data::text) AS length FROM journal
WHERE lane = $1 AND subject = $2 AND seq > $3 ORDER BY seq LIMIT {CHUNK_FACTS}
"""  # noqa: S608

_JOURNAL = """
SELECT (to_jsonb(r) - 'lane' - 'subject')::text AS row FROM journal r
WHERE lane = $1 AND subject = $2 AND seq > $3 AND seq <= $4 ORDER BY seq
"""


async def sections(connection: Fetches, lane: int, subject: str) -> AsyncIterator[tuple[str, list[Raw]]]:
    """The name of each kind of row with the person's rows as JSON; those that may be many in several parts."""
    for section in _SECTIONS:
        yield section.name, _raws(await connection.fetch(_statement(section), lane, subject))
    after = ("", "")
    while True:
        keys = await connection.fetch(_IDEMPOTENCY, lane, subject, *after)
        yield "idempotency_keys", _raws(keys)
        if not keys:
            break
        after = keys[-1]["operation"], keys[-1]["key"]
    last = 0
    while lengths := await connection.fetch(_LENGTHS, lane, subject, last):
        for end in _ends(lengths):
            yield "facts", _raws(await connection.fetch(_JOURNAL, lane, subject, last, end))
            last = end


def _ends(lengths: list[Any]) -> Iterator[int]:
    """Where in the journal pieces end that have no more than PIECE_BYTES, unless a single fact has."""
    total = 0
    for row, following in pairwise([*lengths, None]):
        total += row["length"]
        if following is None or total + following["length"] > PIECE_BYTES:
            yield row["seq"]
            total = 0


def _statement(section: _Section) -> str:
    code = join = ""
    if section.definition is not None:
        code = " || jsonb_build_object('code', d.code)"
        join = f"LEFT JOIN definition d ON d.id = {section.definition}"
    order = f"ORDER BY {section.order}" if section.order else ""
    return f"""
    SELECT ((to_jsonb(r) - 'lane' - 'subject'){code})::text AS row FROM {section.table} r {join}
    WHERE r.lane = $1 AND r.subject = $2 {order}
    """  # noqa: S608


def _raws(rows: list[Any]) -> list[Raw]:
    return [Raw(row["row"]) for row in rows]
