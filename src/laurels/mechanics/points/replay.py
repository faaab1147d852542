"""Points in a what-if: the commands behind facts, and the counts."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from laurels.kernel.commands import Command
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry, Fact
from laurels.kernel.participant import Participant
from laurels.kernel.play import FactReplay, Settlement, WhatIfHooks
from laurels.kernel.tally import Side
from laurels.kernel.what_if.reconstruction import Memory, PastFact, Reconstruction
from laurels.mechanics.points.purse import endings
from laurels.mechanics.points.purse.commands import (
    EXPIRED_AT_ONCE,
    AwardPoints,
    CaptureHold,
    DeductPoints,
    HoldPoints,
    ReleaseHold,
    ReversePoints,
    SettleExpiries,
)
from laurels.mechanics.points.purse.model import (
    PURSE,
    AwardReversed,
    DeductReversed,
    HoldCaptured,
    HoldReleased,
    MultiplierEnded,
    PointsAwarded,
    PointsDeducted,
    PointsExpired,
    PointsFact,
    PointsHeld,
    ReversibleTransaction,
)

_REVERSED = "the transactions that later facts reverse"
_LEFT = "the points that are left to reverse, by transaction"


def _prepare(_: Definitions, __: Participant, facts: Sequence[Entry], memory: Memory) -> None:
    reversals = [entry.fact for entry in facts if isinstance(entry.fact, (AwardReversed, DeductReversed))]
    memory[_REVERSED] = {fact.transaction_id for fact in reversals}
    memory[_LEFT] = {}


def _after_live_fact(memory: Memory, entry: Entry) -> None:
    fact, left = entry.fact, memory[_LEFT]
    if entry.id in memory[_REVERSED] and isinstance(fact, PointsFact):
        left[entry.id] = fact.amount
    if isinstance(fact, (AwardReversed, DeductReversed)) and fact.transaction_id in left:
        left[fact.transaction_id] -= fact.amount


def _after_draft_fact(memory: Memory, participant: Participant, entry: Entry) -> None:
    if entry.id in memory[_REVERSED] and isinstance(entry.fact, PointsFact):
        participant[PURSE].reversible[entry.id] = ReversibleTransaction(entry.fact, entry.occurred_at)


def _after_replacements(memory: Memory, replacements: Mapping[str, str]) -> None:
    memory[_REVERSED] |= {new for old, new in replacements.items() if old in memory[_REVERSED]}


WHAT_IF_HOOKS = WhatIfHooks(
    prepare=_prepare,
    after_live_fact=_after_live_fact,
    after_draft_fact=_after_draft_fact,
    after_replacements=_after_replacements,
)


def _reconstruct(reconstruction: Reconstruction, command_facts: Sequence[PastFact]) -> Command | None:
    entry, fields = command_facts[0].entry, reconstruction.participant_fields
    match entry.fact:
        case PointsAwarded() as fact:
            amount = fact.amount if fact.base_amount is None else fact.base_amount
            lot = fact.lots[0].expires_at if fact.lots else None
            expires_at = fact.requested_expires_at or lot or fact.expires_at
            return AwardPoints(
                amount=amount, reason=fact.reason, occurred_at=entry.occurred_at, expires_at=expires_at, **fields
            )
        case PointsDeducted(amount=amount, reason=reason):
            return DeductPoints(amount=amount, reason=reason, occurred_at=entry.occurred_at, **fields)
        case PointsHeld(amount=amount, expires_at=ends_at):
            return HoldPoints(amount=amount, expires_at=ends_at, **fields)
        case HoldCaptured(amount=amount, hold_id=name):
            return CaptureHold(hold_id=name, amount=amount, **fields)
        case HoldReleased(hold_id=name, has_expired=False):
            return ReleaseHold(hold_id=name, **fields)
        case AwardReversed(amount=amount, transaction_id=name) | DeductReversed(amount=amount, transaction_id=name):
            all_that_is_left = amount == reconstruction.memory[_LEFT].get(name)
            return ReversePoints(
                transaction_id=reconstruction.current_id(name), amount=None if all_that_is_left else amount, **fields
            )
    return None


def _count_awarded(side: Side, fact: PointsAwarded) -> None:
    side.points_awarded += fact.amount
    for cap_id in fact.capped_by:
        side.of(cap_id).limited += 1
    if fact.due_to is not None:
        side.of(fact.due_to).points_awarded += fact.amount


def _count_deducted(side: Side, fact: PointsDeducted | HoldCaptured) -> None:
    side.points_deducted += fact.amount
    if fact.due_to is not None:
        side.of(fact.due_to).points_deducted += fact.amount


REPLAY = (
    FactReplay(fact=PointsAwarded, reconstruct=_reconstruct, count=_count_awarded),
    FactReplay(fact=PointsDeducted, reconstruct=_reconstruct, count=_count_deducted),
    FactReplay(fact=HoldCaptured, reconstruct=_reconstruct, count=_count_deducted),
    *(
        FactReplay(fact=fact, reconstruct=_reconstruct)
        for fact in (PointsHeld, HoldReleased, AwardReversed, DeductReversed)
    ),
)


def _settle(participant: Participant, most: int | None) -> SettleExpiries:
    return SettleExpiries(
        project_id=participant.project_id,
        participant_id=participant.participant_id,
        most=EXPIRED_AT_ONCE if most is None else most,
    )


def _due(participant: Participant, now: datetime) -> int:
    return endings.due(participant[PURSE], now)


def _is_end(fact: Fact) -> bool:
    return isinstance(fact, (PointsExpired, MultiplierEnded)) or (isinstance(fact, HoldReleased) and fact.has_expired)


SETTLEMENT = Settlement(settle=_settle, due=_due, is_end=_is_end, max_ends=EXPIRED_AT_ONCE)
