"""API keys: made, listed and revoked by the command, checked by every server."""

import asyncio
import os
import re
import string
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from zlib import crc32

import httpx
import psycopg
import pytest

from laurels.storage.office import keys
from laurels.storage.office.keys import ENDED_KEPT, ROTATION_LIMIT, VALID_LIMIT, hash_of, is_well_formed
from laurels.storage.postgres.database import DatabaseUnavailableError
from laurels.storage.postgres.pools import Readers
from laurels.web.keys import auth, valid_keys
from laurels.web.keys.auth import KeyRing
from laurels.web.protocol.errors import Refusal
from tests import processes
from tests.checks import all_waiting_for_locks, assert_refused, make_key, mentions, query, waiting_for_locks
from tests.support import ADMIN_KEY, Server, eventually

REVOKED_WITHIN_SECONDS = 5.0
ALPHABET = string.digits + string.ascii_letters


@pytest.fixture(scope="module")
def second_server(database_url: str, server: Server) -> Iterator[Server]:
    with Server(database_url) as running:
        yield running


class Laurels:
    """The command, on this module's database."""

    def __init__(self, database_url: str) -> None:
        self.environment = {**os.environ, "LAURELS_DATABASE_URL": database_url, "COLUMNS": "80"}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return processes.laurels(*arguments, environment=self.environment)

    def output(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def laurels(database_url: str) -> Laurels:
    return Laurels(database_url)


@pytest.fixture(scope="module")
def made_key(laurels: Laurels) -> str:
    """A standard key, as the command printed it."""
    return laurels.output("keys", "create", "--name", "the shop's back end").removesuffix("\n")


def status(server: Server, key: str, path: str = "/participants/nobody") -> int:
    with server.client(key) as client:
        return client.get(path).status_code


def test_create_prints_the_key_alone(made_key: str) -> None:
    assert re.fullmatch(r"lk_live_[0-9A-Za-z]{38}", made_key)


def test_a_new_key_works_at_once_on_all_servers(server: Server, second_server: Server, made_key: str) -> None:
    assert (status(server, made_key), status(second_server, made_key)) == (404, 404)


def test_the_last_six_characters_are_a_checksum(made_key: str) -> None:
    number = 0
    for character in made_key[-6:]:
        number = number * len(ALPHABET) + ALPHABET.index(character)
    assert number == crc32(made_key[:-6].encode())
    assert is_well_formed(made_key)
    for position in range(8, len(made_key)):
        other = "0" if made_key[position] != "0" else "1"
        assert not is_well_formed(made_key[:position] + other + made_key[position + 1 :])


def test_only_a_hash_is_stored(database_url: str, made_key: str) -> None:
    assert mentions(database_url, made_key) == []
    assert mentions(database_url, made_key[8:-6]) == []
    columns = query(database_url, "SELECT name, scope, hint FROM api_key WHERE name = 'the shop''s back end'")
    assert [(name, scope, len(hint) <= 12) for name, scope, hint in columns] == [
        ("the shop's back end", "gamify", True)
    ]


def test_list_shows_ids_that_revoke_takes_and_no_key(laurels: Laurels, database_url: str, made_key: str) -> None:
    listed = laurels.output("keys", "list")
    assert made_key not in listed
    (identifier,) = query(database_url, "SELECT id FROM api_key WHERE name = 'the shop''s back end'")[0]
    assert str(identifier) in listed


@pytest.mark.all_cases
def test_the_last_use_is_told(server: Server, second_server: Server, laurels: Laurels, database_url: str) -> None:
    """So that a rotation can be finished: nothing comes with the old key any more."""
    with server.client() as api:
        made = api.post("/admin/keys", json={"name": "watched"}).json()
        assert made["last_used_at"] is None

        def last_use() -> str | None:
            keys = api.get("/admin/keys").json()["items"]
            return next(key["last_used_at"] for key in keys if key["id"] == made["id"])

        assert last_use() is None
        assert status(second_server, made["key"]) == 404
        eventually(lambda: last_use() is not None)
        first = last_use()
        # Not every request is written.
        assert status(server, made["key"]) == 404
        eventually(lambda: f'timestamp_seconds{{key="{made["id"]}"}}' in httpx.get(f"{server.base_url}/metrics").text)
        assert last_use() == first
        query(database_url, "UPDATE key_use SET used_at = now() - interval '1 hour' WHERE key_id = %s", made["id"])
        assert status(server, made["key"]) == 404
        eventually(lambda: str(last_use()) >= str(first))
    [row] = [line for line in laurels.output("keys", "list").splitlines() if made["id"] in line]
    assert len(re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d", row)) == 2


def test_a_use_by_a_clock_that_was_ahead_does_not_stay(server: Server, database_url: str) -> None:
    with server.client() as api:
        made = api.post("/admin/keys", json={"name": "ahead"}).json()
    query(database_url, "INSERT INTO key_use VALUES (%s, now() + interval '1 year')", made["id"])
    assert status(server, made["key"]) == 404
    told = "SELECT used_at < now() FROM key_use WHERE key_id = %s"
    eventually(lambda: query(database_url, told, made["id"]) == [(True,)])


@pytest.mark.parametrize(
    ("scope", "is_admin"), [("gamify", False), ("gamify:admin", True), ("admin", True)], ids=["gamify", "both", "admin"]
)
def test_scopes(server: Server, database_url: str, scope: str, is_admin: bool) -> None:
    key = make_key(database_url, scope)  # type: ignore[arg-type]
    assert status(server, key) == 404
    assert status(server, key, "/admin/tiers") == (200 if is_admin else 403)


def test_an_unknown_scope_is_one_sentence(laurels: Laurels) -> None:
    done = laurels.run("keys", "create", "--scope", "everything")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "everything" in done.stderr


def seconds_until_refused(servers: list[Server], key: str) -> float:
    started = time.monotonic()
    clients = [server.client(key) for server in servers]
    while any(client.get("/participants/nobody").status_code != 401 for client in clients):
        assert time.monotonic() - started < 2 * REVOKED_WITHIN_SECONDS, "the key still works"
        time.sleep(0.05)
    for client in clients:
        assert_refused(client.get("/participants/nobody"), 401)
        client.close()
    return time.monotonic() - started


@pytest.mark.parametrize("by", ["key", "id"])
def test_a_revoked_key_stops_working_on_all_servers(
    server: Server, second_server: Server, laurels: Laurels, database_url: str, by: str
) -> None:
    key = make_key(database_url)
    identifier = str(query(database_url, "SELECT id FROM api_key ORDER BY created_at DESC LIMIT 1")[0][0])
    assert (status(server, key), status(second_server, key)) == (404, 404)
    laurels.output("keys", "revoke", key if by == "key" else identifier)
    assert seconds_until_refused([server, second_server], key) < REVOKED_WITHIN_SECONDS


def test_a_revoked_key_never_works_on_a_server_that_starts_later(
    laurels: Laurels, database_url: str, second_server: Server
) -> None:
    key = make_key(database_url, is_revoked=True)
    assert status(second_server, key) == 401
    done = laurels.run("keys", "revoke", key)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_a_project_of_its_own(server: Server, laurels: Laurels, api: httpx.Client) -> None:
    laurels.output("projects", "create", "shop-test", "--mode", "test")
    key = laurels.output("keys", "create", "--project", "shop-test", "--scope", "admin").removesuffix("\n")
    assert re.fullmatch(r"lk_test_[0-9A-Za-z]{38}", key)
    with server.client(key) as shop:
        shop.post("/points/award", json={"participant_id": "same", "amount": 10}).raise_for_status()
        assert api.get("/participants/same/points").status_code == 404
        api.post("/points/award", json={"participant_id": "same", "amount": 3}).raise_for_status()
        assert shop.get("/participants/same/points").json()["balance"] == 10
        assert api.get("/participants/same/points").json()["balance"] == 3
    # A leaked key is revoked by itself: nobody need know whose it is.
    refused = laurels.run("keys", "revoke", key)
    assert (refused.returncode, "This is the last key that can administer the project" in refused.stderr) == (1, True)
    assert laurels.run("keys", "revoke", key, "--force").returncode == 0
    assert laurels.run("keys", "revoke", key).returncode == 1


@pytest.mark.parametrize("code", ["", "a b", "a/b", "-a", "x" * 101, "a\tb", "ä"])
def test_a_projects_code_is_a_short_name(laurels: Laurels, code: str) -> None:
    done = laurels.run("projects", "create", "--", code)
    assert done.returncode == 1
    assert "1 to 100 letters" in done.stderr


def test_the_environments_key_is_the_default_projects(server: Server, api: httpx.Client) -> None:
    assert api.get("/admin/tiers").json()["items"][0]["code"] == "bronze"


def test_guessing_does_not_slow_down_those_who_have_a_key(server: Server, made_key: str) -> None:
    body = "lk_live_" + "a" * 32
    number, guess = crc32(body.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, len(ALPHABET))
        guess = ALPHABET[digit] + guess
    assert is_well_formed(body + guess)
    with server.client(body + guess) as guesser, server.client(made_key) as client:
        started = time.monotonic()
        assert [guesser.get("/participants/nobody").status_code for _ in range(4)] == [401] * 4
        guessed = time.monotonic() - started
        started = time.monotonic()
        assert [client.get("/participants/nobody").status_code for _ in range(4)] == [404] * 4
        assert time.monotonic() - started < guessed


def test_a_busy_key_does_not_outlive_its_revocation(server: Server, laurels: Laurels, database_url: str) -> None:
    """Its own requests have its share of the connections for reads, and further ones wait for them."""
    key = make_key(database_url)
    with ThreadPoolExecutor(40) as pool, psycopg.connect(database_url) as locking, server.client(key) as client:
        client.post("/points/award", json={"participant_id": "busy", "amount": 1}).raise_for_status()
        locking.execute("LOCK TABLE earned_badge IN ACCESS EXCLUSIVE MODE")
        for _ in range(40):
            pool.submit(server.client(key).get, "/participants/busy/badges")
        eventually(lambda: waiting_for_locks(database_url) == 2)
        laurels.output("keys", "revoke", key)
        # What is not valid needs no connection to be refused.
        eventually(lambda: client.post("/points/award", json={}).status_code == 401, 2 * REVOKED_WITHIN_SECONDS)
        locking.rollback()


def test_a_key_ring_that_cannot_be_refreshed_opens_nothing(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def status(ring: KeyRing) -> int:
        try:
            await ring.principal(ADMIN_KEY.encode())
        except Refusal as refusal:
            return refusal.status
        return 200

    async def work() -> list[int]:
        ring = KeyRing(Readers(database_url, 1), ADMIN_KEY, 0)
        await ring.open()
        opened_at = time.monotonic()
        monkeypatch.setattr(auth, "LONGEST_UNREFRESHED_SECONDS", 600)
        statuses = [await status(ring)]
        with psycopg.connect(database_url) as locking, monkeypatch.context() as impatient:
            locking.execute("LOCK TABLE api_key IN ACCESS EXCLUSIVE MODE")
            impatient.setattr(auth, "REFRESH_PATIENCE_SECONDS", 0.5)
            with pytest.raises(DatabaseUnavailableError):
                await ring.refresh()
            impatient.setattr(auth, "LONGEST_UNREFRESHED_SECONDS", time.monotonic() - opened_at)
            statuses.append(await status(ring))
            locking.rollback()
        monkeypatch.setattr(auth, "REFRESH_PATIENCE_SECONDS", 60)
        await ring.refresh()
        statuses.append(await status(ring))
        await ring.close()
        return statuses

    assert asyncio.run(work()) == [200, 503, 200]


EDITS = [
    ("POST", "/admin/keys", {"scope": "operator"}),
    ("PATCH", "/admin/keys/{other}", {"name": "renamed"}),
    ("POST", "/admin/keys/{other}/rotate", {}),
    ("POST", "/admin/keys/{other}/revoke", None),
    ("POST", "/admin/projects", {"code": "outlives"}),
    ("PATCH", "/admin/projects/default", {"name": "renamed"}),
    ("POST", "/admin/projects/another/archive", None),
    ("POST", "/admin/projects/another/unarchive", None),
    ("POST", "/admin/projects/another/keys", {"scope": "admin"}),
]


@pytest.mark.parametrize(("method", "path", "body"), EDITS, ids=[f"{method} {path}" for method, path, _ in EDITS])
def test_a_key_that_is_being_revoked_leaves_nothing_that_outlives_it(
    server: Server, database_url: str, method: str, path: str, body: dict[str, str] | None
) -> None:
    """No server knows of the revocation yet; the transaction of the edit does."""
    make_key(database_url, project="another")
    key, other = make_key(database_url, "operator"), make_key(database_url, "operator")
    [(other_id,)] = query(database_url, "SELECT id FROM api_key WHERE secret_hash = %s", hash_of(other))
    kept = "SELECT (SELECT count(*) FROM api_key), (SELECT count(*) FROM project), (SELECT count(*) FROM audit_log)"
    with server.client(key) as client, ThreadPoolExecutor() as pool, psycopg.connect(database_url) as revoking:
        assert client.get("/admin/keys").status_code == 200
        before = query(database_url, kept)
        revoking.execute("UPDATE api_key SET revoked_at = now() WHERE secret_hash = %s", (hash_of(key),))
        edit = partial(pool.submit, client.request, method, path.format(other=other_id), json=body)
        [edited] = all_waiting_for_locks(database_url, edit)
        revoking.commit()
        assert_refused(edited.result(), 401, detail="Invalid or revoked API key")
    assert query(database_url, kept) == before


def test_of_two_keys_that_revoke_each_other_one_stays(server: Server, database_url: str) -> None:
    for _ in range(5):
        both = [make_key(database_url, "admin") for _ in range(2)]
        ids = [query(database_url, "SELECT id FROM api_key WHERE secret_hash = %s", hash_of(key))[0][0] for key in both]
        clients = [server.client(key) for key in both]
        assert [client.get("/admin/keys").status_code for client in clients] == [200, 200]
        with ThreadPoolExecutor() as pool, psycopg.connect(database_url) as locking:
            # So that both are under way.
            locking.execute("SELECT FROM api_key WHERE id = ANY (%s) ORDER BY id FOR UPDATE", (ids,))
            revocations = [partial(pool.submit, clients[n].post, f"/admin/keys/{ids[1 - n]}/revoke") for n in range(2)]
            done = all_waiting_for_locks(database_url, *revocations)
            locking.rollback()
            assert sorted(each.result().status_code for each in done) == [200, 401]


def test_keys_are_read_over_the_connections_of_requests_where_no_other_is_let_in(database_url: str) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/none"

    async def work() -> tuple[bool, bool]:
        ring = KeyRing(Readers(nowhere, 1), None, 0, spare=Readers(database_url, 1))
        was_stale = ring.is_stale
        await ring.refresh()
        return was_stale, ring.is_stale

    assert asyncio.run(work()) == (True, False)
    with pytest.raises(DatabaseUnavailableError):
        asyncio.run(KeyRing(Readers(nowhere, 1), None, 0).refresh())


_MANY = """
INSERT INTO api_key (id, project_id, name, scope, hint, secret_hash, created_at, revoked_at)
SELECT gen_random_uuid(), project.id, 'one of many', 'gamify', 'lk_live_', sha256(gen_random_uuid()::text::bytea),
       now() - interval '1 day', CASE WHEN %s THEN now() - interval '1 hour' END
FROM project CROSS JOIN generate_series(1, %s) WHERE code = %s
"""


def fill(database_url: str, project: str, up_to: int) -> None:
    """So that the project has so many valid keys."""
    valid = (
        "SELECT count(*) FROM api_key JOIN project ON project.id = project_id WHERE code = %s AND revoked_at IS NULL"
    )
    [(present,)] = query(database_url, f"{valid} AND (expires_at IS NULL OR expires_at > now())", project)
    query(database_url, _MANY, False, up_to - present, project)


def test_a_project_has_so_many_valid_keys(server: Server, laurels: Laurels, database_url: str) -> None:
    with server.client(make_key(database_url, "admin", project="many")) as api:
        fill(database_url, "many", VALID_LIMIT - 1)
        last = api.post("/admin/keys", json={}).json()
        told = (
            f"The project has {VALID_LIMIT} valid API keys, and the maximum is {VALID_LIMIT}; revoke unused keys first"
        )
        assert_refused(api.post("/admin/keys", json={}), 409, detail=told)
        with server.client() as operator:
            refused = operator.post("/admin/projects/many/keys", json={})
            assert_refused(refused, 409, detail=told)
            assert operator.post("/admin/keys", json={}).status_code == 201, "another project is none the worse"
        done = laurels.run("keys", "create", "--project", "many")
        assert (done.returncode, done.stdout, " ".join(done.stderr.split())) == (1, "", f"laurels: {told}.")

        rotated = api.post(f"/admin/keys/{last['id']}/rotate", json={}).json()
        assert status(server, rotated["key"]) == status(server, last["key"]) == 404
        fill(database_url, "many", ROTATION_LIMIT)
        again = f"/admin/keys/{rotated['id']}/rotate"
        assert "end the old key at once" in api.post(again, json={}).json()["detail"]
        assert status(server, api.post(again, json={"valid_hours": 0}).json()["key"]) == 404

        query(database_url, "UPDATE api_key SET revoked_at = now() WHERE name = 'one of many'")
        assert api.post("/admin/keys", json={}).status_code == 201


def test_keys_that_ended_long_ago_are_forgotten(server: Server, laurels: Laurels, database_url: str) -> None:
    with server.client(make_key(database_url, "admin", project="old")) as api:
        revoked = api.post("/admin/keys", json={"name": "revoked last"}).json()
        api.post(f"/admin/keys/{revoked['id']}/revoke").raise_for_status()
        query(database_url, _MANY, True, ENDED_KEPT + 20, "old")
        api.post("/admin/keys", json={}).raise_for_status()
        ended = [key for key in api.get("/admin/keys").json()["items"] if key["revoked_at"]]
        assert (len(ended), ended[-1]["id"]) == (ENDED_KEPT, revoked["id"])


def test_what_has_not_changed_is_not_read_again(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many keys there are: only the changed parts of them, in pieces."""
    pieces: list[int] = []
    read = keys.valid_keys

    async def counted(*arguments: Any) -> AsyncIterator[list[keys.ValidKey]]:
        async for piece in read(*arguments):
            pieces.append(len(piece))
            yield piece

    monkeypatch.setattr(keys, "valid_keys", counted)
    monkeypatch.setattr(valid_keys, "KEYS_AT_ONCE", 100)
    watched = make_key(database_url, project="followed")
    query(database_url, _MANY, False, 1_000, "followed")

    async def work() -> None:
        ring = KeyRing(Readers(database_url, 1), None, 0)

        async def read_by_refresh() -> int:
            pieces.clear()
            await ring.refresh()
            return sum(pieces)

        async def principal() -> Any:
            return await ring.principal(watched.encode())

        everything = await read_by_refresh()
        assert everything > 1_000
        assert max(pieces) == 100
        assert await read_by_refresh() == 0
        query(database_url, "UPDATE api_key SET name = 'renamed' WHERE secret_hash = %s", hash_of(watched))
        assert 0 < await read_by_refresh() < everything / 10
        assert (await principal()).key_name == "renamed"
        query(database_url, "UPDATE project SET strict_fields = true, rate_limit = 7 WHERE code = 'followed'")
        await ring.refresh()
        found = await principal()
        assert (found.strict_fields, [bucket.requests_per_second for bucket in found.buckets]) == (True, [7])
        query(database_url, "UPDATE api_key SET expires_at = now() WHERE secret_hash = %s", hash_of(watched))
        assert await read_by_refresh() < everything / 10
        with pytest.raises(Refusal):
            await principal()
        query(database_url, "UPDATE project SET archived_at = now() WHERE code = 'followed'")
        await ring.refresh()
        assert len(ring._principals) == everything - 1_001
        await ring.close()

    asyncio.run(work())
