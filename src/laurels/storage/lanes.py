"""Lanes: 64 shares of all participants, the unit for spreading their data over machines."""

from collections.abc import Collection, Iterable
from typing import Any
from zlib import crc32

from laurels.kernel.participant import Participant

LANES = 64


def lane_of(project_id: int, participant_id: str) -> int:
    """The lane of a participant, by CRC-32 as in zlib (RFC 1952). It is permanent, so this function must never
    change."""
    return crc32(f"{project_id}:{participant_id}".encode()) % LANES


def single_lane(lanes: Iterable[int]) -> int | None:
    """The single lane of all, or None if there are several.

    Statements of the write path get it as an argument beside their rows (`Rows.in_one_lane`). Where lanes are spread
    over machines, this condition shows the planner which machine has all the rows; on a single PostgreSQL server the
    rows are found by their keys, and the condition costs next to nothing.
    """
    distinct = set(lanes)
    return distinct.pop() if len(distinct) == 1 else None


class Rows:
    """SQL for the rows that a statement of the write path gets as arguments. The statement's first arguments are the
    columns of these rows, the lane first, and then their single lane, as `columns` builds them."""

    def __init__(self, *columns: str, name: str = "wanted") -> None:
        """`columns` are the columns after the lane, each with its type: `subject uuid`."""
        named = [column.split() for column in ("lane smallint", *columns)]
        types = ", ".join(f"${number}::{type_name}[]" for number, (_, type_name) in enumerate(named, 1))
        self._name = name
        self._single_lane = f"${len(named) + 1}"
        self.given = f"unnest({types}) AS {name} ({', '.join(column for column, _ in named)})"
        """An item of a FROM clause."""

    @property
    def in_one_lane(self) -> str:
        """The condition that the rows are in the single lane, if there is one."""
        return self.is_one_lane(f"{self._name}.lane")

    def is_one_lane(self, lane: str) -> str:
        """The same condition on another column."""
        return f"({self._single_lane}::smallint IS NULL OR {lane} = {self._single_lane})"


PARTICIPANT_ROWS = Rows("subject uuid")


def columns(rows: Collection[tuple[Any, ...]]) -> tuple[Any, ...]:
    """The arguments of a statement on rows that begin with their lane: the columns, and the single lane of all rows."""
    by_column = tuple(zip(*rows, strict=True))
    return *by_column, single_lane(by_column[0])


def participant_columns(participants: Iterable[Participant]) -> tuple[Any, ...]:
    """The arguments of a statement on participants: lanes, subjects, and the single lane of all."""
    return columns([(p.lane, p.subject) for p in participants])
