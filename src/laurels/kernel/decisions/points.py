"""Deciding what moves points: awards, deducts, reversals, holds, expiry."""

from datetime import timedelta

from msgspec import UNSET

from laurels.kernel import decimals, effects
from laurels.kernel.cascade import Cascade
from laurels.kernel.decisions import Decision, followed, occurred_at
from laurels.kernel.rejections import Rejection
from laurels.kernel.responses import (
    HoldCapturedAnswer,
    HoldReleasedAnswer,
    PointsAwardedAnswer,
    PointsDeductedAnswer,
    PointsHeldAnswer,
    PointsReversedAnswer,
    SettledAnswer,
    TierUpgrade,
)
from laurels.mechanics.points import holds
from laurels.mechanics.points import rules as points
from laurels.mechanics.points.commands import (
    AwardPoints,
    CaptureHold,
    DeductPoints,
    ExpiryPassed,
    HoldPoints,
    ReleaseHold,
    ReversePoints,
    SettleExpiries,
)
from laurels.mechanics.points.model import DeductReversed, EarningCap, PointsAwarded
from laurels.mechanics.tiers.model import TierReached


def award(cascade: Cascade, command: AwardPoints) -> Decision | Rejection:
    happened_at = occurred_at(command.occurred_at, cascade.now)
    if isinstance(happened_at, Rejection):
        return happened_at
    cause = cascade.award(command, happened_at)
    if isinstance(cause, Rejection):
        return cause
    fact = cause.fact
    assert isinstance(fact, PointsAwarded)  # noqa: S101
    is_changed = fact.base_amount is not None
    answer = PointsAwardedAnswer(
        transaction_id=cause.id,
        participant_id=command.participant_id,
        amount=fact.amount,
        base_amount=command.amount if is_changed else UNSET,
        multiplier=decimals.shown(fact.multiplier) if is_changed and fact.multiplier is not None else UNSET,
        capped_by=[cascade.definitions[EarningCap].by_id[cap].code for cap in fact.capped_by]
        if fact.capped_by
        else UNSET,
        new_balance=cascade.participant.account.balance,
        expires_at=fact.lots[0].expires_at if fact.lots else UNSET,
        requested_expires_at=fact.requested_expires_at or UNSET,
        tier_upgrade=_upgrade(cascade),
    )
    return followed(cascade, answer)


def deduct(cascade: Cascade, command: DeductPoints) -> Decision | Rejection:
    happened_at = occurred_at(command.occurred_at, cascade.now)
    if isinstance(happened_at, Rejection):
        return happened_at
    deducted = points.deduct(cascade.participant.account, cascade.participant.lots, command)
    if isinstance(deducted, Rejection):
        return deducted
    entry = cascade.happen(deducted, happened_at)
    answer = PointsDeductedAnswer(
        transaction_id=entry.id,
        participant_id=command.participant_id,
        amount=deducted.amount,
        new_balance=deducted.balance_after,
    )
    return followed(cascade, answer)


def reverse(cascade: Cascade, command: ReversePoints) -> Decision | Rejection:
    transactions = cascade.participant.transactions
    reversal = points.reverse(cascade.participant, command)
    if isinstance(reversal, Rejection):
        return reversal
    if isinstance(reversal, DeductReversed) and (refused := cascade.refuses_lots(reversal.lots)):
        return refused
    # It leaves the windows that the transaction counted in.
    entry = cascade.happen(reversal, transactions[command.transaction_id].occurred_at)
    cascade.expire(entry.id)
    reversed_now = transactions[command.transaction_id]
    answer = PointsReversedAnswer(
        transaction_id=entry.id,
        reversed_transaction_id=command.transaction_id,
        participant_id=command.participant_id,
        amount=reversal.amount,
        left=reversed_now.fact.amount - reversed_now.reversed,
        new_balance=cascade.balance,
    )
    return followed(cascade, answer)


def hold(cascade: Cascade, command: HoldPoints) -> Decision | Rejection:
    expires_at = command.expires_at or cascade.now + timedelta(minutes=command.expires_in_minutes)
    if expires_at <= cascade.now:
        return ExpiryPassed()
    held = holds.hold(cascade.participant, command, expires_at)
    if isinstance(held, Rejection):
        return held
    entry = cascade.happen(held, cascade.now)
    answer = PointsHeldAnswer(
        hold_id=entry.id,
        participant_id=command.participant_id,
        amount=held.amount,
        new_balance=cascade.participant.account.balance,
        expires_at=expires_at,
    )
    return followed(cascade, answer)


def capture(cascade: Cascade, command: CaptureHold) -> Decision | Rejection:
    captured = holds.capture(cascade.participant.account, cascade.participant.holds, command)
    if isinstance(captured, Rejection):
        return captured
    entry = cascade.happen(captured, cascade.now)
    rest = holds.released_rest(cascade.participant.account, command.hold_id, cascade.participant.holds[command.hold_id])
    if rest.amount:
        cascade.happen(rest, cascade.now, entry.id)
        cascade.expire(entry.id)
    answer = HoldCapturedAnswer(
        transaction_id=entry.id,
        hold_id=command.hold_id,
        participant_id=command.participant_id,
        amount=captured.amount,
        released_amount=rest.amount,
        new_balance=cascade.balance,
    )
    return followed(cascade, answer)


def release(cascade: Cascade, command: ReleaseHold) -> Decision | Rejection:
    released = holds.release(cascade.participant.account, cascade.participant.holds, command)
    if isinstance(released, Rejection):
        return released
    cascade.expire(cascade.happen(released, cascade.now).id)
    answer = HoldReleasedAnswer(
        hold_id=command.hold_id,
        participant_id=command.participant_id,
        amount=released.amount,
        new_balance=cascade.balance,
    )
    return followed(cascade, answer)


def settle(cascade: Cascade, command: SettleExpiries) -> Decision | Rejection:
    cascade.expire(most=command.most)
    return followed(cascade, SettledAnswer())


def _upgrade(cascade: Cascade) -> TierUpgrade | None:
    fact = cascade.entries[-1].fact
    return effects.tier_upgrade(cascade.definitions, fact) if isinstance(fact, TierReached) else None
