"""Standings: adding what facts gain, and who has to leave.

A participant's standings are guarded by the account's lock, the counts of leaves and parts are shared (filing.py).
Generations whose scores are counted one by one are written beside (counted_store.py), until they are converted.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from laurels.mechanics.leaderboards import counted_store as counted
from laurels.mechanics.leaderboards.leaves.filing import COUNTED, PLACED
from laurels.mechanics.leaderboards.rules import Gain, gains
from laurels.storage.batches import Facts
from laurels.storage.lanes import single_lane
from laurels.storage.locks import LockedRow
from laurels.storage.postgres.database import Connection


class ParticipantGain(NamedTuple):
    lane: int
    subject: str
    name: str
    recorded_at: datetime
    gain: Gain


# $12 is the one lane of all, if there is one.
_MOVED = """
WITH gained AS (
    SELECT g.lane, g.subject, g.generation, w.window_key, min(g.name) AS name, sum(g.score)::bigint AS score,
           count(*) AS facts, max(g.occurred_at) AS reached_at, min(g.recorded_at) AS joined_at
    FROM unnest($1::smallint[], $2::uuid[], $3::text[], $4::integer[], $5::bigint[], $6::timestamptz[],
                $7::timestamptz[], $8::integer[], $9::integer[], $10::integer[], $11::integer[])
        AS g (lane, subject, name, generation, score, occurred_at, recorded_at, yearly, monthly, weekly, daily)
    CROSS JOIN LATERAL (VALUES (0), (g.yearly), (g.monthly), (g.weekly), (g.daily)) AS w (window_key)
    WHERE ($12::smallint IS NULL OR g.lane = $12)
    GROUP BY g.lane, g.subject, g.generation, w.window_key
), moved AS MATERIALIZED (
    SELECT g.lane, g.subject, g.name, g.generation, g.window_key, s.leaf AS leaf_before,
           coalesce(s.score, 0) + g.score AS score,
           coalesce(s.tie_1, 0) AS tie_1, coalesce(s.tie_2, 0) AS tie_2, coalesce(s.tie_3, 0) AS tie_3,
           coalesce(s.facts, 0) + g.facts AS facts, greatest(s.reached_at, g.reached_at) AS reached_at,
           least(s.joined_at, g.joined_at) AS joined_at
    FROM gained g
    LEFT JOIN board_standing s ON s.lane = g.lane AND s.subject = g.subject AND s.generation = g.generation
                              AND s.window_key = g.window_key
)
"""

_ADD_GAINS = f"""
{_MOVED}
{PLACED}
, refiled AS (
    SELECT generation, window_key, leaf_before, leaf FROM placed
), kept AS (
    UPDATE board_standing s
    SET score = p.score, facts = p.facts, reached_at = p.reached_at, joined_at = p.joined_at, leaf = p.leaf,
        tie_at = CASE WHEN p.is_tie THEN p.reached_at END, tie_name = CASE WHEN p.is_tie THEN p.name END
    FROM placed p
    WHERE s.lane = p.lane AND s.subject = p.subject AND s.generation = p.generation AND s.window_key = p.window_key
      AND p.leaf_before IS NOT NULL
), joined AS (
    INSERT INTO board_standing
        (lane, subject, generation, window_key, leaf, score, facts, reached_at, joined_at, tie_at, tie_name)
    SELECT lane, subject, generation, window_key, leaf, score, facts, reached_at, joined_at,
           CASE WHEN is_tie THEN reached_at END, CASE WHEN is_tie THEN name END
    FROM placed WHERE leaf_before IS NULL
)
{COUNTED}
"""  # noqa: S608

# The leaves that the gains are going to count, by participant.
_LEAVES_OF = f"""
{_MOVED}
{PLACED}
SELECT p.subject, p.generation, p.window_key, change.leaf
FROM placed p CROSS JOIN LATERAL (VALUES (p.leaf_before), (p.leaf)) AS change (leaf)
WHERE p.leaf_before IS DISTINCT FROM p.leaf AND change.leaf <> 0
"""  # noqa: S608

_LOCK_FREE_LEAVES = """
WITH wanted AS (
    SELECT * FROM unnest($1::integer[], $2::bigint[], $3::integer[]) AS wanted (generation, window_key, leaf)
), free AS (
    SELECT l.generation, l.window_key, l.leaf
    FROM wanted JOIN board_leaf l USING (generation, window_key, leaf)
    WHERE l.lane = 0
    FOR NO KEY UPDATE OF l SKIP LOCKED
)
SELECT l.generation, l.window_key, l.leaf, l.part, free.leaf IS NOT NULL AS is_free
FROM wanted JOIN board_leaf l USING (generation, window_key, leaf)
LEFT JOIN free USING (generation, window_key, leaf)
WHERE l.lane = 0
"""

_LOCK_FREE_PARTS = """
WITH wanted AS (
    SELECT * FROM unnest($1::integer[], $2::bigint[], $3::integer[]) AS wanted (generation, window_key, part)
), free AS (
    SELECT p.generation, p.window_key, p.part
    FROM wanted JOIN board_part p USING (generation, window_key, part)
    WHERE p.lane = 0
    FOR NO KEY UPDATE OF p SKIP LOCKED
)
SELECT p.generation, p.window_key, p.part
FROM wanted JOIN board_part p USING (generation, window_key, part)
LEFT JOIN free USING (generation, window_key, part)
WHERE p.lane = 0 AND free.part IS NULL
"""

_LOCK_LEAF = """
SELECT FROM board_leaf WHERE lane = 0 AND generation = $1 AND window_key = $2 AND leaf = $3 FOR NO KEY UPDATE
"""

_LOCK_PART = """
SELECT FROM board_part WHERE lane = 0 AND generation = $1 AND window_key = $2 AND part = $3 FOR NO KEY UPDATE
"""

_REMOVE = f"""
WITH refiled AS (
    DELETE FROM board_standing WHERE lane = $1 AND subject = $2
    RETURNING generation, window_key, leaf AS leaf_before, NULL::integer AS leaf
)
{COUNTED}
"""  # noqa: S608


async def save(connection: Connection, facts: Facts) -> None:
    await add_gains(connection, gained_by(facts))


async def locked_elsewhere(connection: Connection, facts: Facts) -> Mapping[str, LockedRow]:
    gained = gained_by(facts)
    found = await counted.lock_counts(connection, _in_counts(gained))
    return found or await _lock_leaves(connection, _in_leaves(gained))


def gained_by(facts: Facts) -> list[ParticipantGain]:
    """What the facts of a batch gain; who was anonymised has left all boards."""
    return [
        ParticipantGain(
            each.participant.lane, each.participant.subject, each.participant.participant_id, each.recorded_at, gain
        )
        for each in facts.happened
        if not each.participant.is_anonymised
        for gain in gains(each.definitions, each.entries)
    ]


async def add_gains(connection: Connection, gained: Sequence[ParticipantGain]) -> None:
    """Adds to the standings, files them and counts the leaves. The caller holds the accounts' locks."""
    if in_counts := _in_counts(gained):
        await counted.add_gains(connection, in_counts)
    if in_leaves := _in_leaves(gained):
        await connection.execute(_ADD_GAINS, *_columns(in_leaves))


async def leave(connection: Connection, lane: int, subject: str) -> None:
    """Takes a participant off every board. The caller holds the account's lock."""
    await counted.leave(connection, lane, subject)
    await connection.execute(_REMOVE, lane, subject)
    await connection.execute("DELETE FROM ticked_rank WHERE lane = $1 AND subject = $2", lane, subject)


def _in_leaves(gained: Sequence[ParticipantGain]) -> list[ParticipantGain]:
    return [each for each in gained if each.gain.layout == "leaves"]


def _in_counts(gained: Sequence[ParticipantGain]) -> list[counted.CountedGain]:
    return [
        counted.CountedGain(each.lane, each.subject, each.recorded_at, each.gain)
        for each in gained
        if each.gain.layout == "counts"
    ]


async def _lock_leaves(connection: Connection, gained: Sequence[ParticipantGain]) -> dict[str, LockedRow]:
    """Locks the leaves and parts that the gains change, without waiting for any. By subject those that are locked
    elsewhere."""
    if not gained:
        return {}
    people: dict[tuple[int, int, int], list[str]] = {}
    for subject, *leaf in await connection.fetch(_LEAVES_OF, *_columns(gained)):
        people.setdefault(tuple(leaf), []).append(str(subject))
    if not people:
        return {}
    leaves = await connection.fetch(_LOCK_FREE_LEAVES, *zip(*people, strict=True))
    found: dict[str, LockedRow] = {}
    in_part: dict[tuple[int, int, int], list[str]] = {}
    for generation, window_key, leaf, part, is_free in leaves:
        subjects = people[generation, window_key, leaf]
        in_part.setdefault((generation, window_key, part), []).extend(subjects)
        if not is_free:
            found |= dict.fromkeys(subjects, LockedRow("board_leaf", (generation, window_key, leaf), _LOCK_LEAF))
    if not found:
        for row in await connection.fetch(_LOCK_FREE_PARTS, *zip(*in_part, strict=True)):
            part = (row["generation"], row["window_key"], row["part"])
            found |= dict.fromkeys(in_part[part], LockedRow("board_part", part, _LOCK_PART))
    return found


def _columns(gained: Sequence[ParticipantGain]) -> tuple[Any, ...]:
    rows = [
        (lane, subject, name, gain.generation, gain.score, gain.occurred_at, recorded_at, *gain.windows)
        for lane, subject, name, recorded_at, gain in gained
    ]
    return *zip(*rows, strict=True), single_lane(each.lane for each in gained)
