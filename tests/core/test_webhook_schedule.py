"""When deliveries of webhooks are attempted."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurels.delivery.webhooks.schedule import LIFETIME, is_without_success, next_attempt_at

START = datetime(2026, 3, 1, tzinfo=UTC)


def attempts(randomness: float = 0) -> list[datetime]:
    """The times of all attempts of a delivery whose attempts fail at once."""
    times = [START]
    while (at := next_attempt_at(len(times), START, times[-1], None, randomness)) is not None:
        times.append(at)
    return times


def test_the_pauses() -> None:
    pauses = [(after - before).total_seconds() for before, after in pairwise(attempts())]
    assert pauses[:7] == [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000]
    assert set(pauses[7:]) == {36_000}
    assert len(pauses) == 16


@given(st.floats(0, 1))
def test_all_attempts_are_within_five_days(randomness: float) -> None:
    times = attempts(randomness)
    assert times[-1] <= START + LIFETIME < times[-1] + timedelta(hours=11)


@given(st.integers(1, 20), st.floats(0, 1))
def test_jitter_lengthens_a_pause_by_a_tenth_at_most(made: int, randomness: float) -> None:
    plain = next_attempt_at(made, START, START, None, 0)
    varied = next_attempt_at(made, START, START, None, randomness)
    assert plain is not None
    assert varied is not None
    assert 1 <= (varied - START) / (plain - START) <= 1.1


@pytest.mark.parametrize(
    ("retry_after", "seconds"), [(None, 5), (0, 5), (4.9, 5), (60, 60), (36_000, 36_000), (1e12, 36_000)]
)
def test_retry_after_lengthens_a_pause_within_bounds(retry_after: float | None, seconds: float) -> None:
    assert next_attempt_at(1, START, START, retry_after, 0) == START + timedelta(seconds=seconds)


def test_retry_after_does_not_lengthen_the_life_of_a_delivery() -> None:
    late = START + LIFETIME - timedelta(hours=1)
    assert next_attempt_at(1, START, late, 3_600, 0) == START + LIFETIME
    assert next_attempt_at(1, START, late, 3_601, 0) is None


def test_five_days_without_success() -> None:
    assert not is_without_success(None, START)
    assert not is_without_success(START, START + LIFETIME - timedelta(seconds=1))
    assert is_without_success(START, START + LIFETIME)
