"""Ids: none twice, in the order of time, and those of a clock that was set back follow it at once."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from uuid import RFC_4122, UUID

import pytest

from laurels.storage.postgres.ids import STEP_BACK_MS, Ids, new_id

NOW_MS = 1_790_000_000_000


def made_at(*times_ms: int) -> list[str]:
    readings: Iterator[int] = iter([ms * 1_000_000 for ms in times_ms])
    ids = Ids(lambda: next(readings))
    return [ids.new() for _ in times_ms]


def time_of(made: str) -> int:
    return UUID(made).int >> 80


def test_they_are_uuids_of_version_7() -> None:
    made = UUID(new_id())
    assert (str(made), made.version, made.variant) == (str(made).lower(), 7, RFC_4122)


def test_they_tell_the_time_and_sort_by_it() -> None:
    made = made_at(*repeat(NOW_MS, 1_000), NOW_MS + 1, NOW_MS + 2)
    assert [time_of(one) for one in made] == [*repeat(NOW_MS, 1_000), NOW_MS + 1, NOW_MS + 2]
    assert made == sorted(set(made))


@pytest.mark.parametrize("back_ms", [1, STEP_BACK_MS])
def test_a_small_step_back_leaves_them_in_order(back_ms: int) -> None:
    made = made_at(NOW_MS, NOW_MS - back_ms, NOW_MS - 1, NOW_MS + 1)
    assert made == sorted(set(made))


def test_a_clock_that_is_set_back_is_followed_at_once() -> None:
    """Else all ids until then would tell a time of the future."""
    year_ms = 365 * 86_400_000
    made = made_at(NOW_MS, NOW_MS + year_ms, NOW_MS + 1, NOW_MS + 1, NOW_MS + 2)
    assert [time_of(one) - NOW_MS for one in made] == [0, year_ms, 1, 1, 2]
    assert made[2:] == sorted(set(made[2:]))
    # Also when the clock comes by a time that it has shown before.
    assert len({one for _ in range(100) for one in made_at(NOW_MS, NOW_MS - year_ms, NOW_MS)}) == 300


def test_several_threads_make_different_ones() -> None:
    with ThreadPoolExecutor(4) as pool:
        made = [one for many in pool.map(lambda _: [new_id() for _ in range(5_000)], range(4)) for one in many]
    assert len(set(made)) == 20_000


def test_a_forked_process_makes_different_ones() -> None:
    reading, writing = os.pipe()
    ahead = Ids(lambda: NOW_MS * 1_000_000)
    ahead.new()
    os.register_at_fork(after_in_child=ahead.reset)
    child = os.fork()
    if child == 0:
        os.write(writing, ahead.new().encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 36).decode() != ahead.new()
    os.close(reading)
    os.close(writing)
