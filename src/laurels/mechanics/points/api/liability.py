"""The points that a project owes its participants."""

from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from laurels.mechanics.points.api.examples import POINTS_LIABILITY_RESPONSE
from laurels.mechanics.points.storage import liability
from laurels.web.endpoint import Reply, Request, Routes
from laurels.web.keys.access import Access

routes = Routes("Points")


class ExpiringMonth(Struct, frozen=True):
    """The points that expire in a month."""

    month: str | None
    """The month in which the points expire, such as 2026-12; null for points that never expire and points held."""
    points: int
    """The number of points."""


class LiabilityAnswer(Struct, frozen=True, kw_only=True):
    """The points that a project owes. `outstanding` is `issued` − `spent` − `expired`: all balances and held points."""

    issued: int
    """All points ever awarded, less reversed awards."""
    spent: int
    """All points ever spent, less reversed deductions."""
    expired: int
    """All points that have expired."""
    held: int
    """Points set aside by open holds."""
    outstanding: int
    """Balances and held points."""
    breakage_percent: float
    """The share of the issued points that expired, in percent with one decimal."""
    by_expiry_month: list[ExpiringMonth]
    """The outstanding points by the month in which they expire, in the project's time zone."""


@routes.get(
    "/gamify/admin/liability",
    summary="Points that the project owes",
    answers={200: LiabilityAnswer},
    answer_example=POINTS_LIABILITY_RESPONSE,
    access=Access.ADMIN,
)
async def points_liability(request: Request[None, None]) -> Reply:
    """Sums over all participants, including anonymized ones. Held points do not expire while they are held."""
    known = await request.services.definitions.newest(request.services.readers, request.project_id)
    now = known.calendar.at(datetime.now(UTC))
    async with request.services.surveys.transaction() as connection:
        sums = await liability.liability(connection, request.project_id, now)
    outstanding = sums.balance + sums.held
    months = [ExpiringMonth(f"{month:%Y-%m}", points) for month, points in sums.expiring]
    never = outstanding - sum(month.points for month in months)
    answer = LiabilityAnswer(
        issued=sums.earned,
        spent=sums.spent,
        expired=sums.expired,
        held=sums.held,
        outstanding=outstanding,
        breakage_percent=round(100 * sums.expired / sums.earned, 1) if sums.earned else 0.0,
        by_expiry_month=[*months, ExpiringMonth(None, never)],
    )
    return Reply(msgspec.json.encode(answer))
