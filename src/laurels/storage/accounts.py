"""Accounts: one row per participant, whose columns hold slices of several mechanics' state."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import asyncpg

from laurels.kernel.game import refuse_twice
from laurels.kernel.participant import Participant, Slice, Slices, unchanging
from laurels.storage.lanes import Rows, columns
from laurels.storage.postgres.database import Connection
from laurels.storage.projections import AsKept, as_rebuilt

State = TypeVar("State")


@dataclass(frozen=True, kw_only=True)
class AccountPart(Generic[State]):
    """Columns of the account, each with its type, that hold a slice of a participant's state: `read` builds the slice
    from a row, `write` gives the columns' values, `held` reduces a slice to the part that the columns hold."""

    slice: Slice[State]
    columns: tuple[tuple[str, str], ...]
    read: Callable[[asyncpg.Record], State]
    write: Callable[[State], tuple[object, ...]]
    held: Callable[[State], State] = unchanging

    as_kept: AsKept[State] = as_rebuilt


_OWN_COLUMNS = (("lane", "smallint"), ("subject", "uuid"), ("seq", "bigint"), ("next_expiry_at", "timestamptz"))


class Accounts:
    """The account, composed of the parts of all mechanics."""

    def __init__(self, parts: Iterable[AccountPart[Any]]) -> None:
        """Raises ClashError if two parts have the same column."""
        self.parts: Sequence[AccountPart[Any]] = tuple(parts)
        refuse_twice(f"the account's column {name}" for part in self.parts for name, _ in part.columns)
        self._update = self._update_statement()

    def slices_from(self, row: asyncpg.Record) -> Slices:
        """The slices of state that an account row holds."""
        return {part.slice: part.read(row) for part in self.parts}

    async def update(
        self, connection: Connection, changed: Iterable[Participant], seen: Mapping[str, datetime]
    ) -> None:
        """Saves changed accounts. `seen` has the times of last activity by subject; other participants keep theirs."""
        await connection.execute(self._update, *columns([self._row(each, seen.get(each.subject)) for each in changed]))

    def _row(self, participant: Participant, seen_at: datetime | None) -> tuple[object, ...]:
        row: list[object] = [participant.lane, participant.subject, participant.seq, participant.next_expiry_at]
        for part in self.parts:
            row += part.write(participant[part.slice])
        row.append(seen_at)
        return tuple(row)

    def _update_statement(self) -> str:
        part_columns = [column for part in self.parts for column in part.columns]
        all_columns = [*_OWN_COLUMNS, *part_columns, ("last_seen_at", "timestamptz")]
        rows = Rows(*(f"{name} {kind}" for name, kind in all_columns[1:]), name="new")
        changes = ", ".join(f"{name} = new.{name}" for name, _ in (*_OWN_COLUMNS[2:], *part_columns))
        return f"""
        UPDATE account a
        SET {changes}, last_seen_at = coalesce(new.last_seen_at, a.last_seen_at)
        FROM {rows.given} WHERE a.lane = new.lane AND a.subject = new.subject AND {rows.in_one_lane}
        """  # noqa: S608
