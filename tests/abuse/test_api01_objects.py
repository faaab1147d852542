"""API1:2023 Broken object level authorization: another project's ids open nothing."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from laurels.web.keys.access import Access
from tests.abuse.conftest import World
from tests.abuse.requests import ENDPOINTS, KEYED, plain
from tests.checks import asked, query

# Those of an operator are of no project: another project's are meant to be reached.
OF_ONE_PROJECT = [
    name
    for name in KEYED
    if ENDPOINTS[name].access is not Access.OPERATOR
    and any(
        f"{{{kind}_id}}" in ENDPOINTS[name].path
        for kind in (
            "tier",
            "badge",
            "streak",
            "leaderboard",
            "reward",
            "rule",
            "earning_cap",
            "challenge",
            "key",
            "event",
        )
    )
]


def facts(world: World) -> list[tuple[Any, ...]]:
    """All that `default` has: facts, accounts, definitions, keys."""
    return [
        *query(world.database_url, "SELECT count(*), sum(seq) FROM journal WHERE project_id = 1"),
        *query(
            world.database_url, "SELECT id::text, is_active, body::text FROM definition WHERE project_id = 1 ORDER BY 1"
        ),
        *query(
            world.database_url, "SELECT id::text, revoked_at, rate_limit FROM api_key WHERE project_id = 1 ORDER BY 1"
        ),
    ]


@pytest.mark.parametrize("operation", OF_ONE_PROJECT)
def test_ids_of_another_project_are_not_found(world: World, operation: str) -> None:
    before = facts(world)
    # The stranger's own participant of the same name, but the other project's object.
    reply = plain(ENDPOINTS[operation], world.known).send(world.stranger)
    if reply.status_code == 200:
        assert reply.json().get("items", []) == [], operation
    else:
        assert reply.status_code in {400, 404}, reply.text
    assert facts(world) == before


def made(world: World) -> dict[str, str]:
    """Things of `default` whose ids come in bodies."""
    api = world.api
    award = api.post("/points/award", json={"participant_id": "owner", "amount": 100}).json()
    hold = api.post("/points/hold", json={"participant_id": "owner", "amount": 10}).json()
    reward = {"code": "theirs", "name": "Theirs", "type": "voucher", "points_cost": 0}
    api.post("/admin/rewards", json=reward)
    claim = api.post("/rewards/theirs/claim", json={"participant_id": "owner"}).json()
    return {"transaction_id": award["transaction_id"], "hold_id": hold["hold_id"], "claim_id": claim["claim_id"]}


def test_ids_in_bodies(world: World) -> None:
    ids = made(world)
    world.stranger.post("/points/award", json={"participant_id": "owner", "amount": 100}).raise_for_status()
    before = facts(world)
    for path, field in (
        ("/points/reverse", "transaction_id"),
        ("/points/capture", "hold_id"),
        ("/points/release", "hold_id"),
        ("/admin/claims/cancel", "claim_id"),
        ("/admin/claims/fulfil", "claim_id"),
    ):
        body = {"participant_id": "owner", field: ids[field]}
        assert world.stranger.post(path, json=body).status_code == 404, path
        assert world.api.post(path, json={**body, "participant_id": "described"}).status_code == 404, f"{path}, within"
    assert facts(world) == before


def test_a_participants_things_are_not_another_participants(world: World) -> None:
    event = world.api.post("/events", json={"participant_id": "owner", "event_name": "seen"}).json()["event_id"]
    assert world.api.get(f"/participants/owner/events/{event}/explain").status_code == 200
    assert world.api.get(f"/participants/described/events/{event}/explain").status_code == 404


OF_DAYS = {"daily_statistics", "daily_statistics_csv", "transactions_csv"}


def test_lists_show_nothing_of_another_project(world: World) -> None:
    marks = {value for name, value in world.known.items() if name.endswith("_id") and name != "participant_id"}
    world.api.post("/participants", json={"participant_id": "only_here", "display_name": "Only here"})
    marks.add("only_here")
    for name in KEYED:
        endpoint = ENDPOINTS[name]
        if endpoint.method != "GET" or endpoint.access is Access.OPERATOR or "{" in endpoint.path:
            continue
        today = datetime.now(UTC).date().isoformat()
        days = {"from": today, "to": today} if name in OF_DAYS else {}
        reply = asked(world.stranger, "GET", endpoint.path.removeprefix("/api/v1/gamify"), params=days)
        assert reply.status_code == 200, reply.text
        assert [mark for mark in marks if mark in reply.text] == [], name


@pytest.mark.parametrize("identifier", ["1", "0", "-1", "*", "%", "null", "..", "x' OR '1'='1"])
def test_guessed_ids(world: World, identifier: str) -> None:
    for kind in ("tiers", "badges", "rewards", "keys"):
        reply = world.api.get(f"/admin/{kind}/{httpx.QueryParams({'q': identifier})['q']}")
        assert reply.status_code in {404, 405, 422}, reply.text


def test_ids_tell_nothing_that_counts(world: World) -> None:
    """They are not numbered: the next one cannot be guessed."""
    one, two = (world.api.post("/points/award", json={"participant_id": "owner", "amount": 1}).json() for _ in range(2))
    random = [int(each["transaction_id"].replace("-", "")[-16:], 16) for each in (one, two)]
    assert abs(random[0] - random[1]) > 2**32


def test_what_is_refused_changes_nothing_at_all(world: World) -> None:
    ids = made(world)
    with world.unchanged():
        world.stranger.post("/points/capture", json={"participant_id": "nobody", "hold_id": ids["hold_id"]})
