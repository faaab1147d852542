"""Files as people have them: what `laurels import` reads of them, without a database."""

import csv
import gzip
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from laurels.cli.import_progress import SECONDS_BETWEEN_LINES, ProgressLines, RejectionsFile
from laurels.config.importing.importer import Summary
from laurels.config.importing.lines import (
    ImportLine,
    ImportStoppedError,
    RejectedLine,
    opened,
    read_csv,
    read_jsonl,
    unzipped_name,
    with_columns,
)
from laurels.config.importing.mapping import Commands, Mapping, check_date_format
from laurels.config.importing.warnings import ClosedPeriods, SeveralLines, StringsInSums
from laurels.kernel.dates import time_zones
from laurels.mechanics.challenges.model import AdvanceChallenge, Challenge, Objective
from laurels.mechanics.events.model import RecordEvent
from laurels.mechanics.leaderboards.scoring.model import Generation, Leaderboard
from laurels.mechanics.points.purse.commands import AwardPoints
from laurels.mechanics.rules.model import Rule
from laurels.mechanics.streaks.model import RecordStreak
from laurels.web.protocol.errors import Refusal
from tests.core.given import definitions_with

LISBON, NEW_YORK = time_zones.zone("Europe/Lisbon"), time_zones.zone("America/New_York")


def read(text: str | bytes, delimiter: str = ",", **mapping: Any) -> list[ImportLine | RejectedLine]:
    content = io.BytesIO(text if isinstance(text, bytes) else text.encode())
    needed = Mapping(**{"participant": "user", **mapping}).needed
    return list(read_csv(content, content, delimiter, needed))


def stopped(text: str | bytes, delimiter: str, mapping: dict[str, Any]) -> str:
    with pytest.raises(ImportStoppedError) as caught:
        read(text, delimiter, **mapping)
    return str(caught.value)


def command(cells: dict[str, Any], day_zone: Any = UTC, is_text: bool = True, **mapping: Any) -> Any:
    commands = Commands(Mapping(participant="user", **mapping), 1, "file.csv", day_zone, is_text=is_text)
    return commands.of(ImportLine(2, 2, {"user": "ann", **cells}, "digest", b"", 0))


def refused(cells: dict[str, Any], **mapping: Any) -> str:
    with pytest.raises(Refusal) as caught:
        command(cells, **mapping)
    return caught.value.detail


# Lines and columns


def test_quotes_that_do_not_add_up_lose_no_line() -> None:
    first, *others = read('user,amount,note\nu1,1,"24 inch\nu2,2,x\nu3,3,y\n')
    assert first == RejectedLine(2, "A quote opens in column 3 and is never closed.", b'u1,1,"24 inch')
    assert [(line.number, line.cells["user"]) for line in others if isinstance(line, ImportLine)] == [
        (3, "u2"),
        (4, "u3"),
    ]


def test_every_line_of_a_long_file_is_read_or_rejected() -> None:
    # One line in 500 has a stray quote: before a number, behind it, or both over two lines.
    strays = {0: 'u,1,"24 inch', 500: 'u,1,30"', 1000: 'u,1,"a "b" c'}
    lines = [strays.get(number % 1500, f"u,{number},x") for number in range(20_000)]
    found = read("user,amount,note\n" + "\n".join(lines) + "\n")
    assert [line.number for line in found] == list(range(2, 20_002))
    assert [line.content.decode() for line in found] == lines
    # Where the strays add up, by RFC 4180 the lines between them belong to a cell.
    reasons = {line.sentence.split(" ")[1] for line in found if isinstance(line, RejectedLine)}
    assert reasons == {"quote", "quoted", "text"}
    assert sum(isinstance(line, ImportLine) for line in found) > 13_000


def test_short_lines_between_two_stray_quotes_are_rejected() -> None:
    found = read('user,amount,note\nu1,1,"24 inch\nu2,2\nu3,3\nu4,4,17"\nu5,5,ok\nu6,6\n')
    assert [line.number for line in found if isinstance(line, RejectedLine)] == [2, 3, 4, 5]
    assert [line.cells["user"] for line in found if isinstance(line, ImportLine)] == ["u5", "u6"]


def test_records_of_several_lines_are_told_at_the_end() -> None:
    def warnings(text: str) -> list[str]:
        several = SeveralLines()
        for line in read(text):
            if isinstance(line, ImportLine):
                several.add(line)
        return several.warnings()

    header, record = "user,note\na,b\n", 'u1,"24\nu2\nu3"\n'
    assert warnings(header) == []
    end = (
        "a quoted cell contains line breaks. If these lines should be separate records, a quote was opened by mistake."
    )
    assert warnings(header + record) == [f"Lines 3 to 5 are one record: {end}"]
    assert warnings(header + record * 2) == [f"2 records have several lines, the first one lines 3 to 5: {end}"]


def test_what_may_be_the_rest_of_a_broken_cell_is_no_line_of_its_own() -> None:
    found = read('user,amount,note\nu1,1,"he said "hi"\nmy friend"\nu2,2,x\nu3,3\n')
    assert [line.number for line in found if isinstance(line, RejectedLine)] == [2, 3]
    assert [line.number for line in found if isinstance(line, ImportLine)] == [4, 5]


@pytest.mark.parametrize(
    ("text", "delimiter", "mapping", "sentence"),
    [
        ("", ",", {}, "The file is empty: its first line must name the columns."),
        (
            "user,amount,amount\n",
            ",",
            {},
            "The file's header has the name 'amount' twice, in columns 2 and 3: give each column its own name.",
        ),
        ('user,"amount\n', ",", {}, "The file's header cannot be read: A quote opens in column 2 and is never closed."),
        (b"\xff\xfeu\0", ",", {}, "The file's header is not UTF-8. Save the file as UTF-8 and import it again."),
        (
            "user;amount\n",
            ",",
            {},
            "The file has no column 'user'; its columns are user;amount. Its names seem to be separated by ';': add "
            "--delimiter ';'.",
        ),
        (
            "user\tamount\n",
            ";",
            {},
            "The file has no column 'user'; its columns are user\tamount. Its names seem to be separated by tab: add "
            "--delimiter tab.",
        ),
        (
            "user,page\n",
            ",",
            {"event": "login"},
            "The file has no column 'login'; its columns are user, page. For the same event name on all lines, use "
            "--event-name login.",
        ),
        (
            "user,page\n",
            ",",
            {"amount": "10"},
            "The file has no column '10'; its columns are user, page. For the same number of points on all lines, use "
            "--points 10.",
        ),
        (
            "user,page\n",
            ",",
            {"numbers": frozenset({"score"})},
            "The file has no column 'score'; its columns are user, page.",
        ),
    ],
)
def test_a_header_that_stops_the_import(text: str, delimiter: str, mapping: dict[str, Any], sentence: str) -> None:
    assert stopped(text, delimiter, mapping) == sentence


@pytest.mark.parametrize("first", ["sep=;", '\ufeff"sep=;"', "SEP=;;;"])
def test_a_delimiter_that_the_file_names(first: str) -> None:
    (line,) = read(f"{first}\r\nuser;note\r\na;b,c\r\n", ";")
    assert isinstance(line, ImportLine)
    assert (line.number, line.cells) == (3, {"user": "a", "note": "b,c"})
    sentence = "The first line of the file names ';' as its delimiter: add --delimiter ';'."
    assert stopped(f"{first}\nuser;note\n", ",", {}) == sentence


def test_long_numbers_that_a_spreadsheet_shortened() -> None:
    for field, cells in (("participant_id", {"user": "1.23E+15"}), ("idempotency_key", {"order": "4,5E+9"})):
        sentence = refused(cells, points=1, key="order")
        assert sentence.startswith(
            f"{field} is {cells.get('user') or cells['order']}, a long number that a spreadsheet has shortened"
        )
        assert command(cells, points=1, key="order", is_text=False).amount == 1
    assert command({"order": "5E-10", "note": "1.23E+15"}, points=1, key="order").metadata == {"note": "1.23E+15"}


def test_other_delimiters() -> None:
    for delimiter in ";\t|":
        (line,) = read(delimiter.join(["user", "note"]) + "\n" + delimiter.join(["a", "b,c"]), delimiter)
        assert isinstance(line, ImportLine)
        assert line.cells == {"user": "a", "note": "b,c"}


def test_columns_without_a_name_may_be_empty() -> None:
    first, second = read("user,,note,\na,,b,\nc,d,e,f\n")
    assert isinstance(first, ImportLine)
    assert first.cells == {"user": "a", "note": "b"}
    assert second == RejectedLine(3, "The line has a cell in column 2, which has no name in the header.", b"c,d,e,f")


def test_a_line_is_known_by_its_number_and_cells() -> None:
    """These are parts of the keys that are stored: another file or version must find them again."""
    text = 'user,amount,note\n"u1",1,"two\nlines"\nu2,,\nu3\n'
    lines = [line for line in read(text) if isinstance(line, ImportLine)]
    assert [(line.last_number, line.digest) for line in lines] == [
        (3, "bf354504619cb8ca259fbbae"),
        (4, "ea0ca6247393417bc7e0b03e"),
        (5, "ede496c814e3a39f04fbb105"),
    ]
    made = command({"amount": "5"}, amount="amount")
    assert made.idempotency_key == "line-2-c5681c184429813c0d66d84c-digest"


def test_a_file_and_its_gz_are_one_source(tmp_path: Path) -> None:
    assert unzipped_name(tmp_path / "a.csv") == unzipped_name(tmp_path / "a.csv.gz") == "a.csv"


def test_a_column_that_no_line_of_json_has_stops_the_import() -> None:
    def lines(text: str, **mapping: Any) -> list[ImportLine | RejectedLine]:
        content = io.BytesIO(text.encode())
        needed = Mapping(**{"participant": "user", **mapping}).never_missing
        return list(with_columns(read_jsonl(content, content), needed))

    text = '{"user": "a", "at": null}\n{"user": "b", "what": "x"}\nno json\n' * 10
    assert len(lines(text, timestamp="at", event="what", reason="why", numbers=frozenset({"score"}))) == 30
    with pytest.raises(ImportStoppedError) as caught:
        lines(text, timestamp="att")
    assert str(caught.value) == "None of the first 20 lines has 'att'; their fields are user, at, what."
    with pytest.raises(ImportStoppedError, match=r"use --event-name login\.$"):
        lines(text, event="login")
    assert lines("", timestamp="at") == []
    assert len(lines("no json\n", timestamp="at")) == 1


def test_names_that_come_twice_in_a_line_of_json() -> None:
    """As in the API: refused where they are the line's own, and inside a value the last one counts."""
    content = io.BytesIO(b'{"user": "a", "order": {"id": 1, "id": 2}}\n{"user": "a", "user": "b"}\n')
    first, second = read_jsonl(content, content)
    assert isinstance(first, ImportLine)
    assert first.cells == {"user": "a", "order": {"id": 2}}
    assert isinstance(second, RejectedLine)
    assert second.sentence == "user is given more than once; send it once."


def test_json_lines_are_read_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.jsonl.gz"
    with gzip.open(path, "wb") as file:
        file.write(b'\xef\xbb\xbf{"user": "a"}\r\n\n{"user": "')
        for _ in range(64):
            file.write(b"x" * 1024 * 1024)
        file.write(b'"}\n{"user": "b"}')
    with opened(path) as (content, raw):
        found = list(read_jsonl(content, raw))
    assert [(line.number, isinstance(line, ImportLine)) for line in found] == [(1, True), (3, False), (4, True)]
    assert max(len(line.content) for line in found) == 1024 * 1024


# Cells

LATE = datetime(2026, 3, 31, 23, 59, 59, 999999, UTC)


@pytest.mark.parametrize(
    ("cell", "mapping", "expected"),
    [
        ("2026-03-31T23:59:59.9999999Z", {}, LATE),
        ("2026-03-31T23:59:60Z", {}, LATE),
        ("2026-03-31 12:00:00", {}, datetime(2026, 3, 31, 12, tzinfo=UTC)),
        ("2026-03-31T12:00:00", {"time_zone": LISBON}, datetime(2026, 3, 31, 11, tzinfo=UTC)),
        ("2026-03-31T12:00:00+00:00", {"time_zone": LISBON}, datetime(2026, 3, 31, 12, tzinfo=UTC)),
        # A date is the beginning of that day where days of the project begin, unless a zone is named.
        ("2026-03-31", {}, datetime(2026, 3, 31, 4, tzinfo=UTC)),
        ("2026-03-31", {"time_zone": LISBON}, datetime(2026, 3, 30, 23, tzinfo=UTC)),
        ("31.03.2026", {"date_format": "%d.%m.%Y"}, datetime(2026, 3, 31, 4, tzinfo=UTC)),
        ("31.03.26 12:30", {"date_format": "%d.%m.%y %H:%M"}, datetime(2026, 3, 31, 12, 30, tzinfo=UTC)),
        (
            "03/31/2026 12:30 PM",
            {"date_format": "%m/%d/%Y %I:%M %p", "time_zone": NEW_YORK},
            datetime(2026, 3, 31, 16, 30, tzinfo=UTC),
        ),
        ("31.03.2026 23:59:59.9999999", {"date_format": "%d.%m.%Y %H:%M:%S.%f"}, LATE),
        # A leap second (RFC 3339, 5.7) is the last microsecond of its minute.
        ("31.03.2026 23:59:60", {"date_format": "%d.%m.%Y %H:%M:%S"}, LATE),
        ("31.03.2026 23:59:60.5", {"date_format": "%d.%m.%Y %H:%M:%S.%f"}, LATE),
        ("2026-04-01 01:59:60 +0200", {"date_format": "%Y-%m-%d %H:%M:%S %z", "time_zone": LISBON}, LATE),
        ("20260331T1230+0200", {"date_format": "%Y%m%dT%H%M%z"}, datetime(2026, 3, 31, 10, 30, tzinfo=UTC)),
        # The hour that a change of clocks repeats is the first of the two, one that it leaves out is moved by it.
        ("2026-10-25T01:30:00", {"time_zone": LISBON}, datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-03-29T01:30:00", {"time_zone": LISBON}, datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("", {}, None),
    ],
)
def test_times(cell: str, mapping: dict[str, Any], expected: datetime | None) -> None:
    for kind in ({"streak": "s"}, {"event_name": "e"}, {"points": 1}):
        cells = {"at": cell} if cell else {}
        assert command(cells, NEW_YORK, timestamp="at", **kind, **mapping).occurred_at == expected


@pytest.mark.parametrize(
    ("cell", "mapping", "sentence"),
    [
        ("31.03.2026", {}, "timestamp must be an RFC 3339 time such as 2026-02-14T10:00:00Z."),
        ("2026-02-30", {}, "timestamp must be a valid date, not 2026-02-30."),
        (
            "31.03.2026",
            {"date_format": "%d.%m.%Y %H:%M"},
            "timestamp must be in the format %d.%m.%Y %H:%M, not '31.03.2026'.",
        ),
        (
            "31.03.2026 12:00:61",
            {"date_format": "%d.%m.%Y %H:%M:%S"},
            "timestamp must be in the format %d.%m.%Y %H:%M:%S, not '31.03.2026 12:00:61'.",
        ),
        ("1969-12-31T23:59:59Z", {}, "timestamp must not be before 1970, but is 1969-12-31T23:59:59Z."),
        ("1900-01-01", {}, "timestamp must not be before 1970, but is 1900-01-01."),
        ("01.01.0001", {"date_format": "%d.%m.%Y"}, "timestamp must not be before 1970, but is 01.01.0001."),
        (
            "1970-01-01",
            {"time_zone": LISBON},  # an hour ahead of UTC in that year
            "timestamp must not be before 1970, but is 1970-01-01.",
        ),
    ],
)
def test_times_that_are_refused(cell: str, mapping: dict[str, Any], sentence: str) -> None:
    for kind in ({"streak": "s"}, {"event_name": "e"}, {"points": 1}):
        assert refused({"at": cell}, timestamp="at", **kind, **mapping) == sentence


@pytest.mark.parametrize("form", ["%H:%M", "%d.%m.", "%Y", "%m/%Y", "%Q", "", "%d.%m.%Y %", "2001-11-23"])
def test_date_formats_that_read_no_date(form: str) -> None:
    with pytest.raises(ImportStoppedError, match="must have a year, a month and a day"):
        check_date_format(form)


def test_date_formats() -> None:
    for form in ("%d.%m.%Y", "%m/%d/%y %I:%M %p", "%Y-%m-%dT%H:%M:%S.%f%z", "%b %d %Y"):
        check_date_format(form)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("12", 12), ("-0.5", -0.5), ("1e3", 1000.0), ("007", 7), ("12.0", 12.0), ("9" * 25, int("9" * 25))],
)
def test_numbers(cell: str, expected: float) -> None:
    made = command({"score": cell, "text": cell}, event_name="e", numbers=frozenset({"score"}))
    assert isinstance(made, RecordEvent)
    assert made.properties == {"score": expected, "text": cell}
    assert type(made.properties["score"]) is type(expected)


@pytest.mark.parametrize("cell", ["ten", "12,5", " 1", "1_000", "1e999", "NaN", "inf", "0x10", "9" * 101, "٣", "+1"])
def test_what_is_no_number(cell: str) -> None:
    sentence = refused({"score": cell}, event_name="e", numbers=frozenset({"score"}))
    assert sentence.startswith("score must be a number such as 12 or 12.5, not ")


def test_numbers_that_are_not_there_are_left_out() -> None:
    assert command({}, event_name="e", numbers=frozenset({"score"})).properties == {}


def test_the_same_points_for_all_lines() -> None:
    made = command({"note": "x"}, points=10)
    assert isinstance(made, AwardPoints)
    assert (made.amount, made.metadata) == (10, {"note": "x"})
    assert isinstance(command({}, streak="s"), RecordStreak)


# What is told


def test_texts_where_numbers_are_added_up_are_told_once() -> None:
    board = Leaderboard(
        id="b",
        code="top",
        name="T",
        generations=(Generation(id=1, metric="event_sum", event_name=None, property="score"),),
    )
    objective = Objective(code="o", name="O", event_name="run", target=1, measure="sum", property="km")
    texts = StringsInSums(
        definitions_with(
            1, leaderboards=[board], challenges=[Challenge(id="c", code="far", name="F", objectives=(objective,))]
        )
    )

    def warning(name: str, **properties: Any) -> str | None:
        return texts.warning(RecordEvent(project_id=1, participant_id="a", event_name=name, properties=properties))

    assert warning("any", score=1, km="1") is None
    assert warning("run", score=1, km=1.5) is None
    assert warning("run", km="1") == (
        "The challenge far sums the property km of the event run, but here it is a string: '1'. Strings count "
        "as 0; import the column as numbers with --number km."
    )
    assert warning("run", km="1") is None
    assert (warning("any", score="1") or "").startswith("The leaderboard top sums the property score")


def monthly(**optional: Any) -> Challenge:
    objective = Objective(code="o", name="O", event_name="run", target=1)
    return Challenge(
        **{"id": "c", "code": "far", "name": "F", "objectives": (objective,), "period": "monthly", **optional}
    )


def late(
    events: list[tuple[str, str, datetime | None]], *challenges: Challenge, rules: tuple[Rule, ...] = ()
) -> list[str]:
    """What is told of these events: participant, name, time."""
    closed = ClosedPeriods(definitions_with(1, challenges=challenges, rules=rules))
    for number, (participant, name, at) in enumerate(events, start=2):
        line = ImportLine(number, number, {}, "", b"", 0)
        closed.add(line, RecordEvent(project_id=1, participant_id=participant, event_name=name, occurred_at=at))
    return closed.warnings()


def test_events_too_late_for_a_challenge_of_a_period_are_told() -> None:
    months = [datetime(2026, month, 28, tzinfo=UTC) for month in range(1, 12)]
    ascending = [("ann", "run", at) for at in months]
    assert late(ascending * 2, monthly()) == [
        "8 lines, the first one line 13, come after later events of the same participant, too late for the challenge "
        "far, whose late_periods is the number of past periods that stay open. Sort the file by time, oldest first, "
        "before you import it."
    ]
    assert late(ascending, monthly()) == []
    assert late(ascending[:3][::-1], monthly()) == []
    (told,) = late(ascending[:3][::-1], monthly(late_periods=1))
    assert told.startswith("Line 4 comes after later events")
    # Each participant's own order counts, and what the challenge takes.
    assert late([*ascending, *(("bob", "run", at) for at in months)], monthly()) == []
    assert late([("ann", "run", None), *ascending], monthly()) != []
    for challenge in (
        monthly(period=None),
        monthly(is_active=False),
        monthly(joins_automatically=False),
        monthly(ends_at=datetime(2026, 1, 29, tzinfo=UTC)),
    ):
        assert late(ascending[::-1], challenge) == []
    walks = [("ann", "walk", at) for _, _, at in ascending[::-1]]
    assert late(walks, monthly()) == []
    rule = Rule(id="r", code="r", name="R", event_name="walk", actions=(AdvanceChallenge(challenge_code="far"),))
    assert len(late(walks, monthly(), monthly(id="d", code="other"), rules=(rule,))) == 1


def test_what_is_kept_of_participants_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("laurels.config.importing.warnings.WATCHED_RUNS", 2)
    new, old = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    (told,) = late([(name, "run", at) for at in (new, old) for name in "abc"], monthly())
    assert told.startswith("2 lines, the first one line 5,")


def test_lines_of_progress() -> None:
    written: list[str] = []
    moment = 100.0
    progress = ProgressLines(2_000, written.append, lambda: moment)
    for seconds, lines in ((1.0, 10), (SECONDS_BETWEEN_LINES, 5_000), (1.0, 6_000), (SECONDS_BETWEEN_LINES, 7_000)):
        moment += seconds
        progress.update(Summary(imported=lines - 1, rejected=1), lines // 5)
    assert written == [
        "5,000 lines, 1 of them rejected, 455 per second, 50 % of the file\n",
        "7,000 lines, 1 of them rejected, 318 per second, 70 % of the file\n",
    ]


def test_the_file_of_rejected_lines_has_the_lines_themselves(tmp_path: Path) -> None:
    imported = tmp_path / "in.csv"
    imported.touch()
    file = RejectionsFile(tmp_path / "out.csv", imported)
    contents = [b"u1,1,x", b'u2,"a, ""b""\nc",\xe9', b'{"user": "a"}', b"=1+1,2", b" lone\rCR"]
    for number, content in enumerate(contents, start=2):
        file.add(RejectedLine(number, "It is not.", content))
        # Each is there as soon as it has been rejected, whatever becomes of the process.
        with (tmp_path / "out.csv").open(newline="", errors="surrogateescape") as written:
            *_, last = csv.DictReader(written)
        shown = last["content"].encode(errors="surrogateescape")
        assert (last["line"], last["reason"], shown.removeprefix(b"'")) == (str(number), "It is not.", content)


def test_the_file_of_rejected_lines_is_not_the_one_that_is_imported(tmp_path: Path) -> None:
    imported = tmp_path / "in.csv"
    imported.write_text("user\na\n")
    (tmp_path / "link.csv").symlink_to(imported)
    for path in (imported, tmp_path / "link.csv"):
        with pytest.raises(ImportStoppedError, match="would overwrite"):
            RejectionsFile(path, imported)
    assert imported.read_text() == "user\na\n"
