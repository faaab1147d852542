"""More callers than can be served: those who were let in are served, the others are refused, and nothing is lost."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.checks import make_key, query
from tests.conftest import TEMPLATE
from tests.hammer import Connection, Reply
from tests.support import ADMIN_KEY, Databases, Server, check

QUEUE_LIMIT = 200
WAVE = 300


@pytest.fixture
def crowded(databases: Databases) -> Iterator[Server]:
    with Server(databases.create(TEMPLATE), queue_limit=str(QUEUE_LIMIT)) as server:
        yield server


class Crowd:
    """Callers in waves, until every one of a wave is refused."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._callers = 0
        self.waiting: set[asyncio.Task[Reply]] = set()
        self.refused: list[Reply] = []

    async def fill(self) -> None:
        is_full = False
        while not is_full:
            wave = {asyncio.create_task(self._award()) for _ in range(WAVE)}
            done, waiting = await asyncio.wait(wave, timeout=2)
            self.refused += [each.result() for each in done]
            self.waiting |= waiting
            is_full = not waiting

    async def _award(self) -> Reply:
        self._callers += 1
        return await post(self._server, {"participant_id": f"caller_{self._callers}", "amount": 1})


async def post(server: Server, body: dict[str, Any], path: str = "/points/award", key: str = ADMIN_KEY) -> Reply:
    connection = Connection(server.base_url)
    try:
        return await connection.post(path, body, key)
    finally:
        connection.close()


STALLING = """
CREATE TABLE IF NOT EXISTS stalled ();
CREATE OR REPLACE FUNCTION stall() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WHILE EXISTS (SELECT FROM stalled) LOOP PERFORM pg_sleep(0.02); END LOOP;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER stall AFTER INSERT ON journal FOR EACH STATEMENT EXECUTE FUNCTION stall();
INSERT INTO stalled DEFAULT VALUES;
"""


@contextmanager
def stalled(url: str) -> Iterator[None]:
    """Batches do not end meanwhile, without a lock, which they would not wait for as long."""
    query(url, STALLING)
    try:
        yield
    finally:
        query(url, "DELETE FROM stalled")


def test_those_let_in_are_served_and_the_others_refused(crowded: Server) -> None:
    url = crowded.database_url or ""

    async def work() -> list[Reply]:
        crowd = Crowd(crowded)
        with stalled(url):
            await crowd.fill()
        # On a busy machine, a refusal can take longer than a wave.
        return crowd.refused + await asyncio.gather(*crowd.waiting)

    replies = asyncio.run(work())
    served = [reply for reply in replies if reply.status == 200]
    for reply in (reply for reply in replies if reply.status != 200):
        assert (reply.status, reply.headers["retry-after"]) == (503, "1")
        assert "outcome-unknown" not in reply.headers
        assert reply.json() == {
            "detail": "The server is busy and did nothing; try again shortly",
            "code": "server_busy",
        }
    assert len(served) >= QUEUE_LIMIT // 2 - 4
    assert query(url, "SELECT sum(total_earned)::integer FROM account") == [(len(served),)]
    check(url)


def test_a_refused_request_was_not_even_read(crowded: Server) -> None:
    """Nonsense gets the same answer while the queue is full; reads and changes by administrators go on."""

    async def work() -> tuple[Reply, int, int]:
        crowd = Crowd(crowded)
        with crowded.client() as api, stalled(crowded.database_url or ""):
            await crowd.fill()
            nonsense = await post(crowded, {"amount": "nonsense"})
            read = api.get("/admin/badges").status_code
            made = api.post("/admin/badges", json={"code": "meanwhile", "name": "Meanwhile"}).status_code
        await asyncio.gather(*crowd.waiting)
        return nonsense, read, made

    nonsense, read, made = asyncio.run(work())
    assert (nonsense.status, read, made) == (503, 200, 201)


def test_a_key_that_brings_too_much_is_refused_alone(crowded: Server) -> None:
    """Its single awards, and its batches; others' go on."""
    url = crowded.database_url or ""
    other = make_key(url, scope="gamify")

    async def work() -> tuple[Reply, list[Reply]]:
        crowd = Crowd(crowded)
        with stalled(url):
            await crowd.fill()
            batch = {"awards": [{"participant_id": "one", "amount": 1}] * 50}
            refused = await post(crowded, batch, "/points/award-batch")
            others = [{"participant_id": f"other_{number % 3}", "amount": 1} for number in range(20)]
            waiting = [asyncio.create_task(post(crowded, award, key=other)) for award in others]
            await asyncio.wait(waiting, timeout=0.5)
        await asyncio.gather(*crowd.waiting)
        return refused, await asyncio.gather(*waiting)

    refused, served = asyncio.run(work())
    assert (refused.status, refused.headers["retry-after"], refused.json()["code"]) == (503, "1", "server_busy")
    assert {reply.status for reply in served} == {200}
