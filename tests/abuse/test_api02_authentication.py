"""API2:2023 Broken authentication: no other way in than a valid key in its header."""

import asyncio
import inspect
from base64 import b64encode
from hashlib import sha256
from typing import Any

import httpx
import pytest

from laurels.storage.office import keys
from laurels.web.keys import auth
from laurels.web.keys.auth import KeyRing
from laurels.web.protocol.errors import Refusal
from tests.abuse.conftest import World
from tests.abuse.requests import ENDPOINTS, KEYED, plain
from tests.checks import assert_refused
from tests.support import ADMIN_KEY


def elsewhere(key: str) -> list[dict[str, Any]]:
    basic = b64encode(f"{key}:{key}".encode()).decode()
    return [
        {},
        {"headers": {"Authorization": f"Bearer {key}"}},
        {"headers": {"Authorization": f"Basic {basic}"}},
        {"headers": {"Cookie": f"X-API-Key={key}; key={key}; session={key}"}},
        {"headers": {"X-Api-Token": key, "Api-Key": key, "X-Forwarded-User": "operator", "X-Original-URL": "/healthz"}},
        {"params": {"X-API-Key": key, "api_key": key, "key": key}},
        {"headers": {"X-API-Key": key.upper()}},
        {"headers": {"X-API-Key": f"{key}, {key}"}},
        {"headers": {"X-API-Key": f'"{key}"'}},
        {"headers": {"X-API-Key": f"Bearer {key}"}},
        {"headers": {"X-API-Key": key[:-1]}},
        {"headers": {"X-API-Key": sha256(key.encode()).hexdigest()}},
        {"headers": {"X-API-Key": "*"}},
        {"headers": {"X-API-Key": "null"}},
    ]


@pytest.mark.parametrize("operation", KEYED)
def test_no_operation_without_its_key(world: World, operation: str) -> None:
    attack = plain(ENDPOINTS[operation], world.known)
    with world.unchanged(), httpx.Client() as client:
        for given in elsewhere(world.keys["admin"])[:6]:
            reply = client.request(attack.method, world.server.base_url + attack.path, json=attack.body, **given)
            assert_refused(reply, 401)


@pytest.mark.parametrize("given", elsewhere(ADMIN_KEY), ids=str)
def test_no_other_place_and_no_other_form(world: World, given: dict[str, Any]) -> None:
    url = f"{world.server.base_url}/api/v1/gamify/admin/keys"
    assert_refused(httpx.get(url, **given), 401)


def test_a_key_of_a_whole_megabyte(world: World) -> None:
    """Longer than any head may be; shorter ones are wrong keys like others."""
    url = f"{world.server.base_url}/api/v1/gamify/admin/keys"
    assert_refused(httpx.get(url, headers={"X-API-Key": "lk_live_" + "a" * 20_000}), 401)


class NoDatabase:
    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"a guess has reached the database: {name}")


@pytest.mark.parametrize("guess", [b"guess", b"lk_live_" + b"a" * 38, b"\xff\xfe", b"lk_live_", b"a" * 100_000])
def test_a_guess_without_the_checksum_does_not_reach_the_database(guess: bytes) -> None:
    ring = KeyRing(NoDatabase(), ADMIN_KEY, 0)  # type: ignore[arg-type]
    with pytest.raises(Refusal) as refused:
        asyncio.run(ring.principal(guess))
    assert refused.value.status == 401


def test_keys_are_compared_by_their_hash_alone() -> None:
    """How long a comparison takes then depends on the hash, of which a guesser cannot choose the beginning."""
    made = keys.generate("live")
    near = made[:-1] + ("0" if made[-1] != "0" else "1")
    shared = sum(a == b for a, b in zip(keys.hash_of(made), keys.hash_of(near), strict=True))
    assert shared < 8, "hashes of similar keys begin alike"
    looked_up = inspect.getsource(auth.KeyRing.principal) + inspect.getsource(auth.KeyRing._holder_of)
    assert "keys.hash_of(key)" in looked_up
    assert "self._principals.get(key_hash)" in looked_up
    assert "==" not in looked_up


def test_keys_cannot_be_guessed() -> None:
    some = {keys.generate("live") for _ in range(1_000)}
    assert len(some) == 1_000
    # 32 characters of 62 are 190 bits; no position may be fixed, beyond the prefix.
    for position in range(8, 40):
        assert len({key[position] for key in some}) > 40


def test_a_wrong_key_learns_nothing(world: World) -> None:
    """The same answer for a key that never was, one that was revoked, and one of an archived project."""
    revoked = world.api.post("/admin/keys", json={"name": "short"}).json()
    world.api.post(f"/admin/keys/{revoked['id']}/revoke").raise_for_status()
    archived = world.api.post("/admin/projects", json={"code": "archived"}).json()["admin_key"]["key"]
    world.api.post("/admin/projects/archived/archive").raise_for_status()
    url = f"{world.server.base_url}/api/v1/gamify/admin/keys"
    bodies = set()
    for key in (keys.generate("live"), revoked["key"], archived):
        for _ in range(100):
            reply = httpx.get(url, headers={"X-API-Key": key})
            if reply.status_code == 401:
                break
        bodies.add((reply.status_code, reply.content))
    assert bodies == {(401, b'{"detail":"Invalid or revoked API key","code":"api_key_invalid"}')}
