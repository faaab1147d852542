"""The import of a CSV or JSONL file of awards, events or streak records, through the engine, into the database.

Each line is one command with an idempotency key. So the same file can be imported again, after an interruption or by
mistake, and no line counts twice. Servers on the same database can run at the same time.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct

from laurels.config.importing.lines import (
    ImportLine,
    ImportStoppedError,
    RejectedLine,
    is_json,
    opened,
    read_csv,
    read_jsonl,
    unzipped_name,
    with_columns,
)
from laurels.config.importing.mapping import Commands, Mapping
from laurels.config.importing.warnings import Watch
from laurels.engine.batch import CommandResponse, Outcome
from laurels.engine.engine import Engine
from laurels.engine.errors import BusyError, CommandFailedError, OutcomeUnknownError, UnsettledError
from laurels.engine.settings import EngineSettings
from laurels.kernel.commands import Command
from laurels.kernel.deciding import decision as decisions
from laurels.kernel.definition import Definitions
from laurels.kernel.rejections import IdempotencyKeyReused, ParticipantErased, Rejection
from laurels.mechanics.streaks.model import RecordStreak, Streak, StreakRecordedAnswer
from laurels.settings import Settings
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.postgres.database import DatabaseUnavailableError, LockedError, connect_one
from laurels.storage.tables import AllTables
from laurels.web.protocol.errors import Refusal, refusal_for

WINDOW_LINES = 2_000
WINDOW_BYTES = 16 * 1024 * 1024
"""The most bytes of lines without an outcome. A line has up to 1 MiB."""
OUTAGE_PATIENCE_SECONDS = 300
OUTAGE_PAUSE_SECONDS = 1.0
OTHER_OPTIONS = (
    "The line was already imported with other options. To import it again in another way, choose another name with "
    "--source."
)

ERASED_AND_UNDATED = (
    "A participant with this id was erased, and this line, which has no time, may be older. Name the column with the "
    "time: --timestamp COLUMN."
)


class ImportJob(Struct, frozen=True, kw_only=True):
    """The file to import, and how to read it. `source` names the file in the idempotency keys of lines without a
    key."""

    database_url: str
    project_id: int
    path: Path
    mapping: Mapping
    format_name: str | None = None
    delimiter: str = ","
    source: str | None = None
    is_dry_run: bool = False


class Summary(Struct):
    """The numbers of lines by outcome. In a dry run, `imported` counts the lines that could be imported."""

    imported: int = 0
    already_there: int = 0
    rejected: int = 0

    @property
    def lines(self) -> int:
        return self.imported + self.already_there + self.rejected


class ImportListener(Protocol):
    """Gets the progress of an import, line by line in the order of the file."""

    def progress(self, summary: Summary, read_bytes: int) -> None: ...
    def rejected(self, line: RejectedLine) -> None: ...
    def warn(self, sentence: str) -> None: ...
    def checked(self, line: ImportLine, command: Command) -> None:
        """A valid line; called only in a dry run."""


class _PendingLine(Struct, frozen=True):
    """A line whose outcome has not been reported yet. `future` is None for a line that is already rejected."""

    line: ImportLine | RejectedLine
    command: Command | None = None
    future: asyncio.Future[Outcome] | None = None


class _Import:
    """An import in progress. Submits lines ahead, and settles them in the order of the file."""

    def __init__(self, engine: Engine, commands: Commands, definitions: Definitions, listener: ImportListener) -> None:
        self._engine = engine
        self._commands = commands
        self._listener = listener
        self._watch = Watch(definitions, listener.warn)
        self._window: deque[_PendingLine] = deque()
        self._window_bytes = 0
        self.summary = Summary()

    async def run(self, lines: Iterator[ImportLine | RejectedLine]) -> Summary:
        """Imports all lines; the lines of one participant in the order of the file. Raises ImportStoppedError."""
        for line in lines:
            self._window.append(self._submitted(line))
            self._window_bytes += len(line.content)
            if len(self._window) >= WINDOW_LINES or self._window_bytes >= WINDOW_BYTES:
                await self._settle(len(self._window) // 2)
                if isinstance(line, ImportLine):
                    self._listener.progress(self.summary, line.read_bytes)
        await self._settle(len(self._window))
        self._watch.finish()
        return self.summary

    def _submitted(self, line: ImportLine | RejectedLine) -> _PendingLine:
        command = _command_or_rejection(self._commands, line)
        if isinstance(command, RejectedLine):
            return _PendingLine(command)
        return _PendingLine(line, command, self._engine.submit(command))

    async def _settle(self, count: int) -> None:
        for _ in range(count):
            pending = self._window.popleft()
            self._window_bytes -= len(pending.line.content)
            if isinstance(pending.line, RejectedLine):
                self._reject(pending.line)
            elif pending.command is not None and pending.future is not None:
                await self._settle_one(pending.line, pending.command, pending.future)

    async def _settle_one(self, line: ImportLine, command: Command, future: asyncio.Future[Outcome]) -> None:
        try:
            outcome = await _outcome(self._engine, command, future)
        except CommandFailedError:
            self._reject(RejectedLine(line.number, "The line could not be stored; see the log.", line.content))
            return
        if isinstance(outcome, IdempotencyKeyReused) and not self._commands.has_own_key(line):
            self._reject(RejectedLine(line.number, OTHER_OPTIONS, line.content))
        elif isinstance(outcome, ParticipantErased) and command.reported_at is None:
            self._reject(RejectedLine(line.number, ERASED_AND_UNDATED, line.content))
        elif isinstance(outcome, Rejection):
            self._reject(RejectedLine(line.number, refusal_for(outcome).detail, line.content))
        else:
            self._watch.check(line, command)
            if outcome.replayed or _is_recorded(command, outcome):
                self.summary.already_there += 1
            else:
                self.summary.imported += 1

    def _reject(self, rejected: RejectedLine) -> None:
        self.summary.rejected += 1
        self._listener.rejected(rejected)


def _command_or_rejection(commands: Commands, line: ImportLine | RejectedLine) -> Command | RejectedLine:
    if isinstance(line, RejectedLine):
        return line
    try:
        return commands.of(line)
    except Refusal as refusal:
        return RejectedLine(line.number, refusal.detail, line.content)


def _is_recorded(command: Command, response: CommandResponse) -> bool:
    if not isinstance(command, RecordStreak):
        return False
    return msgspec.json.decode(response.body, type=StreakRecordedAnswer).already_recorded


async def _outcome(engine: Engine, command: Command, future: asyncio.Future[Outcome]) -> Outcome:
    """The outcome of a command. Retries during an outage and while rows are locked; the idempotency key makes this
    safe."""
    deadline = asyncio.get_running_loop().time() + OUTAGE_PATIENCE_SECONDS
    while True:
        try:
            return await future
        except (UnsettledError, BusyError):
            future = engine.submit(command)
        except (DatabaseUnavailableError, LockedError, OutcomeUnknownError) as error:
            if asyncio.get_running_loop().time() > deadline:
                reason = "Rows are locked" if isinstance(error, LockedError) else "The database is unavailable"
                raise ImportStoppedError(
                    f"{reason}. Run the same command again later: it continues where it stopped."
                ) from None
            await asyncio.sleep(OUTAGE_PAUSE_SECONDS)
            future = engine.submit(command)


async def import_file(job: ImportJob, tables: AllTables, listener: ImportListener) -> Summary:
    """Imports a file, or only checks it in a dry run. Raises ImportStoppedError."""
    as_json = is_json(job.path, job.format_name)
    if as_json and job.delimiter != ",":
        raise ImportStoppedError("--delimiter is only for CSV files; leave it out for JSONL.")
    definitions = await _definitions(job, tables)
    _check_streak(job.mapping.streak, definitions)
    source = job.source or unzipped_name(job.path)
    zone = definitions.calendar.zone
    commands = Commands(job.mapping, job.project_id, source, zone, is_text=not as_json)
    with opened(job.path) as (content, raw):
        if as_json:
            lines = with_columns(read_jsonl(content, raw), job.mapping.never_missing)
        else:
            lines = read_csv(content, raw, job.delimiter, job.mapping.needed)
        if job.is_dry_run:
            return _dry_run(lines, commands, definitions, listener)
        on_citus = Settings.from_environment().citus
        settings = EngineSettings(queue_limit=2 * WINDOW_LINES, on_citus=on_citus)
        engine = Engine(job.database_url, DefinitionsCache(tables), settings)
        engine.start()
        try:
            return await _Import(engine, commands, definitions, listener).run(lines)
        finally:
            await engine.drain()


async def _definitions(job: ImportJob, tables: AllTables) -> Definitions:
    connection = await connect_one(job.database_url)
    try:
        return await DefinitionsCache(tables).newest(connection, job.project_id)
    finally:
        await connection.close()


def _check_streak(code: str | None, definitions: Definitions) -> None:
    """Raises ImportStoppedError if the streak does not exist or is not active."""
    streaks = definitions[Streak].by_code
    if code is None or (code in streaks and streaks[code].is_active):
        return
    if code in streaks:
        raise ImportStoppedError(f"The streak {code!r} is not active.")
    existing = ", ".join(sorted(streaks))
    hint = f"use one of {existing}" if existing else "the project has no streaks"
    raise ImportStoppedError(f"There is no streak {code!r}; {hint}.")


def _dry_run(
    lines: Iterator[ImportLine | RejectedLine], commands: Commands, definitions: Definitions, listener: ImportListener
) -> Summary:
    """Checks all lines without importing them."""
    summary = Summary()
    watch = Watch(definitions, listener.warn)
    now = definitions.calendar.at(datetime.now(UTC))
    for line in lines:
        command = _command_or_rejection(commands, line)
        if isinstance(command, Command) and isinstance(line, ImportLine):
            moment = decisions.occurred_at(command.reported_at, now)
            if isinstance(moment, Rejection):
                command = RejectedLine(line.number, refusal_for(moment).detail, line.content)
        if isinstance(command, RejectedLine):
            summary.rejected += 1
            listener.rejected(command)
            continue
        summary.imported += 1
        if isinstance(line, ImportLine):
            listener.checked(line, command)
            listener.progress(summary, line.read_bytes)
            watch.check(line, command)
    watch.finish()
    return summary
