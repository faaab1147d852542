"""What rules and challenges do: the actions of one definition take effect as a whole or not at all."""

import re
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from laurels.kernel import actions, expressions, readings
from laurels.kernel.actions import (
    AMOUNT_LIMIT,
    AdvanceChallenge,
    AnyAction,
    ContinueStreak,
    GiveBadge,
    GivePoints,
    GrantReward,
    PutInTier,
    TakePoints,
)
from laurels.kernel.commands import Command
from laurels.kernel.expressions import EvaluationError
from laurels.kernel.facts import Fact
from laurels.kernel.happening import Act, Happening
from laurels.kernel.rejections import AmountOutOfRange, DefinitionInactive, DefinitionNotFound, Rejection
from laurels.kernel.snapshot import Snapshot
from laurels.mechanics.badges import rules as badges
from laurels.mechanics.badges.model import AwardBadge, BadgeEarned
from laurels.mechanics.challenges import rules as challenges
from laurels.mechanics.challenges.advancing import advance, taking_of
from laurels.mechanics.challenges.model import Challenge
from laurels.mechanics.points import rules as points
from laurels.mechanics.points.commands import AwardPoints, DeductPoints
from laurels.mechanics.rewards import rules as rewards
from laurels.mechanics.rewards.model import RewardClaimed
from laurels.mechanics.streaks import rules as streaks
from laurels.mechanics.streaks.model import RecordStreak
from laurels.mechanics.tiers import rules as tiers
from laurels.mechanics.tiers.model import AssignTier, Tier, TierAssigned

_NO_AMOUNT = "the amount was 0"

_Accepted = TypeVar("_Accepted")
_Command = TypeVar("_Command", bound=Command)


class _RefusedError(Exception):
    """An action that the rules of the game refuse."""


class _InactiveError(_RefusedError):
    """An action on something that is not active, and that others of its list can do without."""


class _Mark(Struct, frozen=True):
    """Where the cascade stood before actions that may be refused."""

    state: Snapshot
    entries: int
    due: int
    outcomes: int


class Done(Struct, frozen=True):
    """What became of an act: why it failed, or which of its actions changed nothing."""

    failure: str | None
    idle: str | None = None


def attempt(happening: Happening, act: Act) -> Done:
    """Does all of the actions, or none (rule 4)."""
    # One action alone is refused before it does anything.
    before = _marked(happening) if len(act.actions) > 1 else None
    is_paid = any(isinstance(action, TakePoints) for action in act.actions)
    idle: list[str] = []
    inactive: list[str] = []
    for action in actions.in_order(act.actions):
        name = type(action).__struct_config__.tag
        try:
            nothing = _do(happening, action, act)
        except (EvaluationError, _RefusedError) as error:
            if is_paid or not isinstance(error, _InactiveError):
                if before is not None:
                    _back_to(happening, before)
                return Done(f"{name}: {error}")
            nothing = str(error)
            inactive.append(f"{name}: {error}")
        if nothing is not None:
            idle.append(f"{name} changed nothing ({nothing})")
    if act.actions and len(inactive) == len(act.actions):
        return Done("; ".join(inactive))
    return Done(None, "; ".join(idle) or None)


def _marked(happening: Happening) -> _Mark:
    return _Mark(
        Snapshot.of(happening.participant), len(happening.entries), len(happening.due), len(happening.outcomes)
    )


def _back_to(happening: Happening, mark: _Mark) -> None:
    mark.state.restore(happening.participant)
    del happening.entries[mark.entries :]
    del happening.due[mark.due :]
    del happening.outcomes[mark.outcomes :]


def _do(happening: Happening, action: AnyAction, act: Act) -> str | None:
    """Why it changed nothing, if so."""
    match action:
        case GivePoints():
            amount = _amount(happening, action.amount)
            if not amount:
                return _NO_AMOUNT
            command = _command(
                happening,
                AwardPoints,
                amount=amount,
                reason=action.reason or act.reason,
                expires_in_days=action.expires_in_days,
            )
            _accepted(happening.award(command, act.at, act.cause_id, act.definition_id))
        case AdvanceChallenge():
            return _advance_by(happening, action, act)
        case _:
            fact = _accepted(_fact_of(happening, action, act))
            if fact is None:
                return _NO_AMOUNT if isinstance(action, TakePoints) else "it was so already"
            happening.happen(fact, _time_of(happening, fact, act), act.cause_id, act.definition_id)
    return None


def _time_of(happening: Happening, fact: Fact, act: Act) -> datetime:
    """Of what an action brings."""
    match fact:
        case RewardClaimed():
            return happening.now  # What a reward gives begins when it is given.
        case BadgeEarned():
            return readings.reached_at(happening.participant, act.reads, act.at, happening.now)
        case TierAssigned():
            reached_at = readings.reached_at(happening.participant, act.reads, act.at, happening.now)
            return tiers.not_before_present(happening.participant.account, reached_at)
        case _:
            return act.at


def _fact_of(
    happening: Happening, action: TakePoints | PutInTier | ContinueStreak | GiveBadge | GrantReward, act: Act
) -> Fact | Rejection | None:
    """The one fact that an action brings; None if it changes nothing."""
    definitions, participant = happening.definitions, happening.participant
    match action:
        case TakePoints():
            amount = _amount(happening, action.amount)
            deduct = _command(happening, DeductPoints, amount=amount, reason=action.reason or act.reason)
            return points.deduct(participant.account, participant.lots, deduct) if amount else None
        case PutInTier():
            present = participant.account.tier
            if present is not None and definitions[Tier].by_id[present.tier_id].code == action.tier_code:
                return None
            assign = _command(happening, AssignTier, tier_code=action.tier_code)
            return tiers.assign(definitions, participant.account, assign)
        case ContinueStreak():
            record = _command(happening, RecordStreak, streak_code=action.streak_code)
            zone = participant.zone or definitions.calendar.zone
            recorded = streaks.record(definitions, participant.streaks, record, act.at, zone)
            return recorded if isinstance(recorded, Rejection) else recorded[0]
        case GiveBadge():
            award = _command(happening, AwardBadge, badge_code=action.badge_code)
            awarded = badges.award(definitions, participant.badges, award)
            return awarded if isinstance(awarded, Rejection) else awarded[1]
        case GrantReward():
            return rewards.claim(definitions, participant, action.reward_code, happening.now, deducts_points=False)


def _command(happening: Happening, kind: type[_Command], **fields: Any) -> _Command:
    """What the participant's application could have asked for ithappening."""
    who = happening.participant
    return kind(project_id=who.project_id, participant_id=who.participant_id, **fields)


def _advance_by(happening: Happening, action: AdvanceChallenge, act: Act) -> str | None:
    challenge = happening.definitions[Challenge].by_code.get(action.challenge_code)
    if challenge is None:
        raise _RefusedError(_sentence(DefinitionNotFound("challenge", action.challenge_code)))
    if not challenge.is_active:
        raise _InactiveError(_sentence(DefinitionInactive("challenge", action.challenge_code)))
    objective = challenges.objective_to_advance(challenge, action.objective_code)
    if objective is None:
        named = f": {action.objective_code}" if action.objective_code else ""
        raise _RefusedError(f"no such objective that counts or sums{named}")
    amount = _amount(happening, action.by)
    if amount == 0:
        return _NO_AMOUNT
    taking = taking_of(happening, challenge, act.at)
    gain = challenges.advance(challenge, taking.run, objective, amount) if taking else None
    if taking is None or gain is None:
        calendar, state = happening.definitions.calendar, happening.participant.challenges.get(challenge.id)
        zone = happening.participant.zone or calendar.zone
        why = challenges.why_nothing(challenge, state, objective, act.at, zone, calendar)
        return f"{challenge.code}: {why}"
    advance(happening, challenge, taking, [gain], act.at, act.cause_id, act.definition_id)
    return None


def _amount(happening: Happening, amount: int | str) -> int:
    if isinstance(amount, int):
        return amount
    computed = expressions.amount(amount).number(happening.values)
    if not 0 <= computed <= AMOUNT_LIMIT:
        raise _RefusedError(_sentence(AmountOutOfRange(computed, AMOUNT_LIMIT)))
    return computed


def _accepted(outcome: _Accepted | Rejection) -> _Accepted:
    if isinstance(outcome, DefinitionInactive) and outcome.kind != "reward":
        raise _InactiveError(_sentence(outcome))
    if isinstance(outcome, Rejection):
        raise _RefusedError(_sentence(outcome))
    return outcome


def _sentence(rejection: Rejection) -> str:
    """Such as "insufficient points: available 5, requested 10"."""
    match rejection:
        case DefinitionNotFound(kind=kind, code=code):
            return f"there was no {kind} {code}"
        case DefinitionInactive(kind=kind, code=code):
            return f"the {kind} {code} was not active"
    words = re.sub(r"(?<!^)([A-Z])", r" \1", type(rejection).__name__).lower()
    fields = ", ".join(f"{name} {value}" for name, value in msgspec.structs.asdict(rejection).items())
    return f"{words}: {fields}" if fields else words
