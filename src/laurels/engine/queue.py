"""The shares of keys in the queue, and the order of their commands.

A key never has more commands waiting than places that are left free (as for memory, web/protocol/). So one key that
sends as many as it can has half of the places, two keys have a third each, and there are always places for another key.
The last places are for the server's own commands, which have no key. Keys take turns, command by command.
"""

from collections import deque
from collections.abc import Hashable, Sequence
from typing import Generic, Protocol, TypeVar

Holder = Hashable
"""A key; None stands for the server itself."""


class Held(Protocol):
    @property
    def holder(self) -> Holder: ...


_Item = TypeVar("_Item", bound=Held)


class QueueShares:
    """The number of places that each holder has taken."""

    def __init__(self, limit: int, largest_request: int) -> None:
        """`largest_request` is the most commands of one request, and the number of places kept for the server
        itself."""
        self.taken = 0
        self._limit = limit
        self._largest_request = largest_request
        self._by_holder: dict[Holder, int] = {}

    def has_room(self, holder: Holder, commands: int) -> bool:
        if holder is None or not self.taken:
            return self.taken + commands <= self._limit
        return commands <= self._room(holder)

    def is_full(self, holder: Holder) -> bool:
        """Whether a request of the holder is refused before it is read. The request is expected to have as many
        commands as the holder has waiting, up to the largest request."""
        expected = min(max(1, self._by_holder.get(holder, 0)), self._largest_request)
        return not self.has_room(holder, expected)

    def _room(self, holder: Holder) -> int:
        return self._limit - self._largest_request - self.taken - self._by_holder.get(holder, 0)

    def take(self, holder: Holder, places: int = 1) -> None:
        self.taken += places
        self._by_holder[holder] = self._by_holder.get(holder, 0) + places

    def leave(self, holder: Holder) -> None:
        self.taken -= 1
        left = self._by_holder[holder] - 1
        if left:
            self._by_holder[holder] = left
        else:
            del self._by_holder[holder]


class Turns(Generic[_Item]):
    """A queue in which holders take turns. The items of one holder keep their order."""

    def __init__(self) -> None:
        self._turns: deque[Holder] = deque()
        self._by_holder: dict[Holder, deque[_Item]] = {}

    def __bool__(self) -> bool:
        return bool(self._turns)

    def append(self, item: _Item) -> None:
        self._of(item.holder).append(item)

    def put_back(self, items: Sequence[_Item]) -> None:
        """Puts the items before all others of their holders, in this order."""
        for item in reversed(items):
            self._of(item.holder).appendleft(item)

    def popleft(self) -> _Item:
        holder = self._turns.popleft()
        queue = self._by_holder[holder]
        item = queue.popleft()
        if queue:
            self._turns.append(holder)
        else:
            del self._by_holder[holder]
        return item

    def _of(self, holder: Holder) -> deque[_Item]:
        queue = self._by_holder.get(holder)
        if queue is None:
            queue = self._by_holder[holder] = deque()
            self._turns.append(holder)
        return queue
