"""No text makes the server work longer than in proportion to its length.

Every regular expression in `src` is held to it with the worst text for it; one without an entry fails the test. So are
the functions through which a request's texts go.
"""

import ast
import asyncio
import gc
import math
import re
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta, Struct

import laurels
from laurels.config import yaml_values
from laurels.kernel.input.names import UnknownNames
from laurels.mechanics.rewards import code_lists
from laurels.web.protocol import errors
from laurels.web.protocol.errors import Refusal
from laurels.web.requests import decoding
from laurels.web.requests.fields import PageQuery
from laurels.web.requests.forms import Form

SHORT_BYTES = 16 * 1024
LONG_BYTES = 64 * 1024
MOST_GROWTH = 8
"""A text four times as long: in proportion 4, with the square 16."""
MOST_ATTEMPTS = 20

OURS = "meets only texts of ours"
ANCHORED = {"f'(?:{_pattern.pattern})$'"}
"""Those that are only matched from a text's beginning; the others are looked for everywhere, as if they were."""
PERIOD_KEYS = [r"([0-9]{4})-([0-9]{2})-([0-9]{2})", r"([0-9]{4})-W([0-9]{2})", r"([0-9]{4})-([0-9]{2})", r"([0-9]{4})"]
CONTROL_CHARACTERS = r"^[^\x00-\x1f\x7f-\x9f]+$(?!\n)"

# Each pattern's worst text: a beginning, what is repeated, an end.
WORST: dict[str | bytes, tuple[str, str, str] | str] = {
    r"Object missing required field": ("Object missing required field", "`", "\n"),
    r"Object contains unknown field": ("Object contains unknown field", "`", "\n"),
    r"Expected `\w+` of length >= 1$": ("Expected `", "w", "` of length >= 2"),
    r"Expected `(\w+)` of length (>=|<=) (\d+)": ("", "Expected `w", ""),
    r"Expected `(\w+)` (>=|<=) (-?\d+)": ("Expected `", "w", "` >= -"),
    r"Expected `([^`]+)`, got `([^`]+)`": ("", "Expected `a`, got ", ""),
    r"Expected `str` matching regex": ("", "Expected `str` matching ", ""),
    r"Expected `str` matching regex '\^\(\?:\[Hh\]": ("", "Expected `str` matching ", ""),
    r"^(?:[Hh][Tt][Tt][Pp][Ss]?://|[Dd][Aa][Tt][Aa]:[Ii][Mm][Aa][Gg][Ee]/|(?![^/?#]*:))": ("", "a", ":"),
    r"\\([\"\\])": ("", "\\", ""),
    r"Invalid (?:enum )?value (.+)": ("", "Invalid enum ", ""),
    r"[Nn]umber out of range": ("", "Number out of ", ""),
    r"[1-9][0-9]{0,17}": ("1", "1", "x"),
    r"Invalid RFC3339": ("", "Invalid ", ""),
    r"Invalid RFC3339 encoded date(?!time)": ("", "Invalid RFC3339 encoded datetime", ""),
    r"(?:key` in `)?\$([\w.\[\]]*)`": ("", "$.a[0]", "\n"),
    CONTROL_CHARACTERS: ("", "a", "\n"),
    r"^[^\0]*$": ("", "a", "\0"),
    r"^[A-Za-z0-9][A-Za-z0-9_.:-]*$(?!\n)": ("", "a", "\n"),
    r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}": ("", "a", "\n"),
    r"([^.\[\]]+)|\[(\d+)\]": ("", "[1", ""),
    r"[-+]?[0-9]+": ("+", "1", "e"),
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?": ("", "1", "e+"),
    r"0o[0-7]+": ("", "0o", "8"),
    "[\0\ud800-\udfff]": ("", "a", ""),
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]": ("", "a", ""),
    "[\x85\u2028\u2029\r]": ("", "a", ""),
    "f'(?:{_pattern.pattern})$'": ("", "1", "e+"),
    r"ERROR: <input>:(-?\d+):(-?\d+): ([^\n]*)": ("", "ERROR: <input>:1", ""),
    r"^[A-Z_]+: | \[[A-Z_]+\]$": ("", " [A", ""),
    r"Expected `str` matching regex '\^\[A-Za-z0-9\]": ("", "Expected `str` matching regex '", ""),
    r"[A-Za-z0-9_./+-]+": ("", "a", "\n"),
    **dict.fromkeys(PERIOD_KEYS, ("", "2026-W", "\n")),
    r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:)(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:?\d\d)?": ("2026-03-31T23:59:59.", "9", "+"),
    rb"\.\d{7}(?<=:\d\d\.\d{7})": ("", ".0000000", ""),
    rb":60(?<=:\d\d:60)": ("", ":60", ""),
    rb"[\x00-\x08\x0a-\x1f\x7f]": ("", "a", "\n"),
    r"-?[0-9]+": ("-", "1", "e"),
    r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?": ("", "1", "e+"),
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}": ("", "2026-01-0", ""),
    r"([.,][0-9]{6})[0-9]+": ("", ".0000000", ""),
    r"[0-9]([.,][0-9]+)?E\+[0-9]{1,3}": ("1.", "1", "E-"),
    rb""""?sep=([^"\r\n])"?[,;]*""": ("sep=;", ",", "x"),
    r"^START WAL LOCATION: \S+ \(file ([0-9A-F]{24})\)": OURS,
    r"last completed transaction was at log time (\S+ \S+)": OURS,
    r"([0-9A-F]{24})(\.partial|\.[0-9A-F]{8}\.backup)?\.gz": OURS,
    r"[^\w.\[\]-]": ("", "a", ""),
    rb"\\u00([2-7][0-9A-Fa-f])": ("", "\\u00", ""),
    "b'|'.join(self._quoted)": ("", '"amoun', ""),
    r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?": ("a", " ", ""),
    r"[A-Za-z0-9!#$%&'*+.^_`|~-]+": ("", "a", "\n"),
    r"(?:0x[0-9a-f]*|[0-9]+)\.?": ("", "1", "x"),
    r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?": ("", "a.", "!"),
    r"\[[0-9a-f:.]+\](:[0-9]*)?": ("[", "1", "x"),
    rb"[a-z0-9][a-z0-9_.-]{0,99}": ("", "a", "\n"),
    r"[a-z]+\.[a-z_]+": OURS,
    r"[a-z_]+(\.[a-z_]+)*": OURS,
    r"\s+": OURS,
    r"{(\w+)}": OURS,
    r"(?<!^)(?=[A-Z])": OURS,
    r"(?<!^)([A-Z])": OURS,
}
NAMED_ELSEWHERE: dict[str | bytes, str] = {
    "b'|'.join(self._quoted)": '"participant_id"|"amount"',
    "f'(?:{_pattern.pattern})$'": f"(?:{yaml_values._FLOAT.pattern})$",
}


def patterns_in_source() -> set[str | bytes]:
    """What is given to `re` and to `Meta(pattern=…)`: the text, or the expression that makes it."""
    found: set[str | bytes] = set()
    for file in Path(laurels.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call):
                given = [keyword.value for keyword in node.keywords if keyword.arg == "pattern"]
                of_re = isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "re"
                for text in [*given, *(node.args[:1] if of_re else [])]:
                    found.add(text.value if isinstance(text, ast.Constant) else ast.unparse(text))
    return found


def shortest_time(work: Callable[[], object]) -> float:
    """Of the processor, in seconds for one call: repeated, as what else the machine does only adds to it."""
    repetitions, seconds = 1, 0.0
    while seconds < 0.002:
        repetitions *= 2
        seconds = _timed(work, repetitions)
    return min(seconds, *(_timed(work, repetitions) for _ in range(4))) / repetitions


def _timed(work: Callable[[], object], repetitions: int) -> float:
    gc.disable()  # its long rounds come when they come
    started = time.thread_time()
    for _ in range(repetitions):
        work()
    seconds = time.thread_time() - started
    gc.enable()
    return seconds


def growth(work: Callable[[int], Callable[[], object]]) -> float:
    """How many times as long the work on LONG_BYTES takes as that on SHORT_BYTES, each at its quickest: other processes
    that want the processor or its caches disturb some attempts."""
    short_work, long_work = work(SHORT_BYTES), work(LONG_BYTES)
    short_seconds = long_seconds = math.inf
    for _ in range(MOST_ATTEMPTS):
        short_seconds = min(short_seconds, shortest_time(short_work))
        long_seconds = min(long_seconds, shortest_time(long_work))
        if long_seconds / short_seconds < MOST_GROWTH:
            break
    return long_seconds / short_seconds


def worst_text(parts: tuple[str, str, str], length: int) -> str:
    beginning, repeated, end = parts
    return beginning + (repeated * (length // len(repeated) + 1))[:length] + end


def test_every_pattern_has_its_worst_text() -> None:
    assert patterns_in_source() == set(WORST)


@pytest.mark.parametrize("pattern", [name for name, worst in WORST.items() if worst != OURS])
@pytest.mark.parametrize("flags", [0, re.DOTALL])
def test_patterns(pattern: str | bytes, flags: int) -> None:
    compiled: re.Pattern[Any] = re.compile(NAMED_ELSEWHERE.get(pattern, pattern), flags)
    parts = WORST[pattern]
    assert isinstance(parts, tuple)

    def work(length: int) -> Callable[[], object]:
        written = worst_text(parts, length)
        text = written.encode() if isinstance(pattern, bytes) else written
        if pattern in ANCHORED:
            return lambda: (compiled.fullmatch(text), compiled.match(text))
        empty = text[:0]
        return lambda: (
            compiled.fullmatch(text),
            compiled.match(text),
            compiled.search(text),
            compiled.sub(empty, text),
        )

    assert growth(work) < MOST_GROWTH


class Body(Struct, forbid_unknown_fields=True):
    texts: dict[str, Any] = {}
    option: Literal["a", "b"] = "a"
    times: dict[Annotated[str, Meta(max_length=5, pattern=CONTROL_CHARACTERS)], int] = {}


def decode(body: bytes, form: Form | None = None) -> Refusal | None:
    return refused(decoding.decode_body, form or strict, body, UnknownNames())


class Ignoring(Body, forbid_unknown_fields=False):
    pass


strict, ignoring = Form(Body), Form(Ignoring)
BODIES: dict[str, Callable[[int], bytes]] = {
    "a string without an end": lambda n: b"[" * 33 + b'"' + b'\\"' * (n // 2),
    "strings": lambda n: b"[" * 33 + b'"[",' * (n // 4),
    "backslashes": lambda n: b"[" * 33 + b'"' + b"\\\\" * (n // 2),
    "levels": lambda n: b"[" * (n // 2) + b"]" * (n // 2),
    "levels below the limit": lambda n: b'{"texts":{"":[' + (b"[" * 29 + b"]" * 29 + b",") * (n // 59) + b"1]}}",
    "spaces": lambda n: b" " * n,
    "an unknown field with places": lambda n: json({'" - at `$' * (n // 9) + "\n": 1}),
    "an unknown field with fields": lambda n: json({"unknown field `" * (n // 15): 1}),
    "many unknown fields": lambda n: json({f"opti{number:06}": 1 for number in range(n // 15)}),
    "a value with expectations": lambda n: json({"option": "Expected `" * (n // 10)}),
    "a value with places": lambda n: json({"option": " - at `key` in `$" * (n // 17)}),
    "a value of escapes": lambda n: b'{"option":"' + b"\\u0000" * (n // 6) + b'"}',
    "a key that is too long": lambda n: json({"times": {"`, got `" * (n // 8): 1}}),
    "a long path to many values": lambda n: json({"texts": {"k" * (n // 2): [""] * (n // 6), "z": "\0"}}),
    "a long path to NUL": lambda n: json({"texts": {"k" * (n // 2): {"l" * (n // 2): "\0"}}}),
    "half of a character": lambda n: b'{"option":"' + b"\\ud800" * (n // 6) + b'"}',
}
json = msgspec.json.encode


@pytest.mark.parametrize("body", BODIES.values(), ids=list(BODIES))
def test_bodies(body: Callable[[int], bytes]) -> None:
    def work(length: int) -> Callable[[], object]:
        sent = body(length)
        return lambda: (decode(sent), decode(sent, ignoring))

    assert growth(work) < MOST_GROWTH


@pytest.mark.parametrize("body", BODIES.values(), ids=list(BODIES))
def test_answers_repeat_little_of_a_body(body: Callable[[int], bytes]) -> None:
    for form in (strict, ignoring):
        refusal = decode(body(LONG_BYTES), form)
        assert refusal is None or len(refusal.body()) < 6_000


def refused(work: Callable[..., Any], *arguments: Any) -> Refusal | None:
    try:
        work(*arguments)
    except Refusal as refusal:
        return refusal
    return None


QUERIES: dict[str, tuple[str, str, str]] = {
    "many parameters": ("", "a=1&", ""),
    "many unknown parameters": ("", "".join(f"pag{number:03}=1&" for number in range(1_000)), ""),
    "escapes": ("page=", "%20", ""),
    "broken escapes": ("page=", "%2", ""),
    "a long value": ("page=", "1", "x"),
    "places": ("page=", " - at `$", ""),
}


@pytest.mark.parametrize("parts", QUERIES.values(), ids=list(QUERIES))
def test_queries(parts: tuple[str, str, str]) -> None:
    def work(length: int) -> Callable[[], object]:
        query = worst_text(parts, length).encode()
        return lambda: refused(decoding.decode_query, PageQuery, query, UnknownNames())

    assert growth(work) < MOST_GROWTH


@pytest.mark.all_cases
def test_codes_that_come_byte_by_byte() -> None:
    async def chunks(length: int) -> AsyncIterator[bytes]:
        for number in range(length - 1):
            yield b"\n" if number % 100 == 99 else b"c"

    def work(length: int) -> Callable[[], object]:
        return lambda: asyncio.run(code_lists._read_csv(chunks(length)))

    assert growth(work) < MOST_GROWTH


@pytest.mark.parametrize("levels", [30, 31, 32, 33, 40])
def test_brackets_in_strings_are_no_levels(levels: int) -> None:
    text = rb'"[{\"[\\"'
    body = b'{"texts":{"a":' + b"[" * (levels - 2) + b",".join([text] * 50) + b"]" * (levels - 2) + b"}}"
    refusal = decode(body)
    assert (refusal is None) == (levels <= decoding.NESTING_LIMIT)


@pytest.mark.parametrize(
    ("sent", "field", "message"),
    [
        ({"option": "x` - at `$.b"}, "option", "must be a or b"),
        ({"option": "Expected `int`, got `str`"}, "option", "must be a or b"),
        ({"times": {"toolong": 1}}, "times", "must have at most 5 characters"),
        ({"texts": {"a": {"b": ["", "\0"]}}}, "texts.a.b[1]", "must not contain the NUL character"),
        ({"x" * 500: 1}, "x" * 99 + "…", "is not a field of this request"),
    ],
)
def test_what_a_caller_sent_is_told_in_our_words(sent: dict[str, Any], field: str, message: str) -> None:
    refusal = decode(json(sent))
    assert refusal is not None
    assert refusal.errors == [errors.FieldError(field, message)]
