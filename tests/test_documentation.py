"""What /docs and /openapi.json send: compressed, kept by browsers, and with links that lead somewhere."""

import gzip
import json
import re
from http import HTTPStatus
from typing import Any

import httpx
import pytest

from laurels.web.documentation.files import takes_gzip
from tests.support import Server

TEXTS = ["/openapi.json", "/docs", "/docs/page.js", "/docs/page.css", "/docs/swagger-ui-bundle.js", "/docs/points.md"]
LINK = re.compile(r"\]\(docs/([^)#]+)(?:#([^)]+))?\)")


@pytest.fixture(scope="module")
def client(server: Server) -> httpx.Client:
    return httpx.Client(base_url=server.base_url)


@pytest.fixture(scope="module")
def document(client: httpx.Client) -> Any:
    return client.get("/openapi.json").json()


def sent(client: httpx.Client, path: str, **headers: str) -> tuple[httpx.Response, bytes]:
    """The response, and the bytes as they were sent."""
    with client.stream("GET", path, headers={"Accept-Encoding": "identity", **headers}) as response:
        return response, b"".join(response.iter_raw())


@pytest.mark.parametrize("path", TEXTS)
def test_texts_are_compressed_for_callers_that_take_it(client: httpx.Client, path: str) -> None:
    plain, content = sent(client, path)
    packed, compressed = sent(client, path, **{"Accept-Encoding": "br, gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert len(compressed) < len(content) * 0.6
    assert gzip.decompress(compressed) == content
    for response, body in ((plain, content), (packed, compressed)):
        assert response.headers["content-length"] == str(len(body))
        assert response.headers["vary"] == "accept-encoding"
        assert response.headers["etag"] == plain.headers["etag"]
        assert response.headers["content-type"] == plain.headers["content-type"]


@pytest.mark.parametrize("path", [*TEXTS, "/docs/favicon-32x32.png"])
def test_a_caller_that_has_it_is_told_so(client: httpx.Client, path: str) -> None:
    etag = client.get(path).headers["etag"]
    for known in (etag, f'"other", {etag}'):
        response, content = sent(client, path, **{"If-None-Match": known, "Accept-Encoding": "gzip"})
        assert (response.status_code, content) == (HTTPStatus.NOT_MODIFIED, b"")
        assert response.headers["etag"] == etag
        assert "content-length" not in response.headers
    assert client.get(path, headers={"If-None-Match": 'W/"other"'}).status_code == 200
    # The connection is as good as before.
    assert client.get("/healthz").json() == {"status": "alive"}


def test_images_are_sent_as_they_are(client: httpx.Client) -> None:
    response, content = sent(client, "/docs/favicon-32x32.png", **{"Accept-Encoding": "gzip"})
    assert "content-encoding" not in response.headers
    assert content.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        (b"gzip", True),
        (b"GZIP", True),
        (b"br;q=1.0, gzip;q=0.5", True),
        (b"gzip; q=0.001", True),
        (b"*", True),
        (b"*;q=0.1", True),
        (b"", False),
        (b"identity", False),
        (b"br", False),
        (b"gzip;q=0", False),
        (b"gzip;q=0.000", False),
        (b"gzip;q=0, *", False),
        (b"*;q=0", False),
        (b"x-gzip", False),
    ],
)
def test_who_takes_gzip(accepted: bytes, takes: bool) -> None:
    assert takes_gzip(accepted) == takes


def slug(heading: str) -> str:
    return re.sub(r"\s+", "-", re.sub(r"[^\w\s-]", "", heading.lower()).strip())


def test_links_lead_to_guides(client: httpx.Client, document: Any) -> None:
    texts = [document["info"]["description"], *(tag["description"] for tag in document["tags"])]
    links = {link for text in texts for link in LINK.findall(text)}
    assert len(links) > 25
    assert len(re.findall(r"\]\(", "".join(texts))) == len([link for text in texts for link in LINK.findall(text)])
    for name, anchor in links:
        guide = client.get(f"/docs/{name}")
        assert guide.headers["content-type"] == "text/plain; charset=utf-8"
        assert guide.text.startswith("# ")
        headings = {slug(heading) for heading in re.findall(r"^#+ (.*)$", guide.text, re.MULTILINE)}
        assert not anchor or anchor in headings, f"{name}#{anchor}"


def test_tags_are_in_one_group_each(document: Any) -> None:
    tags = [tag["name"] for tag in document["tags"]]
    groups = {group["name"]: group["tags"] for group in document["x-tagGroups"]}
    assert sorted(tag for members in groups.values() for tag in members) == sorted(tags)
    assert groups["Application"][:3] == ["Participants", "Events", "Points"]
    assert {"Keys", "Projects", "Audit log"} <= set(groups["Administration"])
    assert groups["Server"] == ["Operation", "Console", "Documentation"]


def test_the_document_is_the_same_in_both_forms(client: httpx.Client, document: Any) -> None:
    _, compressed = sent(client, "/openapi.json", **{"Accept-Encoding": "gzip"})
    assert json.loads(gzip.decompress(compressed)) == document
