"""The addresses that webhooks may name and reach."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurels.delivery.webhooks.addresses import InvalidTargetError, may_connect, target_of
from laurels.kernel.input.networks import networks_from


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.0",
        "127.255.255.255", "168.63.129.16", "169.254.0.0", "169.254.169.254", "169.254.255.255", "172.16.0.0",
        "172.31.255.255", "192.0.0.0", "192.0.0.255", "192.0.2.0", "192.0.2.255", "192.88.99.0", "192.88.99.255",
        "192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.0", "198.51.100.255",
        "203.0.113.0", "203.0.113.255", "224.0.0.0", "239.255.255.255", "240.0.0.0", "255.255.255.255",
        "::", "::1", "::7f00:1", "::ffff:8.8.8.8", "::ffff:0:8.8.8.8", "64:ff9b::808:808", "64:ff9b:1::1", "100::1",
        "1fff:ffff::", "2001::", "2001:0:ffff::1", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::",
        "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2002::", "2002:808:808::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::", "5f00::1", "fc00::", "fd00:ec2::254", "fe80::1",
        "fec0::1", "ff00::", "ff02::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2606:4700::1%eth0",
    ],
)  # fmt: skip
def test_refused_addresses(address: str) -> None:
    assert not may_connect(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
        "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0",
        "191.255.255.255", "192.0.1.0", "192.0.3.0", "192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0",
        "198.17.255.255", "198.20.0.0", "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0",
        "223.255.255.255", "2000::", "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::",
        "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::", "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::",
        "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::", "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ],
)  # fmt: skip
def test_public_addresses_at_each_bound(address: str) -> None:
    assert may_connect(ip_address(address))


@given(st.ip_addresses())
def test_all_that_python_knows_as_local_is_refused(address: str) -> None:
    known = ip_address(str(address))
    if known.is_private or known.is_loopback or known.is_link_local or known.is_multicast or known.is_unspecified:
        assert not may_connect(known)


def test_networks_that_the_operator_allows() -> None:
    allowed = networks_from(" 10.1.0.0/16 , fd00::/8,127.0.0.1,")
    for address in ("10.1.0.0", "10.1.255.255", "fd12::1", "127.0.0.1", "8.8.8.8"):
        assert may_connect(ip_address(address), allowed)
    for address in ("10.0.255.255", "10.2.0.0", "fc00::1", "127.0.0.2", "::ffff:10.1.0.1", "::1"):
        assert not may_connect(ip_address(address), allowed)
    assert networks_from("") == ()


@pytest.mark.parametrize("text", ["10.0.0.0/33", "example.com", "10.0.0.1/8", "10.0.0.0/8;fd00::/8"])
def test_networks_that_are_none(text: str) -> None:
    with pytest.raises(ValueError):
        networks_from(text)


@pytest.mark.parametrize(
    ("url", "host", "port", "is_address"),
    [
        ("https://example.com/laurels?a=b", "example.com", 443, False),
        ("http://example.com", "example.com", 80, False),
        ("https://EXAMPLE.com.:8443/", "example.com.", 8443, False),
        ("https://a_b.example", "a_b.example", 443, False),
        ("https://xn--bcher-kva.example", "xn--bcher-kva.example", 443, False),
        ("https://10.0.0.1/", "10.0.0.1", 443, True),
        ("https://[2001:db8::1]:65535/", "2001:db8::1", 65535, True),
    ],
)
def test_targets(url: str, host: str, port: int, is_address: bool) -> None:
    target = target_of(url)
    assert (target.host, target.port, target.address is not None) == (host, port, is_address)


@pytest.mark.parametrize(
    "url",
    [
        "", "example.com", "//example.com", "ftp://example.com", "file:///etc/passwd", "https://", "https:///path",
        "https://user@example.com", "https://user:password@example.com", "https://example.com#part",
        "https://exa mple.com", "https://example.com/a b", "https://example.com/\r\nHost: other", "https://bücher.example",
        "https://１２７.0.0.1", "https://2130706433/", "https://0x7f000001/", "https://0x7f.0.0.1/", "https://0177.0.0.1/",
        "https://127.1/", "https://127.0.0.1./", "https://1.2.3.4.5/", "https://256.0.0.1/", "https://0x/",
        "https://[::1", "https://[::1%25eth0]/", "https://[fe80::1%eth0]x/", "https://[example.com]/",
        "https://example.com:0/", "https://example.com:65536/", "https://example.com:x/", "https://-a.example",
        "https://a..example", "https://%31%32%37.0.0.1/", "https://example.com\\@127.0.0.1/", "https://a*.example",
        "https://" + ".".join(["a" * 63] * 4) + ".example",
    ],
)  # fmt: skip
def test_urls_that_are_no_targets(url: str) -> None:
    with pytest.raises(InvalidTargetError):
        target_of(url)
