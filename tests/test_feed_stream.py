"""The feed as a stream of Server-Sent Events."""

import asyncio
import random
import re
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from uuid import uuid4

import httpx
import psutil
import pytest

from laurels.web import news
from laurels.web.news import STREAM_LIMIT
from laurels.web.protocol.errors import Refusal
from tests import streams
from tests.checks import assert_refused, make_key, query
from tests.streams import LONGEST_WAIT_SECONDS, SHORT, Block, events, opened
from tests.support import Server, eventually


@pytest.fixture
def project(database_url: str) -> str:
    """A test project of its own, which nobody listens to."""
    code = f"stream_{uuid4().hex[:8]}"
    make_key(database_url, project=code, mode="test")
    return code


@pytest.fixture
def api(server: Server, database_url: str, project: str) -> Iterator[httpx.Client]:
    with server.client(make_key(database_url, "admin", project=project)) as client:
        yield client


@pytest.fixture(scope="module")
def hasty(database_url: str) -> Iterator[Server]:
    """A server whose streams have short times."""
    with Server(database_url, main=SHORT) as running:
        yield running


def award(api: httpx.Client, who: str, amount: int = 1, **more: object) -> None:
    reply = api.post("/points/award", json={"participant_id": who, "amount": amount, **more})
    assert reply.status_code == 200, reply.text


def kept(api: httpx.Client, **parameters: object) -> list[object]:
    """All events that the feed has."""
    found: list[object] = []
    after = "kgDEAA"
    while True:
        page = api.get("/feed", params={"after": after, **parameters}).json()  # type: ignore[dict-item]
        found += page["events"]
        after = page["cursor"]
        if not page["has_more"]:
            return found


def open_streams(server: Server) -> int:
    shown = httpx.get(f"{server.base_url}/metrics").text
    [number] = re.findall(r"^laurels_feed_streams (\S+)$", shown, re.MULTILINE)
    return round(float(number))


def test_events_come_as_they_happen(api: httpx.Client, name: str) -> None:
    with opened(api) as stream:
        begin = next(stream)
        assert begin.retry == "2000"
        assert begin.id
        award(api, name, 5, reason="One\nline\r\nor more")
        created, awarded = events(stream, 2)
        assert [created.event["type"], awarded.event["type"]] == ["participant.created", "points.awarded"]
        award(api, name, 6)
        [later] = events(stream, 1)
        assert later.event["data"]["balance_after"] == 11
    page = api.get("/feed", params={"after": begin.id}).json()
    assert [created.event, awarded.event, later.event] == page["events"]
    assert later.id == page["cursor"]
    assert api.get("/feed", params={"after": awarded.id}).json()["events"] == [later.event]


def test_the_header_goes_before_the_parameter(api: httpx.Client, name: str) -> None:
    api.get("/feed").raise_for_status()
    award(api, name)
    award(api, name)
    with opened(api, after="kgDEAA") as stream:
        next(stream)
        first, second, third = events(stream, 3)
    with opened(api, last=second.id, after=first.id) as stream:
        assert next(stream).id == second.id
        assert events(stream, 1) == [third]
    with opened(api, after=first.id) as stream:
        assert [next(stream).id, *(each.id for each in events(stream, 2))] == [first.id, second.id, third.id]


def test_latest_resumes_before_its_first_event(api: httpx.Client, name: str) -> None:
    api.get("/feed").raise_for_status()
    award(api, name)
    eventually(lambda: len(kept(api)) == 2)
    with opened(api, after="latest") as stream:
        begin = next(stream)
    award(api, name, 7)
    with opened(api, last=begin.id, after="latest") as stream:
        next(stream)
        [seen] = events(stream, 1)
    assert seen.event["data"]["amount"] == 7


def test_filters(api: httpx.Client, name: str) -> None:
    api.get("/feed").raise_for_status()
    for who in ("ada", "bob", "ada"):
        award(api, who)
    with (
        opened(api, types="points.awarded") as by_type,
        opened(api, participant_id="ada") as by_person,
        opened(api, types="participant.created, points.awarded", participant_id="bob") as by_both,
    ):
        for stream in (by_type, by_person, by_both):
            next(stream)
        for who in ("bob", "ada", "eve"):
            award(api, who)
        of_type = [each.event for each in events(by_type, 6)]
        of_person = [each.event for each in events(by_person, 4)]
        of_both = [each.event for each in events(by_both, 3)]
    assert of_type == kept(api, types="points.awarded")
    assert of_person == kept(api, participant_id="ada")
    assert of_both == kept(api, participant_id="bob")


def test_a_filter_of_a_long_feed(api: httpx.Client, name: str) -> None:
    """It begins far from the end, and needs more than one read there."""
    api.get("/feed").raise_for_status()
    for _ in range(30):
        entries = [{"participant_id": "many", "amount": 1, "metadata": {"x": "y" * 500}}] * 100
        api.post("/points/award-batch", json={"awards": entries}).raise_for_status()
    award(api, name, 5)
    eventually(lambda: len(kept(api, types="participant.created")) == 2)
    with opened(api, participant_id=name) as stream:
        next(stream)
        assert [each.event for each in events(stream, 2)] == kept(api, participant_id=name)
    with opened(api) as stream:
        next(stream)
        assert [each.event for each in events(stream, 3_003)] == kept(api)


def test_resuming_at_random_loses_and_doubles_nothing(api: httpx.Client, server: Server, name: str) -> None:
    """The connection is killed again and again while events are written."""
    api.get("/feed").raise_for_status()
    chance = random.Random(5)
    seen: list[Block] = []

    def write() -> None:
        for number in range(300):
            award(api, f"{name}_{number % 7}", number + 1)

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        last = ""
        while len(seen) < 307:
            with opened(api, last=last) as stream:
                last = next(stream).id
                for block in events(stream, min(chance.randint(1, 40), 307 - len(seen))):
                    seen.append(block)
                    last = block.id
        writing.result()
    assert [each.event for each in seen] == kept(api)
    assert len({each.id for each in seen}) == 307
    eventually(lambda: open_streams(server) == 0, 5)


def test_heartbeats_carry_the_place(hasty: Server, database_url: str, project: str, name: str) -> None:
    with hasty.client(make_key(database_url, "admin", project=project)) as api:
        with opened(api, types="badge.earned") as stream:
            begin = next(stream)
            began = time.monotonic()
            assert [next(stream), next(stream)] == [Block(comment="heartbeat")] * 2
            assert 1.5 * streams.HEARTBEAT_SECONDS < time.monotonic() - began < 10 * streams.HEARTBEAT_SECONDS
            award(api, name)
            beat = next(stream)
            while not beat.id:
                beat = next(stream)
        assert (beat.comment, beat.data) == ("heartbeat", "")
        assert len(api.get("/feed", params={"after": begin.id}).json()["events"]) == 2
        assert api.get("/feed", params={"after": beat.id}).json()["events"] == []


def test_old_streams_end(hasty: Server, database_url: str, project: str) -> None:
    with hasty.client(make_key(database_url, "admin", project=project)) as api, opened(api) as stream:
        began = time.monotonic()
        *_, end = stream
        assert "Last-Event-ID" in end.comment
        assert 0.8 * streams.LONGEST_SECONDS < time.monotonic() - began < 5 * streams.LONGEST_SECONDS


def test_a_revoked_key_ends_its_stream(hasty: Server, database_url: str, project: str, name: str) -> None:
    operator = hasty.client(make_key(database_url, "admin", project=project))
    made = operator.post("/admin/keys", json={"scope": "gamify:admin"}).json()
    with hasty.client(made["key"]) as api, opened(api) as stream:
        next(stream)
        operator.post(f"/admin/keys/{made['id']}/revoke").raise_for_status()
        *_, end = stream
        assert end.comment == "Invalid or revoked API key"
        assert api.get("/feed/stream").status_code == 401
    operator.close()


def test_a_session_that_ends_ends_its_stream(hasty: Server, database_url: str, project: str) -> None:
    key = make_key(database_url, "admin", project=project)
    with httpx.Client(base_url=f"{hasty.base_url}/api/v1/gamify", headers={"Laurels-Session": "1"}) as browser:
        reply = browser.post("/session", headers={"X-API-Key": key})
        browser.cookies.clear()
        browser.headers["Cookie"] = reply.headers["set-cookie"].split(";")[0]
        with opened(browser) as stream:
            assert next(stream).id
            browser.delete("/session").raise_for_status()
            *_, end = stream
            assert end.comment == "The session has ended; sign in again"


def test_a_slow_reader_is_cut_off_and_resumes(database_url: str, project: str, name: str) -> None:
    """It reads a little and then nothing. Others get their events meanwhile."""
    key = make_key(database_url, "admin", project=project)
    entries = [{"participant_id": name, "amount": 1, "metadata": {"x": "y" * 2_000}}] * 100
    with Server(database_url, request_seconds="2") as server, server.client(key) as api, socket.socket() as slow:
        api.get("/feed").raise_for_status()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", server.port))
        slow.sendall(f"GET /api/v1/gamify/feed/stream HTTP/1.1\r\nHost: x\r\nX-API-Key: {key}\r\n\r\n".encode())
        received = slow.recv(100)
        eventually(lambda: open_streams(server) == 1)
        with opened(api) as quick, ThreadPoolExecutor(1) as pool:
            next(quick)
            written = [pool.submit(api.post, "/points/award-batch", json={"awards": entries}) for _ in range(60)]
            ids = [each.id for each in events(quick, 6_001)]
            assert {each.result().status_code for each in written} == {200}
            eventually(lambda: open_streams(server) == 1)
        shown = httpx.get(f"{server.base_url}/metrics").text
        assert 'laurels_connections_ended_total{reason="response not read"} 1.0' in shown
        with suppress(ConnectionResetError):
            while piece := slow.recv(65_536):
                received += piece
        *read, _ = re.findall(r"^id: (\S+)\ndata", received.decode(), re.MULTILINE)
        assert 0 < len(read) < 6_000
        with opened(api, last=read[-1]) as resumed:
            next(resumed)
            assert read + [each.id for each in events(resumed, len(ids) - len(read))] == ids


@pytest.mark.parametrize("last", ["nonsense", "latest", "kgDEAA==", "x" * 100, "\u00e4"])
def test_ids_that_are_not_of_the_stream(api: httpx.Client, last: str) -> None:
    reply = api.get("/feed/stream", headers={"Last-Event-ID": last.encode("latin-1")})  # type: ignore[dict-item]
    assert_refused(reply, 422, field="Last-Event-ID")


def test_what_the_feed_refuses_the_stream_refuses(api: httpx.Client, database_url: str, project: str) -> None:
    reply = api.get("/feed/stream", params={"types": "badge.earnt"})
    assert_refused(reply, 422, field="types")
    assert api.get("/feed/stream", params={"after": "kgDEAA", "participant_id": ""}).status_code == 422
    reader = make_key(database_url, "gamify:read", project=project)
    reply = api.get("/feed/stream", headers={"X-API-Key": reader})
    assert (reply.status_code, reply.json()["code"]) == (409, "feed_not_begun")
    reply = api.get("/feed/stream", params={"after": "kv________9_xARxcXFx"})
    assert reply.status_code == 422
    other = api.get("/feed").json()["cursor"]
    assert other == "kgDEAA"
    with opened(api, last=other) as stream:
        assert next(stream).id == other
    assert (
        api.get("/feed/stream", headers={"X-API-Key": make_key(database_url, "gamify", project=project)}).status_code
        == 403
    )


def test_removed_events_are_not_passed_over(api: httpx.Client, database_url: str, project: str, name: str) -> None:
    api.get("/feed").raise_for_status()
    award(api, name)
    with opened(api, after="kgDEAA") as stream:
        next(stream)
        first, _ = events(stream, 2)
    query(
        database_url,
        "UPDATE project SET feed_floor = (SELECT max(position) FROM feed_event WHERE project_id = project.id) "
        "WHERE code = %s RETURNING 1",
        project,
    )
    reply = api.get("/feed/stream", headers={"Last-Event-ID": first.id})
    assert (reply.status_code, reply.json()["code"]) == (409, "cursor_expired")


def test_head_sends_nothing(api: httpx.Client, server: Server) -> None:
    reply = api.head("/feed/stream")
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/event-stream")
    assert open_streams(server) == 0


def test_streams_end_with_the_server(database_url: str, project: str) -> None:
    key = make_key(database_url, "admin", project=project)
    with (
        Server(database_url) as server,
        server.client(key) as api,
        opened(api) as stream,
        ThreadPoolExecutor(1) as pool,
    ):
        next(stream)
        began = time.monotonic()
        stopped = pool.submit(server.stop)
        *_, end = stream
        assert end.comment == "The server is stopping; try again shortly"
        assert stopped.result() == 0
        assert time.monotonic() - began < 10


def test_a_project_has_half_of_the_streams(database_url: str, project: str) -> None:
    """With few connections, streams take only half of them."""
    with Server(database_url, connection_limit="16") as server, ExitStack() as held:
        api = held.enter_context(server.client(make_key(database_url, "admin", project=project)))
        # Kept, as a stream that nobody refers to is closed.
        readers = [held.enter_context(opened(api)) for _ in range(4)]
        for reader in readers:
            next(reader)
        reply = api.get("/feed/stream")
        assert (reply.status_code, reply.json()["code"]) == (503, "server_busy")
        assert reply.json()["detail"].startswith("Too many streams are open")
        assert reply.headers["retry-after"] == "5"
        other = held.enter_context(server.client())
        readers.append(held.enter_context(opened(other)))
        next(readers[-1])
        assert open_streams(server) == 5


def test_many_streams(server: Server, database_url: str, project: str, name: str) -> None:
    """Each gets each event, and they cost little memory. docs/performance.md has the figures of 1,000."""
    assert server.process is not None
    process = psutil.Process(server.process.pid)
    before = process.memory_info().rss
    number = 200
    assert number <= STREAM_LIMIT // 2
    limits = httpx.Limits(max_connections=None)
    key = make_key(database_url, "admin", project=project)
    with httpx.Client(
        base_url=f"{server.base_url}/api/v1/gamify", headers={"X-API-Key": key}, timeout=60, limits=limits
    ) as api:
        with ExitStack() as held:
            readers = [held.enter_context(opened(api)) for _ in range(number)]
            for reader in readers:
                next(reader)
            assert open_streams(server) == number
            award(api, name, 5)
            for reader in readers:
                assert [each.event["type"] for each in events(reader, 2)] == ["participant.created", "points.awarded"]
            assert process.memory_info().rss - before < number * 150 * 1024
        eventually(lambda: open_streams(server) == 0, 5)


class ManyReaders:
    """Streams of one key that are opened at the same moment, and the events that each has got."""

    def __init__(self, server: Server, key: str) -> None:
        self._port = int(server.base_url.rpartition(":")[2])
        self._key = key
        self.begun = 0
        self.refused: list[bytes] = []
        self.events: Counter[int] = Counter()
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self, number: int, *lasts: str) -> None:
        """Opens them, in turn after these ids."""
        self._tasks += [
            asyncio.create_task(self._read(each, lasts[each % len(lasts)] if lasts else "")) for each in range(number)
        ]
        await self.until(lambda: self.begun + len(self.refused) == number)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(LONGEST_WAIT_SECONDS):
            while not holds():  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _read(self, number: int, last: str) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        head = f"GET /api/v1/gamify/feed/stream?after=latest HTTP/1.1\r\nHost: x\r\nX-API-Key: {self._key}\r\n"
        writer.write((head + (f"Last-Event-ID: {last}\r\n" if last else "") + "\r\n").encode())
        try:
            if b" 200 " not in (first := await reader.readline()):
                self.refused.append(first + await reader.read(2_000))
                return
            while line := await reader.readline():
                self.begun += line.startswith(b"retry:")
                self.events[number] += line.startswith(b"data:")
        finally:
            writer.close()


@pytest.mark.parametrize("with_ids", [False, True])
def test_a_thousand_streams_opened_at_once(
    server: Server, api: httpx.Client, database_url: str, project: str, name: str, with_ids: bool
) -> None:
    """As after a restart of the server. Each begins at its own place."""
    cursor = api.get("/feed").json()["cursor"]
    for number in range(5):
        award(api, f"{name}_{number}")
    key = make_key(database_url, "admin", project=project)
    lasts = [cursor]
    while len(lasts) < 11:
        page = api.get("/feed", params={"after": lasts[-1], "limit": 1, "wait_seconds": 10}).json()
        lasts += [page["cursor"]] if page["events"] else []

    async def run() -> None:
        readers = ManyReaders(server, key)
        await readers.open(1_000, *(lasts if with_ids else []))
        assert not readers.refused
        await asyncio.to_thread(award, api, name)
        wanted = {number: 2 + (10 - number % 11 if with_ids else 0) for number in range(1_000)}
        await readers.until(lambda: readers.events.total() >= sum(wanted.values()))
        assert dict(readers.events) == wanted
        await readers.close()

    asyncio.run(run())
    eventually(lambda: open_streams(server) == 0, 20)


def test_a_stream_that_gets_no_turn_is_told_when_to_try_again(
    api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "OPENING_LIMIT", 1)
    monkeypatch.setattr(news, "OPENING_SECONDS", 0.05)

    async def run() -> Refusal:
        waiting = news.News(None, lambda: False)  # type: ignore[arg-type]
        async with waiting.opening(1):
            async with waiting.opening(2):
                """Another project does not wait."""
            with pytest.raises(Refusal) as refused:
                async with waiting.opening(1):
                    """It does not come to this."""
        async with waiting.opening(1):
            return refused.value

    refusal = asyncio.run(run())
    assert (refusal.status, refusal.code) == (503, "server_busy")
    assert refusal.detail == "Too many streams are being opened; try again in 5 seconds"
    assert refusal.headers["Retry-After"] == "5"


def test_streams_of_several_workers(database_url: str, project: str, name: str) -> None:
    """Whichever worker a reader comes to, it gets each event once, and can continue at another one."""
    key = make_key(database_url, "admin", project=project)
    with Server(database_url, workers="3") as server, server.client(key) as api:
        api.get("/feed")

        async def run() -> None:
            readers = ManyReaders(server, key)
            await readers.open(60)
            assert not readers.refused
            assert open_streams(server) == 60
            for number in range(3):
                await asyncio.to_thread(award, api, f"{name}_{number}")
            await readers.until(lambda: readers.events.total() >= 360)
            assert set(readers.events.values()) == {6}
            await readers.close()

        asyncio.run(run())
        everything = [event["id"] for event in api.get("/feed").json()["events"]]
        seen: list[str] = []
        last = ""
        while len(seen) < 6:
            # A connection of its own, so that it comes to any worker.
            with server.client(key) as other, opened(other, last) as stream:
                [block] = events(stream, 1)
                seen.append(block.event["id"])
                last = block.id
        assert seen == everything
