"""Which state a command can touch, beyond the participant's account, which every command needs.

`decide` answers the same when everything outside a command's needs is removed from the state. So needs follow what a
command can set off: the rules and challenges that listen to an event, what their actions do, and the badges whose
criteria read what may change by it. All this hangs on the definitions alone and is found once for each version.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from laurels.kernel import expressions, readings
from laurels.kernel.actions import (
    AdvanceChallenge,
    AnyAction,
    ContinueStreak,
    GiveBadge,
    GivePoints,
    GrantReward,
    PutInTier,
    TakePoints,
    formulas,
)
from laurels.kernel.commands import Command, JudgeAnew
from laurels.kernel.definition import Definitions
from laurels.kernel.expressions import Conditions
from laurels.kernel.model import Participant
from laurels.mechanics.badges.model import AwardBadge, Badge, RevokeBadge
from laurels.mechanics.challenges import rules as challenges
from laurels.mechanics.challenges.model import Challenge, JoinChallenge, LeaveChallenge
from laurels.mechanics.events.model import RecordEvent
from laurels.mechanics.participants.model import SaveProfile
from laurels.mechanics.points import rules as points
from laurels.mechanics.points.commands import (
    AwardPoints,
    CaptureHold,
    DeductPoints,
    HoldPoints,
    ReleaseHold,
    ReversePoints,
    SettleExpiries,
)
from laurels.mechanics.points.model import POINTS_LIMIT, EarningCap, PointsAwarded
from laurels.mechanics.rewards import rules as rewards
from laurels.mechanics.rewards.model import CancelClaim, ClaimReward, FulfilClaim, Reward
from laurels.mechanics.rules import rules
from laurels.mechanics.rules.model import Rule
from laurels.mechanics.streaks.model import RecordStreak
from laurels.mechanics.tiers.model import AssignTier


class Needs(Struct, frozen=True):
    """`challenges` by id; `rules` and `caps` are those whose uses must be known. `lots` stands for what ends next, of
    open holds too, and `taken` for the most points that rules take of the lots; `lot_count` for the number of lots and
    of open holds. `holds`, `claims` and `transactions` are ids; `rewards` are ids, each with how many of its codes can
    be given at most."""

    profile: bool = False
    zone: bool = False
    badges: bool = False
    streaks: bool = False
    lots: bool = False
    taken: int = 0
    lot_count: bool = False
    challenges: frozenset[str] = frozenset()
    holds: frozenset[str] = frozenset()
    transactions: frozenset[str] = frozenset()
    claims: frozenset[str] = frozenset()
    rewards: frozenset[tuple[str, int]] = frozenset()
    rules: tuple[Rule, ...] = ()
    caps: tuple[EarningCap, ...] = ()

    def with_all_of(self, other: "Needs") -> "Needs":
        if other is ACCOUNT_ONLY:
            return self
        return Needs(*(_union(mine, getattr(other, name)) for name, mine in asdict(self).items()))


class Listeners(Struct, frozen=True):
    """What listens to one event: the rules in their order with their conditions, the challenges, and the variables that
    all their expressions read. `past_needs` are those for an event with a time of its own: what it brings may have
    expired since."""

    rules: list[Rule]
    conditions: Conditions
    challenges: list[Challenge]
    reads: frozenset[str]
    needs: Needs
    past_needs: Needs


ACCOUNT_ONLY = Needs()

ALL_LOTS = POINTS_LIMIT
"""Taken by those of whom it is not known before."""

COMPLETIONS = 9
"""How often the actions of one definition take effect by one event, all but never more (see kernel/cascade.py)."""


def _union(mine: Any, theirs: Any) -> Any:
    if type(mine) is int:
        return mine + theirs
    if isinstance(mine, tuple):
        return tuple(dict.fromkeys(mine + theirs))
    return mine | theirs


_OWN_NEEDS: dict[type[Command], Needs] = {
    SaveProfile: Needs(profile=True),
    AwardBadge: Needs(badges=True),
    RevokeBadge: Needs(badges=True),
    RecordStreak: Needs(streaks=True, zone=True),
    DeductPoints: Needs(lots=True),
    ReversePoints: Needs(lots=True, lot_count=True),
    HoldPoints: Needs(lots=True, lot_count=True),
    CaptureHold: Needs(lots=True),
    ReleaseHold: Needs(lots=True),
    SettleExpiries: Needs(lots=True),
    ClaimReward: Needs(lots=True),
    CancelClaim: Needs(lots=True, lot_count=True),
}
_CHANGES: dict[type[Command], frozenset[str]] = {
    AwardPoints: readings.POINTS | readings.TIER,
    DeductPoints: readings.POINTS,
    ReversePoints: readings.POINTS,
    HoldPoints: readings.POINTS,
    CaptureHold: readings.POINTS,
    ReleaseHold: readings.POINTS,
    SettleExpiries: readings.POINTS,
    ClaimReward: readings.POINTS,
    CancelClaim: readings.POINTS,
    AssignTier: readings.TIER,
    AwardBadge: readings.BADGES,
    RevokeBadge: readings.BADGES,
    RecordStreak: readings.STREAKS,
    SaveProfile: readings.PROFILE | readings.ZONE,
}
_ACTIONS_CHANGE: dict[type[AnyAction], frozenset[str]] = {
    GivePoints: readings.POINTS | readings.TIER,
    TakePoints: readings.POINTS,
    PutInTier: readings.TIER,
    ContinueStreak: readings.STREAKS,
    AdvanceChallenge: readings.CHALLENGES,
    GiveBadge: readings.BADGES,
    GrantReward: frozenset(),
}


def needs(definitions: Definitions, command: Command) -> Needs:
    match command:
        case RecordEvent():
            heard = listeners(definitions, command.event_name)
            return heard.needs if command.occurred_at is None else heard.past_needs
        case JoinChallenge() | LeaveChallenge():
            challenge = definitions[Challenge].by_code.get(command.challenge_code)
            if challenge is None:
                return ACCOUNT_ONLY
            return Needs(challenges=frozenset({challenge.id}), zone=challenge.period is not None)
        case JudgeAnew():
            return _for_judging(definitions, command.definition_ids)
    kind = type(command)
    known: Needs | None = definitions.memory.get(kind)
    if known is None:
        own = _OWN_NEEDS.get(kind, ACCOUNT_ONLY)
        if kind is AwardPoints:
            own = own.with_all_of(_for_awards(definitions, []))
        known = definitions.memory[kind] = _with_criteria(definitions, own, _CHANGES.get(kind, frozenset()))
    return known.with_all_of(_particular(definitions, command))


def taken(definitions: Definitions, command: Command, need: Needs) -> int:
    """The most points that the command takes of the participant's lots; `need` are its needs."""
    match command:
        case DeductPoints() | HoldPoints():
            return command.amount
        case ClaimReward():
            reward = rewards.named(definitions, command.reward)
            return reward.points_cost if reward is not None and command.deducts_points else 0
        case _:
            return need.taken


class LotNeeds(Struct, frozen=True):
    """Which lots: those that end first and have more points than are `taken` together, without those that end at the
    moments `named`; and these. `is_summed`: the points of all the others together, too."""

    taken: int = 0
    named: frozenset[datetime] = frozenset()
    is_summed: bool = False


def lot_needs(definitions: Definitions, participant: Participant, command: Command, need: Needs) -> LotNeeds | None:
    """What the command needs of the lots, when what it names has been loaded; None for nothing, as it is refused."""
    match command:
        case ReversePoints():
            found = points.reversible(participant.transactions, command.transaction_id)
            if not isinstance(found, points.Reversible) or found.reversed >= found.fact.amount:
                return None
            is_summed = isinstance(found.fact, PointsAwarded) and not found.fact.lots
            return LotNeeds(need.taken, frozenset(lot.expires_at for lot in found.fact.lots), is_summed)
        case CaptureHold() | ReleaseHold():
            hold = participant.holds.get(command.hold_id)
            return LotNeeds(need.taken) if hold is not None and hold.status == "held" else None
        case CancelClaim():
            claim = participant.claims.get(command.claim_id)
            if claim is None or claim.status != "claimed":
                return None
            returned = claim.lots if command.returns_points else []
            return LotNeeds(need.taken, frozenset(lot.expires_at for lot in returned))
        case _:
            return LotNeeds(taken(definitions, command, need)) if need.lots else None


def _for_judging(definitions: Definitions, definition_ids: tuple[str, ...]) -> Needs:
    known: Needs | None = definitions.memory.get(("judging", definition_ids))
    if known is None:
        reads = [expression.reads for badge, expression in criteria(definitions) if badge.id in definition_ids]
        own = _with_reads(definitions, Needs(badges=bool(reads)), frozenset().union(*reads))
        known = _with_criteria(definitions, own, readings.TIER | readings.BADGES)
        definitions.memory["judging", definition_ids] = known
    return known


def _particular(definitions: Definitions, command: Command) -> Needs:
    """What hangs on what the command names."""
    match command:
        case AwardPoints(expires_in_days=int()) | AwardPoints(expires_at=datetime()):
            return Needs(zone=True, lot_count=True)
        case ReversePoints():
            return Needs(transactions=frozenset({command.transaction_id}))
        case CaptureHold() | ReleaseHold():
            return Needs(holds=frozenset({command.hold_id}))
        case FulfilClaim() | CancelClaim():
            return Needs(claims=frozenset({command.claim_id}))
        case ClaimReward():
            reward = rewards.named(definitions, command.reward)
            return ACCOUNT_ONLY if reward is None else _for_claims([reward], 1)
        case _:
            return ACCOUNT_ONLY


def _for_awards(definitions: Definitions, rule_codes: Collection[str]) -> Needs:
    """The caps that can bound an award, or the actions of those rules."""
    caps = [
        cap
        for cap in definitions[EarningCap].by_id.values()
        if cap.is_active and not cap.is_deleted and (cap.rule_code is None or cap.rule_code in rule_codes)
    ]
    return Needs(caps=tuple(caps), zone=True) if caps else ACCOUNT_ONLY


def _for_claims(claimable: Iterable[Reward], most: int) -> Needs:
    """`most` claims of each."""
    claimable = list(claimable)
    return Needs(
        rewards=frozenset((reward.id, most) for reward in claimable),
        badges=any(reward.required_badges for reward in claimable),
    )


def listeners(definitions: Definitions, event_name: str) -> Listeners:
    # Names are the callers' to invent: those that nothing listens to share one entry.
    name = event_name if event_name in _names_listened_to(definitions) else None
    known: Listeners | None = definitions.memory.get(("listeners", name))
    if known is None:
        known = definitions.memory["listeners", name] = _find_listeners(definitions, event_name)
    return known


def criteria(definitions: Definitions) -> list[tuple[Badge, expressions.Expression]]:
    """The badges that are earned as soon as an expression holds, in their order."""
    found: list[tuple[Badge, expressions.Expression]] | None = definitions.memory.get("criteria")
    if found is None:
        badges = [b for b in definitions[Badge].by_code.values() if b.is_active and b.criteria is not None]
        badges.sort(key=lambda badge: (badge.display_order, badge.code))
        found = [(badge, expressions.criterion(badge.criteria or "")) for badge in badges]
        definitions.memory["criteria"] = found
    return found


def read_by(definitions: Definitions) -> frozenset[str]:
    """The variables that conditions, amounts and criteria read."""
    known: frozenset[str] | None = definitions.memory.get("read by")
    if known is None:
        heard = [listeners(definitions, name).reads for name in _names_listened_to(definitions)]
        judged = [expression.reads for _, expression in criteria(definitions)]
        known = definitions.memory["read by"] = frozenset().union(*heard, *judged)
    return known


def _names_listened_to(definitions: Definitions) -> frozenset[str]:
    names: frozenset[str] | None = definitions.memory.get("names listened to")
    if names is None:
        names = definitions.memory["names listened to"] = frozenset(
            [rule.event_name for rule in definitions[Rule].by_id.values()]
            + [o.event_name for challenge in definitions[Challenge].by_id.values() for o in challenge.objectives]
        )
    return names


def _find_listeners(definitions: Definitions, event_name: str) -> Listeners:
    listening_rules = rules.listening(definitions, event_name)
    listening_challenges = challenges.listening(definitions, event_name)
    reachable = _reachable(definitions, listening_rules, listening_challenges)
    actions = [
        *(action for rule in listening_rules for action in rule.actions),
        *(action for challenge in reachable for action in _actions_of(challenge)),
    ]
    sources = [
        *(rule.condition for rule in listening_rules),
        *(objective.condition for challenge in listening_challenges for objective in challenge.objectives),
    ]
    reads = frozenset().union(
        *(expressions.condition(source).reads for source in sources if source is not None),
        *(expressions.amount(source).reads for source in formulas(tuple(actions))),
    )
    gives = [action for action in actions if isinstance(action, GivePoints)]
    expires = any(action.expires_in_days is not None for action in gives)
    own = Needs(
        badges=any(isinstance(action, GiveBadge) for action in actions),
        streaks=any(isinstance(action, ContinueStreak) for action in actions),
        zone=any(isinstance(action, ContinueStreak) for action in actions)
        or expires
        or any(not limit.in_total and limit.per != "ever" for rule in listening_rules for limit in rule.limits)
        or any(challenge.period is not None for challenge in reachable),
        lots=any(isinstance(action, TakePoints) for action in actions),
        taken=_taken(actions),
        lot_count=expires,
        challenges=frozenset(challenge.id for challenge in reachable),
        rules=tuple(rule for rule in listening_rules if rule.limits),
    )
    if gives:
        own = own.with_all_of(_for_awards(definitions, [rule.code for rule in listening_rules]))
    grants = [action for action in actions if isinstance(action, GrantReward)]
    granted = [
        definitions[Reward].by_code[g.reward_code] for g in grants if g.reward_code in definitions[Reward].by_code
    ]
    if granted:
        # A claim without a price can still begin a multiplier, whose end is one of all that can end.
        own = own.with_all_of(_for_claims(granted, len(grants) * COMPLETIONS)).with_all_of(Needs(lots=True))
    changes = readings.EVENTS.union(*(_ACTIONS_CHANGE[type(action)] for action in actions))
    if reachable:
        changes |= readings.CHALLENGES
    all_needs = _with_criteria(definitions, _with_reads(definitions, own, reads), changes)
    is_passing = any(give.expires_in_days is not None for give in gives)
    return Listeners(
        rules=listening_rules,
        conditions=Conditions([rule.condition for rule in listening_rules]),
        challenges=listening_challenges,
        reads=reads,
        needs=all_needs,
        past_needs=all_needs.with_all_of(Needs(lots=True)) if is_passing else all_needs,
    )


def _taken(actions: Iterable[AnyAction]) -> int:
    amounts = [action.amount for action in actions if isinstance(action, TakePoints)]
    numbers = [amount for amount in amounts if isinstance(amount, int)]
    return sum(numbers) * COMPLETIONS if len(numbers) == len(amounts) else ALL_LOTS


def _reachable(
    definitions: Definitions, listening_rules: list[Rule], listening_challenges: list[Challenge]
) -> list[Challenge]:
    """The challenges that listen, and those that actions advance, theirs included."""
    found = {challenge.id: challenge for challenge in listening_challenges}
    waiting = [
        *(action for rule in listening_rules for action in rule.actions),
        *(action for challenge in listening_challenges for action in _actions_of(challenge)),
    ]
    while waiting:
        action = waiting.pop()
        if isinstance(action, AdvanceChallenge):
            challenge = definitions[Challenge].by_code.get(action.challenge_code)
            if challenge is not None and challenge.id not in found:
                found[challenge.id] = challenge
                waiting.extend(_actions_of(challenge))
    return list(found.values())


def _actions_of(challenge: Challenge) -> Iterator[AnyAction]:
    yield from challenge.actions
    for milestone in challenge.milestones:
        yield from milestone.actions


def _with_criteria(definitions: Definitions, own: Needs, changes: frozenset[str]) -> Needs:
    """Adds what the badges read that such changes can earn; earning one may let another one be earned."""
    waiting = criteria(definitions)
    while concerned := [known for known in waiting if known[1].reads & changes]:
        waiting = [known for known in waiting if known not in concerned]
        changes |= readings.BADGES
        own = _with_reads(definitions, own, readings.BADGES.union(*(expression.reads for _, expression in concerned)))
    return own


def _with_reads(definitions: Definitions, own: Needs, reads: Iterable[str]) -> Needs:
    read = frozenset(reads)
    more = Needs(
        profile=bool(read & readings.PROFILE),
        zone=bool(read & readings.ZONE),
        badges=bool(read & readings.BADGES),
        streaks=bool(read & readings.STREAKS),
        challenges=frozenset(definitions[Challenge].by_id if read & readings.CHALLENGES else ()),
    )
    return own if more == ACCOUNT_ONLY else own.with_all_of(more)
