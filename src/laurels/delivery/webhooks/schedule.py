"""The times at which a delivery is attempted. Pure."""

from datetime import datetime, timedelta

ATTEMPT_SECONDS = 15.0
"""The time limit of one attempt."""
PAUSES_SECONDS = (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 10 * 3600)
"""The pauses after the first attempts. The last one is also the pause after all later attempts."""
JITTER = 0.1
"""The part of a pause by which it is lengthened at random, at most."""
LONGEST_RETRY_AFTER_SECONDS = 10 * 3600
"""A receiver cannot ask for a longer pause."""
LIFETIME = timedelta(days=5)
"""A delivery is given up when its next attempt would come later than this after its first attempt. A webhook without
any success for this time is switched off."""


def next_attempt_at(
    attempts: int, first_at: datetime, now: datetime, retry_after_seconds: float | None, randomness: float
) -> datetime | None:
    """The time of the next attempt after `attempts` failed ones, of which the last ended `now`; None to give up.

    `randomness` is between 0 and 1. `retry_after_seconds` is the receiver's wish; it can only lengthen the pause.
    """
    pause = PAUSES_SECONDS[min(attempts, len(PAUSES_SECONDS)) - 1] * (1 + JITTER * randomness)
    if retry_after_seconds is not None:
        pause = max(pause, min(retry_after_seconds, LONGEST_RETRY_AFTER_SECONDS))
    at = now + timedelta(seconds=pause)
    return None if at > first_at + LIFETIME else at


def is_without_success(failing_since: datetime | None, now: datetime) -> bool:
    """Whether a webhook that fails since `failing_since` is to be switched off."""
    return failing_since is not None and now - failing_since >= LIFETIME
