"""The play of badges: they are given by calls, by actions, and by criteria that become true."""

from collections.abc import Container, Sequence
from contextlib import suppress
from datetime import datetime

from laurels.kernel.cel.environment import EvaluationError
from laurels.kernel.cel.expressions import Expression
from laurels.kernel.cel.types import TEXTS
from laurels.kernel.commands import Command
from laurels.kernel.deciding import variables
from laurels.kernel.deciding.acting import NOTHING_NEW, accepted
from laurels.kernel.deciding.decision import Decision, followed
from laurels.kernel.deciding.effects import Brought
from laurels.kernel.deciding.happening import Act, Happening
from laurels.kernel.deciding.listing import acts, decides, ends_rounds, folds, judges, reads, shows
from laurels.kernel.definition import Definition, Definitions
from laurels.kernel.facts import Entry, Outcome
from laurels.kernel.needs import NOTHING, Need, Needs, either
from laurels.kernel.participant import Participant
from laurels.kernel.play import FactReplay, Play
from laurels.kernel.rejections import Rejection
from laurels.kernel.tally import Side
from laurels.kernel.what_if.reconstruction import PastFact, Reconstruction, reconstruct_rejudging
from laurels.mechanics.badges import rules
from laurels.mechanics.badges.feed import FEED
from laurels.mechanics.badges.model import (
    BADGES,
    AwardBadge,
    Badge,
    BadgeAwardedAnswer,
    BadgeEarned,
    BadgeEffect,
    BadgeRevoked,
    BadgeRevokedAnswer,
    GiveBadge,
    RevokeBadge,
)

CHANGED = frozenset({"participant.badges"})
"""The variable that badges change."""

EARNED = Need[bool]("badges", either)
_EARNED_BADGES = Needs({EARNED: True})
_JUDGED = "the number of entries for which badges were judged"


def award(happening: Happening, command: AwardBadge) -> Decision | Rejection:
    earned = happening.participant[BADGES]
    awarded = rules.award(happening.definitions, earned, command)
    if isinstance(awarded, Rejection):
        return awarded
    badge, fact = awarded
    if fact is not None:
        happening.happen(fact, happening.now)
    answer = BadgeAwardedAnswer(
        participant_id=command.participant_id,
        badge_code=badge.code,
        badge_name=badge.name,
        icon=badge.icon_url,
        rarity=badge.rarity,
        earned_at=earned[badge.id],
        already_earned=fact is None,
    )
    return followed(happening, answer)


def revoke(happening: Happening, command: RevokeBadge) -> Decision | Rejection:
    earned = happening.participant[BADGES]
    revoked = rules.revoke(happening.definitions, earned, command)
    if isinstance(revoked, Rejection):
        return revoked
    earned_at = earned[revoked.badge_id]
    happening.happen(revoked, happening.now)
    answer = BadgeRevokedAnswer(
        participant_id=command.participant_id,
        badge_code=revoked.badge_code,
        badge_name=happening.definitions[Badge].by_id[revoked.badge_id].name,
        earned_at=earned_at,
        revoked_at=happening.now,
    )
    return followed(happening, answer)


def criteria(definitions: Definitions) -> list[tuple[Badge, Expression]]:
    """The active badges with criteria, and their expressions, in display order."""
    cached: list[tuple[Badge, Expression]] | None = definitions.memory.get(criteria)
    if cached is None:
        badges = [b for b in definitions[Badge].by_code.values() if b.is_active and b.criteria is not None]
        badges.sort(key=lambda badge: (badge.display_order, badge.code))
        criterion = definitions.game.expressions.criterion
        cached = [(badge, criterion(badge.criteria or "")) for badge in badges]
        definitions.memory[criteria] = cached
    return cached


def _earn(happening: Happening) -> None:
    """Judges the badges whose criteria read a changed variable. Each badge is earned once, so this ends."""
    judged = criteria(happening.definitions)
    if not judged:
        return
    game, participant = happening.game, happening.participant
    # The changes by a revocation do not give the same badge back at once.
    revoked_ids = {entry.fact.badge_id for entry in happening.entries if isinstance(entry.fact, BadgeRevoked)}
    while (begin := happening.memory.get(_JUDGED, 0)) < len(happening.entries):
        fresh = happening.entries[begin:]
        happening.memory[_JUDGED] = len(happening.entries)
        changed = variables.changed(game, fresh)
        for badge, expression in judged:
            if badge.id in participant[BADGES] or badge.id in revoked_ids or not expression.reads & changed:
                continue
            at = max(entry.occurred_at for entry in fresh if expression.reads & variables.changed(game, [entry]))
            reached_at = variables.reached_at(game, participant, expression.reads, at, happening.now)
            try:
                _earn_if(happening, badge, expression, reached_at, fresh[-1].id)
            except EvaluationError as error:
                happening.outcomes.append(Outcome(badge.id, "failed", f"criteria: {error}"))


def _earn_if(
    happening: Happening, badge: Badge, expression: Expression, at: datetime, cause_id: str | None = None
) -> None:
    """Gives the badge if the expression is true. Raises EvaluationError."""
    values = variables.current_values(happening.definitions, happening.participant, happening.now, expression.reads)
    if expression.holds(values):
        happening.happen(rules.earned_by_criteria(badge, silent=happening.is_silent), at, cause_id)


def _judge_again(happening: Happening, definition_ids: Container[str]) -> None:
    """Gives the badges whose criteria are already true. Criteria that cannot be evaluated are not noted: in most cases
    no fact could keep the note, and a simulation, which derives the judged badges from facts, could not repeat it."""
    for badge, expression in criteria(happening.definitions):
        if badge.id in definition_ids and badge.id not in happening.participant[BADGES]:
            with suppress(EvaluationError):
                _earn_if(happening, badge, expression, happening.now)


def _give(happening: Happening, action: GiveBadge, act: Act) -> str | None:
    participant = happening.participant
    command = AwardBadge(
        project_id=participant.project_id, participant_id=participant.participant_id, badge_code=action.badge_code
    )
    _, fact = accepted(rules.award(happening.definitions, participant[BADGES], command))
    if fact is None:
        return NOTHING_NEW
    reached_at = variables.reached_at(happening.game, participant, act.reads, act.at, happening.now)
    happening.happen(fact, reached_at, act.cause_id, act.definition_id)
    return None


def _needed_after(definitions: Definitions, changes: frozenset[str]) -> Needs:
    """The needs of the criteria that may become true after such changes; an earned badge may let others be earned."""
    needs, waiting = NOTHING, criteria(definitions)
    while affected := [each for each in waiting if each[1].reads & changes]:
        waiting = [each for each in waiting if each not in affected]
        changes |= CHANGED
        reads_ = CHANGED.union(*(expression.reads for _, expression in affected))
        needs = needs.with_all_of(variables.needed(definitions, reads_))
    return needs


def _needed_for_judging(definitions: Definitions, definition_ids: tuple[str, ...]) -> Needs:
    judged = [expression.reads for badge, expression in criteria(definitions) if badge.id in definition_ids]
    own = _EARNED_BADGES if judged else NOTHING
    return own.with_all_of(variables.needed(definitions, frozenset[str]().union(*judged)))


def _read_by_criteria(definitions: Definitions) -> frozenset[str]:
    return frozenset[str]().union(*(expression.reads for _, expression in criteria(definitions)))


def _needed_to_give(_: Definitions, __: list[GiveBadge], ___: list[Definition]) -> Needs:
    return _EARNED_BADGES


def _fold_earned(participant: Participant, entry: Entry, fact: BadgeEarned) -> None:
    rules.fold_earned(participant[BADGES], fact, entry.occurred_at)


def _fold_revoked(participant: Participant, _: Entry, fact: BadgeRevoked) -> None:
    rules.fold_revoked(participant[BADGES], fact)


def _codes(definitions: Definitions, participant: Participant) -> list[str]:
    """The codes of the earned badges, sorted, so that the order does not depend on loading."""
    badges = definitions[Badge].by_id
    return sorted(badges[badge].code for badge in participant[BADGES] if badge in badges)


def _effects(definitions: Definitions, _: Participant, brought: Brought) -> list[BadgeEffect]:
    earned = []
    for entry, due_to in brought:
        if isinstance(entry.fact, BadgeEarned):
            badge = definitions[Badge].by_id[entry.fact.badge_id]
            earned.append(
                BadgeEffect(
                    badge_code=badge.code,
                    badge_name=badge.name,
                    icon=badge.icon_url,
                    rarity=badge.rarity,
                    due_to=due_to,
                )
            )
    return earned


def _reconstruct_award(reconstruction: Reconstruction, command_facts: Sequence[PastFact]) -> Command | None:
    fact = command_facts[0].entry.fact
    if not isinstance(fact, BadgeEarned) or _is_judged(reconstruction, fact):
        return reconstruct_rejudging(reconstruction, command_facts)
    return AwardBadge(badge_code=fact.badge_code, **reconstruction.participant_fields)


def _is_judged(reconstruction: Reconstruction, fact: BadgeEarned) -> bool:
    """Whether the badge was earned by its criteria when the participant was judged again."""
    if fact.by_criteria is not None:
        return fact.by_criteria
    badge = reconstruction.draft[Badge].by_id.get(fact.badge_id)
    reconstruction.is_guessed |= not fact.silent and badge is not None and badge.criteria is not None
    return fact.silent


def _reconstruct_revocation(reconstruction: Reconstruction, command_facts: Sequence[PastFact]) -> Command | None:
    fact = command_facts[0].entry.fact
    return (
        RevokeBadge(badge_code=fact.badge_code, **reconstruction.participant_fields)
        if isinstance(fact, BadgeRevoked)
        else None
    )


def _count(side: Side, fact: BadgeEarned) -> None:
    side.of(fact.badge_id).fired += 1


def _judged_id(fact: BadgeEarned) -> str:
    return fact.badge_id


PLAY = Play(
    slices=(BADGES,),
    commands=(
        decides(AwardBadge, award, needs=_EARNED_BADGES, can_cause=(BadgeEarned,)),
        decides(RevokeBadge, revoke, needs=_EARNED_BADGES, can_cause=(BadgeRevoked,), creates=False),
    ),
    facts=(folds(BadgeEarned, _fold_earned, changes=CHANGED), folds(BadgeRevoked, _fold_revoked, changes=CHANGED)),
    round_ends=(ends_rounds(_earn, needs=_needed_after, reads=_read_by_criteria),),
    judging=(judges(_judge_again, needs=_needed_for_judging, can_cause=(BadgeEarned,)),),
    actions=(acts(GiveBadge, _give, can_cause=(BadgeEarned,), needs=_needed_to_give),),
    variables=(
        reads(
            "participant.badges",
            TEXTS,
            lambda definitions, participant, _: _codes(definitions, participant),
            needs=lambda _: _EARNED_BADGES,
            latest=lambda participant: participant[BADGES].values(),
        ),
    ),
    effects=(shows("badges", list[BadgeEffect], _effects, facts=(BadgeEarned,), description="The badges earned."),),
    replay=(
        FactReplay(fact=BadgeEarned, reconstruct=_reconstruct_award, count=_count, judged_id=_judged_id),
        FactReplay(fact=BadgeRevoked, reconstruct=_reconstruct_revocation),
    ),
    feed=FEED,
)
