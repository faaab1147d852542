"""The sockets that `laurels serve` listens on."""

import errno
import socket

from laurels.settings import SettingsError

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104


def bind(host: str, port: int) -> list[socket.socket]:
    """Bound sockets that do not listen yet: one for each address of the host name. `::` also accepts IPv4. With port 0
    the system chooses a port. Raises SettingsError; this happens before a database is started."""
    sockets: list[socket.socket] = []
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, _, _, _, address in dict.fromkeys(addresses):
            chosen_port = sockets[0].getsockname()[1] if sockets else port
            bound = _bound(family, (address[0], chosen_port, *address[2:]))
            if bound is not None:
                sockets.append(bound)
        if not sockets:
            raise OSError(errno.EADDRNOTAVAIL, "not an address of this machine")
    except OSError as error:
        for one in sockets:
            one.close()
        raise SettingsError(
            f"Cannot listen on {_in_url(host)}:{port} ({error.strerror}); choose another --host or --port."
        ) from None
    return sockets


def base_url(host: str, sockets: list[socket.socket]) -> str:
    """The URL at which this machine reaches the sockets."""
    return f"http://{'127.0.0.1' if host in EVERYWHERE else _in_url(host)}:{sockets[0].getsockname()[1]}"


def _bound(family: int, address: tuple[object, ...]) -> socket.socket | None:
    """A bound socket. None for an address that this machine does not have, such as ::1 without IPv6."""
    try:
        listening = socket.socket(family)
    except OSError as error:
        if error.errno == errno.EAFNOSUPPORT:
            return None
        raise
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, address[0] != "::")
        listening.bind(address)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRNOTAVAIL:
            return None
        raise
    listening.set_inheritable(True)
    return listening


def _in_url(host: str) -> str:
    """The host as in a URL: an IPv6 address has brackets around it (RFC 3986, 3.2.2)."""
    return f"[{host}]" if ":" in host else host
