"""The play of tiers."""

from collections.abc import Container, Sequence

from msgspec.structs import replace

from laurels.kernel.cel.types import NUMBER, TEXT
from laurels.kernel.commands import Command
from laurels.kernel.deciding import variables
from laurels.kernel.deciding.acting import NOTHING_NEW, accepted
from laurels.kernel.deciding.decision import Decision, followed
from laurels.kernel.deciding.effects import Brought
from laurels.kernel.deciding.happening import Act, Happening
from laurels.kernel.deciding.listing import acts, decides, folds, follows_at_once, judges, reads, shows
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry, Fact
from laurels.kernel.participant import Participant
from laurels.kernel.play import FactReplay, Play, TrackedStatus
from laurels.kernel.rejections import Rejection
from laurels.kernel.tally import Side
from laurels.kernel.what_if.reconstruction import PastFact, Reconstruction, reconstruct_rejudging
from laurels.mechanics.points.purse.model import PURSE, PointsAwarded
from laurels.mechanics.tiers import rules
from laurels.mechanics.tiers.feed import FEED
from laurels.mechanics.tiers.model import (
    TIER,
    AssignTier,
    PutInTier,
    Tier,
    TierAssigned,
    TierAssignedAnswer,
    TierReached,
    TierStanding,
    TierUpgrade,
)

CHANGED = frozenset({"participant.tier", "participant.tier_level"})
"""The variables that tiers change."""


def assign(happening: Happening, command: AssignTier) -> Decision | Rejection:
    participant, definitions = happening.participant, happening.definitions
    assigned = rules.assign(definitions, participant[PURSE], participant[TIER], command)
    if isinstance(assigned, Rejection):
        return assigned
    happening.happen(assigned, happening.now)
    tiers = definitions[Tier].by_id
    tier = tiers[assigned.tier_id]
    previous = tiers[assigned.previous_tier_id] if assigned.previous_tier_id else None
    answer = TierAssignedAnswer(
        participant_id=command.participant_id,
        tier_code=tier.code,
        tier_name=tier.name,
        level=tier.level,
        previous_code=previous.code if previous else None,
        previous_level=previous.level if previous else None,
        assigned_at=happening.now,
    )
    return followed(happening, answer)


def _rise(happening: Happening, award: Entry, due_to: str | None) -> None:
    """Lifts the participant into the tiers that an award reaches."""
    purse, standing = happening.participant[PURSE], happening.participant[TIER]
    reached_at = rules.reached_at(purse, standing, award.occurred_at)
    for rise in rules.reached(happening.definitions, standing, purse.total_earned, purse.balance):
        happening.happen(rise, reached_at, award.id, due_to)


def _judge_again(happening: Happening, definition_ids: Container[str]) -> None:
    purse, standing = happening.participant[PURSE], happening.participant[TIER]
    rises = rules.reached(happening.definitions, standing, purse.total_earned, purse.balance, among=definition_ids)
    for rise in rises:
        happening.happen(replace(rise, silent=rise.silent or happening.is_silent), happening.now)


def _put(happening: Happening, action: PutInTier, act: Act) -> str | None:
    participant, definitions = happening.participant, happening.definitions
    current = participant[TIER]
    if current is not None and definitions[Tier].by_id[current.tier_id].code == action.tier_code:
        return NOTHING_NEW
    command = AssignTier(
        project_id=participant.project_id, participant_id=participant.participant_id, tier_code=action.tier_code
    )
    assigned = accepted(rules.assign(definitions, participant[PURSE], current, command))
    reached_at = variables.reached_at(happening.game, participant, act.reads, act.at, happening.now)
    happening.happen(assigned, rules.not_before_current(current, reached_at), act.cause_id, act.definition_id)
    return None


def _fold_reached(participant: Participant, entry: Entry, fact: TierReached) -> None:
    participant[TIER] = TierStanding(fact.tier_id, entry.occurred_at)


def _fold_assigned(participant: Participant, entry: Entry, fact: TierAssigned) -> None:
    participant[TIER] = rules.after_assignment(participant[TIER], fact, entry.occurred_at)


def _code(definitions: Definitions, participant: Participant) -> str:
    standing = participant[TIER]
    return definitions[Tier].by_id[standing.tier_id].code if standing else ""


def _level(definitions: Definitions, participant: Participant) -> int:
    standing = participant[TIER]
    return definitions[Tier].by_id[standing.tier_id].level if standing else 0


def _upgrade(definitions: Definitions, _: Participant, brought: Brought) -> TierUpgrade | None:
    """The last rise of a command."""
    last = None
    for entry, _due_to in brought:
        if isinstance(entry.fact, (TierReached, TierAssigned)):
            last = _upgrade_by(definitions, entry.fact) or last
    return last


def _upgrade_by(definitions: Definitions, fact: TierReached | TierAssigned) -> TierUpgrade | None:
    """The rise by this fact; None for the entry tier, which applications do not announce, and if there is no rise."""
    tier = definitions[Tier].by_id[fact.tier_id]
    previous = definitions[Tier].by_id[fact.previous_tier_id] if fact.previous_tier_id else None
    is_silent = isinstance(fact, TierReached) and fact.silent
    if is_silent or (previous is not None and previous.level >= tier.level):
        return None
    return TierUpgrade(
        code=tier.code,
        name=tier.name,
        level=tier.level,
        previous_code=previous.code if previous else None,
        previous_level=previous.level if previous else None,
    )


def _reconstruct_assignment(reconstruction: Reconstruction, command_facts: Sequence[PastFact]) -> Command | None:
    fact = command_facts[0].entry.fact
    return (
        AssignTier(tier_code=fact.tier_code, **reconstruction.participant_fields)
        if isinstance(fact, TierAssigned)
        else None
    )


def _count(side: Side, fact: TierReached | TierAssigned) -> None:
    side.of(fact.tier_id).fired += 1


def _tier_after(fact: Fact) -> str | None:
    return fact.tier_id if isinstance(fact, (TierReached, TierAssigned)) else None


def _tier_of(participant: Participant) -> str | None:
    standing = participant[TIER]
    return standing.tier_id if standing else None


def _judged_id(fact: TierReached) -> str:
    return fact.tier_id


PLAY = Play(
    slices=(TIER,),
    commands=(decides(AssignTier, assign, can_cause=(TierAssigned,)),),
    facts=(folds(TierReached, _fold_reached, changes=CHANGED), folds(TierAssigned, _fold_assigned, changes=CHANGED)),
    at_once=(follows_at_once(PointsAwarded, _rise, can_cause=(TierReached,)),),
    judging=(judges(_judge_again, can_cause=(TierReached,)),),
    actions=(acts(PutInTier, _put, can_cause=(TierAssigned,)),),
    variables=(
        reads(
            "participant.tier",
            TEXT,
            lambda definitions, participant, _: _code(definitions, participant),
            latest=lambda participant: (standing.since if (standing := participant[TIER]) else None,),
        ),
        reads(
            "participant.tier_level",
            NUMBER,
            lambda definitions, participant, _: _level(definitions, participant),
            latest=lambda participant: (standing.since if (standing := participant[TIER]) else None,),
        ),
    ),
    effects=(
        shows(
            "tier_upgrade",
            TierUpgrade | None,
            _upgrade,
            facts=(TierReached, TierAssigned),
            is_rise=True,
            description="The highest tier reached; null for none.",
        ),
    ),
    replay=(
        FactReplay(fact=TierReached, reconstruct=reconstruct_rejudging, count=_count, judged_id=_judged_id),
        FactReplay(fact=TierAssigned, reconstruct=_reconstruct_assignment, count=_count),
    ),
    tracked_status=TrackedStatus(after=_tier_after, of=_tier_of),
    feed=FEED,
)
