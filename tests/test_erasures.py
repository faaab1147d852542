"""Erased people: whatever they did goes without anybody waiting for it, and does not come back by itself."""

import asyncio
import stat
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import msgspec
import psycopg
import pytest

from laurels.kernel.participant import Participant
from laurels.office import erasure_job as erasure_jobs
from laurels.storage import erased_ids, save
from laurels.storage.erasing import erasures
from laurels.storage.lanes import lane_of
from laurels.storage.postgres.database import connect_one
from tests import processes
from tests.checks import assert_refused, mentions, query, unchanged, waiting_for_locks
from tests.conftest import TEMPLATE
from tests.support import ON_CITUS, Databases, Server, check, eventually, free_port

WORD = "xylophone"
HOW = ["", "?anonymize=true"]
HOW_NAMES = ["deleted", "anonymised"]


def award(api: httpx.Client, name: str, amount: int = 1, **optional: Any) -> httpx.Response:
    return api.post("/points/award", json={"participant_id": name, "amount": amount, **optional})


def erase(api: httpx.Client, name: str, how: str = "") -> str | None:
    """The random id of who was anonymised."""
    reply = api.delete(f"/admin/participants/{name}{how}")
    assert reply.status_code == 200, reply.text
    anonymous: str | None = reply.json()["anonymized_id"]
    return anonymous


def balance(api: httpx.Client, name: str) -> int | None:
    reply = api.get(f"/participants/{name}/points")
    found: int | None = reply.json()["balance"] if reply.status_code == 200 else None
    return found


def run(database_url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return processes.laurels(*arguments, LAURELS_DATABASE_URL=database_url)


def left(database_url: str) -> int:
    """Erasures under way."""
    return int(query(database_url, "SELECT count(*) FROM erasure")[0][0])


# Somebody with many facts

FACTS = """
WITH who AS (SELECT lane, subject, project_id, seq, balance FROM participant JOIN account USING (lane, subject)
             WHERE participant_id = %(name)s),
ids AS MATERIALIZED (
    SELECT n, overlay(gen_random_uuid()::text PLACING substr(%(first_id)s, 1, 15) FROM 1)::uuid AS id
    FROM generate_series(1, %(facts)s) AS n
),
facts AS (
    INSERT INTO journal (seq, occurred_at, recorded_at, project_id, definitions_version, lane, id, subject, command_id,
                         kind, data)
    SELECT seq + n, now(), now(), project_id, 1, lane, id, subject, id, 'points_awarded',
           jsonb_build_object('amount', 1, 'balance_after', balance + n, 'reason', 'for %(word)s',
                              'metadata', jsonb_build_object('name', 'of %(word)s'))
    FROM who CROSS JOIN ids
    RETURNING lane, subject, seq, id
), keys AS (
    INSERT INTO idempotency (lane, subject, operation, key, command_id, fingerprint, answer)
    SELECT lane, subject, 'award_points', '%(word)s-' || seq, id, '\\x00', '{"participant_id": "%(word)s"}' FROM facts
)
UPDATE account a SET seq = a.seq + %(facts)s, balance = a.balance + %(facts)s,
    total_earned = a.total_earned + %(facts)s, transactions = a.transactions + %(facts)s
FROM who WHERE a.lane = who.lane AND a.subject = who.subject
"""


def give_facts(database_url: str, name: str, facts: int) -> None:
    """Somebody known gets so many more, each with a key, and all about the person."""
    first_id = str(query(database_url, "SELECT max(id::text) FROM journal")[0][0])
    statement = FACTS.replace("%(word)s", WORD)
    with psycopg.connect(database_url) as connection:
        connection.execute(statement, {"name": name, "facts": facts, "first_id": first_id})  # type: ignore[arg-type]


@contextmanager
def held_up(database_url: str, name: str, table: str) -> Iterator[None]:
    """Keeps the steps of an erasure of this person's from the rows of a table."""
    [(lane, subject)] = query(database_url, "SELECT lane, subject FROM participant WHERE participant_id = %s", name)
    with psycopg.connect(database_url) as locking:
        rows = f"SELECT FROM {table} WHERE lane = %s AND subject = %s FOR UPDATE"
        locking.execute(rows, (lane, subject))  # type: ignore[arg-type]
        yield
        locking.rollback()


@pytest.fixture(scope="module")
def somebody(api: httpx.Client) -> httpx.Client:
    award(api, "other").raise_for_status()
    return api


@pytest.mark.parametrize("how", HOW, ids=HOW_NAMES)
@pytest.mark.parametrize("table", ["idempotency", "journal"])
def test_many_facts_are_erased_after_the_answer_and_nobody_reads_them(
    somebody: httpx.Client, database_url: str, name: str, how: str, table: str
) -> None:
    api = somebody
    award(api, name, reason=f"for {WORD}", idempotency_key="first").raise_for_status()
    api.post("/events", json={"participant_id": name, "event_name": "seen", "properties": {WORD: 1}}).raise_for_status()
    give_facts(database_url, name, erasures.FACTS_PER_REQUEST)
    [(subject,)] = query(database_url, "SELECT subject FROM participant WHERE participant_id = %s", name)
    before = query(database_url, "SELECT * FROM erased_id")
    with held_up(database_url, name, table):
        anonymous = erase(api, name, how)
        eventually(lambda: waiting_for_locks(database_url) == 1)
        assert left(database_url) == 1
        assert query(database_url, "SELECT count(*) FROM erased_id") == [(len(before) + 1,)]
        # Neither the old name, nor the new one, nor another caller is answered by what is left.
        assert_refused(api.get(f"/participants/{name}"), 404)
        for path in ("", "/points", "/points/transactions", "/events", "/state"):
            for shown in filter(None, [anonymous]):
                reply = api.get(f"/participants/{shown}{path}")
                assert_refused(reply, 503)
                assert int(reply.headers["retry-after"]) > 0
        if anonymous:
            assert_refused(api.get(f"/admin/participants/{anonymous}/export"), 503)
        listed = api.get("/admin/participants", params={"search": WORD}).json()
        assert listed["total"] == 0
        # Nobody waits.
        assert award(api, "other").status_code == 200
        # The keys count as used, whether they have become hashes or not.
        for key in ("first", f"{WORD}-100", f"{WORD}-9000"):
            assert_refused(award(api, name, idempotency_key=key), 409)
        # Somebody new of that name is somebody else.
        assert award(api, name, 7, idempotency_key="new").status_code == 200
        assert balance(api, name) == 7
        checked = run(database_url, "check", "--rebuild")
        assert checked.returncode == 0, checked.stdout
        assert f"{subject}: 0 of " in checked.stdout
    eventually(lambda: left(database_url) == 0, 60)
    assert mentions(database_url, WORD) == []
    if anonymous:
        assert balance(api, anonymous) == erasures.FACTS_PER_REQUEST + 1
        answer = api.get(f"/participants/{anonymous}/points/transactions").json()["transactions"][0]
        assert (answer["amount"], answer["reason"], answer["metadata"]) == (1, None, None)
    else:
        assert mentions(database_url, str(subject)) == ["audit_log"]
    assert_refused(award(api, name, idempotency_key=f"{WORD}-9000"), 409)
    check(database_url)


def test_who_is_being_anonymised_can_still_be_deleted(somebody: httpx.Client, database_url: str, name: str) -> None:
    award(somebody, name).raise_for_status()
    give_facts(database_url, name, erasures.FACTS_PER_REQUEST)
    [(subject,)] = query(database_url, "SELECT subject FROM participant WHERE participant_id = %s", name)
    with held_up(database_url, name, "journal"):
        anonymous = erase(somebody, name, "?anonymize=true")
        eventually(lambda: waiting_for_locks(database_url) == 1)
        with ThreadPoolExecutor() as pool:
            deleted = pool.submit(somebody.delete, f"/admin/participants/{anonymous}")
            eventually(lambda: waiting_for_locks(database_url) == 2)
            query(database_url, "SELECT 1")
            # The step under way ends first.
            [(pid,)] = query(
                database_url,
                "SELECT pid FROM pg_stat_activity WHERE application_name = 'laurels jobs' AND wait_event_type = 'Lock'"
                " AND datname = current_database()",
            )
            query(database_url, "SELECT pg_terminate_backend(%s)", pid)
            assert deleted.result().status_code == 200
    eventually(lambda: left(database_url) == 0, 60)
    assert mentions(database_url, str(subject)) == ["audit_log"]
    check(database_url)


def test_an_erasure_that_never_ends_is_found(database_url: str, server: Server) -> None:
    query(
        database_url,
        "INSERT INTO erasure (lane, subject, id_hash, is_deletion, facts, begun_at)"
        " VALUES (-1, gen_random_uuid(), '\\x00', false, 5, now() - interval '2 days')",
    )
    with psycopg.connect(database_url) as locking:
        locking.execute("SELECT FROM erasure FOR UPDATE")
        checked = run(database_url, "check")
        locking.rollback()
    assert checked.returncode == 1
    assert "FAIL  every erasure is finished within a day" in checked.stdout
    eventually(lambda: left(database_url) == 0, 30)


# They do not come back


@pytest.mark.parametrize("how", HOW, ids=HOW_NAMES)
def test_what_was_before_is_refused_and_what_comes_later_makes_a_new_person(
    api: httpx.Client, database_url: str, name: str, how: str
) -> None:
    before = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    award(api, name, 100).raise_for_status()
    anonymous = erase(api, name, how)
    past = {"participant_id": name, "timestamp": before}
    calls = {
        "/points/award": {**past, "amount": 5},
        "/points/deduct": {**past, "amount": 5},
        "/events": {**past, "event_name": "seen"},
        "/streaks/record": {**past, "streak_code": "daily_login"},
    }

    def all_refused() -> None:
        with unchanged(database_url):
            for path, body in calls.items():
                reply = api.post(path, json=body)
                assert_refused(reply, 409)
                assert "was erased at" in reply.json()["detail"]
                assert "earlier activity is not recorded" in reply.json()["detail"]
            batch = api.post("/points/award-batch", json={"awards": [calls["/points/award"]]}).json()
            assert "was erased at" in batch["results"][0]["error"]

    all_refused()
    assert balance(api, name) is None
    assert award(api, name, 3, timestamp=datetime.now(UTC).isoformat()).status_code == 200
    assert balance(api, name) == 3
    all_refused()
    assert balance(api, anonymous or "nobody") == (100 if anonymous else None)
    check(database_url)


@pytest.mark.parametrize("how", HOW, ids=HOW_NAMES)
def test_a_retry_with_an_old_key_is_refused(api: httpx.Client, database_url: str, name: str, how: str) -> None:
    event = {"participant_id": name, "event_name": "seen", "idempotency_key": "e"}
    award(api, name, 100, idempotency_key="a").raise_for_status()
    api.post("/events", json=event).raise_for_status()
    award(api, "neighbour", 1).raise_for_status()
    erase(api, name, how)

    def all_refused() -> None:
        with unchanged(database_url):
            for reply in (award(api, name, 100, idempotency_key="a"), api.post("/events", json=event)):
                assert_refused(reply, 409)
                assert "has been erased since" in reply.json()["detail"]

    all_refused()
    # The key is that person's and that operation's alone.
    assert award(api, "neighbour", 1, idempotency_key="a").status_code == 200
    assert award(api, name, 2, idempotency_key="b").status_code == 200
    all_refused()
    again = award(api, name, 2, idempotency_key="b")
    assert (again.status_code, again.headers["idempotency-replayed"]) == (200, "true")


def test_who_was_erased_twice_stays_away_since_the_second_time(api: httpx.Client, name: str) -> None:
    award(api, name, idempotency_key="one").raise_for_status()
    erase(api, name)
    award(api, name, idempotency_key="two").raise_for_status()
    between = datetime.now(UTC).isoformat()
    erase(api, name, "?anonymize=true")
    for optional in ({"idempotency_key": "one"}, {"idempotency_key": "two"}, {"timestamp": between}):
        assert_refused(award(api, name, **optional), 409)
    assert award(api, name).status_code == 200


def test_an_import_rejects_the_lines_of_erased_people(
    api: httpx.Client, database_url: str, name: str, tmp_path: Path
) -> None:
    file = tmp_path / "points.csv"
    file.write_text(f"participant_id,points,at\n{name},5,2026-01-01T10:00:00Z\nneighbour,5,2026-01-01T10:00:00Z\n")
    command = ("import", str(file), "--amount", "points", "--timestamp", "at")
    assert run(database_url, *command).returncode == 0
    assert balance(api, name) == 5
    erase(api, name, "?anonymize=true")
    again = run(database_url, *command)
    assert again.returncode == 0, again.stderr
    assert "has been erased since" in " ".join(again.stdout.split())
    assert balance(api, name) is None
    # Another file, whose lines have other keys.
    copied = file.rename(tmp_path / "copied.csv")
    again = run(database_url, "import", str(copied), "--amount", "points", "--timestamp", "at")
    assert "was erased at" in " ".join(again.stdout.split())
    assert balance(api, name) is None


@pytest.mark.parametrize("kind", [("--streak", "daily_login"), ("--points", "5"), ("--event-name", "seen")])
def test_an_import_brings_nobody_back_by_lines_without_a_time(
    api: httpx.Client, database_url: str, name: str, tmp_path: Path, kind: tuple[str, str]
) -> None:
    file = tmp_path / "people.csv"
    file.write_text(f"participant_id,at\n{name},\n")
    assert run(database_url, "import", str(file), *kind).stdout.startswith("1 imported")
    erase(api, name)
    # Another file has other keys, and those of this one are forgotten.
    query(database_url, "DELETE FROM erased_key")
    copied = tmp_path / "copied.csv"
    copied.write_text(file.read_text())
    for arguments in ((str(file),), (str(copied),), (str(copied), "--timestamp", "at")):
        again = run(database_url, "import", *arguments, *kind)
        assert again.stdout.startswith("0 imported, 0 already imported, 1 rejected"), again.stdout
        assert "which has no time, may be older. Name the column with the time: --timestamp" in again.stdout
        assert balance(api, name) is None
    # What happened later makes a new person, for whom the same holds.
    copied.write_text(f"participant_id,at\n{name},{datetime.now(UTC).isoformat()}\n{name},\n")
    later = run(database_url, "import", str(copied), "--timestamp", "at", *kind)
    assert later.stdout.startswith("1 imported, 0 already imported, 1 rejected"), later.stdout
    assert run(database_url, "import", str(file), *kind).stdout.startswith("0 imported, 0 already imported, 1 rejected")


def test_hashes_go_with_time_and_by_a_command(api: httpx.Client, database_url: str, name: str) -> None:
    award(api, name, idempotency_key="a").raise_for_status()
    past = datetime.now(UTC).isoformat()
    erase(api, name)
    query(database_url, "UPDATE erased_key SET erased_at = erased_at - interval '29 days'")
    forget_keys(database_url)
    assert_refused(award(api, name, idempotency_key="a"), 409)
    query(database_url, "UPDATE erased_key SET erased_at = erased_at - interval '2 days'")
    forget_keys(database_url)
    assert query(database_url, "SELECT * FROM erased_key") == []
    assert_refused(award(api, name, timestamp=past), 409)
    assert run(database_url, "erasures", "forget", "--before", "noon").returncode == 1
    assert run(database_url, "erasures", "forget", "--before", past).returncode == 0
    assert_refused(award(api, name, timestamp=past), 409)
    assert run(database_url, "erasures", "forget", "--before", datetime.now(UTC).isoformat()).returncode == 0
    assert query(database_url, "SELECT * FROM erased_id") == []
    assert award(api, name, timestamp=past, idempotency_key="a").status_code == 200


def forget_keys(database_url: str) -> None:
    async def work() -> None:
        connection = await connect_one(database_url)
        await erasure_jobs.forget_old_keys(connection)
        await connection.close()

    asyncio.run(work())


def test_nothing_that_is_kept_tells_who_it_was(api: httpx.Client, database_url: str, name: str) -> None:
    person = f"{name}_{WORD}"
    award(api, person, idempotency_key=f"key-{WORD}").raise_for_status()
    api.post("/badges/award", json={"participant_id": person, "badge_code": "first_steps"}).raise_for_status()
    revoke = {"participant_id": person, "badge_code": "first_steps"}
    with httpx.Client(base_url=api.base_url, headers={**api.headers, "X-Request-ID": f"for-{WORD}"}) as asking:
        asking.post("/admin/badges/revoke", json=revoke).raise_for_status()
        [(subject,)] = query(database_url, "SELECT subject FROM participant WHERE participant_id = %s", person)
        assert "audit_log" in mentions(database_url, WORD)
        anonymous = erase(asking, person, "?anonymize=true")
    assert mentions(database_url, WORD) == []
    log = api.get("/admin/audit-log", params={"kind": "participant"}).json()["items"]
    assert [(entry["action"], entry["object_id"], entry["request_id"]) for entry in log[:2]] == [
        ("anonymize", None, None),
        ("revoke_badge", str(subject), None),
    ]
    # Neither does a moment tell whose the anonymous facts are.
    [(erased_at,)] = query(database_url, "SELECT max(erased_at) FROM erased_id")
    [(anonymised_at,)] = query(
        database_url, "SELECT anonymised_at FROM participant WHERE participant_id = %s", anonymous
    )
    assert anonymised_at == erased_at.replace(hour=0, minute=0, second=0, microsecond=0)


def test_who_is_made_and_erased_while_a_batch_makes_them_too_is_noticed(database_url: str, name: str) -> None:
    """Between the look at the hashes and the new row another process can do all of that."""

    async def work() -> None:
        connection = await connect_one(database_url)
        now = datetime.now(UTC)
        project_id = await connection.fetchval("SELECT id FROM project WHERE code = 'default'")
        new = Participant(
            project_id=project_id,
            participant_id=name,
            lane=lane_of(project_id, name),
            subject="00000000-0000-4000-8000-000000000000",
            exists=False,
        )
        await erased_ids.load(connection, [new])
        assert new.erased_before is None
        async with connection.transaction():
            id_hash = erased_ids.id_hash(await erased_ids.secret(connection), project_id, name)
            await erased_ids.add(connection, new.lane, project_id, id_hash, now)
        transaction = connection.transaction()
        await transaction.start()
        with pytest.raises(save.Overtaken):
            await save.insert_participants(connection, [(new, now)])
        await transaction.rollback()
        await erased_ids.load(connection, [new])
        assert new.erased_before == now
        await connection.close()

    asyncio.run(work())


# The file beside the backups


def test_who_is_erased_stands_in_a_file_without_a_name(database_url: str, name: str, tmp_path: Path) -> None:
    file = tmp_path / "erasures.jsonl"
    with Server(database_url, erasures_file=str(file)) as server, server.client() as api:
        for number, how in enumerate(HOW):
            award(api, f"{name}{number}").raise_for_status()
            erase(api, f"{name}{number}", how)
        assert_refused(api.delete("/admin/participants/nobody"), 404)
        lines = [msgspec.json.decode(line) for line in file.read_bytes().splitlines()]
        assert [(line["project"], line["how"]) for line in lines] == [("default", "delete"), ("default", "anonymise")]
        assert name not in file.read_text()
        assert "anonymous_" not in file.read_text(), "nor what became of them"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        # What cannot be written there is not done.
        file.unlink()
        file.mkdir()
        award(api, name).raise_for_status()
        with unchanged(database_url):
            assert_refused(api.delete(f"/admin/participants/{name}?anonymize=true"), 503)
            assert_refused(api.delete(f"/admin/participants/{name}"), 503)


def test_a_folder_that_is_not_there_is_told_at_the_start(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "nowhere" / "erasures.jsonl"
    port = str(free_port())
    told = processes.laurels("serve", "--port", port, "--data-dir", str(data), LAURELS_ERASURES_FILE=str(file))
    assert (told.returncode, data.exists()) == (1, False)
    assert f"LAURELS_ERASURES_FILE: the folder {file.parent} does not exist." in told.stderr


@pytest.mark.all_cases
@pytest.mark.skipif(ON_CITUS, reason="a cluster is not cloned")
def test_erasures_are_repeated_after_a_restore(databases: Databases, tmp_path: Path) -> None:
    file = tmp_path / "erasures.jsonl"
    url = databases.create(TEMPLATE)
    people = ("deleted", "anonymised", "twice", "kept")
    with Server(url, erasures_file=str(file)) as server, server.client() as api:
        for person in people:
            award(api, person, 10, reason=f"for {WORD}", idempotency_key=f"{WORD} {person}").raise_for_status()
    give_facts(url, "anonymised", erasures.FACTS_PER_REQUEST)
    restored = clone(databases, url)
    with Server(url, erasures_file=str(file)) as server, server.client() as api:
        erase(api, "deleted")
        erase(api, "anonymised", "?anonymize=true")
        erase(api, "twice", "?anonymize=true")
        award(api, "twice", 5).raise_for_status()
    with file.open("ab") as broken:
        broken.write(b'{"project": "def')
    done = run(restored, "erasures", "apply", str(file))
    assert (done.returncode, done.stderr) == (3, "Warning: line 4 is cut off; its erasure never took place.\n")
    assert done.stdout == ("Erasures in the file: 3. Participants erased again: 3.\n")
    assert left(restored) == 0
    named = query(restored, "SELECT participant_id, anonymised_at IS NULL FROM participant ORDER BY 2, 1")
    assert [is_active for _, is_active in named] == [False, False, True]
    assert named[-1][0] == "kept"
    again = run(restored, "erasures", "apply", str(file))
    assert "Participants erased again: 0." in again.stdout
    with Server(restored) as server, server.client() as api:
        assert_refused(award(api, "deleted", 10, idempotency_key=f"{WORD} deleted"), 409)
        assert_refused(award(api, "anonymised", 10, timestamp="2026-01-01T00:00:00Z"), 409)
        assert award(api, "twice", 5).status_code == 200
    # Who began after the erasure is somebody else.
    assert "Participants erased again: 0." in run(restored, "erasures", "apply", str(file)).stdout
    check(restored)
    other = run(databases.create(TEMPLATE), "erasures", "apply", str(file))
    assert other.returncode == 3, "clones of one template share the secret"
    stranger = tmp_path / "stranger.jsonl"
    stranger.write_bytes(file.read_bytes().splitlines()[0].replace(b'"secret":"', b'"secret":"0') + b"\n")
    refused = run(restored, "erasures", "apply", str(stranger))
    assert (refused.returncode, "belongs to another database" in refused.stderr) == (1, True)
    stranger.write_text("nonsense\n")
    refused = run(restored, "erasures", "apply", str(stranger))
    assert (refused.returncode, "line 1 cannot be read" in refused.stderr) == (1, True)


def clone(databases: Databases, url: str) -> str:
    """The database as it is, for which nobody may be connected to it."""
    copy = databases.create()
    source, target = urlsplit(url).path[1:], urlsplit(copy).path[1:]
    server = urlunsplit(urlsplit(url)._replace(path="/postgres"))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{target}"'.encode())
        connection.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"'.encode())
    return copy


# In full


@pytest.mark.slow
@pytest.mark.parametrize("how", HOW, ids=HOW_NAMES)
def test_nobody_waits_for_two_million_facts(databases: Databases, how: str) -> None:
    """Prints what it measures; run it with -s."""
    url = databases.create(TEMPLATE)
    with Server(url) as server, server.client() as api:
        award(api, "busy").raise_for_status()
        give_facts(url, "busy", 2_000_000)
        query(url, "VACUUM ANALYZE")
        alone = latencies(server, seconds=30)
        started = time.monotonic()
        erase(api, "busy", how)
        answered = time.monotonic() - started
        meanwhile: list[float] = []
        while left(url):
            meanwhile += latencies(server, seconds=5)
        took = time.monotonic() - started
    print(
        f"\n{how or 'deleted'}: answered after {answered:.2f} s, done after {took:.0f} s; awards of others, p50 and"
        f" p99: alone {figures(alone)}, meanwhile {figures(meanwhile)} ({len(meanwhile)} awards)"
    )
    assert mentions(url, WORD) == []
    check(url)


def latencies(server: Server, seconds: float) -> list[float]:
    """Of 50 awards a second, one after another, each timed from when it was due."""
    found = []
    with server.client() as api:
        begin = time.monotonic()
        for number in range(int(seconds * 50)):
            due = begin + number / 50
            time.sleep(max(0.0, due - time.monotonic()))
            award(api, f"other_{number % 100}").raise_for_status()
            found.append(time.monotonic() - due)
    return found


def figures(found: list[float]) -> str:
    ordered = sorted(found)
    return f"{ordered[len(ordered) // 2] * 1000:.1f} and {ordered[int(len(ordered) * 0.99)] * 1000:.1f} ms"
