"""API6:2023 Unrestricted access to sensitive business flows: what is to happen once happens once, however fast."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import pytest

from tests.abuse.conftest import World
from tests.checks import assert_refused

AT_ONCE = 16


@pytest.fixture
def who() -> str:
    return f"hurried_{uuid4().hex}"


def at_once(world: World, call: Callable[[httpx.Client], httpx.Response]) -> list[httpx.Response]:
    clients = [world.client("gamify") for _ in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        replies = list(pool.map(call, clients))
    for client in clients:
        client.close()
    return replies


def accepted(replies: list[httpx.Response]) -> int:
    assert {reply.status_code for reply in replies} <= {200, 400}
    return sum(reply.status_code == 200 for reply in replies)


def balance(world: World, who: str) -> int:
    points: int = world.api.get(f"/participants/{who}/points").json()["balance"]
    return points


def test_a_reward_that_is_for_each_once(world: World, who: str) -> None:
    reward = {"code": who, "name": "Once", "type": "voucher", "points_cost": 0, "max_claims_per_user": 1}
    world.api.post("/admin/rewards", json=reward).raise_for_status()
    replies = at_once(world, lambda client: client.post(f"/rewards/{who}/claim", json={"participant_id": who}))
    assert accepted(replies) == 1


def test_points_are_spent_once(world: World, who: str) -> None:
    world.api.post("/points/award", json={"participant_id": who, "amount": 100}).raise_for_status()
    replies = at_once(world, lambda client: client.post("/points/deduct", json={"participant_id": who, "amount": 60}))
    assert (accepted(replies), balance(world, who)) == (1, 40)


def test_a_hold_is_captured_once(world: World, who: str) -> None:
    world.api.post("/points/award", json={"participant_id": who, "amount": 100}).raise_for_status()
    hold = world.api.post("/points/hold", json={"participant_id": who, "amount": 100}).json()["hold_id"]
    body = {"participant_id": who, "hold_id": hold}
    assert accepted(at_once(world, lambda client: client.post("/points/capture", json=body))) == 1
    assert balance(world, who) == 0


def test_an_award_is_reversed_once(world: World, who: str) -> None:
    award = world.api.post("/points/award", json={"participant_id": who, "amount": 100}).json()["transaction_id"]
    body = {"participant_id": who, "transaction_id": award}
    assert accepted(at_once(world, lambda client: client.post("/points/reverse", json=body))) == 1
    assert balance(world, who) == 0


def test_a_repeated_request_counts_once(world: World, who: str) -> None:
    body = {"participant_id": who, "amount": 5, "idempotency_key": "same"}
    replies = at_once(world, lambda client: client.post("/points/award", json=body))
    assert len({reply.content for reply in replies}) == 1
    assert balance(world, who) == 5


def test_nothing_runs_backwards(world: World, who: str) -> None:
    world.api.post("/points/award", json={"participant_id": who, "amount": 5}).raise_for_status()
    for path in ("award", "deduct", "hold"):
        for amount in (-1, 0, -(2**63), 2**63, 1e300):
            assert_refused(world.api.post(f"/points/{path}", json={"participant_id": who, "amount": amount}), 422)
    assert balance(world, who) == 5
