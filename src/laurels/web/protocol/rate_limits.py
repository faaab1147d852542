"""Rate limits of keys and projects, in requests per second.

Each worker has a bucket for each limit. A bucket holds the requests of one second and fills steadily: a limit of 5,000
allows 5,000 requests at once and then 5,000 per second. Workers do not communicate: each gets an equal share of the
limit, by the number of workers that were recently alive. So limits are approximate: if all connections of a key end at
one of two workers, the key gets half of its limit.
"""

import math
import time

from msgspec import Struct

DEFAULT_REQUESTS_PER_SECOND = 5_000


class Bucket:
    """A token bucket. `requests_per_second` is the whole limit, `share` the fraction for this worker."""

    __slots__ = ("_filled_at", "_limit_text", "_room", "requests_per_second", "share")

    def __init__(self, requests_per_second: int, share: float) -> None:
        self.set(requests_per_second, share)
        self._room = self._capacity
        self._filled_at = time.monotonic()

    def set(self, requests_per_second: int, share: float) -> None:
        self.requests_per_second = requests_per_second
        self.share = share
        self._limit_text = str(requests_per_second).encode()

    @property
    def _capacity(self) -> float:
        return max(1.0, self.requests_per_second * self.share)

    def take(self, now: float) -> bool:
        """Takes room for one request; False if there is none. `now` is in seconds of the monotonic clock."""
        capacity = self._capacity
        room = min(capacity, self._room + (now - self._filled_at) * self.requests_per_second * self.share)
        self._filled_at = now
        if room < 1.0:
            self._room = room
            return False
        self._room = room - 1.0
        return True

    def give_back(self) -> None:
        """Returns the room of a request that another limit refused."""
        self._room += 1.0

    @property
    def remaining(self) -> int:
        """The estimated number of requests for which all workers together have room."""
        return int(self._room / self.share)

    def seconds_until_room(self) -> float:
        return max(0.0, 1.0 - self._room) / (self.requests_per_second * self.share)

    def seconds_until_full(self) -> float:
        return (self._capacity - self._room) / (self.requests_per_second * self.share)

    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """The three headers about the limit. `X-RateLimit-Reset` is the number of seconds, rounded up, until the whole
        limit is available again."""
        return (
            (b"x-ratelimit-limit", self._limit_text),
            (b"x-ratelimit-remaining", b"%d" % self.remaining),
            (b"x-ratelimit-reset", b"%d" % math.ceil(self.seconds_until_full())),
        )


class Verdict(Struct, frozen=True):
    """`headers` are about the limit that is nearest to being reached. `refused_for_seconds` is None if the request is
    allowed."""

    headers: tuple[tuple[bytes, bytes], ...] = ()
    refused_for_seconds: int | None = None


UNLIMITED = Verdict()


def judge(buckets: tuple[Bucket, ...]) -> Verdict:
    """Takes room from all limits that apply to a request. A refused request takes no room."""
    if not buckets:
        return UNLIMITED
    now = time.monotonic()
    for passed, bucket in enumerate(buckets):
        if not bucket.take(now):
            for earlier in buckets[:passed]:
                earlier.give_back()
            return Verdict(bucket.headers(), max(1, math.ceil(bucket.seconds_until_room())))
    nearest = buckets[0] if len(buckets) == 1 else min(buckets, key=lambda bucket: bucket.remaining)
    return Verdict(nearest.headers())


class Buckets:
    """All buckets, by name. A bucket is kept as long as its limit exists."""

    def __init__(self) -> None:
        self._by_name: dict[str, Bucket] = {}
        self._share = 1.0

    def share_among(self, workers: int) -> None:
        """Divides each limit equally among this number of workers from now on."""
        share = 1.0 / max(1, workers)
        if share == self._share:
            return
        self._share = share
        for bucket in self._by_name.values():
            bucket.share = share

    def limited(self, name: str, requests_per_second: int) -> Bucket | None:
        """The bucket with this name, which has this limit from now on. None if the limit is 0, which means no limit."""
        if not requests_per_second:
            self.forget(name)
            return None
        bucket = self._by_name.get(name)
        if bucket is None:
            bucket = self._by_name[name] = Bucket(requests_per_second, self._share)
        elif bucket.requests_per_second != requests_per_second:
            bucket.set(requests_per_second, self._share)
        return bucket

    def forget(self, name: str) -> None:
        self._by_name.pop(name, None)
