"""What-if: the facts of one participant, decided again by other definitions.

1. Facts from before the time looked at are folded as they are: they are the state that both sides begin with.
2. After that, a fact without a cause is what a command brought: the command is decided again by the draft, at the time
   at which the fact was recorded. Facts with a cause are what the live definitions made of it: they are counted for
   the live side and leave the draft's state alone.
3. Profiles are no facts: expressions read the present one. Of every reward there is enough.
4. An event that the project's retention has emptied cannot be decided again: it and what it set off are taken as they
   were, on both sides.
5. A command's first fact has the id that it has in the journal, so that later commands name it on both sides.

What is tried and what is live are counted alike, by what facts say: so definitions tried against themselves differ in
nothing.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import chain, count, takewhile
from typing import Any

import msgspec
from msgspec import Struct

from laurels.core.commands import (
    AssignTier,
    AwardBadge,
    AwardPoints,
    CancelClaim,
    CaptureHold,
    ClaimReward,
    Command,
    DeductPoints,
    FulfilClaim,
    HoldPoints,
    JoinChallenge,
    JudgeAnew,
    LeaveChallenge,
    RecordEvent,
    RecordStreak,
    ReleaseHold,
    ReversePoints,
    RevokeBadge,
    SettleExpiries,
)
from laurels.core.decide import decide, has_expired
from laurels.core.facts import (
    AwardReversed,
    BadgeEarned,
    BadgeRevoked,
    ChallengeCompleted,
    ChallengeJoined,
    ChallengeLeft,
    ClaimCancelled,
    ClaimFulfilled,
    DeductReversed,
    Entry,
    EventForgotten,
    EventRecorded,
    Fact,
    HoldCaptured,
    HoldReleased,
    PointsAwarded,
    PointsDeducted,
    PointsFact,
    PointsHeld,
    RewardClaimed,
    StreakRecorded,
    TierAssigned,
    TierReached,
)
from laurels.core.fold import fold
from laurels.core.model import Definitions, Participant, Stock, Transaction
from laurels.core.rejections import Rejection

EXAMPLES = 100


class Past(Struct, frozen=True):
    """A fact of the journal."""

    entry: Entry
    recorded_at: datetime


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
    that could not be decided again."""

    live: Side = msgspec.field(default_factory=Side)
    draft: Side = msgspec.field(default_factory=Side)
    commands: int = 0
    events: int = 0
    refused: int = 0
    forgotten_events: int = 0
    tier_changes: dict[tuple[str | None, str | None], TierChange] = {}


def replay(tally: Tally, draft: Definitions, participant: Participant, facts: Sequence[Past], since: datetime) -> None:
    """Adds what the participant's facts tell, all of them and in their order. `participant` is empty but for the
    profile and the zone, and becomes what it would be under the draft."""
    live_tier = None
    ids = (f"what-if-{number}" for number in count(1))
    totals, participant.rule_totals = participant.rule_totals, {}
    participant.stocks = Enough(draft)
    reversed_ids = {
        f.entry.fact.transaction_id for f in facts if isinstance(f.entry.fact, AwardReversed | DeductReversed)
    }
    alike: dict[str, str] = {}
    is_forgotten = False
    for place, past in enumerate(facts):
        fact = past.entry.fact
        if isinstance(fact, TierReached | TierAssigned):
            live_tier = fact.tier_id
        if past.recorded_at < since:
            fold(participant, past.entry)
            _keep(participant, past.entry, reversed_ids)
            continue
        participant.rule_totals = totals
        _count(tally.live, past.entry.fact, draft)
        if past.entry.cause_id is None:
            is_forgotten = isinstance(fact, EventForgotten)
            tally.forgotten_events += is_forgotten
        if is_forgotten:
            _count(tally.draft, fact, draft)
            fold(participant, past.entry)
            _keep(participant, past.entry, reversed_ids)
        elif past.entry.cause_id is None:
            entries = _decide_again(tally, draft, participant, past, alike, ids)
            alike |= _alike(facts, place, entries)
            will_be_reversed = {alike.get(name, name) for name in reversed_ids}
            for entry in entries:
                _keep(participant, entry, will_be_reversed)
    tier = participant.account.tier.tier_id if participant.account.tier else None
    if tier != live_tier:
        change = tally.tier_changes.setdefault((live_tier, tier), TierChange())
        change.participants += 1
        if len(change.examples) < EXAMPLES:
            change.examples.append(participant.participant_id)


class Enough(dict[str, Stock]):
    """A stock that never runs out, for each reward."""

    def __init__(self, definitions: Definitions) -> None:
        super().__init__()
        self._endless = {reward.id: Stock(-(2**62), ["what-if"]) for reward in definitions.rewards.values()}

    def get(self, reward_id: str, default: Any = None) -> Any:
        return self._endless.get(reward_id, default)

    def __setitem__(self, reward_id: str, stock: Stock) -> None:
        """Nothing is taken."""


def _keep(participant: Participant, entry: Entry, reversed_ids: Collection[str]) -> None:
    """Transactions that will be reversed."""
    if entry.id in reversed_ids and isinstance(entry.fact, PointsFact):
        participant.transactions[entry.id] = Transaction(entry.fact, entry.occurred_at)


def _alike(facts: Sequence[Past], place: int, drafted: Sequence[Entry]) -> dict[str, str]:
    """The ids of what a command brought with those of its like in the draft: of the same kind and due to the same
    definition. Later commands name them, to reverse or fulfil them."""
    waiting: dict[tuple[str, str | None], list[str]] = {}
    for entry in reversed(drafted):
        waiting.setdefault((entry.fact.kind, entry.fact.due_to), []).append(entry.id)
    brought = takewhile(lambda past: past.entry.cause_id is not None, facts[place + 1 :])
    likes = ((past.entry.id, waiting.get((past.entry.fact.kind, past.entry.fact.due_to))) for past in brought)
    return {name: found.pop() for name, found in likes if found}


def _decide_again(
    tally: Tally, draft: Definitions, participant: Participant, past: Past, alike: dict[str, str], ids: Iterator[str]
) -> list[Entry]:
    settled = _settle(tally, draft, participant, past.recorded_at, ids)
    command = _command(participant, past.entry, alike)
    if command is None:
        return settled  # an expiry, if anything
    tally.commands += 1
    tally.events += isinstance(command, RecordEvent)
    decision = decide(draft, participant, command, past.recorded_at, chain([past.entry.id], ids))
    if isinstance(decision, Rejection):
        tally.refused += 1
        return []
    for entry in decision.entries:
        _count(tally.draft, entry.fact, draft)
    return decision.entries


def _settle(
    tally: Tally, draft: Definitions, participant: Participant, now: datetime, ids: Iterator[str]
) -> list[Entry]:
    """What has expired, and what that sets off."""
    settled: list[Entry] = []
    settle = SettleExpiries(project_id=participant.project_id, participant_id=participant.participant_id)
    while has_expired(participant, now):
        decision = decide(draft, participant, settle, now, ids)
        if isinstance(decision, Rejection):
            break
        for entry in decision.entries:
            _count(tally.draft, entry.fact, draft)
        settled += decision.entries
    return settled


def _command(participant: Participant, entry: Entry, alike: dict[str, str]) -> Command | None:
    """What was asked for, naming what `alike` says instead; None for what changes nothing but the profile, and for what
    nobody asked for."""
    who: dict[str, Any] = {"project_id": participant.project_id, "participant_id": participant.participant_id}
    at = entry.occurred_at
    match entry.fact:
        case EventRecorded(event_name=name, properties=properties):
            return RecordEvent(event_name=name, properties=properties, occurred_at=at, **who)
        case PointsAwarded(amount=amount, reason=reason, base_amount=base, lots=lots, requested_expires_at=requested):
            expires_at = requested or (lots[0].expires_at if lots else None)
            asked = amount if base is None else base
            return AwardPoints(amount=asked, reason=reason, occurred_at=at, expires_at=expires_at, **who)
        case PointsDeducted(amount=amount, reason=reason):
            return DeductPoints(amount=amount, reason=reason, occurred_at=at, **who)
        case TierReached(tier_id=name):
            return JudgeAnew(definition_ids=(name,), silent=True, **who)
        case TierAssigned(tier_code=code):
            return AssignTier(tier_code=code, **who)
        case BadgeEarned(badge_code=code):
            return AwardBadge(badge_code=code, **who)
        case BadgeRevoked(badge_code=code):
            return RevokeBadge(badge_code=code, **who)
        case StreakRecorded(streak_code=code):
            return RecordStreak(streak_code=code, occurred_at=at, **who)
        case ChallengeJoined(challenge_code=code):
            return JoinChallenge(challenge_code=code, **who)
        case ChallengeLeft(challenge_code=code):
            return LeaveChallenge(challenge_code=code, **who)
        case _:
            return _economy_command(entry.fact, who, alike)


def _economy_command(fact: Fact, who: dict[str, Any], alike: dict[str, str]) -> Command | None:
    match fact:
        case PointsHeld(amount=amount, expires_at=expires_at):
            return HoldPoints(amount=amount, expires_at=expires_at, **who)
        case HoldCaptured(amount=amount, hold_id=name):
            return CaptureHold(hold_id=name, amount=amount, **who)
        case HoldReleased(hold_id=name, has_expired=False):
            return ReleaseHold(hold_id=name, **who)
        case AwardReversed(amount=amount, transaction_id=name) | DeductReversed(amount=amount, transaction_id=name):
            return ReversePoints(transaction_id=alike.get(name, name), amount=amount, **who)
        case RewardClaimed(amount=amount, reward_id=name):
            return ClaimReward(reward=name, deducts_points=amount > 0, **who)
        case ClaimFulfilled(claim_id=name):
            return FulfilClaim(claim_id=alike.get(name, name), **who)
        case ClaimCancelled(amount=amount, claim_id=name):
            return CancelClaim(claim_id=alike.get(name, name), returns_points=amount > 0, **who)
        case _:
            return None


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
        counted.fired += outcome.outcome == "acted" and outcome.definition_id not in definitions.challenges
        counted.limited += outcome.outcome in ("limited", "group_taken")
        counted.failed += outcome.outcome in ("failed", "cut")
