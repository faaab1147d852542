"""What is told of an import that goes well and may not be meant so."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from laurels.core.commands import Command, RecordEvent
from laurels.core.model import Definitions
from laurels.import_lines import Line
from laurels.input.problems import shortened


class Watch:
    """Looks at each line that is imported, or could be, in the file's order, and calls `warn` with sentences."""

    def __init__(self, definitions: Definitions, warn: Callable[[str], None]) -> None:
        self._texts = TextsRead(definitions)
        self._several_lines = SeveralLines()
        self._warn = warn

    def look_at(self, line: Line, command: Command) -> None:
        self._several_lines.add(line)
        if (warning := self._texts.warning(command)) is not None:
            self._warn(warning)

    def finish(self) -> None:
        if (warning := self._several_lines.warning()) is not None:
            self._warn(warning)


class SeveralLines:
    """Counts records that have several lines: lines between two stray quotes can look the same."""

    def __init__(self) -> None:
        self._count = 0
        self._first: Line | None = None

    def add(self, line: Line) -> None:
        if line.last_number > line.number:
            self._count += 1
            self._first = self._first or line

    def warning(self) -> str | None:
        if self._first is None:
            return None
        first = f"lines {self._first.number} to {self._first.last_number}"
        records = f"{first} are one record" if self._count == 1 else f"{self._count} records have several lines"
        example = "" if self._count == 1 else f", the first one {first}"
        return (
            f"{records[0].upper()}{records[1:]}{example}: a quoted cell holds line breaks. If these are lines of their "
            "own, a quote opens where none was meant."
        )


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
