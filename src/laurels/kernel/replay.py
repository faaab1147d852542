"""What-if: the facts of one participant, decided again by other definitions.

1. Facts from before the time looked at are folded as they are: they are the state that both sides begin with.
2. After that, the command that facts tell of is decided again by the draft, at the time at which they were recorded
   (see kernel/replay_commands.py). The facts are counted for the live side and leave the draft's state alone.
3. Profiles are no facts: expressions read the present one, also when it is told that a profile changed. Of every reward
   there is enough.
4. An event that the project's retention has emptied cannot be decided again: it and what it set off are taken as they
   were, on both sides.
5. A command's first fact has the id that it has in the journal, so that later commands name it on both sides.

What is tried and what is live are counted alike, by what facts say: so definitions tried against themselves differ in
nothing, but for what is noted as an approximation.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain, count, groupby
from typing import Any, Literal

import msgspec
from msgspec import Struct

from laurels.kernel import readings
from laurels.kernel.cascade import Cascade
from laurels.kernel.decide import decide, has_expired
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry, Fact
from laurels.kernel.fold import fold
from laurels.kernel.model import Participant
from laurels.kernel.needs import read_by
from laurels.kernel.rejections import Rejection
from laurels.kernel.replay_commands import Commands, Past
from laurels.mechanics.badges.model import BadgeEarned
from laurels.mechanics.challenges.model import Challenge, ChallengeCompleted
from laurels.mechanics.events.model import EventForgotten, RecordEvent
from laurels.mechanics.participants.model import ParticipantRegistered, ProfileChanged
from laurels.mechanics.points.commands import SettleExpiries
from laurels.mechanics.points.model import (
    HoldCaptured,
    HoldReleased,
    MultiplierEnded,
    PointsAwarded,
    PointsDeducted,
    PointsExpired,
    PointsFact,
    Transaction,
)
from laurels.mechanics.rewards.model import Reward, RewardClaimed, Stock
from laurels.mechanics.rules.model import Rule
from laurels.mechanics.streaks.model import StreakRecorded
from laurels.mechanics.tiers.model import TierAssigned, TierReached

EXAMPLES = 100

Approximation = Literal["profiles", "rewards", "limits_in_total", "forgotten_events", "older_facts"]
"""Why a draft might have done something else: attributes or time zones changed, and the present ones were read; rewards
were claimed of which there is not enough for all; several participants shared a limit; the content of events is gone;
facts of older versions leave open what was asked for."""


class DefinitionTally(Struct):
    """Of one definition. `fired`: a rule acted, a challenge was completed, a badge earned, a tier reached or assigned,
    a streak's period recorded, a reward claimed; `limited`: a cap reduced an award. Points are those that it brought
    or took."""

    fired: int = 0
    limited: int = 0
    failed: int = 0
    points_awarded: int = 0
    points_deducted: int = 0


class Side(Struct):
    """What happened, or would have. `by_definition` is by the definition's id."""

    points_awarded: int = 0
    points_deducted: int = 0
    by_definition: dict[str, DefinitionTally] = {}

    def of(self, definition_id: str) -> DefinitionTally:
        return self.by_definition.setdefault(definition_id, DefinitionTally())


class TierChange(Struct):
    """Participants who would end in another tier than they are in. Tiers by id, None for none."""

    participants: int = 0
    examples: list[str] = []


class Tally(Struct):
    """Adds up over participants. `refused` counts commands that were allowed and would not be, `forgotten_events` those
    that could not be decided again. `shared_limits`: by rule how many participants met its limits in total."""

    live: Side = msgspec.field(default_factory=Side)
    draft: Side = msgspec.field(default_factory=Side)
    commands: int = 0
    events: int = 0
    refused: int = 0
    forgotten_events: int = 0
    tier_changes: dict[tuple[str | None, str | None], TierChange] = {}
    noted: set[Approximation] = set()
    shared_limits: dict[str, int] = {}

    @property
    def approximations(self) -> list[Approximation]:
        found = set(self.noted)
        if self.forgotten_events:
            found.add("forgotten_events")
        if any(participants > 1 for participants in self.shared_limits.values()):
            found.add("limits_in_total")
        return sorted(found)


def replay(tally: Tally, draft: Definitions, participant: Participant, facts: Sequence[Past], since: datetime) -> None:
    """Adds what the participant's facts tell, all of them and in their order. `participant` is empty but for the
    profile and the zone, and becomes what it would be under the draft."""
    totals, participant.rule_totals = participant.rule_totals, {}
    participant.stocks = Enough(draft)
    replayed = _Replay(tally, draft, participant, facts)
    for _, group in groupby(facts, key=lambda past: past.command_id):
        brought = list(group)
        if brought[0].recorded_at < since:
            replayed.keep(brought)
        else:
            participant.rule_totals = totals
            replayed.try_again(brought)
    replayed.finish()


class _Replay:
    """Of one participant."""

    def __init__(self, tally: Tally, draft: Definitions, participant: Participant, facts: Sequence[Past]) -> None:
        self._tally = tally
        self._draft = draft
        self._participant = participant
        self._commands = Commands(draft, participant, facts)
        self._ids: Iterator[str] = (f"what-if-{number}" for number in count(1))
        self._live_tier: str | None = None
        self._limits_met: set[str] = set()

    def keep(self, brought: Sequence[Past]) -> None:
        """What happened, on both sides."""
        for past in brought:
            fold(self._participant, past.entry)
            self._keep_transaction(past.entry)
        self._tell(brought)

    def try_again(self, brought: Sequence[Past]) -> None:
        """What happened on the live side, and what the draft makes of the command."""
        tally, first = self._tally, brought[0].entry.fact
        for past in brought:
            _count(tally.live, past.entry.fact, self._draft)
        if isinstance(first, EventForgotten):
            tally.forgotten_events += 1
            for past in brought:
                self._count_draft(past.entry.fact)
            self.keep(brought)
            return
        self._settle(brought)
        entries = self._decide_again(brought)
        for entry in entries:
            self._count_draft(entry.fact)
        self._commands.match(_alike(brought, entries))
        for entry in entries:
            self._keep_transaction(entry)
        self._tell(brought)

    def finish(self) -> None:
        tally, account = self._tally, self._participant.account
        tier = account.tier.tier_id if account.tier else None
        if tier != self._live_tier:
            change = tally.tier_changes.setdefault((self._live_tier, tier), TierChange())
            change.participants += 1
            if len(change.examples) < EXAMPLES:
                change.examples.append(self._participant.participant_id)
        for rule_id in self._limits_met:
            tally.shared_limits[rule_id] = tally.shared_limits.get(rule_id, 0) + 1
        if self._commands.is_guessed:
            tally.noted.add("older_facts")

    def _tell(self, brought: Sequence[Past]) -> None:
        for past in brought:
            if isinstance(past.entry.fact, TierReached | TierAssigned):
                self._live_tier = past.entry.fact.tier_id
        self._commands.tell(brought)

    def _decide_again(self, brought: Sequence[Past]) -> list[Entry]:
        first, now = brought[0].entry, brought[0].recorded_at
        ids = chain([first.id], self._ids)
        if isinstance(first.fact, ParticipantRegistered | ProfileChanged):
            self._tally.commands += 1
            return self._profile_again(first, now, ids)
        command = self._commands.asked(brought)
        if command is None:
            return []
        self._tally.commands += 1
        self._tally.events += isinstance(command, RecordEvent)
        decision = decide(self._draft, self._participant, command, now, ids)
        if isinstance(decision, Rejection):
            self._tally.refused += 1
            return []
        return decision.entries

    def _profile_again(self, first: Entry, now: datetime, ids: Iterator[str]) -> list[Entry]:
        """What the telling of a profile sets off, with the present one."""
        fact = first.fact
        if isinstance(fact, ProfileChanged) and "attributes" in fact.fields:
            attributes = self._participant.profile.attributes if self._participant.profile else {}
            moves = "timezone" in attributes if fact.changes_zone is None else fact.changes_zone
            if moves or readings.PROFILE & read_by(self._draft):
                self._tally.noted.add("profiles")
        cascade = Cascade(self._draft, self._participant, now, ids)
        cascade.happen(msgspec.structs.replace(fact, outcomes=[]), first.occurred_at)
        cascade.follow()
        return cascade.entries

    def _settle(self, brought: Sequence[Past]) -> None:
        """What has expired, and what that sets off: as much of it as these facts tell of, or else all."""
        participant, now = self._participant, brought[0].recorded_at
        who: dict[str, Any] = {"project_id": participant.project_id, "participant_id": participant.participant_id}
        told = sum(past.entry.cause_id is None for past in brought) if _has_ended(brought[0].entry.fact) else None
        settle = SettleExpiries(**who) if told is None else SettleExpiries(most=told, **who)
        while has_expired(participant, now):
            decision = decide(self._draft, participant, settle, now, self._ids)
            if isinstance(decision, Rejection):
                return
            for entry in decision.entries:
                self._count_draft(entry.fact)
                self._keep_transaction(entry)
            if told is not None:
                return

    def _count_draft(self, fact: Fact) -> None:
        _count(self._tally.draft, fact, self._draft)
        if isinstance(fact, RewardClaimed):
            reward = self._draft[Reward].by_id.get(fact.reward_id)
            if reward is not None and (reward.has_codes or reward.total_inventory is not None):
                self._tally.noted.add("rewards")
        for outcome in fact.outcomes:
            rule = self._draft[Rule].by_id.get(outcome.definition_id)
            if rule is not None and any(limit.in_total for limit in rule.limits):
                self._limits_met.add(rule.id)

    def _keep_transaction(self, entry: Entry) -> None:
        """One that will be reversed."""
        if entry.id in self._commands.reversed_ids and isinstance(entry.fact, PointsFact):
            self._participant.transactions[entry.id] = Transaction(entry.fact, entry.occurred_at)


class Enough(dict[str, Stock]):
    """A stock that never runs out, for each reward."""

    def __init__(self, definitions: Definitions) -> None:
        super().__init__()
        self._endless = {reward.id: Stock(-(2**62), ["what-if"]) for reward in definitions[Reward].by_id.values()}

    def get(self, reward_id: str, default: Any = None) -> Any:
        return self._endless.get(reward_id, default)

    def __setitem__(self, reward_id: str, stock: Stock) -> None:
        """Nothing is taken."""


def _has_ended(fact: Fact) -> bool:
    """Whether it is what SettleExpiries tells."""
    if isinstance(fact, HoldReleased):
        return fact.has_expired
    return isinstance(fact, PointsExpired | MultiplierEnded)


def _alike(brought: Sequence[Past], drafted: Sequence[Entry]) -> dict[str, str]:
    """The ids of what a command brought with those of its like in the draft: of the same kind and due to the same
    definition. Later commands name them, to reverse or fulfil them."""
    waiting: dict[tuple[str, str | None], list[str]] = {}
    for entry in reversed(drafted[1:]):
        waiting.setdefault((entry.fact.kind, entry.fact.due_to), []).append(entry.id)
    likes = ((past.entry.id, waiting.get((past.entry.fact.kind, past.entry.fact.due_to))) for past in brought[1:])
    return {name: found.pop() for name, found in likes if found}


def _count(side: Side, fact: Fact, definitions: Definitions) -> None:
    match fact:
        case PointsAwarded(amount=amount, due_to=due_to, capped_by=caps):
            side.points_awarded += amount
            for cap_id in caps:
                side.of(cap_id).limited += 1
            if due_to is not None:
                side.of(due_to).points_awarded += amount
        case PointsDeducted(amount=amount, due_to=due_to) | HoldCaptured(amount=amount, due_to=due_to):
            side.points_deducted += amount
            if due_to is not None:
                side.of(due_to).points_deducted += amount
        case RewardClaimed(amount=amount, reward_id=reward_id):
            side.points_deducted += amount
            side.of(reward_id).points_deducted += amount
            side.of(reward_id).fired += 1
        case TierReached(tier_id=tier_id) | TierAssigned(tier_id=tier_id):
            side.of(tier_id).fired += 1
        case BadgeEarned(badge_id=badge_id):
            side.of(badge_id).fired += 1
        case StreakRecorded(streak_id=streak_id):
            side.of(streak_id).fired += 1
        case ChallengeCompleted(challenge_id=challenge_id):
            side.of(challenge_id).fired += 1
    for outcome in fact.outcomes:
        counted = side.of(outcome.definition_id)
        # Of a challenge it tells which actions changed nothing.
        counted.fired += outcome.outcome == "acted" and outcome.definition_id not in definitions[Challenge].by_id
        counted.limited += outcome.outcome in ("limited", "group_taken")
        counted.failed += outcome.outcome in ("failed", "cut")
