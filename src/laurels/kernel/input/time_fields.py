"""The times in requests and definitions, made exact before msgspec reads them: it rounds and knows no leap second.

Only where a type says that there is a time: texts of the caller's own, such as metadata, stay as they were sent.
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
# Where the times of a type are: a time itself, or those of its items or fields by name.
_Places = str | Mapping[str, Any] | None

# Found from the end, as the searched bytes then begin with what is rare.
_LONG_FRACTION = re.compile(rb"\.\d{7}(?<=:\d\d\.\d{7})")
_LEAP_SECOND = re.compile(rb":60(?<=:\d\d:60)")


def in_json(body: bytes, kind: Any) -> bytes:
    """The body of a `kind`, with exact times. Raises msgspec.DecodeError."""
    if not _may_need_it(body) or _places(kind) is None:
        return body
    return msgspec.json.encode(in_values(msgspec.json.decode(body), kind))


def in_values(value: Any, kind: Any) -> Any:
    """The same for plain values, which are not changed."""
    return _exact(value, _places(kind))


@cache
def names(kind: Any) -> frozenset[str]:
    """The fields of a struct that are times."""
    places = _places(kind)
    if not isinstance(places, Mapping):
        return frozenset()
    return frozenset(name for name, inner in places.items() if inner == _TIME)


def _may_need_it(body: bytes) -> bool:
    """Tells nearly every body in a fraction of a microsecond."""
    return (
        (b"." in body and _LONG_FRACTION.search(body) is not None)
        or (b":60" in body and _LEAP_SECOND.search(body) is not None)
        # Digits, points and colons may be escaped.
        or b"\\u00" in body
    )


def _exact(value: Any, places: _Places) -> Any:
    if places is None:
        return value
    if places == _TIME:
        return times.exact(value) if isinstance(value, str) else value
    assert isinstance(places, Mapping)  # noqa: S101
    if isinstance(value, list) and _ITEMS in places:
        return [_exact(item, places[_ITEMS]) for item in value]
    if isinstance(value, dict):
        return {name: _exact(inner, places.get(name)) for name, inner in value.items()}
    return value


@cache
def _places(kind: Any) -> _Places:
    return _places_in(inspect.type_info(kind))


def _places_in(info: inspect.Type) -> _Places:
    match info:
        case inspect.DateTimeType():
            return _TIME
        case inspect.Metadata():
            return _places_in(info.type)
        case inspect.ListType() | inspect.VarTupleType():
            inner = _places_in(info.item_type)
            return {_ITEMS: inner} if inner else None
        case inspect.StructType():
            fields = {field.encode_name: inner for field in info.fields if (inner := _places_in(field.type))}
            return fields or None
        case inspect.UnionType():
            return _together([inner for option in info.types if (inner := _places_in(option))])
    return None


def _together(options: list[_Places]) -> _Places:
    """Of a union; a value has the places of all its options, which do not contradict one another."""
    if _TIME in options:
        return _TIME
    found: dict[str, Any] = {}
    for option in options:
        assert isinstance(option, Mapping)  # noqa: S101
        found.update(option)
    return found or None
