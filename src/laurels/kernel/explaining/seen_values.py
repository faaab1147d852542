"""The values that an expression read when it was judged, reconstructed from the journal."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from laurels.kernel.cel.expressions import Expression
from laurels.kernel.deciding import variables
from laurels.kernel.deciding.fold import fold
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.participant import Participant

LONGEST_VALUE_BYTES = 200


class Moment(Struct):
    """The state at `now`: the event, and the participant after the earlier facts; None if this state is unknown.
    Profiles are not facts, so attributes and the time zone are the current ones."""

    definitions: Definitions
    participant: Participant | None
    event: Entry
    now: datetime

    def go_on(self, entries: Iterable[Entry]) -> None:
        """Moves the state to the time after these facts."""
        for entry in entries:
            if self.participant is not None:
                fold(self.definitions.game, self.participant, entry)

    def values(self, expression: Expression) -> dict[str, Any]:
        """The values that the expression reads, by the names of variables. Properties and attributes appear by the
        fields that the expression names. Missing values are left out, and long values become shortened texts."""
        found: dict[str, Any] = {}
        free = self.definitions.game.expressions.environment.with_free_fields
        named_values = variables.values_of(self.definitions, self.participant, self.now, expression.reads, self.event)
        for name, value in sorted(named_values.items()):
            fields = [field for field in expression.properties if field.startswith(f"{name}.")]
            if name not in free or not fields:
                found[name] = _shortened(_named_entries(value, expression.source))
            for field in sorted(fields):
                key = field.removeprefix(f"{name}.")
                if key in value:
                    found[field] = _shortened(value[key])
        return found


def _named_entries(value: Any, source: str) -> Any:
    """The part of a map, such as all streaks, that the expression names; the whole value if it names no key."""
    named = {key: entry for key, entry in value.items() if key in source} if isinstance(value, dict) else None
    return named or value


def _shortened(value: Any) -> Any:
    text = msgspec.json.encode(value)
    if len(text) <= LONGEST_VALUE_BYTES:
        return value
    return text[: LONGEST_VALUE_BYTES - 1].decode(errors="ignore") + "…"
