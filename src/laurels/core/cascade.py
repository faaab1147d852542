"""What a command's own facts bring about, in rounds.

1. In the first round an event's rules act, one after another; then the challenges that listen to it advance.
2. At the end of each round badges are judged whose criteria read what has changed; an earned badge may earn others.
3. What milestones and completed challenges do makes the next round. After ROUNDS rounds or FACTS facts the rest is cut
   off, and that is noted: definitions that set one another off for ever, or more of them each round, cannot keep a
   request busy.
4. The actions of one definition take effect as a whole or not at all, in a fixed order: points and the tier that they
   reach, tiers, streaks, challenges, badges.
5. Nothing that fails here refuses the command; it is noted in the outcomes that the command's first fact keeps.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from laurels.core import actions, badges, challenges, expressions, points, readings, rules, streaks, tiers
from laurels.core.actions import (
    AMOUNT_LIMIT,
    AdvanceChallenge,
    AnyAction,
    ContinueStreak,
    GiveBadge,
    GivePoints,
    PutInTier,
    TakePoints,
)
from laurels.core.commands import AssignTier, AwardBadge, AwardPoints, Command, DeductPoints, RecordStreak
from laurels.core.expressions import EvaluationError
from laurels.core.facts import BadgeRevoked, ChallengeJoined, Entry, EventRecorded, Fact, Outcome
from laurels.core.fold import fold, fold_outcomes
from laurels.core.model import (
    Account,
    Challenge,
    ChallengeState,
    Definitions,
    Objective,
    Participant,
    Rule,
    StreakState,
)
from laurels.core.needs import Listeners, criteria, listeners
from laurels.core.rejections import AmountOutOfRange, DefinitionInactive, DefinitionNotFound, Rejection

ROUNDS = 8
FACTS = 1_000


_Accepted = TypeVar("_Accepted")
_Command = TypeVar("_Command", bound=Command)


class Act(Struct, frozen=True):
    """The actions of one definition, due because of one fact. `reason` is that of points without one of their own."""

    definition_id: str
    reason: str
    actions: tuple[AnyAction, ...]
    cause_id: str


class _RefusedError(Exception):
    """An action that the rules of the game refuse."""


class Cascade:
    """Makes the facts of one command happen and follows what they set off. Used for one command."""

    def __init__(self, definitions: Definitions, participant: Participant, now: datetime, ids: Iterator[str]) -> None:
        self.entries: list[Entry] = []
        self._definitions = definitions
        self._participant = participant
        self._now = now
        self._ids = ids
        self._outcomes: list[Outcome] = []
        self._due: list[Act] = []
        self._values = expressions.NOTHING_KNOWN
        self._judged = 0

    def happen(
        self, fact: Fact, occurred_at: datetime, cause_id: str | None = None, due_to: str | None = None
    ) -> Entry:
        if due_to is not None:
            fact = msgspec.structs.replace(fact, due_to=due_to)
        entry = Entry(next(self._ids), self._participant.account.seq + 1, fact, occurred_at, cause_id)
        fold(self._participant, entry)
        self.entries.append(entry)
        return entry

    def award(
        self, command: AwardPoints, occurred_at: datetime, cause_id: str | None = None, due_to: str | None = None
    ) -> Entry | Rejection:
        """The points, and the tiers that they reach."""
        awarded = points.award(self._participant.account, command)
        if isinstance(awarded, Rejection):
            return awarded
        cause = self.happen(awarded, occurred_at, cause_id, due_to)
        account = self._participant.account
        for rise in tiers.reached(self._definitions, account.tier, account.total_earned, account.balance):
            self.happen(rise, occurred_at, cause.id, due_to)
        return cause

    def follow(self) -> None:
        """All that the facts so far set off."""
        if not self.entries:
            return
        first = self.entries[0]
        if isinstance(first.fact, EventRecorded):
            heard = listeners(self._definitions, first.fact.event_name)
            if heard.reads:
                self._values = readings.of(self._definitions, self._participant, self._now, heard.reads, first)
            self._apply_rules(heard, first)
            self._advance_listening(heard.challenges, first)
        self._earn_badges()
        left: list[Act] = []
        for _ in range(ROUNDS - 1):
            if not self._due:
                break
            due, self._due = self._due, []
            for done, act in enumerate(due):
                if len(self.entries) >= FACTS:
                    left = due[done:]
                    break
                self._act(act, first.occurred_at)
            self._earn_badges()
            if left:
                break
        cut = dict.fromkeys(act.definition_id for act in (*left, *self._due))
        noted = [Outcome(definition_id, "cut") for definition_id in cut]
        self._outcomes.extend(outcome for outcome in noted if outcome not in self._outcomes)
        if self._outcomes:
            fold_outcomes(self._participant, self._outcomes)
            fact = msgspec.structs.replace(first.fact, outcomes=self._outcomes)
            self.entries[0] = msgspec.structs.replace(first, fact=fact)

    def _apply_rules(self, heard: Listeners, event: Entry) -> None:
        if not heard.rules:
            return
        taken: dict[str, str] = {}
        outcomes = heard.conditions.outcomes(self._values)
        for rule, holds in zip(heard.rules, outcomes, strict=True):
            # Most conditions do not hold; that is told apart first.
            if holds is False or not rules.is_in_time(rule, event.occurred_at):
                continue
            if isinstance(holds, EvaluationError):
                self._outcomes.append(Outcome(rule.id, "failed", f"condition: {holds}"))
            else:
                outcome = self._apply_rule(rule, event, taken)
                self._outcomes.append(outcome)
                if rule.group is not None and outcome.outcome == "acted":
                    taken[rule.group] = rule.code

    def _apply_rule(self, rule: Rule, event: Entry, taken: dict[str, str]) -> Outcome:
        if rule.group in taken:
            return Outcome(rule.id, "group_taken", taken[rule.group])
        participant = self._participant
        zone = participant.zone or self._definitions.calendar.zone
        counted = list(rules.windows(rule, event.occurred_at, zone, self._definitions.calendar))
        limit = rules.reached_limit(rule, counted, participant.rule_uses, participant.rule_totals)
        if limit is not None:
            return Outcome(rule.id, "limited", rules.limit_named(limit))
        failure = self._try(Act(rule.id, rule.name, rule.actions, event.id), event.occurred_at)
        if failure is not None:
            return Outcome(rule.id, "failed", failure)
        return Outcome(rule.id, "acted", None, [window for _, window in counted])

    def _advance_listening(self, listening: list[Challenge], event: Entry) -> None:
        fact = event.fact
        assert isinstance(fact, EventRecorded)  # noqa: S101
        for challenge in listening:
            state = self._participant.challenges.get(challenge.id)
            if not challenges.takes(challenge, state, event.occurred_at):
                continue
            joined = self._joins(challenge, event.occurred_at)
            gains = challenges.gains(challenge, None if joined else state, fact, partial(self._holds, challenge))
            self._advance(challenge, gains, event.occurred_at, event.id)

    def _advance(
        self,
        challenge: Challenge,
        gains: list[challenges.Gain],
        occurred_at: datetime,
        cause_id: str,
        due_to: str | None = None,
    ) -> None:
        """The gains, and the milestones and completions that they bring, whose actions are then due. Without gains a
        run is completed whose targets were lowered to what had been reached."""
        states = self._participant.challenges
        state = states.get(challenge.id)
        joined = self._joins(challenge, occurred_at)
        if not gains and (joined or state is None or challenges.completed(challenge, state, occurred_at) is None):
            return
        if joined:
            self.happen(joined, occurred_at, cause_id, due_to)
        advanced = [self.happen(challenges.advanced(challenge, gain), occurred_at, cause_id, due_to) for gain in gains]
        cause_id = advanced[-1].id if advanced else cause_id
        for done in range(ROUNDS + 1):
            for milestone, reached in challenges.milestones(challenge, states[challenge.id]):
                entry = self.happen(reached, occurred_at, cause_id)
                self._due.append(Act(challenge.id, challenge.name, milestone.actions, entry.id))
            completed = challenges.completed(challenge, states[challenge.id], occurred_at)
            if completed is None:
                return
            if done == ROUNDS:
                cut = Outcome(challenge.id, "cut")
                if cut not in self._outcomes:
                    self._outcomes.append(cut)
                return
            entry = self.happen(completed, occurred_at, cause_id)
            self._due.append(Act(challenge.id, challenge.name, challenge.actions, entry.id))

    def _joins(self, challenge: Challenge, occurred_at: datetime) -> ChallengeJoined | None:
        participant, calendar = self._participant, self._definitions.calendar
        state = participant.challenges.get(challenge.id)
        return challenges.joins(challenge, state, occurred_at, participant.zone or calendar.zone, calendar)

    def _earn_badges(self) -> None:
        """Rule 2. Each badge is earned once, so this ends."""
        judged = criteria(self._definitions)
        if not judged:
            return
        # Taking a badge away is not undone at once by what it changes itself.
        taken_away = {entry.fact.badge_id for entry in self.entries if isinstance(entry.fact, BadgeRevoked)}
        while self._judged < len(self.entries):
            fresh = self.entries[self._judged :]
            self._judged = len(self.entries)
            changed = readings.changed(fresh)
            for badge, expression in judged:
                if badge.id in self._participant.badges or badge.id in taken_away or not expression.reads & changed:
                    continue
                known = readings.of(self._definitions, self._participant, self._now, expression.reads)
                try:
                    if expression.holds(known):
                        self.happen(badges.earned_by_criteria(badge), self._now, fresh[-1].id)
                except EvaluationError as error:
                    self._outcomes.append(Outcome(badge.id, "failed", f"criteria: {error}"))

    def _act(self, act: Act, occurred_at: datetime) -> None:
        failure = self._try(act, occurred_at)
        if failure is not None:
            self._outcomes.append(Outcome(act.definition_id, "failed", failure))

    def _try(self, act: Act, occurred_at: datetime) -> str | None:
        """Does all of the actions, or none: then why not."""
        # One action alone is refused before it does anything.
        before = self._save() if len(act.actions) > 1 else None
        try:
            for action in actions.in_order(act.actions):
                self._do(action, act, occurred_at)
        except (EvaluationError, _RefusedError) as error:
            if before is not None:
                self._restore(before)
            return str(error)
        return None

    def _do(self, action: AnyAction, act: Act, occurred_at: datetime) -> None:
        match action:
            case GivePoints():
                if amount := self._amount(action.amount):
                    command = self._command(AwardPoints, amount=amount, reason=action.reason or act.reason)
                    _accepted(self.award(command, occurred_at, act.cause_id, act.definition_id))
            case AdvanceChallenge():
                self._advance_by(action, act, occurred_at)
            case _:
                fact = _accepted(self._brings(action, act, occurred_at))
                if fact is not None:
                    self.happen(fact, occurred_at, act.cause_id, act.definition_id)

    def _brings(
        self, action: TakePoints | PutInTier | ContinueStreak | GiveBadge, act: Act, occurred_at: datetime
    ) -> Fact | Rejection | None:
        """The one fact that an action brings; None if it changes nothing."""
        definitions, participant = self._definitions, self._participant
        match action:
            case TakePoints():
                amount = self._amount(action.amount)
                deduct = self._command(DeductPoints, amount=amount, reason=action.reason or act.reason)
                return points.deduct(participant.account, deduct) if amount else None
            case PutInTier():
                present = participant.account.tier
                if present is not None and definitions.tiers[present.tier_id].code == action.tier_code:
                    return None
                assign = self._command(AssignTier, tier_code=action.tier_code)
                return tiers.assign(definitions, participant.account, assign)
            case ContinueStreak():
                record = self._command(RecordStreak, streak_code=action.streak_code)
                zone = participant.zone or definitions.calendar.zone
                recorded = streaks.record(definitions, participant.streaks, record, occurred_at, zone)
                return recorded if isinstance(recorded, Rejection) else recorded[0]
            case GiveBadge():
                award = self._command(AwardBadge, badge_code=action.badge_code)
                awarded = badges.award(definitions, participant.badges, award)
                return awarded if isinstance(awarded, Rejection) else awarded[1]

    def _command(self, kind: type[_Command], **fields: Any) -> _Command:
        """What the participant's application could have asked for itself."""
        who = self._participant
        return kind(project_id=who.project_id, participant_id=who.participant_id, **fields)

    def _advance_by(self, action: AdvanceChallenge, act: Act, occurred_at: datetime) -> None:
        challenge = self._definitions.challenges_by_code.get(action.challenge_code)
        if challenge is None:
            raise _RefusedError(_sentence(DefinitionNotFound("challenge", action.challenge_code)))
        if not challenge.is_active:
            raise _RefusedError(_sentence(DefinitionInactive("challenge", action.challenge_code)))
        objective = challenges.objective_to_advance(challenge, action.objective_code)
        if objective is None:
            named = f": {action.objective_code}" if action.objective_code else ""
            raise _RefusedError(f"no such objective that counts or sums{named}")
        state = self._participant.challenges.get(challenge.id)
        amount = self._amount(action.by)
        if amount == 0 or not challenges.takes(challenge, state, occurred_at):
            return
        is_new_run = self._joins(challenge, occurred_at) is not None
        gain = challenges.advance(challenge, None if is_new_run else state, objective, amount)
        if gain is not None:
            self._advance(challenge, [gain], occurred_at, act.cause_id, act.definition_id)

    def _amount(self, amount: int | str) -> int:
        if isinstance(amount, int):
            return amount
        computed = expressions.amount(amount).number(self._values)
        if not 0 <= computed <= AMOUNT_LIMIT:
            raise _RefusedError(_sentence(AmountOutOfRange(computed, AMOUNT_LIMIT)))
        return computed

    def _holds(self, challenge: Challenge, objective: Objective) -> bool:
        if objective.condition is None:
            return True
        try:
            return expressions.condition(objective.condition).holds(self._values)
        except EvaluationError as error:
            detail = f"condition of the objective {objective.code}: {error}"
            self._outcomes.append(Outcome(challenge.id, "failed", detail))
            return False

    def _save(self) -> "_Before":
        participant = self._participant
        return _Before(
            msgspec.structs.replace(participant.account),
            dict(participant.badges),
            dict(participant.streaks),
            dict(participant.challenges),
            len(self.entries),
            len(self._due),
            len(self._outcomes),
        )

    def _restore(self, before: "_Before") -> None:
        participant = self._participant
        participant.account = before.account
        participant.badges = before.badges
        participant.streaks = before.streaks
        participant.challenges = before.challenges
        del self.entries[before.entries :]
        del self._due[before.due :]
        del self._outcomes[before.outcomes :]


class _Before(Struct, frozen=True):
    """The state before actions that may be refused. Folding replaces what the dictionaries hold, so copies of the
    dictionaries are enough."""

    account: Account
    badges: dict[str, datetime]
    streaks: dict[str, StreakState]
    challenges: dict[str, ChallengeState]
    entries: int
    due: int
    outcomes: int


def _accepted(outcome: _Accepted | Rejection) -> _Accepted:
    if isinstance(outcome, Rejection):
        raise _RefusedError(_sentence(outcome))
    return outcome


def _sentence(rejection: Rejection) -> str:
    """Such as "insufficient points: available 5, requested 10"."""
    words = re.sub(r"(?<!^)([A-Z])", r" \1", type(rejection).__name__).lower()
    fields = ", ".join(f"{name} {value}" for name, value in msgspec.structs.asdict(rejection).items())
    return f"{words}: {fields}" if fields else words
