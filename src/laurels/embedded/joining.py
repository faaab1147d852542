"""The database of short commands: the PostgreSQL of a running server, or one that is started for the command."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from laurels.embedded.errors import EmbeddedPostgresError, OwnedElsewhereError
from laurels.embedded.ownership import SHORT_COMMAND_SECONDS
from laurels.embedded.postgres import POLL_SECONDS, EmbeddedPostgres


@contextmanager
def started_or_joined(data_dir: Path) -> Iterator[EmbeddedPostgres]:
    """The PostgreSQL that a running `laurels serve` owns; without one, a PostgreSQL started for the time of the block.
    Raises EmbeddedPostgresError."""
    postgres = EmbeddedPostgres(data_dir, short_lived=True)
    _start_or_join(postgres)
    try:
        yield postgres
    finally:
        postgres.stop()


@contextmanager
def running(data_dir: Path) -> Iterator[str]:
    """The URL of `started_or_joined`."""
    with started_or_joined(data_dir) as postgres:
        yield postgres.url


def _start_or_join(postgres: EmbeddedPostgres) -> None:
    deadline = time.monotonic() + SHORT_COMMAND_SECONDS
    while True:
        try:
            postgres.start()
            return
        except OwnedElsewhereError as error:
            try:
                if postgres.join_owner():
                    return
            except OSError as failure:
                raise EmbeddedPostgresError(f"The running PostgreSQL cannot be used: {failure}") from failure
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError("The PostgreSQL of the running `laurels serve` is not ready.") from error
        time.sleep(POLL_SECONDS)
