"""The check of the feed: every fact that a project listens to has one event, as far as events are kept."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

from laurels.kernel.feed import EVERY_TYPE
from laurels.kernel.game import Game
from laurels.storage.checking.invariants import FETCH_ROWS, Finding
from laurels.storage.postgres.database import Connection
from laurels.storage.schema import months

ONCE = "every fact that a project listens to is in the feed once"

MARGIN = timedelta(hours=1)
"""The time between a fact and its position in the feed, at most, and the difference between clocks."""

_LISTENERS = "SELECT project_id, types, since_version FROM feed_listener"

# The first events that are kept; without any, facts of this moment.
_OLDEST = """
SELECT p.feed_floor AS floor, (
    SELECT e.numbered_at FROM feed_event e WHERE e.project_id = p.id ORDER BY e.position LIMIT 1
) AS numbered_at
FROM project p WHERE p.id = $1
"""

_MISSING = """
WITH wanted AS (
    SELECT * FROM unnest($2::text[], $3::integer[]) AS wanted (kind, since_version)
), present AS (
    SELECT id FROM feed_event WHERE project_id = $1 UNION ALL SELECT id FROM outbox WHERE project_id = $1
)
SELECT j.id, j.kind, j.seq FROM journal j
JOIN wanted ON wanted.kind = j.kind AND j.definitions_version >= wanted.since_version
WHERE j.project_id = $1 AND j.id >= $4 AND NOT EXISTS (SELECT FROM present WHERE present.id = j.id)
ORDER BY j.id
"""

_TWICE = """
SELECT id, count(*) AS times FROM (
    SELECT id FROM feed_event WHERE project_id = $1 UNION ALL SELECT id FROM outbox WHERE project_id = $1
) AS present GROUP BY id HAVING count(*) > 1 ORDER BY id
"""


async def check(connection: Connection, game: Game) -> Finding:
    """Compares the events of all projects with the journal."""
    finding = Finding(ONCE)
    for project_id, since in (await _kinds_of_projects(connection, game)).items():
        first_id = await _first_id(connection, project_id)
        arguments = (project_id, list(since), list(since.values()), first_id)
        async for row in connection.cursor(_MISSING, *arguments, prefetch=FETCH_ROWS):
            finding.add(f"{row['id']}: fact {row['seq']}, {row['kind']}, has no event")
        async for row in connection.cursor(_TWICE, project_id, prefetch=FETCH_ROWS):
            finding.add(f"{row['id']}: the event is there {row['times']} times")
    return finding


async def _kinds_of_projects(connection: Connection, game: Game) -> dict[int, dict[str, int]]:
    """For each project with listeners, the kinds of facts whose events it has, each with the first version of the
    definitions by which they are announced. A kind with several types of events counts if all of them are listened
    to."""
    by_type: dict[int, dict[str, int]] = defaultdict(dict)
    for row in await connection.fetch(_LISTENERS):
        since = by_type[row["project_id"]]
        for name in game.feed if EVERY_TYPE in row["types"] else row["types"]:
            since[name] = min(since.get(name, row["since_version"]), row["since_version"])
    types_of_kind: dict[str, list[str]] = defaultdict(list)
    for name, type_ in game.feed.items():
        for fact in type_.facts:
            types_of_kind[fact.kind].append(name)
    return {
        project_id: {
            kind: max(since[name] for name in names)
            for kind, names in types_of_kind.items()
            if since.keys() >= set(names)
        }
        for project_id, since in by_type.items()
    }


async def _first_id(connection: Connection, project_id: int) -> str:
    """The least id of facts whose events are kept."""
    oldest = (await connection.fetch(_OLDEST, project_id))[0]
    if not oldest["floor"]:
        return "00000000-0000-0000-0000-000000000000"
    return str(months.first_id_at((oldest["numbered_at"] or datetime.now(UTC)) + MARGIN))
