"""Connections of webhooks, with receivers that do not keep to HTTP."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from typing import TypeVar

import pytest
import uvloop

from laurels.delivery.webhooks import sending
from laurels.delivery.webhooks.results import SendResult
from laurels.delivery.webhooks.sending import KEPT_BYTES, Sender
from laurels.kernel.input.networks import networks_from

LOCAL = "127.0.0.1"
Value = TypeVar("Value")
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"


class Peer:
    """A receiver that sends these bytes for each request of a connection, and then closes the connection if `ends`."""

    def __init__(self, *answers: bytes, ends: bool = False, host: str = LOCAL) -> None:
        self._answers = answers
        self._ends = ends
        self._listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.port = self._listener.getsockname()[1]
        self.requests: list[bytes] = []
        self.connections: list[socket.socket] = []
        self.ended = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()
        for each in self.connections:
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError):
            while received := connection.recv(65_536):
                self.requests.append(received)
                for answer in self._answers:
                    connection.sendall(answer)
                if self._ends:
                    connection.shutdown(socket.SHUT_RDWR)
        self.ended += 1


@pytest.fixture
def peers() -> Iterator[Callable[..., Peer]]:
    opened: list[Peer] = []

    def open_one(*answers: bytes, ends: bool = False, host: str = LOCAL) -> Peer:
        opened.append(Peer(*answers, ends=ends, host=host))
        return opened[-1]

    yield open_one
    for each in opened:
        each.close()


def run(work: Callable[[Sender], Awaitable[Value]]) -> Value:
    async def body() -> Value:
        sender = Sender(networks_from("127.0.0.0/8, ::1"))
        try:
            return await work(sender)
        finally:
            await sender.close()

    return uvloop.run(body())


def send(peer: Peer, times: int = 1, path: str = "/", headers: dict[str, str] | None = None) -> list[SendResult]:
    async def work(sender: Sender) -> list[SendResult]:
        return [await sender.send(f"http://{LOCAL}:{peer.port}{path}", headers or {}, b"{}") for _ in range(times)]

    return run(work)


def test_the_bytes_of_a_request(peers: Callable[..., Peer]) -> None:
    peer = peers(NO_CONTENT)
    send(peer, path='/ab"<>?q="x"&r=%20', headers={"webhook-id": "1"})
    head, _, body = peer.requests[0].partition(b"\r\n\r\n")
    first, *headers = head.split(b"\r\n")
    assert first == b"POST /ab%22%3C%3E?q=%22x%22&r=%20 HTTP/1.1"
    assert {line.partition(b": ")[0] for line in headers} == {
        b"Host", b"Accept", b"Accept-Encoding", b"User-Agent", b"Content-Length", b"Content-Type", b"webhook-id"
    }  # fmt: skip
    assert f"Host: {LOCAL}:{peer.port}".encode() in headers
    assert body == b"{}"


def test_a_webhook_can_have_its_own_user_agent(peers: Callable[..., Peer]) -> None:
    peer = peers(NO_CONTENT)
    send(peer, headers={"user-agent": "ours"})
    assert peer.requests[0].lower().count(b"user-agent") == 1


def test_ipv6(peers: Callable[..., Peer]) -> None:
    peer = peers(NO_CONTENT, host="::1")
    result = run(lambda sender: sender.send(f"http://[::1]:{peer.port}/", {}, b"{}"))
    assert result.status == 204
    assert f"Host: [::1]:{peer.port}\r\n".encode() in peer.requests[0]


def test_a_connection_is_used_again(peers: Callable[..., Peer]) -> None:
    peer = peers(NO_CONTENT)
    assert [result.status for result in send(peer, 5)] == [204] * 5
    assert len(peer.connections) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        # A second response, which nobody asked for, is not taken for that of the next request.
        NO_CONTENT + b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_a_connection_is_not_used_again(peers: Callable[..., Peer], answer: bytes) -> None:
    peer = peers(answer)
    assert all(result.is_success for result in send(peer, 3))
    assert len(peer.connections) == 3


def test_a_connection_that_the_receiver_ended_is_not_used(peers: Callable[..., Peer]) -> None:
    peer = peers(NO_CONTENT, ends=True)

    async def work(sender: Sender) -> list[SendResult]:
        results = []
        for _ in range(3):
            results.append(await sender.send(f"http://{LOCAL}:{peer.port}/", {}, b"{}"))
            await asyncio.sleep(0.05)
        return results

    assert [result.status for result in run(work)] == [204] * 3


@pytest.mark.parametrize(
    ("answers", "ends", "status", "body"),
    [
        ([b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nRetry-After: 9\r\n\r\n" + NO_CONTENT], False,
         204, b""),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n"], False,
         200, b"abcde"),
        ([b"HTTP/1.1 200 OK\r\n\r\n", b"until ", b"the end"], True, 200, b"until the end"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n", b"half"], True, 200, b"half"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n", b"a" * 5_000], False, 200, b"a" * KEPT_BYTES),
        ([b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", b"?"], False, 101, b""),
    ],
)  # fmt: skip
def test_unusual_responses(
    peers: Callable[..., Peer], answers: Sequence[bytes], ends: bool, status: int, body: bytes
) -> None:
    [result] = send(peers(*answers, ends=ends))
    assert (result.status, result.response, result.failure) == (status, body, None)


@pytest.mark.parametrize(
    ("answers", "ends", "failure"),
    [
        ([], True, "connection_lost"),
        ([b"HTTP/1.1 200 OK\r\nContent-Le"], True, "connection_lost"),
        ([b"HTTP/1.1 100 Continue\r\n\r\n"], True, "connection_lost"),
        ([b"HTTP/1.1 200 OK\r\nContent-Le"], False, "timeout"),
        ([b"HTTP/1.1 100 Continue\r\n\r\n"], False, "timeout"),
        ([b"SSH-2.0-OpenSSH_9.2\r\n"], False, "response_invalid"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"], False, "response_invalid"),
        ([b"HTTP/1.1 200 OK\r\n", *[b"A: " + b"a" * 1_000 + b"\r\n"] * 1_000], False, "response_invalid"),
        ([b"HTTP/1.1 200 OK\r\nA: ", *[b"a" * 10_000] * 100], False, "response_invalid"),
    ],
)
def test_failures(
    peers: Callable[..., Peer], monkeypatch: pytest.MonkeyPatch, answers: Sequence[bytes], ends: bool, failure: str
) -> None:
    monkeypatch.setattr(sending, "ATTEMPT_SECONDS", 0.5)
    [result] = send(peers(*answers, ends=ends))
    assert (result.status, result.failure) == (None, failure)


def test_a_late_response_does_not_belong_to_the_next_request(
    peers: Callable[..., Peer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "ATTEMPT_SECONDS", 0.2)
    peer = peers()

    async def work(sender: Sender) -> list[SendResult]:
        url = f"http://{LOCAL}:{peer.port}/"
        first = await sender.send(url, {}, b"{}")
        second = asyncio.create_task(sender.send(url, {}, b"{}"))
        await asyncio.sleep(0.1)
        with suppress(OSError):
            peer.connections[0].sendall(NO_CONTENT)
        return [first, await second]

    assert [result.failure for result in run(work)] == ["timeout", "timeout"]
    assert len(peer.connections) == 2
