"""The endpoints with which operators create and change projects. Each project has its own keys, definitions and
participants."""

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from laurels.kernel.dates import time_zones
from laurels.kernel.input.fields import Code
from laurels.office import keys_api as key_routes
from laurels.office.examples import (
    ARCHIVE_PROJECT_RESPONSE,
    CHANGE_PROJECT_REQUEST,
    CHANGE_PROJECT_RESPONSE,
    CREATE_PROJECT_KEY_REQUEST,
    CREATE_PROJECT_KEY_RESPONSE,
    CREATE_PROJECT_REQUEST,
    CREATE_PROJECT_RESPONSE,
    LIST_PROJECTS_RESPONSE,
    PROJECT,
)
from laurels.office.keys_api import CreateKeyRequest, NewApiKey, RateLimit
from laurels.storage.office import keys, projects
from laurels.storage.office.projects import CalendarInUseError, Mode, Project, Weekday
from laurels.storage.postgres.database import Connection, Fetches
from laurels.web.endpoint import AnyRequest, Reply, Request, Routes
from laurels.web.keys.access import Access
from laurels.web.protocol.errors import Refusal, code_taken, invalid
from laurels.web.requests.patches import changes

routes = Routes(
    "Projects",
    Access.OPERATOR,
    about="Each project is a separate game with its own keys, definitions and participants. These calls need the "
    "scope `operator`. Guide: [Projects, keys, limits](docs/projects-and-keys.md).",
)

TimeZone = Annotated[str, Meta(description="IANA name of the time zone in which the project's days and weeks begin.")]
ProjectName = Annotated[str, Meta(min_length=1, max_length=200)]
RetentionDays = Annotated[int, Meta(ge=1, le=36_500)]
DEFAULT = "default"


class ProjectShown(Struct, frozen=True, kw_only=True):
    """`time_zone` determines the beginning of days for participants without their own time zone. `rate_limit` is in
    requests per second, for all keys together; null or 0 for no limit. `event_retention_days` is the number of days for
    which the content of events is kept; null keeps it permanently. `strict_fields`: unknown fields and parameters are
    refused, not ignored."""

    code: str
    """The project's code."""
    name: str
    """The project's name."""
    mode: Mode
    """`live` or `test`."""
    time_zone: str
    """IANA name of the time zone in which days begin, for participants without their own."""
    first_day_of_week: Weekday
    """The day on which weeks begin."""
    rate_limit: int | None
    """Requests per second of all keys together; null or 0 for no limit."""
    event_retention_days: int | None
    """For how many days the content of events is kept; null for permanently."""
    strict_fields: bool
    """Whether unknown fields and parameters are refused."""
    created_at: datetime
    """When the project was created."""
    archived_at: datetime | None
    """When the project was archived; null if it is not."""


class NewProject(ProjectShown, frozen=True, kw_only=True):
    """`admin_key` is the project's first key, with the scope admin."""

    admin_key: NewApiKey
    """The project's first key, with the scope `admin`."""


class ProjectsAnswer(Struct, frozen=True, kw_only=True):
    """The projects of the server."""

    items: list[ProjectShown]
    """The projects, by their codes."""
    total: int
    """The number of projects."""


class CreateProjectRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The project to create."""

    code: Code
    """A short name, unique among the projects of the server."""
    name: ProjectName | None = None
    """The project's name; null for the code."""
    mode: Mode = "live"
    """A `test` project has a clock that can be moved. It cannot be changed."""
    time_zone: TimeZone = "UTC"
    first_day_of_week: Weekday = "monday"
    """The day on which weeks begin."""
    rate_limit: RateLimit | None = None
    strict_fields: Annotated[
        bool | None,
        Meta(
            description="Refuse unknown fields and parameters. By default, test projects refuse them, live ones do not."
        ),
    ] = None


class ChangeProjectRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings to change; all others stay as they are."""

    name: ProjectName | UnsetType = UNSET
    """The project's name."""
    time_zone: TimeZone | UnsetType = UNSET
    first_day_of_week: Weekday | UnsetType = UNSET
    """The day on which weeks begin. It can be changed only before the project has a participant."""
    rate_limit: RateLimit | UnsetType | None = UNSET
    event_retention_days: RetentionDays | UnsetType | None = UNSET
    """For how many days the content of events is kept; null keeps it permanently."""
    strict_fields: bool | UnsetType = UNSET
    """Whether unknown fields and parameters are refused."""


def _not_found(code: str) -> Refusal:
    return Refusal(404, f"Project not found: {code}", code="project_not_found")


def _protected() -> Refusal:
    detail = "The key's own project and the project default cannot be archived"
    return Refusal(409, detail, code="project_protected")


def _calendar_in_use() -> Refusal:
    detail = (
        "The time zone and the first day of the week can be changed only before the project has its first participant, "
        "because activity is counted by them"
    )
    return Refusal(409, detail, code="calendar_in_use")


def _taken(code: str) -> Refusal:
    return code_taken("A project", code)


@routes.get(
    "/gamify/admin/projects",
    summary="List the projects",
    answers={200: ProjectsAnswer},
    answer_example=LIST_PROJECTS_RESPONSE,
    refuses=(503,),
)
async def list_projects(request: Request[None, None]) -> Reply:
    """All projects, including archived ones, sorted by code."""
    items = [_shown(each) for each in await projects.all_projects(request.services.readers)]
    return Reply(msgspec.json.encode(ProjectsAnswer(items=items, total=len(items))))


@routes.post(
    "/gamify/admin/projects",
    summary="Create a project",
    body=CreateProjectRequest,
    answers={201: NewProject},
    example=CREATE_PROJECT_REQUEST,
    answer_example=CREATE_PROJECT_RESPONSE,
    refuses=(409, 503),
    refusals={409: _taken("shop-test")},
)
async def create_project(request: Request[CreateProjectRequest, None]) -> Reply:
    """Creates a project with its first key, which has the scope admin. The mode cannot be changed later. The time zone
    and the first day of the week can be changed only until the project has a participant."""
    body = request.body
    _check_zone(body.time_zone)
    async with request.services.edits.transaction() as connection:
        await key_routes.lock_keys(request, connection)
        project = await projects.create(
            connection,
            body.code,
            body.name or body.code,
            body.mode,
            body.time_zone,
            body.first_day_of_week,
            strict_fields=body.strict_fields,
        )
        if project is None:
            raise _taken(body.code)
        if body.rate_limit is not None:
            project = await projects.change(connection, project.id, rate_limit=body.rate_limit)
        secret, key = await keys.add(connection, project, "admin", "first key")
    new = NewApiKey(**msgspec.structs.asdict(key), key=secret)
    return Reply(msgspec.json.encode(NewProject(**msgspec.structs.asdict(_shown(project)), admin_key=new)), 201)


@routes.get(
    "/gamify/admin/projects/{project_code}",
    summary="Get a project",
    answers={200: ProjectShown},
    answer_example=PROJECT,
    refuses=(404, 503),
    refusals={404: _not_found("shop-test")},
)
async def get_project(request: Request[None, None]) -> Reply:
    """The project with this code, even if it is archived."""
    return _reply(await _project(request, request.services.readers))


@routes.patch(
    "/gamify/admin/projects/{project_code}",
    summary="Change a project's settings",
    body=dict[str, Any],
    body_documented=ChangeProjectRequest,
    answers={200: ProjectShown},
    example=CHANGE_PROJECT_REQUEST,
    answer_example=CHANGE_PROJECT_RESPONSE,
    refuses=(404, 409, 503),
    refusals={404: _not_found("shop-test"), 409: _calendar_in_use()},
)
async def change_project(request: Request[dict[str, Any], None]) -> Reply:
    """All servers apply a new limit or `strict_fields` within 5 seconds. Events older than a new `event_retention_days`
    permanently lose their content within the hour. The time zone and the first day of the week can be changed only
    until the project has a participant. The body may be the project as a response shows it; read-only fields must then
    have their current values."""
    async with request.services.edits.transaction() as connection:
        await key_routes.lock_keys(request, connection)
        project = await _project(request, connection)
        new_values = changes(request.body, ChangeProjectRequest, _shown(project))
        await _change_calendar(connection, project, new_values)
        changed = await projects.change(connection, project.id, **new_values)
    return _reply(changed)


@routes.post(
    "/gamify/admin/projects/{project_code}/archive",
    summary="Archive a project",
    answers={200: ProjectShown},
    answer_example=ARCHIVE_PROJECT_RESPONSE,
    refuses=(404, 409, 503),
    refusals={404: _not_found("shop-test"), 409: _protected()},
)
async def archive_project(request: Request[None, None]) -> Reply:
    """The project's keys stop working within 5 seconds, and nothing in it expires any more. All its data are kept."""
    async with request.services.edits.transaction() as connection:
        await key_routes.lock_keys(request, connection)
        project = await _project(request, connection)
        if project.id == request.project_id or project.code == DEFAULT:
            raise _protected()
        archived_at = project.archived_at or datetime.now(UTC)
        archived = await projects.change(connection, project.id, "archive", archived_at=archived_at)
    return _reply(archived)


@routes.post(
    "/gamify/admin/projects/{project_code}/unarchive",
    summary="Unarchive a project",
    answers={200: ProjectShown},
    answer_example=PROJECT,
    refuses=(404, 503),
    refusals={404: _not_found("shop-test")},
)
async def unarchive_project(request: Request[None, None]) -> Reply:
    """The project's keys work again, except for revoked and expired ones."""
    async with request.services.edits.transaction() as connection:
        await key_routes.lock_keys(request, connection)
        project = await _project(request, connection)
        unarchived = await projects.change(connection, project.id, "unarchive", archived_at=None)
    return _reply(unarchived)


@routes.post(
    "/gamify/admin/projects/{project_code}/keys",
    summary="Create a key for a project",
    body=CreateKeyRequest,
    answers={201: NewApiKey},
    example=CREATE_PROJECT_KEY_REQUEST,
    answer_example=CREATE_PROJECT_KEY_RESPONSE,
    refuses=(404, 409, 503),
    refusals={404: _not_found("shop-test"), 409: key_routes.TOO_MANY},
)
async def create_project_key(request: Request[CreateKeyRequest, None]) -> Reply:
    """Creates a key for any project, for example after all its keys were lost."""
    async with request.services.edits.transaction() as connection:
        await key_routes.lock_keys(request, connection)
        return await key_routes.create(request, connection, await _project(request, connection))


async def _change_calendar(connection: Connection, project: Project, new_values: dict[str, Any]) -> None:
    """Removes the settings of the calendar from `new_values` and changes them. Raises Refusal 409 and 422."""
    time_zone = new_values.pop("time_zone", project.time_zone)
    first_day_of_week = new_values.pop("first_day_of_week", project.first_day_of_week)
    _check_zone(time_zone)
    try:
        await projects.change_calendar(connection, project.id, time_zone, first_day_of_week)
    except CalendarInUseError:
        raise _calendar_in_use() from None


def _check_zone(name: str) -> None:
    if name not in time_zones.names():
        raise invalid("time_zone", "must be an IANA name such as Europe/Lisbon")


async def _project(request: AnyRequest, connection: Fetches) -> Project:
    project = await projects.by_code(connection, request.path[0])
    if project is None:
        raise _not_found(request.path[0])
    return project


def _shown(project: Project) -> ProjectShown:
    return msgspec.convert(project, ProjectShown, from_attributes=True)


def _reply(project: Project) -> Reply:
    return Reply(msgspec.json.encode(_shown(project)))
