"""Bodies as libraries send them: with a byte order mark, or compressed."""

import gzip
import json
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from laurels.app import COMPOSITION
from laurels.web.endpoint import Endpoint
from laurels.web.protocol.content_codings import MEMBERS_LIMIT
from tests.checks import assert_refused, unchanged
from tests.populated import populate
from tests.support import Server

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def award(name: str, **more: Any) -> bytes:
    return json.dumps({"participant_id": name, "amount": 5, **more}).encode()


def post(api: httpx.Client, body: bytes | Iterator[bytes], coding: str = "gzip", path: str = "/points/award") -> Any:
    return api.post(path, content=body, headers={"content-encoding": coding})


def test_a_byte_order_mark_is_skipped(api: httpx.Client, name: str) -> None:
    # RFC 8259, section 8.1: parsers may ignore it.
    assert api.post("/points/award", content=BYTE_ORDER_MARK + award(name)).json()["new_balance"] == 5
    assert_refused(api.post("/points/award", content=BYTE_ORDER_MARK), 422)
    assert_refused(api.post("/points/award", content=BYTE_ORDER_MARK * 2 + award(name)), 422)


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP"])
def test_gzip(api: httpx.Client, name: str, coding: str) -> None:
    long = award(name, metadata={"text": "long " * 10_000})
    for number, body in enumerate((award(name), long), start=1):
        assert post(api, gzip.compress(body), coding).json()["new_balance"] == 5 * number
    assert post(api, award(name), "identity").json()["new_balance"] == 15


def test_gzip_in_pieces(api: httpx.Client, name: str) -> None:
    sent = gzip.compress(award(name))
    assert post(api, (sent[place : place + 7] for place in range(0, len(sent), 7))).json()["new_balance"] == 5


def test_gzip_of_several_members(api: httpx.Client, name: str) -> None:
    """RFC 1952, section 2.2: what they hold follows one another."""
    body = award(name, metadata={"text": "long " * 10_000})
    members = [gzip.compress(body[place : place + 1_000]) for place in range(0, len(body), 1_000)]
    empty = gzip.compress(b"") * (MEMBERS_LIMIT - len(members))
    assert post(api, b"".join(members)).json()["new_balance"] == 5
    assert post(api, b"".join(members) + empty).json()["new_balance"] == 10
    sent = b"".join(members)
    assert post(api, (sent[place : place + 7] for place in range(0, len(sent), 7))).json()["new_balance"] == 15


@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, gzip", "zstd", "x" * 1000])
def test_other_codings_are_not_supported(api: httpx.Client, name: str, coding: str) -> None:
    refused = post(api, award(name), coding)
    assert_refused(refused, 415)
    # RFC 9110, section 12.5.3: says what would be.
    assert refused.headers["accept-encoding"] == "gzip"
    assert api.get(f"/participants/{name}").status_code == 404


NOT_GZIP = {
    "nothing": b"",
    "plain JSON": b"{}",
    "zlib": zlib.compress(b"{}"),
    "without its last byte": gzip.compress(b"{}")[:-1],
    "a wrong checksum": gzip.compress(b"{}")[:-8] + b"\0" * 8,
    "more behind it": gzip.compress(b"{}") + b"x",
    "two objects": gzip.compress(b"{}") * 2,
    "half a second member": gzip.compress(b"{}") + gzip.compress(b"")[:-1],
    "too many members": gzip.compress(b"") * MEMBERS_LIMIT + gzip.compress(b"{}"),
}


@pytest.mark.parametrize("body", NOT_GZIP.values(), ids=list(NOT_GZIP))
def test_invalid_gzip(api: httpx.Client, body: bytes) -> None:
    for path in ("/points/award", "/admin/rewards/nope/codes"):
        assert_refused(post(api, body, path=path), 422)


def test_limits_are_those_of_the_uncompressed_body(api: httpx.Client, name: str) -> None:
    longest = award(name).ljust(1024 * 1024)
    assert post(api, gzip.compress(longest)).json()["new_balance"] == 5
    assert_refused(post(api, gzip.compress(longest + b" ")), 413)
    assert_refused(post(api, gzip.compress(b" " * 64 * 1024 * 1024)), 413)
    codes = gzip.compress(b"A\n" * 20 * 1024 * 1024)
    assert_refused(post(api, codes, path="/admin/rewards/nope/codes"), 413)


def test_a_compressed_upload_of_codes(api: httpx.Client) -> None:
    made = api.post("/admin/rewards", json={"code": "zipped", "name": "Z", "type": "coupon"}).json()
    headers = {"content-encoding": "gzip", "content-type": "text/csv"}
    codes = "".join(f"CODE-{number:06}\n" for number in range(20_000))
    done = api.post(f"/admin/rewards/{made['id']}/codes", content=gzip.compress(codes.encode()), headers=headers)
    assert done.json()["added"] == 20_000


WITHOUT_BODY = [
    endpoint
    for endpoint in COMPOSITION.endpoints
    if endpoint.method != "GET" and not (endpoint.body or endpoint.body_documented)
]


@pytest.fixture(scope="module")
def everything(api: httpx.Client) -> dict[str, str]:
    return populate(api, "with a body")


@pytest.mark.parametrize("endpoint", WITHOUT_BODY, ids=[endpoint.operation for endpoint in WITHOUT_BODY])
def test_a_body_where_none_is_taken(
    server: Server, api: httpx.Client, everything: dict[str, str], database_url: str, endpoint: Endpoint
) -> None:
    """What is in it would be ignored."""
    url = server.base_url + endpoint.path.format_map(everything)
    bodies: list[Any] = [
        b'{"anonymize": true}',
        b"{}{}",
        b"null",
        b"0",
        b"\xff",
        iter([b" ", b"{", b'"a":1}']),
        b" " * 99 + b"x",
    ]
    with unchanged(database_url):
        for body in bodies:
            reply = api.request(endpoint.method, url, content=body)
            assert_refused(reply, 422, field="")
            assert reply.json()["detail"].startswith("The request body must be empty: this endpoint takes ")
    if endpoint.operation == "erase_participant":
        assert reply.json()["detail"].endswith("takes only query parameters (anonymize).")


def test_an_empty_object_where_no_body_is_taken(api: httpx.Client) -> None:
    for body in (b"{}", b"", b" ", b" {\n} ", iter([b"{", b"}"])):
        key = api.post("/admin/keys", json={}).json()
        assert api.post(f"/admin/keys/{key['id']}/revoke", content=body).status_code == 200
    for body in (b" ", b"{}"):
        api.post("/participants", json={"participant_id": "no body"}).raise_for_status()
        assert api.request("DELETE", "/admin/participants/no%20body", content=body).status_code == 200
