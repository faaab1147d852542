"""Many callers at once: one server, and two servers on one database."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Iterator

import httpx
import psycopg
import pytest

from tests.conftest import TEMPLATE
from tests.hammer import Connection, post_all
from tests.support import ADMIN_KEY, Databases, Server, check


@pytest.fixture(
    scope="module",
    params=[pytest.param(1, marks=pytest.mark.all_cases, id="one server"), pytest.param(2, id="two servers")],
)
def servers(request: pytest.FixtureRequest, databases: Databases) -> Iterator[list[Server]]:
    url = databases.create(TEMPLATE)
    running = [Server(url, writer_connections="2").start() for _ in range(request.param)]
    yield running
    for server in running:
        assert server.stop() == 0


def urls(servers: list[Server]) -> list[str]:
    return [server.base_url for server in servers]


def points(servers: list[Server], name: str) -> dict[str, int]:
    with servers[0].client() as client:
        answer: dict[str, int] = client.get(f"/participants/{name}/points").json()
        return answer


def test_of_64_racing_deducts_only_those_covered_succeed(servers: list[Server]) -> None:
    asyncio.run(post_all(urls(servers), [("/points/award", {"participant_id": "racer", "amount": 1000})]))
    requests = [("/points/deduct", {"participant_id": "racer", "amount": 90}) for _ in range(64)]
    replies = asyncio.run(post_all(urls(servers), requests))
    statuses = [reply.status for _, reply in replies]
    assert statuses.count(200) == 11
    assert statuses.count(400) == 53
    assert {reply.json()["detail"] for _, reply in replies if reply.status == 400} == {
        "Insufficient points. Available: 10, requested: 90"
    }
    balances = sorted(reply.json()["new_balance"] for _, reply in replies if reply.status == 200)
    assert balances == list(range(10, 1000, 90))
    assert points(servers, "racer")["balance"] == 10


@pytest.mark.more_cases
def test_twenty_concurrent_retries_of_each_key_count_once(servers: list[Server], all_cases: bool) -> None:
    keys = 1_000 if all_cases else 200
    requests = [
        ("/points/award", {"participant_id": f"retry_{key % 50}", "amount": 1 + key % 7, "idempotency_key": f"k{key}"})
        for key in range(keys)
        for _ in range(20)
    ]
    random.Random(1).shuffle(requests)
    replies = asyncio.run(post_all(urls(servers), requests))
    answers = defaultdict(set)
    first = defaultdict(int)
    for body, reply in replies:
        assert reply.status == 200, reply.body
        answers[body["idempotency_key"]].add(reply.body)
        first[body["idempotency_key"]] += "idempotency-replayed" not in reply.headers
    assert {len(bodies) for bodies in answers.values()} == {1}
    assert set(first.values()) == {1}
    for number in range(50):
        expected = sum(1 + key % 7 for key in range(keys) if key % 50 == number)
        assert points(servers, f"retry_{number}")["total_earned"] == expected


def test_first_awards_of_new_participants_race_for_their_creation(servers: list[Server]) -> None:
    requests = [("/points/award", {"participant_id": f"newcomer_{n % 40}", "amount": 5}) for n in range(400)]
    replies = asyncio.run(post_all(urls(servers), requests))
    assert {reply.status for _, reply in replies} == {200}
    for number in range(40):
        told = points(servers, f"newcomer_{number}")
        assert (told["balance"], told["total_earned"], told["total_spent"]) == (50, 50, 0)


def test_anonymising_under_load_loses_no_point(servers: list[Server]) -> None:
    """Awards before the erasure belong to the anonymous id, those after it to a new participant of the old name."""

    async def work() -> None:
        async def erase() -> httpx.Response:
            await asyncio.sleep(0.05)
            async with httpx.AsyncClient(headers={"X-API-Key": ADMIN_KEY}) as client:
                return await client.delete(
                    f"{servers[0].base_url}/api/v1/gamify/admin/participants/leaver?anonymize=true"
                )

        requests = [("/points/award", {"participant_id": "leaver", "amount": 1}) for _ in range(600)]
        replies, erased = await asyncio.gather(post_all(urls(servers), requests, connections=16), erase())
        assert {reply.status for _, reply in replies} == {200}
        assert erased.status_code == 200
        anonymous = points(servers, erased.json()["anonymized_id"])["total_earned"]
        assert 0 < anonymous < 600
        assert anonymous + points(servers, "leaver")["total_earned"] == 600

    asyncio.run(work())


def test_afterwards_every_point_is_where_it_should_be(servers: list[Server]) -> None:
    check(servers[0].database_url, rebuild=True)
    with psycopg.connect(servers[0].database_url) as connection:
        counted = connection.execute("SELECT count(*) FROM journal").fetchone()
        assert counted is not None
        assert counted[0] > 1_000


def test_graceful_stop_finishes_what_was_accepted(databases: Databases) -> None:
    """Requests in flight when Ctrl-C comes are answered; what was answered is stored."""
    url = databases.create(TEMPLATE)
    server = Server(url).start()
    replies = asyncio.run(_post_until_stopped(server))
    acknowledged = sum(status == 200 for status in replies)
    assert acknowledged > 0
    assert set(replies) <= {200, 503}
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT sum(total_earned) FROM account").fetchone()
        assert row is not None
        assert row[0] == acknowledged


async def _post_until_stopped(server: Server) -> list[int]:
    statuses: list[int] = []
    is_stopping = False

    async def work(number: int) -> None:
        connection = Connection(server.base_url)
        while not is_stopping:
            reply = await connection.post("/points/award", {"participant_id": f"p{number % 5}", "amount": 1})
            if reply.status:
                statuses.append(reply.status)
            elif is_stopping:
                return
        connection.close()

    workers = [asyncio.create_task(work(number)) for number in range(16)]
    await asyncio.sleep(0.7)
    stop = asyncio.create_task(asyncio.to_thread(server.stop))
    await asyncio.sleep(0.02)
    is_stopping = True
    await asyncio.gather(*workers)
    assert await stop == 0
    return statuses
