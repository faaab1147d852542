"""Ids that sort by the time of their creation: UUIDv7 (RFC 9562, section 5.7; within a millisecond they count up from a
random number, method 2 of section 6.2)."""

import os
import time
from collections.abc import Callable, Iterator
from itertools import count

STEP_BACK_MS = 1_000
"""If the clock is set back by more, ids follow it at once. After a smaller step back, ids count on from the last one,
and so stay sorted, until the clock has caught up."""


class Ids:
    """Creates unique ids. Each sorts after the one before, unless the clock was set back."""

    def __init__(self, clock_ns: Callable[[], int] = time.time_ns) -> None:
        self._clock_ns = clock_ns
        self._stretch = _NONE

    def new(self) -> str:
        now_ms = self._clock_ns() // 1_000_000
        ms, prefix, numbers = self._stretch
        if not ms - STEP_BACK_MS <= now_ms <= ms:
            self._stretch = _, prefix, numbers = _begin(now_ms)
        return f"{prefix}{next(numbers):012x}"

    def reset(self) -> None:
        """Makes the next id independent of earlier ones."""
        self._stretch = _NONE


Stretch = tuple[int, str, Iterator[int]]
_NONE: Stretch = (-STEP_BACK_MS, "", count())


def _begin(ms: int) -> Stretch:
    """The millisecond, the prefix of its ids, and a counter for their last 48 bits. It starts from a random number
    below 2^47, from which no machine counts to 2^48 in a millisecond."""
    random = int.from_bytes(os.urandom(10), "big")
    version = 7 << 12 | random >> 68
    variant = 0b10 << 14 | random >> 54 & 0x3FFF
    return ms, f"{ms >> 16:08x}-{ms & 0xFFFF:04x}-{version:04x}-{variant:04x}-", count(random & (1 << 47) - 1)


_ids = Ids()
new_id = _ids.new
# Otherwise a forked process would repeat its parent's ids.
os.register_at_fork(after_in_child=_ids.reset)
