"""The `laurels` command."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

# Other imports of the commands take long, and `laurels --help` does not need them.
from laurels.cli import backups as cli_backups
from laurels.cli import erasures as cli_erasures
from laurels.cli import importing as cli_import
from laurels.cli import keys as cli_keys
from laurels.cli import projects as cli_projects
from laurels.cli.feed import FeedOptions, print_feed
from laurels.cli.options import (
    CURRENT_COMPOSITION,
    DEFAULT_DATA_DIR,
    DatabaseUrl,
    DataDir,
    ProjectCode,
    RootCommand,
    UsageErrorExitsWithOne,
    Version,
    composition,
    database,
    example,
    fail,
    project_named,
    run,
    with_options,
)

if TYPE_CHECKING:
    from laurels.app import Composition
    from laurels.cli.plan_and_apply import PreparedPlan
    from laurels.config.plan import Files
    from laurels.storage.postgres.database import Connection

application = typer.Typer(
    cls=RootCommand,
    help="Laurels: a self-hosted gamification server.",
    epilog=example("laurels serve --demo"),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    # Importing Rich takes longer than all the rest of `laurels --help`.
    rich_markup_mode=None,
    # The variable of a flag without `envvar` is LAURELS_COMMAND_FLAG.
    context_settings={"auto_envvar_prefix": "LAURELS"},
)
application.add_typer(cli_keys.keys, name="keys")
application.add_typer(cli_projects.projects, name="projects")
application.add_typer(cli_erasures.erasures, name="erasures")


def main(composition: "Composition | None" = None) -> None:
    """Runs the command, with the composition of Laurels or another one. Failures that a user can cause are printed as
    one sentence."""
    CURRENT_COMPOSITION.set(composition)
    try:
        application()
    except Exception as error:
        from laurels.cli import failures

        sentence = failures.sentence(error)
        if sentence is None:
            raise
        fail(sentence)


@application.callback()
def prepare(_version: Version = False) -> None:
    """Laurels: a self-hosted gamification server."""
    from laurels import logs

    logs.configure()


@application.command(
    short_help="Migrate the database and serve the API.", epilog=example("laurels serve --port 8080 --demo")
)
def serve(
    host: Annotated[
        str,
        typer.Option(
            envvar="LAURELS_HOST", help="Address to listen on. 0.0.0.0: all IPv4 addresses; :: also all IPv6 addresses."
        ),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="LAURELS_PORT", help="Port to listen on.")] = 8080,
    workers: Annotated[int, typer.Option(envvar="LAURELS_WORKERS", help="Number of worker processes.")] = 1,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    backup_dir: Annotated[
        Path | None,
        typer.Option(
            envvar="LAURELS_BACKUP_DIR",
            help="Folder to which the embedded PostgreSQL archives its log from now on; see docs/operations.md.",
        ),
    ] = None,
    database_url: DatabaseUrl = None,
    demo: Annotated[
        bool,
        typer.Option("--demo", envvar="LAURELS_DEMO", help="Add demo definitions to an empty default project."),
    ] = False,
) -> None:
    """Migrate the database and serve the API.

    Without --database-url, an embedded PostgreSQL is started.
    """
    from laurels.cli import serve as server

    server.serve(
        host=host,
        port=port,
        workers=workers,
        data_dir=data_dir,
        backup_dir=backup_dir,
        database_url=database_url or None,
        demo=demo,
    )


@application.command(epilog=example("laurels migrate --database-url postgresql://laurels@db.example.com/laurels"))
def migrate(
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
    citus: Annotated[
        bool,
        typer.Option(
            "--citus",
            envvar="LAURELS_CITUS",
            help="Also distribute the tables over the machines of a Citus cluster; see docs/scale.md.",
        ),
    ] = False,
) -> None:
    """Update the database schema to this version."""
    from laurels.storage.postgres import revisions
    from laurels.storage.schema import migrate as schema

    if citus and not database_url:
        fail("The embedded PostgreSQL has no Citus: add --database-url with the address of the cluster's coordinator.")
    if not database_url:
        data_dir.expanduser().mkdir(parents=True, exist_ok=True)
    with database(data_dir, database_url, may_be_new=True) as url:
        tables = composition().tables
        revision = schema.migrate(url, on_citus=tables if citus else None, further=tables.migrations)
    typer.echo(f"The schema is at revision {revision}.")
    if revisions.age(revision) == "newer":
        typer.echo(
            f"This is the schema of a newer version of Laurels. This version needs {revisions.newest()}; nothing was "
            "changed."
        )


application.command(
    "backup",
    short_help="Back up the embedded PostgreSQL while it runs.",
    epilog=example("laurels backup --backup-dir /backups --keep 7"),
)(cli_backups.backup)
application.command(
    "restore",
    short_help="Restore the embedded PostgreSQL to any moment.",
    epilog=example("laurels restore --backup-dir /backups --to 2026-11-23T19:30:00Z --data-dir restored"),
)(cli_backups.restore)


@application.command(
    short_help="Verify that the stored data are consistent.", epilog=example("laurels check --rebuild")
)
def check(
    rebuild: Annotated[
        bool,
        typer.Option("--rebuild", help="Also compute every projection again from the journal and compare it."),
    ] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Verify that the stored data are consistent, down to every point.

    It works on a live database. The exit code is 1 if there is a difference. Notes, for example about facts from the
    future, are not differences.
    """
    from laurels.storage.checking import whole as checking

    with database(data_dir, database_url) as url:
        if not checking.show(url, composition().present_tables, with_rebuild=rebuild):
            raise SystemExit(1)


application.command(
    "import",
    short_help="Import awards, events or streak records from a file.",
    epilog=example("laurels import orders.csv --event-name purchase_completed --timestamp time --key order_id"),
)(cli_import.import_lines)


application.command(
    "feed",
    short_help="Print the events of a project as they happen.",
    epilog=example("laurels feed --follow --types badge.earned,tier.changed"),
)(with_options(FeedOptions)(print_feed))


@application.command(epilog=example("laurels export --project shop --output definitions.yaml"))
def export(
    output: Annotated[Path | None, typer.Option(help="File to write. Default: standard output.")] = None,
    project: ProjectCode = "default",
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Write a project's definitions as a YAML file."""
    from laurels.config import definitions_file
    from laurels.config.definitions_file import DefinitionsFileError

    kinds = composition().tables.kinds

    async def work(connection: "Connection") -> str:
        exported = await project_named(connection, project)
        # The calendar is not part of the definitions, because applying a file cannot change it.
        calendar = f"--time-zone {exported.time_zone} --first-day-of-week {exported.first_day_of_week}"
        remark = f"The project's calendar: laurels projects calendar CODE {calendar}"
        return definitions_file.dump(kinds, await definitions_file.stored(connection, kinds, exported.id), remark)

    try:
        text = run(data_dir, database_url, work).encode()
    except DefinitionsFileError as error:
        fail(str(error))
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_bytes(text)
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror}.")


@application.command(
    short_help="Simulate draft definitions on past activity.",
    epilog=example("laurels simulate --definitions draft.yaml --days 90"),
)
def simulate(
    file: Annotated[
        Path,
        typer.Option("--definitions", exists=True, dir_okay=False, help="Definitions file with the draft sections."),
    ],
    days: Annotated[int, typer.Option(min=1, max=366, help="Number of past days to simulate.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole result as JSON.")] = False,
    project: ProjectCode = "default",
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Simulate draft definitions on past activity, without writing anything."""
    import msgspec

    from laurels.cli import simulate as simulate_command
    from laurels.config.definitions_file import DefinitionsFileError
    from laurels.config.simulation import SimulationJob

    with database(data_dir, database_url) as url:
        project_id = run(data_dir, url, lambda connection: project_named(connection, project)).id
        text = file.read_bytes().decode(errors="surrogateescape")
        try:
            job = SimulationJob(database_url=url, project_id=project_id, days=days, file=text)
            result = simulate_command.run(job)
        except DefinitionsFileError as error:
            fail(f"{file} has problems:\n{error}")
    if as_json:
        typer.echo(msgspec.json.encode(result))
    else:
        simulate_command.show(result)


DefinitionFiles = Annotated[
    list[Path], typer.Argument(exists=True, dir_okay=False, help="Definitions files, which are read as one file.")
]


@application.command(
    cls=UsageErrorExitsWithOne,
    short_help="Show the changes that definitions files would make.",
    epilog=example("laurels plan definitions.yaml --exit-code"),
)
def plan(
    files: DefinitionFiles,
    exit_code: Annotated[
        bool,
        typer.Option("--exit-code", help="For CI: exit with 2 if there are changes, with 1 on failure."),
    ] = False,
    project: ProjectCode = "default",
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Show the changes that definitions files would make in a project.

    The plan also shows how many participants each change concerns. It changes nothing.
    """
    from laurels.cli import plan_and_apply as configuration_command

    with database(data_dir, database_url) as url:
        _, _, prepared = _prepared(files, project, url)
    configuration_command.show(prepared)
    if exit_code and not prepared.is_empty:
        raise SystemExit(2)


@application.command(
    short_help="Change a project's definitions to match files.",
    epilog=example("laurels apply definitions.yaml --yes --past from-now-on"),
)
def apply(
    files: DefinitionFiles,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask. Needs --past if the changes concern participants.")
    ] = False,
    past: Annotated[
        str | None,
        typer.Option(
            help="For participants who have already reached a changed tier or badge: from-now-on, silently or "
            "announced. By default, the command asks for each change."
        ),
    ] = None,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="With --yes: overwrite edits made by other means since the last apply."),
    ] = False,
    project: ProjectCode = "default",
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Change a project's definitions to match files, all or nothing."""
    from laurels.cli import plan_and_apply as configuration_command
    from laurels.config.definitions_file import DefinitionsFileError
    from laurels.config.plan import Change, ConfigurationChangedError, Past

    choices: dict[str, Past] = {"from-now-on": "from-now-on", "silently": "silently", "announced": "announced"}
    if past is not None and past not in choices:
        fail(f"There is no --past {past!r}: use from-now-on, silently or announced.")

    def choose(change: Change, reached: int) -> Past:
        if past is not None:
            return choices[past]
        sentence = f"Participants who have already reached {change.code}: {reached}."
        if yes:
            fail(f"{sentence} Choose --past from-now-on, silently or announced.")
        typer.echo(f"{sentence} When should they get it?")
        options = "n: from now on, at their next change; s: at once, silently; a: at once, announced"
        reply = typer.prompt(f"{options} [n/s/a]", default="n", show_default=False)
        return {"s": "silently", "a": "announced"}.get(reply.strip().lower()[:1], "from-now-on")  # type: ignore[return-value]

    with database(data_dir, database_url) as url:
        project_id, read, prepared = _prepared(files, project, url)
        configuration_command.show(prepared)
        if prepared.is_empty:
            return
        if yes and prepared.plan.drift and not overwrite:
            fail("Nothing was changed. Add --overwrite, or first copy those edits into the files (laurels export).")
        if not yes and not typer.confirm("Apply these changes?"):
            fail("Nothing was changed.")
        try:
            configuration_command.apply(url, project_id, read, prepared, choose)
        except ConfigurationChangedError:
            fail("The definitions have changed since the plan was made. Nothing was applied; run the command again.")
        except DefinitionsFileError as error:
            fail(f"Nothing was changed:\n{error}")
    typer.echo("Applied.")


@application.command("schema", epilog=example("laurels schema > definitions.schema.json"))
def print_schema() -> None:
    """Print the JSON Schema of definitions files, for editors."""
    from laurels.config import definitions_file

    typer.echo(definitions_file.schema(composition().tables.kinds).encode(), nl=False)


def _prepared(files: list[Path], project: str, url: str) -> "tuple[int, Files, PreparedPlan]":
    from laurels.cli import plan_and_apply as configuration_command
    from laurels.config.definitions_file import DefinitionsFileError
    from laurels.config.plan import Files

    project_id = run(Path(), url, lambda connection: project_named(connection, project)).id
    try:
        read = Files(composition().tables.kinds, {str(file): file.read_bytes() for file in files})
        return project_id, read, configuration_command.prepare(url, project_id, read)
    except DefinitionsFileError as error:
        fail(f"{', '.join(map(str, files))} {'has' if len(files) == 1 else 'have'} problems:\n{error}")


if __name__ == "__main__":
    main()
