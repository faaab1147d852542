"""The line of those who need a row that somebody else has locked, so that nobody else waits for it.

One connection works for them. What is waited for takes turns: a row is waited for briefly, as the first lock of a
transaction, and then everybody is tried who needs that row, and everybody who needs but an account. So a row that stays
locked costs the others of the line a turn now and then, and those who are not in the line nothing. People of whom it is
not known which row they need are tried alone, and take turns like one row.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple

from laurels.storage.batches import ParticipantKey
from laurels.storage.locks import LockedRow

_Group = LockedRow | Literal["accounts", "people"]

TURN_MS = 100
"""How long a turn waits for a lock."""

ROUND_MS = 1_000
SHORTEST_TURN_MS = 10
"""Of people whose row is not known, each is tried alone: many of them wait less each, so that a round of all stays
below the time that a command waits."""

SUSPICION_SECONDS = 15.0


class LineTurn(NamedTuple):
    """The row to wait for, the people to try then, and how long each of their locks may take."""

    row: LockedRow
    people: list[ParticipantKey]
    lock_timeout_ms: int


class Suspects:
    """People who needed a row that was locked elsewhere, it is not known which. For a while their commands go into the
    line at once: to find them again in a batch would keep the others of the batch waiting."""

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


class Line:
    """People and the rows that they need, in the order of their turns."""

    def __init__(self, lane_of: Callable[[ParticipantKey], int]) -> None:
        """People of different lanes are never tried together."""
        self._lane_of = lane_of
        self._rows: dict[ParticipantKey, LockedRow] = {}
        self._groups: dict[_Group, dict[ParticipantKey, None]] = {}
        # Of the people whose row is not known, those who had no turn: perhaps nothing keeps them waiting.
        self._untried: dict[ParticipantKey, None] = {}

    def __contains__(self, key: ParticipantKey) -> bool:
        return key in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[ParticipantKey]:
        return iter(self._rows)

    def put(self, key: ParticipantKey, row: LockedRow) -> None:
        """Also one who is there, and has found another row locked."""
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
        """The next in line; those who are tried step back behind the others. `limit` is of commands."""
        if not self._groups:
            return None
        group, keys = next(iter(self._groups.items()))
        self._groups[group] = self._groups.pop(group)
        first = next(iter(self._untried if group == "people" and self._untried else keys))
        self._untried.pop(first, None)
        row = self._rows[first]
        tried = [first] if group == "people" else self._tried_with(first, group, limit, commands_of)
        lock_timeout_ms = max(SHORTEST_TURN_MS, min(TURN_MS, ROUND_MS // len(keys))) if group == "people" else TURN_MS
        # Who was waited for comes last.
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
