"""The commands for API keys."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from laurels.cli.options import DEFAULT_DATA_DIR, DatabaseUrl, DataDir, ProjectCode, example, fail, project_named, run
from laurels.cli.tables import minute, print_table

if TYPE_CHECKING:
    from laurels.storage.office import keys as key_store
    from laurels.storage.office.keys import Scope
    from laurels.storage.postgres.database import Connection

keys = typer.Typer(
    help="Create, list, rotate and revoke API keys.",
    no_args_is_help=True,
    epilog=example("laurels keys create --project shop --name 'the back end'"),
)
RateLimit = Annotated[
    int | None,
    typer.Option(
        "--rate-limit", min=0, help="Requests per second, 0 for no limit. Default: LAURELS_RATE_LIMIT of the server."
    ),
]
LISTED_SCOPES = "gamify, gamify:read, gamify:support, gamify:admin, admin or operator"
KeyOrId = Annotated[str, typer.Argument(help="The key's id as in `laurels keys list`, or the key itself.")]


@keys.command("create", epilog=example("laurels keys create --project shop --scope admin --name 'the back office'"))
def create_key(
    project: ProjectCode = "default",
    scope: Annotated[str, typer.Option(help=f"{LISTED_SCOPES}.")] = "gamify",
    name: Annotated[str, typer.Option(help="A name by which you recognise the key later.")] = "",
    rate_limit: RateLimit = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Create a key and print it.

    Standard output has nothing but the key, which cannot be shown again.
    """
    from laurels.storage.office import keys as key_store

    scopes: dict[str, Scope] = {scope: scope for scope in key_store.SCOPES}
    if scope not in scopes:
        fail(f"There is no scope {scope!r}: use {LISTED_SCOPES}.")

    async def work(connection: "Connection") -> str:
        async with connection.transaction():
            owner = await project_named(connection, project)
            return await key_store.create(connection, owner, scopes[scope], name, rate_limit)

    try:
        typer.echo(run(data_dir, database_url, work))
    except key_store.KeyChangeRefusedError as error:
        fail(f"{error}.")


@keys.command("list", short_help="List a project's keys.", epilog=example("laurels keys list --project shop"))
def list_keys(
    project: ProjectCode = "default", data_dir: DataDir = DEFAULT_DATA_DIR, database_url: DatabaseUrl = None
) -> None:
    """List a project's keys, each with its first characters."""
    from rich.table import Table

    from laurels.storage.office import keys as key_store

    async def work(connection: "Connection") -> "list[key_store.KeyRow]":
        return await key_store.all_keys(connection, (await project_named(connection, project)).id)

    table = Table("id", "key", "name", "scope", "per second", "created", "last used", "expires", "revoked", box=None)
    for row in run(data_dir, database_url, work):
        limit = "" if row.rate_limit is None else str(row.rate_limit)
        table.add_row(
            row.id,
            f"{row.hint}…",
            row.name,
            row.scope,
            limit,
            minute(row.created_at),
            minute(row.last_used_at),
            minute(row.expires_at),
            minute(row.revoked_at),
        )
    print_table(table)


@keys.command(
    "rotate",
    short_help="Create a successor of a key and print it.",
    epilog=example("laurels keys rotate 0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e0f --valid-hours 48"),
)
def rotate_key(
    key: KeyOrId,
    valid_hours: Annotated[
        int, typer.Option(min=0, max=90 * 24, help="Number of hours for which the old key still works.")
    ] = 24,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Create a successor of a key and print it.

    Standard output has nothing but the new key. The old key expires after --valid-hours.
    """
    from laurels.storage.office import keys as key_store
    from laurels.storage.office import projects as project_store

    async def work(connection: "Connection") -> str:
        async with connection.transaction():
            project_id, row = await _identified(connection, key)
            project = await project_store.by_id(connection, project_id)
            return (await key_store.rotate(connection, project, row, timedelta(hours=valid_hours)))[0]

    try:
        typer.echo(run(data_dir, database_url, work))
    except key_store.KeyChangeRefusedError as error:
        fail(f"{error}.")


@keys.command(
    "revoke",
    short_help="Revoke a key.",
    epilog=example("laurels keys revoke 0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e0f"),
)
def revoke_key(
    key: KeyOrId,
    force: Annotated[
        bool, typer.Option("--force", help="Revoke even the project's last key with the scope admin.")
    ] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Revoke a key of any project.

    All servers stop accepting it within 5 seconds.
    """
    from laurels.storage.office import keys as key_store

    async def work(connection: "Connection") -> None:
        async with connection.transaction():
            project_id, row = await _identified(connection, key)
            await key_store.revoke(connection, project_id, row, is_forced=force)

    try:
        run(data_dir, database_url, work)
    except key_store.KeyChangeRefusedError as error:
        fail(f"{error}, or add --force." if "left without" in str(error) else f"{error}.")
    typer.echo("Revoked.")


async def _identified(connection: "Connection", key: str) -> "tuple[int, key_store.KeyRow]":
    from laurels.storage.office import keys as key_store

    project_and_key = await key_store.identified(connection, key)
    row = await key_store.get(connection, *project_and_key) if project_and_key else None
    if project_and_key is None or row is None:
        fail("There is no such valid key; `laurels keys list --project CODE` lists the keys of a project.")
    return project_and_key[0], row
