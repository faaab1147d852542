"""`laurels import`: a CSV or JSONL file of awards or events, through the engine, straight into the database.

Each line is one command with an idempotency key, so that the same file can be run again, after an interruption or by
mistake, without counting anything twice. It runs beside servers on the same database.
"""

import asyncio
import csv
import gzip
import io
import json
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from msgspec import Struct

from laurels.core.answers import StreakRecordedAnswer
from laurels.core.commands import Command, RecordStreak
from laurels.core.rejections import Rejection
from laurels.engine.batch import Answered, Outcome
from laurels.engine.engine import Engine
from laurels.engine.errors import CommandFailedError, OutcomeUnknownError, UnsettledError
from laurels.http.decoding import BODY_LIMIT_BYTES, decode_body
from laurels.http.errors import Refusal, invalid, invalid_value, refusal_for
from laurels.http.events import EventRequest
from laurels.http.fields import utc
from laurels.http.points import AwardPointsRequest
from laurels.http.streaks import RecordStreakRequest
from laurels.settings import Settings
from laurels.store.database import DatabaseUnavailableError, LockedError
from laurels.store.definitions import DefinitionsCache

WINDOW_LINES = 2_000
OUTAGE_PATIENCE_SECONDS = 300
OUTAGE_PAUSE_SECONDS = 1.0


class ImportStoppedError(Exception):
    """The import could not go on, in a sentence."""


class Columns(Struct, frozen=True, kw_only=True):
    """Which column holds what. With `amount` the lines are awards, with `streak` (a code, not a column) records of that
    streak, else events. Columns not named are kept with awards and events."""

    participant: str = "participant_id"
    amount: str | None = None
    event: str | None = None
    event_name: str | None = None
    streak: str | None = None
    timestamp: str | None = None
    key: str | None = None
    reason: str | None = None

    def named(self) -> list[str]:
        named = (self.participant, self.amount, self.event, self.timestamp, self.key, self.reason)
        return [column for column in named if column is not None]


_object_decoder = msgspec.json.Decoder(dict[str, Any])


class Line(Struct, frozen=True):
    """A line of the file: its number as an editor shows it, its cells, and what it hashes to."""

    number: int
    cells: dict[str, Any]
    digest: str
    read_bytes: int


class Rejected(Struct, frozen=True):
    number: int
    sentence: str


class Summary(Struct):
    imported: int = 0
    already_there: int = 0
    rejected: list[Rejected] = []

    @property
    def lines(self) -> int:
        return self.imported + self.already_there + len(self.rejected)


@contextmanager
def opened(path: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """The (unzipped) content, and the file itself, whose position tells how far we are."""
    with path.open("rb") as raw:
        if path.suffix == ".gz":
            with gzip.GzipFile(fileobj=raw) as content:
                yield io.BufferedReader(content), raw
        else:
            yield raw, raw


def is_json(path: Path, format_name: str | None) -> bool:
    """Raises ImportStoppedError when neither the option nor the file's ending tells the format."""
    name = format_name or path.name.removesuffix(".gz").rpartition(".")[2].lower()
    if name in ("jsonl", "ndjson"):
        return True
    if name == "csv":
        return False
    raise ImportStoppedError(f"The format of {path} is not known: name it with --format csv or --format jsonl.")


def read_csv(content: BinaryIO, raw: BinaryIO, columns: Columns) -> Iterator[Line | Rejected]:
    """Raises ImportStoppedError when a named column is missing."""
    csv.field_size_limit(BODY_LIMIT_BYTES)
    text = io.TextIOWrapper(content, "utf-8-sig", errors="surrogateescape", newline="")
    reader = csv.DictReader(text, restkey="")
    if any(_is_broken(name) or "\0" in name for name in reader.fieldnames or []):
        raise ImportStoppedError("The file's header is not UTF-8: save the file as UTF-8 and import it again.")
    if not reader.fieldnames:
        raise ImportStoppedError("The file is empty: its first line must name the columns.")
    missing = [column for column in columns.named() if column not in (reader.fieldnames or [])]
    if missing:
        found = ", ".join(reader.fieldnames or [])
        raise ImportStoppedError(f"The file has no column {missing[0]!r}; it has {found}.")
    rows = iter(reader)
    while True:
        try:
            cells: dict[str, Any] = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            # The reader has not counted the line it failed at.
            yield Rejected(reader.line_num + 1, f"The line cannot be read: {error}.")
            continue
        if "" in cells:
            yield Rejected(reader.line_num, "The line has more cells than the header.")
            continue
        if any(_is_broken(cell) for cell in cells.values() if cell):
            yield Rejected(reader.line_num, "The line is not UTF-8.")
            continue
        given = {name: cell for name, cell in cells.items() if cell not in (None, "")}
        yield Line(reader.line_num, given, _digest(json.dumps(cells)), raw.tell())


def read_jsonl(content: BinaryIO, raw: BinaryIO) -> Iterator[Line | Rejected]:
    for number, text in enumerate(content, start=1):
        if not text.strip():
            continue
        if len(text) > BODY_LIMIT_BYTES:
            yield Rejected(number, f"The line has more than {BODY_LIMIT_BYTES} bytes.")
            continue
        try:
            cells = decode_body(_object_decoder, text)
        except Refusal as refusal:
            yield Rejected(number, refusal.detail.replace("The request body", "The line"))
            continue
        yield Line(number, cells, _digest(text.decode().strip()), raw.tell())


def command_from(line: Line, columns: Columns, project_id: int, source: str, *, is_text: bool) -> Command:
    """The line as a command. `is_text` when all cells are strings (CSV). Raises Refusal, as the API would.

    A line without a key of its own is known by the source's name, its number and its content.
    """
    rest = {name: cell for name, cell in line.cells.items() if name not in columns.named()}
    fields = {"participant_id": line.cells.get(columns.participant)}
    if columns.timestamp is not None:
        fields["timestamp"] = line.cells.get(columns.timestamp)
    if columns.streak is not None:
        return _record_from(fields, columns.streak, project_id)
    key = line.cells.get(columns.key) if columns.key else None
    fields["idempotency_key"] = f"line-{line.number}-{_digest(source)}-{line.digest}" if key is None else str(key)
    try:
        if columns.amount is not None:
            fields["amount"] = line.cells.get(columns.amount)
            if is_text:
                fields["amount"] = _whole_number(fields["amount"])
            if columns.reason is not None:
                fields["reason"] = line.cells.get(columns.reason)
            award = msgspec.convert({**fields, "metadata": rest or None}, AwardPointsRequest)
            return award.award(project_id, award.idempotency_key)
        fields["event_name"] = columns.event_name or line.cells.get(columns.event or "")
        event = msgspec.convert({**fields, "properties": rest}, EventRequest)
    except msgspec.ValidationError as error:
        raise invalid_value(error) from None
    return event.command(project_id, event.idempotency_key)


def _record_from(fields: dict[str, Any], streak_code: str, project_id: int) -> RecordStreak:
    """Needs no key: a period counts once by itself."""
    try:
        record = msgspec.convert({**fields, "streak_code": streak_code}, RecordStreakRequest)
    except msgspec.ValidationError as error:
        raise invalid_value(error) from None
    return RecordStreak(
        project_id=project_id,
        participant_id=record.participant_id,
        streak_code=record.streak_code,
        occurred_at=utc(record.timestamp),
    )


async def run(
    engine: Engine,
    lines: Iterator[Line | Rejected],
    to_command: Callable[[Line], Command],
    progress: Callable[[Summary, int], None],
) -> Summary:
    """Imports all lines, those of one participant in the file's order. Raises ImportStoppedError."""
    summary = Summary()
    window: deque[tuple[Line, Command, asyncio.Future[Outcome]]] = deque()
    for line in lines:
        if isinstance(line, Rejected):
            summary.rejected.append(line)
            continue
        try:
            command = to_command(line)
        except Refusal as refusal:
            summary.rejected.append(Rejected(line.number, refusal.detail))
            continue
        window.append((line, command, engine.submit(command)))
        if len(window) >= WINDOW_LINES:
            await _settle(engine, window, WINDOW_LINES // 2, summary)
            progress(summary, line.read_bytes)
    await _settle(engine, window, len(window), summary)
    summary.rejected.sort(key=lambda rejected: rejected.number)
    return summary


async def _settle(
    engine: Engine, window: deque[tuple[Line, Command, asyncio.Future[Outcome]]], count: int, summary: Summary
) -> None:
    for _ in range(count):
        line, command, future = window.popleft()
        try:
            outcome = await _outcome(engine, command, future)
        except CommandFailedError:
            summary.rejected.append(Rejected(line.number, "The line could not be stored; the log says why."))
            continue
        if isinstance(outcome, Rejection):
            summary.rejected.append(Rejected(line.number, refusal_for(outcome).detail))
        elif outcome.replayed or _is_recorded(command, outcome):
            summary.already_there += 1
        else:
            summary.imported += 1


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
        except UnsettledError:
            future = engine.submit(command)
        except (DatabaseUnavailableError, LockedError, OutcomeUnknownError) as error:
            if asyncio.get_running_loop().time() > deadline:
                reason = "Rows stay locked" if isinstance(error, LockedError) else "The database stays away"
                raise ImportStoppedError(
                    f"{reason}. Run the same command again later: it goes on where it stopped."
                ) from None
            await asyncio.sleep(OUTAGE_PAUSE_SECONDS)
            future = engine.submit(command)


async def import_file(
    database_url: str,
    project_id: int,
    path: Path,
    columns: Columns,
    format_name: str | None,
    source: str | None,
    progress: Callable[[Summary, int], None],
) -> Summary:
    """Imports `path`, known by its name or as `source`. `progress` gets the summary so far and how many bytes of the
    file have been read."""
    as_json = is_json(path, format_name)
    on_citus = Settings.from_environment().citus
    engine = Engine(database_url, DefinitionsCache(), queue_limit=2 * WINDOW_LINES, on_citus=on_citus)
    engine.start()
    try:
        with opened(path) as (content, raw):
            lines = read_jsonl(content, raw) if as_json else read_csv(content, raw, columns)

            def to_command(line: Line) -> Command:
                return command_from(line, columns, project_id, source or path.name, is_text=not as_json)

            return await run(engine, lines, to_command, progress)
    except (gzip.BadGzipFile, zlib.error) as error:
        raise ImportStoppedError(f"{path} is not the gzip file that its name promises: {error}.") from error
    except EOFError:
        raise ImportStoppedError(
            f"{path} ends in the middle, as a broken download does; what came before may be imported. Get the whole "
            "file and run the same command again: no line counts twice."
        ) from None
    finally:
        await engine.drain()


def _whole_number(cell: Any) -> Any:
    if cell is None:
        return None
    try:
        # int() would take 1_000 and surrounding blanks.
        return int(cell) if cell.lstrip("-").isdecimal() and cell.isascii() else _not_whole(cell)
    except ValueError:
        return _not_whole(cell)


def _not_whole(cell: str) -> Any:
    raise invalid("amount", f"must be an integer, not {cell[:40]!r}")


def _is_broken(text: str) -> bool:
    """Holds bytes that are not UTF-8, as surrogateescape marks them."""
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=12).hexdigest()
