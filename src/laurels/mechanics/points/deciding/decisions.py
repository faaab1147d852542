"""The decisions of commands that move points: awards, deducts, reversals, holds and expiry."""

from datetime import timedelta

from msgspec import UNSET

from laurels.kernel import decimals
from laurels.kernel.deciding.decision import Decision, followed, occurred_at
from laurels.kernel.deciding.effects import brought_by
from laurels.kernel.deciding.happening import Happening
from laurels.kernel.rejections import Rejection
from laurels.kernel.responses import AnyRise
from laurels.mechanics.points.deciding.awarding import award as award_points
from laurels.mechanics.points.deciding.awarding import balance, expire, refuses_lots
from laurels.mechanics.points.deciding.responses import (
    HoldCapturedAnswer,
    HoldReleasedAnswer,
    PointsAwardedAnswer,
    PointsDeductedAnswer,
    PointsHeldAnswer,
    PointsReversedAnswer,
    SettledAnswer,
)
from laurels.mechanics.points.purse import holds, rules
from laurels.mechanics.points.purse.commands import (
    AwardPoints,
    CaptureHold,
    DeductPoints,
    ExpiryPassed,
    HoldPoints,
    ReleaseHold,
    ReversePoints,
    SettleExpiries,
)
from laurels.mechanics.points.purse.model import PURSE, DeductReversed, EarningCap, PointsAwarded


def award(happening: Happening, command: AwardPoints) -> Decision | Rejection:
    happened_at = occurred_at(command.occurred_at, happening.now)
    if isinstance(happened_at, Rejection):
        return happened_at
    cause = award_points(happening, command, happened_at)
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
        capped_by=[happening.definitions[EarningCap].by_id[cap].code for cap in fact.capped_by]
        if fact.capped_by
        else UNSET,
        new_balance=happening.participant[PURSE].balance,
        expires_at=fact.lots[0].expires_at if fact.lots else UNSET,
        requested_expires_at=fact.requested_expires_at or UNSET,
        tier_upgrade=_rise(happening),
    )
    return followed(happening, answer)


def deduct(happening: Happening, command: DeductPoints) -> Decision | Rejection:
    happened_at = occurred_at(command.occurred_at, happening.now)
    if isinstance(happened_at, Rejection):
        return happened_at
    deducted = rules.deduct(happening.participant[PURSE], command)
    if isinstance(deducted, Rejection):
        return deducted
    entry = happening.happen(deducted, happened_at)
    answer = PointsDeductedAnswer(
        transaction_id=entry.id,
        participant_id=command.participant_id,
        amount=deducted.amount,
        new_balance=deducted.balance_after,
    )
    return followed(happening, answer)


def reverse(happening: Happening, command: ReversePoints) -> Decision | Rejection:
    transactions = happening.participant[PURSE].reversible
    reversal = rules.reverse(happening.participant[PURSE], command)
    if isinstance(reversal, Rejection):
        return reversal
    if isinstance(reversal, DeductReversed) and (refused := refuses_lots(happening, reversal.lots)):
        return refused
    # The points are taken out of the windows in which the transaction counted.
    entry = happening.happen(reversal, transactions[command.transaction_id].occurred_at)
    expire(happening, entry.id)
    reversed_now = transactions[command.transaction_id]
    answer = PointsReversedAnswer(
        transaction_id=entry.id,
        reversed_transaction_id=command.transaction_id,
        participant_id=command.participant_id,
        amount=reversal.amount,
        left=reversed_now.fact.amount - reversed_now.reversed,
        new_balance=balance(happening),
    )
    return followed(happening, answer)


def hold(happening: Happening, command: HoldPoints) -> Decision | Rejection:
    expires_at = command.expires_at or happening.now + timedelta(minutes=command.expires_in_minutes)
    if expires_at <= happening.now:
        return ExpiryPassed()
    held = holds.hold(happening.participant[PURSE], command, expires_at)
    if isinstance(held, Rejection):
        return held
    entry = happening.happen(held, happening.now)
    answer = PointsHeldAnswer(
        hold_id=entry.id,
        participant_id=command.participant_id,
        amount=held.amount,
        new_balance=happening.participant[PURSE].balance,
        expires_at=expires_at,
    )
    return followed(happening, answer)


def capture(happening: Happening, command: CaptureHold) -> Decision | Rejection:
    purse = happening.participant[PURSE]
    captured = holds.capture(purse, command)
    if isinstance(captured, Rejection):
        return captured
    entry = happening.happen(captured, happening.now)
    rest = holds.released_rest(purse, command.hold_id, purse.holds[command.hold_id])
    if rest.amount:
        happening.happen(rest, happening.now, entry.id)
        expire(happening, entry.id)
    answer = HoldCapturedAnswer(
        transaction_id=entry.id,
        hold_id=command.hold_id,
        participant_id=command.participant_id,
        amount=captured.amount,
        released_amount=rest.amount,
        new_balance=balance(happening),
    )
    return followed(happening, answer)


def release(happening: Happening, command: ReleaseHold) -> Decision | Rejection:
    released = holds.release(happening.participant[PURSE], command)
    if isinstance(released, Rejection):
        return released
    expire(happening, happening.happen(released, happening.now).id)
    answer = HoldReleasedAnswer(
        hold_id=command.hold_id,
        participant_id=command.participant_id,
        amount=released.amount,
        new_balance=balance(happening),
    )
    return followed(happening, answer)


def settle(happening: Happening, command: SettleExpiries) -> Decision | Rejection:
    expire(happening, most=command.most)
    return followed(happening, SettledAnswer())


def _rise(happening: Happening) -> AnyRise | None:
    """The rise that the award caused, if any."""
    rise: AnyRise | None = None
    for effect in happening.game.effects:
        if effect.is_rise and len(happening.entries) > 1:
            brought = brought_by(happening.definitions, happening.entries[1:])
            rise = effect.collect(happening.definitions, happening.participant, brought) or rise
    return rise
