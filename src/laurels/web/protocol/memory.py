"""How much memory the requests under way may take in a worker; one for which there is no room is refused, and says so.

A request takes a place for its body: while it is read, then as the objects that it becomes, until it has been answered;
so the commands in the engine's queue are counted as well. Then it takes a place for its response, until the caller has
taken that or gone: so it does not matter of how many responses nothing is taken. Light requests and responses need no
place: that the queue is bounded is enough for them, and whoever sends heavy ones cannot keep them out. Nor can one key
keep out the others: it never has more than what it leaves free (the dynamic thresholds of Choudhury and Hahne,
IEEE/ACM Transactions on Networking 6:2).
"""

from collections.abc import Hashable

from prometheus_client import Counter

LIGHT_BYTES = 16 * 1024
TEXT_FACTOR = 4
BUSY_PAUSE_SECONDS = 0.25
"""Before a refusal of a busy server: whoever asks again at once must not take the processor from others."""

_WITHOUT_ROOM = Counter("laurels_requests_without_room", "Heavy requests refused as there was no memory left for them")


class NoRoomError(Exception):
    """The request can be sent again when others have been answered."""


class Budget:
    """What is taken of `limit_bytes`, and by which holder of places: a key. One a worker."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.taken_bytes = 0
        self.by_holder: dict[Hashable, int] = {}

    def place(self, holder: Hashable) -> "Place":
        return Place(self, holder)


class Place:
    """What one request takes, and then its response; nothing at first. Has to be left."""

    __slots__ = ("_budget", "_bytes", "_holder")

    def __init__(self, budget: Budget, holder: Hashable) -> None:
        self._budget = budget
        self._holder = holder
        self._bytes = 0

    def resize(self, weight_bytes: int) -> None:
        """Takes so much in all. A request that is alone always has room. Raises NoRoomError, and then has nothing."""
        self.expect(weight_bytes)
        self.keep(weight_bytes)

    def keep(self, weight_bytes: int) -> None:
        """Takes so much in all, whether there is room or not."""
        self._set(weight_bytes if weight_bytes > LIGHT_BYTES else 0)

    def expect(self, weight_bytes: int) -> None:
        """Raises NoRoomError, and then has nothing, when there is no room for so much in all."""
        budget = self._budget
        of_holder = budget.by_holder.get(self._holder, 0) - self._bytes
        taken = budget.taken_bytes - self._bytes
        if weight_bytes > LIGHT_BYTES and taken and weight_bytes + of_holder > budget.limit_bytes - taken:
            self.leave()
            _WITHOUT_ROOM.inc()
            raise NoRoomError

    def leave(self) -> None:
        self._set(0)

    def _set(self, weight_bytes: int) -> None:
        budget = self._budget
        more = weight_bytes - self._bytes
        if not more:
            return
        self._bytes = weight_bytes
        budget.taken_bytes += more
        of_holder = budget.by_holder.get(self._holder, 0) + more
        if of_holder:
            budget.by_holder[self._holder] = of_holder
        else:
            budget.by_holder.pop(self._holder, None)


def weight_of(body: bytes) -> int:
    """About how many bytes the JSON takes as Python objects, together with copies of its texts on their way into the
    database: rather too many than too few. Brackets in texts count as well."""
    empty_objects = body.count(b"{}")
    return (
        TEXT_FACTOR * len(body)
        + 64 * empty_objects
        + 232 * (body.count(b"{") - empty_objects)
        + 88 * body.count(b"[")
        + 56 * body.count(b",")
    )
