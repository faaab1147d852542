"""What `laurels import` shows: a progress bar with rate and time left, and the summary."""

import asyncio
import csv
import time
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from laurels import importer
from laurels.importer import Columns, ImportStoppedError, Summary

_FORMULAS = ("=", "+", "-", "@")
SHOWN_REJECTIONS = 20


def run(
    database_url: str,
    project_id: int,
    path: Path,
    columns: Columns,
    format_name: str | None,
    source: str | None,
    rejections: Path | None,
) -> None:
    """Imports and reports. Raises ImportStoppedError when the file could not be imported to its end."""
    if rejections is not None:
        try:
            rejections.touch()
        except OSError as error:
            raise ImportStoppedError(f"{rejections} cannot be written: {error.strerror}.") from error
    console = Console()
    started = time.monotonic()
    bar = Progress(
        TextColumn("{task.fields[lines]:,} lines, {task.fields[rate]:,.0f} a second"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task("", total=path.stat().st_size, lines=0, rate=0.0)

        def progress(summary: Summary, read_bytes: int) -> None:
            rate = summary.lines / (time.monotonic() - started)
            bar.update(task, completed=read_bytes, lines=summary.lines, rate=rate)

        try:
            summary = asyncio.run(
                importer.import_file(database_url, project_id, path, columns, format_name, source, progress)
            )
        except KeyboardInterrupt:
            raise ImportStoppedError("Interrupted. Run the same command again: it goes on where it stopped.") from None
    _report(summary, time.monotonic() - started, rejections)


def _report(summary: Summary, seconds: float, rejections: Path | None) -> None:
    rate = summary.lines / seconds
    print(
        f"{summary.imported} imported, {summary.already_there} already there, {len(summary.rejected)} rejected "
        f"in {seconds:.1f} s ({rate:,.0f} lines a second)"
    )
    for rejected in summary.rejected[:SHOWN_REJECTIONS]:
        print(f"line {rejected.number}: {_harmless(rejected.sentence)}")
    if len(summary.rejected) > SHOWN_REJECTIONS and rejections is None:
        print(f"… and {len(summary.rejected) - SHOWN_REJECTIONS} more; --rejections FILE writes them all")
    if rejections is not None:
        with rejections.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["line", "reason"])
            writer.writerows([rejected.number, _harmless(rejected.sentence)] for rejected in summary.rejected)


def _harmless(sentence: str) -> str:
    """It may quote the file: neither a command to the terminal, nor a formula to the spreadsheet that opens it."""
    shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in sentence)
    return f"'{shown}" if shown.startswith(_FORMULAS) else shown
