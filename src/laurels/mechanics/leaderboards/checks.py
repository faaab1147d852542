"""Checks of leaderboards: leaves, parts, counts of scores, and standings."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

import asyncpg
from msgspec import structs

from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.mechanics.leaderboards.counted import checks as counted
from laurels.mechanics.leaderboards.leaves.keys import LOW, VALUE, listed, row
from laurels.mechanics.leaderboards.scoring.counting import BoardTally, PassedOriginals, counting, gains, tallied
from laurels.mechanics.leaderboards.scoring.model import Layout, Leaderboard
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
        "each leaf counts the people in it",
        f"""
        WITH s AS MATERIALIZED (
            SELECT generation, window_key, leaf, count(*) AS people
            FROM board_standing WHERE leaf > 0 GROUP BY generation, window_key, leaf
        )
        SELECT {_NAME}, format('leaf %s: counted %s, standing there %s', leaf, l.people, coalesce(s.people, 0)) AS wrong
        FROM s FULL JOIN board_leaf l USING (generation, window_key, leaf)
        WHERE l.people IS DISTINCT FROM coalesce(s.people, 0)
    """,  # noqa: S608
    ),
    Invariant(
        "each part counts the people of its leaves",
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
    Invariant(
        "standings without facts are in no leaf",
        f"""
        SELECT {_NAME}, format('%s counts %s facts in leaf %s', subject, facts, leaf) AS wrong
        FROM board_standing WHERE (facts > 0) <> (leaf >= 0)
    """,  # noqa: S608
    ),
)


Place = tuple[int, int]
"""The generation and the window."""

StoredStanding = tuple[int, int, int, int, int, datetime, datetime]
"""The score, the tie values, the number of facts, reached_at, joined_at."""

CountedStanding = tuple[int, int, datetime, datetime]
"""The score, the number of facts, reached_at, joined_at."""


class GatheredStandings:
    """The standings of one participant, gathered fact by fact."""

    def __init__(self) -> None:
        self.tallies: dict[Place, BoardTally] = {}
        self.originals = PassedOriginals()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GatheredStandings) and self.shown() == other.shown()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self.shown())

    def shown(self) -> dict[Place, StoredStanding]:
        return {place: _shown(tally) for place, tally in self.tallies.items()}


def _shown(tally: BoardTally) -> StoredStanding:
    score, first, second, third = tally.numbers
    return score, first, second, third, tally.facts, tally.reached_at, tally.joined_at


def _stored(rows: Sequence[asyncpg.Record]) -> GatheredStandings:
    found = GatheredStandings()
    for each in rows:
        numbers = [each["score"], each["tie_1"], each["tie_2"], each["tie_3"]]
        found.tallies[each["generation"], each["window_key"]] = BoardTally(
            each["facts"], numbers, [], each["reached_at"], each["joined_at"]
        )
    return found


def _stored_in_counts(rows: Sequence[asyncpg.Record]) -> dict[Place, CountedStanding]:
    return {
        (each["generation"], each["window_key"]): (each["score"], each["facts"], each["reached_at"], each["joined_at"])
        for each in rows
    }


def _adding(definitions: Definitions | None) -> Add[GatheredStandings] | None:
    filled = _with_filled(definitions, "leaves")
    return partial(_add, filled) if filled else None


def _adding_in_counts(definitions: Definitions | None) -> Add[dict[Place, CountedStanding]] | None:
    filled = _with_filled(definitions, "counts")
    return partial(_add_in_counts, filled) if filled else None


def _with_filled(definitions: Definitions | None, layout: Layout) -> Definitions | None:
    """The definitions with the filled generations of this layout alone; None if there are none."""
    if definitions is None:
        return None
    boards = [
        structs.replace(board, generations=tuple(g for g in board.generations if g.is_ready and g.layout == layout))
        for board in definitions[Leaderboard].by_id.values()
    ]
    others = [each for each in definitions if not isinstance(each, Leaderboard)]
    filled = Definitions(definitions.game, definitions.version, [*others, *boards], definitions.calendar)
    return filled if counting(filled) else None


def _add(definitions: Definitions, standings: GatheredStandings, entry: Entry, recorded_at: datetime) -> None:
    for gain in gains(definitions, [entry], standings.originals):
        for window_key in gain.windows:
            place = (gain.generation, window_key)
            standings.tallies[place] = tallied(standings.tallies.get(place), gain, recorded_at)


def _add_in_counts(
    definitions: Definitions, standings: dict[Place, CountedStanding], entry: Entry, recorded_at: datetime
) -> None:
    for gain in gains(definitions, [entry]):
        for place in ((gain.generation, window_key) for window_key in gain.windows):
            score, facts, reached_at, joined_at = standings.get(place, (0, 0, gain.occurred_at, recorded_at))
            standings[place] = (
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
        rebuilt=Gathered(empty=GatheredStandings, adding=_adding, reads_recorded_at=True, skips_anonymous=True),
    ),
    Projection(
        name="standings with counts",
        table="standing",
        condition="generation IN (SELECT id FROM board_generation WHERE status = 'ready')",
        stored=_stored_in_counts,
        rebuilt=Gathered(empty=dict, adding=_adding_in_counts, reads_recorded_at=True, skips_anonymous=True),
    ),
)
