"""The console's files as the server sends them."""

import asyncio
import gzip
import re
from typing import Any, cast
from urllib.parse import urljoin

import httpx
import pytest

from laurels.console import files, pages
from laurels.web.endpoint import Request
from laurels.web.protocol.errors import Refusal
from tests.support import Server, tool

FIRST_LOAD_BYTES = 350_000


@pytest.fixture
def page(server: Server) -> httpx.Response:
    if not files.built():
        tool("the console, which `make console` builds")
    return httpx.get(f"{server.base_url}/console/")


def named(page: str) -> list[str]:
    return re.findall(r'(?:src|href)="([^"]+)"', page)


def test_the_page_needs_nothing_from_elsewhere(server: Server, page: httpx.Response) -> None:
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert not re.findall(r"(?:https?:)?//\w", page.text)
    assert not re.findall(r"<style|<script(?! type=\"module\" crossorigin src)|\bon\w+=|\bstyle=", page.text)
    types = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
    assert len(named(page.text)) >= 3
    for address in named(page.text):
        reply = httpx.get(f"{server.base_url}/console/{address}")
        assert reply.status_code == 200, address
        assert reply.headers["content-type"] == types[address[address.rfind(".") :]]
        assert "immutable" in reply.headers["cache-control"]
        assert not re.findall(r"url\((?!data:|\.)", reply.text), address


def test_it_works_behind_a_prefix(server: Server, page: httpx.Response) -> None:
    """As a browser resolves what the page names (RFC 3986, 5.2), and a proxy takes the prefix away again."""
    prefix = "https://example.org/some/where"
    place = urljoin(f"{prefix}/console", httpx.get(f"{server.base_url}/console").headers["location"])
    assert place == f"{prefix}/console/"
    for address in named(page.text):
        resolved = urljoin(place, address)
        assert resolved.startswith(f"{prefix}/console/assets/")
        assert httpx.get(server.base_url + resolved.removeprefix(prefix)).status_code == 200


def test_the_policy_allows_nothing_inline(page: httpx.Response) -> None:
    policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in page.headers["content-security-policy"]
    assert policy["frame-ancestors"] == "'none'"


def test_the_first_load_is_small(server: Server, page: httpx.Response) -> None:
    with httpx.Client(base_url=f"{server.base_url}/console/") as client:
        sizes = []
        for address in ["", *named(page.text)]:
            with client.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as reply:
                sizes.append(sum(map(len, reply.iter_raw())))
    assert sum(sizes) <= FIRST_LOAD_BYTES, sizes


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("gzip", "gzip"), ("br, GZIP;q=0.5", "gzip"), ("*", "gzip"), ("identity", None), ("gzip;q=0", None), ("br", None)],
)
def test_compressed_twins(server: Server, page: httpx.Response, accepted: str, coding: str | None) -> None:
    script = next(address for address in named(page.text) if address.endswith(".js"))
    with httpx.stream("GET", f"{server.base_url}/console/{script}", headers={"Accept-Encoding": accepted}) as reply:
        raw = b"".join(reply.iter_raw())
    assert reply.headers.get("content-encoding") == coding
    assert reply.headers["vary"] == "accept-encoding"
    content = gzip.decompress(raw) if coding else raw
    assert content == httpx.get(f"{server.base_url}/console/{script}").content


def test_a_browser_that_has_it_gets_nothing(server: Server, page: httpx.Response) -> None:
    tag = page.headers["etag"]
    for known in (tag, f'"other", {tag}'):
        again = httpx.get(f"{server.base_url}/console/", headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert "content-length" not in again.headers


@pytest.mark.parametrize("file", ["nope.js", "..%2F__init__.py", "%2E%2E", "index.html", "built-from", "icon.svg%00"])
def test_files_that_it_does_not_have(server: Server, file: str) -> None:
    reply = httpx.get(f"{server.base_url}/console/assets/{file}")
    assert reply.status_code in {404, 422}
    assert reply.json()["detail"]


def test_a_server_without_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "built", dict)
    with pytest.raises(Refusal, match="make console"):
        asyncio.run(pages.console_page(cast("Request[None, None]", cast("Any", None))))
