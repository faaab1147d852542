"""Finding a reward by the id or code in a path."""

from laurels.kernel.definition import Definitions
from laurels.kernel.rejections import DefinitionNotFound
from laurels.mechanics.rewards import rules as rewards
from laurels.mechanics.rewards.model import Reward
from laurels.web.protocol.errors import refusal_for


def find_reward(definitions: Definitions, name: str) -> Reward:
    """The reward with this id or code. Raises Refusal 404."""
    reward = rewards.find(definitions, name)
    if reward is None:
        raise refusal_for(DefinitionNotFound("reward", name))
    return reward
