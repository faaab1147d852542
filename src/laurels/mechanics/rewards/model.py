"""Rewards: definition, claims, commands, facts and rejections."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import ClassVar, Literal

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from laurels.kernel.actions import Action, Code, Named
from laurels.kernel.commands import Command
from laurels.kernel.definition import Definition, Reference
from laurels.kernel.facts import Fact
from laurels.kernel.participant import Shared, Slice
from laurels.kernel.rejections import Reason, Rejection
from laurels.kernel.responses import Answer, AnyEffects
from laurels.mechanics.points.purse.model import Details, Lot, Moves, PointsFact, TransactionType

RewardType = Literal["coupon", "voucher", "physical", "digital", "points_multiplier"]


ClaimStatus = Literal["claimed", "fulfilled", "cancelled"]


class Reward(Definition, frozen=True, kw_only=True):
    """A reward that participants can claim. In `total_inventory` and `max_claims_per_user`, None means unlimited. With
    `has_codes`, each claim receives a code of the reward's pool. A `points_multiplier` multiplies awards by
    `multiplier_millionths` for `duration_hours`."""

    kind: ClassVar[str] = "reward"

    type: RewardType
    description: str | None = None
    display_order: int = 0
    points_cost: int = 0
    max_claims_per_user: int | None = None
    total_inventory: int | None = None
    has_codes: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    required_tier: str | None = None
    required_badges: tuple[str, ...] = ()
    multiplier_millionths: int | None = None
    duration_hours: int | None = None

    def references(self) -> Iterator[Reference]:
        if self.required_tier is not None:
            follows = "only participants who are already in it, or in a higher tier, can claim"
            yield Reference("required_tier", "tier", self.required_tier, follows)
        for index, code in enumerate(self.required_badges):
            yield Reference(
                f"required_badges[{index}]", "badge", code, "only participants who have already earned it can claim"
            )

    def lack(self, now: datetime) -> str | None:
        if not self.is_active:
            return "is not active"
        if self.ends_at is not None and self.ends_at <= now:
            return "has ended"
        if self.starts_at is not None and now < self.starts_at:
            return "has not begun"
        return None


class Claim(Struct, frozen=True):
    """A claim of a reward by a participant. `points` is its price, `lots` the part of these points that would have
    expired."""

    reward_id: str
    points: int = 0
    lots: list[Lot] = []
    code: str | None = None
    status: ClaimStatus = "claimed"


class Stock(Struct):
    """The stock of a reward, common to all participants of a batch: the number of items `taken` from its inventory, and
    its next available `codes`."""

    taken: int = 0
    codes: list[str] = []


class RewardClaimed(PointsFact, frozen=True, kw_only=True):
    """A reward was claimed. The fact's id is the claim's id; the amount is the price paid. `deducts_points`: the claim
    was to be paid, even if the price was 0; None in older facts. `multiplier`, in millionths, applies to awards from
    the claim until `ends_at`."""

    kind: ClassVar[str] = "reward_claimed"
    moves: ClassVar[Moves] = Moves(balance=-1, total_spent=1)
    is_shown_empty: ClassVar[bool] = False
    transaction_type: ClassVar[TransactionType] = "claim"

    amount: int = 0
    reward_id: str
    reward_name: str
    reward_type: str
    deducts_points: bool | None = None
    code: str | None = None
    multiplier: int | None = None
    ends_at: datetime | None = None

    def details(self, fact_id: str) -> Details:
        return {"reward_id": self.reward_id, "claim_id": fact_id}


class ClaimCancelled(PointsFact, frozen=True, kw_only=True):
    """A claim was cancelled. The amount is the points returned. `returns_points`: the price was to be returned, even if
    it was 0; None in older facts. `returns_item`: the code or the item of the inventory can be claimed again."""

    kind: ClassVar[str] = "claim_cancelled"
    moves: ClassVar[Moves] = Moves(balance=1, total_spent=-1)
    is_shown_empty: ClassVar[bool] = False
    transaction_type: ClassVar[TransactionType] = "claim_cancellation"

    amount: int = 0
    claim_id: str
    reward_id: str
    code: str | None = None
    returns_points: bool | None = None
    returns_item: bool = True

    def details(self, _fact_id: str) -> Details:
        return {"reward_id": self.reward_id, "claim_id": self.claim_id}


class ClaimFulfilled(Fact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "claim_fulfilled"

    claim_id: str
    reward_id: str
    reason: str | None = None


class ClaimReward(Command, frozen=True, kw_only=True):
    """Claims a reward. `reward` is its id or code."""

    operation: ClassVar[str] = "claim_reward"

    reward: str
    deducts_points: bool = False

    @property
    def named(self) -> Mapping[str, str | int | None]:
        return {"reward": self.reward}


class FulfilClaim(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "fulfil_claim"
    is_activity: ClassVar[bool] = False

    claim_id: str
    reason: str | None = None

    @property
    def named(self) -> Mapping[str, str | int | None]:
        return {"claim_id": self.claim_id}


class CancelClaim(Command, frozen=True, kw_only=True):
    """Cancels a claim. `returns_points`: returns the price; `returns_item`: makes the code or the item of the inventory
    available to others."""

    operation: ClassVar[str] = "cancel_claim"
    gives_back: ClassVar[bool] = True
    is_activity: ClassVar[bool] = False

    claim_id: str
    returns_points: bool = True
    returns_item: bool = True
    reason: str | None = None

    @property
    def named(self) -> Mapping[str, str | int | None]:
        return {"claim_id": self.claim_id}


class RewardNotOpen(Rejection, frozen=True):
    """The time is before the reward's `starts_at`, or not before its `ends_at`."""

    code: str
    has_ended: bool

    def sentence(self) -> str:
        if self.has_ended:
            return f"The reward can no longer be claimed: {self.code}"
        return f"The reward cannot be claimed yet: {self.code}"


class TierRequired(Rejection, frozen=True):
    tier_code: str

    def sentence(self) -> str:
        return f"The reward requires the tier {self.tier_code} or a higher one"


class BadgesRequired(Rejection, frozen=True):
    """The participant has not earned all required badges. `badge_codes` are the missing ones."""

    badge_codes: list[str]

    def sentence(self) -> str:
        return f"The reward requires badges that the participant has not earned: {', '.join(self.badge_codes)}"


class ClaimLimitReached(Rejection, frozen=True):
    limit: int

    def sentence(self) -> str:
        return "Maximum claims per participant exceeded"


class TooManyClaims(Rejection, frozen=True):
    """The participant has too many claims of all rewards together; cancelled ones do not count."""

    limit: int

    def sentence(self) -> str:
        return f"The participant has {self.limit} claims, which is the maximum; cancel some of them first"


class TooManyMultipliers(Rejection, frozen=True):
    """The participant has too many running multipliers."""

    limit: int

    def sentence(self) -> str:
        return f"The participant has {self.limit} running multipliers, which is the maximum; wait for one to end"


class SoldOut(Rejection, frozen=True):
    """The reward's inventory is empty."""

    code: str

    def sentence(self) -> str:
        return f"The reward is sold out: {self.code}"


class NoRewardCodes(Rejection, frozen=True):
    """The reward's pool has no available code."""

    code: str

    def sentence(self) -> str:
        return "No available reward codes"


class ClaimNotFound(Rejection, frozen=True):
    reason: ClassVar[Reason] = "not_found"

    claim_id: str

    def sentence(self) -> str:
        return f"Claim not found: {self.claim_id}"


class ClaimClosed(Rejection, frozen=True):
    """The claim is closed. `status` is fulfilled or cancelled."""

    status: str

    def sentence(self) -> str:
        return f"The claim is {self.status} already"


class RewardEffect(Struct, frozen=True, kw_only=True):
    """A reward that was granted."""

    claim_id: str
    """The id of the claim."""
    reward_code: str
    """The reward's code."""
    reward_name: str
    """The reward's name."""
    reward_type: str
    """The kind of reward."""
    code_value: str | None
    """The code that the claim got; null for none."""
    due_to: str | None
    """The code of the rule or challenge that granted it."""


class RewardClaimedAnswer(Answer, frozen=True, kw_only=True):
    """The claim, with its code if it got one."""

    claim_id: str
    """The id of the claim."""
    participant_id: str
    reward_name: str
    """The reward's name."""
    reward_type: str
    """The kind of reward."""
    code_value: str | None
    """The code that the claim got; null for none."""
    points_deducted: int
    """The points that the claim cost."""
    new_balance: int
    """The balance afterwards."""
    effects: AnyEffects | UnsetType = UNSET


class ClaimFulfilledAnswer(Answer, frozen=True, kw_only=True):
    """The claim that was fulfilled."""

    claim_id: str
    """The id of the claim."""
    participant_id: str
    reward_name: str
    """The reward's name."""
    status: str
    """Always `fulfilled`."""
    fulfilled_at: datetime
    """When the claim was fulfilled."""


class ClaimCancelledAnswer(Answer, frozen=True, kw_only=True):
    """The claim that was cancelled."""

    claim_id: str
    """The id of the claim."""
    participant_id: str
    reward_name: str
    """The reward's name."""
    status: str
    """Always `cancelled`."""
    points_returned: int
    """The points that were returned."""
    item_returned: bool
    """Whether its code or its item of the inventory can be claimed again."""
    new_balance: int
    """The balance afterwards."""
    cancelled_at: datetime
    """When the claim was cancelled."""
    effects: AnyEffects | UnsetType = UNSET


class GrantReward(Action, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="grant_reward"):
    """Grants a free claim, within the reward's own limits."""

    is_required: ClassVar[bool] = True

    reward_code: Code
    """The reward's code."""

    def named(self) -> Named:
        return Named("reward_code", "reward", self.reward_code)


class Claims(Struct):
    """The claims of one participant by id, and the number of standing claims, by reward and in total."""

    by_id: dict[str, Claim] = {}
    standing: dict[str, int] = {}
    total_standing: int = 0


def _copied(claims: Claims) -> Claims:
    return replace(claims, by_id=dict(claims.by_id), standing=dict(claims.standing))


CLAIMS = Slice("claims", Claims, _copied)
STOCKS = Shared[Stock]("stocks")
"""The stock of each reward, by reward id."""
