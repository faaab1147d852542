"""Laying out rankings: leaves that have become large are split, small ones merged; see docs/adr/0016.

A ranking's leaves change while awards continue. A leaf that opens or closes is committed first. Then all transactions
have to end that may still file standings by the earlier leaves. Then people are moved, some at a time, under the locks
of their accounts. Then the change is complete. Each step finds its work in the tables, so that a server may be killed
at any point and another continues. The size of leaves affects speed alone.
"""

from collections.abc import Sequence
from typing import NamedTuple

import asyncpg

from laurels.mechanics.leaderboards.leaves import splitting
from laurels.mechanics.leaderboards.leaves.filing import REFILE
from laurels.mechanics.leaderboards.leaves.keys import BELOW_ALL, LOW, PLACE, VALUE, listed, ordered, row
from laurels.mechanics.leaderboards.leaves.splitting import Cut, Division, Leaf, PartSizes, Value
from laurels.storage.postgres.database import Connection
from laurels.storage.postgres.ids import new_id

MERGE_BELOW = 24
MERGED_MOST = 112
PART_SIZES = PartSizes(aim=96, most=224, least=16)

SAMPLE = 20_000
CUTS_AT_ONCE = 1_000
MOVED_AT_ONCE = 100
FOUND_AT_ONCE = 10_000
"""The people whom one look finds. A look passes by the index entries of all who have left the leaf, so that looks for a
few people each would take a time that grows with the square of the leaf's people."""

Person = tuple[int, str]
"""The lane and the subject."""


class Ranking(NamedTuple):
    generation: int
    window_key: int


class LeafSizes(NamedTuple):
    """The number of people that a leaf aims at, its maximum, and the number of people of one value with a tie leaf."""

    aim: float = 96
    most: int = 224
    ties: float = 128

    def ahead(self, share: float) -> "LeafSizes":
        """For a board that is filled to this share: the leaves will be as large in the end."""
        return LeafSizes(max(4.0, self.aim * share), max(10, int(self.most * share)), max(8.0, self.ties * share))


_DIRECTORY = "lane = 0 AND generation = $1 AND window_key = $2"
_RANKING = "generation = $1 AND window_key = $2"

_LOCK = """
SELECT FROM board_generation WHERE id = $1 AND status <> 'retired' FOR NO KEY UPDATE SKIP LOCKED
"""

_LARGE = f"""
SELECT leaf FROM board_leaf WHERE {_DIRECTORY} AND people > $3 AND NOT is_tie AND beside IS NULL
UNION ALL
SELECT 0 FROM (SELECT FROM board_standing WHERE {_RANKING} AND leaf = 0 LIMIT $3 + 1) AS a_few HAVING count(*) > $3
"""  # noqa: S608

_OPEN = (
    f"SELECT leaf, beside, takes, change_id, {listed(LOW)} FROM board_leaf WHERE {_DIRECTORY} AND beside IS NOT NULL"  # noqa: S608
)

_CHANGING_WINDOWS = """
SELECT DISTINCT window_key FROM board_leaf WHERE lane = 0 AND generation = $1 AND beside IS NOT NULL ORDER BY window_key
"""

_CHANGES = f"""
SELECT change_id FROM board_leaf WHERE {_DIRECTORY} AND beside IS NOT NULL
UNION SELECT change_id FROM board_part WHERE {_DIRECTORY} AND change_id IS NOT NULL
"""  # noqa: S608

_LEAVES = f"""
SELECT leaf, part, people, is_tie, beside, {listed(LOW)} FROM board_leaf
WHERE {_DIRECTORY} ORDER BY {ordered(PLACE, "ASC")}
"""  # noqa: S608

_SMALL = f"SELECT count(*) AS leaves, count(*) FILTER (WHERE people < $3) AS small FROM board_leaf WHERE {_DIRECTORY}"  # noqa: S608

_PARTICIPANT_ROWS = f"SELECT count(*) FROM board_standing WHERE {_RANKING} AND leaf = $3"  # noqa: S608

_VALUES = f"""
SELECT {listed(VALUE)}, count(*) AS people
FROM (SELECT * FROM board_standing WHERE {_RANKING} AND leaf = $3 LIMIT {SAMPLE}) AS a_few
GROUP BY {listed(VALUE)} ORDER BY {ordered(VALUE, "ASC")}
"""  # noqa: S608

_INSERT_LEAVES = f"""
INSERT INTO board_leaf
    (lane, generation, window_key, leaf, part, people, {listed(LOW)}, is_tie, takes, beside, change_id)
SELECT 0, $1, $2, leaf, $3, 0, {listed(LOW)}, is_tie, true, $4, $5
FROM unnest($6::integer[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::boolean[])
    AS new (leaf, {listed(LOW)}, is_tie)
"""  # noqa: S608

_INSERT_FIRST_PART = f"""
INSERT INTO board_part (lane, generation, window_key, part, people, {listed(LOW)})
VALUES (0, $1, $2, 0, 0, $3, $4, $5, $6) ON CONFLICT (lane, generation, window_key, part) DO NOTHING
"""  # noqa: S608

_INSERT_SPARE_PART = """
INSERT INTO board_part (lane, generation, window_key, part, people, change_id) VALUES (0, $1, $2, $3, 0, $4)
"""

_SPARE_PART = f"SELECT part FROM board_part WHERE {_DIRECTORY} AND low IS NULL AND change_id IS NULL LIMIT 1"  # noqa: S608

_IS_KNOWN = f"UPDATE board_part SET change_id = NULL WHERE {_DIRECTORY} AND change_id = ANY ($3::uuid[])"  # noqa: S608

_BEGIN_PART = f"""
UPDATE board_part SET low = $4, low_1 = $5, low_2 = $6, low_3 = $7 WHERE {_DIRECTORY} AND part = $3
"""  # noqa: S608

# In the order in which batches lock them.
_MOVE_LEAVES = f"""
WITH locked AS (
    SELECT leaf FROM board_leaf WHERE {_DIRECTORY} AND leaf = ANY ($4::integer[]) ORDER BY leaf FOR NO KEY UPDATE
), moved AS (
    UPDATE board_leaf l SET part = $3 FROM locked
    WHERE l.lane = 0 AND l.generation = $1 AND l.window_key = $2 AND l.leaf = locked.leaf
    RETURNING l.people
)
SELECT coalesce(sum(people), 0)::bigint FROM moved
"""  # noqa: S608

_ADD_TO_PART = f"UPDATE board_part SET people = people + $4 WHERE {_DIRECTORY} AND part = $3"  # noqa: S608

_REMOVE_EMPTY_PARTS = f"""
DELETE FROM board_part p WHERE {_DIRECTORY} AND part <> 0 AND low IS NOT NULL AND NOT EXISTS (
    SELECT FROM board_leaf l WHERE l.lane = 0 AND l.generation = $1 AND l.window_key = $2 AND l.part = p.part)
"""  # noqa: S608

_LAST_PART = f"SELECT coalesce(max(part), 0) FROM board_part WHERE {_DIRECTORY}"  # noqa: S608

_REMOVE_PART = f"DELETE FROM board_part WHERE {_DIRECTORY} AND part = $3"  # noqa: S608

# The people in a leaf that no longer takes their value.
_MISFILED = f"""
SELECT s.lane, s.subject FROM board_standing s
WHERE s.generation = $1 AND s.window_key = $2 AND s.leaf = $3
  AND {row(VALUE, "s")} >= ($4::bigint, $5::bigint, $6::bigint, $7::bigint)
LIMIT $8
"""  # noqa: S608

_LOCK_ACCOUNTS = """
SELECT a.lane, a.subject FROM unnest($1::smallint[], $2::uuid[]) AS wanted (lane, subject)
JOIN account a ON a.lane = wanted.lane AND a.subject = wanted.subject
ORDER BY a.lane, a.subject FOR NO KEY UPDATE OF a SKIP LOCKED
"""

_OPENED = f"UPDATE board_leaf SET beside = NULL, change_id = NULL WHERE {_DIRECTORY} AND beside = $3 AND takes"  # noqa: S608

_REMOVE_CLOSED = f"DELETE FROM board_leaf WHERE {_DIRECTORY} AND leaf = $3 AND NOT takes AND people = 0"  # noqa: S608

# A range that begins where a tie leaf does is empty.
_REMOVE_EMPTY_RANGE = f"""
DELETE FROM board_leaf l WHERE {_DIRECTORY} AND leaf = $3 AND people = 0 AND NOT is_tie AND EXISTS (
    SELECT FROM board_leaf t WHERE t.lane = 0 AND t.generation = $1 AND t.window_key = $2
      AND {row(LOW, "t")} = {row(LOW, "l")} AND t.is_tie)
"""  # noqa: S608

# All at once, in the order in which batches lock them.
_LOCK_OPEN = f"SELECT FROM board_leaf WHERE {_DIRECTORY} AND beside IS NOT NULL ORDER BY leaf FOR NO KEY UPDATE"

_LOCK_LEAVES = (
    f"SELECT FROM board_leaf WHERE {_DIRECTORY} AND leaf = ANY ($3::integer[]) ORDER BY leaf FOR NO KEY UPDATE"
)

_CLOSE = f"""
UPDATE board_leaf SET takes = false, beside = $3, change_id = $4
WHERE {_DIRECTORY} AND leaf = ANY ($5::integer[]) AND beside IS NULL
"""  # noqa: S608


def _steps(name: str, table: str, condition: str) -> str:
    """SQL. The windows of a generation in a table with many rows, by steps from one window to the next."""
    first = f"SELECT window_key FROM {table} WHERE {condition} AND generation = $1"  # noqa: S608
    return f"""
{name} AS (
    ({first} ORDER BY window_key LIMIT 1)
    UNION ALL
    SELECT ({first} AND {table}.window_key > {name}.window_key ORDER BY window_key LIMIT 1)
    FROM {name} WHERE {name}.window_key IS NOT NULL
)"""  # noqa: S608


# A window without anybody in leaf 0 has others.
_WINDOWS = f"""
WITH RECURSIVE {_steps("of_standings", "board_standing", "leaf = 0")}, {_steps("of_leaves", "board_leaf", "lane = 0")}
SELECT window_key FROM of_standings WHERE window_key IS NOT NULL
UNION
SELECT window_key FROM of_leaves WHERE window_key IS NOT NULL
ORDER BY window_key
"""  # noqa: S608


async def lock(connection: Connection, generation: int) -> bool:
    """Of the servers one at a time lays out a generation. For the length of the transaction; False if another does."""
    return await connection.fetchrow(_LOCK, generation) is not None


async def windows(connection: Connection, generation: int) -> list[int]:
    """The keys of all windows in which somebody stands."""
    return [found["window_key"] for found in await connection.fetch(_WINDOWS, generation)]


async def changing_windows(connection: Connection, generation: int) -> list[int]:
    """The keys of the windows in which people move between leaves."""
    return [found["window_key"] for found in await connection.fetch(_CHANGING_WINDOWS, generation)]


async def changes(connection: Connection, ranking: Ranking) -> frozenset[str]:
    """The changes that are under way: people move between leaves, or a spare part is not known to all."""
    return frozenset(str(each["change_id"]) for each in await connection.fetch(_CHANGES, *ranking))


async def open_split(connection: Connection, ranking: Ranking, sizes: LeafSizes) -> bool:
    """Opens leaves beside leaves that are too large. True if any are too large. The caller holds the lock."""
    large = [found["leaf"] for found in await connection.fetch(_LARGE, *ranking, sizes.most)]
    if not large:
        return False
    await connection.execute(_INSERT_FIRST_PART, *ranking, *BELOW_ALL)
    leaves = {leaf.leaf: leaf for leaf in await _leaves(connection, ranking)}
    taken = {(leaf.low, leaf.is_tie) for leaf in leaves.values()}
    number, change_id = max(leaves, default=0), new_id()
    for leaf in large:
        cuts = [cut for cut in await _cuts(connection, ranking, leaf, sizes) if not _is_taken(cut, taken)]
        if cuts:
            part = leaves[leaf].part if leaf else 0
            rows = [(number + place, *cut.low, cut.is_tie) for place, cut in enumerate(cuts, start=1)]
            number += len(cuts)
            await connection.execute(_INSERT_LEAVES, *ranking, part, leaf, change_id, *zip(*rows, strict=True))
    return True


def _is_taken(cut: Cut, taken: set[tuple[Value, bool]]) -> bool:
    """Whether a leaf begins there already. A tie leaf can still begin where a range does."""
    return (cut.low, True) in taken or (not cut.is_tie and (cut.low, False) in taken)


async def _cuts(connection: Connection, ranking: Ranking, leaf: int, sizes: LeafSizes) -> list[Cut]:
    values = [
        ((found["score"], found["tie_1"], found["tie_2"], found["tie_3"]), found["people"])
        for found in await connection.fetch(_VALUES, *ranking, leaf)
    ]
    seen = people = sum(of_value for _, of_value in values)
    if seen == SAMPLE:
        people = await connection.fetchval(_PARTICIPANT_ROWS, *ranking, leaf)
    share = seen / people if people else 1.0
    return splitting.cuts(values, max(sizes.aim, people / CUTS_AT_ONCE) * share, sizes.ties * share)


async def close_small(connection: Connection, ranking: Ranking) -> bool:
    """Begins to merge small leaves into the ones below them. True if there are any. The caller holds the lock."""
    found = await connection.fetch(_SMALL, *ranking, MERGE_BELOW)
    if found[0]["small"] <= 4 + found[0]["leaves"] // 8:
        return False
    people = await connection.fetchval(_PARTICIPANT_ROWS, *ranking, 0)
    lowest = Leaf(leaf=0, part=0, people=people, is_tie=False, beside=None, low=BELOW_ALL)
    merges = splitting.merges([lowest, *await _leaves(connection, ranking)], MERGE_BELOW, MERGED_MOST)
    change_id = new_id()
    await connection.execute(_LOCK_LEAVES, *ranking, [leaf for closing in merges.values() for leaf in closing])
    for root, closing in merges.items():
        await connection.execute(_CLOSE, *ranking, root, change_id, closing)
    return bool(merges)


async def misfiled(connection: Connection, ranking: Ranking) -> list[Person]:
    """Some of the people in leaves that no longer take their value."""
    found: list[Person] = []
    for leaf, low in _sources(await connection.fetch(_OPEN, *ranking)).items():
        rows = await connection.fetch(_MISFILED, *ranking, leaf, *low, FOUND_AT_ONCE - len(found))
        found += [(row["lane"], row["subject"]) for row in rows]
        if len(found) >= FOUND_AT_ONCE:
            break
    return found


async def move(connection: Connection, ranking: Ranking, people: Sequence[Person]) -> int:
    """Moves people to the leaves of their values. Returns the number of people moved; locked accounts are skipped. The
    caller holds the lock."""
    free = await connection.fetch(_LOCK_ACCOUNTS, *zip(*people, strict=True))
    if free:
        await connection.execute(REFILE, *ranking, *zip(*free, strict=True))
    return len(free)


def _sources(open_leaves: Sequence[asyncpg.Record]) -> dict[int, Value]:
    """The leaves that people have to leave, and the value from which on."""
    found: dict[int, Value] = {}
    for each in open_leaves:
        leaf, low = (each["beside"], _low(each)) if each["takes"] else (each["leaf"], BELOW_ALL)
        found[leaf] = min(found.get(leaf, low), low)
    return found


async def complete(connection: Connection, ranking: Ranking, waited_for: frozenset[str]) -> bool:
    """Ends changes where nobody has to leave a leaf any more. True if none of them is left. The caller holds the lock,
    and all transactions have ended that may not know these changes: another server may have begun more changes in the
    meantime."""
    await connection.execute(_LOCK_OPEN, *ranking)
    every = await connection.fetch(_OPEN, *ranking)
    open_leaves = [each for each in every if str(each["change_id"]) in waited_for]
    closing = {each["leaf"] for each in open_leaves if not each["takes"]}
    is_complete = True
    for leaf, low in _sources(open_leaves).items():
        if await connection.fetch(_MISFILED, *ranking, leaf, *low, 1):
            is_complete = False
        elif leaf in closing:
            await connection.execute(_REMOVE_CLOSED, *ranking, leaf)
        else:
            await connection.execute(_OPENED, *ranking, leaf)
            await connection.execute(_REMOVE_EMPTY_RANGE, *ranking, leaf)
    await connection.execute(_IS_KNOWN, *ranking, list(waited_for))
    return is_complete


async def divide(connection: Connection, ranking: Ranking) -> bool:
    """Puts leaves into another part where one has too many, or too few; false if none has, or if there is no other part
    yet. One change is all that a transaction may make, as leaves are locked before parts. The caller holds the lock."""
    leaves = await _leaves(connection, ranking)
    if not leaves:
        return False
    await connection.execute(_REMOVE_EMPTY_PARTS, *ranking)
    division = splitting.division(leaves, PART_SIZES)
    if division is None:
        return False
    into = division.into
    if into is None:
        into = await connection.fetchval(_SPARE_PART, *ranking)
        if into is None:
            last: int = await connection.fetchval(_LAST_PART, *ranking)
            await connection.execute(_INSERT_SPARE_PART, *ranking, last + 1, new_id())
            return False
    await _move_leaves(connection, ranking, division, into)
    return True


async def _move_leaves(connection: Connection, ranking: Ranking, division: Division, into: int) -> None:
    """The leaves come first: a batch that counts in one of them then finds its new part, which all transactions can
    see."""
    people: int = await connection.fetchval(_MOVE_LEAVES, *ranking, into, division.leaves)
    for part, change in sorted({division.part: -people, into: people}.items()):
        await connection.execute(_ADD_TO_PART, *ranking, part, change)
    if division.into is None:
        await connection.execute(_BEGIN_PART, *ranking, into, *division.low)
    else:
        await connection.execute(_REMOVE_PART, *ranking, division.part)


async def _leaves(connection: Connection, ranking: Ranking) -> list[Leaf]:
    """From the lowest on, without leaf 0."""
    return [
        Leaf(found["leaf"], found["part"], found["people"], found["is_tie"], found["beside"], _low(found))
        for found in await connection.fetch(_LEAVES, *ranking)
    ]


def _low(found: asyncpg.Record) -> Value:
    return found["low"], found["low_1"], found["low_2"], found["low_3"]
