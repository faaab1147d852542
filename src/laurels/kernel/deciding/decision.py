"""What the deciding of all commands has in common."""

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
    """An allowed command. `replaced` are the slices of state that are no projections of facts and have to be stored.
    `others` are the command's further participants, each with the entries of its own."""

    entries: list[Entry]
    answer: Answer
    replaced: tuple[Any, ...] = ()
    others: Sequence[tuple[Participant, list[Entry]]] = ()


def followed(happening: Happening, answer: Answer) -> Decision:
    """With all that follows; the answer, which has a field for effects, tells what it says nothing of by itself. Of
    several participants it tells those of the first one."""
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
