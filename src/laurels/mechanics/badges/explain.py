"""The reasons why badges were earned by their criteria, or not."""

from collections.abc import Sequence

from laurels.kernel.definition import Definitions
from laurels.kernel.explaining.explain import (
    ConsideredDefinition,
    JournalFact,
    JudgedCondition,
    entry_of,
    judged_condition,
    outcomes_of,
    sentence,
)
from laurels.kernel.explaining.seen_values import Moment
from laurels.mechanics.badges.model import Badge, BadgeEarned


def conditions(definitions: Definitions) -> list[str]:
    """The criteria of all badges."""
    return [badge.criteria for badge in definitions[Badge].by_id.values() if badge.criteria is not None]


def considered_badges(
    definitions: Definitions, facts: Sequence[JournalFact], moment: Moment
) -> list[ConsideredDefinition]:
    """The badges that were earned by their criteria, and badges whose criteria failed. `moment` is right after the
    first fact, and is advanced to the end."""
    outcomes = outcomes_of(facts[0].fact)
    earned: dict[str, list[JudgedCondition]] = {}
    for recorded in facts[1:]:
        fact = recorded.fact
        # A badge given by a rule or challenge is due to it, whatever the criteria are; older facts have no more data.
        if isinstance(fact, BadgeEarned) and fact.due_to is None and fact.badge_id in definitions[Badge].by_id:
            badge = definitions[Badge].by_id[fact.badge_id]
            earned[badge.id] = _criteria(badge, moment)
        moment.go_on([entry_of(recorded)])
    considered = []
    for badge in definitions[Badge].by_id.values():
        if badge.id in outcomes:
            considered.append(
                ConsideredDefinition(badge, "failed", sentence(outcomes[badge.id]), _criteria(badge, moment))
            )
        elif badge.id in earned and badge.criteria is not None:
            considered.append(ConsideredDefinition(badge, "earned", "It was earned.", earned[badge.id]))
    return considered


def _criteria(badge: Badge, moment: Moment) -> list[JudgedCondition]:
    if badge.criteria is None:
        return []
    return [judged_condition(moment.definitions.game.expressions.criterion, badge.criteria, moment)]
