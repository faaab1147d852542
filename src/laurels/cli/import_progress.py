"""The output of `laurels import`: a progress bar, or lines of progress without a terminal, a summary, and the file of
rejected lines."""

import asyncio
import csv
import io
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from laurels.cli.options import composition
from laurels.config.importing import importer
from laurels.config.importing.importer import ImportJob, Summary
from laurels.config.importing.lines import ImportLine, ImportStoppedError, RejectedLine
from laurels.kernel.commands import Command
from laurels.kernel.input.problems import NO_TIME
from laurels.storage.postgres import whole_writes

_FORMULAS = ("=", "+", "-", "@", "\t")
SHOWN_REJECTIONS = 20
SHOWN_COMMANDS = 3
SECONDS_BETWEEN_LINES = 10.0


class RejectionsFile:
    """A CSV file with the number, the reason and the content of each rejected line. Each line is written at once, in
    one piece, so that the file is complete however the import ends."""

    def __init__(self, path: Path, imported: Path) -> None:
        """Raises ImportStoppedError."""
        if path.exists() and path.samefile(imported):
            raise ImportStoppedError(f"--rejections would overwrite {imported}, the file to import.")
        try:
            self._file = path.open("wb", buffering=0)
        except OSError as error:
            raise ImportStoppedError(f"{path} cannot be written: {error.strerror}.") from error
        self._path = path
        self._write("line", "reason", "content")

    def add(self, rejected: RejectedLine) -> None:
        content = rejected.content.decode(errors="surrogateescape")
        # The only change to a line: an apostrophe, so that a spreadsheet does not execute it as a formula.
        guard = "'" if content.startswith(_FORMULAS) else ""
        self._write(rejected.number, harmless(rejected.sentence), f"{guard}{content}")

    def _write(self, *cells: Any) -> None:
        row = io.StringIO(newline="")
        csv.writer(row).writerow(cells)
        try:
            whole_writes.add(self._file.fileno(), row.getvalue().encode(errors="surrogateescape"))
        except OSError as error:
            raise ImportStoppedError(
                f"{self._path} cannot be written: {error.strerror}. Run the same command again: it continues where it "
                "stopped."
            ) from None


class ProgressLines:
    """Progress without a terminal: a line every few seconds."""

    def __init__(self, total_bytes: int, write: Callable[[str], Any], clock: Callable[[], float]) -> None:
        self._total_bytes = total_bytes
        self._write = write
        self._clock = clock
        self._started = self._written = clock()

    def update(self, summary: Summary, read_bytes: int) -> None:
        now = self._clock()
        if now - self._written < SECONDS_BETWEEN_LINES:
            return
        self._written = now
        share = 100 * read_bytes // max(1, self._total_bytes)
        rate = summary.lines / (now - self._started)
        rejected = f", {summary.rejected:,} of them rejected" if summary.rejected else ""
        self._write(f"{summary.lines:,} lines{rejected}, {rate:,.0f} per second, {share} % of the file\n")


class _ProgressBar:
    """Progress on a terminal."""

    def __init__(self, total_bytes: int, console: Console) -> None:
        self._started = time.monotonic()
        self.shown = Progress(
            TextColumn("{task.fields[lines]:,} lines, {task.fields[rate]:,.0f} per second"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=console,
        )
        self._task = self.shown.add_task("", total=total_bytes, lines=0, rate=0.0)

    def update(self, summary: Summary, read_bytes: int) -> None:
        rate = summary.lines / (time.monotonic() - self._started)
        self.shown.update(self._task, completed=read_bytes, lines=summary.lines, rate=rate)


class Display:
    """Collects the results of an import, and reports them at its end."""

    def __init__(self, progress: Callable[[Summary, int], None], rejections: RejectionsFile | None) -> None:
        self.progress = progress
        self._rejections = rejections
        self._first: list[RejectedLine] = []
        self._examples: list[str] = []
        self._has_odd_times = False

    def rejected(self, line: RejectedLine) -> None:
        if len(self._first) < SHOWN_REJECTIONS:
            self._first.append(line)
        self._has_odd_times = self._has_odd_times or NO_TIME in line.sentence
        if self._rejections is not None:
            self._rejections.add(line)

    def warn(self, sentence: str) -> None:
        print(f"Warning: {harmless(sentence)}", file=sys.stderr)

    def checked(self, line: ImportLine, command: Command) -> None:
        if len(self._examples) < SHOWN_COMMANDS:
            # Shown like a request to the API.
            fields = msgspec.to_builtins(command)
            del fields["project_id"], fields["is_from_file"]
            self._examples.append(f"line {line.number}: {command.operation} {msgspec.json.encode(fields).decode()}")

    def report(self, summary: Summary, seconds: float, *, is_dry_run: bool = False) -> None:
        if is_dry_run:
            for example in self._examples:
                print(harmless(example))
            print(f"Dry run: {summary.imported} can be imported, {summary.rejected} are rejected; nothing was imported")
        else:
            rate = summary.lines / seconds
            print(
                f"{summary.imported} imported, {summary.already_there} already imported, {summary.rejected} rejected "
                f"in {seconds:.1f} s ({rate:,.0f} lines per second)"
            )
        for rejected in self._first:
            print(f"line {rejected.number}: {harmless(rejected.sentence)}")
        if summary.rejected > len(self._first) and self._rejections is None:
            print(f"… and {summary.rejected - len(self._first)} more; --rejections FILE writes all of them to a file")
        if self._has_odd_times:
            print("For times in another format, add --date-format, such as '%d.%m.%Y %H:%M'")


def run(job: ImportJob, rejections: Path | None) -> None:
    """Imports the file and reports. Raises ImportStoppedError if the file could not be imported to its end."""
    file = None if rejections is None else RejectionsFile(rejections, job.path)
    console = Console()
    started = time.monotonic()
    total_bytes = job.path.stat().st_size
    try:
        if console.is_terminal:
            bar = _ProgressBar(total_bytes, console)
            display = Display(bar.update, file)
            with bar.shown:
                summary = asyncio.run(importer.import_file(job, composition().tables, display))
        else:
            display = Display(ProgressLines(total_bytes, sys.stderr.write, time.monotonic).update, file)
            summary = asyncio.run(importer.import_file(job, composition().tables, display))
    except KeyboardInterrupt:
        raise ImportStoppedError("Interrupted. Run the same command again: it continues where it stopped.") from None
    display.report(summary, time.monotonic() - started, is_dry_run=job.is_dry_run)


def harmless(sentence: str) -> str:
    """The sentence, which may quote the file, without control characters for the terminal and formulas for a
    spreadsheet."""
    shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in sentence)
    return f"'{shown}" if shown.startswith(_FORMULAS) else shown
