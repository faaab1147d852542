"""API3:2023 Broken object property level authorization: callers set what they may, and see what they should."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.abuse.conftest import World
from tests.abuse.requests import ENDPOINTS, KEYED, plain
from tests.checks import assert_refused, mentions, query

MARK = "ffffffff-ffff-7fff-bfff-fffffffffff1"
NUMBER = 987_654_321_012
ASSIGNED: dict[str, Any] = {
    **dict.fromkeys(
        ("id", "subject", "key_id", "secret_hash", "hint", "key", "command_id", "actor", "request_id"), MARK
    ),
    **dict.fromkeys(("project_id", "lane", "seq", "version", "balance", "new_balance", "total_earned"), NUMBER),
    **dict.fromkeys(("created_at", "updated_at", "recorded_at", "revoked_at"), "1999-12-31T23:59:59Z"),
    **dict.fromkeys(("is_admin", "is_deleted", "is_forced"), True),
    "role": "operator",
}
# What the rest of the world need not know.
INTERNAL = {"subject", "lane", "secret_hash", "fingerprint", "project_id", "generation"}
WITH_BODY = [name for name in KEYED if ENDPOINTS[name].body is not None]


def fields(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from fields(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from fields(inner)


@pytest.mark.parametrize("operation", WITH_BODY)
def test_mass_assignment(world: World, operation: str) -> None:
    """Each foreign field is refused by its name or has no effect: it is nowhere in the database afterwards."""
    attack = plain(ENDPOINTS[operation], world.targets(operation))
    own = set(copy.deepcopy(attack.body))
    for name, value in ASSIGNED.items():
        if name in own:
            continue
        reply = attack._replace(body={**attack.body, name: value}).send(world.api)
        assert reply.status_code < 500, reply.text
        assert MARK not in reply.text, name
    assert mentions(world.database_url, MARK) == []
    assert mentions(world.database_url, str(NUMBER)) == []
    assert mentions(world.database_url, "1999-12-31") == []


def test_mass_assignment_within_a_batch(world: World) -> None:
    items = [{"participant_id": "assigned", "amount": 1, name: value} for name, value in ASSIGNED.items()]
    assert world.api.post("/points/award-batch", json={"awards": items}).status_code == 200
    assert mentions(world.database_url, MARK) == []
    rows = query(
        world.database_url,
        "SELECT project_id, balance FROM participant JOIN account USING (lane, subject) WHERE participant_id = %s",
        "assigned",
    )
    assert [project for project, _ in rows] == [1]
    assert rows[0][1] <= len(items)


def test_what_stays_cannot_be_patched(world: World) -> None:
    for kind, field in (("tiers", "tier_id"), ("badges", "badge_id"), ("leaderboards", "leaderboard_id")):
        url = f"/admin/{kind}/{world.known[field]}"
        before = world.api.get(url).json()
        assert world.api.patch(url, json={"code": "another"}).status_code == 422
        assert world.api.get(url).json() == before


@pytest.mark.parametrize("operation", KEYED)
def test_answers_hold_nothing_internal(world: World, operation: str) -> None:
    reply = plain(ENDPOINTS[operation], world.targets(operation)).send(world.api)
    if reply.headers["content-type"] != "application/json":
        pytest.skip("no single JSON value")
    assert INTERNAL & set(fields(reply.json())) == set() or operation == "export_participant"


def test_secrets_are_shown_once(world: World) -> None:
    made = world.api.post("/admin/keys", json={"name": "once"}).json()
    listed = world.api.get("/admin/keys")
    audited = world.api.get("/admin/audit-log")
    assert made["key"] not in listed.text + audited.text
    assert made["key"][12:] not in listed.text + audited.text


def test_a_caller_without_administration_sees_no_codes_of_others(world: World) -> None:
    api = world.api
    reward = {"code": "coded", "name": "Coded", "type": "voucher", "points_cost": 0, "has_codes": True}
    api.post("/admin/rewards", json=reward).raise_for_status()
    api.post("/admin/rewards/coded/codes", json={"codes": ["SECRET-A", "SECRET-B"]}).raise_for_status()
    with world.client("gamify") as caller:
        claimed = caller.post("/rewards/coded/claim", json={"participant_id": "winner"}).json()["code_value"]
        others = "".join(
            reply.text
            for reply in (
                caller.get("/rewards"),
                caller.get("/rewards", params={"participant_id": "loser"}),
                caller.get("/participants/described/rewards"),
            )
        )
    assert claimed in {"SECRET-A", "SECRET-B"}
    assert "SECRET" not in others


def test_one_field_given_twice(world: World) -> None:
    """Neither counts, so that no check looks at another one than what acts."""
    for last in (b"1000001", b"2"):
        twice = b'{"participant_id": "twice", "amount": 1, "amount": ' + last + b"}"
        assert_refused(world.api.post("/points/award", content=twice), 422, field="amount")
    assert world.api.get("/participants/twice/points").status_code == 404
