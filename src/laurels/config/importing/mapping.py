"""How the lines of a file become commands: which column holds what, and how its texts are read."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from time import strptime
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from laurels.config.importing.lines import ImportStoppedError, Line, digest
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
# RFC 8259, section 6, but for zeros at the beginning.
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# strptime reads six digits of a second.
_LONG_FRACTION = re.compile(r"([.,][0-9]{6})[0-9]+")
_SAMPLE = datetime(2001, 11, 23, 13, 45, 59, tzinfo=UTC)
_LEAP_SECOND = 60
# What a number may have: JSON of a request has no longer ones that are kept.
_LONGEST_NUMBER = 100


class Mapping(Struct, frozen=True, kw_only=True):
    """Columns by name, and what all lines share: `points`, `event_name` and `streak` (a code).

    With `amount` or `points` the lines are awards, with `streak` records of that streak, else events. Columns not named
    are kept with awards and events; those among `numbers` as numbers. Times have `date_format` (see strptime) or are
    written as RFC 3339; those without an offset are in `time_zone`.
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
    def taken(self) -> list[str]:
        """Columns that are not kept as metadata or properties."""
        named = (self.participant, self.amount, self.event, self.timestamp, self.key, self.reason)
        return [column for column in named if column is not None]

    @property
    def needed(self) -> dict[str, str]:
        """Columns that a CSV must have, each with what may be meant where there is no such column."""
        needed = dict.fromkeys([*self.taken, *sorted(self.numbers)], "")
        if self.event is not None:
            needed[self.event] = f" For the same event name on all lines, use --event-name {self.event}."
        if self.amount is not None and self.amount.isdecimal():
            needed[self.amount] = f" For the same number of points on all lines, use --points {self.amount}."
        return needed

    @property
    def never_missing(self) -> dict[str, str]:
        """Those of them that lines are not understood without; others may be in some lines of JSON alone."""
        sparse = {self.reason, *self.numbers} - {self.participant, self.amount, self.event, self.timestamp, self.key}
        return {column: hint for column, hint in self.needed.items() if column not in sparse}


class Commands:
    """Makes the commands of a file's lines. `source` names the file for lines without a key of their own; in
    `day_zone` a date without a time begins, unless the mapping names a zone; `is_text` when all cells are (CSV)."""

    def __init__(self, mapping: Mapping, project_id: int, source: str, day_zone: tzinfo, *, is_text: bool) -> None:
        self._mapping = mapping
        self._project_id = project_id
        self._source = digest(source)
        self._day_zone = mapping.time_zone or day_zone
        self._is_text = is_text
        self._taken = frozenset(mapping.taken)
        self._tells_time = mapping.date_format is None or _tells_time(mapping.date_format)

    def of(self, line: Line) -> Command:
        """Raises Refusal, as the API would."""
        return replace(self._command(line), is_from_file=True)

    def _command(self, line: Line) -> Command:
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

    def has_own_key(self, line: Line) -> bool:
        return self._mapping.key is not None and line.cells.get(self._mapping.key) is not None

    def _key(self, line: Line) -> str:
        """A line without one is known by the source's name, its number and its content."""
        if self._mapping.key is not None and self.has_own_key(line):
            return str(line.cells[self._mapping.key])
        return f"line-{line.last_number}-{self._source}-{line.digest}"

    def _award(self, fields: dict[str, Any], line: Line) -> AwardPoints:
        mapping = self._mapping
        amount = mapping.points if mapping.amount is None else line.cells.get(mapping.amount)
        fields["amount"] = _integer(amount) if self._is_text and isinstance(amount, str) else amount
        if mapping.reason is not None:
            fields["reason"] = line.cells.get(mapping.reason)
        fields["metadata"] = self._rest(line) or None
        award = msgspec.convert(fields, AwardPointsRequest)
        return award.award(self._project_id, award.idempotency_key)

    def _event(self, fields: dict[str, Any], line: Line) -> RecordEvent:
        fields["event_name"] = self._mapping.event_name or line.cells.get(self._mapping.event or "")
        fields["properties"] = self._rest(line)
        event = msgspec.convert(fields, EventRequest)
        return event.command(self._project_id, event.idempotency_key)

    def _record(self, fields: dict[str, Any], streak_code: str) -> RecordStreak:
        """Needs no key: a period counts once by itself."""
        record = msgspec.convert({**fields, "streak_code": streak_code}, RecordStreakRequest)
        return RecordStreak(
            project_id=self._project_id,
            participant_id=record.participant_id,
            streak_code=record.streak_code,
            occurred_at=utc(record.timestamp),
        )

    def _rest(self, line: Line) -> dict[str, Any]:
        numbers = self._mapping.numbers
        return {
            name: _number(name, cell) if name in numbers and isinstance(cell, str) else cell
            for name, cell in line.cells.items()
            if name not in self._taken
        }

    def _moment(self, cell: Any) -> Any:
        """What is no text stays as it is, for the request's struct to judge. Raises Refusal 422."""
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
            raise invalid("timestamp", f"must be written as {form}, not {shortened(cell, 40)!r}") from None
        if moment.tzinfo is not None:
            return moment
        return moment.replace(tzinfo=(self._mapping.time_zone or UTC) if self._tells_time else self._day_zone)

    def _beginning_of(self, cell: str) -> datetime:
        try:
            return datetime.combine(date.fromisoformat(cell), time(), self._day_zone)
        except ValueError:
            raise invalid("timestamp", f"is not a day of the calendar: {cell}") from None


def _refuse_shortened(line: Line, columns: dict[str, str | None]) -> None:
    for field, column in columns.items():
        cell = line.cells.get(column or "", "")
        if is_shortened_number(cell):
            raise invalid(
                field, f"is a long number as a spreadsheet shortens it, {cell}: keep the column as text there"
            )


def _not_before_1970(moment: datetime, cell: str) -> datetime:
    if moment < decisions.EARLIEST:
        raise invalid("timestamp", f"must not be before {decisions.EARLIEST.year}, and is {shortened(cell, 40)}")
    return moment


def _by_format(cell: str, form: str) -> datetime:
    """Raises ValueError."""
    exact = _LONG_FRACTION.sub(r"\1", cell) if "%f" in form else cell
    try:
        return datetime.strptime(exact, form)  # noqa: DTZ007 - whoever calls it knows the zone
    except ValueError:
        return _leap_second(exact, form)


def _leap_second(text: str, form: str) -> datetime:
    """The last microsecond of its minute, as of times without a format. Raises ValueError for any other time."""
    found = strptime(text, form)
    if found.tm_sec != _LEAP_SECOND:
        raise ValueError(text)
    zone = None if found.tm_gmtoff is None else timezone(timedelta(seconds=found.tm_gmtoff))
    return datetime(*found[:5], 59, 999_999, tzinfo=zone)


def check_date_format(form: str) -> None:
    """Raises ImportStoppedError for one by which no whole date can be read."""
    try:
        is_whole = _read_sample(form).date() == _SAMPLE.date()
    except ValueError:
        is_whole = False
    if not is_whole:
        raise ImportStoppedError(
            f"--date-format {form!r} does not read a year, a month and a day: write it as '%d.%m.%Y %H:%M', with the "
            "signs of https://docs.python.org/3/library/datetime.html#format-codes."
        )


def _tells_time(form: str) -> bool:
    return _read_sample(form).hour == _SAMPLE.hour


def _read_sample(form: str) -> datetime:
    """Raises ValueError."""
    return datetime.strptime(_SAMPLE.strftime(form), form)  # noqa: DTZ007


def _integer(cell: str) -> int:
    # int() would take 1_000 and surrounding blanks.
    if not _INTEGER.fullmatch(cell) or len(cell) > _LONGEST_NUMBER:
        raise invalid("amount", f"must be an integer, not {cell[:40]!r}")
    return int(cell)


def _number(column: str, cell: str) -> int | float:
    match = _NUMBER.fullmatch(cell) if len(cell) <= _LONGEST_NUMBER else None
    number = float(cell) if match else float("inf")
    if match is None or not abs(number) < float("inf"):
        raise invalid(shortened(column), f"must be a number such as 12 or 12.5, not {shortened(cell, 40)!r}")
    is_integer = match[1] is None and match[2] is None
    return int(cell) if is_integer else number
