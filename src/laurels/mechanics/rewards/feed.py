"""The feed events of rewards. None holds a code: an application reads it with the claim."""

from datetime import datetime

from laurels.kernel.deciding.listing import announces
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.feed import FeedData
from laurels.mechanics.rewards.model import ClaimCancelled, ClaimFulfilled, Reward, RewardClaimed

_CLAIM_ID = "0198c0de-4d5e-7f60-b172-8d9e0f1a2b3c"


class ClaimData(FeedData, frozen=True, kw_only=True):
    """A claim of a reward."""

    claim_id: str
    """The id of the claim."""
    reward_id: str
    """The id of the reward."""
    reward_code: str
    """The reward's code."""
    reward_name: str
    """The reward's name."""
    reason: str | None = None
    """The reason; null for none."""


class RewardClaimedData(ClaimData, frozen=True, kw_only=True):
    """A reward that was claimed, or granted by a rule or challenge."""

    reward_type: str
    """The reward's type."""
    points: int
    """The price that was paid."""
    balance_after: int
    """The balance afterwards."""
    has_code: bool = False
    """Whether the claim has a code; read the claim to get it."""
    ends_at: datetime | None = None
    """When the multiplier of the reward ends; null for rewards of other types."""


class RewardCancelledData(ClaimData, frozen=True, kw_only=True):
    """A claim that was cancelled."""

    points: int
    """The points given back."""
    balance_after: int
    """The balance afterwards."""
    returns_item: bool = True
    """Whether the code or the item can be claimed again."""


def _claimed(definitions: Definitions, entry: Entry, fact: RewardClaimed) -> RewardClaimedData:
    reward = definitions[Reward].by_id[fact.reward_id]
    return RewardClaimedData(
        claim_id=entry.id,
        reward_id=reward.id,
        reward_code=reward.code,
        reward_name=reward.name,
        reason=fact.reason,
        reward_type=fact.reward_type,
        points=fact.amount,
        balance_after=fact.balance_after,
        has_code=fact.code is not None,
        ends_at=fact.ends_at,
    )


def _fulfilled(definitions: Definitions, _: Entry, fact: ClaimFulfilled) -> ClaimData:
    reward = definitions[Reward].by_id[fact.reward_id]
    return ClaimData(
        claim_id=fact.claim_id,
        reward_id=reward.id,
        reward_code=reward.code,
        reward_name=reward.name,
        reason=fact.reason,
    )


def _cancelled(definitions: Definitions, _: Entry, fact: ClaimCancelled) -> RewardCancelledData:
    reward = definitions[Reward].by_id[fact.reward_id]
    return RewardCancelledData(
        claim_id=fact.claim_id,
        reward_id=reward.id,
        reward_code=reward.code,
        reward_name=reward.name,
        reason=fact.reason,
        points=fact.amount,
        balance_after=fact.balance_after,
        returns_item=fact.returns_item,
    )


_REWARD_ID = "0198c0de-5e6f-7071-8283-9e0f1a2b3c4d"

FEED = (
    announces(
        "reward.claimed",
        RewardClaimed,
        _claimed,
        about="A participant claimed a reward, or a rule or challenge granted it.",
        example=RewardClaimedData(
            claim_id=_CLAIM_ID,
            reward_id=_REWARD_ID,
            reward_code="mug",
            reward_name="Coffee mug",
            reward_type="physical",
            points=500,
            balance_after=600,
        ),
    ),
    announces(
        "reward.fulfilled",
        ClaimFulfilled,
        _fulfilled,
        about="A claim was marked as fulfilled.",
        example=ClaimData(
            claim_id=_CLAIM_ID, reward_id=_REWARD_ID, reward_code="mug", reward_name="Coffee mug", reason="Sent"
        ),
    ),
    announces(
        "reward.cancelled",
        ClaimCancelled,
        _cancelled,
        about="A claim was cancelled.",
        example=RewardCancelledData(
            claim_id=_CLAIM_ID,
            reward_id=_REWARD_ID,
            reward_code="mug",
            reward_name="Coffee mug",
            points=500,
            balance_after=1_100,
        ),
    ),
)
