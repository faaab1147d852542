"""Which state a command can touch, beyond the participant's account, which every command needs.

`decide` answers the same when everything outside a command's needs is removed from the state. So needs follow what a
command can set off: the rules and challenges that listen to an event, what their actions do, and the badges whose
criteria read what may change by it. All this hangs on the definitions alone and is found once for each version.
"""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from laurels.core import challenges, expressions, readings, rules
from laurels.core.actions import (
    AdvanceChallenge,
    AnyAction,
    ContinueStreak,
    GiveBadge,
    GivePoints,
    PutInTier,
    TakePoints,
    formulas,
)
from laurels.core.commands import (
    AssignTier,
    AwardBadge,
    AwardPoints,
    Command,
    DeductPoints,
    JoinChallenge,
    LeaveChallenge,
    RecordEvent,
    RecordStreak,
    RevokeBadge,
    SaveProfile,
)
from laurels.core.expressions import Conditions
from laurels.core.model import Badge, Challenge, Definitions, Rule


class Needs(Struct, frozen=True):
    """`challenges` by id; `rules` are those whose uses must be known."""

    profile: bool = False
    zone: bool = False
    badges: bool = False
    streaks: bool = False
    challenges: frozenset[str] = frozenset()
    rules: tuple[Rule, ...] = ()


class Listeners(Struct, frozen=True):
    """What listens to one event: the rules in their order with their conditions, the challenges, and the variables that
    all their expressions read."""

    rules: list[Rule]
    conditions: Conditions
    challenges: list[Challenge]
    reads: frozenset[str]
    needs: Needs


ACCOUNT_ONLY = Needs()

_OWN_NEEDS: dict[type[Command], Needs] = {
    SaveProfile: Needs(profile=True),
    AwardBadge: Needs(badges=True),
    RevokeBadge: Needs(badges=True),
    RecordStreak: Needs(streaks=True, zone=True),
}
_CHANGES: dict[type[Command], frozenset[str]] = {
    AwardPoints: readings.POINTS | readings.TIER,
    DeductPoints: readings.POINTS,
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
}


def needs(definitions: Definitions, command: Command) -> Needs:
    match command:
        case RecordEvent():
            return listeners(definitions, command.event_name).needs
        case JoinChallenge() | LeaveChallenge():
            challenge = definitions.challenges_by_code.get(command.challenge_code)
            if challenge is None:
                return ACCOUNT_ONLY
            return Needs(challenges=frozenset({challenge.id}), zone=challenge.period is not None)
    kind = type(command)
    known: Needs | None = definitions.memory.get(kind)
    if known is None:
        own = _OWN_NEEDS.get(kind, ACCOUNT_ONLY)
        known = definitions.memory[kind] = _with_criteria(definitions, own, _CHANGES.get(kind, frozenset()))
    return known


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
        badges = [b for b in definitions.badges_by_code.values() if b.is_active and b.criteria is not None]
        badges.sort(key=lambda badge: (badge.display_order, badge.code))
        found = [(badge, expressions.criterion(badge.criteria or "")) for badge in badges]
        definitions.memory["criteria"] = found
    return found


def _names_listened_to(definitions: Definitions) -> frozenset[str]:
    names: frozenset[str] | None = definitions.memory.get("names listened to")
    if names is None:
        names = definitions.memory["names listened to"] = frozenset(
            [rule.event_name for rule in definitions.rules.values()]
            + [o.event_name for challenge in definitions.challenges.values() for o in challenge.objectives]
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
    own = Needs(
        badges=any(isinstance(action, GiveBadge) for action in actions),
        streaks=any(isinstance(action, ContinueStreak) for action in actions),
        zone=any(isinstance(action, ContinueStreak) for action in actions)
        or any(not limit.in_total and limit.per != "ever" for rule in listening_rules for limit in rule.limits)
        or any(challenge.period is not None for challenge in reachable),
        challenges=frozenset(challenge.id for challenge in reachable),
        rules=tuple(rule for rule in listening_rules if rule.limits),
    )
    changes = readings.EVENTS.union(*(_ACTIONS_CHANGE[type(action)] for action in actions))
    if reachable:
        changes |= readings.CHALLENGES
    return Listeners(
        rules=listening_rules,
        conditions=Conditions([rule.condition for rule in listening_rules]),
        challenges=listening_challenges,
        reads=reads,
        needs=_with_criteria(definitions, _with_reads(definitions, own, reads), changes),
    )


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
            challenge = definitions.challenges_by_code.get(action.challenge_code)
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
        profile=own.profile or bool(read & readings.PROFILE),
        zone=own.zone or bool(read & readings.ZONE),
        badges=own.badges or bool(read & readings.BADGES),
        streaks=own.streaks or bool(read & readings.STREAKS),
        challenges=own.challenges | frozenset(definitions.challenges if read & readings.CHALLENGES else ()),
        rules=own.rules,
    )
    return more if more != ACCOUNT_ONLY else ACCOUNT_ONLY
