"""Deciding about rewards: claiming one, and how a claim ends."""

from laurels.kernel.cascade import Cascade
from laurels.kernel.decisions import Decision, followed
from laurels.kernel.rejections import Rejection
from laurels.kernel.responses import ClaimCancelledAnswer, ClaimFulfilledAnswer, RewardClaimedAnswer
from laurels.mechanics.rewards import rules as rewards
from laurels.mechanics.rewards.model import CancelClaim, ClaimReward, FulfilClaim, Reward


def claim(cascade: Cascade, command: ClaimReward) -> Decision | Rejection:
    who = cascade.participant
    claimed = rewards.claim(
        cascade.definitions, who, command.reward, cascade.now, deducts_points=command.deducts_points
    )
    if isinstance(claimed, Rejection):
        return claimed
    entry = cascade.happen(claimed, cascade.now)
    answer = RewardClaimedAnswer(
        claim_id=entry.id,
        participant_id=command.participant_id,
        reward_name=claimed.reward_name,
        reward_type=claimed.reward_type,
        code_value=claimed.code,
        points_deducted=claimed.amount,
        new_balance=cascade.participant.account.balance,
    )
    return followed(cascade, answer)


def fulfil(cascade: Cascade, command: FulfilClaim) -> Decision | Rejection:
    fulfilled = rewards.fulfil(cascade.participant.claims, command)
    if isinstance(fulfilled, Rejection):
        return fulfilled
    cascade.happen(fulfilled, cascade.now)
    answer = ClaimFulfilledAnswer(
        claim_id=command.claim_id,
        participant_id=command.participant_id,
        reward_name=cascade.definitions[Reward].by_id[fulfilled.reward_id].name,
        status="fulfilled",
        fulfilled_at=cascade.now,
    )
    return Decision(cascade.entries, answer)


def cancel(cascade: Cascade, command: CancelClaim) -> Decision | Rejection:
    cancelled = rewards.cancel(cascade.participant.account, cascade.participant.claims, command)
    if isinstance(cancelled, Rejection):
        return cancelled
    if refused := cascade.refuses_lots(cancelled.lots):
        return refused
    cascade.expire(cascade.happen(cancelled, cascade.now).id)
    answer = ClaimCancelledAnswer(
        claim_id=command.claim_id,
        participant_id=command.participant_id,
        reward_name=cascade.definitions[Reward].by_id[cancelled.reward_id].name,
        status="cancelled",
        points_returned=cancelled.amount,
        item_returned=cancelled.returns_item,
        new_balance=cascade.balance,
        cancelled_at=cascade.now,
    )
    return followed(cascade, answer)
