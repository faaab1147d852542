"""Reading the daily statistics of a project."""

from datetime import date, datetime

from msgspec import Struct

from laurels.storage.postgres.database import Fetches
from laurels.storage.statistics import AllStatistics


class Number(Struct, frozen=True):
    """The value of a statistic on one day, for one code; without a code, it is empty."""

    name: str
    code: str
    day: date
    value: int


# Ends that have not come by $5 are counted in `statistic`, and left out here.
_NUMBERS = """
SELECT name, code, greatest(day, $2::date - 1) AS day, sum(value)::bigint AS value
FROM (
    SELECT name, code, day, value FROM statistic
    WHERE project_id = $1 AND day <= $3 AND (day >= $2 OR name = ANY ($4::text[]))
    UNION ALL
    SELECT counted.name, code, day, counted.factor * value
    FROM lasting_end e
    JOIN unnest($6::text[], $7::text[], $8::integer[]) AS counted (ended, name, factor) ON counted.ended = e.name
    WHERE project_id = $1 AND at > $5 AND day <= $3 AND (day >= $2 OR counted.name = ANY ($4::text[]))
) numbers
GROUP BY 1, 2, 3
"""


async def numbers(
    connection: Fetches, statistics: AllStatistics, project_id: int, period: tuple[date, date], moment: datetime
) -> list[Number]:
    """The numbers of the days of a period, both included, as they were at `moment` by the project's clock. For levels,
    the number of the day before the period is the sum of all earlier days."""
    levels = [each.name for each in statistics.listed if each.is_level]
    counted = [(each.ended, each.ended, -1) for each in statistics.lasting]
    counted += [(each.ended, each.lasting, 1) for each in statistics.lasting]
    columns = [[row[part] for row in counted] for part in range(3)]
    rows = await connection.fetch(_NUMBERS, project_id, *period, levels, moment, *columns)
    return [Number(*row) for row in rows]
