"""The counts of a what-if: the same counts for the live history and for the draft."""

from typing import Literal

import msgspec
from msgspec import Struct

EXAMPLES = 100

Approximation = Literal["profiles", "rewards", "limits_in_total", "forgotten_events", "older_facts"]
"""The reasons why the result for a draft may be approximate: attributes or time zones changed, and the current ones
were used; rewards with limited stock were claimed; several participants shared a limit; the content of events is gone;
facts of older versions do not identify the original command."""


class DefinitionTally(Struct):
    """The counts of one definition. `fired`: a rule acted, a challenge was completed, a badge earned, a tier reached or
    assigned, a streak's period recorded, a reward claimed; `limited`: a cap reduced an award. The points were
    awarded or deducted because of the definition."""

    fired: int = 0
    """How often it took effect: a rule acted, a challenge was completed, a badge earned, a tier reached, a streak's
    period recorded, a reward claimed."""
    limited: int = 0
    """How often a limit or a group held a rule back, or an earning cap reduced an award."""
    failed: int = 0
    """How often a condition or an action failed, or actions were cut off."""
    points_awarded: int = 0
    """Points that it awarded."""
    points_deducted: int = 0
    """Points that it deducted."""


class Side(Struct):
    """The counts of one side: the live history, or the draft. `by_definition` is by the definition's id."""

    points_awarded: int = 0
    points_deducted: int = 0
    by_definition: dict[str, DefinitionTally] = {}

    def of(self, definition_id: str) -> DefinitionTally:
        return self.by_definition.setdefault(definition_id, DefinitionTally())


class Moved(Struct):
    """Participants who would end with a different standing, such as a tier."""

    participants: int = 0
    examples: list[str] = []


class Tally(Struct):
    """The sums over all participants. `refused` counts allowed commands that the draft would refuse, `forgotten_events`
    events that could not be decided again. `moves` are by the ids of the old and the new standing, None for none.
    `shared_limits` has the number of participants who met a definition's total limits, by definition."""

    live: Side = msgspec.field(default_factory=Side)
    draft: Side = msgspec.field(default_factory=Side)
    commands: int = 0
    events: int = 0
    refused: int = 0
    forgotten_events: int = 0
    moves: dict[tuple[str | None, str | None], Moved] = {}
    noted: set[Approximation] = set()
    shared_limits: dict[str, int] = {}

    @property
    def approximations(self) -> list[Approximation]:
        reasons = set(self.noted)
        if self.forgotten_events:
            reasons.add("forgotten_events")
        if any(participants > 1 for participants in self.shared_limits.values()):
            reasons.add("limits_in_total")
        return sorted(reasons)
