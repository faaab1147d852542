"""Numbers: the values of statistics on days, which counting adds up."""

from collections import Counter
from datetime import date, datetime, tzinfo

from laurels.storage.postgres.database import Connection

Key = tuple[int, date, str, str]
"""A number: project, day, name of the statistic, code."""

Numbers = Counter[Key]


def day_of(moment: datetime, zone: tzinfo) -> date:
    """The day of a moment in the project's time zone."""
    return moment.astimezone(zone).date()


async def add(connection: Connection, numbers: Numbers) -> None:
    """Adds the numbers to the stored ones."""
    rows = sorted((*key, value) for key, value in numbers.items() if value)
    if rows:
        await connection.execute(
            """
            INSERT INTO statistic (project_id, day, name, code, value)
            SELECT * FROM unnest($1::integer[], $2::date[], $3::text[], $4::text[], $5::bigint[])
            ON CONFLICT (project_id, name, day, code) DO UPDATE SET value = statistic.value + excluded.value
            """,
            *zip(*rows, strict=True),
        )
