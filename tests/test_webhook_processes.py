"""The processes that send deliveries: they share the webhooks, and take over those of one that was killed."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator

import httpx
import psutil  # type: ignore[import-untyped]
import pytest

from laurels.delivery.webhooks.process import NICENESS
from tests.checks import query
from tests.receiver import Received, Receiver, Response
from tests.support import Databases, Server, check, eventually

MODULE = "laurels.delivery.webhooks.process"
WEBHOOKS = 6
NETWORKS = "127.0.0.0/8"


def delivering(server: Server) -> list[psutil.Process]:
    """The processes of the server that send."""
    assert server.process is not None
    children = psutil.Process(server.process.pid).children(recursive=True)
    return [child for child in children if MODULE in child.cmdline()]


def holders(database_url: str) -> Counter[str]:
    rows = query(database_url, "SELECT holder::text FROM webhook WHERE held_until > now()")
    return Counter(holder for (holder,) in rows)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver(lambda _: Response(after_seconds=0.02)) as running:
        yield running


def create(api: httpx.Client, receiver: Receiver, webhooks: int) -> None:
    for number in range(webhooks):
        body = {"code": f"w{number}", "name": "W", "url": f"{receiver.url}{number}", "types": ["points.awarded"]}
        assert api.post("/admin/webhooks", json=body).status_code == 201


def award(api: httpx.Client, participant_id: str) -> None:
    assert api.post("/points/award", json={"participant_id": participant_id, "amount": 1}).status_code == 200


def assert_whole(received: list[Received], webhooks: int, events: int) -> None:
    """Every event arrived at every webhook under one id, numbers have no gaps, and people's events are in order."""
    for number in range(webhooks):
        own = [each for each in received if each.path == f"/{number}"]
        by_number = {each.number: each.id for each in own}
        assert sorted(by_number) == list(range(1, events + 1))
        assert len({*by_number.values()}) == events
        assert all(by_number[each.number] == each.id for each in own)
        firsts: dict[str, list[int]] = {}
        for each in {each.id: each for each in reversed(own)}.values():
            firsts.setdefault(each.event["participant_id"], []).append(each.event["sequence"])
        assert all(sequences == sorted(sequences, reverse=True) for sequences in firsts.values())


def test_the_delivering_process_is_killed_again_and_again(database_url: str, receiver: Receiver) -> None:
    with Server(database_url, webhook_networks=NETWORKS) as server, server.client() as api:
        create(api, receiver, 2)
        eventually(lambda: len(delivering(server)) == 1)
        assert server.process is not None
        server_nice = psutil.Process(server.process.pid).nice()
        eventually(lambda: any(each.nice() == min(19, server_nice + NICENESS) for each in delivering(server)))
        is_over = threading.Event()

        def kill() -> None:
            while not is_over.wait(2.5):
                for process in delivering(server):
                    process.kill()

        killing = threading.Thread(target=kill)
        killing.start()
        deadline = time.monotonic() + 12
        events = 0
        while time.monotonic() < deadline:
            award(api, f"person_{events % 5}")
            events += 1
            time.sleep(0.01)
        is_over.set()
        killing.join()
        eventually(lambda: len({(each.path, each.id) for each in receiver.received}) == 2 * events)
        eventually(lambda: not query(database_url, "SELECT FROM webhook_delivery WHERE state = 'waiting'"))
        assert_whole(receiver.received, 2, events)
        check(database_url)


def test_servers_share_the_webhooks_and_take_over_those_of_a_dead_one(databases: Databases, receiver: Receiver) -> None:
    url = databases.create("laurels")
    with Server(url, webhook_networks=NETWORKS) as first, Server(url, webhook_networks=NETWORKS) as second:
        with first.client() as api:
            create(api, receiver, WEBHOOKS)
        eventually(lambda: sorted(holders(url).values()) == [WEBHOOKS // 2, WEBHOOKS // 2])
        first.kill()
        killed_at = time.monotonic()
        with second.client() as api:
            for number in range(20):
                award(api, f"person_{number % 3}")
        eventually(lambda: len({(each.path, each.id) for each in receiver.received}) == 20 * WEBHOOKS)
        assert time.monotonic() - killed_at < 30
        assert_whole(receiver.received, WEBHOOKS, 20)


def test_a_process_that_stood_still_sends_nothing_that_another_one_has_sent(databases: Databases) -> None:
    """It has the response to its first request as soon as it goes on, and the others in memory."""
    url = databases.create("laurels")
    answers = threading.Event()

    def respond(request: Received) -> Response:
        if request is receiver.received[0]:
            answers.wait(40)
        return Response()

    with Receiver(respond) as receiver, Server(url, webhook_networks=NETWORKS) as first:
        with first.client() as api:
            create(api, receiver, 1)
            for _ in range(5):
                award(api, "ada")
        eventually(lambda: len(query(url, "SELECT FROM webhook_delivery")) == 5)
        [standing] = delivering(first)
        standing.suspend()
        try:
            with Server(url, webhook_networks=NETWORKS):
                eventually(lambda: len(receiver.received) == 6)
                answers.set()
                standing.resume()
                time.sleep(1)
        finally:
            standing.resume()
        assert Counter(each.number for each in receiver.received) == {1: 2, 2: 1, 3: 1, 4: 1, 5: 1}
        assert_whole(receiver.received, 1, 5)


def test_the_process_starts_with_the_first_webhook_and_stops_with_the_server(
    databases: Databases, receiver: Receiver
) -> None:
    url = databases.create("laurels")
    with Server(url, webhook_networks=NETWORKS) as server, server.client() as api:
        time.sleep(3)
        assert not delivering(server)
        create(api, receiver, 1)
        eventually(lambda: len(delivering(server)) == 1)
        [process] = delivering(server)
        assert server.stop(signal.SIGTERM) == 0
        assert not process.is_running()
        assert holders(url) == {}


def test_the_process_ends_with_a_server_that_was_killed(databases: Databases, receiver: Receiver) -> None:
    url = databases.create("laurels")
    with Server(url, webhook_networks=NETWORKS) as server, server.client() as api:
        create(api, receiver, 1)
        eventually(lambda: len(delivering(server)) == 1)
        [process] = delivering(server)
        assert server.process is not None
        server.process.kill()
        eventually(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)
