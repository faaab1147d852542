"""Standings that the benchmarks insert are those that the server would have written."""

import random
from collections.abc import Callable

import pytest

from bench import stack, standings
from bench.standings import Kind, Numbers
from tests.checks import query
from tests.support import Databases, Server, check

PEOPLE = 700
TOP = "/leaderboards/top_scorers"
KINDS = standings.KINDS | {"spread tie-breakers": standings.SPREAD_TIES}

ROWS = """
SELECT window_key, leaf, score, tie_1, tie_2, tie_3, facts, has_changed, tie_at, tie_name,
       num_nulls(score_at, tie_1_at, tie_2_at, tie_3_at), reached_at = joined_at
FROM board_standing
"""


def prepared(databases: Databases, kind: Kind, people: int) -> str:
    url = databases.create()
    stack.prepare(url, people, with_board=True, board_fields=kind.fields)
    return url


def place(kind: Kind) -> Callable[[Numbers], Numbers]:
    """The key to sort by, the best first."""
    return lambda numbers: numbers if kind.is_ascending else tuple(-number for number in numbers)


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_of_board_is_read_and_changed_as_one_that_the_server_filled(databases: Databases, name: str) -> None:
    kind = KINDS[name]
    url = prepared(databases, kind, PEOPLE)
    numbers = standings.insert(url, kind, all_windows=True)
    check(url, rebuild=False)
    [(leaves,)] = query(url, "SELECT count(*) FROM board_leaf WHERE window_key = 0")
    assert leaves > 1
    best_first = sorted(numbers, key=place(kind))
    with Server(url) as server, server.client() as api:
        top = api.get(TOP, params={"limit": 10}).json()
        assert [(each["score"], *each.get("tie_values", ())) for each in top["entries"]] == best_first[:10]
        assert top["total_participants"] == PEOPLE
        for number in random.Random(2).sample(range(PEOPLE), 20):
            rank = api.get(f"{TOP}/rank/user_{number + 1}").json()
            assert rank["rank"] == best_first.index(numbers[number]) + 1
        for number in range(0, PEOPLE, 10):
            body = {"participant_id": f"user_{number + 1}", "amount": 1 + number % 3, "idempotency_key": str(number)}
            api.post("/points/award", json=body).raise_for_status()
    check(url, rebuild=False)


@pytest.mark.parametrize("name", ["ascending", "tie-breakers"])
def test_the_rows_are_those_of_the_server(databases: Databases, name: str) -> None:
    kind = KINDS[name]._replace(numbers=lambda _: (5,) * (1 + KINDS[name].tie_breakers))
    written, inserted = (prepared(databases, kind, 3) for _ in range(2))
    with Server(written) as server, server.client() as api:
        for number in (1, 2, 3):
            body = {"participant_id": f"user_{number}", "amount": 5, "idempotency_key": str(number)}
            api.post("/points/award", json=body).raise_for_status()
    standings.insert(inserted, kind, all_windows=True)
    assert sorted(query(inserted, ROWS)) == sorted(query(written, ROWS))
