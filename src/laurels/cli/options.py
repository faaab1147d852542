"""The common parts of the commands: shared options, access to the database, and failures as one sentence."""

import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from inspect import Parameter, Signature
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    NoReturn,
    Protocol,
    TypeVar,
    get_type_hints,
    runtime_checkable,
)
from urllib.parse import urlsplit

import typer
from typer.core import TyperCommand, TyperGroup

from laurels import __version__

if TYPE_CHECKING:
    from laurels.app import Composition
    from laurels.storage.office.projects import Project
    from laurels.storage.postgres.database import Connection

Result = TypeVar("Result")


class _Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]


Options = TypeVar("Options", bound=_Dataclass)

DataDir = Annotated[
    Path, typer.Option(envvar="LAURELS_DATA_DIR", help="Folder of the embedded PostgreSQL, without --database-url.")
]


def _checked(url: str | None) -> str | None:
    """The URL, if it is valid. The check is done here, because the drivers' errors about an invalid URL quote parts of
    its password."""
    from laurels.storage.postgres.database import addresses

    try:
        hosts = [urlsplit(address) for address in addresses(url or "postgresql:")]
        is_readable = all(host.scheme in ("postgresql", "postgres") and (host.port or 1) > 0 for host in hosts)
    except ValueError:
        is_readable = False
    if not is_readable:
        fail(
            "LAURELS_DATABASE_URL is invalid: write it as postgresql://user:password@host:5432/database, and "
            "percent-encode / : @ # ? in the password."
        )
    return url


DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        envvar="LAURELS_DATABASE_URL",
        help="Your own PostgreSQL: postgresql://user@host/database",
        callback=_checked,
    ),
]
ProjectCode = Annotated[str, typer.Option("--project", envvar="LAURELS_PROJECT", help="The project's code.")]
DEFAULT_DATA_DIR = Path("laurels-data")

CURRENT_COMPOSITION: ContextVar["Composition | None"] = ContextVar("composition", default=None)
"""The composition that was passed to main(), None for that of Laurels."""


def example(line: str) -> str:
    """The end of a command's help. \\b keeps click from wrapping the line."""
    return f"\b\nExample:\n  {line}"


def with_options(options: type[Options]) -> Callable[[Callable[[Options], None]], Callable[..., None]]:
    """Makes a command from a function with a dataclass as its parameter. The fields become arguments and options."""
    kinds = get_type_hints(options, include_extras=True)
    parameters = [
        Parameter(
            field.name,
            Parameter.KEYWORD_ONLY,
            default=Parameter.empty if field.default is MISSING else field.default,
            annotation=kinds[field.name],
        )
        for field in fields(options)
    ]

    def decorate(command: Callable[[Options], None]) -> Callable[..., None]:
        def run_command(**values: Any) -> None:
            command(options(**values))

        run_command.__doc__ = command.__doc__
        run_command.__annotations__ = kinds
        run_command.__dict__["__signature__"] = Signature(parameters)
        return run_command

    return decorate


class RootCommand(TyperGroup):
    """The `laurels` command. Its own options have no variables, as deployments may use LAURELS_VERSION themselves."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for option in self.params:
            option.allow_from_autoenv = False  # type: ignore[attr-defined]


def _show_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"laurels {__version__}")
        raise typer.Exit


Version = Annotated[bool, typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True)]

USAGE_ERROR = 2


@runtime_checkable
class _Exits(Protocol):
    """An exception that ends the command, of the Click that Typer brings or of the package."""

    exit_code: int


class UsageErrorExitsWithOne(TyperCommand):
    """A command whose exit code 2 has another meaning than a usage error, which exits with 1 instead."""

    def make_context(self, *arguments: Any, **more: Any) -> Any:
        try:
            return super().make_context(*arguments, **more)
        except Exception as error:
            if isinstance(error, _Exits) and error.exit_code == USAGE_ERROR:
                error.exit_code = 1
            raise


def composition() -> "Composition":
    """The composition of the running command."""
    from laurels.app import COMPOSITION

    return CURRENT_COMPOSITION.get() or COMPOSITION


@contextmanager
def database(data_dir: Path, database_url: str | None, *, may_be_new: bool = False) -> Iterator[str]:
    """The URL of the given database, or of the embedded database in the folder. A new database is created only with
    `may_be_new`."""
    from laurels.embedded import running

    if database_url:
        yield database_url
        return
    with running(data_dir.expanduser().resolve() if may_be_new else existing_folder(data_dir)) as url:
        yield url


def existing_folder(data_dir: Path) -> Path:
    """The absolute path of a folder with a database; without a database, exits with a sentence."""
    from laurels.embedded import has_database

    folder = data_dir.expanduser().resolve()
    # A mistyped folder must not become an empty database.
    if not folder.exists():
        fail(f"There is no folder {folder}; choose another one with --data-dir, or run `laurels serve` first.")
    if not has_database(folder):
        fail(f"There is no database in {folder}; choose another folder with --data-dir, or run `laurels serve` first.")
    return folder


def embedded_folder(data_dir: Path, database_url: str | None) -> Path:
    if database_url:
        fail("This command is only for the embedded PostgreSQL; to back up your own, see docs/operations.md.")
    return existing_folder(data_dir)


def run(data_dir: Path, database_url: str | None, work: "Callable[[Connection], Awaitable[Result]]") -> Result:
    """The result of `work` with a connection to the database."""
    import asyncio

    from laurels.storage.postgres.database import connect_one

    async def connected(url: str) -> Result:
        connection = await connect_one(url)
        try:
            return await work(connection)
        finally:
            await connection.close()

    with database(data_dir, database_url) as url:
        return asyncio.run(connected(url))


def check_zone(name: str) -> None:
    from laurels.kernel.dates import time_zones

    if name not in time_zones.names():
        fail(f"There is no time zone {name!r}: use an IANA name such as Europe/Lisbon.")


async def project_named(connection: "Connection", code: str) -> "Project":
    from laurels.storage.office import projects as project_store

    project = await project_store.by_code(connection, code)
    if project is None:
        fail(f"There is no project {code!r}; `laurels projects list` lists the projects.")
    return project


def moment_from(text: str) -> datetime:
    """The moment in an option. A date means the beginning of the day. Without an offset it is in UTC."""
    from laurels.kernel.dates import times

    try:
        moment = datetime.fromisoformat(times.exact(text))
    except ValueError:
        fail(f"{text!r} is not a time; write it as 2026-11-23T19:30:00Z.")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def fail(sentence: str) -> NoReturn:
    """Prints the sentence and exits with 1."""
    print(f"laurels: {sentence}", file=sys.stderr)
    raise SystemExit(1)
