"""People who are erased while their events are being sent: nothing is forgotten, and nothing names them any longer."""

import asyncio
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest

from laurels.storage.postgres.database import EDIT_SETTINGS, connect
from laurels.storage.webhooks import sending
from laurels.storage.webhooks.holding import HeldWebhook
from tests.checks import make_key, query
from tests.processes import laurels
from tests.receiver import Received, Receiver, Response
from tests.support import Server, eventually
from tests.test_webhooks import award, create, deliveries, settled, wait_for

TYPES = ("points.awarded", "participant.deleted", "participant.anonymised")


@pytest.fixture(scope="module")
def server(database_url: str) -> Iterator[Server]:
    with Server(database_url, webhook_networks="127.0.0.0/8") as running:
        yield running


@pytest.fixture
def api(server: Server, database_url: str) -> Iterator[httpx.Client]:
    code = f"erasures_{uuid4().hex[:8]}"
    done = laurels("projects", "create", code, "--mode", "test", "--database-url", database_url)
    assert done.returncode == 0, done.stderr
    with server.client(make_key(database_url, "admin", project=code)) as client:
        yield client


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


def erase(api: httpx.Client, participant_id: str, how: str = "") -> None:
    assert api.delete(f"/admin/participants/{participant_id}{how}").status_code == 200


def told(received: list[Received]) -> list[tuple[str, str | None, int | None]]:
    """The type, the name and the sequence of each request."""
    return [(each.event["type"], each.event["participant_id"], each.event["sequence"]) for each in received]


class Gate:
    """A receiver's behaviour: the first request stays open until `open`, and then fails or succeeds."""

    def __init__(self, receiver: Receiver, status: int) -> None:
        self.open = threading.Event()
        self._receiver = receiver
        self._status = status

    def __call__(self, request: Received) -> Response:
        if request is self._receiver.received[0]:
            self.open.wait(12)
            return Response(self._status)
        return Response(200)


@pytest.mark.parametrize("how", ["", "?anonymize=true"])
@pytest.mark.parametrize("status", [500, 200])
def test_a_person_is_erased_while_a_request_is_open(
    api: httpx.Client, receiver: Receiver, status: int, how: str
) -> None:
    receiver.respond = gate = Gate(receiver, status)
    create(api, receiver.url, *TYPES)
    for amount in (1, 2):
        award(api, "ada", amount)
    wait_for(receiver, 1)
    eventually(lambda: len(deliveries(api)) == 2)
    erase(api, "ada", how)
    award(api, "ada", 3)
    eventually(lambda: len(deliveries(api)) == 4)
    # Longer than the process needs to notice what the erasure has changed.
    time.sleep(1.5)
    assert len(receiver.received) == 1
    gate.open.set()
    settled(api, 4)
    erased = "participant.anonymised" if how else "participant.deleted"
    first, *later = told(receiver.received)
    assert first[:2] == ("points.awarded", "ada")
    assert [each for each in later if each[1] is not None] == [
        (erased, "ada", None),
        ("points.awarded", "ada", first[2]),
    ]
    nameless = [each for each in later if each[1] is None]
    assert nameless == [("points.awarded", None, None)] * (2 if status == 500 else 1)


def test_events_in_memory_lose_the_name(api: httpx.Client, receiver: Receiver) -> None:
    """A receiver that fails is asked rarely, so that many events wait in memory."""
    receiver.respond = lambda _: Response(500)
    create(api, receiver.url, *TYPES)
    people = [f"person_{number}" for number in range(90)]
    awards = [{"participant_id": each, "amount": 1} for each in people]
    assert api.post("/points/award-batch", json={"awards": awards}).status_code == 200
    wait_for(receiver, 10)
    eventually(lambda: api.get("/admin/webhooks/crm").json()["failing_since"] is not None)
    named = {each.event["participant_id"] for each in receiver.received}
    last = [each for each in people if each not in named][-1]
    erase(api, last)
    time.sleep(1.5)
    receiver.respond = lambda _: Response(200)
    settled(api, 91)
    assert [each for each in told(receiver.received) if each[1] == last] == [("participant.deleted", last, None)]


def test_an_erasure_knows_deliveries_that_are_being_added(api: httpx.Client, database_url: str) -> None:
    webhook = create(api, "http://127.0.0.1:9/", *TYPES)
    holder = str(uuid4())
    hold = "UPDATE webhook SET holder = %s, held_until = now() + interval '1 hour' WHERE id = %s RETURNING project_id"
    [(project_id,)] = query(database_url, hold, holder, webhook["id"])
    award(api)
    events = "SELECT FROM feed_event WHERE project_id = %s"
    eventually(lambda: bool(query(database_url, events, project_id)))
    held = HeldWebhook(
        id=webhook["id"],
        project_id=project_id,
        code="crm",
        url=webhook["url"],
        headers={},
        signature_header=None,
        include_historical=False,
        failing_since=None,
        has_due=True,
        has_events=True,
    )

    async def add_while_erasing() -> None:
        connection = await connect(database_url, EDIT_SETTINGS)
        async with connection.transaction():
            progress = await sending.lock(connection, held, holder, datetime.now(UTC))
            new = await sending.take_new(connection, held, progress, datetime.now(UTC), 10)
            assert [each.event["participant_id"] for each in new.taken if each.event] == ["ada"]
            erasing = asyncio.create_task(asyncio.to_thread(erase, api, "ada"))
            # Less than the time limit of a lock.
            await asyncio.sleep(0.5)
            assert not erasing.done()
        await erasing
        await connection.close()

    asyncio.run(add_while_erasing())
    rows = query(database_url, "SELECT line, due_at FROM webhook_delivery WHERE webhook_id = %s", webhook["id"])
    assert [(line, due_at is None) for line, due_at in rows] == [(None, False)]
