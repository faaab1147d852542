"""Bodies as libraries send them: with a byte order mark, or compressed."""

import gzip
import json
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.checks import assert_refused

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
    "two members": gzip.compress(b"{}") * 2,
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
