"""Retries: decides whether a call is repeated, and after which pause."""

import random

from msgspec import Struct

from laurels.client.errors import LaurelsError, RefusedError, UnreachableError

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
LONGEST_WAIT_SECONDS = 30.0
"""The client does not wait for a longer Retry-After."""

_TEMPORARY_STATUSES = {429, 502, 503, 504}


class Retries(Struct, frozen=True, kw_only=True):
    """Up to `limit` retries. Pauses double and vary at random, so that many clients do not retry at the same time."""

    limit: int

    def pause_seconds(self, failure: LaurelsError, attempts: int, *, is_repeatable: bool) -> float | None:
        """The pause before the next attempt; None if the call must not be repeated.

        `attempts` is the number of attempts so far. `is_repeatable`: calling it twice has the same effect as calling it
        once. Other calls are repeated only if the failed attempt certainly had no effect.
        """
        if attempts > self.limit or not _is_temporary(failure) or (failure.is_outcome_unknown and not is_repeatable):
            return None
        retry_after = (failure.retry_after_seconds or 0.0) if isinstance(failure, RefusedError) else 0.0
        if retry_after > LONGEST_WAIT_SECONDS:
            return None
        longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**attempts)
        return retry_after + random.uniform(0, longest)  # noqa: S311


def _is_temporary(failure: LaurelsError) -> bool:
    if isinstance(failure, RefusedError):
        return failure.status in _TEMPORARY_STATUSES
    return isinstance(failure, UnreachableError)
