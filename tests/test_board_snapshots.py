"""A response about a board is of one moment: while awards go on, its order, ranks and totals agree with one another."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.checks import make_key
from tests.support import Server
from tests.test_leaderboards import until_ready

PEOPLE = [f"p{number:02}" for number in range(60)]
READS = 40
FOREVER = {"from": "2000-01-01", "to": "2100-12-31"}


@pytest.fixture
def client(server: Server, database_url: str) -> Iterator[httpx.Client]:
    key = make_key(database_url, project=f"project-{uuid4().hex}", scope="admin")
    with server.client(key) as client:
        seasons = [{"code": code, **FOREVER} for code in ("one", "two", "three", "four")]
        body = {"code": "busy", "name": "Busy", "windows": ["all_time"], "time_window": "all_time", "seasons": seasons}
        until_ready(client, client.post("/admin/leaderboards", json=body).json()["id"])
        yield client


@contextmanager
def awards_to(client: httpx.Client) -> Iterator[None]:
    """People come one after another, and rise beyond each other."""
    award(client, PEOPLE[:1])
    ended = threading.Event()

    def write(number: int) -> None:
        generator = random.Random(number)
        known = 2
        while not ended.is_set():
            award(client, generator.sample(PEOPLE[:known], min(8, known)))
            known = min(known + 1, len(PEOPLE))

    writers = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for writer in writers:
        writer.start()
    try:
        yield
    finally:
        ended.set()
        for writer in writers:
            writer.join()


def award(client: httpx.Client, names: list[str]) -> None:
    awards = [{"participant_id": name, "amount": random.choice((1, 2, 40))} for name in names]
    client.post("/points/award-batch", json={"awards": awards}).raise_for_status()


def top(client: httpx.Client) -> httpx.Response:
    return client.get("/leaderboards/busy", params={"limit": 100})


def around(client: httpx.Client) -> httpx.Response:
    return client.get("/leaderboards/busy", params={"limit": 100, "around": "p00"})


def among(client: httpx.Client) -> httpx.Response:
    return client.post("/leaderboards/busy/among", json={"participant_ids": PEOPLE})


@pytest.mark.parametrize("read", [top, around, among])
def test_entries_ranks_and_totals_are_of_one_moment(
    client: httpx.Client, read: Callable[[httpx.Client], httpx.Response]
) -> None:
    """Everybody is shown, so that the scores of the response give all ranks."""
    with awards_to(client):
        for _ in range(READS):
            found = read(client).json()
            scores = [entry["score"] for entry in found["entries"]]
            assert scores == sorted(scores, reverse=True)
            ranks = [1 + scores.index(score) for score in scores]
            assert [entry["rank"] for entry in found["entries"]] == ranks
            assert [
                entry.get("global_rank", rank) for entry, rank in zip(found["entries"], ranks, strict=True)
            ] == ranks
            assert found["total_participants"] == len(scores)


def test_ranks_in_all_windows_are_of_one_moment(client: httpx.Client) -> None:
    """All windows hold the same awards."""
    with awards_to(client):
        for _ in range(READS):
            windows: list[dict[str, Any]] = client.get("/leaderboards/busy/ranks/p00").json()["ranks"]
            assert [each["period"] for each in windows] == ["all_time", "one", "two", "three", "four"]
            numbers = [(each["rank"], each["score"], each["total_participants"]) for each in windows]
            assert len(set(numbers)) == 1, numbers
