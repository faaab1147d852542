"""Standings of whole boards, inserted into the tables with the rows that filling the boards would write."""

import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
import psycopg

from bench import stack
from laurels.kernel.dates.calendar import Calendar
from laurels.mechanics.leaderboards.leaves import splitting
from laurels.mechanics.leaderboards.leaves.keys import BELOW_ALL
from laurels.mechanics.leaderboards.leaves.layout import PART_SIZES, LeafSizes
from laurels.mechanics.leaderboards.leaves.splitting import Cut, Value
from laurels.mechanics.leaderboards.scoring import windows
from laurels.mechanics.leaderboards.scoring.counting import NUMBERS
from laurels.mechanics.leaderboards.scoring.model import Generation, ScoringRules

Numbers = tuple[int, ...]
"""The score and the tie values of a participant, as in responses."""

LARGEST_TIE_VALUE = 1_000
FACTOR = LARGEST_TIE_VALUE + 1
"""One number holds a score and tie values as digits to this base."""


class Kind(NamedTuple):
    """A distribution of scores, and the fields that the definition of such a board has in addition to the demo's."""

    numbers: Callable[[random.Random], Numbers]
    fields: Mapping[str, Any] = {}

    @property
    def is_ascending(self) -> bool:
        return self.fields.get("order") == "asc"

    @property
    def tie_breakers(self) -> int:
        return len(self.fields.get("tie_breakers", ()))


def _tie_value(generator: random.Random) -> int:
    return generator.randint(0, LARGEST_TIE_VALUE)


TIE_BREAKERS = {"tie_breakers": [{"metric": "points_balance"}, {"metric": "points_earned"}]}
"""Two numbers that every award changes."""

SPREAD = Kind(lambda generator: (generator.randint(0, 1_000_000),))
CLUSTERED = Kind(lambda generator: (generator.randint(1_000, 1_004),))
ASCENDING = SPREAD._replace(fields={"order": "asc"})
SPREAD_TIES = Kind(lambda draw: (draw.randint(0, 1_000_000), _tie_value(draw), _tie_value(draw)), TIE_BREAKERS)
CLUSTERED_TIES = Kind(lambda draw: (draw.randint(1_000, 1_004), _tie_value(draw), _tie_value(draw)), TIE_BREAKERS)
KINDS = {"spread": SPREAD, "clustered": CLUSTERED, "ascending": ASCENDING, "tie-breakers": CLUSTERED_TIES}
"""The kinds of boards whose ranks are measured."""


class Laid(NamedTuple):
    """The leaves of a ranking from the lowest on, without leaf 0, and the leaf of each value."""

    cuts: list[Cut]
    leaf_of: dict[Value, int]
    """A leaf's number is its place, from 1 on."""


def laid(values: Iterable[Value]) -> Laid:
    """The leaves into which the server would have laid out these values."""
    sizes, counts = LeafSizes(), sorted(Counter(values).items())
    cuts = splitting.cuts(counts, sizes.aim, sizes.ties)
    lows = [cut.low for cut in cuts]
    return Laid(cuts, {value: bisect_right(lows, value) for value, _ in counts})


def stored(generation: Generation, numbers: Numbers) -> Value:
    """The numbers of a standing: where less is better, with the opposite sign."""
    signs = [-1 if scored.order == "asc" else 1 for scored in generation.ranked_by]
    score, first, second, third = (
        *(sign * number for sign, number in zip(signs, numbers, strict=True)),
        *(0,) * (NUMBERS - len(numbers)),
    )
    return score, first, second, third


def insert(url: str, kind: Kind, *, all_windows: bool) -> list[Numbers]:
    """Inserts a standing on the board for every participant. Returns the numbers of user_1, user_2 …"""
    generator = random.Random(1)
    with psycopg.connect(url, autocommit=True) as connection:
        generation = _ready_generation(connection)
        now = datetime.now(UTC)
        keys = windows.keys_at(generation, now, Calendar()) if all_windows else (windows.ALL_TIME_KEY,)
        participants = connection.execute("SELECT lane, subject, participant_id FROM participant").fetchall()
        numbers = {int(name.removeprefix("user_")): kind.numbers(generator) for _, _, name in participants}
        values = {number: stored(generation, each) for number, each in numbers.items()}
        leaves = laid(values.values())
        with connection.cursor().copy(
            "COPY board_standing (lane, generation, window_key, subject, leaf, score, tie_1, tie_2, tie_3, facts,"
            " has_changed, reached_at, joined_at, tie_at, tie_name) FROM STDIN"
        ) as copy:
            for lane, subject, name in participants:
                value = values[int(name.removeprefix("user_"))]
                leaf = leaves.leaf_of[value]
                is_tie = leaf > 0 and leaves.cuts[leaf - 1].is_tie
                at = datetime.fromtimestamp(1_767_225_600 + generator.random() * 1e6, UTC)
                tie = (at, name) if is_tie else (None, None)
                for key in keys:
                    copy.write_row((lane, generation.id, key, subject, leaf, *value, 1, True, at, at, *tie))
        _lay_leaves(connection, generation.id, keys, leaves.cuts)
        stack.settle(connection)
    return [numbers[number] for number in sorted(numbers)]


def _ready_generation(connection: psycopg.Connection) -> Generation:
    """The only generation, which is filled from now on."""
    row = connection.execute("UPDATE board_generation SET status = 'ready' RETURNING id, metric, rules").fetchone()
    assert row is not None
    connection.execute("UPDATE project SET definitions_version = definitions_version + 1")
    number, metric, rules = row
    return Generation(id=number, metric=metric, **msgspec.structs.asdict(msgspec.convert(rules, ScoringRules)))


def _lay_leaves(connection: psycopg.Connection, generation: int, keys: Iterable[int], cuts: list[Cut]) -> None:
    parts = PART_SIZES.aim
    with connection.cursor().copy(
        "COPY board_leaf (lane, generation, window_key, leaf, part, people, low, low_1, low_2, low_3, is_tie, takes)"
        " FROM STDIN"
    ) as copy:
        for key in keys:
            for place, cut in enumerate(cuts):
                copy.write_row((0, generation, key, place + 1, place // parts, 0, *cut.low, cut.is_tie, True))
    connection.execute(
        """
        UPDATE board_leaf l SET people = s.people
        FROM (SELECT window_key, leaf, count(*) AS people FROM board_standing GROUP BY window_key, leaf) AS s
        WHERE s.window_key = l.window_key AND s.leaf = l.leaf
        """
    )
    with connection.cursor().copy(
        "COPY board_part (lane, generation, window_key, part, people, low, low_1, low_2, low_3) FROM STDIN"
    ) as copy:
        for key in keys:
            for place in range(0, len(cuts), parts):
                low = cuts[place].low if place else BELOW_ALL
                copy.write_row((0, generation, key, place // parts, 0, *low))
    connection.execute(
        """
        UPDATE board_part p SET people = l.people
        FROM (SELECT window_key, part, sum(people) AS people FROM board_leaf GROUP BY window_key, part) AS l
        WHERE l.window_key = p.window_key AND l.part = p.part
        """
    )
