"""The example programs, run against a started server."""

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import yaml

from tests.checks import make_key
from tests.support import ADMIN_KEY, Server, free_port, tool
from tests.test_leaderboards import until_ready

EXAMPLES = Path(__file__).parents[1] / "examples"
PROGRAMS = {"python": [sys.executable, str(EXAMPLES / "purchase.py")], "node": ["node", str(EXAMPLES / "purchase.mjs")]}


def started(program: str, laurels_url: str) -> Iterator[httpx.Client]:
    tool(PROGRAMS[program][0])
    environment = os.environ | {"LAURELS_URL": laurels_url, "LAURELS_KEY": ADMIN_KEY, "PORT": "0"}
    process = subprocess.Popen(PROGRAMS[program], env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    address = process.stdout.readline().split()[-1]
    with httpx.Client(base_url=address, timeout=20) as shop:
        yield shop
    process.kill()
    process.wait()


@pytest.fixture(params=PROGRAMS)
def shop(request: pytest.FixtureRequest, server: Server) -> Iterator[httpx.Client]:
    yield from started(request.param, server.base_url)


@pytest.fixture(params=PROGRAMS)
def lonely_shop(request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    yield from started(request.param, f"http://127.0.0.1:{free_port()}")


def test_a_purchase_earns_points_once(shop: httpx.Client, api: httpx.Client, name: str) -> None:
    first = {"user_id": name, "order_id": f"{name}-1", "total": 249.99}
    answer = shop.post("/purchases", json=first).json()
    assert answer == {"points_earned": 249, "new_balance": 249, "tier_upgrade": None}
    with ThreadPoolExecutor(8) as pool:
        again = list(pool.map(lambda _: shop.post("/purchases", json=first).json(), range(16)))
    assert again == [answer] * 16
    second = {"user_id": name, "order_id": f"{name}-2", "total": 800}
    answer = shop.post("/purchases", json=second).json()
    assert (answer["points_earned"], answer["new_balance"]) == (800, 1049)
    assert answer["tier_upgrade"]["code"] == "silver"
    assert api.get(f"/participants/{name}/points").json()["balance"] == 1049


def test_a_refusal_is_passed_on(shop: httpx.Client, name: str) -> None:
    reply = shop.post("/purchases", json={"user_id": name, "order_id": "0", "total": 0.5})
    assert reply.status_code == 502
    assert reply.json() == {"error": "amount must be at least 1."}


@pytest.mark.parametrize(
    ("purchase", "error"),
    [
        ({"user_id": "ada", "total": 5}, "order_id must be a string"),
        ({"user_id": "ada", "order_id": "", "total": 5}, "order_id must be a string"),
        ({"user_id": "ada", "order_id": None, "total": 5}, "order_id must be a string"),
        ({"order_id": "1", "total": 5}, "user_id must be a string"),
        ({"user_id": "ada", "order_id": "1", "total": "5"}, "total must be a number"),
        ([], "user_id must be a string"),
        ("ada", "user_id must be a string"),
    ],
)
def test_an_incomplete_purchase_is_refused(lonely_shop: httpx.Client, purchase: Any, error: str) -> None:
    """And Laurels, which nobody reaches here, is not asked."""
    reply = lonely_shop.post("/purchases", json=purchase)
    assert (reply.status_code, reply.json()) == (400, {"error": error})


def test_laurels_away_is_said(lonely_shop: httpx.Client, name: str) -> None:
    reply = lonely_shop.post("/purchases", json={"user_id": name, "order_id": "1", "total": 5})
    assert reply.status_code == 502
    assert reply.json()["error"].startswith("Laurels cannot be reached")


def test_the_league_has_the_official_table(server: Server, database_url: str) -> None:
    folder = EXAMPLES / "league"
    key = make_key(database_url, project=f"league-{uuid4().hex}", scope="admin")
    [board] = yaml.safe_load((folder / "league.yaml").read_text())["leaderboards"]
    with server.client(key) as client:
        created = client.post("/admin/leaderboards", json=json.loads(json.dumps(board, default=str)))
        assert created.status_code == 201, created.text
        until_ready(client, created.json()["id"])
    environment = os.environ | {"LAURELS_URL": server.base_url, "LAURELS_KEY": key}
    program = [sys.executable, str(folder / "season.py")]
    for _ in range(2):
        printed = subprocess.run(program, env=environment, capture_output=True, text=True, check=True).stdout
        rows = [line.split() for line in printed.splitlines()[1:]]
        assert [(row[1], int(row[2]), int(row[3]), int(row[4])) for row in rows] == official_table(folder)
        assert [int(row[0]) for row in rows] == list(range(1, 9))


def official_table(folder: Path) -> list[tuple[str, int, int, int]]:
    """By points, goal difference and goals."""
    points: Counter[str] = Counter()
    scored: Counter[str] = Counter()
    conceded: Counter[str] = Counter()
    for match in csv.DictReader((folder / "results.csv").open()):
        home, away = int(match["home_goals"]), int(match["away_goals"])
        points[match["home"]] += 3 * (home > away) + (home == away)
        points[match["away"]] += 3 * (away > home) + (home == away)
        for team, own, other in ((match["home"], home, away), (match["away"], away, home)):
            scored[team] += own
            conceded[team] += other
    rows = [(team, points[team], scored[team] - conceded[team], scored[team]) for team in points]
    return sorted(rows, key=lambda row: (-row[1], -row[2], -row[3]))
