"""The journal's monthly partitions: made ahead, by however many servers, beside readers, and afterwards for facts
that lie in none."""

import asyncio
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from random import randrange
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy

from laurels.app import TABLES
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.participant import Participant
from laurels.mechanics.participants.model import ParticipantRegistered
from laurels.storage import save
from laurels.storage.batches import Happened
from laurels.storage.checking import snapshots
from laurels.storage.postgres.database import connect_one
from laurels.storage.schema import migrate as schema
from laurels.storage.schema import months, partitions
from laurels.storage.schema.months import first_id_at
from tests.conftest import TEMPLATE
from tests.support import ON_CITUS, Databases, eventually


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


def id_in(month: datetime) -> UUID:
    return UUID(int=first_id_at(month).int + randrange(1, 1 << 80))


def test_facts_outside_their_month_move_into_it(url: str) -> None:
    """Those that came before their partition, and those of a clock that was far off."""
    years = (2001, 2001, 2043)
    late = id_in(next_month())
    strays = {id_in(datetime(year, 1, 1, tzinfo=UTC)): f"journal_{year}_01" for year in years}
    with psycopg.connect(url) as connection:
        for fact_id in (late, *strays):
            insert_fact(connection, fact_id)
    assert place_of(url, late) == "journal_default"
    made, filled = schema.keep_partitions(url)
    assert made == [name_of(next_month())]
    assert sorted(filled) == ["journal_2001_01", "journal_2043_01"]
    assert place_of(url, late) == name_of(next_month())
    assert {fact_id: place_of(url, fact_id) for fact_id in strays} == strays
    assert schema.keep_partitions(url) == schema.PartitionUpkeep([], [])
    with psycopg.connect(url) as connection:
        insert_fact(connection, id_in(datetime(2043, 1, 1, tzinfo=UTC)))
        with pytest.raises(psycopg.errors.UniqueViolation):
            insert_fact(connection, late)


@pytest.mark.skipif(ON_CITUS, reason="indexes of a cluster are those of its parts")
def test_a_fact_that_no_calendar_holds_stays_where_it_is(url: str) -> None:
    last = UUID(int=2**128 - 1)
    with psycopg.connect(url) as connection:
        insert_fact(connection, last)
    assert schema.keep_partitions(url).filled == []
    assert place_of(url, last) == "journal_default"
    assert months.moment_of(last) == months.LAST_MOMENT


def test_what_is_attached_has_the_indexes_of_the_others(url: str) -> None:
    with psycopg.connect(url) as connection:
        insert_fact(connection, id_in(datetime(2001, 1, 1, tzinfo=UTC)))
    schema.keep_partitions(url)
    assert described(url, "journal_2001_01") == described(url, "journal_default")


def described(url: str, table: str) -> set[str]:
    """Its constraints and indexes, without the table's name."""
    told = """
    SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %(table)s::regclass
    UNION SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %(table)s::regclass
    """
    with psycopg.connect(url) as connection:
        rows = connection.execute(told, {"table": table}).fetchall()
    return {re.sub(r"INDEX \S+ ", "INDEX ", row[0].replace(table, "journal")) for row in rows}


def test_nobody_waits_while_facts_are_moved(url: str) -> None:
    """They are moved while another writes to the default partition and reads what is being moved; the last moment, in
    which it would have to wait, comes when it is done."""
    first, second = (id_in(datetime(2001, 1, 1, tzinfo=UTC)) for _ in range(2))
    with psycopg.connect(url) as connection:
        insert_fact(connection, first)
    with psycopg.connect(url) as other:
        insert_fact(other, id_in(datetime(2043, 1, 1, tzinfo=UTC)))
        upkeep = threading.Thread(target=schema.keep_partitions, args=(url,))
        upkeep.start()
        wait_for_a_waiting_lock(url)
        other.execute("SET lock_timeout = '20s'")
        insert_fact(other, second)
        [(count,)] = other.execute("SELECT count(*) FROM journal WHERE id = %s", (first,)).fetchall()
        assert count == 1
        assert upkeep.is_alive()
    upkeep.join(60)
    assert not upkeep.is_alive()
    assert place_of(url, first) == place_of(url, second) == "journal_2001_01"


def test_every_statement_sees_the_facts_that_are_moved(url: str) -> None:
    """Also one that is planned at the moment at which their partition is attached."""
    strays = [id_in(datetime(2100 + number // 12, 1 + number % 12, 1, tzinfo=UTC)) for number in range(120)]
    with psycopg.connect(url) as connection:
        for fact_id in strays:
            insert_fact(connection, fact_id)
        [(everything,)] = connection.execute("SELECT count(*) FROM journal").fetchall()
    upkeep = threading.Thread(target=schema.keep_partitions, args=(url,))
    upkeep.start()
    seen = set()
    while upkeep.is_alive():
        # A new connection plans anew.
        with psycopg.connect(url) as connection:
            seen.update(connection.execute("SELECT count(*) FROM journal").fetchall())
    upkeep.join()
    assert seen == {(everything,)}
    assert place_of(url, strays[-1]) == "journal_2109_12"


@pytest.mark.skipif(ON_CITUS, reason="a cluster locks the parts of its partitions")
def test_a_batch_that_waits_while_its_month_gets_a_partition_runs_again(url: str) -> None:
    """It was on its way to the default partition, whose bounds have changed when it may go on."""
    month = next_month()
    entry = Entry(str(id_in(month)), 1, ParticipantRegistered(), month)
    who = Participant(project_id=1, participant_id="p", lane=1, subject=str(uuid4()), exists=True)
    happened = Happened(who, entry.id, Definitions(TABLES.game, 1), month, [entry])

    async def write(making: sqlalchemy.Connection) -> None:
        writer = await connect_one(url)
        try:
            writing = asyncio.create_task(save.insert_journal(writer, [happened]))
            await asyncio.to_thread(wait_for_a_waiting_lock, url)
            assert not writing.done()
            making.commit()
            with pytest.raises(save.Overtaken):
                await writing
            await save.insert_journal(writer, [happened])
        finally:
            await writer.close()

    with schema._engine(url).connect() as making:
        assert partitions.ensure(making) == [name_of(month)]
        asyncio.run(write(making))
    assert place_of(url, UUID(entry.id)) == name_of(month)


def wait_for_a_waiting_lock(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        eventually(lambda: bool(connection.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone()), 60)


def test_nothing_moves_under_whoever_reads_the_whole_journal(url: str) -> None:
    """A snapshot from before would look for the fact in its new partition, and not see it there."""
    stray = id_in(datetime(2001, 1, 1, tzinfo=UTC))
    with psycopg.connect(url) as connection:
        insert_fact(connection, stray)

    async def read() -> list[str]:
        reader = await connect_one(url)
        try:
            await snapshots.keep_facts_in_place(reader)
            return (await asyncio.to_thread(schema.keep_partitions, url)).filled
        finally:
            await reader.close()

    assert asyncio.run(read()) == []
    assert place_of(url, stray) == "journal_default"
    assert schema.keep_partitions(url).filled == ["journal_2001_01"]


def test_servers_that_make_them_at_once_do_not_disturb_one_another(url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(schema.keep_partitions, [url] * 4))
    assert sorted(len(upkeep.made) for upkeep in done) == [0, 0, 0, 1]


@pytest.mark.all_cases
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
