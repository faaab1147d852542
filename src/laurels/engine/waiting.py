"""The line of participants who need a row that another session has locked, so that no other participants wait for it.

The line has one connection. Its rows take turns. In a turn, a transaction first waits briefly for the row as its first
lock, and then runs the commands of the participants who need that row, and of the participants who need only an
account. So a row that stays locked costs the others in the line a turn now and then, and participants outside the line
nothing. Participants whose locked row is unknown have turns alone, and together take turns like one row.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple

from laurels.storage.batches import ParticipantKey
from laurels.storage.locks import LockedRow

_Group = LockedRow | Literal["accounts", "people"]

TURN_MS = 100
"""The lock timeout of a turn."""

ROUND_MS = 1_000
SHORTEST_TURN_MS = 10
"""The length of a round of all participants whose row is unknown, and the shortest lock timeout of each. Each has a
turn alone, and the more there are, the shorter the timeout, so that a round is shorter than the longest wait of a
command."""

SUSPICION_SECONDS = 15.0


class LineTurn(NamedTuple):
    """The row to wait for, the participants to run then, and the timeout of each of their locks."""

    row: LockedRow
    people: list[ParticipantKey]
    lock_timeout_ms: int


class Suspects:
    """Participants who needed an unknown row that another session had locked. For a while their commands go into the
    line at once, since another search for them would delay the other participants of a batch."""

    def __init__(self) -> None:
        self._until: dict[ParticipantKey, float] = {}

    def __contains__(self, key: ParticipantKey) -> bool:
        return self._until.get(key, 0.0) > time.monotonic()

    def add(self, keys: Iterable[ParticipantKey]) -> None:
        now = time.monotonic()
        for key in keys:
            self._until.pop(key, None)
            self._until[key] = now + SUSPICION_SECONDS
        # The first ones are the oldest.
        while self._until and self._until[oldest := next(iter(self._until))] <= now:
            del self._until[oldest]


class LockLine:
    """Participants and the rows that they need, in the order of their turns."""

    def __init__(self, lane_of: Callable[[ParticipantKey], int]) -> None:
        """A turn has participants of one lane."""
        self._lane_of = lane_of
        self._rows: dict[ParticipantKey, LockedRow] = {}
        self._groups: dict[_Group, dict[ParticipantKey, None]] = {}
        # Participants whose row is unknown, without a turn so far: their rows may be free.
        self._untried: dict[ParticipantKey, None] = {}

    def __contains__(self, key: ParticipantKey) -> bool:
        return key in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[ParticipantKey]:
        return iter(self._rows)

    def put(self, key: ParticipantKey, row: LockedRow) -> None:
        """Adds a participant, or moves a participant who now needs another row."""
        if self._rows.get(key) != row:
            self.discard(key)
            self._rows[key] = row
            self._groups.setdefault(_group(row), {})[key] = None
            if _group(row) == "people":
                self._untried[key] = None

    def discard(self, key: ParticipantKey) -> None:
        if key in self._rows:
            group = _group(self._rows.pop(key))
            self._untried.pop(key, None)
            del self._groups[group][key]
            if not self._groups[group]:
                del self._groups[group]

    def turn(self, limit: int, commands_of: Callable[[ParticipantKey], int]) -> LineTurn | None:
        """The next turn. Its participants then move behind the others. `limit` is the most commands of a turn."""
        if not self._groups:
            return None
        group, keys = next(iter(self._groups.items()))
        self._groups[group] = self._groups.pop(group)
        first = next(iter(self._untried if group == "people" and self._untried else keys))
        self._untried.pop(first, None)
        row = self._rows[first]
        tried = [first] if group == "people" else self._tried_with(first, group, limit, commands_of)
        lock_timeout_ms = max(SHORTEST_TURN_MS, min(TURN_MS, ROUND_MS // len(keys))) if group == "people" else TURN_MS
        # The participant of the awaited row comes last.
        for key in (*tried[1:], first):
            beside = self._groups[_group(self._rows[key])]
            beside[key] = beside.pop(key)
        return LineTurn(row, tried, lock_timeout_ms)

    def _tried_with(
        self, first: ParticipantKey, group: _Group, limit: int, commands_of: Callable[[ParticipantKey], int]
    ) -> list[ParticipantKey]:
        tried: list[ParticipantKey] = []
        commands = 0
        for key in {**self._groups[group], **self._groups.get("accounts", {})}:
            commands += commands_of(key)
            if tried and commands > limit:
                break
            if self._lane_of(key) == self._lane_of(first):
                tried.append(key)
        return tried


def _group(row: LockedRow) -> _Group:
    if row.table == "person":
        return "people"
    return "accounts" if row.table == "account" else row
