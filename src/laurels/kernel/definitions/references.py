"""What definitions name of one another, and what of it is not there or not active.

Only active definitions are held to it: what has been switched off may name what is gone.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from laurels.kernel.actions import (
    AdvanceChallenge,
    AnyAction,
    ContinueStreak,
    GiveBadge,
    GrantReward,
    PutInTier,
    TakePoints,
)
from laurels.kernel.definition import Definitions
from laurels.mechanics.challenges.model import Challenge
from laurels.mechanics.challenges.rules import objective_to_advance
from laurels.mechanics.points.model import EarningCap
from laurels.mechanics.rewards.model import Reward
from laurels.mechanics.rules.model import Rule


class Dangling(Struct, frozen=True):
    """A definition names what is not there. `field` is a path in it such as `actions[0].badge_code`, and `message`
    continues it."""

    kind: str
    code: str
    field: str
    message: str


class _Reference(Struct, frozen=True):
    """`actions` are those of the list that names it, none if it is no action that does."""

    kind: str
    code: str
    field: str
    named_kind: str
    named_code: str
    actions: tuple[AnyAction, ...] = ()


_Naming = Reward | Challenge | Rule | EarningCap


def dangling(definitions: Definitions) -> list[Dangling]:
    known: list[Dangling] | None = definitions.memory.get("dangling")
    if known is None:
        known = definitions.memory["dangling"] = _find_dangling(definitions)
    return known


def _find_dangling(definitions: Definitions) -> list[Dangling]:
    found = []
    for kind, definition in _active(definitions):
        for reference in _references(kind, definition):
            if reference.named_code not in _by_code(definitions, reference.named_kind):
                message = f"names no {_words(reference.named_kind)} of this project: {reference.named_code}"
                found.append(Dangling(kind, definition.code, reference.field, message))
        for field, message in _unknown_objectives(definition, definitions):
            found.append(Dangling(kind, definition.code, field, message))
    return found


def idle(definitions: Definitions, now: datetime) -> list[str]:
    """A sentence for everything that comes to nothing until what it names is active again, or open for claims (see
    kernel/acting.py and mechanics/rewards/rules.py). `now` is the real time."""
    found = []
    for kind, definition in _active(definitions):
        for reference in _references(kind, definition):
            named = _by_code(definitions, reference.named_kind).get(reference.named_code)
            lack = None if named is None else _lack(named, reference, definitions.calendar.at(now))
            if lack is not None and (follows := _follows(reference)) is not None:
                found.append(f"The {_words(reference.named_kind)} {reference.named_code} {lack}: {follows}.")
    return found


def _lack(named: Any, reference: _Reference, now: datetime) -> str | None:
    """Such as "is not active"."""
    if not named.is_active:
        return "is not active"
    if isinstance(named, Reward) and reference.actions:
        if named.ends_at is not None and named.ends_at <= now:
            return "has ended"
        if named.starts_at is not None and now < named.starts_at:
            return "has not begun"
    return None


def _follows(reference: _Reference) -> str | None:
    where = f"the {_words(reference.kind)} {reference.code}"
    if reference.actions:
        is_paid = any(isinstance(beside, TakePoints) for beside in reference.actions)
        is_refused = is_paid or reference.named_kind == "reward"
        follows = "fails, and what is beside it with it" if is_refused else "changes nothing"
        return f"{reference.field.rsplit('.', 1)[0]} of {where} {follows}"
    match reference.named_kind:
        case "badge":
            return f"only those who have earned it already can claim {where}"
        case "tier":
            return f"only those who are in it already, or in a higher one, can claim {where}"
    return None


def _words(kind: str) -> str:
    return kind.replace("_", " ")


def _active(definitions: Definitions) -> Iterator[tuple[str, _Naming]]:
    kinds: tuple[tuple[str, Mapping[str, _Naming]], ...] = (
        ("reward", definitions[Reward].by_code),
        ("challenge", definitions[Challenge].by_code),
        ("rule", definitions[Rule].by_code),
        ("earning_cap", definitions[EarningCap].by_code),
    )
    for kind, by_code in kinds:
        yield from ((kind, definition) for definition in by_code.values() if definition.is_active)


def _by_code(definitions: Definitions, kind: str) -> Mapping[str, Any]:
    return definitions.of_kind(kind).by_code


def _references(kind: str, definition: _Naming) -> Iterator[_Reference]:
    match definition:
        case Reward():
            if definition.required_tier is not None:
                yield _Reference(kind, definition.code, "required_tier", "tier", definition.required_tier)
            for place, code in enumerate(definition.required_badges):
                yield _Reference(kind, definition.code, f"required_badges[{place}]", "badge", code)
        case EarningCap():
            if definition.rule_code is not None:
                yield _Reference(kind, definition.code, "rule_code", "rule", definition.rule_code)
        case _:
            for field, actions in _lists_of_actions(definition):
                for place, action in enumerate(actions):
                    named = _named_by(action)
                    if named is not None:
                        name, named_kind, code = named
                        at = f"{field}[{place}].{name}"
                        yield _Reference(kind, definition.code, at, named_kind, code, actions)


def _lists_of_actions(definition: _Naming) -> Iterator[tuple[str, tuple[AnyAction, ...]]]:
    if isinstance(definition, Challenge):
        for place, milestone in enumerate(definition.milestones):
            yield f"milestones[{place}].actions", milestone.actions
    if isinstance(definition, Challenge | Rule):
        yield "actions", definition.actions


def _named_by(action: AnyAction) -> tuple[str, str, str] | None:
    """The field, the kind and the code of what an action is on."""
    match action:
        case GiveBadge(badge_code=code):
            return "badge_code", "badge", code
        case PutInTier(tier_code=code):
            return "tier_code", "tier", code
        case ContinueStreak(streak_code=code):
            return "streak_code", "streak", code
        case GrantReward(reward_code=code):
            return "reward_code", "reward", code
        case AdvanceChallenge(challenge_code=code):
            return "challenge_code", "challenge", code
        case _:
            return None


def _unknown_objectives(definition: _Naming, definitions: Definitions) -> Iterator[tuple[str, str]]:
    for field, actions in _lists_of_actions(definition):
        for place, action in enumerate(actions):
            if isinstance(action, AdvanceChallenge):
                yield from _unknown_objective(f"{field}[{place}]", action, definitions)


def _unknown_objective(at: str, action: AdvanceChallenge, definitions: Definitions) -> Iterator[tuple[str, str]]:
    challenge = definitions[Challenge].by_code.get(action.challenge_code)
    if challenge is None or objective_to_advance(challenge, action.objective_code) is not None:
        return
    if action.objective_code is None:
        yield f"{at}.challenge_code", f"names a challenge without an objective that counts or sums: {challenge.code}"
    else:
        message = f"names no objective of that challenge that counts or sums: {action.objective_code}"
        yield f"{at}.objective_code", message
