"""Whose commands find a place in the queue, and whose are next (engine/queue.py)."""

from collections import Counter
from typing import NamedTuple

from laurels.engine.queue import QueueShares, Turns

LIMIT, LARGEST = 1_000, 20


class Item(NamedTuple):
    holder: str
    number: int


def fill(shares: QueueShares, holder: str | None, commands: int = 1) -> int:
    """Brings so many at a time, until there is no more room; how many there are then."""
    brought = 0
    while shares.has_room(holder, commands):
        shares.take(holder, commands)
        brought += commands
    return brought


def test_a_key_has_as_many_places_as_it_leaves_free() -> None:
    shares = QueueShares(LIMIT, LARGEST)
    assert fill(shares, "a") == 490
    assert shares.has_room("b", 490)
    assert fill(shares, "b") == 245
    assert shares.has_room("c", 100)
    assert not shares.has_room("a", 1)


def test_keys_that_bring_as_much_as_they_can_share_alike_and_leave_as_much() -> None:
    shares = QueueShares(LIMIT, LARGEST)
    brought = Counter[str]()
    while able := [holder for holder in "abcd" if shares.has_room(holder, 1)]:
        for holder in able:
            if shares.has_room(holder, 1):
                shares.take(holder)
                brought[holder] += 1
    assert set(brought.values()) == {196}
    assert shares.has_room("e", 100)
    for _ in range(196):
        shares.leave("a")
    assert shares.has_room("b", 1)
    assert shares.taken == 3 * 196


def test_the_last_places_are_the_servers_own() -> None:
    shares = QueueShares(LIMIT, LARGEST)
    for number in range(2_000):
        fill(shares, f"key {number}")
    assert shares.taken == LIMIT - LARGEST
    assert shares.has_room(None, LARGEST)
    assert not shares.has_room(None, LARGEST + 1)
    assert not shares.has_room("another", 1)


def test_a_request_that_is_alone_has_room_for_all_of_it() -> None:
    assert QueueShares(100, 2).has_room("a", 100)
    assert not QueueShares(100, 2).has_room("a", 101)


def test_of_a_key_with_much_waiting_the_next_request_is_refused_before_it_is_read() -> None:
    """Those of a key with little are not, as they may bring little."""
    shares = QueueShares(LIMIT, LARGEST)
    shares.take("a", 481)
    assert shares.has_room("a", 1)
    assert shares.is_full("a")
    for number in range(2_000):
        if shares.is_full(f"key {number}"):
            break
        shares.take(f"key {number}")
    assert number > 400


def test_keys_take_turns_and_each_keeps_its_order() -> None:
    turns: Turns[Item] = Turns()
    for item in [*(Item("a", number) for number in range(5)), Item("b", 0), Item("c", 0), Item("b", 1)]:
        turns.append(item)
    first = [turns.popleft() for _ in range(4)]
    assert first == [("a", 0), ("b", 0), ("c", 0), ("a", 1)]
    turns.put_back([Item("a", 0), Item("c", 0), Item("a", 1)])
    rest = []
    while turns:
        rest.append(turns.popleft())
    assert [item.number for item in rest if item.holder == "a"] == [0, 1, 2, 3, 4]
    assert rest[:3] == [("b", 1), ("a", 0), ("c", 0)]
