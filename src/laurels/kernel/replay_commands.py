"""Which command brought facts of the journal about: told from the facts, as commands themselves are not kept."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from laurels.kernel.commands import Command, JudgeAnew
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry, Fact
from laurels.kernel.model import Participant
from laurels.mechanics.badges.model import AwardBadge, Badge, BadgeEarned, BadgeRevoked, RevokeBadge
from laurels.mechanics.challenges.model import ChallengeJoined, ChallengeLeft, JoinChallenge, LeaveChallenge
from laurels.mechanics.events.model import EventRecorded, RecordEvent
from laurels.mechanics.points.commands import (
    AwardPoints,
    CaptureHold,
    DeductPoints,
    HoldPoints,
    ReleaseHold,
    ReversePoints,
)
from laurels.mechanics.points.model import (
    AwardReversed,
    DeductReversed,
    HoldCaptured,
    HoldReleased,
    PointsAwarded,
    PointsDeducted,
    PointsFact,
    PointsHeld,
)
from laurels.mechanics.rewards.model import (
    CancelClaim,
    ClaimCancelled,
    ClaimFulfilled,
    ClaimReward,
    FulfilClaim,
    Reward,
    RewardClaimed,
)
from laurels.mechanics.streaks.model import RecordStreak, StreakRecorded
from laurels.mechanics.tiers.model import AssignTier, TierAssigned, TierReached


class Past(Struct, frozen=True):
    """A fact of the journal. `command_id` is the id of the first fact of its command."""

    entry: Entry
    recorded_at: datetime
    command_id: str


class Commands:
    """The commands of one participant, under definitions that may have brought something else about: where a command
    named a fact, it names what has taken the fact's place. All facts are told in their order.

    `reversed_ids` are the transactions that will be reversed; `is_guessed` tells that facts of an older version left
    open what was asked for, where that makes a difference."""

    def __init__(self, draft: Definitions, participant: Participant, facts: Sequence[Past]) -> None:
        self.reversed_ids = {name for past in facts if (name := _reversed(past.entry.fact)) is not None}
        self.is_guessed = False
        self._alike: dict[str, str] = {}
        self._draft = draft
        self._participant = participant
        self._left: dict[str, int] = {}

    def tell(self, brought: Sequence[Past]) -> None:
        """What a command brought, after it has been asked for here."""
        for past in brought:
            fact = past.entry.fact
            if past.entry.id in self.reversed_ids and isinstance(fact, PointsFact):
                self._left[past.entry.id] = fact.amount
            if isinstance(fact, AwardReversed | DeductReversed) and fact.transaction_id in self._left:
                self._left[fact.transaction_id] -= fact.amount

    def match(self, alike: Mapping[str, str]) -> None:
        """Which facts have taken the places of others."""
        self._alike |= alike
        self.reversed_ids |= {new for old, new in alike.items() if old in self.reversed_ids}

    def asked(self, brought: Sequence[Past]) -> Command | None:
        """The command that brought these facts; None for what nobody asked for, such as an expiry."""
        entry = brought[0].entry
        who: dict[str, Any] = {
            "project_id": self._participant.project_id,
            "participant_id": self._participant.participant_id,
        }
        at = entry.occurred_at
        match entry.fact:
            case EventRecorded(event_name=name, properties=properties):
                return RecordEvent(event_name=name, properties=properties, occurred_at=at, **who)
            case TierAssigned(tier_code=code):
                return AssignTier(tier_code=code, **who)
            case BadgeEarned() as fact if not self._is_judged(fact):
                return AwardBadge(badge_code=fact.badge_code, **who)
            case TierReached() | BadgeEarned():
                return JudgeAnew(definition_ids=tuple(_judged(brought)), silent=True, **who)
            case BadgeRevoked(badge_code=code):
                return RevokeBadge(badge_code=code, **who)
            case StreakRecorded(streak_code=code):
                return RecordStreak(streak_code=code, occurred_at=at, **who)
            case ChallengeJoined(challenge_code=code):
                return JoinChallenge(challenge_code=code, **who)
            case ChallengeLeft(challenge_code=code):
                return LeaveChallenge(challenge_code=code, **who)
            case _:
                return self._about_points(entry.fact, at, who) or self._about_claims(entry.fact, who)

    def _about_points(self, fact: Fact, at: datetime, who: Mapping[str, Any]) -> Command | None:
        match fact:
            case PointsAwarded(reason=reason):
                amount = fact.amount if fact.base_amount is None else fact.base_amount
                lot = fact.lots[0].expires_at if fact.lots else None
                expires_at = fact.requested_expires_at or lot or fact.expires_at
                return AwardPoints(amount=amount, reason=reason, occurred_at=at, expires_at=expires_at, **who)
            case PointsDeducted(amount=amount, reason=reason):
                return DeductPoints(amount=amount, reason=reason, occurred_at=at, **who)
            case PointsHeld(amount=amount, expires_at=expires_at):
                return HoldPoints(amount=amount, expires_at=expires_at, **who)
            case HoldCaptured(amount=amount, hold_id=name):
                return CaptureHold(hold_id=name, amount=amount, **who)
            case HoldReleased(hold_id=name, has_expired=False):
                return ReleaseHold(hold_id=name, **who)
            case AwardReversed(amount=amount, transaction_id=name) | DeductReversed(amount=amount, transaction_id=name):
                all_that_is_left = amount == self._left.get(name)
                return ReversePoints(
                    transaction_id=self._alike.get(name, name), amount=None if all_that_is_left else amount, **who
                )
            case _:
                return None

    def _about_claims(self, fact: Fact, who: Mapping[str, Any]) -> Command | None:
        match fact:
            case RewardClaimed(amount=amount, reward_id=name, deducts_points=deducts_points):
                reward = self._draft[Reward].by_id.get(name)
                if deducts_points is None:
                    deducts_points = amount > 0
                    self.is_guessed |= not deducts_points and reward is not None and reward.points_cost > 0
                return ClaimReward(reward=name, deducts_points=deducts_points, **who)
            case ClaimFulfilled(claim_id=name):
                return FulfilClaim(claim_id=self._alike.get(name, name), **who)
            case ClaimCancelled(amount=amount, returns_points=returns_points):
                name = self._alike.get(fact.claim_id, fact.claim_id)
                claim = self._participant.claims.get(name)
                if returns_points is None:
                    returns_points = amount > 0
                    self.is_guessed |= not returns_points and claim is not None and claim.points > 0
                return CancelClaim(claim_id=name, returns_points=returns_points, returns_item=fact.returns_item, **who)
            case _:
                return None

    def _is_judged(self, fact: BadgeEarned) -> bool:
        """Whether the badge was earned by its criteria when all were judged anew."""
        if fact.by_criteria is not None:
            return fact.by_criteria
        badge = self._draft[Badge].by_id.get(fact.badge_id)
        self.is_guessed |= not fact.silent and badge is not None and badge.criteria is not None
        return fact.silent


def _reversed(fact: Fact) -> str | None:
    return fact.transaction_id if isinstance(fact, AwardReversed | DeductReversed) else None


def _judged(brought: Sequence[Past]) -> Iterator[str]:
    """The ids of what JudgeAnew gave by itself."""
    for past in brought:
        if past.entry.cause_id is not None:
            continue
        match past.entry.fact:
            case TierReached(tier_id=name) | BadgeEarned(badge_id=name):
                yield name
