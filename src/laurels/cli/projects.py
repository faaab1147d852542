"""The commands for projects."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from laurels.cli.options import (
    DEFAULT_DATA_DIR,
    DatabaseUrl,
    DataDir,
    check_zone,
    example,
    fail,
    project_named,
    run,
    with_options,
)
from laurels.cli.tables import minute, print_table

if TYPE_CHECKING:
    from laurels.storage.office.projects import Mode, Project, Weekday
    from laurels.storage.postgres.database import Connection

projects = typer.Typer(
    help="Create, list, archive and configure projects.\n\n"
    "Each project has its own keys, definitions and participants.",
    short_help="Create, list, archive and configure projects.",
    no_args_is_help=True,
    epilog=example("laurels projects create shop-test --mode test"),
)


@dataclass(frozen=True, kw_only=True)
class NewProjectOptions:
    """The arguments and options of the command."""

    code: Annotated[str, typer.Argument(help="A short name for the project, such as shop-test.")]
    name: Annotated[str, typer.Option(help="A name for people.")] = ""
    mode: Annotated[str, typer.Option(help="live or test.")] = "live"
    time_zone: Annotated[
        str, typer.Option(help="IANA name of the time zone in which the project's days and weeks begin.")
    ] = "UTC"
    first_day_of_week: Annotated[
        str, typer.Option(help="The day on which the project's weeks begin, such as sunday.")
    ] = "monday"
    strict_fields: Annotated[
        bool | None,
        typer.Option(
            "--strict-fields/--no-strict-fields",
            help="Refuse requests with unknown fields and parameters. Default: only in test projects.",
            show_default=False,
        ),
    ] = None
    data_dir: DataDir = DEFAULT_DATA_DIR
    database_url: DatabaseUrl = None


@projects.command("create", epilog=example("laurels projects create shop-test --mode test --time-zone Europe/Lisbon"))
@with_options(NewProjectOptions)
def create_project(new: NewProjectOptions) -> None:
    """Create a project."""
    from laurels.storage.office import projects as project_store

    code = new.code
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}", code):
        fail("The code may contain 1 to 100 letters, digits and _ . : - and must begin with a letter or digit.")
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
        fail(f"A project with the code {code!r} already exists.")
    typer.echo(f"Created. Next, create a key: laurels keys create --project {code}")


@projects.command("list", epilog=example("laurels projects list"))
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
            minute(project.archived_at),
        )
    print_table(table)


@projects.command("archive", short_help="Archive a project.", epilog=example("laurels projects archive shop-test"))
def archive_project(
    code: Annotated[str, typer.Argument(help="The project's code.")],
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Archive a project.

    Its keys stop working within 5 seconds. Its data are kept.
    """
    if code == "default":
        fail("The project default cannot be archived.")
    run(data_dir, database_url, lambda connection: _archive(connection, code, datetime.now(UTC)))
    typer.echo("Archived.")


@projects.command("unarchive", epilog=example("laurels projects unarchive shop-test"))
def unarchive_project(
    code: Annotated[str, typer.Argument(help="The project's code.")],
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Unarchive a project, so that its keys work again."""
    run(data_dir, database_url, lambda connection: _archive(connection, code, None))
    typer.echo("Unarchived.")


async def _archive(connection: "Connection", code: str, at: datetime | None) -> None:
    from laurels.storage.office import projects as project_store

    project = await project_named(connection, code)
    async with connection.transaction():
        await project_store.change(connection, project.id, "archive" if at else "unarchive", archived_at=at)


@projects.command(
    "retention",
    short_help="Show or set the retention of events.",
    epilog=example("laurels projects retention shop --event-days 400"),
)
def project_retention(
    code: Annotated[str, typer.Argument(help="The project's code.")],
    event_days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="Number of days for which the content of events is kept.")
    ] = None,
    keep_events: Annotated[bool, typer.Option("--keep-events", help="Keep the content of events permanently.")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Show or set the time for which a project keeps the content of events.

    docs/operations.md has the details.
    """
    from laurels.storage.office import projects as project_store

    if event_days is not None and keep_events:
        fail("Use --event-days or --keep-events, not both.")

    async def work(connection: "Connection") -> int | None:
        project = await project_named(connection, code)
        if event_days is None and not keep_events:
            return project.event_retention_days
        async with connection.transaction():
            await project_store.change(connection, project.id, event_retention_days=event_days)
        return event_days

    days = run(data_dir, database_url, work)
    typer.echo(f"The content of events is kept {'permanently' if days is None else f'for {days} days'}.")


@projects.command(
    "calendar",
    short_help="Show or set the time zone and the weeks.",
    epilog=example("laurels projects calendar shop --time-zone Europe/Lisbon --first-day-of-week sunday"),
)
def project_calendar(
    code: Annotated[str, typer.Argument(help="The project's code.")],
    time_zone: Annotated[
        str | None, typer.Option(help="IANA name of the time zone in which the project's days and weeks begin.")
    ] = None,
    first_day_of_week: Annotated[
        str | None, typer.Option(help="The day on which the project's weeks begin: monday to sunday.")
    ] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Show or set the time zone of a project and the first day of its weeks.

    They can be changed only before the project has its first participant; see docs/projects-and-keys.md.
    """
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
        fail("The project already has participants, so its time zone and its weeks cannot be changed.")
    weeks = project.first_day_of_week.capitalize()
    typer.echo(f"The days of {project.code} begin in the time zone {project.time_zone}, its weeks on {weeks}.")


def _weekday(name: str) -> "Weekday":
    from laurels.storage.office.projects import WEEKDAYS

    weekdays: dict[str, Weekday] = {weekday: weekday for weekday in WEEKDAYS}
    if name.lower() not in weekdays:
        fail(f"There is no weekday {name!r}: use {', '.join(WEEKDAYS[:-1])} or {WEEKDAYS[-1]}.")
    return weekdays[name.lower()]


@projects.command(
    "strict-fields",
    short_help="Show or set whether unknown fields are refused.",
    epilog=example("laurels projects strict-fields shop --on"),
)
def project_strict_fields(
    code: Annotated[str, typer.Argument(help="The project's code.")],
    on: Annotated[
        bool | None, typer.Option("--on/--off", help="Refuse or ignore unknown fields.", show_default=False)
    ] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Show or set whether a project refuses unknown fields and parameters."""
    from laurels.storage.office import projects as project_store

    async def work(connection: "Connection") -> bool:
        project = await project_named(connection, code)
        if on is None:
            return project.strict_fields
        async with connection.transaction():
            await project_store.change(connection, project.id, strict_fields=on)
        return on

    state = "refused" if run(data_dir, database_url, work) else "ignored, unless they look misspelt"
    typer.echo(f"Unknown fields and parameters are {state}.")
