"""What is told of an import that goes well and may not be meant so."""

from collections import defaultdict
from typing import Any

from laurels.core.commands import Command, RecordEvent
from laurels.core.model import Definitions
from laurels.input.problems import shortened


class TextsRead:
    """Finds texts in places where leaderboards and challenges add up numbers, and take a text for nothing."""

    def __init__(self, definitions: Definitions) -> None:
        self._readers: dict[str | None, dict[str, list[str]]] = defaultdict(dict)
        """By the event's name, None for any, and the property."""
        for board in definitions.leaderboards_by_code.values():
            for generation in board.generations:
                if generation.metric == "event_sum" and board.is_active:
                    self._add(generation.event_name, generation.property, f"the leaderboard {board.code}")
        for challenge in definitions.challenges_by_code.values():
            for objective in challenge.objectives:
                if objective.measure == "sum" and challenge.is_active:
                    self._add(objective.event_name, objective.property, f"the challenge {challenge.code}")

    def _add(self, event_name: str | None, property_name: str | None, reader: str) -> None:
        if property_name is not None:
            readers = self._readers[event_name].setdefault(property_name, [])
            readers += [] if reader in readers else [reader]

    def warning(self, command: Command) -> str | None:
        """A sentence about the first text in such a place; each place is told once."""
        if not isinstance(command, RecordEvent):
            return None
        for event_name in (command.event_name, None):
            properties = self._readers.get(event_name, {})
            for name in properties:
                if isinstance(command.properties.get(name), str):
                    return _sentence(command, name, properties.pop(name))
        return None


def _sentence(command: RecordEvent, property_name: str, readers: list[str]) -> str:
    value: Any = command.properties[property_name]
    names = " and ".join(readers)
    verb = "adds" if len(readers) == 1 else "add"
    return (
        f"{names[0].upper()}{names[1:]} {verb} up the property {property_name} of the event {command.event_name}, but "
        f"here it is a text: {shortened(value, 40)!r}. It counts for nothing; import numbers with --number "
        f"{property_name}."
    )
