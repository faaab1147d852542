"""CSV by RFC 4180 (https://www.rfc-editor.org/rfc/rfc4180), and what is no such thing: no line is lost."""

import csv
import io
import time
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from laurels.kernel.input.csv_reader import BrokenRecord, CsvReader, LineSplitter, PhysicalLine, Record

LIMIT_BYTES = 64


def read(content: bytes, *, piece_bytes: int = 1_000_000, delimiter: str = ",") -> list[Record | BrokenRecord]:
    reader = CsvReader(delimiter, limit_bytes=LIMIT_BYTES)
    found: list[Record | BrokenRecord] = []
    for start in range(0, len(content), piece_bytes):
        found += reader.feed(content[start : start + piece_bytes])
    return [*found, *reader.finish()]


def told(content: bytes, **options: int) -> list[list[str] | str]:
    """The cells of each record, or what is wrong with it."""
    return [
        each.cells if isinstance(each, Record) else f"{each.first_line}: {each.problem}"
        for each in read(content, **options)
    ]


UNCLOSED = "A quote opens in column {} and is never closed"
MORE_TEXT = 'More text follows the quoted cell in column {}; inside a quoted cell a quote is written as ""'
WHOLE_LINES = "A quoted cell reaches from line {} to line {} and contains the delimiter, like whole lines between"


@pytest.mark.parametrize(
    ("content", "records"),
    [
        (b"a,b\r\nc,d\r\n", [["a", "b"], ["c", "d"]]),
        # RFC 4180, section 2: the last line may have no end (2), quotes are optional (5), what they may hold (6), and a
        # quote in them is two (7).
        (b"aaa,bbb,ccc\r\nzzz,yyy,xxx", [["aaa", "bbb", "ccc"], ["zzz", "yyy", "xxx"]]),
        (b'"aaa","bbb","ccc"\r\nzzz,yyy,xxx', [["aaa", "bbb", "ccc"], ["zzz", "yyy", "xxx"]]),
        (b'"aaa","b\r\nbb","ccc"\r\nzzz,yyy,xxx', [["aaa", "b\r\nbb", "ccc"], ["zzz", "yyy", "xxx"]]),
        (b'"aaa","b""bb","ccc"', [["aaa", 'b"bb', "ccc"]]),
        (b'"a,b",c\n"""",""\n', [["a,b", "c"], ['"', ""]]),
        (b'a,"one\ntwo; three\n\nfour"\nb,c\n', [["a", "one\ntwo; three\n\nfour"], ["b", "c"]]),
        # A delimiter in another cell than the one with the line break.
        (b'"a, b","one\r\ntwo"\n', [["a, b", "one\r\ntwo"]]),
        # Lines of other systems, and none at all.
        (b"a\rb\rc", [["a"], ["b"], ["c"]]),
        (b"a,b\n\n\r\nc,\n,\n", [["a", "b"], ["c", ""], ["", ""]]),
        (b"", []),
        (b"\xef\xbb\xbfa,b\n", [["a", "b"]]),
        (b'\xef\xbb\xbf"a",b\n', [["a", "b"]]),
        # A quote in a cell that does not begin with one is text.
        (b'a,24" screen,5\'10"\n b, "c"\n', [["a", '24" screen', "5'10\""], [" b", ' "c"']]),
    ],
)
def test_records(content: bytes, records: list[list[str]]) -> None:
    assert told(content) == records


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        # Only the line with the stray quote is broken; those after it are read.
        (b'u1,1,"24 inch\nu2,2,x\nu3,3,y\n', [f"1: {UNCLOSED.format(3)}", ["u2", "2", "x"], ["u3", "3", "y"]]),
        (b'a,"b" c\nd,e\n', [f"1: {MORE_TEXT.format(2)}", ["d", "e"]]),
        (b'a,"b\nc,d\ne,"f"\n', [f"1: {MORE_TEXT.format(2)}", ["c", "d"], ["e", "f"]]),
        (b'a,"b\nc,"d\n', [f"1: {MORE_TEXT.format(2)}", f"2: {UNCLOSED.format(2)}"]),
        (b'"', [f"1: {UNCLOSED.format(1)}"]),
        (b'a,"\nb,""\nc,""\n', [f"1: {UNCLOSED.format(2)}", ["b", ""], ["c", ""]]),
        # Two strays that add up.
        (
            b'u1,1,"24 inch\nu2,2,x\nu3,3,30"\nu4,4,z\n',
            [*(f"{line}: {WHOLE_LINES.format(1, 3)}" for line in (1, 2, 3)), ["u4", "4", "z"]],
        ),
        (b'u1,"24 in,1\nu2,x,2\n\nu3,30",3\n', [f"{line}: {WHOLE_LINES.format(1, 4)}" for line in (1, 2, 4)]),
        # Whatever cells the lines between them have: too few, too many, or parts of them.
        (
            b'u1,1,"24 inch\nu2,2\nu3,3\nu4,4,17"\nu5,5,ok\n',
            [*(f"{line}: {WHOLE_LINES.format(1, 4)}" for line in (1, 2, 3, 4)), ["u5", "5", "ok"]],
        ),
        (b'u1,"24\nu2,2,x,y,z\nu3,3"', [f"{line}: {WHOLE_LINES.format(1, 3)}" for line in (1, 2, 3)]),
        (b'y1,"24 inch\ny2,x,5\ny3,17",6\n', [f"{line}: {WHOLE_LINES.format(1, 3)}" for line in (1, 2, 3)]),
        (b'"24\ru,"\r', [f"{line}: {WHOLE_LINES.format(1, 2)}" for line in (1, 2)]),
        (b"a,b\xe9\nc,d\n", ["1: The line is not UTF-8", ["c", "d"]]),
        (b"a," + b"x" * LIMIT_BYTES + b"\nc,d\n", ["1: The line is longer than 64 bytes", ["c", "d"]]),
    ],
)
def test_what_cannot_be_read(content: bytes, expected: list[list[str] | str]) -> None:
    found = told(content)
    assert len(found) == len(expected)
    for each, wanted in zip(found, expected, strict=True):
        assert each == wanted or (isinstance(each, str) and isinstance(wanted, str) and each.startswith(wanted))


def test_a_stray_quote_takes_no_more_than_the_limit_with_it() -> None:
    lines = [b"u%d,%d" % (number, number) for number in range(100)]
    lines[10] = b'u10,"10'
    found = read(b"\n".join(lines))
    broken = [each for each in found if isinstance(each, BrokenRecord)]
    assert broken == [BrokenRecord(11, 11, b'u10,"10', "A quote opens in column 2 and is not closed within 64 bytes")]
    assert [each.content for each in found] == lines


def test_the_original_lines_are_kept() -> None:
    content = b'\xef\xbb\xbfa,b\r\n"c\r\n","d""e"\r\n\r\nf,"g\r\nlat\xe9,h'
    assert [(each.first_line, each.last_line, each.content) for each in read(content)] == [
        (1, 1, b"\xef\xbb\xbfa,b"),
        (2, 3, b'"c\r\n","d""e"'),
        (5, 5, b'f,"g'),
        (6, 6, b"lat\xe9,h"),
    ]


def test_another_delimiter() -> None:
    assert [each.cells for each in read(b'a;"b;c";d,e\n', delimiter=";") if isinstance(each, Record)] == [
        ["a", "b;c", "d,e"]
    ]


TEXTS = st.text(alphabet='ab,"\n\r é', max_size=8)


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=3), max_size=4), st.sampled_from(["\n", "\r\n"]))
def test_what_a_writer_writes_is_read_back(rows: list[list[str]], ending: str) -> None:
    text = io.StringIO()
    # Without quotes a cell of the writer's may hold a CR, which ends a line.
    csv.writer(text, lineterminator=ending, quoting=csv.QUOTE_ALL).writerows(rows)
    found = read(text.getvalue().encode())
    if all(isinstance(each, Record) for each in found):
        assert [each.cells for each in found if isinstance(each, Record)] == rows
    else:
        # The one thing that is refused although it may be meant.
        assert any("," in cell and ("\n" in cell or "\r" in cell) for row in rows for cell in row)


@given(st.binary(max_size=200) | st.text(alphabet='a,"\n\r', max_size=200).map(str.encode))
@example(b'","\n' * 30)
@example(b'"' + b"a" * 70 + b"\r\n" + b'b"\n')
def test_no_line_is_lost_however_it_comes(content: bytes) -> None:
    found = read(content)
    lines = content.splitlines()
    covered = [(each.first_line, each.last_line) for each in found]
    for (_, last), (first, _) in pairwise([(0, 0), *covered, (len(lines) + 1, 0)]):
        assert first > last
        assert not any(lines[last : first - 1])
    for each in found:
        whole = b"\n".join(lines[each.first_line - 1 : each.last_line])
        shown = b"\n".join(each.content.splitlines())
        assert whole.rstrip(b"\r\n")[:LIMIT_BYTES] in (shown.rstrip(b"\n")[:LIMIT_BYTES], shown[:LIMIT_BYTES])
    for piece_bytes in (1, 2, 7):
        assert read(content, piece_bytes=piece_bytes) == found


@given(st.lists(st.sampled_from([b"a", b"\r", b"\n", b"\r\n", b"a" * 70]), max_size=20), st.integers(1, 5))
def test_lines_however_they_come(parts: list[bytes], piece_bytes: int) -> None:
    content = b"".join(parts)
    splitter = LineSplitter(LIMIT_BYTES)
    found: list[PhysicalLine] = []
    for start in range(0, len(content), piece_bytes):
        found += splitter.feed(content[start : start + piece_bytes])
    found += splitter.finish()
    expected = content.splitlines(keepends=True)
    assert [line.is_too_long for line in found] == [len(line) > LIMIT_BYTES for line in expected]
    assert [line.content for line in found] == [line[:LIMIT_BYTES] for line in expected]


@pytest.mark.parametrize("line", [b'a,"b', b'a,"""b""', b'"a""', b'a"",",', b'""a,"', b'a,"b"c,"d'])
def test_time_and_memory_are_in_proportion_to_the_file(line: bytes) -> None:
    def seconds(lines: int) -> float:
        reader = CsvReader(limit_bytes=1024 * 1024)
        content = (line + b"\n") * lines
        started = time.thread_time()
        count = sum(1 for _ in (*reader.feed(content), *reader.finish()))
        assert count <= lines
        return time.thread_time() - started

    assert min(seconds(16_000) for _ in range(3)) < 10 * min(seconds(4_000) for _ in range(3)) + 0.01
