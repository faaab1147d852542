"""The addresses to which requests may go. Everything but public addresses is refused, unless an operator allows it, so
that nobody reaches a network through Laurels. Pure."""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from laurels.kernel.input.networks import Network

Address = IPv4Address | IPv6Address

_REFUSED: tuple[Network, ...] = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",  # this host
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # shared by customers of a provider (CGNAT)
            "127.0.0.0/8",  # loopback
            "168.63.129.16/32",  # Azure's metadata
            "169.254.0.0/16",  # link-local, and the metadata of most clouds
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # relays of 6to4
            "192.168.0.0/16",  # private
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and broadcast
            "2001::/23",  # protocol assignments, such as Teredo
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4, which contains an IPv4 address
            "3fff::/20",  # documentation
        ),
    )
)
_PUBLIC_IPV6 = IPv6Network("2000::/3")
"""All other IPv6 addresses are loopback, local, multicast or reserved, or contain an IPv4 address (mapped, NAT64)."""

_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?", re.IGNORECASE)
_NUMERIC = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)\.?", re.IGNORECASE)
_BRACKETED = re.compile(r"\[[0-9a-f:.]+\](:[0-9]*)?", re.IGNORECASE)
LONGEST_NAME = 253
SCHEMES = {"https": 443, "http": 80}


class Target(NamedTuple):
    """The host and port of a URL. `address` is None for a host with a name."""

    host: str
    port: int
    address: Address | None


class InvalidTargetError(ValueError):
    """A URL that cannot be called. The text continues the name of the field."""


def may_connect(address: Address, allowed: Iterable[Network] = ()) -> bool:
    """Whether a request may go to the address. `allowed` are the networks that the operator allows."""
    if any(address in network for network in allowed if network.version == address.version):
        return True
    if isinstance(address, IPv6Address) and (address not in _PUBLIC_IPV6 or address.scope_id is not None):
        return False
    return not any(address in network for network in _REFUSED if network.version == address.version)


def target_of(url: str) -> Target:
    """The host of the URL, which has to be a name, or an address in its usual form. Raises InvalidTargetError."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidTargetError("must be a URL such as https://example.com/laurels") from None
    if parts.scheme not in SCHEMES:
        raise InvalidTargetError("must begin with https:// or http://")
    if "@" in parts.netloc:
        raise InvalidTargetError("must not contain a user or a password; use headers")
    if parts.fragment or any(ord(character) <= 32 or ord(character) >= 127 for character in url):
        raise InvalidTargetError("must not contain spaces, control characters, a fragment, or letters beyond ASCII")
    if port == 0:
        raise InvalidTargetError("must not have the port 0")
    host = parts.hostname or ""
    return Target(host, SCHEMES[parts.scheme] if port is None else port, _address_in(parts, host))


def _address_in(parts: SplitResult, host: str) -> Address | None:
    """The address of a host that is one; None for a name. Raises InvalidTargetError."""
    if "[" in parts.netloc or _NUMERIC.fullmatch(host.rstrip(".").rpartition(".")[2]):
        problem = InvalidTargetError("must have an address in its usual form, such as 192.0.2.1 or [2001:db8::1]")
        if "[" in parts.netloc and not _BRACKETED.fullmatch(parts.netloc):
            raise problem
        try:
            return ip_address(host)
        except ValueError:
            raise problem from None
    if len(host) > LONGEST_NAME or not _NAME.fullmatch(host):
        raise InvalidTargetError("must have the name of a host, such as example.com")
    return None
