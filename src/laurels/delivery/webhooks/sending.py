"""One HTTP request to a receiver. The address that is checked is the one that is connected to."""

import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address

import aiohttp
from aiohttp.abc import AbstractResolver

from laurels import __version__
from laurels.delivery.webhooks.addresses import may_connect
from laurels.delivery.webhooks.names import ReceiverNames
from laurels.delivery.webhooks.results import SendFailure, SendResult
from laurels.delivery.webhooks.schedule import ATTEMPT_SECONDS
from laurels.kernel.input.networks import Network

KEPT_BYTES = 4096
"""The part of a response that is kept."""
KEPT_ALIVE_SECONDS = 30
DNS_SECONDS = 10
USER_AGENT = f"Laurels/{__version__}"


class AddressNotAllowedError(OSError):
    """The address is not public, and the operator did not allow it."""


class Sender:
    """Sends requests. It follows no redirect, keeps no cookie, uses no proxy, and decompresses nothing."""

    def __init__(self, allowed: Sequence[Network], resolver: AbstractResolver | None = None) -> None:
        """`allowed` are networks to which requests may go although they are not public."""
        self._allowed = tuple(allowed)
        self._names = ReceiverNames() if resolver is None else resolver
        connector = aiohttp.TCPConnector(
            limit=0,
            keepalive_timeout=KEPT_ALIVE_SECONDS,
            ttl_dns_cache=DNS_SECONDS,
            ssl=ssl.create_default_context(),
            socket_factory=self._checked_socket,
            resolver=self._names,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=ATTEMPT_SECONDS),
            headers={"User-Agent": USER_AGENT},
            auto_decompress=False,
        )

    async def close(self) -> None:
        await self._session.close()
        await self._names.close()

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> SendResult:
        """Posts the body. Any status is a result, as soon as it arrives; the rest of the response is optional."""
        began = time.monotonic()
        try:
            async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as response:
                kept = await _beginning(response)
                return SendResult(
                    duration_ms=_milliseconds_since(began),
                    status=response.status,
                    response=kept,
                    retry_after_seconds=retry_after(response.headers.get("Retry-After"), datetime.now(UTC)),
                )
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            return SendResult(duration_ms=_milliseconds_since(began), failure=_failure(error))

    def _checked_socket(self, address: aiohttp.AddrInfoType) -> socket.socket:
        """The socket for a connection to this very address. Raises AddressNotAllowedError."""
        family, kind, protocol, _, place = address
        if not may_connect(ip_address(place[0]), self._allowed):
            raise AddressNotAllowedError(f"{place[0]} is not a public address")
        return socket.socket(family, kind, protocol)


async def _beginning(response: aiohttp.ClientResponse) -> bytes:
    """The beginning of the body; shorter if the connection breaks or the time is over. A longer body is not read, and
    its connection closed."""
    kept = b""
    try:
        while len(kept) < KEPT_BYTES and (chunk := await response.content.read(KEPT_BYTES - len(kept))):
            kept += chunk
        if not response.content.at_eof():
            response.close()
    except (aiohttp.ClientError, OSError, TimeoutError):
        response.close()
    return kept


def _milliseconds_since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _failure(error: Exception) -> SendFailure:
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        return "certificate_invalid"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "name_not_found"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "address_not_allowed" if _is_about_address(error.os_error) else "not_connected"
    if _is_about_address(error):
        return "address_not_allowed"
    if isinstance(error, aiohttp.ClientResponseError | ValueError):
        return "response_invalid"
    return "connection_lost"


def _is_about_address(error: BaseException) -> bool:
    """Whether the error, or its cause, is about an address that is not allowed."""
    if isinstance(error, AddressNotAllowedError) or "is not a public address" in str(error):
        return True
    return error.__cause__ is not None and _is_about_address(error.__cause__)


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
