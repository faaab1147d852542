"""Each list that requests can make longer has a bound, or costs a request the same however long it is (docs/limits.md).

What a statement costs is the pages that PostgreSQL looks at for it, with a short list and with a long one.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from laurels.engine.backlog import PUT_OFF_LIMIT
from laurels.kernel.definitions.counts import ALL_LIMIT, PRESENT_LIMIT
from laurels.mechanics.challenges.definition import DISTINCT_LIMIT
from laurels.mechanics.participants.rules import ATTRIBUTES_LIMIT_BYTES
from laurels.mechanics.points.purse.holds import HOLDS_LIMIT
from laurels.mechanics.points.purse.lots import EXACT_LOTS, LOTS_LIMIT
from laurels.mechanics.points.storage import loading
from laurels.mechanics.rewards import store as rewards
from laurels.mechanics.rewards.rules import CLAIMS_LIMIT, MULTIPLIERS_LIMIT
from laurels.mechanics.streaks import rules as streaks
from laurels.mechanics.streaks.model import StreakState
from laurels.mechanics.tiers import store as tiers
from laurels.storage import limits, load
from laurels.storage.office.keys import ENDED_KEPT, ROTATION_LIMIT, VALID_LIMIT
from laurels.storage.postgres.database import connect_writer
from tests.checks import query
from tests.support import ON_CITUS, Server

SHORT, LONG = 20, 6_000

_FILLS = {
    "ended holds": """
        INSERT INTO hold (lane, subject, id, project_id, status, points, captured, lots, expires_at)
        SELECT lane, subject, gen_random_uuid(), project_id, 'released', 1, 0, '[]'::jsonb,
               now() - interval '1 day'
        FROM person CROSS JOIN generate_series(1, %(number)s) AS i
        UNION ALL  -- open ones of others
        SELECT lane, gen_random_uuid(), gen_random_uuid(), project_id, 'held', 1, 0, '[]'::jsonb,
               now() + interval '1 day'
        FROM person CROSS JOIN generate_series(1, %(number)s) AS i
    """,
    "idempotency keys": """
        INSERT INTO idempotency (lane, subject, operation, key, command_id, fingerprint, answer)
        SELECT lane, subject, 'award_points', 'key-' || i, gen_random_uuid(), '', ''
        FROM person CROSS JOIN generate_series(1, %(number)s) AS i
    """,
    "windows of limits": """
        INSERT INTO limit_use (lane, subject, definition_id, window_key, uses)
        SELECT lane, subject, %(definition)s, i, 1 FROM person CROSS JOIN generate_series(1, %(number)s) AS i
    """,
    "reversals": """
        INSERT INTO reversal (lane, subject, transaction_id, points)
        SELECT lane, subject, gen_random_uuid(), 1 FROM person CROSS JOIN generate_series(1, %(number)s) AS i
    """,
    "cancelled claims": """
        INSERT INTO claim (lane, subject, id, project_id, reward_id, status, points, lots, claimed_at, has_item)
        SELECT lane, subject, gen_random_uuid(), project_id, %(definition)s, 'cancelled', 0, '[]', now(), false
        FROM person CROSS JOIN generate_series(1, %(number)s) AS i
    """,
    "tier changes": """
        INSERT INTO tier_history (lane, subject, seq, tier_id, achieved_at)
        SELECT lane, subject, 10 + i, (SELECT id FROM definition WHERE kind = 'tier' ORDER BY id LIMIT 1), now()
        FROM person CROSS JOIN generate_series(1, %(number)s) AS i
    """,
}

_STATEMENTS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "ended holds": (loading._NEXT_HOLDS, (100, 512)),
    "idempotency keys": (load._FIRST_USES, (["award_points"], ["key-7"])),
    "windows of limits": (limits._USES, (["definition"], [7])),
    "reversals": (loading._TRANSACTIONS, (["fact"], ["points_awarded"], 512)),
    "cancelled claims": (rewards._COUNT_STANDING, ()),
}


def fill(database_url: str, what: str, name: str, number: int, definition: str) -> None:
    person = f"WITH person AS (SELECT * FROM participant WHERE participant_id = '{name}') "
    head, rest = _FILLS[what].strip().split("\n", 1)
    with_person = f"{head}\n{person}{rest}"
    with_values = with_person.replace("%(number)s", str(number)).replace("%(definition)s", f"'{definition}'::uuid")
    query(database_url, with_values)


def pages_of(plan: Any) -> int:
    return int(plan["Shared Hit Blocks"]) + int(plan["Shared Read Blocks"])


async def cost(database_url: str, what: str, name: str, definition: str) -> int:
    connection = await connect_writer(database_url, on_citus=False)
    try:
        lane, subject, fact = await connection.fetchrow(
            "SELECT lane, subject, (SELECT id FROM journal j WHERE j.subject = p.subject LIMIT 1) FROM participant p "
            "WHERE participant_id = $1",
            name,
        )
        statement, more = _STATEMENTS[what]
        filled = [
            {"definition": [definition], "fact": [fact]}.get(each[0], each) if isinstance(each, list) else each
            for each in more
        ]
        arguments = (
            ([lane], [subject], lane, *filled)
            if what in ("ended holds", "cancelled claims")
            else ([lane], [subject], filled[0], lane, *filled[1:])
            if what == "reversals"
            else ([lane], [subject], *filled, lane)
        )
        rows = await connection.fetch(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", *arguments)
        return pages_of(msgspec.json.decode(rows[0][0])[0]["Plan"])
    finally:
        await connection.close()


@pytest.mark.skipif(ON_CITUS, reason="the coordinator looks at no pages")
@pytest.mark.parametrize("what", _STATEMENTS)
def test_a_long_list_costs_no_more_than_a_short_one(api: httpx.Client, database_url: str, name: str, what: str) -> None:
    definition = str(uuid4())
    costs = []
    for number in (SHORT, LONG):
        who = f"{name}-{number}"
        api.post("/points/award", json={"participant_id": who, "amount": 5}).raise_for_status()
        fill(database_url, what, who, number, definition)
        query(database_url, "ANALYZE hold, idempotency, limit_use, reversal, claim, tier_history")
        costs.append(asyncio.run(cost(database_url, what, who, definition)))
    short, long = costs
    # A level or two of an index, not the list.
    assert long <= short + 10, (what, short, long)


def test_of_tier_changes_the_last_are_shown(api: httpx.Client, database_url: str, name: str) -> None:
    api.post("/points/award", json={"participant_id": name, "amount": 5}).raise_for_status()
    fill(database_url, "tier changes", name, tiers.TIERS_SHOWN + 50, "")
    query(
        database_url,
        "UPDATE tier_history SET achieved_at = '2020-01-01' FROM participant p "
        "WHERE p.subject = tier_history.subject AND participant_id = %s AND seq < 60",
        name,
    )
    shown = api.get(f"/participants/{name}/tier").json()["tier_history"]
    assert len(shown) == tiers.TIERS_SHOWN
    assert min(each["achieved_at"] for each in shown) > "2020-01-02"
    query(
        database_url,
        "DELETE FROM tier_history USING participant p WHERE p.subject = tier_history.subject AND participant_id = %s "
        "AND seq > 10",
        name,
    )


def test_a_streak_keeps_so_many_runs() -> None:
    state = StreakState()
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    for place in range(streaks.RUNS_KEPT + 200):
        at = begin + timedelta(days=3 * place)
        state = streaks._added(state, 3 * place, at, at + timedelta(days=1))
    assert len(state.runs) == streaks.RUNS_KEPT


def test_values_told_apart_are_bounded(api: httpx.Client) -> None:
    objective = {"code": "o", "name": "O", "event_name": "e", "measure": "distinct", "property": "p"}
    body = {"code": f"c{uuid4().hex[:8]}", "name": "C", "objectives": [{**objective, "target": DISTINCT_LIMIT + 1}]}
    refused = api.post("/admin/challenges", json=body)
    assert refused.status_code == 422
    assert str(DISTINCT_LIMIT) in refused.json()["detail"]


def test_attributes_are_bounded(api: httpx.Client, name: str) -> None:
    body = {"participant_id": name, "attributes": {f"a{place}": "x" * 60_000 for place in range(2)}}
    refused = api.post("/participants", json=body)
    assert refused.status_code == 422
    assert "attributes" in refused.json()["detail"]


def test_ties_are_a_range_of_an_index(database_url: str, server: Server) -> None:
    """However many people have a score, neighbours are found from the person's place on."""
    del server
    indexes = [
        row[0] for row in query(database_url, "SELECT indexdef FROM pg_indexes WHERE tablename = 'board_standing'")
    ]
    assert any("leaf, generation, window_key, tie_at, tie_name" in index for index in indexes), indexes


def test_the_docs_name_each_bound() -> None:
    page = (Path(__file__).parents[1] / "docs" / "limits.md").read_text()
    bounds = (
        *(LOTS_LIMIT, EXACT_LOTS, HOLDS_LIMIT, MULTIPLIERS_LIMIT, CLAIMS_LIMIT),
        *(VALID_LIMIT, ROTATION_LIMIT, ENDED_KEPT, PRESENT_LIMIT, ALL_LIMIT),
        *(tiers.TIERS_SHOWN, streaks.RUNS_KEPT, DISTINCT_LIMIT, PUT_OFF_LIMIT),
    )
    assert [bound for bound in bounds if f" {bound:,}" not in page] == []
    assert f"{ATTRIBUTES_LIMIT_BYTES // 1024} KiB" in page
