"""The `laurels` command."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

# Nothing else that takes long to import: `laurels --help` needs none of it.
from laurels.cli import erasures as cli_erasures
from laurels.cli import importing as cli_import
from laurels.cli import projects as cli_projects
from laurels.cli.options import (
    DEFAULT_DATA_DIR,
    GIVEN,
    DatabaseUrl,
    DataDir,
    ExitsWithOne,
    ProjectCode,
    Root,
    Version,
    composition,
    database,
    embedded_folder,
    fail,
    moment_from,
    project_named,
    run,
)

if TYPE_CHECKING:
    from laurels.app import Composition
    from laurels.cli.plan_and_apply import Prepared
    from laurels.config.plan import Files
    from laurels.storage.postgres.database import Connection

application = typer.Typer(
    cls=Root,
    help="Laurels: a self-hosted gamification server.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    # Rich takes longer to import than all else that `laurels --help` needs.
    rich_markup_mode=None,
    # Every flag has a variable; those that name none have LAURELS_COMMAND_FLAG.
    context_settings={"auto_envvar_prefix": "LAURELS"},
)
application.add_typer(cli_projects.keys, name="keys")
application.add_typer(cli_projects.projects, name="projects")
application.add_typer(cli_erasures.erasures, name="erasures")


def main(given: "Composition | None" = None) -> None:
    """Entry point: every failure a user can cause ends in one sentence. Works with what Laurels is made of, or with
    another composition."""
    GIVEN.set(given)
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


@application.command()
def serve(
    host: Annotated[
        str, typer.Option(envvar="LAURELS_HOST", help="Address to listen on; 0.0.0.0 is all, :: also IPv6.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="LAURELS_PORT", help="Port to listen on.")] = 8080,
    workers: Annotated[int, typer.Option(envvar="LAURELS_WORKERS", help="Processes that answer requests.")] = 1,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    backup_dir: Annotated[
        Path | None,
        typer.Option(
            envvar="LAURELS_BACKUP_DIR",
            help="Folder to which the embedded PostgreSQL archives its log, from now on; see docs/operations.md.",
        ),
    ] = None,
    database_url: DatabaseUrl = None,
    demo: Annotated[
        bool, typer.Option("--demo", envvar="LAURELS_DEMO", help="Give an empty default project demo definitions.")
    ] = False,
) -> None:
    """Migrate the database and serve the API. Without a database, start an embedded PostgreSQL."""
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


@application.command()
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
    """Bring the database's schema to this version."""
    from laurels.storage.postgres import revisions
    from laurels.storage.schema import migrate as schema

    if citus and not database_url:
        fail("The embedded PostgreSQL has no Citus: name the cluster's coordinator with --database-url.")
    if not database_url:
        data_dir.expanduser().mkdir(parents=True, exist_ok=True)
    with database(data_dir, database_url, may_be_new=True) as url:
        tables = composition().tables
        revision = schema.migrate(url, on_citus=tables if citus else None, further=tables.migrations)
    typer.echo(f"The schema is at revision {revision}.")
    if revisions.age(revision) == "newer":
        typer.echo(f"A newer version has made it; this one needs {revisions.newest()} and has changed nothing.")


@application.command(short_help="Back up the embedded PostgreSQL while it runs.")
def backup(
    backup_dir: Annotated[
        Path | None,
        typer.Option(envvar="LAURELS_BACKUP_DIR", help="Where to; without it, where `laurels serve` archives."),
    ] = None,
    keep: Annotated[int | None, typer.Option(min=1, help="Remove all but so many backups, and older log.")] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Back up the embedded PostgreSQL while it runs, and verify the backup."""
    from laurels.embedded import backups

    folder = embedded_folder(data_dir, database_url)
    typer.echo(f"Backed up to {backups.take(folder, backup_dir.expanduser().resolve() if backup_dir else None, keep)}")


@application.command(short_help="Restore the embedded PostgreSQL to any moment.")
def restore(
    backup_dir: Annotated[Path, typer.Option(envvar="LAURELS_BACKUP_DIR", help="Where the backups are.")],
    to: Annotated[
        str | None, typer.Option(help="Moment such as 2026-11-23T19:30:00Z; else as late as the archived log goes.")
    ] = None,
    data_dir: Annotated[
        Path, typer.Option(envvar="LAURELS_DATA_DIR", help="Folder to restore into; it has no database yet.")
    ] = DEFAULT_DATA_DIR,
) -> None:
    """Restore the embedded PostgreSQL from its backups, to any moment since the oldest."""
    from laurels.embedded import backups
    from laurels.storage.erasing import file as erasures_file

    moment = None if to is None else moment_from(to)
    last = backups.restore(backup_dir.expanduser().resolve(), data_dir.expanduser().resolve(), moment)
    typer.echo(
        f"Restored to {data_dir}, "
        + (f"with all transactions up to {last:%Y-%m-%dT%H:%M:%S.%fZ}." if last else "as the backup was.")
    )
    file = backup_dir / erasures_file.FILE_NAME
    if file.exists():
        typer.echo(
            "People erased since that moment are there again. Before you serve it, run "
            f"`laurels erasures apply {file} --data-dir {data_dir}`."
        )


@application.command(short_help="Verify that every point is where it should be.")
def check(
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Also fold the whole journal anew and compare every projection.")
    ] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Verify that every point is where it should be; works on a live database. Exit code 1 when something differs.

    A note, such as of facts from the future, is no difference.
    """
    from laurels.storage.checking import whole as checking

    with database(data_dir, database_url) as url:
        if not checking.show(url, composition().present_tables, with_rebuild=rebuild):
            raise SystemExit(1)


application.command("import", short_help="Import awards, events or records of a streak.")(cli_import.import_lines)


@application.command()
def export(
    output: Annotated[Path | None, typer.Option(help="Write to this file, not to standard output.")] = None,
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
        # No part of the definitions: it cannot be changed like them.
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

    from laurels.cli import simulate as simulate_command
    from laurels.config.definitions_file import DefinitionsFileError
    from laurels.config.simulation import Job

    with database(data_dir, database_url) as url:
        project_id = run(data_dir, url, lambda connection: project_named(connection, project)).id
        text = file.read_bytes().decode(errors="surrogateescape")
        try:
            result = simulate_command.run(Job(database_url=url, project_id=project_id, days=days, file=text))
        except DefinitionsFileError as error:
            fail(f"{file} cannot be used:\n{error}")
    if as_json:
        typer.echo(msgspec.json.encode(result))
    else:
        simulate_command.show(result)


DefinitionFiles = Annotated[
    list[Path], typer.Argument(exists=True, dir_okay=False, help="Definitions files; together they are the whole.")
]


@application.command(cls=ExitsWithOne, short_help="Show what definitions files would change in a project.")
def plan(
    files: DefinitionFiles,
    exit_code: Annotated[
        bool,
        typer.Option("--exit-code", help="Exit with 2 when there is something to change, 1 on failure, for CI."),
    ] = False,
    project: ProjectCode = "default",
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Show what definitions files would change in a project, and whom it concerns. Changes nothing."""
    from laurels.cli import plan_and_apply as configuration_command

    with database(data_dir, database_url) as url:
        _, _, prepared = _prepared(files, project, url)
    configuration_command.show(prepared)
    if exit_code and not prepared.is_empty:
        raise SystemExit(2)


@application.command(short_help="Change a project's definitions to what files say.")
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
    from laurels.cli import plan_and_apply as configuration_command
    from laurels.config.definitions_file import DefinitionsFileError
    from laurels.config.plan import Change, ConfigurationChangedError, Past

    known: dict[str, Past] = {"from-now-on": "from-now-on", "silently": "silently", "announced": "announced"}
    if past is not None and past not in known:
        fail(f"There is no --past {past!r}: use from-now-on, silently or announced.")

    def choose(change: Change, reached: int) -> Past:
        if past is not None:
            return known[past]
        if yes:
            fail(
                f"Participants who have reached {change.code} already: {reached}. Say with --past what holds for them."
            )
        typer.echo(f"Participants who have reached {change.code} already: {reached}. Give it to them?")
        options = "n: from now on, when something of theirs changes; s: at once, silently; a: at once, announced"
        asked = typer.prompt(f"{options} [n/s/a]", default="n", show_default=False)
        return {"s": "silently", "a": "announced"}.get(asked.strip().lower()[:1], "from-now-on")  # type: ignore[return-value]

    with database(data_dir, database_url) as url:
        project_id, read, prepared = _prepared(files, project, url)
        configuration_command.show(prepared)
        if prepared.is_empty:
            return
        if yes and prepared.plan.drift and not overwrite:
            fail("Nothing was changed. Add --overwrite, or bring those changes into the files first (laurels export).")
        if not yes and not typer.confirm("Apply this?"):
            fail("Nothing was changed.")
        try:
            configuration_command.apply(url, project_id, read, prepared, choose)
        except ConfigurationChangedError:
            fail("The definitions have changed since the plan was made; nothing was applied. Run it again.")
        except DefinitionsFileError as error:
            fail(f"Nothing was changed:\n{error}")
    typer.echo("Applied.")


@application.command("schema")
def print_schema() -> None:
    """Print the JSON Schema of definitions files, for editors."""
    from laurels.config import definitions_file

    typer.echo(definitions_file.schema(composition().tables.kinds).encode(), nl=False)


def _prepared(files: list[Path], project: str, url: str) -> "tuple[int, Files, Prepared]":
    from laurels.cli import plan_and_apply as configuration_command
    from laurels.config.definitions_file import DefinitionsFileError
    from laurels.config.plan import Files

    project_id = run(Path(), url, lambda connection: project_named(connection, project)).id
    try:
        read = Files(composition().tables.kinds, {str(file): file.read_bytes() for file in files})
        return project_id, read, configuration_command.prepare(url, project_id, read)
    except DefinitionsFileError as error:
        fail(f"{', '.join(map(str, files))} cannot be used:\n{error}")


if __name__ == "__main__":
    main()
