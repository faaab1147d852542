"""How many requests a second a key and a project may make.

Each worker has a bucket for each limit, which holds the requests of a second and fills steadily: a limit of 5,000 lets
5,000 requests through at once and then 5,000 a second. Workers do not ask one another: each takes an even share of the
limit, by how many workers were alive lately. So a limit is approximate: a key whose connections all end at one worker
of two gets half of it.
"""

import math
import time

from msgspec import Struct

DEFAULT_REQUESTS_A_SECOND = 5_000


class Bucket:
    """`requests_a_second` is the whole limit, `share` this worker's part of it."""

    __slots__ = ("_filled_at", "_limit_text", "_room", "requests_a_second", "share")

    def __init__(self, requests_a_second: int, share: float) -> None:
        self.set(requests_a_second, share)
        self._room = self._capacity
        self._filled_at = time.monotonic()

    def set(self, requests_a_second: int, share: float) -> None:
        self.requests_a_second = requests_a_second
        self.share = share
        self._limit_text = str(requests_a_second).encode()

    @property
    def _capacity(self) -> float:
        return max(1.0, self.requests_a_second * self.share)

    def take(self, now: float) -> bool:
        """Room for one request more, at `now` in seconds of the monotonic clock."""
        capacity = self._capacity
        room = min(capacity, self._room + (now - self._filled_at) * self.requests_a_second * self.share)
        self._filled_at = now
        if room < 1.0:
            self._room = room
            return False
        self._room = room - 1.0
        return True

    def give_back(self) -> None:
        """What was taken for a request that another limit refused."""
        self._room += 1.0

    @property
    def remaining(self) -> int:
        """Requests that all workers together have room for, as far as this one can tell."""
        return int(self._room / self.share)

    def seconds_until_room(self) -> float:
        return max(0.0, 1.0 - self._room) / (self.requests_a_second * self.share)

    def seconds_until_full(self) -> float:
        return (self._capacity - self._room) / (self.requests_a_second * self.share)

    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """`X-RateLimit-Reset` is in seconds from now, rounded up: then the whole limit is there again."""
        return (
            (b"x-ratelimit-limit", self._limit_text),
            (b"x-ratelimit-remaining", b"%d" % self.remaining),
            (b"x-ratelimit-reset", b"%d" % math.ceil(self.seconds_until_full())),
        )


class Verdict(Struct, frozen=True):
    """`headers` are those of the limit that is nearest; `refused_for_seconds` is None for a request that may go on."""

    headers: tuple[tuple[bytes, bytes], ...] = ()
    refused_for_seconds: int | None = None


UNLIMITED = Verdict()


def judge(buckets: tuple[Bucket, ...]) -> Verdict:
    """Takes room from all limits that hold for a request; a refused one takes none."""
    if not buckets:
        return UNLIMITED
    now = time.monotonic()
    for done, bucket in enumerate(buckets):
        if not bucket.take(now):
            for earlier in buckets[:done]:
                earlier.give_back()
            return Verdict(bucket.headers(), max(1, math.ceil(bucket.seconds_until_room())))
    nearest = buckets[0] if len(buckets) == 1 else min(buckets, key=lambda bucket: bucket.remaining)
    return Verdict(nearest.headers())


class Buckets:
    """One for each limit there is, kept while the limit stays."""

    def __init__(self) -> None:
        self._known: dict[str, Bucket] = {}
        self._share = 1.0

    def share_among(self, workers: int) -> None:
        """So many take an even share of each limit from now on."""
        share = 1.0 / max(1, workers)
        if share == self._share:
            return
        self._share = share
        for bucket in self._known.values():
            bucket.share = share

    def limited(self, name: str, requests_a_second: int) -> Bucket | None:
        """The bucket of this name, with this limit from now on. 0 is no limit."""
        if not requests_a_second:
            self.forget(name)
            return None
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = Bucket(requests_a_second, self._share)
        elif known.requests_a_second != requests_a_second:
            known.set(requests_a_second, self._share)
        return known

    def forget(self, name: str) -> None:
        self._known.pop(name, None)
