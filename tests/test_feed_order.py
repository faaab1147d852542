"""The order of the feed under load: transactions that commit late, servers that are killed, readers that resume."""

import random
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import httpx
import psycopg
import pytest

from tests.checks import query
from tests.support import ADMIN_KEY, Databases, Server, check

SECONDS = 10
LONG_SECONDS = 300
WRITERS = 32
READERS = 3
PEOPLE = 60

# Some transactions stay open for seconds after they have written their events.
_LATE_COMMITS = """
CREATE FUNCTION commit_late() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF random() < 0.004 THEN PERFORM pg_sleep(random() * 2); END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER commit_late AFTER INSERT ON outbox DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION commit_late();
"""


class Run:
    """The writers and readers of one run, on several servers."""

    def __init__(self, servers: Sequence[Server], seed: int) -> None:
        self._servers = servers
        self._seed = seed
        self._is_over = threading.Event()
        self.written = threading.Event()
        """Set when no writer is left, and all events are in the feed."""

    def stop(self) -> None:
        self._is_over.set()

    def _request(self, client: httpx.Client, method: str, path: str, **more: Any) -> httpx.Response:
        """The response of any server that responds."""
        while True:
            server = random.choice(self._servers)
            url = f"{server.base_url}/api/v1/gamify{path}"
            with suppress(httpx.HTTPError):
                reply = client.request(method, url, headers={"X-API-Key": ADMIN_KEY}, **more)
                if reply.status_code != 503:
                    return reply
            time.sleep(0.05)

    def write(self, writer: int) -> set[str]:
        """Awards points until the run is over; returns the ids of all transactions."""
        chance = random.Random(f"{self._seed} {writer}")
        ids = set()
        number = 0
        with httpx.Client(timeout=20) as client:
            while not self._is_over.is_set():
                number += 1
                body = {
                    "participant_id": f"person {chance.randrange(PEOPLE)}",
                    "amount": chance.randint(1, 9),
                    "idempotency_key": f"{writer} {number}",
                }
                reply = self._request(client, "POST", "/points/award", json=body)
                assert reply.status_code == 200, reply.text
                ids.add(reply.json()["transaction_id"])
        return ids

    def read(self, reader: int, cursor: str) -> list[Any]:
        """All events after the cursor. Now and then the reader forgets what it has read since it last stored a
        cursor."""
        chance = random.Random(f"{self._seed} reader {reader}")
        stored: list[Any] = []
        since: list[Any] = []
        ahead = cursor
        with httpx.Client(timeout=40) as client:
            while True:
                is_last = self.written.is_set()
                parameters = {"after": ahead, "limit": chance.choice((1, 7, 100, 1_000)), "wait_seconds": 1}
                reply = self._request(client, "GET", "/feed", params=parameters)
                assert reply.status_code == 200, reply.text
                page = reply.json()
                since += page["events"]
                ahead = page["cursor"]
                if chance.random() < 0.2:
                    since, ahead = [], cursor
                elif chance.random() < 0.5 or not page["events"]:
                    stored, since, cursor = stored + since, [], ahead
                    if is_last and not page["events"] and not page["has_more"]:
                        return stored


@pytest.fixture
def url(databases: Databases) -> str:
    return databases.create("laurels")


def _wait_until_numbered(url: str) -> None:
    """The server that had the lease may just have been killed."""
    deadline = time.monotonic() + 60
    while query(url, "SELECT EXISTS (SELECT FROM outbox)") != [(False,)]:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def prove(url: str, seconds: float, seed: int = 1) -> int:
    """Writes on two servers while they are killed in turn; returns the number of events."""
    with psycopg.connect(url) as connection:
        connection.execute(_LATE_COMMITS)
    with Server(url) as one, Server(url) as other, ThreadPoolExecutor(WRITERS + READERS) as threads:
        with one.client() as api:
            cursor = api.get("/feed").json()["cursor"]
        run = Run((one, other), seed)
        writers = [threads.submit(run.write, number) for number in range(WRITERS)]
        readers = [threads.submit(run.read, number, cursor) for number in range(READERS)]
        try:
            deadline = time.monotonic() + seconds
            while (left_seconds := deadline - time.monotonic()) > 0:
                time.sleep(min(left_seconds, seconds / 4))
                killed = random.choice((one, other))
                killed.kill()
                time.sleep(0.5)
                killed.start()
        finally:
            run.stop()
        written = set().union(*(writer.result(120) for writer in writers))
        _wait_until_numbered(url)
        run.written.set()
        found = [reader.result(120) for reader in readers]
        assert check(url)
    awarded = {str(row[0]) for row in query(url, "SELECT id FROM journal WHERE kind = 'points_awarded'")}
    assert written <= awarded
    for events in found:
        assert events == found[0]
        ids = [event["id"] for event in events]
        assert len(ids) == len(set(ids))
        assert {event["id"] for event in events if event["type"] == "points.awarded"} == awarded
        for person in {event["participant_id"] for event in events}:
            sequences = [event["sequence"] for event in events if event["participant_id"] == person]
            assert sequences == sorted(sequences)
    return len(found[0])


def test_each_event_once_and_in_order(url: str) -> None:
    assert prove(url, SECONDS) > 300


@pytest.mark.slow
def test_each_event_once_and_in_order_for_long(url: str) -> None:
    assert prove(url, LONG_SECONDS, seed=2) > 10_000
