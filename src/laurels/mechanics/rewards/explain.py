"""The form in which explain shows facts about rewards."""

from typing import Any

from laurels.kernel import decimals
from laurels.kernel.definition import Definitions
from laurels.mechanics.rewards.model import RewardClaimed


def show_claimed(data: dict[str, Any], _: Definitions, fact: RewardClaimed) -> None:
    if fact.multiplier is not None:
        data["multiplier"] = decimals.shown(fact.multiplier)
