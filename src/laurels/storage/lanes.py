"""Lanes: 64 shares of all participants, the unit in which their data can be spread over machines."""

from collections.abc import Collection, Iterable
from typing import Any
from zlib import crc32

from laurels.kernel.participant import Participant

LANES = 64


def lane_of(project_id: int, participant_id: str) -> int:
    """The lane of a participant: fixed for ever, so this must never change. CRC-32 as in zlib (RFC 1952)."""
    return crc32(f"{project_id}:{participant_id}".encode()) % LANES


def only(lanes: Iterable[int]) -> int | None:
    """The one lane that all are in, None if they are in several.

    Statements of the write path take it beside their rows (`Rows.in_one_lane`). Where the lanes are spread over
    machines, the condition tells the planner which one has all that is asked for; PostgreSQL alone finds the rows by
    their keys and hardly notices it.
    """
    found = set(lanes)
    return found.pop() if len(found) == 1 else None


class Rows:
    """SQL for the rows that a statement of the write path is about. Their columns, the lane first, and the one lane of
    all are the statement's first arguments, as `columns` makes them."""

    def __init__(self, *columns: str, name: str = "wanted") -> None:
        """`columns` are those after the lane, each with its type: `subject uuid`."""
        named = [column.split() for column in ("lane smallint", *columns)]
        types = ", ".join(f"${number}::{type_name}[]" for number, (_, type_name) in enumerate(named, 1))
        self._name = name
        self._only_lane = f"${len(named) + 1}"
        self.given = f"unnest({types}) AS {name} ({', '.join(column for column, _ in named)})"
        """To select from."""

    @property
    def in_one_lane(self) -> str:
        """The condition that they are in the one lane, if there is one."""
        return self.is_one_lane(f"{self._name}.lane")

    def is_one_lane(self, lane: str) -> str:
        """The same of another column."""
        return f"({self._only_lane}::smallint IS NULL OR {lane} = {self._only_lane})"


PEOPLE = Rows("subject uuid")


def columns(rows: Collection[tuple[Any, ...]]) -> tuple[Any, ...]:
    """The arguments of a statement about rows that begin with their lane: their columns, and the one lane of all."""
    by_column = tuple(zip(*rows, strict=True))
    return *by_column, only(by_column[0])


def places(participants: Iterable[Participant]) -> tuple[Any, ...]:
    """The same for participants: their lanes and subjects."""
    return columns([(p.lane, p.subject) for p in participants])
