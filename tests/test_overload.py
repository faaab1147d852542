"""More callers than can be served: those who were let in are served, the others are refused, and nothing is lost."""

import asyncio
from collections import Counter
from collections.abc import Iterator

import psycopg
import pytest

from tests.checks import query
from tests.conftest import TEMPLATE
from tests.hammer import Connection, Reply
from tests.support import Databases, Server, check

QUEUE_LIMIT = 200
CALLERS = 900
REFUSED = 200
"""At least: besides the queue, three writers hold at most 128 commands each."""


@pytest.fixture
def crowded(databases: Databases) -> Iterator[Server]:
    with Server(databases.create(TEMPLATE), queue_limit=str(QUEUE_LIMIT)) as server:
        yield server


async def crowd(server: Server) -> tuple[list[Reply], list[Reply]]:
    """What was answered while a lock kept every batch from ending, and what afterwards."""

    async def award(number: int) -> Reply:
        connection = Connection(server.base_url)
        try:
            return await connection.post("/points/award", {"participant_id": f"caller_{number}", "amount": 1})
        finally:
            connection.close()

    with psycopg.connect(server.database_url or "") as locked:
        locked.execute("LOCK TABLE journal IN EXCLUSIVE MODE")
        answers = asyncio.as_completed([award(number) for number in range(CALLERS)])
        meanwhile = [await next(answers) for _ in range(REFUSED)]
        locked.rollback()
    return meanwhile, [await answer for answer in answers]


def test_refused_while_others_wait(crowded: Server) -> None:
    meanwhile, afterwards = asyncio.run(crowd(crowded))
    for reply in meanwhile:
        assert (reply.status, reply.headers["retry-after"]) == (503, "1")
        assert "outcome-unknown" not in reply.headers
        assert reply.json() == {"detail": "The server is busy and did nothing; try again shortly"}
    statuses = Counter(reply.status for reply in afterwards)
    assert statuses.keys() <= {200, 503}
    assert statuses[200] >= QUEUE_LIMIT * 0.9
    url = crowded.database_url or ""
    assert query(url, "SELECT sum(total_earned)::integer FROM account") == [(statuses[200],)]
    check(url)


def test_a_refused_request_was_not_even_read(crowded: Server) -> None:
    """Nonsense gets the same answer while the queue is full; reads and changes by administrators go on."""

    async def work() -> tuple[Reply, int, int]:
        with psycopg.connect(crowded.database_url or "") as locked:
            locked.execute("LOCK TABLE journal IN EXCLUSIVE MODE")
            filling = [
                asyncio.create_task(
                    Connection(crowded.base_url).post("/points/award", {"participant_id": f"c{number}", "amount": 1})
                )
                for number in range(CALLERS)
            ]
            await asyncio.wait(filling, return_when=asyncio.FIRST_COMPLETED)
            nonsense = await Connection(crowded.base_url).post("/points/award", {"amount": "nonsense"})
            with crowded.client() as api:
                read = api.get("/admin/badges").status_code
                made = api.post("/admin/badges", json={"code": "meanwhile", "name": "Meanwhile"}).status_code
            locked.rollback()
            await asyncio.gather(*filling)
        return nonsense, read, made

    nonsense, read, made = asyncio.run(work())
    assert (nonsense.status, read, made) == (503, 200, 201)
