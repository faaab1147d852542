"""The play of challenges, which events and actions advance."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial

from laurels.kernel.actions import Action
from laurels.kernel.cel.environment import EvaluationError
from laurels.kernel.cel.types import NUMBERS
from laurels.kernel.commands import Command
from laurels.kernel.deciding.acting import NO_AMOUNT, ActionInactiveError, ActionRefusedError, amount, sentence
from laurels.kernel.deciding.decision import Decision
from laurels.kernel.deciding.effects import Brought
from laurels.kernel.deciding.happening import Act, Happening
from laurels.kernel.deciding.listening import Listening
from laurels.kernel.deciding.listing import acts, decides, explains, folds, listens, reads, shows
from laurels.kernel.definition import Definition, Definitions
from laurels.kernel.facts import Entry, Outcome
from laurels.kernel.needs import NOTHING, ZONE, Need, Needs, union
from laurels.kernel.participant import Participant
from laurels.kernel.play import FactReplay, Play
from laurels.kernel.rejections import DefinitionInactive, DefinitionNotFound, Rejection
from laurels.kernel.tally import Side
from laurels.kernel.what_if.reconstruction import PastFact, Reconstruction
from laurels.mechanics.challenges import rules, runs
from laurels.mechanics.challenges.advancing import advance, taking_of
from laurels.mechanics.challenges.explain import show
from laurels.mechanics.challenges.feed import FEED
from laurels.mechanics.challenges.model import (
    CHALLENGES,
    AdvanceChallenge,
    Challenge,
    ChallengeAdvanced,
    ChallengeCompleted,
    ChallengeEffect,
    ChallengeFact,
    ChallengeJoined,
    ChallengeJoinedAnswer,
    ChallengeLeft,
    ChallengeLeftAnswer,
    JoinChallenge,
    LeaveChallenge,
    MilestoneReached,
    Objective,
)
from laurels.mechanics.events.model import EventRecorded

CHANGED = frozenset({"participant.completed_challenges"})
"""The variable that completions change."""

STATES = Need[frozenset[str]]("challenges", union)
"""The ids of the challenges whose states are needed."""


def join(happening: Happening, command: JoinChallenge) -> Decision | Rejection:
    definitions, states = happening.definitions, happening.participant[CHALLENGES]
    joined = runs.join(definitions, states, command, happening.now, happening.zone)
    if isinstance(joined, Rejection):
        return joined
    if joined is not None:
        happening.happen(joined, happening.now)
    challenge = definitions[Challenge].by_code[command.challenge_code]
    state = states[challenge.id]
    run = rules.summary(challenge, state, happening.now, happening.zone, definitions.calendar)
    answer = ChallengeJoinedAnswer(
        participant_id=command.participant_id,
        challenge_code=challenge.code,
        challenge_name=challenge.name,
        joined_at=state.joined_at,
        ends_at=run.ends_at,
        already_joined=joined is None,
    )
    return Decision(happening.entries, answer)


def leave(happening: Happening, command: LeaveChallenge) -> Decision | Rejection:
    states = happening.participant[CHALLENGES]
    left = runs.leave(happening.definitions, states, command, happening.now, happening.zone)
    if isinstance(left, Rejection):
        return left
    happening.happen(left, happening.now)
    answer = ChallengeLeftAnswer(
        participant_id=command.participant_id,
        challenge_code=left.challenge_code,
        challenge_name=happening.definitions[Challenge].by_id[left.challenge_id].name,
        left_at=happening.now,
    )
    return Decision(happening.entries, answer)


def _advance_listening(happening: Happening, event: Entry) -> None:
    fact = event.fact
    assert isinstance(fact, EventRecorded)  # noqa: S101
    for challenge in _listening_to(happening.definitions, fact.event_name):
        taking = taking_of(happening, challenge, event.occurred_at)
        if taking is None:
            continue
        gains = rules.gains(challenge, taking.run, fact, partial(_holds, happening, challenge))
        advance(happening, challenge, taking, gains, event.occurred_at, event.id)


def _holds(happening: Happening, challenge: Challenge, objective: Objective) -> bool:
    if objective.condition is None:
        return True
    try:
        return happening.game.expressions.condition(objective.condition).holds(happening.values)
    except EvaluationError as error:
        detail = f"condition of the objective {objective.code}: {error}"
        happening.outcomes.append(Outcome(challenge.id, "failed", detail))
        return False


def _advance_by(happening: Happening, action: AdvanceChallenge, act: Act) -> str | None:
    definitions = happening.definitions
    challenge = definitions[Challenge].by_code.get(action.challenge_code)
    if challenge is None:
        raise ActionRefusedError(sentence(DefinitionNotFound("challenge", action.challenge_code)))
    if not challenge.is_active:
        raise ActionInactiveError(sentence(DefinitionInactive("challenge", action.challenge_code)))
    objective = rules.objective_to_advance(challenge, action.objective_code)
    if objective is None:
        suffix = f": {action.objective_code}" if action.objective_code else ""
        raise ActionRefusedError(f"no such objective that counts or sums{suffix}")
    by = amount(happening, action.by)
    if by == 0:
        return NO_AMOUNT
    taking = taking_of(happening, challenge, act.at)
    gain = rules.advance(challenge, taking.run, objective, by) if taking else None
    if taking is None or gain is None:
        state = happening.participant[CHALLENGES].get(challenge.id)
        reason = rules.reason_for_no_gain(challenge, state, objective, act.at, happening.zone, definitions.calendar)
        return f"{challenge.code}: {reason}"
    advance(happening, challenge, taking, [gain], act.at, act.cause_id, act.definition_id)
    return None


def _listening_to(definitions: Definitions, event_name: str) -> list[Challenge]:
    key = (_listening_to, event_name)
    cached: list[Challenge] | None = definitions.memory.get(key)
    if cached is None:
        if event_name not in _names(definitions):
            return []
        cached = definitions.memory[key] = rules.listening(definitions, event_name)
    return cached


def _names(definitions: Definitions) -> frozenset[str]:
    cached: frozenset[str] | None = definitions.memory.get(_names)
    if cached is None:
        challenges = definitions[Challenge].by_id.values()
        names = frozenset(objective.event_name for each in challenges for objective in each.objectives)
        cached = definitions.memory[_names] = names
    return cached


def _listening(definitions: Definitions, event_name: str) -> Listening:
    listening = rules.listening(definitions, event_name)
    if not listening:
        return Listening()
    return Listening(
        definitions=[*listening],
        conditions=[o.condition for each in listening for o in each.objectives if o.condition is not None],
        actions=[action for challenge in listening for action in actions_of(challenge)],
        needs=_needs_of(listening),
        can_cause=(ChallengeCompleted,),
    )


def actions_of(challenge: Challenge) -> Iterator[Action]:
    yield from challenge.actions
    for milestone in challenge.milestones:
        yield from milestone.actions


def _needs_of(challenges: Iterable[Challenge]) -> Needs:
    challenges = list(challenges)
    return Needs(
        {
            STATES: frozenset(challenge.id for challenge in challenges),
            ZONE: any(challenge.period is not None for challenge in challenges),
        }
    )


def _advanced_by(definitions: Definitions, action: AdvanceChallenge) -> Iterator[Action]:
    challenge = definitions[Challenge].by_code.get(action.challenge_code)
    return actions_of(challenge) if challenge is not None else iter(())


def _unknown_objective(definitions: Definitions, action: AdvanceChallenge) -> tuple[str, str] | None:
    challenge = definitions[Challenge].by_code.get(action.challenge_code)
    if challenge is None or rules.objective_to_advance(challenge, action.objective_code) is not None:
        return None
    if action.objective_code is None:
        return "challenge_code", f"refers to a challenge without an objective that counts or sums: {challenge.code}"
    return "objective_code", f"must be an objective of the challenge that counts or sums, not {action.objective_code}"


def _needed_to_advance(definitions: Definitions, actions: list[AdvanceChallenge], _: list[Definition]) -> Needs:
    by_code = definitions[Challenge].by_code
    return _needs_of(by_code[action.challenge_code] for action in actions if action.challenge_code in by_code)


def _needed_by_command(definitions: Definitions, command: JoinChallenge | LeaveChallenge) -> Needs:
    challenge = definitions[Challenge].by_code.get(command.challenge_code)
    return NOTHING if challenge is None else _needs_of([challenge])


def _needs_of_all(definitions: Definitions) -> Needs:
    return Needs({STATES: frozenset(definitions[Challenge].by_id)})


def _fold(participant: Participant, entry: Entry, fact: ChallengeFact) -> None:
    runs.fold(participant[CHALLENGES], fact, entry.occurred_at)


def _latest(participant: Participant) -> list[datetime | None]:
    return [state.completed_at for state in participant[CHALLENGES].values()]


def _completions(definitions: Definitions, participant: Participant) -> dict[str, int]:
    states = participant[CHALLENGES]
    return rules.completions(definitions, states)


def _effects(definitions: Definitions, participant: Participant, brought: Brought) -> list[ChallengeEffect]:
    by_challenge: dict[str, list[ChallengeFact]] = {}
    for entry, _due_to in brought:
        if isinstance(entry.fact, (ChallengeJoined, ChallengeAdvanced, MilestoneReached, ChallengeCompleted)):
            by_challenge.setdefault(entry.fact.challenge_id, []).append(entry.fact)
    return [_effect(definitions, participant, name, facts) for name, facts in by_challenge.items()]


def _effect(
    definitions: Definitions, participant: Participant, challenge_id: str, facts: list[ChallengeFact]
) -> ChallengeEffect:
    challenge = definitions[Challenge].by_id[challenge_id]
    run = runs.run_of(participant[CHALLENGES][challenge_id], facts[-1].period)
    return ChallengeEffect(
        challenge_code=challenge.code,
        challenge_name=challenge.name,
        percent=rules.percent(challenge, run.progress),
        joined=any(isinstance(fact, ChallengeJoined) for fact in facts),
        completed=sum(isinstance(fact, ChallengeCompleted) for fact in facts),
        milestones=[fact.percent for fact in facts if isinstance(fact, MilestoneReached)],
    )


def _reconstruct_join(reconstruction: Reconstruction, command_facts: Sequence[PastFact]) -> Command | None:
    fact = command_facts[0].entry.fact
    return (
        JoinChallenge(challenge_code=fact.challenge_code, **reconstruction.participant_fields)
        if isinstance(fact, ChallengeJoined)
        else None
    )


def _reconstruct_leave(reconstruction: Reconstruction, command_facts: Sequence[PastFact]) -> Command | None:
    fact = command_facts[0].entry.fact
    return (
        LeaveChallenge(challenge_code=fact.challenge_code, **reconstruction.participant_fields)
        if isinstance(fact, ChallengeLeft)
        else None
    )


def _count(side: Side, fact: ChallengeCompleted) -> None:
    side.of(fact.challenge_id).fired += 1


PLAY = Play(
    slices=(CHALLENGES,),
    commands=(
        decides(JoinChallenge, join, particular=_needed_by_command, can_cause=(ChallengeJoined,)),
        decides(LeaveChallenge, leave, particular=_needed_by_command, can_cause=(ChallengeLeft,), creates=False),
    ),
    facts=(
        folds(ChallengeJoined, _fold),
        folds(ChallengeLeft, _fold),
        folds(ChallengeAdvanced, _fold),
        folds(MilestoneReached, _fold),
        folds(ChallengeCompleted, _fold, changes=CHANGED),
    ),
    listeners=(
        listens(
            EventRecorded,
            name_of=lambda event: event.event_name,
            names=_names,
            listening=_listening,
            react=_advance_listening,
        ),
    ),
    actions=(
        acts(
            AdvanceChallenge,
            _advance_by,
            can_cause=(ChallengeCompleted,),
            needs=_needed_to_advance,
            leads_to=_advanced_by,
            problem=_unknown_objective,
        ),
    ),
    variables=(
        reads(
            "participant.completed_challenges",
            NUMBERS,
            lambda definitions, participant, _: _completions(definitions, participant),
            needs=_needs_of_all,
            latest=_latest,
        ),
    ),
    effects=(
        shows(
            "challenges",
            list[ChallengeEffect],
            _effects,
            facts=(ChallengeJoined, ChallengeAdvanced, MilestoneReached, ChallengeCompleted),
            description="The challenges that advanced.",
        ),
    ),
    showing=(explains(ChallengeFact, show),),
    replay=(
        FactReplay(fact=ChallengeJoined, reconstruct=_reconstruct_join),
        FactReplay(fact=ChallengeLeft, reconstruct=_reconstruct_leave),
        FactReplay(fact=ChallengeCompleted, count=_count),
    ),
    feed=FEED,
)
