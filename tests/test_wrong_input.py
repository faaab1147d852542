"""Wrong input gets a clear error, changes nothing and creates nobody."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
import msgspec
import pytest

from tests.checks import RawReply, assert_refused, make_key, query, send, unchanged
from tests.support import ADMIN_KEY, Server

VALID = {"participant_id": "wrong", "amount": 1}
WRITES = ["/points/award", "/points/deduct"]


@pytest.fixture(autouse=True)
def nothing_changes(database_url: str, server: Server, known: None) -> Iterator[None]:
    """Holds for every test in this file."""
    with unchanged(database_url):
        yield


@pytest.fixture(scope="module")
def known(api: httpx.Client) -> None:
    reply = api.post("/points/award", json={"participant_id": "known", "amount": 100})
    assert reply.status_code == 200


def refused_body(api: httpx.Client, path: str, body: str | bytes, field: str | None = None, status: int = 422) -> None:
    assert_refused(api.post(path, content=body), status, field=field)


AMOUNTS = ["0", "-1", "1.5", '"10"', "10000000", "1000001", "true", "null", "1e999", "9" * 40, "[]", "{}", "NaN"]


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize("amount", AMOUNTS)
def test_amounts(api: httpx.Client, path: str, amount: str) -> None:
    body = f'{{"participant_id": "known", "amount": {amount}}}'
    refused_body(api, path, body, None if amount == "NaN" else "amount")


@pytest.mark.parametrize("amount", ["0", "-1", "1.5", '"10"', "10000000", "true"])
def test_amounts_in_a_batch(api: httpx.Client, amount: str) -> None:
    reply = api.post(
        "/points/award-batch", content=f'{{"awards": [{{"participant_id": "known", "amount": {amount}}}]}}'
    )
    answer = reply.json()
    assert (reply.status_code, answer["processed"], answer["failed"]) == (200, 0, 1)
    assert answer["results"][0]["error"].startswith("amount ")


class Name(NamedTuple):
    title: str
    value: Any


BAD_NAMES = [
    Name("empty", ""),
    Name("256 characters", "x" * 256),
    Name("256 emoji", "🏆" * 256),
    Name("NUL", "a\0b"),
    Name("newline", "a\nb"),
    Name("newline at the end", "a\n"),
    Name("carriage return at the end", "a\r"),
    Name("tab", "\t"),
    Name("escape", "\x1b[31m"),
    Name("delete", "a\x7f"),
    Name("next line", "a\x85"),
]
NO_NAMES = [Name("number", 5), Name("null", None), Name("list", ["a"]), Name("true", True)]


@pytest.mark.parametrize("name", [*BAD_NAMES, *NO_NAMES], ids=lambda name: name.title)
@pytest.mark.parametrize(
    ("path", "rest"),
    [
        ("/points/award", {"amount": 1}),
        ("/points/deduct", {"amount": 1}),
        ("/tiers/assign", {"tier_code": "gold"}),
        ("/participants", {"display_name": "N"}),
    ],
)
def test_names_in_bodies(api: httpx.Client, path: str, rest: Any, name: Name) -> None:
    assert_refused(api.post(path, json={"participant_id": name.value, **rest}), 422, field="participant_id")


@pytest.mark.parametrize("name", BAD_NAMES, ids=lambda name: name.title)
def test_names_in_paths(server: Server, name: Name) -> None:
    path = f"/participants/{quote(name.value, safe='')}"
    for reply in (
        send(server, "GET", path),
        send(server, "GET", f"{path}/points"),
        send(server, "GET", f"{path}/points/transactions"),
        send(server, "GET", f"{path}/tier"),
        send(server, "GET", f"{path}/state"),
        send(server, "PATCH", path, b'{"display_name": "N"}'),
        send(server, "DELETE", f"/admin{path}"),
    ):
        assert_refused(reply, 422, field="participant_id")


@pytest.mark.parametrize("name", ["%FF", "%ED%A0%80", "a%C3", "%C0%AF"])
def test_broken_utf8_in_a_path(server: Server, name: str) -> None:
    assert_refused(send(server, "GET", f"/participants/{name}/points"), 422)


BROKEN_UTF8 = [
    pytest.param(b'{"participant_id": "\xff", "amount": 1}', id="in the name"),
    pytest.param(b'{"participant_id": "known", "amount": 1, "reason": "\xc3"}', id="in the reason"),
    pytest.param(b'{"participant_id": "known", "amount": 1, "metadata": {"a": "\xed\xa0\x80"}}', id="in a value"),
    pytest.param(b'{"participant_id": "known", "amount": 1, "metadata": {"\xfe": 1}}', id="in a name of metadata"),
    pytest.param(b'{"participant_id": "known", "amount": 1, "unknown": "\xff"}', id="in an unknown field"),
    pytest.param('{"participant_id": "known", "amount": 1}'.encode("utf-16"), id="UTF-16"),
]


@pytest.mark.parametrize("body", BROKEN_UTF8)
@pytest.mark.parametrize("path", ["/points/award", "/participants", "/admin/tiers"])
def test_broken_utf8(api: httpx.Client, path: str, body: bytes) -> None:
    refused_body(api, path, body)


@pytest.mark.parametrize("body", BROKEN_UTF8)
def test_broken_utf8_in_a_batch(api: httpx.Client, body: bytes) -> None:
    """Bytes that are no text make the whole body unreadable: no item of it is awarded."""
    items = b'{"awards": [{"participant_id": "known", "amount": 1}, ' + body + b"]}"
    refused_body(api, "/points/award-batch", items)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        "5",
        '"text"',
        '{"participant_id": "known", "amount": 1} {}',
        "{'a': 1}",
        "{,}",
        "\0",
        "{} ",
    ],
)
@pytest.mark.parametrize("path", ["/points/award", "/points/award-batch", "/participants", "/tiers/assign"])
def test_what_is_no_json_object(api: httpx.Client, path: str, body: str) -> None:
    refused_body(api, path, body)


@pytest.mark.parametrize("escape", ["\\ud800", "\\udfff", "\\ud800x", "\\q", "\\u12", "\t"])
def test_broken_escapes(api: httpx.Client, escape: str) -> None:
    refused_body(api, "/points/award", f'{{"participant_id": "known", "amount": 1, "reason": "{escape}"}}')


def nested(levels: int) -> str:
    """A body of this depth: the body itself is the first level, metadata the second."""
    inner = levels - 2
    return '{"participant_id": "known", "amount": 1, "metadata": {"a":' + "[" * inner + "]" * inner + "}}"


@pytest.mark.parametrize("levels", [33, 64, 5_000])
def test_deep_nesting(api: httpx.Client, levels: int) -> None:
    refused_body(api, "/points/award", nested(levels))
    refused_body(api, "/points/award-batch", '{"awards": [' + nested(levels) + "]}")
    refused_body(api, "/participants", nested(levels).replace("metadata", "attributes"))
    refused_body(api, "/admin/tiers", nested(levels))


def test_deep_nesting_that_never_ends(api: httpx.Client) -> None:
    refused_body(api, "/points/award", "[" * 200_000)
    refused_body(api, "/points/award", '{"a":' * 200_000)


TOO_LONG = b'{"participant_id": "known", "amount": 1, "metadata": {"a": "' + b"x" * 2 * 1024 * 1024 + b'"}}'


def test_a_body_of_2_mib(api: httpx.Client) -> None:
    assert_refused(api.post("/points/award", content=TOO_LONG), 413)


def test_a_body_of_2_mib_in_chunks(api: httpx.Client) -> None:
    def chunks() -> Iterator[bytes]:
        for start in range(0, len(TOO_LONG), 65_536):
            yield TOO_LONG[start : start + 65_536]

    assert_refused(api.post("/points/award", content=chunks()), 413)


def test_a_body_that_only_says_it_is_long(server: Server) -> None:
    reply = send(server, "POST", "/points/award", b"{}", **{"Content-Length": str(2**40)})
    assert_refused(reply, 413)


def test_a_body_one_byte_too_long(api: httpx.Client) -> None:
    body = b'{"participant_id": "wrong", "amount": 0' + b" " * 1024 * 1024
    assert_refused(api.post("/points/award", content=body[: 1024 * 1024] + b"}"), 413)
    assert_refused(api.post("/points/award", content=body[: 1024 * 1024 - 1] + b"}"), 422, field="amount")


def test_missing_fields(api: httpx.Client) -> None:
    assert_refused(api.post("/points/award", json={"amount": 1}), 422, field="participant_id")
    assert_refused(api.post("/points/award", json={"participant_id": "wrong"}), 422, field="amount")
    assert_refused(api.post("/points/deduct", json={"participant_id": "wrong"}), 422, field="amount")
    assert_refused(api.post("/points/award-batch", json={}), 422, field="awards")
    assert_refused(api.post("/tiers/assign", json={"participant_id": "wrong"}), 422, field="tier_code")
    assert_refused(api.post("/participants", json={"display_name": "N"}), 422, field="participant_id")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"reason": "x" * 501}, "reason", id="long reason"),
        pytest.param({"reason": 5}, "reason", id="reason is a number"),
        pytest.param({"reason": "a\0"}, "reason", id="NUL in the reason"),
        pytest.param({"metadata": "a"}, "metadata", id="metadata is a text"),
        pytest.param({"metadata": [1]}, "metadata", id="metadata is a list"),
        pytest.param({"metadata": {"a": "\0"}}, "metadata.a", id="NUL in a value"),
        pytest.param({"metadata": {"a\0": 1}}, "metadata", id="NUL in a name"),
        pytest.param({"metadata": {"a": [{"b": "\0"}]}}, "metadata.a[0].b", id="NUL deep inside"),
        pytest.param({"idempotency_key": "\0"}, "idempotency_key", id="NUL in the key"),
        pytest.param({"timestamp": "yesterday"}, "timestamp", id="no time"),
        pytest.param({"timestamp": "2026-02-30T00:00:00Z"}, "timestamp", id="30 February"),
        pytest.param({"timestamp": "2026-02-14"}, "timestamp", id="only a date"),
        pytest.param({"timestamp": 1_770_000_000}, "timestamp", id="seconds"),
        pytest.param({"timestamp": "2099-01-01T00:00:00Z"}, "timestamp", id="far ahead"),
        pytest.param({"timestamp": "2099-01-01T00:00:00"}, "timestamp", id="far ahead without an offset"),
        pytest.param({"timestamp": "9999-12-31T23:59:59-12:00"}, "timestamp", id="past the calendar"),
        pytest.param({"timestamp": "0001-01-01T00:00:00+12:00"}, "timestamp", id="before the calendar"),
    ],
)
@pytest.mark.parametrize("path", WRITES)
def test_optional_fields(api: httpx.Client, path: str, change: Any, field: str) -> None:
    body = {"participant_id": "known", "amount": 1, **change}
    assert_refused(api.post(path, json=body), 422, field=field)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"display_name": "x" * 256}, "display_name", id="long name"),
        pytest.param({"display_name": "\0"}, "display_name", id="NUL in the name"),
        pytest.param({"display_name": 5}, "display_name", id="name is a number"),
        pytest.param({"avatar_url": "x" * 2_001}, "avatar_url", id="long address"),
        pytest.param({"avatar_url": "\0"}, "avatar_url", id="NUL in the address"),
        pytest.param({"avatar_url": "javascript:alert(1)"}, "avatar_url", id="address that is a program"),
        pytest.param({"attributes": "x"}, "attributes", id="attributes are a text"),
        pytest.param({"attributes": {"a": "\0"}}, "attributes.a", id="NUL in an attribute"),
    ],
)
def test_profiles(api: httpx.Client, change: Any, field: str) -> None:
    assert_refused(api.post("/participants", json={"participant_id": "wrong", **change}), 422, field=field)
    assert_refused(api.patch("/participants/known", json=change), 422, field=field)


@pytest.mark.parametrize(
    ("action", "field"),
    [
        ({"type": "assign_tier", "tier_code": "a\0"}, "actions[0].tier_code"),
        ({"type": "award_points", "amount": 1, "reason": "\0"}, "actions[0].reason"),
    ],
)
def test_nul_inside_a_definition(api: httpx.Client, action: Any, field: str) -> None:
    rule = {"code": "nul", "name": "N", "event_name": "e", "actions": [action]}
    assert_refused(api.post("/admin/rules", json=rule), 422, field=field)
    challenge = {"code": "nul", "name": "N", "objectives": [{"code": "o", "event_name": "e", "target": 1}]}
    milestones = [{"percent": 5, "actions": [action]}]
    reply = api.post("/admin/challenges", json={**challenge, "milestones": milestones})
    assert_refused(reply, 422, field=f"milestones[0].{field}")
    badge = api.get("/admin/badges").json()["items"][0]["id"]
    assert_refused(api.patch(f"/admin/badges/{badge}", json={"description": "a\0"}), 422, field="description")


@pytest.mark.parametrize("code", ["", "x" * 256, "a\0", 5, None], ids=repr)
def test_what_is_no_tier_code(api: httpx.Client, code: Any) -> None:
    reply = api.post("/tiers/assign", json={"participant_id": "wrong", "tier_code": code})
    assert_refused(reply, 422, field="tier_code")


@pytest.mark.parametrize("code", ["unknown_tier", "Gold", "no code", "x" * 101])
def test_unknown_codes(api: httpx.Client, code: str) -> None:
    reply = api.post("/tiers/assign", json={"participant_id": "wrong", "tier_code": code})
    assert_refused(reply, 404, detail=f"Tier definition not found: {code}")


@pytest.mark.parametrize("awards", [[], [VALID] * 101, "all", {}, None, 5], ids=lambda awards: str(awards)[:12])
def test_batches_of_the_wrong_size_or_kind(api: httpx.Client, awards: Any) -> None:
    assert_refused(api.post("/points/award-batch", json={"awards": awards}), 422, field="awards")


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=x", "page"),
        ("page=", "page"),
        ("page=1.5", "page"),
        ("page=99999999999999999999", "page"),
        ("page_size=0", "page_size"),
        ("page_size=101", "page_size"),
        ("page_size=x", "page_size"),
    ],
)
@pytest.mark.parametrize("path", ["/participants/known/points/transactions", "/admin/tiers"])
def test_pages(api: httpx.Client, path: str, parameters: str, field: str) -> None:
    assert_refused(api.get(f"{path}?{parameters}"), 422, field=field)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/participants/known/points/transactions?page=%00", "page"),
        ("/participants/known/state?include=%00", "include"),
        ("/admin/tiers?is_active=%00", "is_active"),
        ("/admin/tiers?is_active=maybe", "is_active"),
    ],
)
def test_parameters(api: httpx.Client, path: str, field: str) -> None:
    assert_refused(api.get(path), 422, field=field)


@pytest.mark.parametrize("path", ["/participants/known/state?include=%FF", "/admin/tiers?page=%C3%28"])
def test_broken_utf8_in_a_parameter(api: httpx.Client, path: str) -> None:
    assert_refused(api.get(path), 422)


@pytest.fixture(scope="module")
def revoked_key(database_url: str) -> str:
    return make_key(database_url, "admin", is_revoked=True)


@pytest.fixture(scope="module")
def standard_key(database_url: str) -> str:
    return make_key(database_url)


KEYED = [
    ("POST", "/points/award"),
    ("POST", "/points/deduct"),
    ("POST", "/points/award-batch"),
    ("GET", "/participants/known/points"),
    ("GET", "/participants/known/points/transactions"),
    ("POST", "/participants"),
    ("GET", "/participants/known"),
    ("PATCH", "/participants/known"),
    ("GET", "/participants/known/state"),
    ("GET", "/participants/known/tier"),
    ("POST", "/tiers/assign"),
]
ADMIN = [
    ("GET", "/admin/tiers"),
    ("POST", "/admin/tiers"),
    ("GET", "/admin/tiers/x"),
    ("PATCH", "/admin/tiers/x"),
    ("DELETE", "/admin/tiers/x"),
    ("DELETE", "/admin/participants/known"),
    ("DELETE", "/admin/participants/known?anonymize=true"),
]


def without_key(server: Server, method: str, path: str) -> RawReply:
    return send(server, method, path, msgspec.json.encode(VALID), **{"X-API-Key": None})


@pytest.mark.parametrize(("method", "path"), [*KEYED, *ADMIN])
def test_keys_that_do_not_open(server: Server, revoked_key: str, method: str, path: str) -> None:
    body = msgspec.json.encode(VALID)
    assert_refused(without_key(server, method, path), 401)
    wrong = ["", "wrong", ADMIN_KEY[:-1], ADMIN_KEY + "x", revoked_key, revoked_key[:-1] + "!"]
    for key in wrong:
        assert_refused(send(server, method, path, body, **{"X-API-Key": key}), 401)


def test_the_key_belongs_in_its_own_header(server: Server) -> None:
    url = f"{server.base_url}/api/v1/gamify/participants/known"
    assert_refused(httpx.get(url, headers={"Authorization": f"Bearer {ADMIN_KEY}"}), 401)
    assert_refused(httpx.get(url, params={"X-API-Key": ADMIN_KEY, "api_key": ADMIN_KEY}), 401)


@pytest.mark.parametrize(("method", "path"), ADMIN)
def test_a_standard_key_on_admin_routes(server: Server, standard_key: str, method: str, path: str) -> None:
    with server.client(standard_key) as client:
        reply = client.request(method, path, content=msgspec.json.encode(VALID))
    assert_refused(reply, 403, detail="API key requires 'admin' scope")


@pytest.mark.parametrize(
    "path",
    ["/nope", "/points", "/points/award/", "/participants/known/nope", "/admin", "", "/", "//", "/participants/a/b/c"],
)
def test_unknown_paths(server: Server, path: str) -> None:
    assert_refused(send(server, "GET", path), 404)
    assert_refused(without_key(server, "GET", path), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/points/award", "POST"),
        ("PUT", "/participants/known", "GET, HEAD, PATCH"),
        ("DELETE", "/participants/known", "GET, HEAD, PATCH"),
        ("POST", "/participants/known/tier", "GET, HEAD"),
        ("PUT", "/admin/tiers", "GET, HEAD, POST"),
        ("OPTIONS", "/points/award", "POST"),
    ],
)
def test_wrong_methods(server: Server, method: str, path: str, allowed: str) -> None:
    reply: RawReply = send(server, method, path)
    assert_refused(reply, 405)
    assert reply.headers["allow"] == allowed


def test_the_callers_request_id_comes_back_if_it_is_harmless(api: httpx.Client) -> None:
    assert (
        api.get("/participants/known", headers={"X-Request-ID": "abc-1.2:3_4"}).headers["x-request-id"] == "abc-1.2:3_4"
    )
    for given in ("", "x" * 101, "a b", "é".encode()):
        made = api.get("/nope", headers={b"X-Request-ID": given.encode() if isinstance(given, str) else given})
        assert len(made.headers["x-request-id"]) == 36


def test_every_answer_has_a_request_id_of_its_own(server: Server, api: httpx.Client) -> None:
    replies = [
        api.get("/participants/known"),
        api.get("/participants/nobody"),
        api.get("/nope"),
        api.put("/points/award"),
        api.post("/points/award", content=b"{"),
        without_key(server, "GET", "/participants/known"),
        *(httpx.get(server.base_url + path) for path in ("/healthz", "/readyz", "/metrics", "/docs", "/openapi.json")),
    ]
    identifiers = [reply.headers["x-request-id"] for reply in replies]
    assert len(set(identifiers)) == len(replies)


def test_nobody_was_created(database_url: str) -> None:
    assert query(database_url, "SELECT participant_id FROM participant") == [("known",)]


def test_sql_in_texts_is_only_text(api: httpx.Client) -> None:
    for text in ("'; DROP TABLE journal; --", "' OR '1'='1", "\\'", "$1", "%s", "{}"):
        assert_refused(
            api.get(f"/participants/{quote(text, safe='')}/points"), 404, detail=f"Participant not found: {text}"
        )
        assert_refused(api.post("/points/deduct", json={"participant_id": text, "amount": 1}), 400)


def test_head_answers_as_get_without_a_body(server: Server) -> None:
    reply = httpx.head(f"{server.base_url}/healthz")
    assert (reply.status_code, reply.content) == (200, b"")


def test_a_misspelt_wish_to_anonymise_deletes_nothing(api: httpx.Client, database_url: str) -> None:
    with unchanged(database_url):
        assert_refused(api.delete("/admin/participants/known?anonymise=true"), 422, field="anonymise")
