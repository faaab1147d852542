"""What a what-if counts: the same of what happened and of what would have."""

from typing import Literal

import msgspec
from msgspec import Struct

EXAMPLES = 100

Approximation = Literal["profiles", "rewards", "limits_in_total", "forgotten_events", "older_facts"]
"""Why a draft might have done something else: attributes or time zones changed, and the present ones were read; rewards
were claimed of which there is not enough for all; several participants shared a limit; the content of events is gone;
facts of older versions leave open what was asked for."""


class DefinitionTally(Struct):
    """Of one definition. `fired`: a rule acted, a challenge was completed, a badge earned, a tier reached or assigned,
    a streak's period recorded, a reward claimed; `limited`: a cap reduced an award. Points are those that it brought
    or took."""

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
    """What happened, or would have. `by_definition` is by the definition's id."""

    points_awarded: int = 0
    points_deducted: int = 0
    by_definition: dict[str, DefinitionTally] = {}

    def of(self, definition_id: str) -> DefinitionTally:
        return self.by_definition.setdefault(definition_id, DefinitionTally())


class Moved(Struct):
    """Participants who would end in another place than they are in, such as a tier."""

    participants: int = 0
    examples: list[str] = []


class Tally(Struct):
    """Adds up over participants. `refused` counts commands that were allowed and would not be, `forgotten_events` those
    that could not be decided again. `moves` are by the ids of the places, None for none. `shared_limits`: by definition
    how many participants met its limits in total."""

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
        found = set(self.noted)
        if self.forgotten_events:
            found.add("forgotten_events")
        if any(participants > 1 for participants in self.shared_limits.values()):
            found.add("limits_in_total")
        return sorted(found)
