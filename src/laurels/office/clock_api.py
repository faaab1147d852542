"""The clock of a project. A test project's can be moved forward, so that tests live through a month in seconds."""

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
from laurels.storage.office.audit import Done
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

SECONDS_A_DAY = 86_400
FURTHEST_YEARS = 100
CATCH_UP_SECONDS = 20.0


class ClockAnswer(Struct, frozen=True, kw_only=True):
    """`now` is what the project's clock shows, `offset_ms` how far it is ahead of real time."""

    now: datetime
    """The time of the project's clock."""
    offset_ms: int
    """How many milliseconds the clock is ahead of real time."""
    mode: Mode
    """`live` or `test`."""
    can_be_moved: bool
    """Whether the clock can be moved: only in a test project."""


class MoveClockRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to, or how far; one of the two."""

    now: Annotated[datetime | None, Meta(description="Without an offset it is read as UTC.")] = None
    """The time to move to; null with `advance_seconds`. Without an offset it is read as UTC."""
    advance_seconds: Annotated[int, Meta(ge=1, le=FURTHEST_YEARS * 366 * SECONDS_A_DAY)] | None = None
    """By how many seconds to move; null with `now`."""

    def __post_init__(self) -> None:
        if (self.now is None) == (self.advance_seconds is None):
            raise field_problem("now", "or advance_seconds is required, not both")


class ClockMovedAnswer(ClockAnswer, frozen=True, kw_only=True):
    """`is_settled`: what came due has happened. Otherwise it was too much for one call and goes on by itself."""

    is_settled: bool
    """Whether everything that became due has happened. False: the rest continues in the background."""


def _not_movable() -> Refusal:
    detail = "The clock of a live project cannot be moved; try it in a project made with mode test"
    return Refusal(400, detail, code="clock_of_live_project")


@routes.get(
    "/gamify/admin/clock",
    summary="What the project's clock shows",
    answers={200: ClockAnswer},
    answer_example=CLOCK,
    refuses=(503,),
)
async def get_clock(request: Request[None, None]) -> Reply:
    """A live project's shows real time."""
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
    """From then on the clock runs on from there, on all servers. Before the answer all that came due has happened:
    points and holds have expired, ranks are taken anew."""
    real = datetime.now(UTC)
    async with request.services.edits.transaction() as connection:
        await definitions.lock(connection, request.project_id)
        project = await projects.by_id(connection, request.project_id)
        if project.mode != "test":
            raise _not_movable()
        offset_ms = _offset_ms(request.body, project, real)
        await projects.set_clock(connection, request.project_id, offset_ms)
        before, after = {"offset_ms": project.clock_offset_ms}, {"offset_ms": offset_ms}
        done = Done(project_id=project.id, action="move_clock", kind="clock", before=before, after=after)
        await audit.record(connection, done)
    project = msgspec.structs.replace(project, clock_offset_ms=offset_ms)
    clock = msgspec.structs.asdict(_clock(project, datetime.now(UTC)))
    return Reply(msgspec.json.encode(ClockMovedAnswer(**clock, is_settled=await _settled(request))))


def _offset_ms(body: MoveClockRequest, project: Project, real: datetime) -> int:
    """Raises Refusal 422. Whole milliseconds, rounded up, so that the clock shows no less than what was asked for."""
    present = real + timedelta(milliseconds=project.clock_offset_ms)
    wanted = utc(body.now, "now") or present + timedelta(seconds=body.advance_seconds or 0)
    if wanted < present:
        raise invalid("now", f"must not be before the clock, which only goes forward and shows {present:%Y-%m-%dT%XZ}")
    if wanted > real + timedelta(days=366 * FURTHEST_YEARS):
        field = "now" if body.now is not None else "advance_seconds"
        raise invalid(field, f"must not lead further than {FURTHEST_YEARS} years from real time")
    return -((real - wanted) // timedelta(milliseconds=1))


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
