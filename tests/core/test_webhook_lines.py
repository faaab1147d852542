"""Lines: the deliveries of a participant are sent one after another."""

from datetime import UTC, datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from laurels.delivery.webhooks.lines import LONGEST_LINE, Lines
from laurels.storage.webhooks.sending import TakenDelivery

NONE_HELD = frozenset[int]()


def taken(number: int, line: int | None) -> TakenDelivery:
    return TakenDelivery(
        number=number,
        position=number,
        event_id="",
        type="",
        line=line,
        created_at=datetime(2026, 3, 1, tzinfo=UTC),
        attempts=[],
        event=None,
    )


def ready(lines: Lines) -> list[TakenDelivery]:
    found = []
    while (each := lines.next_ready()) is not None:
        found.append(each)
    return found


def numbers(deliveries: list[TakenDelivery]) -> list[int]:
    return [each.number for each in deliveries]


def test_one_delivery_of_each_line_is_ready() -> None:
    lines = Lines()
    lines.add_new([taken(1, 7), taken(2, 7), taken(3, 8), taken(4, None), taken(5, None)], NONE_HELD)
    [first, *others] = ready(lines)
    assert numbers([first, *others]) == [1, 3, 4, 5]
    assert lines.succeeded(first) is None
    [second] = ready(lines)
    assert second.number == 2
    assert lines.succeeded(second) is None
    assert lines.size == 3


def test_a_failure_leaves_the_line_to_the_database() -> None:
    lines = Lines()
    lines.add_new([taken(1, 7), taken(2, 7), taken(3, 8)], NONE_HELD)
    first, other = ready(lines)
    assert lines.failed(first) == 7
    assert lines.size == 1
    assert lines.add_new([taken(4, 7), taken(5, 8)], frozenset([7, 8])) == {7}
    assert ready(lines) == []
    lines.succeeded(other)
    assert numbers(ready(lines)) == [5]


def test_a_line_that_was_due_may_continue_in_the_database() -> None:
    lines = Lines()
    lines.add_due([taken(1, 7), taken(5, None), taken(2, 7)])
    lines.add_new([taken(9, 7)], frozenset([7]))
    first, alone = ready(lines)
    assert numbers([first, alone]) == [1, 5]
    assert lines.succeeded(alone) is None
    assert lines.succeeded(first) is None
    [second] = ready(lines)
    assert second.number == 2
    assert lines.succeeded(second) == 7
    assert lines.size == 0


def test_a_long_line_continues_in_the_database() -> None:
    lines = Lines()
    lines.add_new([taken(number, 7) for number in range(100)], NONE_HELD)
    assert lines.size == LONGEST_LINE + 1
    sent = []
    line = None
    while (each := lines.next_ready()) is not None:
        sent.append(each.number)
        line = lines.succeeded(each)
    assert sent == list(range(LONGEST_LINE + 1))
    assert line == 7


def test_deliveries_that_an_erasure_made_due_keep_their_place() -> None:
    """They are read again: their rows have no line any more."""
    lines = Lines()
    lines.add_new([taken(1, 7), taken(2, 7), taken(3, 7)], NONE_HELD)
    first = lines.next_ready()
    assert first is not None
    changed = [msgspec.structs.replace(taken(number, None), event_id="changed") for number in (1, 2)]
    lines.add_due(changed)
    assert ready(lines) == []
    assert (sorted(lines.numbers), lines.size) == ([1, 2, 3], 3)
    assert lines.succeeded(first) is None
    [second] = ready(lines)
    assert (second.number, second.line, second.event_id) == (2, 7, "changed")
    lines.succeeded(second)
    assert numbers(ready(lines)) == [3]


def test_a_failure_leaves_no_delivery_of_an_erased_person_behind() -> None:
    """No line of the database has it any more."""
    lines = Lines()
    lines.add_new([taken(1, 7), taken(2, 7), taken(3, 7)], NONE_HELD)
    first = lines.next_ready()
    assert first is not None
    lines.add_due([taken(1, None), taken(2, None)])
    assert lines.failed(first) == 7
    [second] = ready(lines)
    assert (second.number, second.line) == (2, None)
    assert lines.numbers == [2]


def test_a_line_that_is_here_continues_in_the_database() -> None:
    lines = Lines()
    lines.add_new([taken(1, 7)], NONE_HELD)
    [first] = ready(lines)
    assert lines.not_here([7, 8]) == {8}
    assert lines.succeeded(first) == 7


@given(st.lists(st.tuples(st.integers(1, 3), st.booleans()), max_size=60))
def test_numbers_of_a_line_rise(steps: list[tuple[int, bool]]) -> None:
    """Whatever comes and ends, in whatever order."""
    lines = Lines()
    in_progress: list[TakenDelivery] = []
    last: dict[int, int] = {}
    left: set[int] = set()
    for number, (line, adds) in enumerate(steps):
        if adds:
            lines.add_new([taken(number, line)], frozenset(left))
        elif in_progress:
            ended = in_progress.pop(0)
            assert ended.line is not None
            if number % 3 == 0:
                assert lines.failed(ended) == ended.line
                left.add(ended.line)
            else:
                lines.succeeded(ended)
        for each in ready(lines):
            assert each.line is not None
            assert each.line not in {other.line for other in in_progress}
            assert each.number > last.get(each.line, -1)
            last[each.line] = each.number
            in_progress.append(each)
