"""Converts the lines of a file to commands: the meaning of each column, and the format of its values."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from time import strptime
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from laurels.config.importing.lines import ImportLine, ImportStoppedError, digest
from laurels.kernel.commands import Command
from laurels.kernel.dates import times
from laurels.kernel.deciding import decision as decisions
from laurels.kernel.input.csv_reader import is_shortened_number
from laurels.kernel.input.problems import NO_TIME, shortened
from laurels.mechanics.events.api import EventRequest
from laurels.mechanics.events.model import RecordEvent
from laurels.mechanics.points.api.awards import AwardPointsRequest
from laurels.mechanics.points.purse.commands import AwardPoints
from laurels.mechanics.streaks.api import RecordStreakRequest
from laurels.mechanics.streaks.model import RecordStreak
from laurels.web.protocol.errors import invalid, invalid_value
from laurels.web.requests.fields import utc

_INTEGER = re.compile(r"-?[0-9]+")
# As in RFC 8259, section 6, but leading zeros are allowed.
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# strptime reads up to six digits of a fraction of a second.
_LONG_FRACTION = re.compile(r"([.,][0-9]{6})[0-9]+")
_SAMPLE = datetime(2001, 11, 23, 13, 45, 59, tzinfo=UTC)
_LEAP_SECOND = 60
# The most characters of a number; no number that can be stored is longer.
_LONGEST_NUMBER = 100


class Mapping(Struct, frozen=True, kw_only=True):
    """The names of columns, and values for all lines: `points`, `event_name` and `streak` (a code).

    With `amount` or `points` the lines are awards, with `streak` they are records of this streak, otherwise events.
    Columns that are not named here are kept as metadata or properties; columns in `numbers` as numbers. Times are in
    `date_format` (see strptime) or RFC 3339. Times without an offset are in `time_zone`.
    """

    participant: str = "participant_id"
    amount: str | None = None
    points: int | None = None
    event: str | None = None
    event_name: str | None = None
    streak: str | None = None
    timestamp: str | None = None
    key: str | None = None
    reason: str | None = None
    numbers: frozenset[str] = frozenset()
    date_format: str | None = None
    time_zone: tzinfo | None = None

    @property
    def used_columns(self) -> list[str]:
        """The columns that are not kept as metadata or properties."""
        columns = (self.participant, self.amount, self.event, self.timestamp, self.key, self.reason)
        return [column for column in columns if column is not None]

    @property
    def needed(self) -> dict[str, str]:
        """The columns that a CSV must have, each with a hint for files without it."""
        needed = dict.fromkeys([*self.used_columns, *sorted(self.numbers)], "")
        if self.event is not None:
            needed[self.event] = f" For the same event name on all lines, use --event-name {self.event}."
        if self.amount is not None and self.amount.isdecimal():
            needed[self.amount] = f" For the same number of points on all lines, use --points {self.amount}."
        return needed

    @property
    def never_missing(self) -> dict[str, str]:
        """The needed columns without which a line cannot be imported. Other needed columns may be missing in some lines
        of JSONL."""
        sparse = {self.reason, *self.numbers} - {self.participant, self.amount, self.event, self.timestamp, self.key}
        return {column: hint for column, hint in self.needed.items() if column not in sparse}


class Commands:
    """Creates the commands of a file's lines. `source` names the file in the idempotency keys of lines without a key.
    `day_zone` is the time zone of dates without a time, if the mapping has none. `is_text`: all cells are strings, as
    in CSV."""

    def __init__(self, mapping: Mapping, project_id: int, source: str, day_zone: tzinfo, *, is_text: bool) -> None:
        self._mapping = mapping
        self._project_id = project_id
        self._source = digest(source)
        self._day_zone = mapping.time_zone or day_zone
        self._is_text = is_text
        self._used_columns = frozenset(mapping.used_columns)
        self._has_time = mapping.date_format is None or _has_time(mapping.date_format)

    def of(self, line: ImportLine) -> Command:
        """The command of a line. Raises Refusal, like the API."""
        return replace(self._command(line), is_from_file=True)

    def _command(self, line: ImportLine) -> Command:
        mapping = self._mapping
        if self._is_text:
            _refuse_shortened(line, {"participant_id": mapping.participant, "idempotency_key": mapping.key})
        fields: dict[str, Any] = {"participant_id": line.cells.get(mapping.participant)}
        if mapping.timestamp is not None:
            fields["timestamp"] = self._moment(line.cells.get(mapping.timestamp))
        try:
            if mapping.streak is not None:
                return self._record(fields, mapping.streak)
            fields["idempotency_key"] = self._key(line)
            if mapping.amount is not None or mapping.points is not None:
                return self._award(fields, line)
            return self._event(fields, line)
        except msgspec.ValidationError as error:
            raise invalid_value(error) from None

    def has_own_key(self, line: ImportLine) -> bool:
        return self._mapping.key is not None and line.cells.get(self._mapping.key) is not None

    def _key(self, line: ImportLine) -> str:
        """The idempotency key. A line without its own key is identified by the name of the source, its number and its
        content."""
        if self._mapping.key is not None and self.has_own_key(line):
            return str(line.cells[self._mapping.key])
        return f"line-{line.last_number}-{self._source}-{line.digest}"

    def _award(self, fields: dict[str, Any], line: ImportLine) -> AwardPoints:
        mapping = self._mapping
        amount = mapping.points if mapping.amount is None else line.cells.get(mapping.amount)
        fields["amount"] = _integer(amount) if self._is_text and isinstance(amount, str) else amount
        if mapping.reason is not None:
            fields["reason"] = line.cells.get(mapping.reason)
        fields["metadata"] = self._rest(line) or None
        award = msgspec.convert(fields, AwardPointsRequest)
        return award.award(self._project_id, award.idempotency_key)

    def _event(self, fields: dict[str, Any], line: ImportLine) -> RecordEvent:
        fields["event_name"] = self._mapping.event_name or line.cells.get(self._mapping.event or "")
        fields["properties"] = self._rest(line)
        event = msgspec.convert(fields, EventRequest)
        return event.command(self._project_id, event.idempotency_key)

    def _record(self, fields: dict[str, Any], streak_code: str) -> RecordStreak:
        """The command for a streak. It needs no idempotency key, because a period counts only once."""
        record = msgspec.convert({**fields, "streak_code": streak_code}, RecordStreakRequest)
        return RecordStreak(
            project_id=self._project_id,
            participant_id=record.participant_id,
            streak_code=record.streak_code,
            occurred_at=utc(record.timestamp),
        )

    def _rest(self, line: ImportLine) -> dict[str, Any]:
        numbers = self._mapping.numbers
        return {
            name: _number(name, cell) if name in numbers and isinstance(cell, str) else cell
            for name, cell in line.cells.items()
            if name not in self._used_columns
        }

    def _moment(self, cell: Any) -> Any:
        """The time in the cell. Other values than strings are returned unchanged; the request's struct refuses them.
        Raises Refusal 422."""
        if not isinstance(cell, str):
            return cell
        return _not_before_1970(self._read(cell), cell)

    def _read(self, cell: str) -> datetime:
        form = self._mapping.date_format
        if form is None and _DATE.fullmatch(cell):
            return self._beginning_of(cell)
        try:
            moment = times.parse(cell) if form is None else _by_format(cell, form)
        except ValueError:
            if form is None:
                raise invalid("timestamp", NO_TIME) from None
            raise invalid("timestamp", f"must be in the format {form}, not {shortened(cell, 40)!r}") from None
        if moment.tzinfo is not None:
            return moment
        return moment.replace(tzinfo=(self._mapping.time_zone or UTC) if self._has_time else self._day_zone)

    def _beginning_of(self, cell: str) -> datetime:
        try:
            return datetime.combine(date.fromisoformat(cell), time(), self._day_zone)
        except ValueError:
            raise invalid("timestamp", f"must be a valid date, not {cell}") from None


def _refuse_shortened(line: ImportLine, columns: dict[str, str | None]) -> None:
    for field, column in columns.items():
        cell = line.cells.get(column or "", "")
        if is_shortened_number(cell):
            raise invalid(
                field, f"is {cell}, a long number that a spreadsheet has shortened; format the column as text there"
            )


def _not_before_1970(moment: datetime, cell: str) -> datetime:
    if moment < decisions.EARLIEST:
        raise invalid("timestamp", f"must not be before {decisions.EARLIEST.year}, but is {shortened(cell, 40)}")
    return moment


def _by_format(cell: str, form: str) -> datetime:
    """The time in this format. Raises ValueError."""
    exact = _LONG_FRACTION.sub(r"\1", cell) if "%f" in form else cell
    try:
        return datetime.strptime(exact, form)  # noqa: DTZ007 - the caller adds the time zone
    except ValueError:
        return _leap_second(exact, form)


def _leap_second(text: str, form: str) -> datetime:
    """A leap second as the last microsecond of its minute, as for times in RFC 3339. Raises ValueError for other
    times."""
    parsed = strptime(text, form)
    if parsed.tm_sec != _LEAP_SECOND:
        raise ValueError(text)
    zone = None if parsed.tm_gmtoff is None else timezone(timedelta(seconds=parsed.tm_gmtoff))
    return datetime(*parsed[:5], 59, 999_999, tzinfo=zone)


def check_date_format(form: str) -> None:
    """Raises ImportStoppedError for a format without a year, a month or a day."""
    try:
        is_whole = _read_sample(form).date() == _SAMPLE.date()
    except ValueError:
        is_whole = False
    if not is_whole:
        raise ImportStoppedError(
            f"--date-format {form!r} must have a year, a month and a day, such as '%d.%m.%Y %H:%M'; the format codes "
            "are those of https://docs.python.org/3/library/datetime.html#format-codes."
        )


def _has_time(form: str) -> bool:
    return _read_sample(form).hour == _SAMPLE.hour


def _read_sample(form: str) -> datetime:
    """Raises ValueError."""
    return datetime.strptime(_SAMPLE.strftime(form), form)  # noqa: DTZ007


def _integer(cell: str) -> int:
    # int() would also accept 1_000 and surrounding blanks.
    if not _INTEGER.fullmatch(cell) or len(cell) > _LONGEST_NUMBER:
        raise invalid("amount", f"must be a whole number, not {cell[:40]!r}")
    return int(cell)


def _number(column: str, cell: str) -> int | float:
    match = _NUMBER.fullmatch(cell) if len(cell) <= _LONGEST_NUMBER else None
    number = float(cell) if match else float("inf")
    if match is None or not abs(number) < float("inf"):
        raise invalid(shortened(column), f"must be a number such as 12 or 12.5, not {shortened(cell, 40)!r}")
    is_integer = match[1] is None and match[2] is None
    return int(cell) if is_integer else number
