"""The commands for projects and their keys."""

import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from laurels.cli.options import (
    DEFAULT_DATA_DIR,
    DatabaseUrl,
    DataDir,
    ProjectCode,
    check_zone,
    fail,
    project_named,
    run,
    takes,
)

if TYPE_CHECKING:
    from rich.table import Table

    from laurels.storage.office import keys as key_store
    from laurels.storage.office.keys import Scope
    from laurels.storage.office.projects import Mode, Project, Weekday
    from laurels.storage.postgres.database import Connection

keys = typer.Typer(help="API keys.", no_args_is_help=True)
projects = typer.Typer(help="Projects: each has its own keys, definitions and participants.", no_args_is_help=True)


RateLimit = Annotated[
    int | None,
    typer.Option("--rate-limit", min=0, help="Requests a second, 0 for no limit; else the server's default holds."),
]
KeyOrId = Annotated[str, typer.Argument(help="The key's id as `laurels keys list` shows it, or the key itself.")]


@keys.command("create")
def create_key(
    project: ProjectCode = "default",
    scope: Annotated[str, typer.Option(help="gamify, gamify:admin, admin or operator.")] = "gamify",
    name: Annotated[str, typer.Option(help="To recognise it by later.")] = "",
    rate_limit: RateLimit = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Make a key and print it, alone, on standard output. It cannot be shown again."""
    from laurels.storage.office import keys as key_store

    known: dict[str, Scope] = {scope: scope for scope in key_store.SCOPES}
    if scope not in known:
        fail(f"There is no scope {scope!r}: use gamify, gamify:admin, admin or operator.")

    async def work(connection: "Connection") -> str:
        async with connection.transaction():
            owner = await project_named(connection, project)
            return await key_store.create(connection, owner, known[scope], name, rate_limit)

    try:
        typer.echo(run(data_dir, database_url, work))
    except key_store.KeyRefusedError as error:
        fail(f"{error}.")


@keys.command("list")
def list_keys(
    project: ProjectCode = "default", data_dir: DataDir = DEFAULT_DATA_DIR, database_url: DatabaseUrl = None
) -> None:
    """List a project's keys: their first characters, never the keys."""
    from rich.table import Table

    from laurels.storage.office import keys as key_store

    async def work(connection: "Connection") -> "list[key_store.KeyRow]":
        return await key_store.all_keys(connection, (await project_named(connection, project)).id)

    table = Table("id", "key", "name", "scope", "a second", "created", "last used", "ends", "revoked", box=None)
    for row in run(data_dir, database_url, work):
        limit = "" if row.rate_limit is None else str(row.rate_limit)
        table.add_row(
            row.id,
            f"{row.hint}…",
            row.name,
            row.scope,
            limit,
            _minute(row.created_at),
            _minute(row.last_used_at),
            _minute(row.expires_at),
            _minute(row.revoked_at),
        )
    print_table(table)


@keys.command("rotate")
def rotate_key(
    key: KeyOrId,
    valid_hours: Annotated[int, typer.Option(min=0, max=90 * 24, help="How long the old key goes on.")] = 24,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Make a successor of a key and print it, alone. The old one ends by itself."""
    from laurels.storage.office import keys as key_store
    from laurels.storage.office import projects as project_store

    async def work(connection: "Connection") -> str:
        async with connection.transaction():
            project_id, row = await _identified(connection, key)
            project = await project_store.by_id(connection, project_id)
            return (await key_store.rotate(connection, project, row, timedelta(hours=valid_hours)))[0]

    try:
        typer.echo(run(data_dir, database_url, work))
    except key_store.KeyRefusedError as error:
        fail(f"{error}.")


@keys.command("revoke")
def revoke_key(
    key: KeyOrId,
    force: Annotated[bool, typer.Option("--force", help="Also the last key that administers its project.")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Revoke a key, of whichever project. All servers stop accepting it within 5 seconds."""
    from laurels.storage.office import keys as key_store

    async def work(connection: "Connection") -> None:
        async with connection.transaction():
            project_id, row = await _identified(connection, key)
            await key_store.revoke(connection, project_id, row, is_forced=force)

    try:
        run(data_dir, database_url, work)
    except key_store.KeyRefusedError as error:
        fail(f"{error}, or add --force." if "left without" in str(error) else f"{error}.")
    typer.echo("Revoked.")


async def _identified(connection: "Connection", key: str) -> "tuple[int, key_store.KeyRow]":
    from laurels.storage.office import keys as key_store

    found = await key_store.identified(connection, key)
    row = await key_store.get(connection, *found) if found else None
    if found is None or row is None:
        fail("There is no valid key like that; `laurels keys list --project CODE` shows a project's.")
    return found[0], row


@dataclass(frozen=True, kw_only=True)
class NewProject:
    code: Annotated[str, typer.Argument(help="A short name for the project, such as shop-test.")]
    name: Annotated[str, typer.Option(help="A name for people.")] = ""
    mode: Annotated[str, typer.Option(help="live or test.")] = "live"
    time_zone: Annotated[str, typer.Option(help="IANA name of the zone in which its days and weeks begin.")] = "UTC"
    first_day_of_week: Annotated[str, typer.Option(help="On which its weeks begin, such as sunday.")] = "monday"
    strict_fields: Annotated[
        bool | None,
        typer.Option(
            "--strict-fields/--no-strict-fields",
            help="Refuse fields and parameters that a request does not have; if not given, a test project does.",
            show_default=False,
        ),
    ] = None
    data_dir: DataDir = DEFAULT_DATA_DIR
    database_url: DatabaseUrl = None


@projects.command("create")
@takes(NewProject)
def create_project(new: NewProject) -> None:
    """Create a project."""
    from laurels.storage.office import projects as project_store

    code = new.code
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}", code):
        fail("A project's code has 1 to 100 letters, digits and _ . : - and begins with a letter or digit.")
    modes: dict[str, Mode] = {"live": "live", "test": "test"}
    if new.mode not in modes:
        fail(f"There is no mode {new.mode!r}: use live or test.")
    check_zone(new.time_zone)
    weekday = _weekday(new.first_day_of_week)

    async def work(connection: "Connection") -> "Project | None":
        return await project_store.create(
            connection,
            code,
            new.name or code,
            modes[new.mode],
            new.time_zone,
            weekday,
            strict_fields=new.strict_fields,
        )

    if run(new.data_dir, new.database_url, work) is None:
        fail(f"A project with the code {code!r} exists already.")
    typer.echo(f"Created. Make a key for it: laurels keys create --project {code}")


@projects.command("list")
def list_projects(data_dir: DataDir = DEFAULT_DATA_DIR, database_url: DatabaseUrl = None) -> None:
    """List the projects."""
    from rich.table import Table

    from laurels.storage.office import projects as project_store

    table = Table("code", "name", "mode", "time zone", "week begins", "archived", box=None)
    for project in run(data_dir, database_url, project_store.all_projects):
        table.add_row(
            project.code,
            project.name,
            project.mode,
            project.time_zone,
            project.first_day_of_week,
            _minute(project.archived_at),
        )
    print_table(table)


@projects.command("archive")
def archive_project(
    code: Annotated[str, typer.Argument(help="The project's code.")],
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Stop a project: its keys work no more within 5 seconds, its data stay."""
    if code == "default":
        fail("The project default cannot be archived.")
    run(data_dir, database_url, lambda connection: _archive(connection, code, datetime.now(UTC)))
    typer.echo("Archived.")


@projects.command("unarchive")
def unarchive_project(
    code: Annotated[str, typer.Argument(help="The project's code.")],
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Let an archived project go on, with the keys that it had."""
    run(data_dir, database_url, lambda connection: _archive(connection, code, None))
    typer.echo("Unarchived.")


async def _archive(connection: "Connection", code: str, at: datetime | None) -> None:
    from laurels.storage.office import projects as project_store

    project = await project_named(connection, code)
    async with connection.transaction():
        await project_store.change(connection, project.id, "archive" if at else "unarchive", archived_at=at)


def _minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


@projects.command("retention")
def project_retention(
    code: Annotated[str, typer.Argument(help="The project's code.")],
    event_days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="Keep the content of events for so many days.")
    ] = None,
    keep_events: Annotated[bool, typer.Option("--keep-events", help="Keep it for ever.")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Show or set how long a project keeps the content of events; see docs/operations.md."""
    from laurels.storage.office import projects as project_store

    if event_days is not None and keep_events:
        fail("Give --event-days or --keep-events, not both.")

    async def work(connection: "Connection") -> int | None:
        project = await project_named(connection, code)
        if event_days is None and not keep_events:
            return project.event_retention_days
        async with connection.transaction():
            await project_store.change(connection, project.id, event_retention_days=event_days)
        return event_days

    days = run(data_dir, database_url, work)
    typer.echo(f"The content of events is kept {'for ever' if days is None else f'for {days} days'}.")


@projects.command("calendar")
def project_calendar(
    code: Annotated[str, typer.Argument(help="The project's code.")],
    time_zone: Annotated[
        str | None, typer.Option(help="IANA name of the zone in which its days and weeks begin.")
    ] = None,
    first_day_of_week: Annotated[str | None, typer.Option(help="On which its weeks begin: monday to sunday.")] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Show or set in which zone a project's days begin, and on which day its weeks. Set them before the first
    participant; see docs/projects-and-keys.md."""
    from laurels.storage.office import projects as project_store

    if time_zone is not None:
        check_zone(time_zone)
    weekday = None if first_day_of_week is None else _weekday(first_day_of_week)

    async def work(connection: "Connection") -> "Project":
        project = await project_named(connection, code)
        async with connection.transaction():
            return await project_store.change_calendar(
                connection, project.id, time_zone or project.time_zone, weekday or project.first_day_of_week
            )

    try:
        project = run(data_dir, database_url, work)
    except project_store.CalendarInUseError:
        fail("The project has participants already: what happened has been counted by its time zone and its weeks.")
    weeks = project.first_day_of_week.capitalize()
    typer.echo(f"The days of {project.code} begin in the time zone {project.time_zone}, its weeks on {weeks}.")


def _weekday(name: str) -> "Weekday":
    from laurels.storage.office.projects import WEEKDAYS

    known: dict[str, Weekday] = {weekday: weekday for weekday in WEEKDAYS}
    if name.lower() not in known:
        fail(f"There is no weekday {name!r}: use {', '.join(WEEKDAYS[:-1])} or {WEEKDAYS[-1]}.")
    return known[name.lower()]


@projects.command("strict-fields")
def project_strict_fields(
    code: Annotated[str, typer.Argument(help="The project's code.")],
    on: Annotated[
        bool | None, typer.Option("--on/--off", help="Refuse them, or ignore them.", show_default=False)
    ] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Show or set whether a project refuses fields and parameters that a request does not have."""
    from laurels.storage.office import projects as project_store

    async def work(connection: "Connection") -> bool:
        project = await project_named(connection, code)
        if on is None:
            return project.strict_fields
        async with connection.transaction():
            await project_store.change(connection, project.id, strict_fields=on)
        return on

    done = "refused" if run(data_dir, database_url, work) else "ignored, unless they look misspelt"
    typer.echo(f"Fields and parameters that a request does not have are {done}.")


def print_table(table: "Table") -> None:
    """Ids are for copying: never cut, and one row a line where the output goes to another program."""
    from rich.console import Console

    for column in table.columns:
        column.no_wrap = True
        column.overflow = "ignore"
    Console(width=None if sys.stdout.isatty() else 200).print(table)
