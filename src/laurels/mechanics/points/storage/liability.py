"""The points that a project owes its participants."""

from datetime import date, datetime

from msgspec import Struct

from laurels.storage.postgres.database import Connection


class Liability(Struct, frozen=True):
    """Sums over all participants of a project. `expiring` lists the points by month, given as its first day, in the
    project's time zone. An expiry at the midnight that ends a month belongs to this month."""

    earned: int
    spent: int
    expired: int
    held: int
    balance: int
    expiring: list[tuple[date, int]]


_LOTS_OF_ENDED_HOLDS = """
    SELECT project_id, (lot->>0)::timestamptz AS expires_at, (lot->>1)::bigint AS points
    FROM hold CROSS JOIN LATERAL jsonb_array_elements(lots) AS lot
    WHERE project_id = $1 AND status = 'held' AND hold.expires_at <= $2
"""


async def liability(connection: Connection, project_id: int, now: datetime) -> Liability:
    """The sums at `now`. Due lots and holds count as ended, even if no fact records this yet. Must be called at the
    beginning of a transaction."""
    # All statements then see the same settlements.
    await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    totals = await connection.fetch(
        """
        SELECT coalesce(sum(total_earned), 0)::bigint AS earned, coalesce(sum(total_spent), 0)::bigint AS spent,
               coalesce(sum(total_expired), 0)::bigint AS expired, coalesce(sum(held), 0)::bigint AS held,
               coalesce(sum(balance), 0)::bigint AS balance
        FROM account a JOIN participant p USING (lane, subject) WHERE p.project_id = $1
        """,
        project_id,
    )
    months = await connection.fetch(
        f"""
        SELECT sum(l.points)::bigint AS points,
               date_trunc('month', (l.expires_at - interval '1 us') AT TIME ZONE project.time_zone)::date AS month
        FROM (
            SELECT project_id, expires_at, points FROM point_lot WHERE project_id = $1
            UNION ALL {_LOTS_OF_ENDED_HOLDS}
        ) AS l JOIN project ON project.id = l.project_id
        WHERE l.expires_at > $2 GROUP BY month ORDER BY month
        """,  # noqa: S608
        project_id,
        now,
    )
    due = await connection.fetchval(
        f"""
        SELECT coalesce(sum(points), 0)::bigint
        FROM (
            SELECT expires_at, points FROM point_lot WHERE project_id = $1
            UNION ALL SELECT expires_at, points FROM ({_LOTS_OF_ENDED_HOLDS}) AS h
        ) AS l WHERE expires_at <= $2
        """,  # noqa: S608
        project_id,
        now,
    )
    released = await connection.fetchval(
        "SELECT coalesce(sum(points), 0)::bigint FROM hold "
        "WHERE project_id = $1 AND status = 'held' AND expires_at <= $2",
        project_id,
        now,
    )
    return Liability(
        earned=totals[0]["earned"],
        spent=totals[0]["spent"],
        expired=totals[0]["expired"] + due,
        held=totals[0]["held"] - released,
        balance=totals[0]["balance"] + released - due,
        expiring=[(row["month"], row["points"]) for row in months],
    )
