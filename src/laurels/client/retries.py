"""When a call is made again, and after how long."""

import random

from msgspec import Struct

from laurels.client.errors import LaurelsError, RefusedError, UnreachableError

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
LONGEST_WAIT_SECONDS = 30.0
"""A server that asks for more than this is not waited for."""

_PASSING = {429, 502, 503, 504}


class Retries(Struct, frozen=True, kw_only=True):
    """`limit` further attempts at most. Pauses double, and vary at random so that many clients do not come at once."""

    limit: int

    def pause_seconds(self, failure: LaurelsError, attempts: int, *, is_repeatable: bool) -> float | None:
        """How long to wait before the call is made again; None when it must not be.

        `attempts` counts those made. `is_repeatable`: doing it twice does what doing it once does. Other calls are made
        again only when the failed one did nothing for certain.
        """
        if attempts > self.limit or not _may_pass(failure) or (failure.is_outcome_unknown and not is_repeatable):
            return None
        asked = (failure.retry_after_seconds or 0.0) if isinstance(failure, RefusedError) else 0.0
        if asked > LONGEST_WAIT_SECONDS:
            return None
        longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**attempts)
        return asked + random.uniform(0, longest)  # noqa: S311


def _may_pass(failure: LaurelsError) -> bool:
    if isinstance(failure, RefusedError):
        return failure.status in _PASSING
    return isinstance(failure, UnreachableError)
