"""Reading the daily statistics of a project."""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from laurels.storage.postgres.database import Fetches


class Number(Struct, frozen=True):
    """The value of a statistic on one day, for one code; without a code, it is empty."""

    name: str
    code: str
    day: date
    value: int


async def numbers(connection: Fetches, project_id: int, first: date, last: date) -> list[Number]:
    """The numbers of the days from `first` to `last`, both included."""
    rows = await connection.fetch(
        "SELECT name, code, day, value FROM statistic WHERE project_id = $1 AND day BETWEEN $2 AND $3",
        project_id,
        first,
        last,
    )
    return [Number(*row) for row in rows]


async def sums_before(connection: Fetches, project_id: int, names: Iterable[str], day: date) -> dict[str, int]:
    """The sum of each statistic over all days before `day`."""
    rows = await connection.fetch(
        """
        SELECT name, sum(value)::bigint AS value FROM statistic
        WHERE project_id = $1 AND name = ANY ($2::text[]) AND day < $3 GROUP BY name
        """,
        project_id,
        list(names),
        day,
    )
    return {row["name"]: row["value"] for row in rows}
