"""The clock of a project. The clock of a test project can be moved forward, so that a test can cover a month in
seconds."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from laurels.kernel.input.problems import field_problem
from laurels.mechanics.points.storage import expiries
from laurels.office.examples import CLOCK, MOVE_CLOCK_REQUEST, MOVE_CLOCK_RESPONSE
from laurels.storage import definitions
from laurels.storage.office import audit, projects
from laurels.storage.office.audit import AuditedChange
from laurels.storage.office.projects import Mode, Project
from laurels.web.endpoint import Reply, Request, Routes
from laurels.web.keys.access import Access
from laurels.web.protocol.errors import Refusal, invalid
from laurels.web.requests.fields import utc

routes = Routes(
    "Clock",
    Access.ADMIN,
    about="The project's clock. A test project's clock can be moved forward. Guide: [The clock of a test "
    "project](docs/test-clock.md).",
)

SECONDS_PER_DAY = 86_400
LIMIT_YEARS = 100
CATCH_UP_SECONDS = 20.0


class ClockAnswer(Struct, frozen=True, kw_only=True):
    """`now` is the time of the project's clock. `offset_ms` is its distance from real time: how far it is ahead."""

    now: datetime
    """The time of the project's clock."""
    offset_ms: int
    """How many milliseconds the clock is ahead of real time."""
    mode: Mode
    """`live` or `test`."""
    can_be_moved: bool
    """Whether the clock can be moved: only in a test project."""


class MoveClockRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The new time, or the number of seconds to advance: one of the two."""

    now: Annotated[datetime | None, Meta(description="Without an offset it is read as UTC.")] = None
    """The time to move to; null with `advance_seconds`. Without an offset it is read as UTC."""
    advance_seconds: Annotated[int, Meta(ge=1, le=LIMIT_YEARS * 366 * SECONDS_PER_DAY)] | None = None
    """By how many seconds to move; null with `now`."""

    def __post_init__(self) -> None:
        if (self.now is None) == (self.advance_seconds is None):
            raise field_problem("now", "and advance_seconds: send exactly one of them")


class ClockMovedAnswer(ClockAnswer, frozen=True, kw_only=True):
    """`is_settled`: everything that came due has happened. Otherwise it was too much for one call, and continues in the
    background."""

    is_settled: bool
    """Whether everything that became due has happened. False: the rest continues in the background."""


def _not_movable() -> Refusal:
    detail = "The clock of a live project cannot be moved; use a project with mode test"
    return Refusal(400, detail, code="clock_of_live_project")


@routes.get(
    "/gamify/admin/clock",
    summary="Get the time of the project's clock",
    answers={200: ClockAnswer},
    answer_example=CLOCK,
    refuses=(503,),
)
async def get_clock(request: Request[None, None]) -> Reply:
    """The clock of a live project shows real time."""
    project = await projects.by_id(request.services.readers, request.project_id)
    return Reply(msgspec.json.encode(_clock(project, datetime.now(UTC))))


@routes.post(
    "/gamify/admin/clock",
    summary="Move a test project's clock forward",
    body=MoveClockRequest,
    answers={200: ClockMovedAnswer},
    answer_example=MOVE_CLOCK_RESPONSE,
    example=MOVE_CLOCK_REQUEST,
    refuses=(400, 503),
    refusals={400: _not_movable()},
)
async def move_clock(request: Request[MoveClockRequest, None]) -> Reply:
    """The clock continues from the new time, on all servers. Everything that comes due in between happens before the
    response: points and holds expire, and ranks are recorded."""
    real = datetime.now(UTC)
    async with request.services.edits.transaction() as connection:
        await definitions.lock(connection, request.project_id)
        project = await projects.by_id(connection, request.project_id)
        if project.mode != "test":
            raise _not_movable()
        offset_ms = _offset_ms(request.body, project, real)
        await projects.set_clock(connection, request.project_id, offset_ms)
        before, after = {"offset_ms": project.clock_offset_ms}, {"offset_ms": offset_ms}
        entry = AuditedChange(project_id=project.id, action="move_clock", kind="clock", before=before, after=after)
        await audit.record(connection, entry)
    project = msgspec.structs.replace(project, clock_offset_ms=offset_ms)
    clock = msgspec.structs.asdict(_clock(project, datetime.now(UTC)))
    return Reply(msgspec.json.encode(ClockMovedAnswer(**clock, is_settled=await _settled(request))))


def _offset_ms(body: MoveClockRequest, project: Project, real: datetime) -> int:
    """The new offset in whole milliseconds, rounded up, so that the clock shows at least the requested time. Raises
    Refusal 422."""
    current = real + timedelta(milliseconds=project.clock_offset_ms)
    target = utc(body.now, "now") or current + timedelta(seconds=body.advance_seconds or 0)
    if target < current:
        raise invalid("now", f"must not be before the project's clock, which shows {current:%Y-%m-%dT%XZ}")
    if target > real + timedelta(days=366 * LIMIT_YEARS):
        field = "now" if body.now is not None else "advance_seconds"
        raise invalid(field, f"must not move the clock more than {LIMIT_YEARS} years ahead of real time")
    return -((real - target) // timedelta(milliseconds=1))


async def _settled(request: Request[MoveClockRequest, None]) -> bool:
    services = request.services
    try:
        async with asyncio.timeout(CATCH_UP_SECONDS):
            await services.jobs.catch_up()
            while await expiries.is_due(services.readers, request.project_id, datetime.now(UTC)):
                await services.jobs.catch_up()
    except TimeoutError:
        return False
    return True


def _clock(project: Project, real: datetime) -> ClockAnswer:
    return ClockAnswer(
        now=real + timedelta(milliseconds=project.clock_offset_ms),
        offset_ms=project.clock_offset_ms,
        mode=project.mode,
        can_be_moved=project.mode == "test",
    )
