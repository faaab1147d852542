"""Warnings about lines that can be imported but may be mistakes."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from laurels.config.importing.lines import ImportLine
from laurels.kernel.commands import Command
from laurels.kernel.dates import periods
from laurels.kernel.definition import Definitions
from laurels.kernel.input.problems import shortened
from laurels.mechanics.challenges import runs as challenge_runs
from laurels.mechanics.challenges.model import AdvanceChallenge, Challenge
from laurels.mechanics.events.model import RecordEvent
from laurels.mechanics.leaderboards.scoring.model import Leaderboard
from laurels.mechanics.rules.model import Rule

WATCHED_RUNS = 100_000
"""The most pairs of a participant and a challenge whose newest period is kept in memory."""


class Watch:
    """Checks each imported or valid line, in the order of the file, and calls `warn` with sentences."""

    def __init__(self, definitions: Definitions, warn: Callable[[str], None]) -> None:
        self._texts = StringsInSums(definitions)
        self._several_lines = SeveralLines()
        self._closed_periods = ClosedPeriods(definitions)
        self._warn = warn

    def check(self, line: ImportLine, command: Command) -> None:
        self._several_lines.add(line)
        self._closed_periods.add(line, command)
        if (warning := self._texts.warning(command)) is not None:
            self._warn(warning)

    def finish(self) -> None:
        for warning in (*self._several_lines.warnings(), *self._closed_periods.warnings()):
            self._warn(warning)


class SeveralLines:
    """Counts records of several lines: two stray quotes can make one record of several lines by mistake."""

    def __init__(self) -> None:
        self._count = 0
        self._first: ImportLine | None = None

    def add(self, line: ImportLine) -> None:
        if line.last_number > line.number:
            self._count += 1
            self._first = self._first or line

    def warnings(self) -> list[str]:
        if self._first is None:
            return []
        first = f"lines {self._first.number} to {self._first.last_number}"
        records = f"{first} are one record" if self._count == 1 else f"{self._count} records have several lines"
        example = "" if self._count == 1 else f", the first one {first}"
        return [
            f"{records[0].upper()}{records[1:]}{example}: a quoted cell contains line breaks. If these lines should be "
            "separate records, a quote was opened by mistake."
        ]


class ClosedPeriods:
    """Counts events that follow later events of the same participant, so late that their period of a challenge is
    closed. This concerns challenges with a calendar period that participants join automatically. Days are those of the
    project's time zone. Streaks accept records in any order."""

    def __init__(self, definitions: Definitions) -> None:
        self._calendar = definitions.calendar
        self._listeners: dict[str, list[Challenge]] = defaultdict(list)
        """The challenges by event name."""
        self._newest: dict[tuple[str, str], int] = {}
        """The newest period, by the code of the challenge and the id of the participant."""
        self._late: dict[str, tuple[int, int]] = {}
        """The number of late lines and the number of the first one, by the code of the challenge."""
        for challenge in definitions[Challenge].by_code.values():
            if challenge.period is not None and challenge.is_active and challenge.joins_automatically:
                for event_name in _events_for(challenge, definitions):
                    self._listeners[event_name].append(challenge)

    def add(self, line: ImportLine, command: Command) -> None:
        if not isinstance(command, RecordEvent):
            return
        for challenge in self._listeners.get(command.event_name, ()):
            at = command.occurred_at or self._calendar.at(datetime.now(UTC))
            if challenge.period is None or not challenge_runs.is_open(challenge, at):
                continue
            day = periods.local_date(at, self._calendar.zone)
            number = periods.number_of(challenge.period, day, self._calendar.first_day_of_week)
            run = (challenge.code, command.participant_id)
            newest = self._newest.get(run, number)
            if number < newest - challenge.late_periods:
                count, first = self._late.get(challenge.code, (0, line.number))
                self._late[challenge.code] = (count + 1, first)
            elif run in self._newest or len(self._newest) < WATCHED_RUNS:
                self._newest[run] = max(newest, number)

    def warnings(self) -> list[str]:
        return [_late_sentence(code, count, first) for code, (count, first) in self._late.items()]


def _events_for(challenge: Challenge, definitions: Definitions) -> set[str]:
    """The names of the events that can advance the challenge, by its objectives or by rules."""
    by_rules = {
        rule.event_name
        for rule in definitions[Rule].by_code.values()
        if rule.is_active
        and any(isinstance(a, AdvanceChallenge) and a.challenge_code == challenge.code for a in rule.actions)
    }
    return by_rules | {objective.event_name for objective in challenge.objectives}


def _late_sentence(code: str, count: int, first: int) -> str:
    lines = f"Line {first} comes" if count == 1 else f"{count} lines, the first one line {first}, come"
    return (
        f"{lines} after later events of the same participant, too late for the challenge {code}, whose late_periods is "
        "the number of past periods that stay open. Sort the file by time, oldest first, before you import it."
    )


class StringsInSums:
    """Finds strings in properties whose numbers leaderboards and challenges sum. Strings count as 0 there."""

    def __init__(self, definitions: Definitions) -> None:
        self._readers: dict[str | None, dict[str, list[str]]] = defaultdict(dict)
        """The leaderboards and challenges by event name, None for any event, and property."""
        for board in definitions[Leaderboard].by_code.values():
            for generation in board.generations:
                if board.is_active:
                    self._add(generation.event_name, generation.property, f"the leaderboard {board.code}")
        for challenge in definitions[Challenge].by_code.values():
            for objective in challenge.objectives:
                if objective.measure == "sum" and challenge.is_active:
                    self._add(objective.event_name, objective.property, f"the challenge {challenge.code}")

    def _add(self, event_name: str | None, property_name: str | None, reader: str) -> None:
        if property_name is not None:
            readers = self._readers[event_name].setdefault(property_name, [])
            readers += [] if reader in readers else [reader]

    def warning(self, command: Command) -> str | None:
        """A sentence about the first string in each of these properties."""
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
    verb = "sums" if len(readers) == 1 else "sum"
    return (
        f"{names[0].upper()}{names[1:]} {verb} the property {property_name} of the event {command.event_name}, but "
        f"here it is a string: {shortened(value, 40)!r}. Strings count as 0; import the column as numbers with "
        f"--number {property_name}."
    )
