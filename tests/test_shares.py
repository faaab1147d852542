"""One key's reads, however many and slow, leave others' reads and /readyz alone."""

import asyncio
import random
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import httpx
import psycopg
import pytest

from laurels.storage.postgres.database import ReadsCrowdedError
from laurels.storage.postgres.pools import SURVEY_CONNECTIONS, SURVEY_QUEUE_LIMIT, Readers, Surveys
from laurels.storage.postgres.shares import ConnectionShares, QueueFullError
from tests.checks import assert_refused, make_key, query
from tests.conftest import TEMPLATE
from tests.support import Databases, Server, eventually

SIZE = 4
LIABILITY = "/admin/liability"


async def turn() -> None:
    """Whoever can go on, does."""
    for _ in range(5):
        await asyncio.sleep(0)


def test_a_holder_has_half_and_others_come_in_turn() -> None:
    async def share() -> None:
        shares, served = ConnectionShares(SIZE), list[str]()

        async def take(holder: str) -> None:
            await shares.acquire(holder)
            served.append(holder)

        tasks = [asyncio.create_task(take("greedy")) for _ in range(4)]
        await turn()
        tasks += [asyncio.create_task(take(holder)) for holder in ("a", "a", "a", "b", "c")]
        await turn()
        assert served == ["greedy", "greedy", "a", "a"]
        for freed, follows in (("greedy", "greedy"), ("a", "a"), ("greedy", "b"), ("a", "c"), ("a", "greedy")):
            shares.release(freed)
            await turn()
            assert served.pop() == follows
        await asyncio.gather(*tasks)

    asyncio.run(share())


@pytest.mark.parametrize(("size", "most"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3)])
def test_half_is_rounded_up(size: int, most: int) -> None:
    assert ConnectionShares(size).limit_of_one == most


def test_a_full_queue_refuses_its_holder_alone() -> None:
    async def share() -> None:
        shares = ConnectionShares(SIZE, queue_limit=3)
        tasks = [asyncio.create_task(shares.acquire("greedy")) for _ in range(2 + 3)]
        await turn()
        with pytest.raises(QueueFullError):
            await shares.acquire("greedy")
        await shares.acquire("another")
        await shares.acquire(None)
        for task in tasks:
            task.cancel()

    asyncio.run(share())


def test_the_server_itself_has_no_share() -> None:
    async def share() -> None:
        shares = ConnectionShares(SIZE)
        for _ in range(SIZE):
            await asyncio.wait_for(shares.acquire(None), 5)

    asyncio.run(share())


def test_places_are_neither_lost_nor_given_twice() -> None:
    """For any order of coming, going and giving up, also of those who are given a place as they give up."""

    async def share(rolled: random.Random) -> None:
        shares, held = ConnectionShares(SIZE, queue_limit=5), list[str]()

        async def use(holder: str) -> None:
            await shares.acquire(holder)
            held.append(holder)
            assert len(held) <= SIZE
            assert held.count(holder) <= 2
            try:
                for _ in range(rolled.randrange(4)):
                    await asyncio.sleep(0)
            finally:
                held.remove(holder)
                shares.release(holder)

        tasks = []
        for _ in range(60):
            tasks.append(asyncio.create_task(use(rolled.choice("aaab"))))
            if rolled.random() < 0.5:
                await asyncio.sleep(0)
            if rolled.random() < 0.3:
                rolled.choice(tasks).cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError, QueueFullError):
                await task
        async with asyncio.timeout(5):
            for number in range(SIZE):
                await shares.acquire(number)

    for seed in range(100):
        asyncio.run(share(random.Random(seed)))


@pytest.fixture(scope="module")
def other(server: Server) -> Iterator[httpx.Client]:
    """With a key of its own."""
    with server.client(make_key(server.database_url or "", "gamify")) as client:
        yield client


@contextmanager
def unreadable(url: str, table: str) -> Iterator[None]:
    """Whatever reads the table waits until the end."""
    with psycopg.connect(url) as connection:
        connection.execute(f"LOCK TABLE {table}".encode())
        yield


@contextmanager
def asked(client: httpx.Client, path: str, number: int) -> Iterator[list[Future[httpx.Response]]]:
    with ThreadPoolExecutor(number) as pool:
        yield [pool.submit(client.get, path) for _ in range(number)]


WAITING = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s AND wait_event_type = 'Lock'"


def waiting(url: str, application: str) -> int:
    return int(query(url, WAITING, application)[0][0])


def test_slow_reads_of_one_key_hold_up_no_other(api: httpx.Client, other: httpx.Client, server: Server) -> None:
    url = server.database_url or ""
    api.post("/points/award", json={"participant_id": "read", "amount": 1}).raise_for_status()
    with ExitStack() as stack:
        with unreadable(url, "earned_badge"):
            slow = stack.enter_context(asked(api, "/participants/read/badges", 6))
            eventually(lambda: waiting(url, "laurels reader") == SIZE // 2, seconds=30)
            for _ in range(10):
                assert other.get("/participants/read/points").status_code == 200
                assert httpx.get(f"{server.base_url}/readyz").status_code == 200
            assert waiting(url, "laurels reader") == SIZE // 2
        assert {each.result().status_code for each in slow} == {200}


def test_surveys_hold_up_no_other_read_and_are_few(api: httpx.Client, other: httpx.Client, server: Server) -> None:
    """Not even of the same key."""
    url = server.database_url or ""
    number = SURVEY_CONNECTIONS // 2 + SURVEY_QUEUE_LIMIT
    api.post("/points/award", json={"participant_id": "read", "amount": 1}).raise_for_status()
    with ExitStack() as stack:
        with unreadable(url, "point_lot"):
            slow = stack.enter_context(asked(api, LIABILITY, number + 1))
            eventually(lambda: any(each.done() for each in slow), seconds=30)
            assert waiting(url, "laurels surveys") == SURVEY_CONNECTIONS // 2
            assert api.get("/participants/read/points").status_code == 200
            assert other.get("/participants/read/points").status_code == 200
            assert waiting(url, "laurels surveys") == SURVEY_CONNECTIONS // 2
        replies = [each.result() for each in slow]
    refused = [reply for reply in replies if reply.status_code == 503]
    assert len(refused) == 1
    assert refused[0].headers["retry-after"] == "1"
    assert_refused(
        refused[0],
        503,
        detail="Too many reads of this API key are waiting; try again shortly, with fewer requests at a time",
    )
    assert {reply.status_code for reply in replies if reply not in refused} == {200}


@pytest.fixture(scope="module")
def impatient(databases: Databases) -> Iterator[Server]:
    with Server(databases.create(TEMPLATE), survey_seconds="0.2") as server:
        yield server


@pytest.mark.parametrize(
    ("path", "table"),
    [
        (LIABILITY, "hold"),
        ("/admin/participants?sort_by=total_points", "account"),
        ("/admin/participants?search=a", "account"),
        ("/admin/claims", "claim"),
        ("/admin/audit-log?kind=badge", "audit_log"),
    ],
)
def test_a_survey_that_takes_too_long_says_what_to_do(impatient: Server, path: str, table: str) -> None:
    with impatient.client() as api:
        with unreadable(impatient.database_url or "", table):
            reply = api.get(path)
        assert_refused(reply, 503)
        assert reply.json()["code"] == "read_too_long"
        assert "use filters" in reply.json()["detail"]
        assert int(reply.headers["retry-after"]) >= 10
        assert api.get(path).status_code == 200, "the next one is as if nothing had been"


def test_a_person_with_many_events_is_searched_by_a_survey(impatient: Server) -> None:
    """With few, among the small reads."""
    url = impatient.database_url or ""
    with impatient.client() as api:
        for name in ("few", "many"):
            api.post("/events", json={"participant_id": name, "event_name": "seen"}).raise_for_status()
        with psycopg.connect(url) as connection:
            connection.execute(
                "UPDATE account a SET total_events = 10001, seq = seq + 10000 FROM participant p"
                " WHERE (p.lane, p.subject) = (a.lane, a.subject) AND participant_id = 'many'"
            )
        for path in ("/events?event_name=seen", "/events?from=2020-01-01T00:00:00Z", "/points/transactions"):
            with unreadable(url, "journal"):
                assert api.get(f"/participants/many{path}").json()["code"] == "read_too_long"
            assert api.get(f"/participants/few{path}").status_code == 200
            assert api.get(f"/participants/many{path}").status_code == 200
        assert api.get("/participants/many/events").json()["total"] == 10_001, "counted as they came"


def test_connections_are_no_more_than_operations_tells(database_url: str) -> None:
    """One key that wants them all."""

    async def used(pool: Any) -> int:
        await asyncio.gather(*(pool.fetch("SELECT pg_sleep(0.05)") for _ in range(12)))
        count = len(pool._idle)
        await pool.close()
        return count

    async def all_pools() -> list[int]:
        return [await used(Readers(database_url, SIZE)), await used(Surveys(database_url, 30))]

    assert asyncio.run(all_pools()) == [SIZE, SURVEY_CONNECTIONS]


def test_nobody_waits_for_ever(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind reads that do not end."""
    monkeypatch.setattr("laurels.storage.postgres.pools.READ_QUEUE_SECONDS", 0.1)

    async def wait() -> None:
        readers = Readers(database_url, 1)
        slow = asyncio.create_task(readers.fetch("SELECT pg_sleep(60)"))
        await asyncio.sleep(0.05)
        with pytest.raises(ReadsCrowdedError):
            await readers.fetch("SELECT 1")
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)
        assert await readers.fetch("SELECT 1")
        await readers.close()

    asyncio.run(wait())
