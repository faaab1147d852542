"""The listeners of a project: its feed, once somebody has read it, and webhooks. Each names the types of events that it
listens to.

A change of the listeners is a new version of the project's definitions. So every server notices it with the next batch,
and the version in the journal shows which facts were announced.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from laurels.kernel.feed import EVERY_TYPE
from laurels.storage import alarms, definitions
from laurels.storage.office import audit
from laurels.storage.office.audit import AuditedChange
from laurels.storage.postgres.database import Connection

FEED = "feed"
"""The name of the listener that stands for readers of the feed."""

_ADD = """
INSERT INTO feed_listener AS old (project_id, name, types, since_version, used_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (project_id, name) DO UPDATE
SET types = excluded.types, since_version = excluded.since_version WHERE old.types <> excluded.types
RETURNING true
"""

_COLLECT = """
UPDATE project SET listened_types = coalesce(
    (SELECT array_agg(DISTINCT type ORDER BY type) FROM feed_listener, unnest(types) AS type WHERE project_id = $1),
    '{}')
WHERE id = $1
"""


async def listen(connection: Connection, project_id: int, name: str, types: Iterable[str]) -> bool:
    """Adds a listener or changes its types, in an open transaction; False if nothing changes. Every command that is
    sent after the commit is announced."""
    version = await definitions.lock(connection, project_id)
    changed = await connection.fetchval(_ADD, project_id, name, sorted(set(types)), version, datetime.now(UTC))
    await connection.execute(_COLLECT, project_id)
    if changed is not None:
        await alarms.begin_filling(connection, project_id)
    return changed is not None


async def begin_feed(connection: Connection, project_id: int) -> None:
    """Begins the feed of the project with an entry in the audit log, in an open transaction."""
    if await listen(connection, project_id, FEED, [EVERY_TYPE]):
        change = AuditedChange(project_id=project_id, action="create", kind="feed", after={"types": [EVERY_TYPE]})
        await audit.record(connection, change)


async def stop(connection: Connection, project_id: int, name: str) -> None:
    """Removes a listener, in an open transaction."""
    await definitions.lock(connection, project_id)
    await connection.execute("DELETE FROM feed_listener WHERE project_id = $1 AND name = $2", project_id, name)
    await connection.execute(_COLLECT, project_id)


async def listens(connection: Connection, project_id: int, type_: str) -> bool:
    """Whether some listener of the project listens to events of this type."""
    statement = "SELECT listened_types && ARRAY['*', $2] FROM project WHERE id = $1"
    return bool(await connection.fetchval(statement, project_id, type_))


async def note_use(connection: Connection, project_id: int, name: str) -> None:
    """Notes that the listener is in use."""
    statement = "UPDATE feed_listener SET used_at = $3 WHERE project_id = $1 AND name = $2"
    await connection.execute(statement, project_id, name, datetime.now(UTC))


async def unused_since(connection: Connection, cutoff: datetime) -> list[int]:
    """The projects whose feed nobody has read since then."""
    statement = "SELECT project_id FROM feed_listener WHERE name = $1 AND used_at < $2 ORDER BY project_id"
    return [row["project_id"] for row in await connection.fetch(statement, FEED, cutoff)]
