"""The audit log: all changes by administrators with their actors, written in the transaction of the change.

The actor is a context variable during a request or a CLI command. A command of the engine runs in another context, and
so carries its actor itself.
"""

from collections.abc import AsyncGenerator, Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from laurels.kernel.commands import Actor
from laurels.storage.postgres.database import Connection, Fetches
from laurels.storage.postgres.ids import new_id
from laurels.storage.postgres.page_bounds import PageBounds
from laurels.storage.postgres.pieces import Piece, PiecedList, first_of, pieces

COMMAND_LINE = Actor(name="command line")

EntryPosition = tuple[UUID]

Action = Literal[
    "create",
    "change",
    "delete",
    "restore",
    "archive",
    "unarchive",
    "rotate",
    "revoke",
    "anonymize",
    "move_clock",
    "upload_codes",
    "revoke_codes",
    "revoke_badge",
    "fulfil_claim",
    "cancel_claim",
    "award_points",
    "deduct_points",
    "reverse_points",
    "hold_points",
    "capture_hold",
    "release_hold",
    "award_badge",
    "assign_tier",
    "record_streak",
    "record_event",
    "claim_reward",
    "join_challenge",
    "leave_challenge",
    "save_profile",
    "test",
    "resend",
]

_actor: ContextVar[Actor] = ContextVar("actor", default=COMMAND_LINE)


class AuditedChange(Struct, frozen=True, kw_only=True):
    """One change. `before` and `after` hold the changed fields, without API keys and personal data. `id` is the id of
    the command that made the change, if it was a command of the engine: the author of its facts is found by it."""

    id: str | None = None
    project_id: int
    action: Action
    kind: str
    object_id: str | None = None
    code: str | None = None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


class Logged(Struct, frozen=True, kw_only=True):
    id: str
    at: datetime
    key_id: str | None
    actor: str
    request_id: str | None
    action: Action
    kind: str
    object_id: str | None
    code: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class AuditFilters(Struct, frozen=True, kw_only=True):
    """A filter of entries; `since` is inclusive, `until` is exclusive."""

    action: str | None = None
    kind: str | None = None
    code: str | None = None
    key_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


NO_FILTERS = AuditFilters()


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Attributes all changes inside the context to this actor."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


def current_actor() -> Actor:
    return _actor.get()


_INSERT = """
INSERT INTO audit_log (id, project_id, at, key_id, actor, request_id, action, kind, object_id, code, before, after)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""


async def record(connection: Connection, done: AuditedChange, actor: Actor | None = None) -> None:
    """Adds an entry, in the open transaction of the change."""
    await record_all(connection, [(done, actor or current_actor())])


async def record_all(connection: Connection, changes: Iterable[tuple[AuditedChange, Actor]]) -> None:
    rows = [
        (
            done.id or new_id(),
            done.project_id,
            datetime.now(UTC),
            actor.key_id,
            actor.name,
            actor.request_id,
            done.action,
            done.kind,
            done.object_id,
            done.code,
            _json(done.before),
            _json(done.after),
        )
        for done, actor in changes
    ]
    await connection.executemany(_INSERT, rows)


def differences(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields that differ: their values before and after."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {name: before.get(name) for name in names}, {name: after.get(name) for name in names}


_FILTER = """
FROM audit_log WHERE project_id = $1 AND ($2::text IS NULL OR action = $2) AND ($3::text IS NULL OR kind = $3)
  AND ($4::text IS NULL OR code = $4) AND ($5::uuid IS NULL OR key_id = $5)
  AND at >= coalesce($6, '-infinity'::timestamptz) AND at < coalesce($7, 'infinity'::timestamptz)
"""

_PAGE = first_of(
    "id, at, key_id, actor, request_id, action, kind, object_id, code",
    ["before", "after"],
    f"""
    {_FILTER} AND id < coalesce($10::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') ORDER BY id DESC LIMIT $8 OFFSET $9
    """,
    "id DESC",
)
_REST = """
SELECT id, before::text AS before, after::text AS after FROM audit_log
WHERE project_id = $1 AND id = ANY ($2::uuid[])
"""


async def count(connection: Fetches, project_id: int, filters: AuditFilters) -> int:
    counted = await connection.fetch(
        f"SELECT count(*) AS total {_FILTER}", project_id, *msgspec.structs.astuple(filters)
    )
    total: int = counted[0]["total"]
    return total


def page(
    connection: Fetches, project_id: int, filters: AuditFilters, bounds: PageBounds
) -> AsyncGenerator[Piece[Logged], None]:
    """A page of entries in pieces, the latest first."""
    return pieces(connection, _LIST, (project_id, *msgspec.structs.astuple(filters)), bounds, (project_id,))


async def actors(connection: Fetches, command_ids: Collection[str]) -> dict[str, str]:
    """The authors of these commands, by command; commands without an entry are left out."""
    rows = await connection.fetch("SELECT id, actor FROM audit_log WHERE id = ANY ($1::uuid[])", [*command_ids])
    return {str(row["id"]): row["actor"] for row in rows}


def _entry(row: dict[str, Any]) -> Logged:
    named = {name: row[name] for name in Logged.__struct_fields__}
    key_id = None if row["key_id"] is None else str(row["key_id"])
    return Logged(
        **{
            **named,
            "id": str(row["id"]),
            "key_id": key_id,
            "before": _read(row["before"]),
            "after": _read(row["after"]),
        }
    )


_LIST = PiecedList(first=_PAGE, rest=_REST, position=("id",), item=_entry)


def _json(fields: dict[str, Any] | None) -> str | None:
    return None if fields is None else msgspec.json.encode(fields).decode()


def _read(text: str | None) -> dict[str, Any] | None:
    return None if text is None else msgspec.json.decode(text)
