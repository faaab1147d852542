"""What definitions of several kinds have in common when they are checked: expressions, actions, dates."""

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime

from laurels.core.actions import (
    AdvanceChallenge,
    AnyAction,
    ContinueStreak,
    GiveBadge,
    GivePoints,
    GrantReward,
    PutInTier,
    TakePoints,
)
from laurels.core.challenges import objective_to_advance
from laurels.core.expressions import Expression, ExpressionError, amount
from laurels.core.model import Definitions
from laurels.http.errors import field_problem, invalid


def check_expression(field: str, source: str | None, compiled: Callable[[str], Expression]) -> None:
    """Raises ValueError for an expression that CEL, or the limits of ours, do not take."""
    if source is None:
        return
    try:
        compiled(source)
    except ExpressionError as error:
        raise field_problem(field, sentence(error)) from None


def sentence(error: ExpressionError) -> str:
    return f"is not accepted at line {error.line}, column {error.column}: {error.message}"


def check_amounts(field: str, actions: Iterable[AnyAction]) -> None:
    """Raises ValueError for a formula that is none."""
    for place, action in enumerate(actions):
        if isinstance(action, GivePoints | TakePoints) and isinstance(action.amount, str):
            check_expression(f"{field}[{place}].amount", action.amount, amount)
        elif isinstance(action, AdvanceChallenge) and isinstance(action.by, str):
            check_expression(f"{field}[{place}].by", action.by, amount)


def check_dates(starts_at: datetime | None, ends_at: datetime | None) -> None:
    """Raises ValueError for a time that ends before it starts."""
    if starts_at is not None and ends_at is not None and _utc(ends_at) <= _utc(starts_at):
        raise field_problem("ends_at", "must be later than starts_at")


def check_codes(
    definitions: Definitions, field: str, actions: Iterable[AnyAction], own_code: str | None = None
) -> None:
    """Raises Refusal 422 for an action on a definition that there is not. `own_code` is that of the challenge being
    checked, which may be new."""
    for place, action in enumerate(actions):
        known: Collection[str | None]
        match action:
            case GiveBadge(badge_code=code):
                kind, known = "badge", definitions.badges_by_code
            case PutInTier(tier_code=code):
                kind, known = "tier", definitions.tiers_by_code
            case ContinueStreak(streak_code=code):
                kind, known = "streak", definitions.streaks_by_code
            case GrantReward(reward_code=code):
                kind, known = "reward", definitions.rewards_by_code
            case AdvanceChallenge(challenge_code=code):
                kind, known = "challenge", {*definitions.challenges_by_code, own_code}
                _check_objective(definitions, f"{field}[{place}]", action)
            case _:
                continue
        if code not in known:
            raise invalid(f"{field}[{place}].{kind}_code", f"names no {kind} of this project: {code}")


def _check_objective(definitions: Definitions, field: str, action: AdvanceChallenge) -> None:
    challenge = definitions.challenges_by_code.get(action.challenge_code)
    if challenge is None or action.objective_code is None:
        return
    if objective_to_advance(challenge, action.objective_code) is None:
        raise invalid(
            f"{field}.objective_code",
            f"names no objective of that challenge that counts or sums: {action.objective_code}",
        )


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
