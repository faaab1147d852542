"""Rewards: which are on offer. Claims and what they do to points are in test_economy.py and test_decide.py."""

from datetime import timedelta
from typing import Any

import pytest

from laurels.mechanics.rewards import rules as rewards
from laurels.mechanics.rewards.model import Reward
from tests.core.given import NOW, definitions_with

DAY = timedelta(days=1)


def reward(code: str = "mug", **particulars: Any) -> Reward:
    return Reward(id=f"reward-{code}", code=code, name=code, type="voucher", points_cost=1, **particulars)


@pytest.mark.parametrize(
    ("particulars", "is_offered"),
    [
        pytest.param({}, True, id="active"),
        pytest.param({"is_active": False}, False, id="inactive"),
        pytest.param({"starts_at": NOW + DAY}, True, id="yet to begin"),
        pytest.param({"ends_at": NOW + DAY}, True, id="not over"),
        pytest.param({"ends_at": NOW}, False, id="over"),
    ],
)
def test_what_is_offered(particulars: dict[str, Any], is_offered: bool) -> None:
    assert bool(rewards.offered(definitions_with(1, rewards=[reward(**particulars)]), NOW)) == is_offered


def test_rewards_are_offered_in_their_order() -> None:
    defined = [reward("b", display_order=1), reward("c"), reward("a", display_order=1)]
    assert [found.code for found in rewards.offered(definitions_with(1, rewards=defined), NOW)] == ["c", "a", "b"]
