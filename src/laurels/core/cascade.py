"""What a command's own facts bring about, in rounds.

1. In the first round an event's rules act, one after another; then the challenges that listen to it advance.
2. At the end of each round badges are judged whose criteria read what has changed; an earned badge may earn others.
3. What milestones and completed challenges do makes the next round. After ROUNDS rounds or FACTS facts the rest is cut
   off, and that is noted: definitions that set one another off for ever, or more of them each round, cannot keep a
   request busy.
4. The actions of one definition take effect as a whole or not at all, in a fixed order: points and the tier that they
   reach, tiers, streaks, challenges, badges, rewards. An action on a badge, tier, streak or challenge that is not
   active changes nothing, and the others take effect; unless they deduct points: whoever pays gets all of it.
5. Points that an event of the past brings, and that would have expired since, expire when all else is done.
6. One command completes a challenge at most ROUNDS times; what is beyond counts with the next that advances it.
7. Nothing that fails here refuses the command; it is noted in the outcomes that the command's first fact keeps.
"""

import re
from collections.abc import Container, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from laurels.core import (
    actions,
    badges,
    challenge_runs,
    challenges,
    earnings,
    endings,
    expressions,
    holds,
    lots,
    points,
    readings,
    rewards,
    rules,
    streaks,
    tiers,
)
from laurels.core.actions import (
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
from laurels.core.challenge_runs import Taking
from laurels.core.commands import (
    EXPIRED_AT_ONCE,
    AssignTier,
    AwardBadge,
    AwardPoints,
    Command,
    DeductPoints,
    RecordStreak,
)
from laurels.core.expressions import EvaluationError, Expression
from laurels.core.facts import (
    BadgeEarned,
    BadgeRevoked,
    Entry,
    EventRecorded,
    Fact,
    Lot,
    MultiplierEnded,
    Outcome,
    PointsAwarded,
    RewardClaimed,
    TierAssigned,
)
from laurels.core.fold import fold, fold_outcomes
from laurels.core.model import (
    Badge,
    Challenge,
    ChallengeRun,
    Definitions,
    Objective,
    Participant,
    Rule,
)
from laurels.core.needs import Listeners, criteria, listeners
from laurels.core.rejections import (
    AmountOutOfRange,
    DefinitionInactive,
    DefinitionNotFound,
    ExpiryPassed,
    Rejection,
    TooManyExpiries,
)
from laurels.core.snapshot import Snapshot

ROUNDS = 8
FACTS = 1_000


_NO_AMOUNT = "the amount was 0"

_Accepted = TypeVar("_Accepted")
_Command = TypeVar("_Command", bound=Command)


class Act(Struct, frozen=True):
    """The actions of one definition, due because of one fact, at the time of that. `reason` is that of points without
    one of their own, `reads` the variables in the condition."""

    definition_id: str
    reason: str
    actions: tuple[AnyAction, ...]
    cause_id: str
    at: datetime
    reads: frozenset[str] = frozenset()


class _RefusedError(Exception):
    """An action that the rules of the game refuse."""


class _InactiveError(_RefusedError):
    """An action on something that is not active, and that others of its list can do without."""


class Cascade:
    """Makes the facts of one command happen and follows what they set off. Used for one command."""

    def __init__(self, definitions: Definitions, participant: Participant, now: datetime, ids: Iterator[str]) -> None:
        self.entries: list[Entry] = []
        self.definitions = definitions
        self.participant = participant
        self.now = now
        self._ids = ids
        self._outcomes: list[Outcome] = []
        self._due: list[Act] = []
        self._values = expressions.NOTHING_KNOWN
        self._judged = 0
        self._completions_before: dict[str, int] = {}
        self._is_silent = False
        self._has_outlived = False

    def happen(
        self, fact: Fact, occurred_at: datetime, cause_id: str | None = None, due_to: str | None = None
    ) -> Entry:
        if due_to is not None:
            fact = msgspec.structs.replace(fact, due_to=due_to)
        entry = Entry(next(self._ids), self.participant.account.seq + 1, fact, occurred_at, cause_id)
        fold(self.participant, entry)
        self.entries.append(entry)
        return entry

    def award(
        self, command: AwardPoints, occurred_at: datetime, cause_id: str | None = None, due_to: str | None = None
    ) -> Entry | Rejection:
        """The points, and the tiers that they reach."""
        awarded = self._credited(command, occurred_at, due_to)
        if isinstance(awarded, Rejection):
            return awarded
        cause = self.happen(awarded, occurred_at, cause_id, due_to)
        account = self.participant.account
        reached_at = tiers.reached_at(account, occurred_at)
        for rise in tiers.reached(self.definitions, account.tier, account.total_earned, account.balance):
            self.happen(rise, reached_at, cause.id, due_to)
        return cause

    def _credited(self, command: AwardPoints, occurred_at: datetime, due_to: str | None) -> PointsAwarded | Rejection:
        account, calendar = self.participant.account, self.definitions.calendar
        zone = self.participant.zone or calendar.zone
        requested = self._requested_expiry(command, occurred_at, due_to)
        if isinstance(requested, Rejection):
            return requested
        expires_at = None if requested is None else self._expiry(requested)
        if isinstance(expires_at, Rejection):
            return expires_at
        moved_from = requested if expires_at != requested else None
        if not account.multipliers and not self.definitions.earning_caps:
            return points.award(account, command.amount, command, expires_at, moved_from)
        rule = self.definitions.rules.get(due_to) if due_to is not None else None
        applying = earnings.applying(self.definitions.earning_caps.values(), rule.code if rule else None)
        # All that an event brings counts in the event's windows: they alone are loaded.
        counted_at = self.entries[0].occurred_at if self.entries else occurred_at
        caps = [(cap, earnings.window(cap, counted_at, zone, calendar)) for cap in applying]
        uses = self.participant.limit_uses
        credit = earnings.credit(command.amount, account.multipliers, caps, uses, occurred_at, self.now)
        awarded = points.award(account, credit.points, command, expires_at, moved_from)
        if isinstance(awarded, Rejection):
            return awarded
        return msgspec.structs.replace(
            awarded,
            base_amount=command.amount if credit.points != command.amount else None,
            multiplier=credit.multiplier,
            capped_by=credit.capped_by,
            cap_windows=credit.windows,
            expires_at=None if awarded.lots else expires_at,
        )

    def _requested_expiry(
        self, command: AwardPoints, occurred_at: datetime, due_to: str | None
    ) -> datetime | ExpiryPassed | None:
        """When the points of an award are to expire, None for never. Rules and challenges give points of the past, too
        (rule 5); calls do not."""
        expires_at = command.expires_at
        if command.expires_in_days is not None:
            zone = self.participant.zone or self.definitions.calendar.zone
            expires_at = earnings.expiry(occurred_at, command.expires_in_days, zone)
        if expires_at is not None and expires_at <= self.now:
            if due_to is None:
                return ExpiryPassed()
            self._has_outlived = True
        return expires_at

    def _expiry(self, requested: datetime) -> datetime | TooManyExpiries:
        """When they do: the number of lots is bounded (core/lots.py, rule 4). Those that expire at once are none."""
        if requested <= self.now:
            return requested
        number = len(self.participant.lots) + self.participant.other_lots
        if number < lots.EXACT_LOTS:
            return requested
        if number >= lots.LOTS_LIMIT:
            return TooManyExpiries(lots.LOTS_LIMIT)
        return earnings.end_of_day(requested, self.participant.zone or self.definitions.calendar.zone)

    def expire(self, cause_id: str | None = None, most: int = EXPIRED_AT_ONCE) -> None:
        """What has ended by now, one after another in the order of time; `most` at once, as a transaction takes."""
        participant, account = self.participant, self.participant.account
        for _ in range(most):
            if account.next_expiry_at is None or account.next_expiry_at > self.now:
                return
            ending = endings.first(participant)
            if ending is None or ending.at > self.now:
                account.next_expiry_at = None if ending is None else ending.at
                return
            ended: Fact
            if ending.kind == endings.LOT:
                ended = points.expire(account, Lot(ending.at, participant.lots[ending.at]))
            elif ending.kind == endings.HOLD:
                hold = participant.holds[ending.name]
                ended = holds.released_rest(account, ending.name, hold, has_expired=True)
            else:
                ended = MultiplierEnded(claim_id=ending.name)
            self.happen(ended, ending.at, cause_id)

    @property
    def balance(self) -> int:
        """Without points that have expired and are still to be settled."""
        account = self.participant.account
        if account.next_expiry_at is None or account.next_expiry_at > self.now:
            return account.balance
        return account.balance - sum(number for at, number in self.participant.lots.items() if at <= self.now)

    def refuses_lots(self, given: Sequence[Lot]) -> TooManyExpiries | None:
        """Whether points that are given back would be too many lots. Those that expire at once are none."""
        participant = self.participant
        new = sum(at > self.now for at in lots.new_among(participant.lots, given))
        number = len(participant.lots) + participant.other_lots + new
        return TooManyExpiries(lots.LOTS_LIMIT) if new and number > lots.LOTS_LIMIT else None

    def follow(self) -> None:
        """All that the facts so far set off."""
        if not self.entries:
            return
        first = self.entries[0]
        if isinstance(first.fact, EventRecorded):
            heard = listeners(self.definitions, first.fact.event_name)
            if heard.reads:
                self._values = readings.of(self.definitions, self.participant, self.now, heard.reads, first)
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
                self._act(act)
            self._earn_badges()
            if left:
                break
        if self._has_outlived:
            self.expire(first.id)
            self._earn_badges()
        cut = dict.fromkeys(act.definition_id for act in (*left, *self._due))
        noted = [Outcome(definition_id, "cut") for definition_id in cut]
        self._outcomes.extend(outcome for outcome in noted if outcome not in self._outcomes)
        if self._outcomes:
            fold_outcomes(self.participant, self._outcomes)
            fact = msgspec.structs.replace(first.fact, outcomes=self._outcomes)
            self.entries[0] = msgspec.structs.replace(first, fact=fact)

    def _apply_rules(self, heard: Listeners, event: Entry) -> None:
        if not heard.rules:
            return
        taken: dict[str, str] = {}
        outcomes = heard.conditions.outcomes(self._values)
        for rule, verdict in zip(heard.rules, outcomes, strict=True):
            # Most conditions do not hold; that is told apart first.
            if verdict is False or not rules.is_in_time(rule, event.occurred_at):
                continue
            if isinstance(verdict, EvaluationError):
                self._outcomes.append(Outcome(rule.id, "failed", f"condition: {verdict}"))
            else:
                outcome = self._apply_rule(rule, event, taken)
                self._outcomes.append(outcome)
                if rule.group is not None and outcome.outcome == "acted":
                    taken[rule.group] = rule.code

    def _apply_rule(self, rule: Rule, event: Entry, taken: dict[str, str]) -> Outcome:
        if rule.group in taken:
            return Outcome(rule.id, "group_taken", taken[rule.group])
        participant = self.participant
        zone = participant.zone or self.definitions.calendar.zone
        counted = list(rules.windows(rule, event.occurred_at, zone, self.definitions.calendar))
        limit = rules.reached_limit(rule, counted, participant.limit_uses, participant.rule_totals)
        if limit is not None:
            return Outcome(rule.id, "limited", rules.limit_named(limit))
        reads = expressions.condition(rule.condition).reads if rule.condition is not None else frozenset[str]()
        done = self._try(Act(rule.id, rule.name, rule.actions, event.id, event.occurred_at, reads))
        if done.failure is not None:
            return Outcome(rule.id, "failed", done.failure)
        return Outcome(rule.id, "acted", done.idle, [window for _, window in counted])

    def _advance_listening(self, listening: list[Challenge], event: Entry) -> None:
        fact = event.fact
        assert isinstance(fact, EventRecorded)  # noqa: S101
        for challenge in listening:
            taking = self._taking(challenge, event.occurred_at)
            if taking is None:
                continue
            gains = challenges.gains(challenge, taking.run, fact, partial(self._holds, challenge))
            self._advance(challenge, taking, gains, event.occurred_at, event.id)

    def _advance(
        self,
        challenge: Challenge,
        taking: Taking,
        gains: list[challenges.Gain],
        occurred_at: datetime,
        cause_id: str,
        due_to: str | None = None,
    ) -> None:
        """The gains, and the milestones and completions that they bring, whose actions are then due (rule 6). Without
        gains a run is completed whose targets were lowered to what had been reached."""
        states = self.participant.challenges
        if not gains and (taking.run is None or challenges.completed(challenge, taking.run, occurred_at) is None):
            return
        before = states[challenge.id].completions if challenge.id in states else 0
        before = self._completions_before.setdefault(challenge.id, before)
        if taking.joined is not None:
            self.happen(taking.joined, occurred_at, cause_id, due_to)
        run = self._run(challenge, taking)
        advanced = [challenges.advanced(challenge, run, gain) for gain in gains]
        brought = [self.happen(fact, occurred_at, cause_id, due_to).id for fact in advanced]
        cause_id = brought[-1] if brought else cause_id
        while True:
            run = self._run(challenge, taking)
            at = challenges.reached_at(run, occurred_at)
            for milestone, reached in challenges.milestones(challenge, run):
                entry = self.happen(reached, at, cause_id)
                self._due.append(Act(challenge.id, challenge.name, milestone.actions, entry.id, at))
            completed = challenges.completed(challenge, self._run(challenge, taking), at)
            if completed is None:
                return
            if states[challenge.id].completions - before >= ROUNDS:
                postponed = Outcome(challenge.id, "postponed")
                if postponed not in self._outcomes:
                    self._outcomes.append(postponed)
                return
            entry = self.happen(completed, at, cause_id)
            self._due.append(Act(challenge.id, challenge.name, challenge.actions, entry.id, at))

    def _taking(self, challenge: Challenge, occurred_at: datetime) -> Taking | None:
        participant, calendar = self.participant, self.definitions.calendar
        state = participant.challenges.get(challenge.id)
        return challenge_runs.taking(challenge, state, occurred_at, participant.zone or calendar.zone, calendar)

    def _run(self, challenge: Challenge, taking: Taking) -> ChallengeRun:
        """As it is now."""
        return challenge_runs.run_of(self.participant.challenges[challenge.id], taking.period)

    def judge_anew(self, definition_ids: Container[str], *, silent: bool) -> None:
        """The tiers and badges among these that were reached before they were what they are now. `silent` holds for
        what follows, too."""
        self._is_silent = silent
        account = self.participant.account
        rises = tiers.reached(
            self.definitions, account.tier, account.total_earned, account.balance, among=definition_ids
        )
        for rise in rises:
            self.happen(msgspec.structs.replace(rise, silent=rise.silent or silent), self.now)
        for badge, expression in criteria(self.definitions):
            if badge.id in definition_ids and badge.id not in self.participant.badges:
                self._earn_if(badge, expression, self.now)

    def _earn_badges(self) -> None:
        """Rule 2. Each badge is earned once, so this ends."""
        judged = criteria(self.definitions)
        if not judged:
            return
        # Taking a badge away is not undone at once by what it changes itself.
        taken_away = {entry.fact.badge_id for entry in self.entries if isinstance(entry.fact, BadgeRevoked)}
        while self._judged < len(self.entries):
            fresh = self.entries[self._judged :]
            self._judged = len(self.entries)
            changed = readings.changed(fresh)
            for badge, expression in judged:
                if badge.id in self.participant.badges or badge.id in taken_away or not expression.reads & changed:
                    continue
                at = max(entry.occurred_at for entry in fresh if expression.reads & readings.changed([entry]))
                reached_at = readings.reached_at(self.participant, expression.reads, at, self.now)
                self._earn_if(badge, expression, reached_at, fresh[-1].id)

    def _earn_if(self, badge: Badge, expression: Expression, at: datetime, cause_id: str | None = None) -> None:
        known = readings.of(self.definitions, self.participant, self.now, expression.reads)
        try:
            if expression.holds(known):
                self.happen(badges.earned_by_criteria(badge, silent=self._is_silent), at, cause_id)
        except EvaluationError as error:
            self._outcomes.append(Outcome(badge.id, "failed", f"criteria: {error}"))

    def _act(self, act: Act) -> None:
        done = self._try(act)
        outcome = Outcome(act.definition_id, "failed" if done.failure else "acted", done.failure or done.idle)
        if outcome.detail is not None and outcome not in self._outcomes:
            self._outcomes.append(outcome)

    def _try(self, act: Act) -> "_Done":
        """Does all of the actions, or none (rule 4)."""
        # One action alone is refused before it does anything.
        before = self._marked() if len(act.actions) > 1 else None
        is_paid = any(isinstance(action, TakePoints) for action in act.actions)
        idle: list[str] = []
        inactive: list[str] = []
        for action in actions.in_order(act.actions):
            name = type(action).__struct_config__.tag
            try:
                nothing = self._do(action, act)
            except (EvaluationError, _RefusedError) as error:
                if is_paid or not isinstance(error, _InactiveError):
                    if before is not None:
                        self._back_to(before)
                    return _Done(f"{name}: {error}")
                nothing = str(error)
                inactive.append(f"{name}: {error}")
            if nothing is not None:
                idle.append(f"{name} changed nothing ({nothing})")
        if act.actions and len(inactive) == len(act.actions):
            return _Done("; ".join(inactive))
        return _Done(None, "; ".join(idle) or None)

    def _marked(self) -> "_Mark":
        return _Mark(Snapshot.of(self.participant), len(self.entries), len(self._due), len(self._outcomes))

    def _back_to(self, mark: "_Mark") -> None:
        mark.state.restore(self.participant)
        del self.entries[mark.entries :]
        del self._due[mark.due :]
        del self._outcomes[mark.outcomes :]

    def _do(self, action: AnyAction, act: Act) -> str | None:
        """Why it changed nothing, if so."""
        match action:
            case GivePoints():
                amount = self._amount(action.amount)
                if not amount:
                    return _NO_AMOUNT
                command = self._command(
                    AwardPoints,
                    amount=amount,
                    reason=action.reason or act.reason,
                    expires_in_days=action.expires_in_days,
                )
                _accepted(self.award(command, act.at, act.cause_id, act.definition_id))
            case AdvanceChallenge():
                return self._advance_by(action, act)
            case _:
                fact = _accepted(self._brings(action, act))
                if fact is None:
                    return _NO_AMOUNT if isinstance(action, TakePoints) else "it was so already"
                self.happen(fact, self._time_of(fact, act), act.cause_id, act.definition_id)
        return None

    def _time_of(self, fact: Fact, act: Act) -> datetime:
        """Of what an action brings."""
        match fact:
            case RewardClaimed():
                return self.now  # What a reward gives begins when it is given.
            case BadgeEarned():
                return readings.reached_at(self.participant, act.reads, act.at, self.now)
            case TierAssigned():
                reached_at = readings.reached_at(self.participant, act.reads, act.at, self.now)
                return tiers.not_before_present(self.participant.account, reached_at)
            case _:
                return act.at

    def _brings(
        self, action: TakePoints | PutInTier | ContinueStreak | GiveBadge | GrantReward, act: Act
    ) -> Fact | Rejection | None:
        """The one fact that an action brings; None if it changes nothing."""
        definitions, participant = self.definitions, self.participant
        match action:
            case TakePoints():
                amount = self._amount(action.amount)
                deduct = self._command(DeductPoints, amount=amount, reason=action.reason or act.reason)
                return points.deduct(participant.account, participant.lots, deduct) if amount else None
            case PutInTier():
                present = participant.account.tier
                if present is not None and definitions.tiers[present.tier_id].code == action.tier_code:
                    return None
                assign = self._command(AssignTier, tier_code=action.tier_code)
                return tiers.assign(definitions, participant.account, assign)
            case ContinueStreak():
                record = self._command(RecordStreak, streak_code=action.streak_code)
                zone = participant.zone or definitions.calendar.zone
                recorded = streaks.record(definitions, participant.streaks, record, act.at, zone)
                return recorded if isinstance(recorded, Rejection) else recorded[0]
            case GiveBadge():
                award = self._command(AwardBadge, badge_code=action.badge_code)
                awarded = badges.award(definitions, participant.badges, award)
                return awarded if isinstance(awarded, Rejection) else awarded[1]
            case GrantReward():
                return rewards.claim(definitions, participant, action.reward_code, self.now, deducts_points=False)

    def _command(self, kind: type[_Command], **fields: Any) -> _Command:
        """What the participant's application could have asked for itself."""
        who = self.participant
        return kind(project_id=who.project_id, participant_id=who.participant_id, **fields)

    def _advance_by(self, action: AdvanceChallenge, act: Act) -> str | None:
        challenge = self.definitions.challenges_by_code.get(action.challenge_code)
        if challenge is None:
            raise _RefusedError(_sentence(DefinitionNotFound("challenge", action.challenge_code)))
        if not challenge.is_active:
            raise _InactiveError(_sentence(DefinitionInactive("challenge", action.challenge_code)))
        objective = challenges.objective_to_advance(challenge, action.objective_code)
        if objective is None:
            named = f": {action.objective_code}" if action.objective_code else ""
            raise _RefusedError(f"no such objective that counts or sums{named}")
        amount = self._amount(action.by)
        if amount == 0:
            return _NO_AMOUNT
        taking = self._taking(challenge, act.at)
        gain = challenges.advance(challenge, taking.run, objective, amount) if taking else None
        if taking is None or gain is None:
            calendar, state = self.definitions.calendar, self.participant.challenges.get(challenge.id)
            zone = self.participant.zone or calendar.zone
            why = challenges.why_nothing(challenge, state, objective, act.at, zone, calendar)
            return f"{challenge.code}: {why}"
        self._advance(challenge, taking, [gain], act.at, act.cause_id, act.definition_id)
        return None

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


class _Mark(Struct, frozen=True):
    """Where the cascade stood before actions that may be refused."""

    state: Snapshot
    entries: int
    due: int
    outcomes: int


class _Done(Struct, frozen=True):
    """What became of an act: why it failed, or which of its actions changed nothing."""

    failure: str | None
    idle: str | None = None


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
