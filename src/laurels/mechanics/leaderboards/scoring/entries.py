"""The results of reads of a board: entries, pages, one participant's rank."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

TieValues = tuple[int, int, int]


class RankedEntry(Struct, frozen=True, kw_only=True):
    """A participant on a board, with the numbers as they are stored. `rank_then` is the rank at the last tick, if it
    was among the first.

    Around a participant, `ties` is the number of people on the whole board with the value, `own_rank` the
    participant's.
    """

    participant_id: str
    display_name: str | None
    avatar_url: str | None
    score: int
    tie_values: TieValues
    reached_at: datetime
    joined_at: datetime
    rank_then: int | None
    ties: int | None
    own_rank: int | None

    @property
    def value(self) -> tuple[int, ...]:
        """The position in the order of the board."""
        return (self.score, *self.tie_values)


class BoardPage(Struct, frozen=True, kw_only=True):
    """Neighbours on a board, the best first. `version` is the version of the project's definitions, `ticked_at` the
    time when ranks were last stored for comparison."""

    version: int
    entries: list[RankedEntry]
    total: int
    ticked_at: datetime | None


class Cursor(Struct, frozen=True, array_like=True):
    """The place of an entry in the list of a ranking."""

    generation: int
    window_key: int
    value: tuple[int, int, int, int]
    reached_at: datetime
    participant_id: str


class ParticipantRank(Struct, frozen=True, kw_only=True):
    """The rank of one participant; `score` and `rank` are None without a score in the window."""

    version: int
    is_known: bool
    score: int | None
    tie_values: TieValues = (0, 0, 0)
    rank: int | None
    total: int


def page_of(rows: Sequence[Any]) -> BoardPage:
    return BoardPage(
        version=rows[0]["definitions_version"],
        total=rows[0]["total"],
        ticked_at=rows[0]["ticked_at"],
        entries=[
            RankedEntry(
                participant_id=row["participant_id"],
                display_name=row["display_name"],
                avatar_url=row["avatar_url"],
                score=row["score"],
                tie_values=(row.get("tie_1", 0), row.get("tie_2", 0), row.get("tie_3", 0)),
                reached_at=row["reached_at"],
                joined_at=row["joined_at"],
                rank_then=row["rank_then"],
                ties=row["ties"],
                own_rank=row["own_rank"],
            )
            for row in rows
            if row["participant_id"] is not None
        ],
    )
