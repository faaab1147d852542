"""Pools of connections: for edits, for small reads, and for reads of a large part of a table."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import asyncpg

from laurels.storage.postgres.database import (
    CONNECTION_ERRORS,
    EDIT_SETTINGS,
    ON_CITUS,
    READER_SETTINGS,
    STATEMENT_TIMEOUT_SECONDS,
    SURVEY_SETTINGS,
    TRANSIENT_ERRORS,
    Connection,
    DatabaseUnavailableError,
    LockedError,
    ReadsCrowdedError,
    SurveyTooLongError,
    connect,
)
from laurels.storage.postgres.shares import ConnectionShares, QueueFullError, reading_for

Result = TypeVar("Result")

EDIT_CONNECTIONS = 2
EDIT_QUEUE_SECONDS = 10
"""The longest time that an edit waits for a connection."""
READ_QUEUE_SECONDS = 10
"""The longest time that a read waits for a connection."""
READ_QUEUE_LIMIT = 500
"""The maximum number of reads of one key that wait for a connection, per worker."""
SURVEY_CONNECTIONS = 2
SURVEY_QUEUE_LIMIT = 10


class _Pool:
    """A few connections, opened when they are needed.

    It is just a list of idle connections: resetting and wrapping them would cost as much as a small read.
    """

    statement_seconds: float = STATEMENT_TIMEOUT_SECONDS
    """The time after which a statement is given up and its connection closed."""

    def __init__(
        self,
        url: str,
        settings: dict[str, str],
        shares: ConnectionShares,
        *,
        on_citus: bool,
        queue_seconds: float,
        when_crowded: type[Exception],
    ) -> None:
        """`queue_seconds` is the longest wait for a connection; afterwards `when_crowded` is raised."""
        self._queue_seconds = queue_seconds
        self._when_crowded = when_crowded
        self._url = url
        self._settings = settings | (ON_CITUS if on_citus else {})
        self._shares = shares
        self._idle: list[Connection] = []

    @property
    def _holder(self) -> Hashable | None:
        """The holder for whom a connection is taken now."""
        return None

    async def close(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Closes the idle connections, so that later statements use new ones; connections in use are kept."""
        while self._idle:
            self._idle.pop().terminate()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A transaction on one of the connections. It is not repeated here: callers retry after a full disk or a
        deadlock, as after an outage. Raises DatabaseUnavailableError and LockedError."""
        try:
            async with self._connection() as connection, connection.transaction():
                yield connection
        except asyncpg.LockNotAvailableError as error:
            raise LockedError from error
        except TRANSIENT_ERRORS as error:
            raise DatabaseUnavailableError from error

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        """An idle connection, or a new one. A broken connection, or one whose statement was given up, is closed."""
        holder = self._holder
        try:
            async with asyncio.timeout(self._queue_seconds):
                await self._shares.acquire(holder)
        except (TimeoutError, QueueFullError):
            raise self._when_crowded from None
        try:
            connection = await self._take()
            try:
                yield connection
            except (asyncio.CancelledError, *CONNECTION_ERRORS):
                connection.terminate()
                raise
            finally:
                if not connection.is_closed():
                    self._idle.append(connection)
        finally:
            self._shares.release(holder)

    async def _take(self) -> Connection:
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        return await connect(self._url, self._settings, command_timeout=self.statement_seconds)


class Edits(_Pool):
    """Connections for administrators' edits, so that no read waits behind an edit that waits for a lock."""

    def __init__(self, url: str, *, on_citus: bool = False) -> None:
        super().__init__(
            url,
            EDIT_SETTINGS,
            ConnectionShares(EDIT_CONNECTIONS),
            on_citus=on_citus,
            queue_seconds=EDIT_QUEUE_SECONDS,
            when_crowded=LockedError,
        )


class _ReadPool(_Pool):
    """Connections that API keys share."""

    def __init__(
        self, url: str, settings: dict[str, str], size: int, *, on_citus: bool, queue_limit: int = READ_QUEUE_LIMIT
    ) -> None:
        super().__init__(
            url,
            settings,
            ConnectionShares(size, queue_limit),
            on_citus=on_citus,
            queue_seconds=READ_QUEUE_SECONDS,
            when_crowded=ReadsCrowdedError,
        )

    @property
    def _holder(self) -> Hashable | None:
        return reading_for.get()


class Readers(_ReadPool):
    """Connections for reads of a few rows. Most reads are one statement, and so need no transaction; others use
    `in_snapshot`. Reads of a large part of a table use `Surveys`."""

    def __init__(self, url: str, size: int, *, on_citus: bool = False) -> None:
        super().__init__(url, READER_SETTINGS, size, on_citus=on_citus)

    async def open(self) -> None:
        async with self._connection():
            pass

    async def fetch(self, query: str, *arguments: Any) -> list[asyncpg.Record]:
        """Runs a read, and retries it once after a transient error, on a new connection if the old one is dead. Raises
        DatabaseUnavailableError, LockedError and ReadsCrowdedError."""
        return await self._read(lambda connection: connection.fetch(query, *arguments))

    async def fetchrow(self, query: str, *arguments: Any) -> asyncpg.Record | None:
        rows = await self.fetch(query, *arguments)
        return rows[0] if rows else None

    async def in_snapshot(self, read: Callable[[Connection], Awaitable[Result]]) -> Result:
        """Runs a read of several statements, all of which see the same moment; on Citus, each sees its own. Retries it
        and raises errors as `fetch` does."""

        async def read_in_snapshot(connection: Connection) -> Result:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                return await read(connection)

        return await self._read(read_in_snapshot)

    async def _read(self, read: Callable[[Connection], Awaitable[Result]]) -> Result:
        try:
            return await self._read_once(read)
        except TRANSIENT_ERRORS:
            await asyncio.sleep(0.05)
        try:
            return await self._read_once(read)
        except TRANSIENT_ERRORS as error:
            raise DatabaseUnavailableError from error

    async def _read_once(self, read: Callable[[Connection], Awaitable[Result]]) -> Result:
        async with self._connection() as connection:
            try:
                return await read(connection)
            except asyncpg.LockNotAvailableError as error:
                raise LockedError from error


class Surveys(_ReadPool):
    """Connections for reads of a large part of a table, separate from those of the many small reads. A statement that
    takes longer than `seconds` is cancelled."""

    def __init__(self, url: str, seconds: float, *, on_citus: bool = False) -> None:
        settings = {**SURVEY_SETTINGS, "statement_timeout": f"{seconds * 1000:.0f}ms"}
        super().__init__(url, settings, SURVEY_CONNECTIONS, on_citus=on_citus, queue_limit=SURVEY_QUEUE_LIMIT)
        self.statement_seconds = seconds + STATEMENT_TIMEOUT_SECONDS

    async def fetch(self, query: str, *arguments: Any) -> list[asyncpg.Record]:
        """Raises SurveyTooLongError, DatabaseUnavailableError, LockedError and ReadsCrowdedError."""
        async with self.transaction() as connection:
            return await connection.fetch(query, *arguments)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A transaction for several statements. Raises the same errors as `fetch`."""
        try:
            async with super().transaction() as connection:
                yield connection
        except DatabaseUnavailableError as error:
            if isinstance(error.__cause__, asyncpg.QueryCanceledError):
                raise SurveyTooLongError from error
            raise
