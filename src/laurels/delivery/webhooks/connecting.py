"""Connections to receivers. The address that is checked is the one that is connected to."""

import asyncio
import socket
import ssl
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address
from typing import NamedTuple

from laurels.delivery.webhooks.addresses import may_connect
from laurels.delivery.webhooks.connection import ReceiverConnection
from laurels.kernel.input.networks import Network

KEPT_ALIVE_SECONDS = 30.0
DNS_SECONDS = 10.0
"""The time for which the addresses of a name are used again."""
KNOWN_NAMES = 1_000
CONNECT_SECONDS = 1.0
"""The time limit for one address, if there are others."""


class AddressNotAllowedError(OSError):
    """The address is not public, and the operator did not allow it."""


class NameNotFoundError(OSError):
    """The name of the host has no address."""


class ReceiverHost(NamedTuple):
    """The host of a receiver."""

    name: str
    port: int
    is_tls: bool


class HostAddress(NamedTuple):
    """One address of a host, as sockets have it."""

    family: int
    address: tuple[str, int] | tuple[str, int, int, int]


LookUp = Callable[[str, int], Awaitable[Sequence[HostAddress]]]


async def look_up(host: str, port: int) -> Sequence[HostAddress]:
    """The addresses of a name, in a thread: the event loop's own threads are few. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(None, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    return [HostAddress(family, address) for family, _, _, _, address in found]  # type: ignore[arg-type]


class _KnownName(NamedTuple):
    looking_up: asyncio.Task[Sequence[HostAddress]]
    until: float


class ReceiverConnections:
    """The connections of a process. Idle ones are used again."""

    def __init__(self, allowed: Sequence[Network], look_up: LookUp = look_up) -> None:
        """`allowed` are networks to which connections may go although they are not public."""
        self._allowed = tuple(allowed)
        self._look_up = look_up
        self._loop = asyncio.get_running_loop()
        self._tls = ssl.create_default_context()
        self._idle: defaultdict[ReceiverHost, deque[tuple[ReceiverConnection, float]]] = defaultdict(deque)
        self._names: dict[tuple[str, int], _KnownName] = {}
        self._sweep: asyncio.TimerHandle | None = None

    def close(self) -> None:
        """Closes the idle connections."""
        for idle in self._idle.values():
            for connection, _ in idle:
                connection.close()
        self._idle.clear()
        if self._sweep is not None:
            self._sweep.cancel()

    def idle(self, host: ReceiverHost) -> ReceiverConnection | None:
        """The connection that was used last, if one is idle."""
        idle = self._idle.get(host)
        while idle:
            connection, until = idle.pop()
            if connection.is_open and until > self._loop.time():
                return connection
            connection.close()
        return None

    def keep(self, host: ReceiverHost, connection: ReceiverConnection) -> None:
        """Keeps a connection for the next request, if it is open."""
        if connection.is_open:
            self._idle[host].append((connection, self._loop.time() + KEPT_ALIVE_SECONDS))
            if self._sweep is None:
                self._sweep = self._loop.call_later(KEPT_ALIVE_SECONDS, self._close_old)

    def _close_old(self) -> None:
        now, self._sweep = self._loop.time(), None
        for host, idle in list(self._idle.items()):
            while idle and (idle[0][1] <= now or not idle[0][0].is_open):
                idle.popleft()[0].close()
            if not idle:
                del self._idle[host]
        if self._idle:
            self._sweep = self._loop.call_later(KEPT_ALIVE_SECONDS, self._close_old)

    async def connect(self, host: ReceiverHost) -> ReceiverConnection:
        """A new connection to one of the addresses of the host. Raises OSError."""
        problems: list[OSError] = []
        addresses = await self._addresses_of(host)
        for number, address in enumerate(addresses, 1):
            try:
                return await self._connect_to(host, address, None if number == len(addresses) else CONNECT_SECONDS)
            except ssl.SSLError:
                raise
            except OSError as error:
                problems.append(error)
        refused = [each for each in problems if isinstance(each, AddressNotAllowedError)]
        raise (refused or problems or [NameNotFoundError(host.name)])[0]

    async def _connect_to(self, host: ReceiverHost, address: HostAddress, seconds: float | None) -> ReceiverConnection:
        """A connection to this very address. Raises AddressNotAllowedError and other OSErrors."""
        if not may_connect(ip_address(address.address[0]), self._allowed):
            raise AddressNotAllowedError(f"{address.address[0]} is not a public address")
        opened = socket.socket(address.family, socket.SOCK_STREAM)
        try:
            opened.setblocking(False)
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            async with asyncio.timeout(seconds):
                await self._loop.sock_connect(opened, address.address)
            _, connection = await self._loop.create_connection(
                lambda: ReceiverConnection(self._loop),
                sock=opened,
                ssl=self._tls if host.is_tls else None,
                server_hostname=host.name if host.is_tls else None,
            )
        except BaseException:
            opened.close()
            raise
        return connection

    async def _addresses_of(self, host: ReceiverHost) -> Sequence[HostAddress]:
        """The addresses of the host. Look-ups of one name at the same time are one. Raises NameNotFoundError."""
        key = (host.name, host.port)
        known = self._names.get(key)
        if known is None or (known.looking_up.done() and (known.until <= self._loop.time() or _failed(known))):
            if len(self._names) >= KNOWN_NAMES:
                self._forget_names()
            known = _KnownName(asyncio.ensure_future(self._look_up(*key)), self._loop.time() + DNS_SECONDS)
            known.looking_up.add_done_callback(_note)
            self._names[key] = known
        try:
            return await asyncio.shield(known.looking_up)
        except (OSError, UnicodeError) as error:
            raise NameNotFoundError(host.name) from error

    def _forget_names(self) -> None:
        now = self._loop.time()
        self._names = {
            name: known for name, known in self._names.items() if known.until > now or not known.looking_up.done()
        }


def _failed(known: _KnownName) -> bool:
    return known.looking_up.cancelled() or known.looking_up.exception() is not None


def _note(looking_up: asyncio.Task[Sequence[HostAddress]]) -> None:
    """Takes note of an error that nobody waits for any more."""
    if not looking_up.cancelled():
        looking_up.exception()
