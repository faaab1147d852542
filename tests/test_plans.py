"""The write path never scans a table, whatever PostgreSQL knows of its size when the plan is made."""

import asyncio
import re

import asyncpg
import pytest

from laurels.store import load, participants, points, save
from laurels.store.database import READER_SETTINGS, WRITER_SETTINGS
from tests.conftest import TEMPLATE
from tests.support import Databases

WRITES = {
    "lock accounts": load._LOCK_ACCOUNTS,
    "profiles": load._PROFILES,
    "first uses": load._FIRST_USES,
    "any fact": load._ANY_FACT,
    "insert participants": save._INSERT_PARTICIPANTS,
    "insert accounts": save._INSERT_ACCOUNTS,
    "update accounts": save._UPDATE_ACCOUNTS,
    "update tiers": save._UPDATE_TIERS,
    "update profiles": save._UPDATE_PROFILES,
    "insert tier history": save._INSERT_TIER_HISTORY,
}
READS = {"participant": participants._FIND, "transactions": points._PAGE}
LARGE = ("participant", "account", "journal", "idempotency", "tier_history")


@pytest.fixture(scope="module", params=["empty", "filled"])
def url(request: pytest.FixtureRequest, databases: Databases) -> str:
    url = databases.create(TEMPLATE)
    if request.param == "filled":
        asyncio.run(fill(url))
    return url


async def fill(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(
        """
        INSERT INTO participant (lane, subject, project_id, participant_id, created_at)
        SELECT n % 64, gen_random_uuid(), 1, 'p' || n, now() FROM generate_series(1, 20000) n;
        INSERT INTO account (lane, subject, last_seen_at) SELECT lane, subject, now() FROM participant;
        INSERT INTO journal (lane, id, project_id, subject, seq, kind, command_id, definitions_version, occurred_at,
                             recorded_at, data)
        SELECT lane, gen_random_uuid(), 1, subject, 1, 'points_awarded', gen_random_uuid(), 1, now(), now(), '{}'
        FROM participant;
        INSERT INTO idempotency (lane, subject, operation, key, command_id, fingerprint, answer)
        SELECT lane, subject, 'award_points', 'k', gen_random_uuid(), '', '' FROM participant;
        INSERT INTO tier_history (lane, subject, seq, tier_id, achieved_at)
        SELECT lane, subject, 1, gen_random_uuid(), now() FROM participant;
        ANALYZE
        """
    )
    await connection.close()


async def plan(url: str, statement: str, settings: dict[str, str]) -> str:
    """Of the prepared statement as the server runs it, with as many NULLs as it takes."""
    connection = await asyncpg.connect(url, server_settings={**settings, "plan_cache_mode": "force_generic_plan"})
    await connection.execute(f"PREPARE it AS {statement}")
    count = len(set(re.findall(r"\$(\d+)", statement)))
    rows = await connection.fetch(f"EXPLAIN EXECUTE it ({', '.join(['NULL'] * count)})")
    await connection.close()
    return "\n".join(row[0] for row in rows)


@pytest.mark.parametrize("name", WRITES)
def test_writes_use_indexes_only(url: str, name: str) -> None:
    text = asyncio.run(plan(url, WRITES[name], WRITER_SETTINGS))
    for table in LARGE:
        assert not re.search(rf"Seq Scan on {table}", text), text
    assert "Hash Join" not in text, text


@pytest.mark.parametrize("name", READS)
def test_reads_of_one_participant_use_indexes(databases: Databases, name: str) -> None:
    filled = databases.create(TEMPLATE)
    asyncio.run(fill(filled))
    text = asyncio.run(plan(filled, READS[name], READER_SETTINGS))
    for table in LARGE:
        assert not re.search(rf"Seq Scan on {table}(?!_default)", text), text
