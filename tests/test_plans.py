"""The write path never scans a table, whatever PostgreSQL knows of its size when the plan is made."""

import asyncio
import re

import asyncpg
import pytest

from bench import dataset
from laurels.app import TABLES
from laurels.mechanics.badges import store as badges
from laurels.mechanics.events import store as events
from laurels.mechanics.leaderboards import ranks
from laurels.mechanics.leaderboards import store as leaderboards
from laurels.mechanics.leaderboards.counted import ranks as counted_ranks
from laurels.mechanics.leaderboards.counted import store as counted
from laurels.mechanics.leaderboards.leaves import filing, lists, reading
from laurels.mechanics.leaderboards.leaves.layout import LeafSizes
from laurels.mechanics.participants import store as people
from laurels.mechanics.points.storage import transactions as points
from laurels.mechanics.rewards import claim_lists
from laurels.mechanics.streaks import store as streaks
from laurels.office import participant_list
from laurels.office.participant_list import ParticipantFilter, SortKey
from laurels.storage import load, participants, save
from laurels.storage.office import audit
from laurels.storage.postgres.database import (
    READER_SETTINGS,
    SURVEY_SETTINGS,
    WRITER_SETTINGS,
    connect_job,
    plan_as_batches,
)
from laurels.storage.postgres.page_bounds import PageBounds, Position
from tests.checks import eventually, query
from tests.conftest import TEMPLATE
from tests.support import ON_CITUS, Databases, Server

one_machine = pytest.mark.skipif(
    ON_CITUS, reason="a coordinator has no generic plan, and its workers' plans are theirs"
)

WRITES = {
    "lock accounts": load._LOCK_ACCOUNTS,
    "profiles": people._PROFILES,
    "first uses": load._FIRST_USES,
    "any fact": load._ANY_FACT,
    "insert participants": save._INSERT_PARTICIPANTS,
    "update accounts": TABLES.accounts._update,
    "update profiles": people._UPDATE,
    "badges": badges._EARNED,
    "streaks": streaks._STATES,
    "insert badges": badges._INSERT,
    "delete badges": badges._DELETE,
    "save streaks": streaks._SAVE,
    "add gains": leaderboards._ADD_GAINS,
    "set standings": leaderboards._SET_STANDINGS,
    "read standings": leaderboards._STANDINGS,
    "leave boards": leaderboards._REMOVE,
    "leaves of gains": leaderboards._LEAVES_OF_GAINS,
    "leaves of standings": leaderboards._LEAVES_OF_STANDINGS,
    "refile": filing.REFILE,
    "add gains, counted": counted._ADD_GAINS,
    "leave boards, counted": counted._REMOVE,
}
READS = {
    "participant": participants._FIND,
    "transactions": points._PAGE,
    "events": events._PAGE,
    "claims": claim_lists._OF_PARTICIPANT,
    "rank": reading.RANK,
    **{f"top {limit}": statement for limit, statement in ranks._TOPS.items()},
    **{f"around {limit}": statement for limit, statement in ranks._AROUNDS.items()},
}
LARGE = (
    *("participant", "account", "journal", "idempotency", "tier_history", "earned_badge", "streak_state"),
    *("standing", "score_count", "board_standing", "board_leaf", "ticked_rank", "claim"),
)


@pytest.fixture(scope="module", params=["empty", "filled"])
def url(request: pytest.FixtureRequest, databases: Databases) -> str:
    url = databases.create(TEMPLATE)
    if request.param == "filled":
        asyncio.run(fill(url))
    return url


async def fill(url: str, people: int = 20_000, has_statistics: bool = True) -> None:
    connection = await asyncpg.connect(url)
    if not has_statistics:
        await connection.execute("ALTER TABLE board_standing SET (autovacuum_enabled = off)")
    await connection.execute(
        f"""
        INSERT INTO participant (lane, subject, project_id, participant_id, display_name, created_at)
        SELECT n % 64, gen_random_uuid(), 1, 'p' || n, CASE WHEN n % 2 = 0 THEN 'n' || n END, now()
        FROM generate_series(1, {people}) n;
        INSERT INTO account (lane, subject, last_seen_at) SELECT lane, subject, now() FROM participant;
        INSERT INTO journal (lane, id, project_id, subject, seq, kind, command_id, definitions_version, occurred_at,
                             recorded_at, data)
        SELECT lane, gen_random_uuid(), 1, subject, 1, 'points_awarded', gen_random_uuid(), 1, now(), now(), '{{}}'
        FROM participant;
        INSERT INTO idempotency (lane, subject, operation, key, command_id, fingerprint, answer)
        SELECT lane, subject, 'award_points', 'k', gen_random_uuid(), '', '' FROM participant;
        INSERT INTO tier_history (lane, subject, seq, tier_id, achieved_at)
        SELECT lane, subject, 1, gen_random_uuid(), now() FROM participant;
        INSERT INTO standing (lane, generation, window_key, subject, score, facts, reached_at, joined_at)
        SELECT lane, generation, window_key, subject, (random() * 1000000)::bigint, 1, now(), now()
        FROM participant, generate_series(1, 2) generation, generate_series(0, 2) window_key;
        INSERT INTO score_count (lane, generation, window_key, level, bucket, participants)
        SELECT 0, generation, window_key, level, score >> (8 * level), count(*)
        FROM standing, generate_series(0, 6) level GROUP BY 1, 2, 3, 4, 5;
        INSERT INTO board_standing (lane, generation, window_key, subject, leaf, score, facts, reached_at, joined_at)
        SELECT lane, generation, window_key, subject, score / 2500, score, 1, reached_at, joined_at FROM standing;
        INSERT INTO board_leaf
            (lane, generation, window_key, leaf, part, people, low, low_1, low_2, low_3, is_tie, takes)
        SELECT 0, generation, window_key, leaf, leaf / 100, people, leaf * 2500, 0, 0, 0, false, true
        FROM (
            SELECT generation, window_key, leaf, count(*) AS people FROM board_standing WHERE leaf > 0 GROUP BY 1, 2, 3
        ) AS leaves;
        INSERT INTO board_part (lane, generation, window_key, part, people, low, low_1, low_2, low_3)
        SELECT 0, generation, window_key, part, sum(people), min(low), 0, 0, 0 FROM board_leaf GROUP BY 2, 3, 4;
        INSERT INTO claim (lane, subject, id, project_id, reward_id, status, points, lots, claimed_at)
        SELECT lane, subject, gen_random_uuid(), 1, gen_random_uuid(),
               (ARRAY['claimed', 'fulfilled', 'cancelled'])[1 + lane % 3], 0, '[]', now()
        FROM participant;
        INSERT INTO audit_log (id, project_id, at, actor, action, kind)
        SELECT gen_random_uuid(), 1, now(), 'somebody', 'create', 'badge' FROM participant;
        """
    )
    if has_statistics:
        await connection.execute("ANALYZE")
    await connection.close()


async def plan(url: str, statement: str, settings: dict[str, str]) -> str:
    """Of the prepared statement as the server runs it, with as many NULLs as it takes."""
    connection = await asyncpg.connect(url, server_settings={**settings, "plan_cache_mode": "force_generic_plan"})
    await connection.execute(f"PREPARE it AS {statement}")
    count = len(set(re.findall(r"\$(\d+)", statement)))
    rows = await connection.fetch(f"EXPLAIN EXECUTE it ({', '.join(['NULL'] * count)})")
    await connection.close()
    return "\n".join(row[0] for row in rows)


@one_machine
@pytest.mark.parametrize("name", WRITES)
def test_writes_use_indexes_only(url: str, name: str) -> None:
    text = asyncio.run(plan(url, WRITES[name], WRITER_SETTINGS))
    for table in LARGE:
        assert not re.search(rf"Seq Scan on {table}", text), text
    assert "Hash Join" not in text, text


@pytest.fixture(scope="module")
def url_of_new_board(databases: Databases) -> str:
    url = databases.create(TEMPLATE)
    asyncio.run(fill(url, people=2_000, has_statistics=False))
    return url


@one_machine
@pytest.mark.parametrize("name", [name for name in WRITES if "board_standing" in WRITES[name]])
def test_writes_find_standings_by_their_keys_while_a_board_is_new(url_of_new_board: str, name: str) -> None:
    """A board that grows quickly has no statistics at first, and PostgreSQL takes any index for a good one."""
    text = asyncio.run(plan(url_of_new_board, WRITES[name], WRITER_SETTINGS))
    assert "using board_standing_pkey" in text, text
    assert "board_standing_leaf" not in text, text


@one_machine
def test_a_job_that_plans_as_batches_has_one_plan_for_all_lanes(url_of_new_board: str) -> None:
    """Statistics do not know a lane that is being filled: a plan for it would read the whole lane for each standing."""
    assert asyncio.run(plans_of_filling(url_of_new_board)) == (1, 0)


async def plans_of_filling(url: str) -> tuple[int, int]:
    """How often the statement for standings was run by a plan for any arguments, and by one for its arguments."""
    connection = await connect_job(url)
    async with connection.transaction():
        await plan_as_batches(connection)
        statement = await connection.prepare(leaderboards._SET_STANDINGS)
        await statement.fetch(*([[]] * 17), 7)
        row = await connection.fetchrow(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE name = $1", statement.get_name()
        )
    await connection.close()
    assert row is not None
    return row["generic_plans"], row["custom_plans"]


READ_ROWS = """
SELECT sum(idx_tup_read) + (SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname LIKE 'board\\_%')
FROM pg_stat_user_indexes WHERE relname LIKE 'board\\_%'
"""


@one_machine
def test_the_filling_of_a_board_is_planned_for_tables_that_grow(databases: Databases) -> None:
    """A plan for empty tables would compare each new standing with all others, and each change with all leaves."""
    url = databases.create()
    dataset.load(url, 3_000, 30_000)
    for table in ("board_standing", "board_leaf", "board_part"):
        query(url, f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
    with Server(url) as server, server.client() as admin:
        admin.post("/admin/leaderboards", json={"code": "top", "name": "Top"}).raise_for_status()
        eventually(lambda: admin.get("/admin/leaderboards/top").json()["status"] == "ready", seconds=120)
    [(standings,)] = query(url, "SELECT count(*) FROM board_standing")
    [(rows,)] = query(url, READ_ROWS)
    assert rows < 40 * standings


BOARD_READS = {
    "rank with counts": (counted_ranks._RANK, "1, 1, 0, {lane}::smallint, '{name}'"),
    "top 10 with counts": (counted_ranks._TOPS[10], "1, 1, 0"),
    "around 10 with counts": (counted_ranks._AROUNDS[10], "1, 1, 0, {lane}::smallint, '{name}', 10"),
    "rank": (reading.RANK, "1, 1, 0, {lane}::smallint, '{name}'"),
    **{f"top {limit}": (statement, "1, 1, 0") for limit, statement in ranks._TOPS.items()},
    **{
        f"around {limit}": (statement, "1, 1, 0, {lane}::smallint, '{name}', 10")
        for limit, statement in ranks._AROUNDS.items()
    },
    **{
        f"after {limit}": (statement, "1, 1, 0, 500000, 0, 0, 0, now(), '{name}'")
        for limit, statement in ranks._AFTERS.items()
    },
    "among 2": (lists.AMONG, "1, 1, 0, ARRAY[{lane}, 1]::smallint[], ARRAY['{name}', 'p1']"),
}


@pytest.fixture(scope="module")
def filled_url(databases: Databases) -> str:
    url = databases.create(TEMPLATE)
    asyncio.run(fill(url))
    return url


@one_machine
@pytest.mark.parametrize("name", READS)
def test_reads_of_one_participant_use_indexes(filled_url: str, name: str) -> None:
    text = asyncio.run(plan(filled_url, READS[name], READER_SETTINGS))
    for table in LARGE:
        assert not re.search(rf"Seq Scan on {table}(?!_default)", text), text


async def explain_read(url: str, name: str, mode: str) -> str:
    """The plan of a question about the board of one of those who stand on it, with what it really read."""
    statement, arguments = BOARD_READS[name]
    connection = await asyncpg.connect(url, server_settings={**READER_SETTINGS, "plan_cache_mode": mode})
    lane, person = (await connection.fetch("SELECT lane, participant_id FROM participant OFFSET 7000 LIMIT 1"))[0]
    await connection.execute(f"PREPARE it AS {statement}")
    values = arguments.format(lane=lane, name=person)
    rows = await connection.fetch(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT TEXT) EXECUTE it ({values})")
    await connection.close()
    return "\n".join(row[0] for row in rows)


@one_machine
@pytest.mark.parametrize("mode", ["force_generic_plan", "force_custom_plan"])
@pytest.mark.parametrize("name", BOARD_READS)
def test_no_question_about_ranks_reads_the_board(filled_url: str, name: str, mode: str) -> None:
    """By the rows that pass through the plan: the board has 20,000."""
    text = asyncio.run(explain_read(filled_url, name, mode))
    rows_read = max(float(rows) * int(loops) for rows, loops in re.findall(r"rows=([\d.]+) loops=(\d+)\)", text))
    assert rows_read <= 1_000, text
    # Some leaves.
    removed = [int(rows) for rows in re.findall(r"Rows Removed by Filter: (\d+)", text)]
    assert max(removed, default=0) <= 3 * LeafSizes().most, text


@pytest.mark.skipif(not ON_CITUS, reason="one machine brings nothing together")
@pytest.mark.parametrize("name", BOARD_READS)
def test_the_workers_give_few_rows_for_a_question_about_ranks(filled_url: str, name: str) -> None:
    """Some of each kind of row and lane; a lane has 312 of the board's 20,000."""
    text = asyncio.run(explain_read(filled_url, name, "force_custom_plan"))
    sizes = re.findall(r"Intermediate Data Size: (\d+) (\w+)", text)
    # Nothing is brought together where one machine happens to have all.
    assert sizes or re.findall(r"Task Count: (\d+)", text) == ["1"], text
    wanted = 1 if name == "rank" else int(name.split()[1])
    for size, unit in sizes:
        assert int(size) * {"bytes": 1, "kB": 1024}[unit] < 300 * wanted, text


PAGES = {
    "transactions": (points._PAGE, r"\(lane = .*\(subject = .*\(seq < "),
    "events": (events._PAGE, r"\(lane = .*\(subject = .*\(ROW\(occurred_at, seq\) < ROW\("),
    "claims of one": (claim_lists._OF_PARTICIPANT, r"\(lane = .*\(subject = .*\(id < "),
    "claims": (claim_lists._OF_PROJECT, r"\(project_id = .*\(status = .*\(id < "),
    "audit log": (audit._PAGE, r"\(project_id = .*\(id < "),
}
"""Statements, and the part of an index that each reads: by the list's own columns and the position."""


@one_machine
@pytest.mark.parametrize("name", PAGES)
def test_a_page_after_a_position_begins_there_in_the_index(url: str, name: str) -> None:
    statement, condition = PAGES[name]
    text = asyncio.run(plan(url, statement, READER_SETTINGS))
    scans = re.findall(r"Index Scan Backward using .*\n +Index Cond: (.*)", text)
    assert scans, text
    assert all(re.search(condition, scan) for scan in scans), text


async def explain_people(url: str, sort_by: SortKey, is_descending: bool, after: Position | None) -> str:
    """The plan of a page of people, with what it really read, as the server runs it."""
    wanted = ParticipantFilter(
        search=None,
        match="part",
        tier_id=None,
        badge_id=None,
        is_active=None,
        seen_since=None,
        sort_by=sort_by,
        descending=is_descending,
        tier_levels={},
    )
    statement, *arguments = participant_list.page_statement(1, wanted, PageBounds(limit=20, after=after))
    connection = await asyncpg.connect(url, server_settings={**SURVEY_SETTINGS})
    rows = await connection.fetch(f"EXPLAIN (ANALYZE, FORMAT TEXT) {statement}", *arguments)
    await connection.close()
    return "\n".join(row[0] for row in rows)


@one_machine
@pytest.mark.parametrize("is_descending", [False, True])
@pytest.mark.parametrize(
    ("sort_by", "after"),
    [
        pytest.param("participant_id", None, id="by id, the first page"),
        pytest.param("display_name", None, id="by name, the first page"),
        pytest.param("participant_id", ("p5000", "p5000"), id="by id"),
        pytest.param("display_name", ("n5000", "p5000"), id="by name"),
        pytest.param("display_name", (None, "p5000"), id="among those without a name"),
    ],
)
def test_pages_of_people_that_follow_an_index(
    filled_url: str, sort_by: SortKey, is_descending: bool, after: Position | None
) -> None:
    """By the rows that pass through the plan: there are 20,000 people, half of them without a name."""
    text = asyncio.run(explain_people(filled_url, sort_by, is_descending, after))
    rows_read = max(float(rows) * int(loops) for rows, loops in re.findall(r"rows=([\d.]+) loops=(\d+)\)", text))
    assert rows_read <= 100, text
    assert not re.search(r"Rows Removed by Filter: \d{3}", text), text
