"""`laurels import`: real data, again and again, interrupted, and wrong."""

import csv
import gzip
import json
import os
import signal
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from laurels.storage.lanes import lane_of
from tests.checks import query, waiting_for_locks
from tests.conftest import TEMPLATE
from tests.processes import Forked, laurels, without_settings
from tests.support import Databases, check, eventually

COMMITS = Path(__file__).parents[1] / "examples" / "commits" / "commits.csv.gz"
COMMIT_OPTIONS = ("--amount", "files_changed", "--key", "commit", "--timestamp", "timestamp")


@pytest.fixture
def url(databases: Databases) -> str:
    return databases.create(TEMPLATE)


def imported(url: str, *arguments: str, code: int = 0) -> str:
    done = laurels("import", *arguments, "--database-url", url)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def accounts(url: str) -> dict[str, tuple[int, int, int]]:
    """Total earned, balance and number of transactions of each participant."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT participant_id, total_earned, balance, transactions "
            "FROM participant JOIN account USING (lane, subject)"
        ).fetchall()
    return {name: (earned, balance, transactions) for name, earned, balance, transactions in rows}


def expected_commits() -> tuple[dict[str, tuple[int, int, int]], list[int]]:
    """By plain reading of the file: the accounts, and the lines that change no file."""
    totals: dict[str, int] = defaultdict(int)
    counts: dict[str, int] = defaultdict(int)
    empty = []
    with gzip.open(COMMITS, "rt", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            files = int(row["files_changed"])
            if files == 0:
                empty.append(number)
                continue
            totals[row["participant_id"]] += files
            counts[row["participant_id"]] += 1
    return {name: (totals[name], totals[name], counts[name]) for name in totals}, empty


def test_commits_give_every_author_the_right_total(url: str, tmp_path: Path) -> None:
    expected, empty = expected_commits()
    rejections = tmp_path / "rejections.csv"
    out = imported(url, str(COMMITS), *COMMIT_OPTIONS, "--rejections", str(rejections))
    assert out.startswith("8410 imported, 0 already imported, 29 rejected")
    assert accounts(url) == expected
    with rejections.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["line"]) for row in rows] == empty
    assert len(empty) == 29
    assert {row["reason"] for row in rows} == {"amount must be at least 1."}
    assert imported(url, str(COMMITS), *COMMIT_OPTIONS).startswith("0 imported, 8410 already imported, 29 rejected")
    assert accounts(url) == expected
    with psycopg.connect(url) as connection:
        first = connection.execute(
            "SELECT occurred_at AT TIME ZONE 'UTC' FROM journal ORDER BY occurred_at LIMIT 1"
        ).fetchone()
    assert str(first[0]) == "2015-01-25 01:31:35"  # type: ignore[index]
    check(url)


@contextmanager
def stumbling_block(url: str) -> Iterator[None]:
    """Meanwhile an import of the commits gets no further than half of the file: an author who first comes there is
    about to be created by somebody else."""
    with gzip.open(COMMITS, "rt", newline="") as file:
        names = [row["participant_id"] for row in csv.DictReader(file)]
    name = next(name for place, name in enumerate(names) if place > len(names) // 2 and name not in names[:place])
    with psycopg.connect(url) as connection:
        project_id: int = connection.execute("SELECT id FROM project").fetchone()[0]  # type: ignore[index]
        connection.execute(
            "INSERT INTO participant (lane, subject, project_id, participant_id, created_at) "
            "VALUES (%s, gen_random_uuid(), %s, %s, now())",
            (lane_of(project_id, name), project_id, name),
        )
        yield
        connection.rollback()


def transactions(url: str) -> int:
    return sum(of_one for _, _, of_one in accounts(url).values())


def wait_until_nobody_is_connected(url: str) -> None:
    """What a killed import has sent is still carried out."""
    others = (
        "SELECT 1 FROM pg_stat_activity"
        " WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        " AND application_name NOT LIKE 'citus%'"
    )
    eventually(lambda: not query(url, others), seconds=30)


@pytest.mark.parametrize("number", [pytest.param(signal.SIGKILL, marks=pytest.mark.all_cases), signal.SIGINT])
def test_an_interrupted_import_goes_on_where_it_stopped(url: str, tmp_path: Path, number: int) -> None:
    expected, empty = expected_commits()
    rejections = tmp_path / "rejections.csv"
    with stumbling_block(url):
        process = Forked(
            ["import", str(COMMITS), *COMMIT_OPTIONS, "--rejections", str(rejections), "--database-url", url],
            environment=without_settings(),
            stderr=str(tmp_path / "errors"),
        )
        eventually(lambda: transactions(url) > 0 and waiting_for_locks(url) > 0, seconds=60)
        os.kill(process.pid, number)
    code = process.wait(60)
    wait_until_nobody_is_connected(url)
    if number == signal.SIGINT:
        told = (tmp_path / "errors").read_text()
        assert told == "laurels: Interrupted. Run the same command again: it continues where it stopped.\n"
        assert code == 1
    # What it had rejected is written down whole, with the lines themselves.
    assert rejections.read_bytes().endswith(b"\n")
    with rejections.open(newline="") as file:
        written = list(csv.DictReader(file))
    assert [int(row["line"]) for row in written] == empty[: len(written)]
    assert all(row["content"].endswith(",0") for row in written)
    before = transactions(url)
    assert 0 < before < 8410
    out = imported(url, str(COMMITS), *COMMIT_OPTIONS)
    assert out.startswith(f"{8410 - before} imported, {before} already imported, 29 rejected")
    assert accounts(url) == expected
    check(url)


def test_json_lines_keep_types_and_lines_are_their_own_keys(url: str, tmp_path: Path) -> None:
    lines = [
        {"participant_id": "a", "amount": 5, "order": {"id": 7}, "note": "x"},
        {"participant_id": "a", "amount": 5, "order": {"id": 7}, "note": "x"},
        {"participant_id": "a", "amount": "5"},
        {"participant_id": "a", "amount": 5.5},
        {"participant_id": "", "amount": 5},
        {"amount": 5},
        {"participant_id": "b", "amount": 2, "timestamp": "yesterday"},
        {"participant_id": "b", "amount": 2, "timestamp": "2020-01-01T00:00:00"},
    ]
    file = tmp_path / "awards.jsonl.gz"
    text = "\n".join([*(json.dumps(line) for line in lines), "", "no json", '["a list"]'])
    with gzip.open(file, "wt") as out:
        out.write(text)
    report = imported(url, str(file), "--amount", "amount", "--timestamp", "timestamp")
    assert report.splitlines()[0].startswith("3 imported, 0 already imported, 7 rejected")
    assert report.splitlines()[1:6] == [
        "line 3: amount must be a whole number, not a string.",
        "line 4: amount must be a whole number.",
        "line 5: participant_id must not be empty.",
        "line 6: participant_id must be a string, not null.",
        "line 7: timestamp must be an RFC 3339 time such as 2026-02-14T10:00:00Z.",
    ]
    assert "line 10: The line is not valid JSON" in report
    assert "line 11: The line must be an object" in report
    assert accounts(url) == {"a": (10, 10, 2), "b": (2, 2, 1)}
    with psycopg.connect(url) as connection:
        metadata = connection.execute("SELECT data->'metadata' FROM journal WHERE data ? 'metadata'").fetchall()
    assert metadata == [({"order": {"id": 7}, "note": "x"},)] * 2
    assert imported(url, str(file), "--amount", "amount", "--timestamp", "timestamp").startswith(
        "0 imported, 3 already"
    )


def test_a_key_that_is_null_is_no_key(url: str, tmp_path: Path) -> None:
    file = tmp_path / "awards.jsonl"
    lines = [{"participant_id": "a", "amount": 5, "order": order} for order in (None, None, "o-1", "o-1")]
    file.write_text("\n".join(json.dumps(line) for line in lines))
    report = imported(url, str(file), "--amount", "amount", "--key", "order")
    assert report.startswith("3 imported, 1 already imported, 0 rejected")


def test_events_have_the_limits_of_the_api(url: str, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    names = ["x" * 101, "two\nlines", "fine"]
    lines = [{"participant_id": "a", "what": name} for name in names]
    lines.append({"participant_id": "a", "what": "fine", "note": "x" * 65_536})
    file.write_text("\n".join(json.dumps(line) for line in lines))
    report = imported(url, str(file), "--event", "what").splitlines()
    assert report[0].startswith("1 imported, 0 already imported, 3 rejected")
    assert [line.split(":")[0] for line in report[1:4]] == ["line 1", "line 2", "line 4"]
    assert report[3] == "line 4: properties must have at most 65536 bytes of JSON."


def test_events(url: str, tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    file.write_text("who,what,page\nann,viewed,home\nann,bought,shop\nbob,,home\n")
    out = imported(url, str(file), "--participant", "who", "--event", "what")
    assert out.splitlines()[0].startswith("2 imported, 0 already imported, 1 rejected")
    assert "line 4: event_name must be a string, not null." in out
    with psycopg.connect(url) as connection:
        events = connection.execute("SELECT kind, data FROM journal ORDER BY seq").fetchall()
    assert events == [
        ("event_recorded", {"event_name": "viewed", "properties": {"page": "home"}}),
        ("event_recorded", {"event_name": "bought", "properties": {"page": "shop"}}),
    ]
    check(url)


@pytest.mark.parametrize("amount", ["1.5", "ten", "1_000", " 5", "٣", "1e3", "+5"])
def test_an_amount_in_csv_is_written_as_digits(url: str, tmp_path: Path, amount: str) -> None:
    file = tmp_path / "awards.csv"
    file.write_text(f"participant_id,amount\nann,{amount}\nann,7\n")
    out = imported(url, str(file), "--amount", "amount")
    assert f"line 2: amount must be a whole number, not {amount!r}." in out
    assert accounts(url) == {"ann": (7, 7, 1)}


AT = ("--points", "1", "--timestamp", "at")


@pytest.mark.parametrize(
    ("name", "content", "options", "sentence"),
    [
        (
            "a.csv",
            "participant_id,points\na,1\n",
            ["--amount", "amount"],
            "its columns are participant_id, points",
        ),
        ("a.csv", "participant_id,amount\na,1\n", [], "Choose the kind of the lines: --amount"),
        (
            "a.csv",
            "participant_id,amount\na,1\n",
            ["--amount", "amount", "--event", "x"],
            "Choose the kind of the lines: --amount",
        ),
        ("a.txt", "participant_id,amount\na,1\n", ["--amount", "amount"], "--format csv or --format jsonl"),
        ("a.csv", "participant_id,amount\na,1\n", ["--amount", "amount", "--project", "x"], "no project 'x'"),
        ("a.csv", "participant_id,amount,amount\na,1,2\n", ["--amount", "amount"], "has the name 'amount' twice"),
        ("a.csv", "participant_id;amount\na;1\n", ["--amount", "amount"], "add --delimiter ';'"),
        ("a.csv", "participant_id,amount\na,1\n", ["--amount", "amount", "--delimiter", ";;"], "one character or tab"),
        ("a.jsonl", "{}", ["--amount", "amount", "--delimiter", ";"], "is only for CSV"),
        ("a.csv", "participant_id,at\na,1\n", ["--event", "at", "--event-name", "x"], "Use --event for a column"),
        ("a.csv", "participant_id,at\na,1\n", ["--amount", "at", "--points", "1"], "Use --amount for a column"),
        ("a.csv", "participant_id,at\na,1\n", ["--event", "login"], "use --event-name login"),
        ("a.csv", "participant_id,at\na,1\n", ["--streak", "nope"], "There is no streak 'nope'; use one of daily"),
        ("a.csv", "participant_id,at\na,\n", [*AT, "--time-zone", "Mars"], "There is no time zone 'Mars'"),
        ("a.csv", "participant_id,at\na,\n", [*AT, "--date-format", "%H"], "must have a year"),
        ("a.csv", "participant_id\na\n", ["--points", "1", "--date-format", "%d.%m.%Y"], "need --timestamp"),
        ("a.csv", "participant_id\na\n", ["--points", "1", "--time-zone", "Europe/Berlin"], "need --timestamp"),
        ("a.csv", "participant_id,why\na,x\n", ["--event-name", "e", "--reason", "why"], "--reason is only for awards"),
        (
            "a.csv",
            "participant_id,km\na,1\n",
            ["--streak", "s", "--number", "km"],
            "--number is only for awards",
        ),
    ],
)
def test_what_cannot_be_imported_is_one_sentence(
    url: str, tmp_path: Path, name: str, content: str, options: list[str], sentence: str
) -> None:
    file = tmp_path / name
    file.write_text(content)
    assert sentence in imported(url, str(file), *options, code=1)
    assert accounts(url) == {}


def test_a_line_that_two_files_share_counts_twice(url: str, tmp_path: Path) -> None:
    for week, amounts in (("week1", (10, 20)), ("week2", (10, 30))):
        file = tmp_path / f"{week}.csv"
        file.write_text("participant_id,amount\n" + "".join(f"week,{amount}\n" for amount in amounts))
        assert imported(url, str(file), "--amount", "amount").startswith("2 imported, 0 already imported")
    assert accounts(url) == {"week": (70, 70, 4)}
    renamed = (tmp_path / "week2.csv").rename(tmp_path / "archived.csv")
    out = imported(url, str(renamed), "--amount", "amount", "--source", "week2.csv")
    assert out.startswith("0 imported, 2 already imported")


BROKEN_LINES = {
    "csv": [
        (b"lat\xe9,3", "The line is not UTF-8."),
        (b"a,b,c", "The line has more cells than the header."),
        (b"wide," + b"1" * 1_100_000, "The line is longer than 1048576 bytes."),
        (b",4", "participant_id"),
    ],
    "jsonl": [
        (b'{"participant_id": "lat\xe9", "amount": 3}', "not valid JSON in UTF-8"),
        (
            b'{"participant_id": "deep", "amount": 3, "x": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
            "up to 32 levels deep",
        ),
        (b'{"participant_id": "long", "amount": 3, "x": "' + b"x" * 1_100_000 + b'"}', "longer than 1048576 bytes"),
        (b"[1]", "must be an object"),
    ],
}


@pytest.mark.parametrize("ending", BROKEN_LINES)
def test_broken_lines_are_rejected_by_number_and_the_rest_counts(url: str, tmp_path: Path, ending: str) -> None:
    good = b"good,1" if ending == "csv" else b'{"participant_id": "good", "amount": 1}'
    lines = [b"participant_id,amount"] if ending == "csv" else []
    expected = []
    for broken, sentence in BROKEN_LINES[ending]:
        lines += [broken, good]
        expected.append((len(lines) - 1, sentence))
    file = tmp_path / f"broken.{ending}"
    file.write_bytes(b"\n".join(lines) + b"\n")
    out = imported(url, str(file), "--amount", "amount")
    assert out.startswith(f"{len(expected)} imported, 0 already imported, {len(expected)} rejected"), out[:500]
    shown = {int(line.split()[1].rstrip(":")): line for line in out.splitlines() if line.startswith("line ")}
    for number, sentence in expected:
        assert sentence in shown[number]
    assert accounts(url) == {"good": (len(expected), len(expected), len(expected))}


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("bad.csv.gz", b"not gz", "is not a valid gzip file"),
        ("cut.csv.gz", gzip.compress(b"participant_id,amount\n" + b"a,1\n" * 50_000)[:150], "is incomplete"),
        ("utf16.csv", "participant_id,amount\na,1\n".encode("utf-16"), "not UTF-8"),
        ("empty.csv", b"", "is empty"),
    ],
)
def test_a_damaged_file_is_one_sentence(url: str, tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    out = imported(url, str(file), "--amount", "amount", code=1)
    assert sentence in out
    # Progress comes before it where the machine is slow.
    assert sum(line.startswith("laurels: ") for line in out.splitlines()) == 1
    assert out.splitlines()[-1].startswith("laurels: ")


def test_rejections_that_cannot_be_written_stop_before_anything_is_imported(url: str, tmp_path: Path) -> None:
    file = tmp_path / "one.csv"
    file.write_text("participant_id,amount\na,1\n")
    out = imported(url, str(file), "--amount", "amount", "--rejections", str(tmp_path / "no" / "x.csv"), code=1)
    assert "cannot be written" in out
    assert accounts(url) == {}


def test_quotes_that_do_not_add_up_lose_no_line_unsaid(url: str, tmp_path: Path) -> None:
    file = tmp_path / "quotes.csv"
    file.write_text('user,amount,note\nu1,1,"24 inch\nu2,2,x\nu3,3,y\n')
    rejections = tmp_path / "rejections.csv"
    out = imported(url, str(file), "--participant", "user", "--amount", "amount", "--rejections", str(rejections))
    assert out.startswith("2 imported, 0 already imported, 1 rejected")
    assert "line 2: A quote opens in column 3 and is never closed." in out
    assert accounts(url) == {"u2": (2, 2, 1), "u3": (3, 3, 1)}
    with rejections.open(newline="") as written:
        assert [row["content"] for row in csv.DictReader(written)] == ['u1,1,"24 inch']


def test_quotes_that_add_up_by_chance_lose_no_line_unsaid(url: str, tmp_path: Path) -> None:
    file = tmp_path / "quotes.csv"
    lines = ['u1,1,"24 inch', "u2,2", "u3,3", 'u4,4,17"', "u5,5,ok", 'u6,6,"a', 'note"']
    file.write_text("\n".join(["user,amount,note", *lines]))
    rejections = tmp_path / "rejections.csv"
    options = (str(file), "--participant", "user", "--amount", "amount", "--rejections", str(rejections))
    for arguments, report in (
        ([*options, "--dry-run"], "Dry run: 2 can be imported, 4 are rejected"),
        (options, "2 imported, 0 already imported, 4 rejected"),
    ):
        out = imported(url, *arguments)
        assert report in out
        assert "line 3: A quoted cell reaches from line 2 to line 5 and contains the delimiter" in out
        assert "Warning: Lines 7 to 8 are one record" in out
        with rejections.open(newline="") as written:
            assert [row["content"] for row in csv.DictReader(written)] == lines[:4]
    assert accounts(url) == {"u5": (5, 5, 1), "u6": (6, 6, 1)}


def define(url: str, tmp_path: Path, definitions: str) -> None:
    file = tmp_path / "definitions.yaml"
    file.write_text(definitions)
    done = laurels("apply", str(file), "--yes", "--database-url", url)
    assert done.returncode == 0, done.stderr


DEFINITIONS = """
streaks:
  - {code: daily, name: Daily, period: daily}
  - {code: gone, name: Gone, period: daily, is_active: false}
leaderboards:
  - {code: top, name: Top, metric: event_sum, event_name: run, property: km}
"""
RUNS = "wer;wann;km;was\nann;31.03.2026 23:30;12.5;5\nbob;30.02.2026 12:00;1;7\nann;01.04.2026 00:30;7;8\n"
RUN_OPTIONS = ("--participant", "wer", "--delimiter", ";", "--timestamp", "wann", "--event-name", "run")
RUN_TIMES = ("--date-format", "%d.%m.%Y %H:%M", "--time-zone", "Europe/Berlin")


def test_files_as_spreadsheets_write_them(url: str, tmp_path: Path) -> None:
    define(url, tmp_path, DEFINITIONS)
    file = tmp_path / "runs.csv"
    file.write_bytes(b"\xef\xbb\xbf" + RUNS.replace("\n", "\r\n").encode())
    options = (str(file), *RUN_OPTIONS, *RUN_TIMES)
    looked_at = imported(url, *options, "--dry-run")
    assert "Dry run: 2 can be imported, 1 are rejected; nothing was imported" in looked_at
    assert "line 3: timestamp must be in the format %d.%m.%Y %H:%M, not '30.02.2026 12:00'." in looked_at
    assert '"event_name":"run","properties":{"km":"12.5","was":"5"},"occurred_at":"2026-03-31T21:30:00Z"' in looked_at
    assert "Warning: The leaderboard top sums the property km of the event run, but here it is a string" in looked_at
    assert query(url, "SELECT 1 FROM journal") == []
    out = imported(url, *options, "--number", "km")
    assert out.startswith("2 imported, 0 already imported, 1 rejected")
    assert "Warning" not in out
    events = query(url, "SELECT data->'properties', occurred_at AT TIME ZONE 'UTC' FROM journal ORDER BY seq")
    assert [(properties, str(at)) for properties, at in events] == [
        ({"km": 12.5, "was": "5"}, "2026-03-31 21:30:00"),
        ({"km": 7, "was": "8"}, "2026-03-31 22:30:00"),
    ]
    check(url)


def test_the_same_file_with_other_options_names_the_reason(url: str, tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    file.write_text("participant_id,what\nann,login\n")
    imported(url, str(file), "--event", "what")
    out = imported(url, str(file), "--event-name", "login")
    assert out.startswith("0 imported, 0 already imported, 1 rejected")
    assert "line 2: The line was already imported with other options" in out
    assert imported(url, str(file), "--event-name", "login", "--source", "logins").startswith("1 imported")


def test_a_file_and_its_gz_are_one_source(url: str, tmp_path: Path) -> None:
    text = "participant_id\nann\nbob\n"
    (tmp_path / "people.csv").write_text(text)
    (tmp_path / "people.csv.gz").write_bytes(gzip.compress(text.encode()))
    assert imported(url, str(tmp_path / "people.csv"), "--points", "10").startswith("2 imported")
    again = imported(url, str(tmp_path / "people.csv.gz"), "--points", "10")
    assert again.startswith("0 imported, 2 already imported, 0 rejected")
    assert accounts(url) == {"ann": (10, 10, 1), "bob": (10, 10, 1)}


def test_a_streak_that_no_line_can_be_recorded_for_stops_at_once(url: str, tmp_path: Path) -> None:
    define(url, tmp_path, DEFINITIONS)
    file = tmp_path / "days.csv"
    file.write_text("participant_id,day\nann,2026-03-01\nann,2026-03-02\nann,2026-03-02\n")
    options = (str(file), "--timestamp", "day", "--streak")
    assert "There is no streak 'nope'; use one of daily, gone." in imported(url, *options, "nope", code=1)
    assert "The streak 'gone' is not active." in imported(url, *options, "gone", code=1)
    assert imported(url, *options, "daily").startswith("2 imported, 1 already imported, 0 rejected")


MONTHLY = """
challenges:
  - code: monthly
    name: Monthly
    period: monthly
    objectives: [{code: seen, name: Seen, event_name: seen, target: 1}]
    actions: [{type: award_points, amount: 100}]
"""


def test_lines_too_late_for_a_challenge_are_told(url: str, tmp_path: Path) -> None:
    define(url, tmp_path, MONTHLY)
    months = [f"{month:02}" for month in range(11, 0, -1)]
    file = tmp_path / "seen.csv"
    file.write_text("participant_id,at\n" + "".join(f"ann,2025-{month}-28\nbob,2025-{month}-28\n" for month in months))
    options = (str(file), "--event-name", "seen", "--timestamp", "at")
    told = "Warning: 16 lines, the first one line 8, come after later events of the same participant, too late for"
    assert told in imported(url, *options, "--dry-run")
    assert told in imported(url, *options)
    assert accounts(url) == {"ann": (300, 300, 3), "bob": (300, 300, 3)}
    header, *lines = file.read_text().splitlines()
    file.write_text("\n".join([header, *(line.replace("ann", "eve") for line in reversed(lines) if "ann" in line)]))
    assert "Warning" not in imported(url, *options, "--source", "sorted")
    assert accounts(url)["eve"] == (1_100, 1_100, 11)
