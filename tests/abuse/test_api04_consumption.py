"""API4:2023 Unrestricted resource consumption: everything has a size beyond which it is refused, and soon."""

import gzip
import time
import zlib
from typing import Any

import httpx
import msgspec
import psutil
import pytest

from tests.abuse.conftest import World
from tests.abuse.requests import ENDPOINTS, KEYED, operation_of, plain, with_texts
from tests.checks import assert_refused
from tests.support import ADMIN_KEY

WITH_BODY = [name for name in KEYED if "requestBody" in operation_of(ENDPOINTS[name])]
PAGED = [
    name
    for name in KEYED
    if any(each["name"] == "page_size" for each in operation_of(ENDPOINTS[name]).get("parameters", []))
]
BOMB = 64 * 1024 * 1024


def server_memory(world: World) -> int:
    assert world.server.process is not None
    return int(psutil.Process(world.server.process.pid).memory_info().rss)


@pytest.mark.parametrize("operation", PAGED)
def test_pages(world: World, operation: str) -> None:
    attack = plain(ENDPOINTS[operation], world.targets(operation))
    for name, value in (("page_size", "101"), ("page_size", "1e9"), ("page", str(2**63)), ("page_size", "-1")):
        assert_refused(attack._replace(parameters={name: value}).send(world.api), 422, field=name)
    reply = attack._replace(parameters={"page": "100", "page_size": "100"}).send(world.api)
    assert reply.status_code == 200


@pytest.mark.parametrize("operation", WITH_BODY)
def test_bodies(world: World, operation: str) -> None:
    """Deep, wide, long and compressed ones."""
    attack = plain(ENDPOINTS[operation], world.targets(operation))
    url = world.server.base_url + attack.path
    wide = {f"field_{number}": number for number in range(50_000)}
    headers = {"X-API-Key": ADMIN_KEY}
    with world.unchanged():
        deep = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
        assert httpx.request(attack.method, url, headers=headers, content=deep).status_code == 422
        reply = httpx.request(attack.method, url, headers=headers, content=msgspec.json.encode(wide))
        assert reply.status_code in {400, 404, 422, 200}, reply.text
        if operation != "upload_reward_codes":
            long = b'{"a": "' + b"a" * 2 * 1024 * 1024 + b'"}'
            assert httpx.request(attack.method, url, headers=headers, content=long).status_code == 413


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "x-unknown"])
def test_compressed_bodies_are_never_inflated_past_their_limit(world: World, encoding: str) -> None:
    inflated = b" " * BOMB
    body = zlib.compress(inflated) if encoding == "deflate" else gzip.compress(inflated)
    before = server_memory(world)
    with world.unchanged():
        reply = world.api.post("/points/award", content=body, headers={"Content-Encoding": encoding})
    assert_refused(reply, 413 if encoding == "gzip" else 415)
    assert server_memory(world) - before < BOMB / 2


@pytest.mark.parametrize("operation", KEYED)
def test_long_texts_in_every_place(world: World, operation: str) -> None:
    """30 KB where a head can hold them, 500 KB in bodies: refused, or kept where free-form data is kept; never 5xx."""
    for attack in with_texts(ENDPOINTS[operation], world.targets(operation), "x" * 30_000):
        assert attack.send(world.api).status_code < 500, attack.place
    for attack in with_texts(ENDPOINTS[operation], world.targets(operation), "y" * 500_000):
        if attack.place.startswith("body"):
            assert attack.send(world.api).status_code < 500, attack.place


def test_batches(world: World) -> None:
    award: Any = {"participant_id": "batch", "amount": 1}
    event: Any = {"participant_id": "batch", "event_name": "e"}
    with world.unchanged():
        assert_refused(world.api.post("/points/award-batch", json={"awards": [award] * 101}), 422, field="awards")
        assert_refused(world.api.post("/events/batch", json={"events": [event] * 101}), 422, field="events")


def test_parameters_without_number(world: World) -> None:
    many = "&".join(f"include=points&a{number}=1" for number in range(1_000))
    assert world.api.get(f"/participants/described/state?{many}").status_code in {200, 422}
    codes = ",".join(f"c{number}" for number in range(2_000))
    assert world.api.get("/participants/described/badges", params={"badge_codes": codes}).status_code in {200, 422}


COSTLY = {
    "a condition that grows": " + ".join(["1"] * 900) + " > 0",
    "nested loops": "[1,2,3].all(a, [1,2,3].all(b, [1,2,3].all(c, [1,2,3].all(d, [1,2,3].all(e, a+b+c+d+e > 0)))))",
    "a long list": "[" + ",".join(["1"] * 900) + "].all(x, [" + ",".join(["2"] * 50) + "].all(y, x < y))",
    "a pattern that explodes": "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'.matches('^(a+)+$')",
    "deep brackets": "(" * 400 + "true" + ")" * 400,
    "texts that double": "('a' + 'b').size() > 0 && " * 50 + "true",
}


@pytest.mark.parametrize("expression", COSTLY.values(), ids=list(COSTLY))
def test_expressions(world: World, expression: str) -> None:
    """Whatever an administrator writes: accepted or refused, at once, and others are served meanwhile."""
    started = time.monotonic()
    reply = world.api.post("/admin/rules/validate", json={"expression": expression, "use": "condition"})
    assert reply.status_code in {200, 422}, reply.text
    assert time.monotonic() - started < 10
    rule = {
        "code": f"costly_{abs(hash(expression))}",
        "name": "Costly",
        "event_name": "costly",
        "condition": expression,
        "actions": [{"type": "award_points", "amount": 1}],
    }
    made = world.api.post("/admin/rules", json=rule)
    started = time.monotonic()
    assert world.api.post("/events", json={"participant_id": "costly", "event_name": "costly"}).status_code == 200
    assert time.monotonic() - started < 10
    if made.status_code == 201:
        world.api.delete(f"/admin/rules/{made.json()['id']}").raise_for_status()
