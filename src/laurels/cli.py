"""The `laurels` command."""

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import asyncpg
import typer
from rich.console import Console
from rich.table import Table

from laurels import logs, time_zones
from laurels.embedded import EmbeddedPostgresError, running
from laurels.importer import ImportStoppedError
from laurels.settings import SettingsError
from laurels.store import keys as key_store
from laurels.store import projects as project_store
from laurels.store import schema
from laurels.store.database import CONNECTION_ERRORS, Connection, connect_one
from laurels.store.keys import Scope
from laurels.store.projects import Mode, Project

if TYPE_CHECKING:
    from laurels.configuration import Files
    from laurels.configuration_command import Prepared

Result = TypeVar("Result")

application = typer.Typer(
    help="Laurels: a self-hosted gamification server.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    # Every flag has a variable; those that name none have LAURELS_COMMAND_FLAG.
    context_settings={"auto_envvar_prefix": "LAURELS"},
)
keys = typer.Typer(help="API keys.", no_args_is_help=True)
projects = typer.Typer(help="Projects: each has its own keys, definitions and participants.", no_args_is_help=True)
application.add_typer(keys, name="keys")
application.add_typer(projects, name="projects")

DataDir = Annotated[
    Path, typer.Option(envvar="LAURELS_DATA_DIR", help="Folder of the embedded PostgreSQL, if no database is given.")
]
DatabaseUrl = Annotated[
    str | None, typer.Option(envvar="LAURELS_DATABASE_URL", help="Your own PostgreSQL: postgresql://user@host/database")
]
ProjectCode = Annotated[str, typer.Option("--project", envvar="LAURELS_PROJECT", help="The project's code.")]
DEFAULT_DATA_DIR = Path("laurels-data")


def main() -> None:
    """Entry point: every failure a user can cause ends in one sentence."""
    logs.configure()
    try:
        application()
    except (EmbeddedPostgresError, SettingsError, ImportStoppedError) as error:
        _fail(str(error))
    except CONNECTION_ERRORS as error:
        _fail(f"The database cannot be reached: {error}")
    except asyncpg.UndefinedTableError:
        _fail("The database has no Laurels schema yet: run `laurels migrate`.")


@application.command()
def serve(
    host: Annotated[str, typer.Option(envvar="LAURELS_HOST")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="LAURELS_PORT")] = 8080,
    workers: Annotated[int, typer.Option(envvar="LAURELS_WORKERS", help="Processes that answer requests.")] = 1,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
    demo: Annotated[
        bool, typer.Option("--demo", envvar="LAURELS_DEMO", help="Give an empty default project demo definitions.")
    ] = False,
) -> None:
    """Migrate the database and serve the API. Without a database, start an embedded PostgreSQL."""
    from laurels import server

    server.serve(host=host, port=port, workers=workers, data_dir=data_dir, database_url=database_url or None, demo=demo)


@application.command()
def migrate(data_dir: DataDir = DEFAULT_DATA_DIR, database_url: DatabaseUrl = None) -> None:
    """Bring the database's schema to this version."""
    if not database_url:
        data_dir.expanduser().mkdir(parents=True, exist_ok=True)
    with _database(data_dir, database_url) as url:
        revision = schema.migrate(url)
    typer.echo(f"The schema is at revision {revision}.")


@application.command()
def check(
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Also fold the whole journal anew and compare every projection.")
    ] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Verify that every point is where it should be; works on a live database. Exit code 1 when something differs."""
    from laurels.store import check as checks

    async def work(connection: Connection) -> bool:
        is_clean = True
        async for finding in checks.check(connection, rebuild=rebuild):
            typer.echo(f"{'ok  ' if not finding.differences else 'FAIL'}  {finding.invariant}")
            for example in finding.examples:
                typer.echo(f"        {example}")
            if finding.differences > len(finding.examples):
                typer.echo(f"        … {finding.differences} differences in all")
            is_clean = is_clean and not finding.differences
        return is_clean

    if not _run(data_dir, database_url, work):
        raise SystemExit(1)


@application.command("import")
def import_lines(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV with a header, or JSONL; also .gz.")],
    participant: Annotated[str, typer.Option(help="Column with the participant's id.")] = "participant_id",
    amount: Annotated[str | None, typer.Option(help="Column with the points to award.")] = None,
    event: Annotated[str | None, typer.Option(help="Column with the event's name, if the lines are events.")] = None,
    event_name: Annotated[str | None, typer.Option(help="The same event name for all lines.")] = None,
    streak: Annotated[str | None, typer.Option(help="Code of a streak, if the lines are records of it.")] = None,
    timestamp: Annotated[str | None, typer.Option(help="Column with the time; now, if not given.")] = None,
    key: Annotated[str | None, typer.Option(help="Column with an idempotency key; else the line.")] = None,
    reason: Annotated[str | None, typer.Option(help="Column with the reason of an award.")] = None,
    file_format: Annotated[str | None, typer.Option("--format", help="csv or jsonl; else by the ending.")] = None,
    source: Annotated[
        str | None, typer.Option(help="Name that lines without a key are known by; else the file's name.")
    ] = None,
    rejections: Annotated[Path | None, typer.Option(help="Write all rejected lines to this CSV file.")] = None,
    project: ProjectCode = "default",
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Import awards, events or records of a streak. Safe to run again: no line counts twice.

    Columns not named are kept as metadata.
    """
    from laurels import import_command
    from laurels.importer import Columns

    if sum(option is not None for option in (amount, event, event_name, streak)) != 1:
        _fail("Name one of --amount (the lines are awards), --event or --event-name (events), or --streak (records).")
    columns = Columns(
        participant=participant,
        amount=amount,
        event=event,
        event_name=event_name,
        streak=streak,
        timestamp=timestamp,
        key=key,
        reason=reason,
    )
    project_id = _run(data_dir, database_url, lambda connection: _project(connection, project)).id
    with _database(data_dir, database_url) as url:
        import_command.run(url, project_id, file, columns, file_format, source, rejections)


@application.command()
def export(
    output: Annotated[Path | None, typer.Option(help="Write to this file, not to standard output.")] = None,
    project: ProjectCode = "default",
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Write a project's definitions as a YAML file."""
    from laurels import definitions_file
    from laurels.definitions_file import Contents, DefinitionsFileError

    async def work(connection: Connection) -> Contents:
        return await definitions_file.stored(connection, (await _project(connection, project)).id)

    try:
        text = definitions_file.dump(_run(data_dir, database_url, work)).encode()
    except DefinitionsFileError as error:
        _fail(str(error))
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_bytes(text)
    except OSError as error:
        _fail(f"{output} cannot be written: {error.strerror}.")


@application.command()
def simulate(
    file: Annotated[
        Path,
        typer.Option("--definitions", exists=True, dir_okay=False, help="Definitions file: the sections to try."),
    ],
    days: Annotated[int, typer.Option(min=1, max=366, help="How far back.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole result as JSON.")] = False,
    project: ProjectCode = "default",
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Try draft definitions against the last days. Writes nothing."""
    import msgspec

    from laurels import simulate_command
    from laurels.definitions_file import DefinitionsFileError
    from laurels.simulation import Job

    with _database(data_dir, database_url) as url:
        project_id = _run(data_dir, url, lambda connection: _project(connection, project)).id
        text = file.read_bytes().decode(errors="surrogateescape")
        try:
            result = simulate_command.run(Job(database_url=url, project_id=project_id, days=days, file=text))
        except DefinitionsFileError as error:
            _fail(f"{file} cannot be used:\n{error}")
    if as_json:
        typer.echo(msgspec.json.encode(result))
    else:
        simulate_command.show(result)


DefinitionFiles = Annotated[
    list[Path], typer.Argument(exists=True, dir_okay=False, help="Definitions files; together they are the whole.")
]


@application.command()
def plan(
    files: DefinitionFiles,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 2 when there is something to change, for use in CI.")
    ] = False,
    project: ProjectCode = "default",
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Show what definitions files would change in a project, and whom it concerns. Changes nothing."""
    from laurels import configuration_command

    with _database(data_dir, database_url) as url:
        _, _, prepared = _prepared(files, project, url)
    configuration_command.show(prepared)
    if exit_code and not prepared.is_empty:
        raise SystemExit(2)


@application.command()
def apply(
    files: DefinitionFiles,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask. Needs --past where people are concerned.")] = False,
    past: Annotated[
        str | None,
        typer.Option(
            help="What holds for those who have reached a changed tier or badge already: from-now-on, silently or "
            "announced. Asked for each if not given."
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="With --yes: also what was changed by other means since the last apply.")
    ] = False,
    project: ProjectCode = "default",
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Change a project's definitions to what files say: all of it or nothing."""
    from laurels import configuration_command
    from laurels.configuration import Change, ConfigurationChangedError, Past
    from laurels.definitions_file import DefinitionsFileError

    known: dict[str, Past] = {"from-now-on": "from-now-on", "silently": "silently", "announced": "announced"}
    if past is not None and past not in known:
        _fail(f"There is no --past {past!r}: use from-now-on, silently or announced.")

    def choose(change: Change, reached: int) -> Past:
        if past is not None:
            return known[past]
        if yes:
            _fail(
                f"Participants who have reached {change.code} already: {reached}. Say with --past what holds for them."
            )
        typer.echo(f"Participants who have reached {change.code} already: {reached}. Give it to them?")
        options = "n: from now on, when something of theirs changes; s: at once, silently; a: at once, announced"
        asked = typer.prompt(f"{options} [n/s/a]", default="n", show_default=False)
        return {"s": "silently", "a": "announced"}.get(asked.strip().lower()[:1], "from-now-on")  # type: ignore[return-value]

    with _database(data_dir, database_url) as url:
        project_id, read, prepared = _prepared(files, project, url)
        configuration_command.show(prepared)
        if prepared.is_empty:
            return
        if yes and prepared.plan.drift and not overwrite:
            _fail("Nothing was changed. Add --overwrite, or bring those changes into the files first (laurels export).")
        if not yes and not typer.confirm("Apply this?"):
            _fail("Nothing was changed.")
        try:
            configuration_command.apply(url, project_id, read, prepared, choose)
        except ConfigurationChangedError:
            _fail("The definitions have changed since the plan was made; nothing was applied. Run it again.")
        except DefinitionsFileError as error:
            _fail(f"Nothing was changed:\n{error}")
    typer.echo("Applied.")


@application.command("schema")
def print_schema() -> None:
    """Print the JSON Schema of definitions files, for editors."""
    from laurels import definitions_file

    typer.echo(definitions_file.schema().encode(), nl=False)


@keys.command("create")
def create_key(
    project: ProjectCode = "default",
    scope: Annotated[str, typer.Option(help="gamify, gamify:admin or admin.")] = "gamify",
    name: Annotated[str, typer.Option(help="To recognise it by later.")] = "",
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Make a key and print it, alone, on standard output. It cannot be shown again."""
    known: dict[str, Scope] = {"gamify": "gamify", "gamify:admin": "gamify:admin", "admin": "admin"}
    if scope not in known:
        _fail(f"There is no scope {scope!r}: use gamify, gamify:admin or admin.")

    async def work(connection: Connection) -> str:
        return await key_store.create(connection, await _project(connection, project), known[scope], name)

    typer.echo(_run(data_dir, database_url, work))


@keys.command("list")
def list_keys(
    project: ProjectCode = "default", data_dir: DataDir = DEFAULT_DATA_DIR, database_url: DatabaseUrl = None
) -> None:
    """List a project's keys: their first characters, never the keys."""

    async def work(connection: Connection) -> list[key_store.KeyRow]:
        return await key_store.all_keys(connection, (await _project(connection, project)).id)

    table = Table("id", "key", "name", "scope", "created", "revoked", box=None)
    for row in _run(data_dir, database_url, work):
        created, revoked = (
            f"{row.created_at:%Y-%m-%d %H:%M}",
            f"{row.revoked_at:%Y-%m-%d %H:%M}" if row.revoked_at else "",
        )
        table.add_row(row.id, f"{row.hint}…", row.name, row.scope, created, revoked)
    _print(table)


@keys.command("revoke")
def revoke_key(
    key: Annotated[str, typer.Argument(help="The key's id as `laurels keys list` shows it, or the key itself.")],
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Revoke a key, of whichever project. All servers stop accepting it within 5 seconds."""
    if not _run(data_dir, database_url, lambda connection: key_store.revoke(connection, key)):
        _fail("There is no valid key like that; `laurels keys list --project CODE` shows a project's.")
    typer.echo("Revoked.")


@projects.command("create")
def create_project(
    code: Annotated[str, typer.Argument(help="A short name for the project, such as shop-test.")],
    name: Annotated[str, typer.Option(help="A name for people.")] = "",
    mode: Annotated[str, typer.Option(help="live or test.")] = "live",
    time_zone: Annotated[str, typer.Option(help="IANA name of the zone in which its days and weeks begin.")] = "UTC",
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Create a project."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}", code):
        _fail("A project's code has 1 to 100 letters, digits and _ . : - and begins with a letter or digit.")
    modes: dict[str, Mode] = {"live": "live", "test": "test"}
    if mode not in modes:
        _fail(f"There is no mode {mode!r}: use live or test.")
    if time_zone not in time_zones.names():
        _fail(f"There is no time zone {time_zone!r}: use an IANA name such as Europe/Lisbon.")

    async def work(connection: Connection) -> Project | None:
        return await project_store.create(connection, code, name or code, modes[mode], time_zone)

    if _run(data_dir, database_url, work) is None:
        _fail(f"A project with the code {code!r} exists already.")
    typer.echo(f"Created. Make a key for it: laurels keys create --project {code}")


@projects.command("list")
def list_projects(data_dir: DataDir = DEFAULT_DATA_DIR, database_url: DatabaseUrl = None) -> None:
    """List the projects."""
    table = Table("code", "name", "mode", "time zone", box=None)
    for project in _run(data_dir, database_url, project_store.all_projects):
        table.add_row(project.code, project.name, project.mode, project.time_zone)
    _print(table)


def _print(table: Table) -> None:
    """Ids are for copying: never cut, and one row a line where the output goes to another program."""
    for column in table.columns:
        column.no_wrap = True
        column.overflow = "ignore"
    Console(width=None if sys.stdout.isatty() else 200).print(table)


@contextmanager
def _database(data_dir: Path, database_url: str | None) -> Iterator[str]:
    if database_url:
        yield database_url
        return
    folder = data_dir.expanduser().resolve()
    if not folder.exists():
        # A mistyped folder must not become an empty database.
        _fail(f"There is no folder {folder}; name another one with --data-dir, or run `laurels serve` first.")
    with running(folder) as url:
        yield url


def _prepared(files: list[Path], project: str, url: str) -> "tuple[int, Files, Prepared]":
    from laurels import configuration_command
    from laurels.configuration import Files
    from laurels.definitions_file import DefinitionsFileError

    project_id = _run(Path(), url, lambda connection: _project(connection, project)).id
    try:
        read = Files({str(file): file.read_bytes() for file in files})
        return project_id, read, configuration_command.prepare(url, project_id, read)
    except DefinitionsFileError as error:
        _fail(f"{', '.join(map(str, files))} cannot be used:\n{error}")


def _run(data_dir: Path, database_url: str | None, work: Callable[[Connection], Awaitable[Result]]) -> Result:
    async def connected(url: str) -> Result:
        connection = await connect_one(url)
        try:
            return await work(connection)
        finally:
            await connection.close()

    with _database(data_dir, database_url) as url:
        return asyncio.run(connected(url))


async def _project(connection: Connection, code: str) -> Project:
    project = await project_store.by_code(connection, code)
    if project is None:
        _fail(f"There is no project {code!r}; `laurels projects list` shows them.")
    return project


def _fail(sentence: str) -> NoReturn:
    print(f"laurels: {sentence}", file=sys.stderr)
    raise SystemExit(1)


if __name__ == "__main__":
    main()
