"""What a caller can make the server keep in memory is bounded by bytes; what is beyond is refused in a sentence."""

import random
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import psycopg
import pytest

from laurels.storage.postgres.pieces import PIECE_BYTES
from laurels.web.protocol.memory import LIGHT_BYTES, Budget, NoRoomError, weight_of
from tests.attackers import DENSE, attacking, peak_memory
from tests.checks import assert_refused, make_key
from tests.conftest import TEMPLATE
from tests.support import ADMIN_KEY, Databases, Server, eventually

MOST_BYTES = 400 * 1024 * 1024
LIMIT = 1024 * 1024


@pytest.mark.parametrize("weight", [0, 1, LIGHT_BYTES])
def test_light_requests_always_have_room(weight: int) -> None:
    budget = Budget(LIMIT)
    budget.reservation("a").resize(LIMIT)
    budget.reservation("a").resize(weight)
    assert budget.reserved_bytes == LIMIT


@pytest.mark.parametrize("weight", [LIGHT_BYTES + 1, LIMIT, 50 * LIMIT])
def test_whoever_is_alone_has_room(weight: int) -> None:
    budget = Budget(LIMIT)
    reservation = budget.reservation("a")
    for weight_now in (LIGHT_BYTES + 1, weight):
        reservation.resize(weight_now)
    assert budget.reserved_bytes == weight
    reservation.release()
    assert (budget.reserved_bytes, budget.by_holder) == (0, {})


def test_a_key_leaves_as_much_as_it_takes() -> None:
    budget = Budget(LIMIT)
    weight = LIMIT // 32
    for _ in range(16):
        budget.reservation("greedy").resize(weight)
    with pytest.raises(NoRoomError):
        budget.reservation("greedy").resize(weight)
    assert budget.by_holder == {"greedy": LIMIT // 2}
    others = budget.reservation("another")
    others.resize(LIMIT // 4)
    with pytest.raises(NoRoomError):
        others.resize(LIMIT // 2 + weight)
    assert budget.by_holder == {"greedy": LIMIT // 2}, "whoever gets no more gives up what they had"


def test_the_sum_of_places_is_what_is_taken() -> None:
    """For any order of taking, changing and leaving."""
    for seed in range(200):
        rolled = random.Random(seed)
        budget = Budget(LIMIT)
        reservations = [budget.reservation(holder) for holder in "aabbc"]
        held = [0] * len(reservations)
        for _ in range(50):
            number = rolled.randrange(len(reservations))
            weight = rolled.choice([0, 20_000, 100_000, LIMIT // 3, 2 * LIMIT])
            try:
                reservations[number].resize(weight)
                held[number] = weight
            except NoRoomError:
                held[number] = 0
            assert budget.reserved_bytes == sum(held) == sum(budget.by_holder.values())
            assert budget.reserved_bytes <= LIMIT or max(held) > LIMIT // 2
        for reservation in reservations:
            reservation.release()
        assert (budget.reserved_bytes, budget.by_holder) == (0, {})


SHAPES = {
    "objects": [{}] * 5_000,
    "lists": [[]] * 5_000,
    "numbers": list(range(1_000, 9_000)),
    "floats": [number + 0.5 for number in range(5_000)],
    "texts": [f"text {number}" for number in range(3_000)],
    "fields": {f"field {number}": number for number in range(3_000)},
    "small objects": [{"a": number} for number in range(3_000)],
    "pairs": [[number + 0.5] for number in range(3_000)],
    "one text": "x" * 50_000,
    "a text of many bytes": "\U0001f600" * 10_000,
}


@pytest.mark.parametrize("value", SHAPES.values(), ids=list(SHAPES))
def test_the_weight_is_that_of_objects(value: Any) -> None:
    body = msgspec.json.encode(value)
    taken = memory_of(msgspec.json.decode(body))
    assert taken <= weight_of(body) <= 4 * taken + 4 * len(body)


def memory_of(value: Any) -> int:
    taken = sys.getsizeof(value)
    if isinstance(value, dict):
        taken += sum(memory_of(name) + memory_of(inner) for name, inner in value.items())
    elif isinstance(value, list):
        taken += sum(memory_of(inner) for inner in value)
    return taken


METADATA_LIMIT = 65_536
BODIES: dict[str, dict[str, Any]] = {
    "/points/award": {"amount": 1},
    "/points/deduct": {"amount": 1},
    "/points/hold": {"amount": 1},
    "/points/capture": {"hold_id": str(uuid4())},
    "/points/release": {"hold_id": str(uuid4())},
    "/points/reverse": {"transaction_id": str(uuid4())},
    "/badges/award": {"badge_code": "first_steps"},
}


def metadata_of(length: int) -> dict[str, str]:
    """Has so many bytes as JSON."""
    return {"a": "x" * (length - len('{"a":""}'))}


@pytest.mark.parametrize("path", BODIES)
def test_metadata_has_64_kib_at_most(api: httpx.Client, name: str, path: str) -> None:
    body = {"participant_id": name, **BODIES[path]}
    refused = api.post(path, json={**body, "metadata": metadata_of(METADATA_LIMIT + 1)})
    assert_refused(refused, 422, field="metadata")
    assert refused.json()["detail"] == "metadata must have at most 65536 bytes of JSON."
    assert api.post(path, json={**body, "metadata": metadata_of(METADATA_LIMIT)}).status_code in {200, 400, 404}


def test_metadata_in_a_batch(api: httpx.Client, name: str) -> None:
    items = [{"participant_id": name, "amount": 1, "metadata": metadata_of(METADATA_LIMIT + more)} for more in (0, 1)]
    answer = api.post("/points/award-batch", json={"awards": items}).json()
    assert (answer["processed"], answer["failed"]) == (1, 1)
    assert answer["results"][1]["error"] == "metadata must have at most 65536 bytes of JSON."


def awarded(api: httpx.Client, name: str, times: int) -> list[dict[str, Any]]:
    metadata = [{"number": number, "text": "ä" * (20_000 if number % 3 else 10)} for number in range(times)]
    for each in metadata:
        api.post("/points/award", json={"participant_id": name, "amount": 1, "metadata": each}).raise_for_status()
    return metadata[::-1]


def test_a_page_of_long_transactions_is_whole(api: httpx.Client, name: str) -> None:
    metadata = awarded(api, name, 20)
    reply = api.get(f"/participants/{name}/points/transactions", params={"page_size": 100})
    assert len(reply.content) > 2 * PIECE_BYTES
    assert [each["metadata"] for each in reply.json()["transactions"]] == metadata
    assert reply.json()["total"] == 20
    for page in (1, 2, 3, 4):
        part = api.get(f"/participants/{name}/points/transactions", params={"page_size": 7, "page": page}).json()
        assert [each["metadata"] for each in part["transactions"]] == metadata[7 * (page - 1) : 7 * page]
    first = api.get(f"/participants/{name}/points/transactions", params={"page_size": 13}).json()
    after = {"page_size": 13, "after": first["next_cursor"]}
    second = api.get(f"/participants/{name}/points/transactions", params=after).json()
    assert [each["metadata"] for part in (first, second) for each in part["transactions"]] == metadata
    assert second["next_cursor"] is None


def test_metadata_from_before_the_limit_stays_readable(api: httpx.Client, database_url: str, name: str) -> None:
    awarded(api, name, 4)
    old = {"a": "x" * 900_000}
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "UPDATE journal SET data = data || jsonb_build_object('metadata', %s::jsonb) FROM participant p"
            " WHERE (p.lane, p.subject) = (journal.lane, journal.subject) AND participant_id = %s AND data ? 'amount'",
            (msgspec.json.encode(old).decode(), name),
        )
    listed = api.get(f"/participants/{name}/points/transactions").json()["transactions"]
    assert [each["metadata"] == old for each in listed] == [True] * 4
    exported = api.get(f"/admin/participants/{name}/export").json()["stored"]["facts"]
    assert [fact["data"]["metadata"] == old for fact in exported if "amount" in fact["data"]] == [True] * 4


def test_a_page_of_long_events_is_whole(api: httpx.Client, name: str) -> None:
    properties = [{"number": number, "text": "x" * 40_000} for number in range(10)]
    for each in properties:
        event = {"participant_id": name, "event_name": "e", "properties": each}
        api.post("/events", json=event).raise_for_status()
    reply = api.get(f"/participants/{name}/events", params={"page_size": 100})
    assert "content-length" not in reply.headers, "in pieces"
    assert [each["properties"] for each in reply.json()["events"]] == properties[::-1]


def test_all_open_holds_come_whole(api: httpx.Client, name: str) -> None:
    reasons = [f"{number}" + "\U0001f600" * 490 for number in range(90)]
    api.post("/points/award", json={"participant_id": name, "amount": 1_000}).raise_for_status()
    for number, reason in enumerate(reasons):
        hold = {"participant_id": name, "amount": 1, "reason": reason, "expires_in_minutes": 1_000 + number}
        api.post("/points/hold", json=hold).raise_for_status()
    reply = api.get(f"/participants/{name}/points/holds")
    assert len(reply.content) > PIECE_BYTES
    assert "content-length" not in reply.headers, "in pieces"
    assert [hold["reason"] for hold in reply.json()["holds"]] == reasons
    assert reply.json()["held"] == 90


@pytest.fixture(scope="module")
def small(databases: Databases) -> Iterator[Server]:
    """With little memory, for which more patience with slow bodies does not matter."""
    with Server(databases.create(TEMPLATE), request_memory_mb="16", request_seconds="60") as server:
        yield server


def begin_long_award(server: Server, key: str) -> socket.socket:
    """Most of a request of 300 KB, the end of which does not come."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    head = f"POST /api/v1/gamify/points/award HTTP/1.1\r\nHost: a\r\nX-API-Key: {key}\r\n"
    connection.sendall(head.encode() + b"Content-Length: 300000\r\n\r\n" + b" " * 250_000)
    return connection


def test_without_room_heavy_requests_are_refused_and_light_ones_served(small: Server, name: str) -> None:
    light = {"participant_id": name, "amount": 1}
    heavy = msgspec.json.encode({**light, "metadata": {"a": [{}] * 20_000}})
    other_key = make_key(small.database_url or "", "gamify")
    begun = [begin_long_award(small, ADMIN_KEY) for _ in range(40)]
    try:
        with small.client() as api, small.client(other_key) as other:
            eventually(lambda: api.post("/points/award", content=heavy).status_code == 503, seconds=60)
            refused = api.post("/points/award", content=heavy)
            assert refused.headers["retry-after"] == "1"
            assert "outcome-unknown" not in refused.headers
            assert refused.json()["detail"].startswith("The server has no memory left for a request of this size")
            for _ in range(20):
                assert api.post("/points/award", json=light).status_code == 200
                assert other.post("/points/award", content=heavy).status_code == 200
            assert "laurels_requests_without_room_total" in httpx.get(f"{small.base_url}/metrics").text
    finally:
        for connection in begun:
            connection.close()
    with small.client() as api:
        eventually(lambda: api.post("/points/award", content=heavy).status_code == 200, seconds=60)


def ask_and_take_nothing(server: Server, path: str) -> socket.socket:
    """Several times, without waiting."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(30)
    connection.connect(("127.0.0.1", server.port))
    head = f"GET /api/v1/gamify{path} HTTP/1.1\r\nHost: a\r\nX-API-Key: {ADMIN_KEY}\r\n\r\n"
    connection.sendall(4 * head.encode())
    return connection


def test_responses_of_which_nothing_is_taken_count_against_the_memory(small: Server, name: str) -> None:
    other_key = make_key(small.database_url or "", "gamify")
    long_page = f"/participants/{name}/points/transactions?page_size=100"
    with small.client() as api, small.client(other_key) as other:
        for number in range(60):
            # Texts that no compression of the database makes short.
            text = random.Random(number).randbytes(30_000).hex()
            award = {"participant_id": name, "amount": 1, "metadata": {"text": text}}
            api.post("/points/award", json=award).raise_for_status()
        said = "The server has no memory left for a response of this size and did nothing; try again shortly"
        asking: list[socket.socket] = []
        refusals: list[httpx.Response] = []

        def has_no_room_after_more_have_asked() -> bool:
            # Some are refused, as too many of the key read at once: they hold nothing.
            asking.extend(ask_and_take_nothing(small, long_page) for _ in range(20))
            response = api.get(long_page)
            if response.status_code == 503 and response.json()["detail"] == said:
                refusals.append(response)
            return bool(refusals)

        try:
            eventually(has_no_room_after_more_have_asked, seconds=60)
            assert refusals[0].headers["retry-after"] == "1"
            assert_refused(refusals[0], 503, detail=said)
            assert api.get(f"/participants/{name}/points").status_code == 200
            assert other.get(long_page).status_code == 200
            assert api.post("/points/award", json={"participant_id": name, "amount": 1}).status_code == 200
        finally:
            for connection in asking:
                connection.close()
        eventually(lambda: api.get(long_page).status_code == 200, seconds=60)


def test_what_was_done_is_told_without_room() -> None:
    budget = Budget(LIMIT)
    budget.reservation("a").resize(LIMIT)
    reservation = budget.reservation("a")
    reservation.keep(2 * LIMIT)
    assert budget.reserved_bytes == 3 * LIMIT
    reservation.release()
    assert budget.reserved_bytes == LIMIT


ATTACKS = [
    "half-sent bodies",
    "dense awards",
    "long dense awards",
    "dense batches",
    "dense profiles",
    "pages not taken",
    "requests without waiting",
]


@pytest.fixture(scope="module")
def attacked(databases: Databases) -> Iterator[Server]:
    """Knows a participant with a page of 2.4 MB."""
    with Server(databases.create(TEMPLATE)) as server, server.client() as api:
        dense = b'{"participant_id":"known","amount":1,"metadata":{"a":' + DENSE + b"}}"
        for _ in range(40):
            api.post("/points/award", content=dense).raise_for_status()
        yield server


def attack(server: Server, kind: str, connections: int, seconds: float) -> float:
    """Others are served meanwhile; the peak of the memory in MB."""
    assert server.process is not None
    with (
        peak_memory(server.process.pid) as peak,
        attacking(kind, connections, server.port, ADMIN_KEY),
        server.client() as api,
    ):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            body = {"participant_id": "other", "amount": 1}
            assert api.post("/points/award", json=body).status_code == 200
    assert peak[0] < MOST_BYTES
    return peak[0] / 1024 / 1024


SAMPLED = ("half-sent bodies", "dense awards")


@pytest.mark.parametrize(
    "kind", [kind if kind in SAMPLED else pytest.param(kind, marks=pytest.mark.all_cases) for kind in ATTACKS]
)
def test_memory_stays_bounded(attacked: Server, kind: str) -> None:
    attack(attacked, kind, 60, seconds=2)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ATTACKS)
def test_memory_stays_bounded_for_long(attacked: Server, kind: str) -> None:
    print(f"{kind}: {attack(attacked, kind, 300, seconds=30):.0f} MB at most")


def test_many_requests_without_waiting_are_all_answered(server: Server) -> None:
    """More than are parsed at once, in packets that end anywhere."""
    request = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"

    def send() -> None:
        sent = request * 10_000
        for start in range(0, len(sent), 5_001):
            connection.sendall(sent[start : start + 5_001])
            if start % 7 == 0:
                time.sleep(0.02)

    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=60)) as connection:
        threading.Thread(target=send, daemon=True).start()
        answers = 0
        rest = b""
        while answers < 10_000:
            received = connection.recv(1024 * 1024)
            assert received
            rest += received
            answers += rest.count(b"HTTP/1.1 200 OK")
            rest = rest[-14:] if not rest.endswith(b"HTTP/1.1 200 OK") else b""
    assert answers == 10_000
