"""One HTTP request to a receiver."""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from laurels import __version__
from laurels.delivery.webhooks.addresses import SCHEMES, target_of
from laurels.delivery.webhooks.connecting import (
    AddressNotAllowedError,
    LookUp,
    NameNotFoundError,
    ReceiverConnections,
    ReceiverHost,
    look_up,
)
from laurels.delivery.webhooks.connection import ConnectionLostError
from laurels.delivery.webhooks.results import SendFailure, SendResult
from laurels.delivery.webhooks.schedule import ATTEMPT_SECONDS
from laurels.kernel.input.networks import Network

USER_AGENT = f"Laurels/{__version__}"
_SAFE = "!$%&'()*+,/:;=?@[]~"
"""The characters of a path and a query, beside letters, digits and `-._`."""


class _Destination(NamedTuple):
    """The parts of a URL. `start` is the beginning of each request."""

    host: ReceiverHost
    start: str


@lru_cache(maxsize=1_000)
def _destination_of(url: str) -> _Destination:
    """Raises ValueError."""
    target, parts = target_of(url), urlsplit(url)
    path = quote(parts.path or "/", _SAFE) + (f"?{quote(parts.query, _SAFE)}" if parts.query else "")
    name = f"[{target.host}]" if ":" in target.host else target.host
    port = "" if target.port == SCHEMES[parts.scheme] else f":{target.port}"
    host = ReceiverHost(target.host, target.port, is_tls=parts.scheme == "https")
    return _Destination(host, f"POST {path} HTTP/1.1\r\nHost: {name}{port}\r\nAccept: */*\r\n")


def _request(start: str, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
    if not any(name.lower() == "user-agent" for name in headers):
        lines.append(f"User-Agent: {USER_AGENT}\r\n")
    return f"{start}{''.join(lines)}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Sender:
    """Sends requests. It follows no redirect, keeps no cookie, uses no proxy, and decompresses nothing."""

    def __init__(self, allowed: Sequence[Network], look_up: LookUp = look_up) -> None:
        """`allowed` are networks to which requests may go although they are not public."""
        self._connections = ReceiverConnections(allowed, look_up)
        self._loop = asyncio.get_running_loop()

    def close(self) -> None:
        self._connections.close()

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> SendResult:
        """Posts the body. Any status is a result, as soon as it arrives; the rest of the response is optional."""
        began = self._loop.time()
        try:
            host, start = _destination_of(url)
            deadline = began + ATTEMPT_SECONDS
            connection = self._connections.idle(host)
            if connection is None:
                async with asyncio.timeout_at(deadline):
                    connection = await self._connections.connect(host)
            response = await connection.exchange(_request(start, headers, body), deadline)
        except (OSError, ValueError) as error:
            return SendResult(duration_ms=self._milliseconds_since(began), failure=_failure(error))
        self._connections.keep(host, connection)
        return SendResult(
            duration_ms=self._milliseconds_since(began),
            status=response.status,
            response=response.body,
            retry_after_seconds=retry_after(response.retry_after, datetime.now(UTC)),
        )

    def _milliseconds_since(self, began: float) -> int:
        return round((self._loop.time() - began) * 1000)


def _failure(error: Exception) -> SendFailure:
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ssl.SSLError):
        return "certificate_invalid"
    if isinstance(error, NameNotFoundError):
        return "name_not_found"
    if isinstance(error, AddressNotAllowedError):
        return "address_not_allowed"
    if isinstance(error, ConnectionLostError):
        return "connection_lost"
    return "not_connected" if isinstance(error, OSError) else "response_invalid"


def retry_after(value: str | None, now: datetime) -> float | None:
    """The seconds in a header `Retry-After`, which is a number or a date; None if it is neither."""
    if value is None:
        return None
    if value.strip().isdecimal() and value.isascii():
        return float(value.strip()[:12])
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds())
