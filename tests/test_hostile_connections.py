"""What is no HTTP, half of it, too much or too slow: nothing of it is awarded, and awards of others go on."""

import resource
import socket
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from http.client import HTTPResponse
from uuid import uuid4

import httpx
import pytest

from laurels.web.protocol.connections import DISCARD_LIMIT_BYTES, FILES_KEPT_FREE, HEAD_LIMIT_BYTES, Limits
from laurels.web.protocol.exchange import header_lines
from tests.attackers import attacking
from tests.checks import query, unchanged
from tests.support import ADMIN_KEY, Server, eventually

KEY = b"X-API-Key: " + ADMIN_KEY.encode() + b"\r\n"
ALIVE = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
AWARD = b"POST /api/v1/gamify/points/award HTTP/1.1\r\nHost: a\r\n" + KEY
BODY = b'{"participant_id":"raw","amount":1}'
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
WHOLE = AWARD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
SLOW_SECONDS = 2


def connect(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=10)


def answers(connection: socket.socket, seconds: float = 3) -> bytes:
    """All that comes until the server closes, or has said nothing for so long."""
    connection.settimeout(seconds)
    received = b""
    try:
        while piece := connection.recv(65_536):
            received += piece
    except OSError:
        pass
    return received


def said(server: Server, *pieces: bytes, ends: bool = False) -> bytes:
    """What the server answers to these bytes; with `ends` nothing comes after them."""
    with closing(connect(server)) as connection:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(0.05)
        if ends:
            connection.shutdown(socket.SHUT_WR)
        return answers(connection, 0.5)


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def next_status(connection: socket.socket) -> int:
    """Takes one whole answer, which may come in pieces, so that the connection can be used again."""
    with HTTPResponse(connection) as answer:
        answer.begin()
        answer.read()
        return answer.status


NO_REQUESTS = {
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 300,
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "another version": b"GET /healthz HTTP/3.7\r\n\r\n",
    "every byte": bytes(range(256)) * 20,
    "a small method": b"get /healthz HTTP/1.1\r\n\r\n",
    "a tunnel": b"CONNECT elsewhere:443 HTTP/1.1\r\nHost: a\r\n\r\n",
    "no path": b"GET http://elsewhere HTTP/1.1\r\nHost: a\r\n\r\n",
    "bytes in the path": b"GET /healthz\xff HTTP/1.1\r\n\r\n",
    "a space before the colon": AWARD + b"X-A : b\r\n" + CHUNKED,
    "a header over two lines": AWARD + b"X-A: b\r\n c\r\n" + CHUNKED,
    "a lonely CR": AWARD + b"X-A: b\rX-C: d\r\n" + CHUNKED,
    "lonely LFs": WHOLE.replace(b"\r\n", b"\n"),
    "NUL in a header": AWARD + b"X-A: \0\r\n" + CHUNKED,
    "two lengths": AWARD + b"Content-Length: 35\r\nContent-Length: 3\r\n\r\n" + BODY,
    "a length below 0": AWARD + b"Content-Length: -1\r\n\r\n" + BODY,
    "a signed length": AWARD + b"Content-Length: +35\r\n\r\n" + BODY,
    "a length beyond numbers": AWARD + b"Content-Length: 99999999999999999999999\r\n\r\n" + BODY,
    "a length and chunks": AWARD + b"Content-Length: 5\r\n" + CHUNKED + b"0\r\n\r\n" + WHOLE,
    "chunks and a length": AWARD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + WHOLE,
    "unknown encoding": AWARD + b"Transfer-Encoding: xchunked\r\n\r\n23\r\n" + BODY + b"\r\n0\r\n\r\n",
    "chunks that are not last": AWARD + b"Transfer-Encoding: chunked, gzip\r\n\r\n23\r\n" + BODY + b"\r\n0\r\n\r\n",
    "a chunk beyond numbers": AWARD + CHUNKED + b"ffffffffffffffffff\r\nabc",
    "a chunk below 0": AWARD + CHUNKED + b"-1\r\nabc",
    "a chunk that is longer than said": AWARD + CHUNKED + b"2\r\n" + BODY + b"\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("content", NO_REQUESTS.values(), ids=list(NO_REQUESTS))
def test_what_is_no_request(server: Server, database_url: str, content: bytes) -> None:
    with unchanged(database_url):
        answer = said(server, content)
        assert status(answer) == 400
        head, body = answer.split(b"\r\n\r\n", 1)
        assert b"x-request-id: " in head
        assert b"connection: close" in head
        assert body.startswith(b'{"detail":"'), "more than one answer"
        assert body.endswith(b'"}')


@pytest.mark.parametrize("end", [40, len(WHOLE) - len(BODY), len(WHOLE) - 1])
def test_a_request_that_breaks_off(server: Server, database_url: str, end: int) -> None:
    with unchanged(database_url):
        assert status(said(server, WHOLE[:end], ends=True)) in {0, 400}
        with closing(connect(server)) as connection:
            connection.sendall(WHOLE[:end])
        assert status(said(server, ALIVE)) == 200


@pytest.mark.parametrize("chunks", [b"23\r\n" + BODY[:9], b"23\r\n" + BODY, b"23\r\n" + BODY + b"\r\n0\r\n"])
def test_chunks_that_break_off(server: Server, database_url: str, chunks: bytes) -> None:
    with unchanged(database_url):
        assert status(said(server, AWARD + CHUNKED + chunks, ends=True)) in {0, 400}


def test_a_request_byte_by_byte(server: Server) -> None:
    with closing(connect(server)) as connection:
        for byte in WHOLE:
            connection.sendall(bytes([byte]))
        assert status(answers(connection, 1)) == 200


def test_a_thousand_requests_at_once(server: Server) -> None:
    """On one connection, without waiting for an answer: all are answered in their order."""
    answer = said(server, ALIVE * 1_000)
    assert answer.count(b"HTTP/1.1 200") == 1_000


LONG = b"a" * 1_000_000
TOO_LONG = {
    "address": (414, b"GET /" + LONG + b" HTTP/1.1\r\n\r\n"),
    "address without an end": (414, b"GET /" + LONG),
    "query": (414, b"GET /healthz?" + LONG + b" HTTP/1.1\r\n\r\n"),
    "header": (431, b"GET /healthz HTTP/1.1\r\nX: " + LONG + b"\r\n\r\n"),
    "header without an end": (431, b"GET /healthz HTTP/1.1\r\nX: " + LONG),
    "name of a header": (431, b"GET /healthz HTTP/1.1\r\n" + LONG + b": a\r\n\r\n"),
    "many headers": (431, b"GET /healthz HTTP/1.1\r\n" + b"X: a\r\n" * 100_000 + b"\r\n"),
    "one byte": (431, b"GET /healthz HTTP/1.1\r\nX: " + b"a" * (HEAD_LIMIT_BYTES - len("/healthz") - 4) + b"\r\n\r\n"),
    "trailer": (400, AWARD + CHUNKED + b"23\r\n" + BODY + b"\r\n0\r\nX: " + LONG + b"\r\n\r\n"),
    "trailers": (400, AWARD + CHUNKED + b"23\r\n" + BODY + b"\r\n0\r\n" + b"X: a\r\n" * 100_000 + b"\r\n"),
    "extension of a chunk": (400, AWARD + CHUNKED + b"23;a=" + LONG + b"\r\n" + BODY + b"\r\n0\r\n\r\n"),
}


@pytest.mark.parametrize(("expected", "content"), TOO_LONG.values(), ids=list(TOO_LONG))
def test_what_is_too_long(server: Server, database_url: str, expected: int, content: bytes) -> None:
    with unchanged(database_url), closing(connect(server)) as connection:
        connection.sendall(content)
        answer = answers(connection)
        assert status(answer) == expected
        assert answer.count(b"HTTP/1.1") == 1


def test_a_long_head_that_is_allowed(server: Server) -> None:
    head = b"GET /healthz HTTP/1.1\r\nX: " + b"a" * (HEAD_LIMIT_BYTES - 100) + b"\r\n\r\n"
    assert status(said(server, head)) == 200
    assert status(said(server, head[:20_000], head[20_000:])) == 200


def test_a_body_after_its_413_comes_to_an_end(server: Server) -> None:
    with closing(connect(server)) as connection:
        connection.sendall(AWARD + b"Content-Length: %d\r\n\r\n" % 2**40)
        assert status(connection.recv(65_536)) == 413
        with pytest.raises(OSError, match=r"reset|pipe"):
            connection.sendall(b" " * 4 * DISCARD_LIMIT_BYTES)


def test_trailers_are_no_headers(server: Server) -> None:
    trailers = b"X-API-Key: another\r\nIdempotency-Key: trailing\r\nX-Request-ID: trailing\r\n\r\n"
    answer = said(server, AWARD + CHUNKED + b"23\r\n" + BODY + b"\r\n0\r\n" + trailers)
    assert status(answer) == 200
    assert b"trailing" not in answer
    without_key = AWARD.replace(KEY, b"") + CHUNKED + b"23\r\n" + BODY + b"\r\n0\r\n" + KEY + b"\r\n"
    assert status(said(server, without_key)) == 401


OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"


@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize("inner", [WHOLE, ALIVE * 2])
def test_the_body_of_an_offered_upgrade_is_no_request(
    server: Server, database_url: str, inner: bytes, apart: bool
) -> None:
    head = AWARD + OFFER + b"Content-Length: %d\r\n\r\n" % len(inner)
    with unchanged(database_url):
        answer = said(server, head, inner) if apart else said(server, head + inner)
    assert status(answer) == 422
    assert answer.count(b"HTTP/1.1") == 1


def test_an_offered_upgrade_is_ignored(server: Server) -> None:
    """Java's HttpClient offers HTTP/2 with its first request."""
    answer = said(server, AWARD + OFFER + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY + ALIVE)
    assert [status(part) for part in (answer, b"HTTP/1.1" + answer.split(b"HTTP/1.1")[-1])] == [200, 200]
    assert answer.count(b"HTTP/1.1 200") == 2
    assert b'"participant_id":"raw"' in answer


@pytest.fixture(scope="module")
def strict(database_url: str) -> Iterator[Server]:
    """With little patience and room for few."""
    with Server(database_url, request_seconds=str(SLOW_SECONDS), connection_limit="64") as running:
        yield running


def test_a_head_that_dribbles(strict: Server) -> None:
    with closing(connect(strict)) as connection:
        connection.setblocking(False)
        started = time.monotonic()
        connection.sendall(AWARD)
        answer = b""
        while not answer and time.monotonic() - started < 10 * SLOW_SECONDS:
            connection.sendall(b"X: a\r\n")
            time.sleep(0.2)
            try:
                answer = connection.recv(65_536)
            except BlockingIOError:
                continue
        assert status(answer) == 408
        assert time.monotonic() - started < SLOW_SECONDS + 3


def test_a_body_that_dribbles(strict: Server, database_url: str) -> None:
    with unchanged(database_url), closing(connect(strict)) as connection:
        connection.sendall(AWARD + b"Content-Length: 100000\r\n\r\n")
        started = time.monotonic()
        answer = b""
        connection.settimeout(0.2)
        while not answer and time.monotonic() - started < 10 * SLOW_SECONDS:
            connection.sendall(b" ")
            try:
                answer = connection.recv(65_536)
            except TimeoutError:
                continue
        assert status(answer) == 408
        assert time.monotonic() - started < SLOW_SECONDS + 3


def test_a_body_that_came_quickly_must_not_dribble(strict: Server, database_url: str) -> None:
    """What came at first is no credit: otherwise this much would buy a minute of waiting."""
    with unchanged(database_url), closing(connect(strict)) as connection:
        connection.sendall(AWARD + b"Content-Length: 1000000\r\n\r\n" + b" " * 240_000)
        started = time.monotonic()
        answer = b""
        connection.settimeout(0.2)
        while not answer and time.monotonic() - started < 20 * SLOW_SECONDS:
            connection.sendall(b" " * 40)
            try:
                answer = connection.recv(65_536)
            except TimeoutError:
                continue
        assert status(answer) == 408
        assert time.monotonic() - started < 2 * SLOW_SECONDS + 20


@pytest.mark.all_cases
def test_a_slow_but_steady_body_is_waited_for(strict: Server) -> None:
    """At 10 KiB a second, for longer than a body may take that stands still."""
    with closing(connect(strict)) as connection:
        padded = b" " * 10_240 * 2 * SLOW_SECONDS + BODY
        connection.sendall(AWARD + b"Content-Length: %d\r\n\r\n" % len(padded))
        for start in range(0, len(padded), 2_048):
            connection.sendall(padded[start : start + 2_048])
            time.sleep(0.2)
        assert status(answers(connection, 1)) == 200


@pytest.mark.parametrize("padding", [0, 1_000, 1_020, 3_000, 70_000])
def test_requests_in_a_packet_are_told_apart(strict: Server, padding: int) -> None:
    """However the ends of packets and bodies fall on the pieces in which packets are parsed."""
    body = b" " * padding + BODY
    request = AWARD + b"Content-Length: %d\r\n\r\n" % len(body) + body
    sent = request * 3
    assert said(strict, sent).count(b"HTTP/1.1 200") == 3
    assert said(strict, sent[:2_048], sent[2_048:]).count(b"HTTP/1.1 200") == 3


def test_an_answer_that_nobody_takes_is_given_up(strict: Server) -> None:
    with closing(socket.socket()) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", strict.port))
        # More than the buffers of the system hold.
        connection.sendall(b"GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: a\r\n\r\n" * 20)
        eventually(lambda: ended(strict, "response not read") > 0)


def ended(server: Server, reason: str) -> float:
    for line in httpx.get(f"{server.base_url}/metrics").text.splitlines():
        if line.startswith(f'laurels_connections_ended_total{{reason="{reason}"}}'):
            return float(line.split()[-1])
    return 0


def test_those_who_wait_longest_give_way_and_callers_last(strict: Server) -> None:
    with closing(connect(strict)) as caller:
        caller.sendall(WHOLE)
        assert next_status(caller) == 200
        strangers = [connect(strict) for _ in range(300)]
        try:
            for _ in range(10):
                assert status(said(strict, WHOLE)) == 200
            caller.sendall(WHOLE)
            assert next_status(caller) == 200, "strangers have driven out a caller"
            assert answers(strangers[0], 1) == b""
            assert ended(strict, "displaced") >= 200
        finally:
            for stranger in strangers:
                stranger.close()


def test_no_more_connections_than_files() -> None:
    files, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1_024, hard))
    try:
        assert Limits(connections=16_384).within_files().connections == 1_024 - FILES_KEPT_FREE
        assert Limits(connections=100).within_files().connections == 100
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))


ATTACKS = {
    "those that do nothing": ("idle", 10_000),
    "heads that dribble": ("heads", 1_000),
    "bodies that dribble": ("bodies", 1_000),
    "answers that nobody takes": ("readers", 200),
}
SAMPLED_SHARE = 10
"""`make test` has one attacker of so many."""


def award_with_key(client: httpx.Client, name: str, attempts: int) -> httpx.Response:
    """Again when the connection had to give way: where there is little room, it may while the request is under way."""
    body = {"participant_id": name, "amount": 1, "idempotency_key": str(uuid4())}
    for _ in range(attempts - 1):
        with suppress(httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            return client.post("/points/award", json=body)
    return client.post("/points/award", json=body)


@pytest.mark.more_cases
@pytest.mark.parametrize(("kind", "count"), ATTACKS.values(), ids=list(ATTACKS))
def test_awards_go_on(
    server: Server, strict: Server, database_url: str, kind: str, count: int, all_cases: bool
) -> None:
    """With room for all of the attackers, and with room for 64 connections."""
    count = count if all_cases else max(100, count // SAMPLED_SHARE)
    for attacked, attempts in ((server, 1), (strict, 5)):
        with attacking(kind, count, attacked.port, ADMIN_KEY), attacked.client() as client:
            for number in range(100):
                # Over new connections as well, which need a place.
                caller = attacked.client() if number % 10 == 0 else client
                assert award_with_key(caller, f"among_{kind}", attempts).status_code == 200
                if caller is not client:
                    caller.close()
    assert query(
        database_url,
        "SELECT balance FROM account JOIN participant USING (lane, subject) WHERE participant_id = %s",
        f"among_{kind}",
    ) == [(200,)]


@pytest.mark.parametrize("value", [b"a\r\nx-other: b", b"a\n", b"a\0b", b"a\x7f"])
def test_no_value_of_a_header_can_end_its_line(value: bytes) -> None:
    assert header_lines([(b"x-name", b"a b\t\xe4")]) == b"x-name: a b\t\xe4\r\n"
    with pytest.raises(ValueError, match="x-name"):
        header_lines([(b"x-name", value)])
