"""Decodes request bodies and queries into structs. Errors name the field."""

from array import array
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct

from laurels.kernel.dates import times
from laurels.kernel.input import time_fields
from laurels.kernel.input.examination import FieldProblem
from laurels.kernel.input.fields import NESTING_LIMIT
from laurels.kernel.input.names import MisplacedNames, UnknownNames
from laurels.kernel.input.problems import HOLDS_NUL, NO_TIME, shortened, too_deep
from laurels.web.protocol.errors import invalid, invalid_value
from laurels.web.requests.fields import list_parameters
from laurels.web.requests.forms import Form, convert_query
from laurels.web.requests.repeated_names import GIVEN_TWICE

BODY_LIMIT_BYTES = 1024 * 1024
BADLY_ENCODED = "is not valid percent-encoded UTF-8"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def decode_body(form: Form, body: bytes, names: UnknownNames) -> Any:
    """Decodes a whole request body. Adds ignored names to `names`. Raises Refusal 422."""
    # Some libraries send a byte order mark; parsers may ignore it (RFC 8259, section 8.1).
    if body.startswith(BYTE_ORDER_MARK):
        body = body.removeprefix(BYTE_ORDER_MARK)
    if not body or body.isspace():
        raise invalid("", "is empty; send JSON")
    # Quick checks of the bytes show whether the thorough checks are needed.
    if body.count(b"{") + body.count(b"[") > NESTING_LIMIT and _is_too_deep(body):
        raise invalid("", too_deep(NESTING_LIMIT))
    if not body.isascii():
        _refuse_broken_text(body)
    return decode_json(form, body, names)


def decode_json(form: Form, sent: bytes | msgspec.Raw, names: UnknownNames) -> Any:
    """Decodes a body or an undecoded part of a body. Adds ignored names to `names`. Raises Refusal 422."""
    body = bytes(sent)
    try:
        decoded = form.decode(body, names)
        if b"\\u0000" in body:
            _refuse_nul(decoded)
    except msgspec.ValidationError as error:
        raise invalid_value(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if b"\\u" in body and "truncated" in str(error):
            raise invalid("", "is not valid JSON in UTF-8: a \\u escape has only half of a surrogate pair") from None
        raise invalid("", f"is not valid JSON in UTF-8: {error}") from None
    return decoded


def decode_query(
    kind: type[Struct] | None, query_string: bytes, names: UnknownNames, elsewhere: Sequence[MisplacedNames] = ()
) -> Any:
    """Decodes query parameters into `kind`, which is None for an endpoint without parameters. Adds ignored names to
    `names`. `elsewhere` are the names that belong in other places of the request. Raises Refusal 422."""
    try:
        pairs = parse_qsl(query_string.decode(), keep_blank_values=True, errors="strict")
    except ValueError:
        raise invalid("query", BADLY_ENCODED) from None
    values = dict(pairs)
    problems: dict[str, str] = {}
    if len(values) < len(pairs) and kind is not None:
        repeated = _repeated(pairs, kind)
        problems = dict.fromkeys([name for name, joined in repeated.items() if joined is None], GIVEN_TWICE)
        values |= {name: joined for name, joined in repeated.items() if joined is not None}
    for name, value in values.items():
        if "\0" in value:
            problems.setdefault(name, HOLDS_NUL)
        elif kind is not None and name in time_fields.names(kind):
            if ":" not in value:
                # Otherwise a number would be read as seconds since 1970.
                problems.setdefault(name, NO_TIME)
            values[name] = times.exact(value)
    wrong = [FieldProblem((name,), message) for name, message in problems.items()]
    try:
        return convert_query(values, kind or _NoParameters, names, wrong, elsewhere)
    except msgspec.ValidationError as error:
        raise invalid_value(error) from None


def _repeated(pairs: list[tuple[str, str]], kind: type[Struct]) -> dict[str, str | None]:
    """The parameters that are given more than once, each with its values joined if it is a list, otherwise with
    None."""
    counts = Counter(name for name, _ in pairs)
    lists = list_parameters(kind)
    return {
        name: ",".join(value for each, value in pairs if each == name) if name in lists else None
        for name in kind.__struct_encode_fields__
        if counts[name] > 1
    }


class _NoParameters(Struct, frozen=True):
    pass


def _refuse_broken_text(body: bytes) -> None:
    """Raises Refusal 422 for invalid UTF-8. The JSON decoder checks only the fields that it knows."""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise invalid("", f"is not valid JSON in UTF-8: {error}") from None


# The outline of a body consists of its brackets and quotes. An opening bracket is a step down, a closing one a step up.
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
_NO_OUTLINE = bytes(set(range(256)) - set(b'[]{}"'))


def _is_too_deep(body: bytes) -> bool:
    """Whether objects and lists are nested beyond the limit; brackets inside strings do not count. The time is
    proportional to the length for every body."""
    outline = body.replace(b"\\\\", b"").replace(b'\\"', b"").translate(_STEPS, _NO_OUTLINE)
    # Two adjacent quotes are a string without brackets, or two strings without brackets between: they can be removed.
    outside = b"".join(outline.replace(b'""', b"").split(b'"')[::2])
    return max(accumulate(array("b", outside)), default=0) > NESTING_LIMIT


def _refuse_nul(decoded: Any) -> None:
    """Raises Refusal 422 for a NUL character, which PostgreSQL's text type cannot store."""
    steps = _nul_in(decoded)
    if steps is not None:
        raise invalid("".join(reversed(steps)).removeprefix("."), HOLDS_NUL)


def _nul_in(value: Any) -> list[str] | None:
    """The path to the first NUL character, from the inside out; None without one. It is built only on the way back, as
    paths can be long."""
    if isinstance(value, str):
        return [] if "\0" in value else None
    if isinstance(value, msgspec.Struct):
        value = msgspec.structs.asdict(value)
    if isinstance(value, dict):
        for name, inner in value.items():
            if "\0" in name:
                return []
            if (steps := _nul_in(inner)) is not None:
                steps.append(f".{shortened(name)}")
                return steps
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            if (steps := _nul_in(inner)) is not None:
                steps.append(f"[{index}]")
                return steps
    return None
