"""The command `laurels import`."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from laurels.cli.options import (
    DEFAULT_DATA_DIR,
    DatabaseUrl,
    DataDir,
    ProjectCode,
    check_zone,
    database,
    fail,
    project_named,
    run,
    with_options,
)

if TYPE_CHECKING:
    from datetime import tzinfo

    from laurels.config.importing.mapping import Mapping

_NAMED_DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """The arguments and options of the command."""

    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="A CSV file with a header, or JSONL; also with .gz.")
    ]
    participant: Annotated[str, typer.Option(help="Column with the participant's id.")] = "participant_id"
    amount: Annotated[str | None, typer.Option(help="Column with the points to award.")] = None
    points: Annotated[
        int | None, typer.Option(min=1, max=1_000_000, help="The number of points to award for every line.")
    ] = None
    event: Annotated[str | None, typer.Option(help="Column with the event name, if the lines are events.")] = None
    event_name: Annotated[str | None, typer.Option(help="The event name of every line.")] = None
    streak: Annotated[str | None, typer.Option(help="Code of a streak, if the lines are records of a streak.")] = None
    timestamp: Annotated[str | None, typer.Option(help="Column with the time. Default: the time of the import.")] = None
    date_format: Annotated[
        str | None,
        typer.Option(help="Format of the times, such as '%d.%m.%Y %H:%M'. Default: RFC 3339, or a date."),
    ] = None
    time_zone: Annotated[
        str | None,
        typer.Option(
            help="IANA name of the time zone of times without an offset. Default: UTC; for dates, the project's zone."
        ),
    ] = None
    number: Annotated[
        list[str] | None, typer.Option(help="CSV column to keep as a number. Can be given several times.")
    ] = None
    key: Annotated[str | None, typer.Option(help="Column with the idempotency key. Default: made from the line.")] = (
        None
    )
    reason: Annotated[str | None, typer.Option(help="Column with the reason of an award.")] = None
    file_format: Annotated[
        str | None, typer.Option("--format", help="csv or jsonl. Default: by the file extension.")
    ] = None
    delimiter: Annotated[str, typer.Option(help="Delimiter of a CSV: a character, or tab.")] = ","
    source: Annotated[
        str | None,
        typer.Option(
            help="File name to build idempotency keys from, for lines without a key. Default: the name without .gz."
        ),
    ] = None
    rejections: Annotated[Path | None, typer.Option(help="Write all rejected lines to this CSV file.")] = None
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only check the lines, and show the commands of the first lines.")
    ] = False
    project: ProjectCode = "default"
    data_dir: DataDir = DEFAULT_DATA_DIR
    database_url: DatabaseUrl = None


@with_options(ImportOptions)
def import_lines(options: ImportOptions) -> None:
    """Import awards, events or streak records from a CSV or JSONL file.

    It is safe to run again: no line counts twice. Columns that no option names are kept as metadata or properties.
    """
    from laurels.cli import import_progress as import_command
    from laurels.config.importing.importer import ImportJob

    _check_combination(options)
    mapping = _mapping(options)
    data_dir, database_url = options.data_dir, options.database_url
    project_id = run(data_dir, database_url, lambda connection: project_named(connection, options.project)).id
    with database(data_dir, database_url) as url:
        job = ImportJob(
            database_url=url,
            project_id=project_id,
            path=options.file,
            mapping=mapping,
            format_name=options.file_format,
            delimiter=_delimiter(options.delimiter),
            source=options.source,
            is_dry_run=options.dry_run,
        )
        import_command.run(job, options.rejections)


def _check_combination(options: ImportOptions) -> None:
    _check_kind(options)
    is_award = options.amount is not None or options.points is not None
    if options.timestamp is None and (options.date_format is not None or options.time_zone is not None):
        fail("--date-format and --time-zone need --timestamp COLUMN, the column with the times.")
    if options.reason is not None and not is_award:
        fail("--reason is only for awards: add --amount or --points, or leave --reason out.")
    if options.number and options.streak is not None:
        fail("--number is only for awards and events: streak records keep no other columns.")


def _mapping(options: ImportOptions) -> "Mapping":
    from laurels.config.importing import mapping as import_mapping

    if options.date_format is not None:
        import_mapping.check_date_format(options.date_format)
    return import_mapping.Mapping(
        participant=options.participant,
        amount=options.amount,
        points=options.points,
        event=options.event,
        event_name=options.event_name,
        streak=options.streak,
        timestamp=options.timestamp,
        key=options.key,
        reason=options.reason,
        numbers=frozenset(options.number or ()),
        date_format=options.date_format,
        time_zone=_zone(options.time_zone),
    )


def _check_kind(options: ImportOptions) -> None:
    if options.event is not None and options.event_name is not None:
        fail("Use --event for a column with event names, or --event-name for one name for all lines, not both.")
    if options.amount is not None and options.points is not None:
        fail("Use --amount for a column with points, or --points for one number for all lines, not both.")
    kinds = (options.amount, options.points, options.event, options.event_name, options.streak)
    if sum(option is not None for option in kinds) != 1:
        fail(
            "Choose the kind of the lines: --amount or --points for awards, --event or --event-name for events, "
            "--streak for streak records."
        )


def _delimiter(text: str) -> str:
    delimiter = _NAMED_DELIMITERS.get(text, text)
    if len(delimiter) != 1 or delimiter in '"\r\n':
        fail(f"--delimiter must be one character or tab, and not a quote; it is {text!r}.")
    return delimiter


def _zone(name: str | None) -> "tzinfo | None":
    from laurels.kernel.dates import time_zones

    if name is None:
        return None
    check_zone(name)
    return time_zones.zone(name)
