"""The form in which explain shows facts about streaks."""

from typing import Any

from laurels.kernel.definition import Definitions
from laurels.kernel.explaining.fact_data import name_periods
from laurels.mechanics.streaks.model import Streak, StreakRecorded


def show_recorded(data: dict[str, Any], definitions: Definitions, fact: StreakRecorded) -> None:
    streak = definitions[Streak].by_id.get(fact.streak_id)
    name_periods(data, ("period",), definitions, streak.period if streak else None)
