"""Reading all transactions of a project between two times, for an export."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from msgspec import Struct

from laurels.storage.postgres.pools import Surveys
from laurels.storage.schema.months import first_id_at

MOST_ROWS = 5_000
"""The maximum number of rows that are read at once."""
_SHORTEST = timedelta(milliseconds=1)
_SLACK = timedelta(minutes=5)
"""The distance that the clocks of servers may have from one another."""


class ExportedTransaction(Struct, frozen=True):
    """A fact that moved points. The id of an anonymised participant is the one that replaced it."""

    id: str
    recorded_at: datetime
    occurred_at: datetime
    participant_id: str
    kind: str
    amount: int
    balance_after: int
    reason: str | None


_ROWS = """
SELECT j.id::text AS id, j.recorded_at, j.occurred_at, p.participant_id, j.kind,
       (j.data->>'amount')::bigint AS amount, (j.data->>'balance_after')::bigint AS balance_after,
       j.data->>'reason' AS reason
FROM journal j JOIN participant p ON p.lane = j.lane AND p.subject = j.subject
WHERE j.id >= $1 AND j.id < $2 AND j.project_id = $3 AND j.kind = ANY ($4::text[]) AND j.data ? 'amount'
  AND j.recorded_at >= $5 AND j.recorded_at < $6
ORDER BY j.id LIMIT $7
"""


class Export(Struct, frozen=True, kw_only=True):
    """The transactions of a project, recorded from `since` to before `until` by its clock, which may be ahead."""

    project_id: int
    kinds: tuple[str, ...]
    since: datetime
    until: datetime
    ahead: timedelta

    async def pieces(self, surveys: Surveys) -> AsyncIterator[list[ExportedTransaction]]:
        """The transactions in the order in which they were recorded. Facts are found by their ids, which follow the
        real time; the clock of a project is only ever moved forward."""
        place, end = self.since - self.ahead - _SLACK, self.until + _SLACK
        step = timedelta(hours=1)
        while place < end:
            rows = await self._between(surveys, place, min(end, place + step))
            if len(rows) > MOST_ROWS and step > _SHORTEST:
                step /= 2
                continue
            place += step
            if len(rows) < MOST_ROWS // 4:
                step *= 2
            if rows:
                yield rows

    async def _between(self, surveys: Surveys, since: datetime, until: datetime) -> list[ExportedTransaction]:
        bounds = (first_id_at(since), first_id_at(until))
        limit = MOST_ROWS + 1 if until - since > _SHORTEST else None
        async with surveys.transaction() as connection:
            rows = await connection.fetch(
                _ROWS, *bounds, self.project_id, list(self.kinds), self.since, self.until, limit
            )
        return [ExportedTransaction(*row) for row in rows]
