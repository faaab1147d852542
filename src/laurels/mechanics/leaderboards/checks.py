"""What a check looks at of leaderboards: leaves, parts, counts of scores, and standings."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

import asyncpg
from msgspec import structs

from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.mechanics.leaderboards import counted_checks as counted
from laurels.mechanics.leaderboards.leaves.keys import LOW, VALUE, listed, row
from laurels.mechanics.leaderboards.model import Layout, Leaderboard
from laurels.mechanics.leaderboards.rules import ALL_TIME_KEY, counting, gains
from laurels.storage.projections import Add, Gathered, Projection
from laurels.storage.tables import Invariant

_LEAVES = """
    leaves AS MATERIALIZED (
        SELECT generation, window_key, leaf, part, people, is_tie, takes, coalesce(beside, leaf) AS unit,
               ARRAY[low, low_1, low_2, low_3] AS low
        FROM board_leaf
        UNION ALL
        SELECT generation, window_key, 0, 0, 0, false, true, 0, NULL FROM board_part WHERE part = 0
    )
"""
_NAME = "format('leaderboard generation %s, window %s', generation, window_key) AS name"

INVARIANTS = (
    *counted.INVARIANTS,
    Invariant(
        "the people of leaves are those who stand in them",
        f"""
        WITH s AS MATERIALIZED (
            SELECT generation, window_key, leaf, count(*) AS people
            FROM board_standing WHERE leaf <> 0 GROUP BY generation, window_key, leaf
        )
        SELECT {_NAME}, format('leaf %s: counted %s, standing there %s', leaf, l.people, coalesce(s.people, 0)) AS wrong
        FROM s FULL JOIN board_leaf l USING (generation, window_key, leaf)
        WHERE l.people IS DISTINCT FROM coalesce(s.people, 0)
    """,  # noqa: S608
    ),
    Invariant(
        "the people of parts are those of their leaves",
        f"""
        WITH l AS MATERIALIZED (
            SELECT generation, window_key, part, sum(people) AS people
            FROM board_leaf GROUP BY generation, window_key, part
        )
        SELECT {_NAME}, format('part %s: counted %s, in its leaves %s', part, p.people, coalesce(l.people, 0)) AS wrong
        FROM l FULL JOIN board_part p USING (generation, window_key, part)
        WHERE p.people IS DISTINCT FROM coalesce(l.people, 0)
    """,  # noqa: S608
    ),
    Invariant(
        "leaves are in their parts",
        f"""
        WITH parts AS MATERIALIZED (
            SELECT generation, window_key, part, {row(LOW)} AS low,
                   lead({row(LOW)}) OVER (PARTITION BY generation, window_key ORDER BY {listed(LOW)}) AS next
            FROM board_part WHERE low IS NOT NULL
        )
        SELECT {_NAME}, format('leaf %s is beyond its part %s, or in another than %s', leaf, part, l.beside) AS wrong
        FROM board_leaf l JOIN parts p USING (generation, window_key, part)
        WHERE {row(LOW, "l")} < p.low OR {row(LOW, "l")} >= p.next OR EXISTS (
            SELECT FROM board_leaf b WHERE b.generation = l.generation AND b.window_key = l.window_key
              AND b.leaf = l.beside AND b.part <> l.part
        )
    """,  # noqa: S608
    ),
    Invariant(
        "everybody stands in the leaf of the score",
        f"""
        WITH {_LEAVES}, units AS MATERIALIZED (
            SELECT generation, window_key, unit, CASE WHEN unit <> 0 THEN min(low) END AS low
            FROM leaves GROUP BY generation, window_key, unit
        ), bounds AS MATERIALIZED (
            SELECT generation, window_key, unit, low,
                   lead(low) OVER (PARTITION BY generation, window_key ORDER BY low NULLS FIRST) AS next
            FROM units
        )
        SELECT {_NAME}, format('%s has %s in leaf %s', subject, {listed(VALUE, "s").replace(", ", " || ' ' || ")}, leaf)
               AS wrong
        FROM board_standing s
        JOIN leaves l USING (generation, window_key, leaf) JOIN bounds b USING (generation, window_key, unit)
        CROSS JOIN LATERAL (SELECT ARRAY[{listed(VALUE, "s")}] AS value) AS own
        WHERE own.value < b.low OR (own.value > b.next OR (own.value = b.next AND b.next <> b.low))
           OR (l.is_tie AND own.value <> l.low)
           OR (l.is_tie AND (s.tie_at IS DISTINCT FROM s.reached_at OR s.tie_name IS NULL))
           OR (NOT l.is_tie AND s.tie_at IS NOT NULL)
    """,  # noqa: S608
    ),
)


Standings = dict[tuple[int, int], tuple[int, int, datetime, datetime]]
"""By generation and window: score, number of facts, reached_at, joined_at."""


def _stored(rows: Sequence[asyncpg.Record]) -> Standings:
    return {
        (row["generation"], row["window_key"]): (row["score"], row["facts"], row["reached_at"], row["joined_at"])
        for row in rows
    }


def _adding_in_leaves(definitions: Definitions | None) -> Add[Standings] | None:
    return _adding(definitions, "leaves")


def _adding_in_counts(definitions: Definitions | None) -> Add[Standings] | None:
    return _adding(definitions, "counts")


def _adding(definitions: Definitions | None, layout: Layout) -> Add[Standings] | None:
    """For the generations that are filled."""
    if definitions is None:
        return None
    ready = [
        structs.replace(board, generations=tuple(g for g in board.generations if g.is_ready and g.layout == layout))
        for board in definitions[Leaderboard].by_id.values()
    ]
    filled = Definitions(definitions.game, definitions.version, ready, definitions.calendar)
    return partial(_add, filled) if counting(filled) else None


def _add(definitions: Definitions, standings: Standings, entry: Entry, recorded_at: datetime) -> None:
    for gain in gains(definitions, [entry]):
        for window_key in (ALL_TIME_KEY, *gain.windows):
            score, facts, reached_at, joined_at = standings.get(
                (gain.generation, window_key), (0, 0, gain.occurred_at, recorded_at)
            )
            standings[gain.generation, window_key] = (
                score + gain.score,
                facts + 1,
                max(reached_at, gain.occurred_at),
                min(joined_at, recorded_at),
            )


PROJECTIONS: tuple[Projection[Any], ...] = (
    Projection(
        name="standings",
        table="board_standing",
        condition="generation IN (SELECT id FROM board_generation WHERE status = 'ready')",
        stored=_stored,
        rebuilt=Gathered(empty=dict, adding=_adding_in_leaves, reads_recorded_at=True, skips_anonymous=True),
    ),
    Projection(
        name="standings with counts",
        table="standing",
        condition="generation IN (SELECT id FROM board_generation WHERE status = 'ready')",
        stored=_stored,
        rebuilt=Gathered(empty=dict, adding=_adding_in_counts, reads_recorded_at=True, skips_anonymous=True),
    ),
)
