"""Lanes: 64 shares of all participants, the unit in which their data can be spread over machines."""

from collections.abc import Collection, Iterable
from typing import Any
from zlib import crc32

from laurels.kernel.model import Participant

LANES = 64


def lane_of(project_id: int, participant_id: str) -> int:
    """The lane of a participant: fixed for ever, so this must never change. CRC-32 as in zlib (RFC 1952)."""
    return crc32(f"{project_id}:{participant_id}".encode()) % LANES


def only(lanes: Iterable[int]) -> int | None:
    """The one lane that all are in, None if they are in several.

    Statements of the write path take it beside their rows: `($5::smallint IS NULL OR wanted.lane = $5)`. Where the
    lanes are spread over machines, the condition tells the planner which one has all that is asked for; PostgreSQL
    alone finds the rows by their keys and hardly notices it.
    """
    found = set(lanes)
    return found.pop() if len(found) == 1 else None


def columns(rows: Collection[tuple[Any, ...]]) -> tuple[Any, ...]:
    """The arguments of a statement about rows that begin with their lane: their columns, and the one lane of all."""
    by_column = tuple(zip(*rows, strict=True))
    return *by_column, only(by_column[0])


def places(participants: Iterable[Participant]) -> tuple[Any, ...]:
    """The same for participants: their lanes and subjects."""
    return columns([(p.lane, p.subject) for p in participants])
