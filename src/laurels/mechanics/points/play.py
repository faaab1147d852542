"""The part of points in the game: commands, facts, actions, variables and measures."""

from collections.abc import Callable

from laurels.kernel.cel.types import NUMBER, TEXT
from laurels.kernel.deciding.acting import NO_AMOUNT, accepted, amount
from laurels.kernel.deciding.effects import Brought
from laurels.kernel.deciding.happening import Act, Happening
from laurels.kernel.deciding.listing import acts, decides, explains, folds, reads, shows
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.measures import FactVariable, Measure, Original, Scope, adds
from laurels.kernel.needs import Needs
from laurels.kernel.participant import Participant
from laurels.kernel.play import Play
from laurels.mechanics.points.deciding import decisions, earnings, needs
from laurels.mechanics.points.deciding.awarding import award, expire_outlived, find_next_expiry
from laurels.mechanics.points.deciding.feed import FEED
from laurels.mechanics.points.deciding.responses import PointsEffect, points_effect
from laurels.mechanics.points.explain import show_awarded, show_lots
from laurels.mechanics.points.purse import endings, holds, lots, rules
from laurels.mechanics.points.purse.commands import (
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
    GivePoints,
    HoldCaptured,
    HoldReleased,
    Moves,
    MultiplierEnded,
    PointsAwarded,
    PointsDeducted,
    PointsExpired,
    PointsFact,
    PointsHeld,
    TakePoints,
)
from laurels.mechanics.points.replay import REPLAY, SETTLEMENT, WHAT_IF_HOOKS

CHANGED = frozenset({"participant.balance", "participant.total_earned", "participant.total_spent"})
"""The variables that change with points."""


def fold_moved(participant: Participant, entry: Entry, fact: PointsFact) -> None:
    """Changes the purse by a fact that moves points. Afterwards, unless the fact added points, the caller has to find
    the next expiry again."""
    purse = participant[PURSE]
    new_lots = lots.new_among(purse.lots, fact.lots)
    rules.fold(purse, fact, entry.occurred_at)
    if fact.moves.balance > 0:
        for expires_at in new_lots:
            endings.expect(purse, expires_at, endings.LOT)


def _fold_awarded(participant: Participant, entry: Entry, fact: PointsAwarded) -> None:
    fold_moved(participant, entry, fact)
    earnings.fold_credited(participant.limit_uses, fact.cap_windows, fact.amount)
    # An award can only bring the next expiry forward, so lots need not be loaded.
    for lot in fact.lots:
        if participant.next_expiry_at is None or lot.expires_at < participant.next_expiry_at:
            participant.next_expiry_at = lot.expires_at


def _fold_moved_only(participant: Participant, entry: Entry, fact: PointsFact) -> None:
    fold_moved(participant, entry, fact)
    find_next_expiry(participant)


def _fold_held(participant: Participant, entry: Entry, fact: PointsHeld) -> None:
    fold_moved(participant, entry, fact)
    purse = participant[PURSE]
    purse.open_holds += 1
    purse.other_lots += len(fact.lots)
    holds.fold_held(purse.holds, entry.id, fact)
    endings.expect(purse, fact.expires_at, endings.HOLD, entry.id)
    find_next_expiry(participant)


def _fold_captured(participant: Participant, entry: Entry, fact: HoldCaptured) -> None:
    fold_moved(participant, entry, fact)
    holds.count_closed(participant[PURSE], fact.hold_id)
    holds.fold_captured(participant[PURSE].holds, fact)
    find_next_expiry(participant)


def _fold_released(participant: Participant, entry: Entry, fact: HoldReleased) -> None:
    fold_moved(participant, entry, fact)
    holds.count_closed(participant[PURSE], fact.hold_id)
    holds.fold_released(participant[PURSE].holds, fact)
    find_next_expiry(participant)


def _fold_reversed(participant: Participant, entry: Entry, fact: AwardReversed | DeductReversed) -> None:
    fold_moved(participant, entry, fact)
    rules.fold_reversed(participant[PURSE].reversible, fact)
    find_next_expiry(participant)


def _fold_multiplier_ended(participant: Participant, _: Entry, fact: MultiplierEnded) -> None:
    end_multiplier(participant, fact.claim_id)
    find_next_expiry(participant)


def end_multiplier(participant: Participant, claim_id: str) -> None:
    purse = participant[PURSE]
    purse.multipliers = [multiplier for multiplier in purse.multipliers if multiplier.claim_id != claim_id]


def _give(happening: Happening, action: GivePoints, act: Act) -> str | None:
    number = amount(happening, action.amount)
    if not number:
        return NO_AMOUNT
    who = happening.participant
    command = AwardPoints(
        project_id=who.project_id,
        participant_id=who.participant_id,
        amount=number,
        reason=action.reason or act.reason,
        expires_in_days=action.expires_in_days,
    )
    accepted(award(happening, command, act.at, act.cause_id, act.definition_id))
    return None


def _take(happening: Happening, action: TakePoints, act: Act) -> str | None:
    number = amount(happening, action.amount)
    if not number:
        return NO_AMOUNT
    who = happening.participant
    command = DeductPoints(
        project_id=who.project_id,
        participant_id=who.participant_id,
        amount=number,
        reason=action.reason or act.reason,
    )
    deducted = accepted(rules.deduct(who[PURSE], command))
    happening.happen(deducted, act.at, act.cause_id, act.definition_id)
    return None


def _effects(_: Definitions, __: Participant, brought: Brought) -> list[PointsEffect]:
    return [
        points_effect(entry, entry.fact, due_to)
        for entry, due_to in brought
        if isinstance(entry.fact, (PointsAwarded, PointsDeducted))
    ]


def _earned(fact: PointsFact, _: Scope) -> int | None:
    return fact.moves.total_earned * fact.amount or None


def _moved(fact: PointsFact, _: Scope) -> int | None:
    return fact.moves.balance * fact.amount or None


def _reversed_id(fact: PointsFact) -> str | None:
    return fact.transaction_id if isinstance(fact, AwardReversed | DeductReversed) else None


def _original(who: Participant, fact: PointsFact) -> Original | None:
    fact_id = _reversed_id(fact)
    found = who[PURSE].reversible.get(fact_id) if fact_id is not None else None
    if found is None or fact_id is None:
        return None
    return Original(Entry(fact_id, 0, found.fact, found.occurred_at), found.reversed >= found.fact.amount)


def _cause(definitions: Definitions, entry: Entry) -> str:
    """The code of the rule or challenge that caused a fact; empty for none."""
    cause = definitions.find(entry.fact.due_to) if entry.fact.due_to else None
    return cause.code if cause else ""


def _amount(_: Definitions, entry: Entry) -> int:
    return entry.fact.amount if isinstance(entry.fact, PointsFact) else 0


def _reason(_: Definitions, entry: Entry) -> str:
    return (entry.fact.reason or "") if isinstance(entry.fact, PointsFact) else ""


def _measure(name: str, number: Callable[[PointsFact, Scope], int | None], counts: Callable[[Moves], int]) -> Measure:
    return Measure(
        name=name,
        additions=(
            adds(
                PointsFact,
                number,
                counts=lambda kind: counts(kind.moves) != 0,
                takes_back=_reversed_id,
                original=_original,
            ),
        ),
        judged_by="points",
    )


_COUNTED = Needs({needs.LOT_COUNT: True})

PLAY = Play(
    slices=(PURSE,),
    commands=(
        decides(
            AwardPoints,
            decisions.award,
            needs=needs.of_awards,
            particular=needs.of_an_award,
            can_cause=(PointsAwarded,),
        ),
        decides(DeductPoints, decisions.deduct, needs=needs.AMOUNT_OF_LOTS, can_cause=(PointsDeducted,)),
        decides(
            ReversePoints,
            decisions.reverse,
            needs=needs.LOTS_OF_REVERSAL,
            particular=needs.of_a_reversal,
            can_cause=(AwardReversed, DeductReversed, PointsExpired),
            creates=False,
        ),
        decides(HoldPoints, decisions.hold, needs=needs.AMOUNT_OF_LOTS.with_all_of(_COUNTED), can_cause=(PointsHeld,)),
        decides(
            CaptureHold,
            decisions.capture,
            needs=needs.LOTS_OF_HOLD,
            particular=needs.of_a_hold,
            can_cause=(HoldCaptured, HoldReleased, PointsExpired),
            creates=False,
        ),
        decides(
            ReleaseHold,
            decisions.release,
            needs=needs.LOTS_OF_HOLD,
            particular=needs.of_a_hold,
            can_cause=(HoldReleased, PointsExpired),
            creates=False,
        ),
        decides(
            SettleExpiries,
            decisions.settle,
            needs=needs.ANY_LOTS,
            can_cause=(PointsExpired, HoldReleased, MultiplierEnded),
            creates=False,
        ),
    ),
    facts=(
        folds(PointsAwarded, _fold_awarded, changes=CHANGED),
        folds(PointsDeducted, _fold_moved_only, changes=CHANGED),
        folds(PointsExpired, _fold_moved_only, changes=CHANGED),
        folds(PointsHeld, _fold_held, changes=CHANGED),
        folds(HoldCaptured, _fold_captured, changes=CHANGED),
        folds(HoldReleased, _fold_released, changes=CHANGED),
        folds(AwardReversed, _fold_reversed, changes=CHANGED),
        folds(DeductReversed, _fold_reversed, changes=CHANGED),
        folds(MultiplierEnded, _fold_multiplier_ended),
    ),
    at_end=(expire_outlived,),
    actions=(
        acts(
            GivePoints,
            _give,
            can_cause=(PointsAwarded,),
            needs=needs.of_giving,
            past_needs=needs.of_giving_in_the_past,
        ),
        acts(
            TakePoints,
            _take,
            can_cause=(PointsDeducted,),
            needs=needs.of_taking,
        ),
    ),
    variables=(
        reads(
            "participant.balance",
            NUMBER,
            lambda _, who, __: who[PURSE].balance,
            latest=lambda who: (who[PURSE].latest_earned_at, who[PURSE].latest_spent_at),
        ),
        reads(
            "participant.total_earned",
            NUMBER,
            lambda _, who, __: who[PURSE].total_earned,
            latest=lambda who: (who[PURSE].latest_earned_at,),
        ),
        reads(
            "participant.total_spent",
            NUMBER,
            lambda _, who, __: who[PURSE].total_spent,
            latest=lambda who: (who[PURSE].latest_spent_at,),
        ),
    ),
    measures=(
        _measure("points_earned", _earned, lambda moves: moves.total_earned),
        _measure("points_balance", _moved, lambda moves: moves.balance),
    ),
    fact_variables=(
        FactVariable(name="points.amount", type=NUMBER, fact=PointsFact, read=_amount),
        FactVariable(name="points.reason", type=TEXT, fact=PointsFact, read=_reason),
        FactVariable(name="points.rule", type=TEXT, fact=PointsFact, read=_cause),
    ),
    effects=(
        shows(
            "points",
            list[PointsEffect],
            _effects,
            facts=(PointsAwarded, PointsDeducted),
            description="The points awarded and deducted.",
        ),
    ),
    showing=(explains(PointsFact, show_lots), explains(PointsAwarded, show_awarded)),
    settlement=SETTLEMENT,
    replay=REPLAY,
    what_if_hooks=WHAT_IF_HOOKS,
    feed=FEED,
)
