"""The values that an expression saw when it was judged, found again from the journal."""

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
    """What could be seen at `now`: the event, and the participant as the facts before had made them. `participant` is
    None where it is not known. Profiles are not facts: attributes and the time zone are the present ones."""

    definitions: Definitions
    participant: Participant | None
    event: Entry
    now: datetime

    def go_on(self, entries: Iterable[Entry]) -> None:
        """To after these facts."""
        for entry in entries:
            if self.participant is not None:
                fold(self.definitions.game, self.participant, entry)

    def values(self, expression: Expression) -> dict[str, Any]:
        """By the names of variables and, of properties and attributes, of the fields that the expression names. What
        was not there is left out, what is long becomes a shortened text."""
        found: dict[str, Any] = {}
        free = self.definitions.game.expressions.environment.with_free_fields
        known = variables.known(self.definitions, self.participant, self.now, expression.reads, self.event)
        for name, value in sorted(known.items()):
            fields = [field for field in expression.properties if field.startswith(f"{name}.")]
            if name not in free or not fields:
                found[name] = _shortened(_named_entries(value, expression.source))
            for field in sorted(fields):
                key = field.removeprefix(f"{name}.")
                if key in value:
                    found[field] = _shortened(value[key])
        return found


def _named_entries(value: Any, source: str) -> Any:
    """Of a map, such as that of all streaks, the entries that the expression names, if it names any."""
    named = {key: entry for key, entry in value.items() if key in source} if isinstance(value, dict) else None
    return named or value


def _shortened(value: Any) -> Any:
    text = msgspec.json.encode(value)
    if len(text) <= LONGEST_VALUE_BYTES:
        return value
    return text[: LONGEST_VALUE_BYTES - 1].decode(errors="ignore") + "…"
