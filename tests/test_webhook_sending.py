"""Requests of webhooks over real connections: the address that was checked is the one that is connected to."""

import asyncio
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import uvloop
from aiohttp.abc import AbstractResolver, ResolveResult

from laurels.delivery.webhooks import sending
from laurels.delivery.webhooks.results import SendResult
from laurels.delivery.webhooks.sending import KEPT_BYTES, Sender, retry_after
from laurels.kernel.input.networks import networks_from
from tests.receiver import Receiver, Response
from tests.support import free_port, tool

LOCAL = "127.0.0.1"


class Names(AbstractResolver):
    """A DNS whose records change: each look-up of a name returns the next addresses."""

    def __init__(self, *records: Sequence[str]) -> None:
        self._records = list(records)

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> Any:  # noqa: ARG002
        addresses = self._records.pop(0) if len(self._records) > 1 else self._records[0]
        if not addresses:
            raise OSError("no such name")
        return [
            ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)
            for address in addresses
        ]

    async def close(self) -> None:
        """Nothing is open."""


def send(
    *urls: str, allowed: str = LOCAL, names: Names | None = None, headers: dict[str, str] | None = None
) -> list[SendResult]:
    async def run() -> list[SendResult]:
        sender = Sender(networks_from(allowed), names)
        try:
            return [await sender.send(url, headers or {}, b"{}") for url in urls]
        finally:
            await sender.close()

    return uvloop.run(run())


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


def test_a_request_and_its_response(receiver: Receiver) -> None:
    receiver.respond = lambda _: Response(201, b"thanks", {"Retry-After": "7"})
    [result] = send(receiver.url + "path?a=b", headers={"Webhook-Id": "1"})
    assert (result.status, result.response, result.retry_after_seconds) == (201, b"thanks", 7)
    assert result.is_success
    [request] = receiver.received
    assert (request.path, request.body, request.id) == ("/path?a=b", b"{}", "1")
    assert request.headers["user-agent"].startswith("Laurels/")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "127.1"])
def test_local_hosts_are_not_reached(receiver: Receiver, host: str) -> None:
    [result] = send(f"http://{host}:{receiver.port}/", allowed="")
    assert result.status is None
    assert result.failure in {"address_not_allowed", "response_invalid"}
    assert not receiver.received


def test_a_name_that_changes_between_check_and_use_is_harmless() -> None:
    """Each connection is checked, and a name that has several addresses only leads to those that are allowed."""
    port = free_port()
    with Receiver(port=port) as public, Receiver(host="127.0.0.2", port=port) as private:
        public.respond = private.respond = lambda _: Response(headers={"Connection": "close"})
        sending.DNS_SECONDS, before = 0, sending.DNS_SECONDS
        try:
            names = Names([LOCAL], ["127.0.0.2"], ["127.0.0.2", LOCAL], ["127.0.0.2", "127.0.0.3"])
            results = send(*[f"http://name.example:{port}/"] * 4, names=names)
        finally:
            sending.DNS_SECONDS = before
        assert [result.status for result in results] == [200, None, 200, None]
        assert [result.failure for result in results][1::2] == ["address_not_allowed"] * 2
        assert (len(public.received), len(private.received)) == (2, 0)


def test_names_whose_servers_do_not_respond_delay_no_other(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the event loop of the process that sends."""
    look_up, ended = socket.getaddrinfo, threading.Event()

    def slow(host: Any, *arguments: Any, **more: Any) -> Any:
        if host != "fast.example":
            ended.wait(20)
        return look_up(LOCAL, *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", slow)

    async def run() -> tuple[SendResult, int]:
        sender = Sender(networks_from(LOCAL))
        others = [
            asyncio.create_task(sender.send(f"http://slow{number}.example:{receiver.port}/", {}, b"{}"))
            for number in range(20)
        ]
        await asyncio.sleep(0.1)
        result = await sender.send(f"http://fast.example:{receiver.port}/", {}, b"{}")
        ahead = sum(not each.done() for each in others)
        ended.set()
        assert all(each.is_success for each in await asyncio.gather(*others))
        await sender.close()
        return result, ahead

    result, ahead = uvloop.run(run())
    assert (result.status, ahead) == (200, 20)


def test_redirects_are_not_followed(receiver: Receiver) -> None:
    with Receiver() as other:
        receiver.respond = lambda _: Response(307, headers={"Location": other.url})
        [result] = send(receiver.url)
        assert (result.status, result.is_success) == (307, False)
        assert not other.received


def test_no_proxy_of_the_environment_is_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    with Receiver() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "")
        assert send(receiver.url)[0].is_success
        assert not proxy.received


def test_cookies_are_not_kept(receiver: Receiver) -> None:
    receiver.respond = lambda _: Response(headers={"Set-Cookie": "a=b"})
    send(receiver.url, receiver.url)
    assert all("cookie" not in request.headers for request in receiver.received)


def test_connections_are_used_again(receiver: Receiver) -> None:
    """In order, on one connection: the receiver has a thread for each."""
    first, second = send(receiver.url, receiver.url)
    assert first.is_success
    assert second.is_success


@pytest.mark.parametrize("length", [KEPT_BYTES - 1, KEPT_BYTES, KEPT_BYTES + 1, 10_000_000])
def test_only_the_beginning_of_a_response_is_kept(receiver: Receiver, length: int) -> None:
    receiver.respond = lambda _: Response(body=b"a" * length)
    first, second = send(receiver.url, receiver.url)
    assert len(first.response) == min(length, KEPT_BYTES)
    assert second.is_success


def test_a_compressed_response_is_not_decompressed(receiver: Receiver) -> None:
    receiver.respond = lambda _: Response(body=b"bomb", headers={"Content-Encoding": "gzip"})
    assert send(receiver.url)[0].response == b"bomb"


def test_failures(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "ATTEMPT_SECONDS", 0.5)
    nobody = f"http://{LOCAL}:{free_port()}/"
    assert send(nobody)[0].failure == "not_connected"
    assert send("http://name.example/", names=Names([]))[0].failure == "name_not_found"
    receiver.respond = lambda _: Response(cut=True)
    assert send(receiver.url)[0].failure == "connection_lost"
    receiver.respond = lambda _: Response(after_seconds=1)
    [late] = send(receiver.url)
    assert late.failure == "timeout"
    assert 500 <= late.duration_ms < 1_000
    for status in (301, 404, 429, 500, 503):
        receiver.respond = lambda _, status=status: Response(status)  # type: ignore[misc]
        assert not send(receiver.url)[0].is_success
    receiver.respond = lambda _: Response(410)
    assert send(receiver.url)[0].is_gone


def test_a_body_that_never_ends_does_not_change_the_result(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "ATTEMPT_SECONDS", 0.5)
    receiver.respond = lambda _: Response(200, b"half", {"Content-Length": "8"})
    [result] = send(receiver.url)
    assert (result.status, result.response) == (200, b"half")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None), ("", None), ("soon", None), ("-1", None), ("1.5", None), ("0", 0), ("120", 120), (" 5 ", 5),
        ("9" * 400, 999_999_999_999), ("Sun, 01 Mar 2026 00:01:00 GMT", 60), ("Sat, 28 Feb 2026 00:00:00 GMT", 0),
        ("Sun, 99 Mar 2026 00:01:00 GMT", None), ("²", None),
    ],
)  # fmt: skip
def test_retry_after(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, datetime(2026, 3, 1, tzinfo=UTC)) == seconds


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of an authority for the name receiver.example."""
    openssl, folder = tool("openssl"), tmp_path_factory.mktemp("certificates")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    commands = [
        ["req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=authority", "-days", "2"],
        ["req", *key, "-keyout", "key.pem", "-out", "request.pem", "-subj", "/CN=receiver.example"],
        ["x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
         "-extfile", "names", "-out", "certificate.pem"],
    ]  # fmt: skip
    (folder / "names").write_text("subjectAltName=DNS:receiver.example")
    for arguments in commands:
        subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize(("name", "is_success"), [("receiver.example", True), ("other.example", False)])
def test_a_certificate_is_verified_by_the_name_of_the_host(
    certificates: Path, monkeypatch: pytest.MonkeyPatch, name: str, is_success: bool
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "ca.pem"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificates / "certificate.pem", certificates / "key.pem")
    with Receiver(tls=tls) as receiver:
        [result] = send(f"https://{name}:{receiver.port}/", names=Names([LOCAL]))
        assert result.is_success == is_success
        assert is_success or result.failure == "certificate_invalid"
        assert len(receiver.received) == is_success


def test_a_certificate_of_an_unknown_authority_is_refused(certificates: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificates / "certificate.pem", certificates / "key.pem")
    with Receiver(tls=tls) as receiver:
        [result] = send(f"https://receiver.example:{receiver.port}/", names=Names([LOCAL]))
        assert result.failure == "certificate_invalid"
