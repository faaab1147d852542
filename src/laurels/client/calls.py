"""One call to the API as data: what the generated methods make, and the transports send."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable
from urllib.parse import quote
from uuid import uuid4

import msgspec
from msgspec import Struct

Answer = TypeVar("Answer")


@dataclass(frozen=True, kw_only=True)
class Call(Generic[Answer]):
    """`is_keyed`: every change it asks for has an idempotency key."""

    method: str
    path: str
    answer: type[Answer]
    query: Mapping[str, object] = field(default_factory=dict)
    body: object = None
    is_keyed: bool = False

    @property
    def is_repeatable(self) -> bool:
        """Whether doing it twice does what doing it once does."""
        return self.is_keyed or self.method == "GET"

    def asking(self, more: Mapping[str, object]) -> "Call[Answer]":
        """With further parameters."""
        return replace(self, query={**self.query, **more})

    def parameters(self) -> dict[str, str]:
        """The query as text, without what is left to the server."""
        return {name: _text(value) for name, value in self.query.items() if value is not None}

    def content(self) -> bytes | None:
        """The body as JSON. Raises ValueError for a number that JSON does not have: as null it would count as left
        out, and a reversal without an amount takes everything back."""
        if self.body is None:
            return None
        _refuse_unwritable(self.body, "")
        return msgspec.json.encode(self.body)


def _refuse_unwritable(value: object, place: str) -> None:
    """Raises ValueError for NaN and infinity."""
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{place or 'The body'} must be a finite number, not {value}")
    elif isinstance(value, Struct):
        _refuse_unwritable(msgspec.structs.asdict(value), place)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            _refuse_unwritable(inner, f"{place}.{name}" if place else str(name))
    elif isinstance(value, Collection) and not isinstance(value, str | bytes | bytearray):
        for index, inner in enumerate(value):
            _refuse_unwritable(inner, f"{place}[{index}]")


def _text(value: object) -> str:
    if isinstance(value, Collection) and not isinstance(value, str):
        return ",".join(map(_text, value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime) else str(value)


def key_or_new(key: str | None) -> str:
    """The caller's idempotency key, even an empty one, which the server refuses; else a new one for one call and its
    retries."""
    return str(uuid4()) if key is None else key


def with_keys(items: Sequence[Struct | Mapping[str, Any]]) -> list[Any]:
    """Each item with an idempotency key, its own if it has one. A dict is sent as it is, so that the server names the
    fields that it does not know. Raises TypeError."""
    return [_with_key(place, item) for place, item in enumerate(items)]


@runtime_checkable
class _Keyed(Protocol):
    @property
    def idempotency_key(self) -> str | None: ...


def _with_key(place: int, item: Struct | Mapping[str, Any]) -> Struct | Mapping[str, Any]:
    if isinstance(item, Mapping):
        has_key = item.get("idempotency_key") is not None
        return item if has_key else {**item, "idempotency_key": key_or_new(None)}
    if isinstance(item, Struct):
        has_key = isinstance(item, _Keyed) and item.idempotency_key is not None
        return item if has_key else msgspec.structs.replace(item, idempotency_key=key_or_new(None))
    raise TypeError(f"Item {place} of the batch must be a struct or a dict, not {type(item).__name__}")


def quoted(value: str) -> str:
    """A value as one segment of a path. Dots alone would lead to another path. Raises TypeError and ValueError."""
    if not isinstance(value, str):
        raise TypeError(f"An id or a code in a path must be a str, not {type(value).__name__}")
    if not value:
        raise ValueError("An id or a code in a path must not be empty")
    return value.replace(".", "%2E") if set(value) == {"."} else quote(value, safe="")
