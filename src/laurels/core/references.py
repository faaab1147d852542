"""What definitions name of one another, and what of it is not there.

Only active definitions are held to it: what has been switched off may name what is gone.
"""

from collections.abc import Collection, Iterable, Iterator

from msgspec import Struct

from laurels.core.actions import (
    AdvanceChallenge,
    AnyAction,
    ContinueStreak,
    GiveBadge,
    GrantReward,
    PutInTier,
)
from laurels.core.challenges import objective_to_advance
from laurels.core.model import Challenge, Definitions, EarningCap, Reward, Rule
from laurels.core.rejections import DefinitionKind


class Dangling(Struct, frozen=True):
    """A definition names what is not there. `field` is a path in it such as `actions[0].badge_code`, and `message`
    continues it."""

    kind: DefinitionKind
    code: str
    field: str
    message: str


def dangling(definitions: Definitions) -> list[Dangling]:
    return [
        *_of("reward", definitions.rewards_by_code.values(), definitions),
        *_of("challenge", definitions.challenges_by_code.values(), definitions),
        *_of("rule", definitions.rules_by_code.values(), definitions),
        *_of("earning_cap", definitions.earning_caps_by_code.values(), definitions),
    ]


_Naming = Reward | Challenge | Rule | EarningCap


def _of(kind: DefinitionKind, naming: Iterable[_Naming], definitions: Definitions) -> Iterator[Dangling]:
    for definition in naming:
        if definition.is_active:
            for field, message in _missing(definition, definitions):
                yield Dangling(kind, definition.code, field, message)


def _missing(definition: _Naming, definitions: Definitions) -> Iterator[tuple[str, str]]:
    match definition:
        case Reward():
            yield from _unknown("required_tier", "tier", definition.required_tier, definitions.tiers_by_code)
            for place, code in enumerate(definition.required_badges):
                yield from _unknown(f"required_badges[{place}]", "badge", code, definitions.badges_by_code)
        case EarningCap():
            yield from _unknown("rule_code", "rule", definition.rule_code, definitions.rules_by_code)
        case Rule():
            yield from _missing_in_actions("actions", definition.actions, definitions)
        case Challenge():
            for place, milestone in enumerate(definition.milestones):
                yield from _missing_in_actions(f"milestones[{place}].actions", milestone.actions, definitions)
            yield from _missing_in_actions("actions", definition.actions, definitions)


def _missing_in_actions(
    field: str, actions: tuple[AnyAction, ...], definitions: Definitions
) -> Iterator[tuple[str, str]]:
    for place, action in enumerate(actions):
        at = f"{field}[{place}]"
        match action:
            case GiveBadge(badge_code=code):
                yield from _unknown(f"{at}.badge_code", "badge", code, definitions.badges_by_code)
            case PutInTier(tier_code=code):
                yield from _unknown(f"{at}.tier_code", "tier", code, definitions.tiers_by_code)
            case ContinueStreak(streak_code=code):
                yield from _unknown(f"{at}.streak_code", "streak", code, definitions.streaks_by_code)
            case GrantReward(reward_code=code):
                yield from _unknown(f"{at}.reward_code", "reward", code, definitions.rewards_by_code)
            case AdvanceChallenge(challenge_code=code):
                yield from _unknown(f"{at}.challenge_code", "challenge", code, definitions.challenges_by_code)
                yield from _unknown_objective(at, action, definitions)


def _unknown_objective(at: str, action: AdvanceChallenge, definitions: Definitions) -> Iterator[tuple[str, str]]:
    challenge = definitions.challenges_by_code.get(action.challenge_code)
    if challenge is None or objective_to_advance(challenge, action.objective_code) is not None:
        return
    if action.objective_code is None:
        yield f"{at}.challenge_code", f"names a challenge without an objective that counts or sums: {challenge.code}"
    else:
        message = f"names no objective of that challenge that counts or sums: {action.objective_code}"
        yield f"{at}.objective_code", message


def _unknown(field: str, kind: str, code: str | None, known: Collection[str]) -> Iterator[tuple[str, str]]:
    if code is not None and code not in known:
        yield field, f"names no {kind} of this project: {code}"
