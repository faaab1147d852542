"""Finding the reward that a path names."""

from laurels.kernel.definition import Definitions
from laurels.kernel.rejections import DefinitionNotFound
from laurels.mechanics.rewards import rules as rewards
from laurels.mechanics.rewards.model import Reward
from laurels.web.protocol.errors import refusal_for


def find_reward(definitions: Definitions, name: str) -> Reward:
    """Raises Refusal 404."""
    found = rewards.named(definitions, name)
    if found is None:
        raise refusal_for(DefinitionNotFound("reward", name))
    return found
