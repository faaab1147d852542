"""What the deciding of all commands has in common."""

from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct

from laurels.kernel import effects
from laurels.kernel.cascade import Cascade
from laurels.kernel.facts import Entry
from laurels.kernel.rejections import TimestampAhead, TimestampTooOld
from laurels.kernel.responses import Answer, AnswerWithEffects
from laurels.mechanics.participants.model import Profile

CLOCKS_MAY_DIFFER = timedelta(minutes=5)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


class Decision(Struct, frozen=True):
    """An allowed command. `profile` is the one to store, None when it stays as it is."""

    entries: list[Entry]
    answer: Answer
    profile: Profile | None = None


def followed(cascade: Cascade, answer: AnswerWithEffects) -> Decision:
    """With all that follows; the answer tells what it says nothing of by itself."""
    own = len(cascade.entries)
    cascade.follow()
    if len(cascade.entries) > own:
        brought_about = effects.of(cascade.definitions, cascade.participant, cascade.entries[own:])
        answer = msgspec.structs.replace(answer, effects=brought_about)
    return Decision(cascade.entries, answer)


def occurred_at(given: datetime | None, now: datetime) -> datetime | TimestampAhead | TimestampTooOld:
    if given is None:
        return now
    if given < EARLIEST:
        return TimestampTooOld()
    if given > now + CLOCKS_MAY_DIFFER:
        return TimestampAhead(allowed_minutes=int(CLOCKS_MAY_DIFFER.total_seconds() // 60))
    return given
