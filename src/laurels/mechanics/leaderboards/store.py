"""Standings: adding the gains of facts, and taking participants off all boards.

A participant's standings are guarded by the account's lock, the counts of leaves and parts are shared (filing.py).
Where all numbers are sums, one statement adds the gains to the standings. Other standings are read, combined with the
gains and written as a whole. Generations whose scores are counted one by one are stored in other tables
(counted/store.py), until they are converted.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg

from laurels.mechanics.leaderboards.counted import store as counted
from laurels.mechanics.leaderboards.leaves.filing import COUNTED, KEPT, KEPT_WITH_TIMES, PLACED
from laurels.mechanics.leaderboards.scoring.counting import SUMS, BoardTally, Gain, LoadedOriginals, gains, tallied
from laurels.storage.batches import Facts
from laurels.storage.lanes import single_lane
from laurels.storage.locks import LockedRow
from laurels.storage.postgres.database import Connection


class ParticipantGain(NamedTuple):
    """A gain, with its participant and the time at which its fact was recorded."""

    lane: int
    subject: str
    name: str
    recorded_at: datetime
    gain: Gain


class StandingKey(NamedTuple):
    lane: int
    subject: str
    generation: int
    window_key: int


class ParticipantTally(NamedTuple):
    """A standing as it is to be stored, with the participant's id. `has_times`: the times of its numbers are stored."""

    name: str
    tally: BoardTally
    has_times: bool


Tallies = dict[StandingKey, ParticipantTally]

WINDOWS_AT_ONCE = 5
"""A gain has this number of columns for windows; one with more windows has several rows."""

_NO_WINDOWS = (None,) * WINDOWS_AT_ONCE

# $18 is the one lane of all, if there is one.
_GAINED = """
WITH gained AS (
    SELECT g.lane, g.subject, g.generation, w.window_key, min(g.name) AS name, sum(g.score)::bigint AS score,
           sum(g.tie_1)::bigint AS tie_1, sum(g.tie_2)::bigint AS tie_2, sum(g.tie_3)::bigint AS tie_3,
           sum(g.facts)::bigint AS facts, count(*) FILTER (WHERE g.has_changed) > 0 AS has_changed,
           coalesce(max(g.occurred_at) FILTER (WHERE g.has_changed), min(g.occurred_at)) AS reached_at,
           min(g.recorded_at) AS joined_at
    FROM unnest($1::smallint[], $2::uuid[], $3::text[], $4::integer[], $5::bigint[], $6::bigint[], $7::bigint[],
                $8::bigint[], $9::bigint[], $10::boolean[], $11::timestamptz[], $12::timestamptz[],
                $13::integer[], $14::integer[], $15::integer[], $16::integer[], $17::integer[])
        AS g (lane, subject, name, generation, score, tie_1, tie_2, tie_3, facts, has_changed, occurred_at,
              recorded_at, key_1, key_2, key_3, key_4, key_5)
    CROSS JOIN LATERAL (VALUES (g.key_1), (g.key_2), (g.key_3), (g.key_4), (g.key_5)) AS w (window_key)
    WHERE w.window_key IS NOT NULL AND ($18::smallint IS NULL OR g.lane = $18)
    GROUP BY g.lane, g.subject, g.generation, w.window_key
), moved AS MATERIALIZED (
    SELECT g.lane, g.subject, g.name, g.generation, g.window_key, s.leaf AS leaf_before,
           coalesce(s.score, 0) + g.score AS score, coalesce(s.tie_1, 0) + g.tie_1 AS tie_1,
           coalesce(s.tie_2, 0) + g.tie_2 AS tie_2, coalesce(s.tie_3, 0) + g.tie_3 AS tie_3,
           coalesce(s.facts, 0) + g.facts AS facts, coalesce(s.has_changed, false) OR g.has_changed AS has_changed,
           CASE WHEN s.has_changed AND NOT g.has_changed THEN s.reached_at
                WHEN g.has_changed AND NOT s.has_changed THEN g.reached_at
                WHEN g.has_changed THEN greatest(s.reached_at, g.reached_at)
                ELSE least(s.reached_at, g.reached_at) END AS reached_at,
           least(s.joined_at, g.joined_at) AS joined_at
    FROM gained g
    LEFT JOIN board_standing s ON s.lane = g.lane AND s.subject = g.subject AND s.generation = g.generation
                              AND s.window_key = g.window_key
)
"""

# Standings as they are to be. $18 is the one lane of all, if there is one.
_SET = """
WITH moved AS MATERIALIZED (
    SELECT g.*, s.leaf AS leaf_before
    FROM unnest($1::smallint[], $2::uuid[], $3::integer[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[],
                $8::bigint[], $9::bigint[], $10::bigint[], $11::boolean[], $12::timestamptz[], $13::timestamptz[],
                $14::timestamptz[], $15::timestamptz[], $16::timestamptz[], $17::timestamptz[])
        AS g (lane, subject, generation, window_key, name, score, tie_1, tie_2, tie_3, facts, has_changed, reached_at,
              joined_at, score_at, tie_1_at, tie_2_at, tie_3_at)
    LEFT JOIN board_standing s ON s.lane = g.lane AND s.subject = g.subject AND s.generation = g.generation
                              AND s.window_key = g.window_key
    WHERE $18::smallint IS NULL OR g.lane = $18
)
"""

_ADD_GAINS = f"{_GAINED}{PLACED}{KEPT}{COUNTED}"
_SET_STANDINGS = f"{_SET}{PLACED}{KEPT_WITH_TIMES}{COUNTED}"

# The leaves whose counts change, by participant.
_CHANGED_LEAVES = """
SELECT p.subject, p.generation, p.window_key, change.leaf
FROM placed p CROSS JOIN LATERAL (VALUES (p.leaf_before), (p.leaf)) AS change (leaf)
WHERE p.leaf_before IS DISTINCT FROM p.leaf AND change.leaf > 0
"""
_LEAVES_OF_GAINS = f"{_GAINED}{PLACED}{_CHANGED_LEAVES}"
_LEAVES_OF_STANDINGS = f"{_SET}{PLACED}{_CHANGED_LEAVES}"

_STANDINGS = """
SELECT s.lane, s.subject, s.generation, s.window_key, s.facts, s.score, s.tie_1, s.tie_2, s.tie_3, s.has_changed,
       s.reached_at, s.joined_at, s.score_at, s.tie_1_at, s.tie_2_at, s.tie_3_at
FROM unnest($1::smallint[], $2::uuid[], $3::integer[], $4::bigint[]) AS wanted (lane, subject, generation, window_key)
JOIN board_standing s ON s.lane = wanted.lane AND s.subject = wanted.subject AND s.generation = wanted.generation
                     AND s.window_key = wanted.window_key
WHERE $5::smallint IS NULL OR s.lane = $5
"""

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
    counts = await counted.lock_counts(connection, _in_counts(gained))
    return counts or await _lock_leaves(connection, _in_leaves(gained))


def gained_by(facts: Facts) -> list[ParticipantGain]:
    """The gains of a batch. Anonymised participants have left all boards."""
    found: list[ParticipantGain] = []
    originals = LoadedOriginals()
    for each in facts.happened:
        who = originals.participant = each.participant
        if not who.is_anonymised:
            found += [
                ParticipantGain(who.lane, who.subject, who.participant_id, each.recorded_at, gain)
                for gain in gains(each.definitions, each.entries, originals)
            ]
    return found


async def add_gains(connection: Connection, gained: Sequence[ParticipantGain]) -> None:
    """Adds to the standings, files them and counts the leaves. The caller holds the accounts' locks."""
    if in_counts := _in_counts(gained):
        await counted.add_gains(connection, in_counts)
    sums, others = _by_combination(_in_leaves(gained))
    if sums:
        await connection.execute(_ADD_GAINS, *_gain_columns(sums))
    if others:
        await set_standings(connection, await _combined(connection, others))


async def set_standings(connection: Connection, tallies: Tallies) -> None:
    """Stores standings as they are to be, whatever they were before. The caller holds the accounts' locks."""
    if tallies:
        await connection.execute(_SET_STANDINGS, *_tally_columns(tallies))


async def leave(connection: Connection, lane: int, subject: str) -> None:
    """Takes a participant off every board. The caller holds the account's lock."""
    await counted.leave(connection, lane, subject)
    await connection.execute(_REMOVE, lane, subject)
    await connection.execute("DELETE FROM ticked_rank WHERE lane = $1 AND subject = $2", lane, subject)
    await connection.execute("DELETE FROM board_result WHERE lane = $1 AND subject = $2", lane, subject)


def add_to_tallies(tallies: Tallies, gained: Iterable[ParticipantGain]) -> None:
    """Combines the gains, which are in the order of the journal."""
    for lane, subject, name, recorded_at, gain in gained:
        has_times = gain.combinations != SUMS
        for key in gain.windows:
            place = StandingKey(lane, subject, gain.generation, key)
            before = tallies.get(place)
            tally = tallied(before.tally if before else None, gain, recorded_at)
            tallies[place] = ParticipantTally(name, tally, has_times)


def _in_leaves(gained: Sequence[ParticipantGain]) -> list[ParticipantGain]:
    return [each for each in gained if each.gain.layout == "leaves"]


def _in_counts(gained: Sequence[ParticipantGain]) -> list[counted.CountedGain]:
    return [
        counted.CountedGain(each.lane, each.subject, each.recorded_at, each.gain)
        for each in gained
        if each.gain.layout == "counts"
    ]


def _by_combination(
    gained: Sequence[ParticipantGain],
) -> tuple[list[ParticipantGain], list[ParticipantGain]]:
    """The gains that are only added up, and the others."""
    sums = [each for each in gained if each.gain.combinations == SUMS]
    return sums, [each for each in gained if each.gain.combinations != SUMS] if len(sums) < len(gained) else []


async def _combined(connection: Connection, gained: Sequence[ParticipantGain]) -> Tallies:
    """The standings with the gains."""
    names = {(each.lane, each.subject): each.name for each in gained}
    keys = {
        StandingKey(each.lane, each.subject, each.gain.generation, key) for each in gained for key in each.gain.windows
    }
    rows = await connection.fetch(_STANDINGS, *zip(*keys, strict=True), single_lane(key.lane for key in keys))
    tallies: Tallies = {}
    for row in rows:
        key = StandingKey(row["lane"], str(row["subject"]), row["generation"], row["window_key"])
        tallies[key] = ParticipantTally(names[key.lane, key.subject], tally_of(row), has_times=True)
    add_to_tallies(tallies, gained)
    return tallies


def tally_of(row: asyncpg.Record) -> BoardTally:
    """The standing in a row that has times."""
    return BoardTally(
        row["facts"],
        [row["score"], row["tie_1"], row["tie_2"], row["tie_3"]],
        [row["score_at"], row["tie_1_at"], row["tie_2_at"], row["tie_3_at"]],
        row["reached_at"],
        row["joined_at"],
    )


async def _lock_leaves(connection: Connection, gained: Sequence[ParticipantGain]) -> dict[str, LockedRow]:
    """Locks the leaves and parts that the gains change, without waiting for any. By subject the rows that are locked
    elsewhere."""
    sums, others = _by_combination(gained)
    changed = []
    if sums:
        changed += await connection.fetch(_LEAVES_OF_GAINS, *_gain_columns(sums))
    if others:
        tallies = await _combined(connection, others)
        changed += await connection.fetch(_LEAVES_OF_STANDINGS, *_tally_columns(tallies))
    people: dict[tuple[int, int, int], list[str]] = {}
    for subject, *leaf in changed:
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


def _gain_columns(gained: Sequence[ParticipantGain]) -> tuple[Any, ...]:
    rows = [
        (
            lane,
            subject,
            name,
            gain.generation,
            *(number or 0 for number in gain.numbers),
            gain.facts,
            any(gain.numbers),
            gain.occurred_at,
            recorded_at,
            *(*gain.windows, *_NO_WINDOWS)[start : start + WINDOWS_AT_ONCE],
        )
        for lane, subject, name, recorded_at, gain in gained
        for start in range(0, len(gain.windows), WINDOWS_AT_ONCE)
    ]
    return *zip(*rows, strict=True), single_lane(each.lane for each in gained)


def _tally_columns(tallies: Tallies) -> tuple[Any, ...]:
    rows = [
        (
            *key,
            name,
            *tally.numbers,
            tally.facts,
            tally.has_changed,
            tally.reached_at,
            tally.joined_at,
            *(tally.times if has_times else (None, None, None, None)),
        )
        for key, (name, tally, has_times) in tallies.items()
    ]
    return *zip(*rows, strict=True), single_lane(key.lane for key in tallies)
