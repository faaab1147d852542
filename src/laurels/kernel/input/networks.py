"""Networks in a text."""

from ipaddress import IPv4Network, IPv6Network, ip_network

Network = IPv4Network | IPv6Network


def networks_from(text: str) -> tuple[Network, ...]:
    """The networks in a text such as "10.0.0.0/8, fd00::/8". Raises ValueError."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
