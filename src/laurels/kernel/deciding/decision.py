"""The parts that are common to the decisions of all commands."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from laurels.kernel.deciding.cascade import follow
from laurels.kernel.deciding.effects import effects
from laurels.kernel.deciding.happening import Happening
from laurels.kernel.facts import Entry
from laurels.kernel.participant import Participant
from laurels.kernel.rejections import TimestampAhead, TimestampTooOld
from laurels.kernel.responses import Answer

CLOCKS_MAY_DIFFER = timedelta(minutes=5)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


class Decision(Struct, frozen=True):
    """An allowed command. `replaced` are slices of state that have to be stored and do not follow from facts, such as
    profiles. `others` are the command's further participants, each with the participant's entries."""

    entries: list[Entry]
    answer: Answer
    replaced: tuple[Any, ...] = ()
    others: Sequence[tuple[Participant, list[Entry]]] = ()


def followed(happening: Happening, answer: Answer) -> Decision:
    """The decision with all consequences. The response's field `effects` lists the consequences for the first
    participant."""
    own = len(happening.entries)
    follow(happening)
    if len(happening.entries) > own:
        brought_about = effects(happening.definitions, happening.participant, happening.entries[own:])
        answer = msgspec.structs.replace(answer, effects=brought_about)
    return Decision(happening.entries, answer)


def occurred_at(given: datetime | None, now: datetime) -> datetime | TimestampAhead | TimestampTooOld:
    if given is None:
        return now
    if given < EARLIEST:
        return TimestampTooOld()
    if given > now + CLOCKS_MAY_DIFFER:
        return TimestampAhead(allowed_minutes=int(CLOCKS_MAY_DIFFER.total_seconds() // 60))
    return given
