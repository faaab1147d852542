"""The journal's monthly partitions: made ahead, by however many servers, beside readers, and afterwards if need be."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest

from laurels.store import schema
from laurels.store.partitions import first_id_at
from tests.conftest import TEMPLATE
from tests.support import Databases


def next_month() -> datetime:
    now = datetime.now(UTC)
    return datetime(now.year + now.month // 12, now.month % 12 + 1, 1, tzinfo=UTC)


@pytest.fixture
def url(databases: Databases) -> str:
    """Of a database without next month's partition."""
    url = databases.create(TEMPLATE)
    with psycopg.connect(url) as connection:
        connection.execute(f"DROP TABLE {name_of(next_month())}")
    return url


def name_of(month: datetime) -> str:
    return f"journal_{month:%Y_%m}"


def insert_fact(connection: psycopg.Connection, fact_id: UUID) -> None:
    connection.execute(
        """
        INSERT INTO journal (lane, id, project_id, subject, seq, kind, command_id, definitions_version, occurred_at,
                             recorded_at, data)
        VALUES (0, %s, 1, gen_random_uuid(), 1, 'participant_registered', %s, 1, now(), now(), '{}')
        """,
        (fact_id, fact_id),
    )


def place_of(url: str, fact_id: UUID) -> str:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT tableoid::regclass::text FROM journal WHERE id = %s", (fact_id,)).fetchall()
    assert len(rows) == 1
    # On Citus the name of a shard.
    return re.sub(r"_\d{6,}$", "", str(rows[0][0]))


def test_facts_that_came_before_their_partition_move_into_it(url: str) -> None:
    late = UUID(int=first_id_at(next_month()).int + 1)
    never = UUID(int=first_id_at(datetime(2001, 1, 1, tzinfo=UTC)).int + 1)
    with psycopg.connect(url) as connection:
        insert_fact(connection, late)
        insert_fact(connection, never)
    assert place_of(url, late) == "journal_default"
    assert schema.keep_partitions(url) == schema.PartitionUpkeep([name_of(next_month())], strays=1)
    assert place_of(url, late) == name_of(next_month())
    assert place_of(url, never) == "journal_default"
    assert schema.keep_partitions(url) == schema.PartitionUpkeep([], strays=1)
    with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.UniqueViolation):
        insert_fact(connection, late)


def test_servers_that_make_them_at_once_do_not_disturb_one_another(url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(schema.keep_partitions, [url] * 4))
    assert sorted(len(upkeep.made) for upkeep in done) == [0, 0, 0, 1]


def test_nobody_waits_behind_it_when_a_reader_is_slow(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check of the whole journal reads for long; the partition comes after it, and requests go on meanwhile."""
    monkeypatch.setattr(schema, "LOCK_PAUSE_SECONDS", 0.1)
    with psycopg.connect(url) as slow:
        slow.execute("SELECT count(*) FROM journal")
        upkeep = threading.Thread(target=schema.keep_partitions, args=(url,))
        upkeep.start()
        with psycopg.connect(url, autocommit=True) as connection:
            seen = 0
            while seen < 2:
                waiting = connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
                was_waiting = waiting is not None and waiting[0] > 0
                connection.execute("SET statement_timeout = '10s'")
                connection.execute("SELECT count(*) FROM journal")
                seen += was_waiting
                time.sleep(0.02)
        assert upkeep.is_alive()
    upkeep.join(30)
    assert not upkeep.is_alive()
    assert place_exists(url, name_of(next_month()))


def place_exists(url: str, name: str) -> bool:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (name,)).fetchone()
    return bool(found and found[0])
