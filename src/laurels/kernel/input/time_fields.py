"""The times in requests and definitions, made exact before msgspec reads them, as it rounds and rejects leap seconds.

Only values whose type is a time are changed: the caller's own data, such as metadata, stay as they were sent.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from laurels.kernel.dates import times

_TIME = "time"
_ITEMS = "[]"
# The times in a type: the type is a time itself, or has times in its items or in its fields, by name.
_TimesIn = str | Mapping[str, Any] | None

# Checked backwards by look-behind, so that the search itself begins with rare bytes.
_LONG_FRACTION = re.compile(rb"\.\d{7}(?<=:\d\d\.\d{7})")
_LEAP_SECOND = re.compile(rb":60(?<=:\d\d:60)")


def in_json(body: bytes, kind: Any) -> bytes:
    """The body, which is a `kind`, with exact times. Raises msgspec.DecodeError."""
    if not _may_need_it(body) or _times_in(kind) is None:
        return body
    return msgspec.json.encode(in_values(msgspec.json.decode(body), kind))


def in_values(value: Any, kind: Any) -> Any:
    """A copy of a plain value with exact times."""
    return _exact(value, _times_in(kind))


@cache
def names(kind: Any) -> frozenset[str]:
    """The names of a struct's fields that are times."""
    times_in = _times_in(kind)
    if not isinstance(times_in, Mapping):
        return frozenset()
    return frozenset(name for name, inner in times_in.items() if inner == _TIME)


def _may_need_it(body: bytes) -> bool:
    """Whether the body may have a time to change. Nearly all bodies are excluded in a fraction of a microsecond."""
    return (
        (b"." in body and _LONG_FRACTION.search(body) is not None)
        or (b":60" in body and _LEAP_SECOND.search(body) is not None)
        # Digits, points and colons may be escaped.
        or b"\\u00" in body
    )


def _exact(value: Any, times_in: _TimesIn) -> Any:
    if times_in is None:
        return value
    if times_in == _TIME:
        return times.exact(value) if isinstance(value, str) else value
    assert isinstance(times_in, Mapping)  # noqa: S101
    if isinstance(value, list) and _ITEMS in times_in:
        return [_exact(item, times_in[_ITEMS]) for item in value]
    if isinstance(value, dict):
        return {name: _exact(inner, times_in.get(name)) for name, inner in value.items()}
    return value


@cache
def _times_in(kind: Any) -> _TimesIn:
    return _times_of(inspect.type_info(kind))


def _times_of(info: inspect.Type) -> _TimesIn:
    match info:
        case inspect.DateTimeType():
            return _TIME
        case inspect.Metadata():
            return _times_of(info.type)
        case inspect.ListType() | inspect.VarTupleType():
            inner = _times_of(info.item_type)
            return {_ITEMS: inner} if inner else None
        case inspect.StructType():
            fields = {field.encode_name: inner for field in info.fields if (inner := _times_of(field.type))}
            return fields or None
        case inspect.UnionType():
            return _merged([inner for option in info.types if (inner := _times_of(option))])
    return None


def _merged(options: list[_TimesIn]) -> _TimesIn:
    """The times in a union: the times of all its options together, which do not contradict each other."""
    if _TIME in options:
        return _TIME
    times_in: dict[str, Any] = {}
    for option in options:
        assert isinstance(option, Mapping)  # noqa: S101
        times_in.update(option)
    return times_in or None
