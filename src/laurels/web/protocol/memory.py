"""The memory budget of a worker for requests in progress and their responses. Requests without room are refused.

A request reserves memory for its body while the body is read, and for the objects decoded from it until the command is
done; this includes commands in the engine's queue. It then reserves memory for the response until the caller has read
it or disconnected, so callers that do not read cannot fill the memory. Light requests and responses reserve nothing:
the bounded queue limits them, and heavy requests cannot keep them out. One key cannot keep out the others: it never has
more than it leaves free (the dynamic thresholds of Choudhury and Hahne, IEEE/ACM Transactions on Networking 6:2).
"""

from collections.abc import Hashable

from prometheus_client import Counter

LIGHT_BYTES = 16 * 1024
TEXT_FACTOR = 4
BUSY_PAUSE_SECONDS = 0.25
"""The pause before a busy server refuses, so that callers that retry at once do not take the processor from others."""

_WITHOUT_ROOM = Counter("laurels_requests_without_room", "Heavy requests refused because no memory was left for them")


class NoRoomError(Exception):
    """There is no room now; there will be when other requests are done."""


class Budget:
    """The reserved part of `limit_bytes`, in total and by holder, which is a key. One per worker."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.reserved_bytes = 0
        self.by_holder: dict[Hashable, int] = {}

    def reservation(self, holder: Hashable) -> "Reservation":
        return Reservation(self, holder)


class Reservation:
    """The memory that one request reserves, and then its response. It begins with 0 bytes and must end with
    `release`."""

    __slots__ = ("_budget", "_bytes", "_holder")

    def __init__(self, budget: Budget, holder: Hashable) -> None:
        self._budget = budget
        self._holder = holder
        self._bytes = 0

    def resize(self, weight_bytes: int) -> None:
        """Reserves this number of bytes in total. A request always has room if it is the only one. Raises NoRoomError
        and releases everything if there is no room."""
        self.expect(weight_bytes)
        self.keep(weight_bytes)

    def keep(self, weight_bytes: int) -> None:
        """Reserves this number of bytes in total, even without room."""
        self._set(weight_bytes if weight_bytes > LIGHT_BYTES else 0)

    def expect(self, weight_bytes: int) -> None:
        """Raises NoRoomError and releases everything if there is no room for this number of bytes in total."""
        budget = self._budget
        of_holder = budget.by_holder.get(self._holder, 0) - self._bytes
        reserved = budget.reserved_bytes - self._bytes
        if weight_bytes > LIGHT_BYTES and reserved and weight_bytes + of_holder > budget.limit_bytes - reserved:
            self.release()
            _WITHOUT_ROOM.inc()
            raise NoRoomError

    def release(self) -> None:
        self._set(0)

    def _set(self, weight_bytes: int) -> None:
        budget = self._budget
        change = weight_bytes - self._bytes
        if not change:
            return
        self._bytes = weight_bytes
        budget.reserved_bytes += change
        of_holder = budget.by_holder.get(self._holder, 0) + change
        if of_holder:
            budget.by_holder[self._holder] = of_holder
        else:
            budget.by_holder.pop(self._holder, None)


def weight_of(body: bytes) -> int:
    """An estimate of the memory that the JSON takes as Python objects, including copies of its strings on the way to
    the database. It is rather too high than too low, also because brackets in strings count."""
    empty_objects = body.count(b"{}")
    return (
        TEXT_FACTOR * len(body)
        + 64 * empty_objects
        + 232 * (body.count(b"{") - empty_objects)
        + 88 * body.count(b"[")
        + 56 * body.count(b",")
    )
