"""Any row of one person that is locked elsewhere delays that person alone, in whatever table it is."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import psycopg
import pytest

from laurels.app import TABLES
from laurels.engine import backlog
from laurels.engine.batch import CommandResponse
from laurels.engine.engine import Engine
from laurels.engine.errors import CommandFailedError
from laurels.kernel.commands import Command
from laurels.kernel.rejections import Rejection
from laurels.mechanics.badges.model import AwardBadge, RevokeBadge
from laurels.mechanics.challenges.model import JoinChallenge, LeaveChallenge
from laurels.mechanics.participants.model import SaveProfile
from laurels.mechanics.points.purse.commands import AwardPoints, DeductPoints, HoldPoints, ReleaseHold, ReversePoints
from laurels.mechanics.rewards.model import CancelClaim, ClaimReward
from laurels.mechanics.streaks.model import RecordStreak
from laurels.mechanics.tiers.model import AssignTier
from laurels.storage import locks
from laurels.storage.postgres.database import connect_one
from tests.checks import query
from tests.conftest import TEMPLATE
from tests.support import ON_CITUS, Databases, check
from tests.test_locks import SECONDS, award, event, limited_url, locked, served, with_engine

pytestmark = pytest.mark.skipif(ON_CITUS, reason="Citus refuses the statements that lock rows here")

OF_PEOPLE = """
SELECT c.table_name FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
JOIN pg_class ON pg_class.oid = c.table_name::regclass
WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.column_name = 'subject' AND NOT relispartition
  AND c.table_name <> 'judging'  -- How far one is, of no person.
ORDER BY 1
"""
EMPTY = {"alarm", "board_result", "erasure", "lasting", "ticked_rank", "standing"}
"""Tables in which a person has rows only while somebody listens to the project, after the end of a window, for the time
of an erasure, once statistics have counted a streak, after a tick, or on a board of an older server."""

ADDED_ONLY = {"journal", "tier_history", "idempotency"}
"""Tables to whose rows of today the commands below only add."""


@pytest.fixture(scope="module")
def url(databases: Databases) -> str:
    return limited_url(databases.create(TEMPLATE))


def of(kind: type[Command], name: str, **fields: Any) -> Command:
    return kind(project_id=1, participant_id=name, **fields)


def everything(url: str, name: str, number: int, transaction_id: str) -> list[Command]:
    """Commands that change rows of every kind."""
    now = datetime.now(UTC)
    [(hold_id, claim_id)] = query(
        url, "SELECT (SELECT max(id::text) FROM hold WHERE status = 'held'), (SELECT max(id::text) FROM claim)"
    )
    of_rows = [of(ReleaseHold, name, hold_id=hold_id)] if hold_id else []
    of_rows += [of(CancelClaim, name, claim_id=claim_id)] if claim_id else []
    return [
        *of_rows,
        of(AwardPoints, name, amount=10, expires_at=now + timedelta(days=9), idempotency_key=f"key {number}"),
        of(RecordStreak, name, streak_code="daily_login", occurred_at=now - timedelta(days=number)),
        of(HoldPoints, name, amount=1),
        of(DeductPoints, name, amount=2),
        of(ReversePoints, name, transaction_id=transaction_id, amount=1),
        of(ClaimReward, name, reward="gift_card"),
        of(RevokeBadge, name, badge_code="power_user"),
        of(AwardBadge, name, badge_code="power_user"),
        of(LeaveChallenge, name, challenge_code="five_lessons"),
        of(JoinChallenge, name, challenge_code="five_lessons"),
        of(AssignTier, name, tier_code="gold" if number % 2 else "silver"),
        of(SaveProfile, name, create=False, display_name=f"Name {number}"),
        event(name, "limited"),
    ]


async def first_transaction(engine: Engine, name: str) -> str:
    expires_at = datetime.now(UTC) + timedelta(days=9)
    [outcome] = await served(engine, [of(AwardPoints, name, amount=5_000, expires_at=expires_at)])
    found: str = msgspec.json.decode(outcome.body)["transaction_id"]
    return found


async def settled(futures: Sequence[asyncio.Future[Any]]) -> None:
    for outcome in await asyncio.gather(*futures):
        assert isinstance(outcome, CommandResponse | Rejection)


HOW_FAR_A_JOB_IS = "alarm_filling"


def test_a_persons_rows_in_any_table_delay_nobody_else(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "PUT_OFF_SECONDS", SECONDS)
    tables = [name for (name,) in query(url, OF_PEOPLE) if name != HOW_FAR_A_JOB_IS]
    assert {"account", "journal", "idempotency", "point_lot"} <= set(tables) <= set(TABLES.by_lane)
    person = "(lane, subject) IN (SELECT lane, subject FROM participant WHERE participant_id = 'guilty')"

    async def work(engine: Engine) -> None:
        transaction_id = await first_transaction(engine, "guilty")
        await settled(engine.submit_all(everything(url, "guilty", 1, transaction_id)))
        for number, table in enumerate(tables, 2):
            with psycopg.connect(url) as holder:
                commands = everything(url, "guilty", number, transaction_id)
                deleted = holder.execute(f"DELETE FROM {table} WHERE {person}".encode()).rowcount
                assert bool(deleted) is (table not in EMPTY), table
                lined_up = engine.submit_all(commands)
                for _ in range(3):
                    await served(engine, [award("free"), event("free", "limited"), award("also free")])
                is_stuck = any(not future.done() for future in lined_up)
                assert is_stuck or table in EMPTY | ADDED_ONLY, table
                holder.rollback()
                await settled(lined_up)

    with_engine(url, work, connections=1)
    check(url)


def test_a_search_sees_whose_rows_are_locked_in_tables_that_there_are(url: str) -> None:
    """What it does not see the halving finds; so this is about speed, and that it finds nobody else."""
    tables = {name for (name,) in query(url, OF_PEOPLE)}
    searched = [table.name for table in TABLES.people if table.is_searched_for_locks]
    assert set(searched) <= tables - {"account"}

    async def work(engine: Engine) -> None:
        names = ["seen", "unseen"]
        await served(engine, [of(RecordStreak, name, streak_code="daily_login") for name in names])
        connection = await connect_one(url)
        people = [(1, name) for name in (*names, "nobody")]
        try:
            with locked(url, "SELECT 1 FROM participant WHERE participant_id = 'seen' FOR UPDATE"):
                async with connection.transaction():
                    assert await locks.locked_people(connection, searched, people) == {(1, "seen")}
            async with connection.transaction():
                assert await locks.locked_people(connection, searched, people) == set()
        finally:
            await connection.close()

    with_engine(url, work)


def test_a_key_that_an_unfinished_transaction_uses_delays_nobody_else(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "PUT_OFF_SECONDS", SECONDS)
    insert = """
    INSERT INTO idempotency (lane, subject, operation, key, fingerprint, answer, command_id)
    SELECT lane, subject, 'award_points', 'contested', 'x', 'x', gen_random_uuid()
    FROM participant WHERE participant_id = 'keyed' RETURNING 1
    """

    async def work(engine: Engine) -> None:
        await served(engine, [award("keyed")])
        with locked(url, insert) as holder:
            lined_up = [engine.submit(award("keyed", key="contested"))]
            for _ in range(10):
                lined_up.append(engine.submit(award("keyed")))
                await served(engine, [award("free"), award("also free")])
            assert not any(future.done() for future in lined_up)
            holder.rollback()
            done = await asyncio.gather(*lined_up)
        balances = [msgspec.json.decode(outcome.body)["new_balance"] for outcome in done]
        assert balances == list(range(2, 13))

    with_engine(url, work, connections=1)
    check(url)


def test_more_locked_people_than_a_search_finds_delay_nobody_else(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a deletion of a whole range that an operator has not committed."""
    monkeypatch.setattr(backlog, "PUT_OFF_SECONDS", SECONDS)
    names = [f"many{number}" for number in range(60)]

    def records(day: int) -> list[Command]:
        at = datetime.now(UTC) - timedelta(days=day)
        return [of(RecordStreak, name, streak_code="daily_login", occurred_at=at) for name in names]

    deletion = """
    DELETE FROM streak_state USING participant p
    WHERE (p.lane, p.subject) = (streak_state.lane, streak_state.subject) AND right(participant_id, 1) IN ('0', '5')
      AND starts_with(participant_id, 'many') RETURNING 1
    """

    async def work(engine: Engine) -> None:
        await served(engine, records(1))
        with locked(url, deletion) as holder:
            futures = dict(zip(names, engine.submit_all(records(2)), strict=True))
            beside = [future for name, future in futures.items() if name[-1] not in "05"]
            await settled(beside)
            await served(engine, [award(f"free {uuid4()}") for _ in range(5)])
            assert not any(future.done() for future in futures.values() if future not in beside)
            holder.rollback()
            await settled(list(futures.values()))

    with_engine(url, work, connections=1)
    check(url)


def test_a_command_that_fails_beside_a_locked_row_is_found_as_ever(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "PUT_OFF_SECONDS", SECONDS)
    streak = "SELECT 1 FROM streak_state JOIN participant USING (lane, subject) WHERE participant_id = %s FOR UPDATE"
    poisoned = of(AwardPoints, "poisoned", amount=1, reason="nul \0")

    async def work(engine: Engine) -> None:
        record = of(RecordStreak, "bound", streak_code="daily_login")
        await served(engine, [record])
        with locked(url, f"{streak} OF streak_state", "bound") as holder:
            at = datetime(2026, 1, 1, tzinfo=UTC)
            later = of(RecordStreak, "bound", streak_code="daily_login", occurred_at=at)
            held, failing, *free = engine.submit_all([later, poisoned, *(award(f"f{n}") for n in range(6))])
            with pytest.raises(CommandFailedError):
                await failing
            await settled(free)
            assert not held.done()
            holder.rollback()
            await settled([held])

    with_engine(url, work, connections=1)
