"""The process in which `laurels serve` changes the schema: migrations, and the partitions of the journal.

The libraries for these changes take 50 MB of memory, which the serving processes save in this way.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable

import asyncpg
import structlog

from laurels import logs
from laurels.cli import failures
from laurels.cli.options import CURRENT_COMPOSITION, composition
from laurels.settings import Settings, variable
from laurels.storage.postgres.database import (
    COMMAND_SETTINGS,
    REFUSALS,
    TRANSIENT_ERRORS,
    Connection,
    connect,
)
from laurels.storage.schema import state

log = structlog.get_logger("laurels.cli.schema")

MODULE = "laurels.cli.schema_process"


def migrate(url: str, *, on_citus: bool) -> None:
    """Migrates the schema, if necessary. If this fails, the reason is printed and the server exits."""
    further = composition().tables.migrations
    if not on_citus and _found(url, lambda connection: state.is_complete(connection, further)):
        return
    exit_code = _run("migrate", url)
    if exit_code:
        raise SystemExit(exit_code)


def keep_partitions(url: str) -> None:
    """Creates and fills partitions, if necessary."""
    if _found(url, state.needs_upkeep) is not False and (exit_code := _run("partitions", url)):
        log.error("partition_upkeep_failed", exit_code=exit_code)


def _found(url: str, look: Callable[[Connection], Awaitable[bool]]) -> bool | None:
    """The result of `look`; None if the database has no schema or does not respond, as the process will find out."""

    async def connected() -> bool:
        connection = await connect(url, COMMAND_SETTINGS)
        try:
            return await look(connection)
        finally:
            await connection.close()

    try:
        return asyncio.run(connected())
    except (asyncpg.UndefinedTableError, *REFUSALS, *TRANSIENT_ERRORS):
        return None


def _run(work: str, url: str) -> int:
    """The exit code of the process."""
    command = [sys.executable, "-P", "-m", MODULE, work, composition().place]
    environment = {variable("database_url"): url, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.run(command, env=os.environ | environment, check=False).returncode  # noqa: S603


def _change(work: str) -> None:
    from laurels.storage.schema import migrate as schema

    settings = Settings.from_environment()
    url = settings.database_url or ""
    if work == "migrate":
        tables = composition().tables
        schema.migrate(url, on_citus=tables if settings.citus else None, further=tables.migrations)
        return
    upkeep = schema.keep_partitions(url)
    if upkeep.made:
        log.info("partitions_created", names=upkeep.made)
    if upkeep.filled:
        log.warning("facts_moved_to_their_month", partitions=upkeep.filled, hint="was a machine's clock wrong?")


def main(work: str, place: str) -> None:
    """Runs in the process. `place` is that of the composition."""
    from pkgutil import resolve_name

    # Ctrl-C reaches the whole group, and the server ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logs.configure()
    CURRENT_COMPOSITION.set(resolve_name(place))
    try:
        _change(work)
    except Exception as error:
        sentence = failures.sentence(error)
        if sentence is None:
            raise
        sys.exit(f"laurels: {sentence}")


if __name__ == "__main__":
    main(*sys.argv[1:])
