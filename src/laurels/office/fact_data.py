"""The data of a fact for people: decimals, the names of periods, codes, where the journal has whole numbers and ids."""

from typing import Any

import msgspec

from laurels.kernel import decimals
from laurels.kernel.dates import periods
from laurels.kernel.dates.periods import Period
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Fact
from laurels.mechanics.challenges.model import Challenge, ChallengeAdvanced, ChallengeCompleted, ChallengeFact
from laurels.mechanics.points.purse.model import EarningCap, PointsAwarded, PointsFact
from laurels.mechanics.rewards.model import RewardClaimed
from laurels.mechanics.streaks.model import Streak, StreakRecorded

_INTERNAL = ("due_to", "outcomes", "cap_windows", "seen")
_PERIODS = ("period", "open_from")


def shown(definitions: Definitions, fact: Fact) -> dict[str, Any]:
    """By the definitions of the fact's version. Numbers of periods that they do not explain are left out."""
    data: dict[str, Any] = msgspec.to_builtins(fact)
    for name in _INTERNAL:
        data.pop(name, None)
    match fact:
        case PointsFact():
            _show_points(data, definitions, fact)
        case StreakRecorded():
            streak = definitions[Streak].by_id.get(fact.streak_id)
            _name_periods(data, definitions, streak.period if streak else None)
        case ChallengeFact():
            _show_challenge(data, definitions, fact)
    return data


def _show_points(data: dict[str, Any], definitions: Definitions, fact: PointsFact) -> None:
    if fact.lots:
        data["lots"] = [{"expires_at": lot.expires_at, "points": lot.points} for lot in fact.lots]
    if isinstance(fact, PointsAwarded | RewardClaimed) and fact.multiplier is not None:
        data["multiplier"] = decimals.shown(fact.multiplier)
    if isinstance(fact, PointsAwarded) and fact.capped_by:
        caps = definitions[EarningCap].by_id
        data["capped_by"] = [caps[cap_id].code if cap_id in caps else cap_id for cap_id in fact.capped_by]


def _show_challenge(data: dict[str, Any], definitions: Definitions, fact: ChallengeFact) -> None:
    challenge = definitions[Challenge].by_id.get(fact.challenge_id)
    _name_periods(data, definitions, challenge.period if challenge else None)
    if isinstance(fact, ChallengeAdvanced):
        data["by"] = _progress(challenge, fact.objective, fact.by)
    elif isinstance(fact, ChallengeCompleted) and fact.used:
        data["used"] = {code: _progress(challenge, code, number) for code, number in fact.used.items()}


def _progress(challenge: Challenge | None, objective_code: str, number: int) -> int | float:
    """In the unit of the objective: events, a sum, different values."""
    objectives = challenge.objectives if challenge else ()
    is_sum = any(each.code == objective_code and each.measure == "sum" for each in objectives)
    return decimals.shown(number) if is_sum else number


def _name_periods(data: dict[str, Any], definitions: Definitions, period: Period | None) -> None:
    """Such as 2026-02-14, 2026-W07 or 2026-02."""
    for name in _PERIODS:
        number = data.pop(name, None)
        if number is not None and period is not None:
            data[name] = periods.key_of(period, number, definitions.calendar.first_day_of_week)
