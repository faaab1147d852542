"""`laurels import`: a CSV or JSONL file of awards or events, through the engine, straight into the database.

Each line is one command with an idempotency key, so that the same file can be run again, after an interruption or by
mistake, without counting anything twice. It runs beside servers on the same database.
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
    ImportStoppedError,
    Line,
    Rejected,
    is_json,
    opened,
    read_csv,
    read_jsonl,
    unzipped_name,
    with_columns,
)
from laurels.config.importing.mapping import Commands, Mapping
from laurels.config.importing.warnings import Watch
from laurels.engine.batch import Answered, Outcome
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
"""Of lines whose outcome is not known: the longest lines are 1 MiB."""
OUTAGE_PATIENCE_SECONDS = 300
OUTAGE_PAUSE_SECONDS = 1.0
OTHER_OPTIONS = (
    "The line was imported before with other options, and stays as it was then; to import the file as something else "
    "as well, name it anew with --source."
)

ERASED_AND_UNDATED = (
    "A participant with this id was erased, and the line, which has no time, may be from before that: name the column "
    "with the time by --timestamp."
)


class Job(Struct, frozen=True, kw_only=True):
    """What to import, and how. `source` names the file for lines without a key of their own."""

    database_url: str
    project_id: int
    path: Path
    mapping: Mapping
    format_name: str | None = None
    delimiter: str = ","
    source: str | None = None
    is_dry_run: bool = False


class Summary(Struct):
    """How many lines there have been. Of a dry run, `imported` are those that could be."""

    imported: int = 0
    already_there: int = 0
    rejected: int = 0

    @property
    def lines(self) -> int:
        return self.imported + self.already_there + self.rejected


class Listener(Protocol):
    """Who is told how it goes, line by line in the file's order."""

    def progress(self, summary: Summary, read_bytes: int) -> None: ...
    def rejected(self, line: Rejected) -> None: ...
    def warn(self, sentence: str) -> None: ...
    def checked(self, line: Line, command: Command) -> None:
        """In a dry run alone."""


class _Pending(Struct, frozen=True):
    """A line that has been read. `future` is None for one that is rejected already."""

    line: Line | Rejected
    command: Command | None = None
    future: asyncio.Future[Outcome] | None = None


class _Import:
    def __init__(self, engine: Engine, commands: Commands, definitions: Definitions, listener: Listener) -> None:
        self._engine = engine
        self._commands = commands
        self._listener = listener
        self._watch = Watch(definitions, listener.warn)
        self._window: deque[_Pending] = deque()
        self._window_bytes = 0
        self.summary = Summary()

    async def run(self, lines: Iterator[Line | Rejected]) -> Summary:
        """Imports all lines, those of one participant in the file's order. Raises ImportStoppedError."""
        for line in lines:
            self._window.append(self._begun(line))
            self._window_bytes += len(line.content)
            if len(self._window) >= WINDOW_LINES or self._window_bytes >= WINDOW_BYTES:
                await self._settle(len(self._window) // 2)
                if isinstance(line, Line):
                    self._listener.progress(self.summary, line.read_bytes)
        await self._settle(len(self._window))
        self._watch.finish()
        return self.summary

    def _begun(self, line: Line | Rejected) -> _Pending:
        made = _made(self._commands, line)
        if isinstance(made, Rejected):
            return _Pending(made)
        return _Pending(line, made, self._engine.submit(made))

    async def _settle(self, count: int) -> None:
        for _ in range(count):
            pending = self._window.popleft()
            self._window_bytes -= len(pending.line.content)
            if isinstance(pending.line, Rejected):
                self._reject(pending.line)
            elif pending.command is not None and pending.future is not None:
                await self._settle_one(pending.line, pending.command, pending.future)

    async def _settle_one(self, line: Line, command: Command, future: asyncio.Future[Outcome]) -> None:
        try:
            outcome = await _outcome(self._engine, command, future)
        except CommandFailedError:
            self._reject(Rejected(line.number, "The line could not be stored; the log says why.", line.content))
            return
        if isinstance(outcome, IdempotencyKeyReused) and not self._commands.has_own_key(line):
            self._reject(Rejected(line.number, OTHER_OPTIONS, line.content))
        elif isinstance(outcome, ParticipantErased) and command.reported_at is None:
            self._reject(Rejected(line.number, ERASED_AND_UNDATED, line.content))
        elif isinstance(outcome, Rejection):
            self._reject(Rejected(line.number, refusal_for(outcome).detail, line.content))
        else:
            self._watch.look_at(line, command)
            if outcome.replayed or _is_recorded(command, outcome):
                self.summary.already_there += 1
            else:
                self.summary.imported += 1

    def _reject(self, rejected: Rejected) -> None:
        self.summary.rejected += 1
        self._listener.rejected(rejected)


def _made(commands: Commands, line: Line | Rejected) -> Command | Rejected:
    if isinstance(line, Rejected):
        return line
    try:
        return commands.of(line)
    except Refusal as refusal:
        return Rejected(line.number, refusal.detail, line.content)


def _is_recorded(command: Command, answered: Answered) -> bool:
    if not isinstance(command, RecordStreak):
        return False
    return msgspec.json.decode(answered.answer, type=StreakRecordedAnswer).already_recorded


async def _outcome(engine: Engine, command: Command, future: asyncio.Future[Outcome]) -> Outcome:
    """Rides out an outage and locks: the key makes trying again safe."""
    deadline = asyncio.get_running_loop().time() + OUTAGE_PATIENCE_SECONDS
    while True:
        try:
            return await future
        except (UnsettledError, BusyError):
            future = engine.submit(command)
        except (DatabaseUnavailableError, LockedError, OutcomeUnknownError) as error:
            if asyncio.get_running_loop().time() > deadline:
                reason = "Rows stay locked" if isinstance(error, LockedError) else "The database stays away"
                raise ImportStoppedError(
                    f"{reason}. Run the same command again later: it goes on where it stopped."
                ) from None
            await asyncio.sleep(OUTAGE_PAUSE_SECONDS)
            future = engine.submit(command)


async def import_file(job: Job, tables: AllTables, listener: Listener) -> Summary:
    """Imports a file, or only looks at it. Raises ImportStoppedError."""
    as_json = is_json(job.path, job.format_name)
    if as_json and job.delimiter != ",":
        raise ImportStoppedError("--delimiter is for CSV; a file of JSON lines has none.")
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
            return _checked(lines, commands, definitions, listener)
        on_citus = Settings.from_environment().citus
        settings = EngineSettings(queue_limit=2 * WINDOW_LINES, on_citus=on_citus)
        engine = Engine(job.database_url, DefinitionsCache(tables), settings)
        engine.start()
        try:
            return await _Import(engine, commands, definitions, listener).run(lines)
        finally:
            await engine.drain()


async def _definitions(job: Job, tables: AllTables) -> Definitions:
    connection = await connect_one(job.database_url)
    try:
        return await DefinitionsCache(tables).newest(connection, job.project_id)
    finally:
        await connection.close()


def _check_streak(code: str | None, definitions: Definitions) -> None:
    """Raises ImportStoppedError for one that no line could be recorded for."""
    streaks = definitions[Streak].by_code
    if code is None or (code in streaks and streaks[code].is_active):
        return
    if code in streaks:
        raise ImportStoppedError(f"The streak {code!r} is not active.")
    known = ", ".join(sorted(streaks))
    raise ImportStoppedError(f"There is no streak {code!r}; there {f'are {known}' if known else 'is none at all'}.")


def _checked(
    lines: Iterator[Line | Rejected], commands: Commands, definitions: Definitions, listener: Listener
) -> Summary:
    """A dry run."""
    summary = Summary()
    watch = Watch(definitions, listener.warn)
    now = definitions.calendar.at(datetime.now(UTC))
    for line in lines:
        made = _made(commands, line)
        if isinstance(made, Command) and isinstance(line, Line):
            moment = decisions.occurred_at(made.reported_at, now)
            if isinstance(moment, Rejection):
                made = Rejected(line.number, refusal_for(moment).detail, line.content)
        if isinstance(made, Rejected):
            summary.rejected += 1
            listener.rejected(made)
            continue
        summary.imported += 1
        if isinstance(line, Line):
            listener.checked(line, made)
            listener.progress(summary, line.read_bytes)
            watch.look_at(line, made)
    watch.finish()
    return summary
