"""What reads of a board find: entries, pages, one participant's place."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct


class RankedEntry(Struct, frozen=True, kw_only=True):
    """A participant on a board. `rank_then` is that of the last tick, if it was among the first.

    Around a participant `ties` is how many on the whole board have the score, and `own_rank` the participant's.
    """

    participant_id: str
    display_name: str | None
    avatar_url: str | None
    score: int
    joined_at: datetime
    rank_then: int | None
    ties: int | None
    own_rank: int | None


class BoardPage(Struct, frozen=True, kw_only=True):
    """Neighbours on a board, highest first. `version` is that of the project's definitions, `ticked_at` when ranks were
    last taken for comparison."""

    version: int
    entries: list[RankedEntry]
    total: int
    ticked_at: datetime | None


class ParticipantRank(Struct, frozen=True, kw_only=True):
    """One participant's place; `score` and `rank` are None without a score in the window."""

    version: int
    is_known: bool
    score: int | None
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
                joined_at=row["joined_at"],
                rank_then=row["rank_then"],
                ties=row["ties"],
                own_rank=row["own_rank"],
            )
            for row in rows
            if row["participant_id"] is not None
        ],
    )
