"""Boards of servers that knew nothing of leaves are converted in the background."""

import random
from typing import Any

import httpx

from tests.checks import query
from tests.conftest import TEMPLATE
from tests.support import Databases, Server, check, eventually
from tests.test_leaderboards import award, create, delete_boards, listed, rank

PERIODS = ("all_time", "yearly", "monthly", "weekly", "daily")
LAYOUTS = "SELECT layout FROM board_generation WHERE status <> 'retired' ORDER BY id"


def shown(client: httpx.Client, names: list[str]) -> list[Any]:
    """All ranks, and lists around everybody."""
    found: list[Any] = []
    for period in PERIODS:
        found.append(listed(client, period=period, limit=100))
        for name in names:
            found += [rank(client, name, period=period), listed(client, period=period, around=name, limit=7)]
    return found


def test_ranks_stay_the_same_before_during_and_after_a_conversion(databases: Databases) -> None:
    url = databases.create(TEMPLATE)
    with Server(url) as server, server.client() as client:
        delete_boards(client)
        # Another node that is not replaced yet.
        older = "INSERT INTO worker (id, seen_at) VALUES (gen_random_uuid(), now() + interval '1 hour')"
        query(url, older)
        create(client, "top")
        assert query(url, LAYOUTS) == [("counts",)]
        generator = random.Random(4)
        names = [f"p{number}" for number in range(260)]
        for place, name in enumerate(names):
            award(client, name, generator.choice((5, 5, 5, 100 + place)))
        few = generator.sample(names, 10)
        before = shown(client, few)
        assert query(url, "SELECT count(*) > 0 FROM score_count") == [(True,)]
        assert query(url, "SELECT count(*) FROM board_standing") == [(0,)]
        query(url, "DELETE FROM worker WHERE NOT knows_leaves")
        eventually(lambda: query(url, LAYOUTS) != [("counts",)], seconds=60)
        while query(url, LAYOUTS) != [("leaves",)]:
            assert shown(client, few[:2]) == [
                each for period in range(len(PERIODS)) for each in before[period * 21 : period * 21 + 5]
            ]
        assert shown(client, few) == before
        award(client, "p0", 10_000)
        assert rank(client, "p0")["rank"] == 1
        check(url)
        query(url, "UPDATE board_generation SET retired_at = now() - interval '1 hour' WHERE status = 'retired'")
        eventually(lambda: query(url, "SELECT count(*) FROM standing") == [(0,)], seconds=60)
        eventually(lambda: query(url, "SELECT count(*) FROM score_count") == [(0,)], seconds=60)
    check(url)
