"""API calls as data: the generated methods create them, and the transports send them."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable
from urllib.parse import quote
from uuid import uuid4

import msgspec
from msgspec import Struct

Response = TypeVar("Response")


@dataclass(frozen=True, kw_only=True)
class ApiCall(Generic[Response]):
    """A call of an API operation. `is_keyed`: every change that it requests has an idempotency key."""

    method: str
    path: str
    response_type: type[Response]
    query: Mapping[str, object] = field(default_factory=dict)
    body: object = None
    is_keyed: bool = False

    @property
    def is_repeatable(self) -> bool:
        """Whether calling it twice has the same effect as calling it once."""
        return self.is_keyed or self.method == "GET"

    def with_parameters(self, parameters: Mapping[str, object]) -> "ApiCall[Response]":
        """The same call with additional query parameters."""
        return replace(self, query={**self.query, **parameters})

    def parameters(self) -> dict[str, str]:
        """The query parameters as strings. Parameters that are None are left out; the server has defaults for them."""
        return {name: _text(value) for name, value in self.query.items() if value is not None}

    def content(self) -> bytes | None:
        """The body as JSON. Raises ValueError for NaN and infinity, which JSON does not have. As null they would count
        as missing values, and a reversal without an amount reverses everything."""
        if self.body is None:
            return None
        _refuse_unwritable(self.body, "")
        return msgspec.json.encode(self.body)


def _refuse_unwritable(value: object, path: str) -> None:
    """Raises ValueError for NaN and infinity."""
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{path or 'The body'} must be a finite number, not {value}")
    elif isinstance(value, Struct):
        _refuse_unwritable(msgspec.structs.asdict(value), path)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            _refuse_unwritable(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, Collection) and not isinstance(value, str | bytes | bytearray):
        for index, inner in enumerate(value):
            _refuse_unwritable(inner, f"{path}[{index}]")


def _text(value: object) -> str:
    if isinstance(value, Collection) and not isinstance(value, str):
        return ",".join(map(_text, value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime) else str(value)


def key_or_new(key: str | None) -> str:
    """The caller's idempotency key, even an empty one, which the server refuses. Without a key, a new one for this call
    and its retries."""
    return str(uuid4()) if key is None else key


def with_keys(items: Sequence[Struct | Mapping[str, Any]]) -> list[Any]:
    """The items of a batch, each with an idempotency key: its own or a new one. Dicts are sent unchanged otherwise, so
    that the server reports unknown fields. Raises TypeError."""
    return [_with_key(index, item) for index, item in enumerate(items)]


@runtime_checkable
class _Keyed(Protocol):
    """A struct with an idempotency key."""

    @property
    def idempotency_key(self) -> str | None: ...


def _with_key(index: int, item: Struct | Mapping[str, Any]) -> Struct | Mapping[str, Any]:
    if isinstance(item, Mapping):
        has_key = item.get("idempotency_key") is not None
        return item if has_key else {**item, "idempotency_key": key_or_new(None)}
    if isinstance(item, Struct):
        has_key = isinstance(item, _Keyed) and item.idempotency_key is not None
        return item if has_key else msgspec.structs.replace(item, idempotency_key=key_or_new(None))
    raise TypeError(f"Item {index} of the batch must be a struct or a dict, not {type(item).__name__}")


def quoted(value: str) -> str:
    """A value as one segment of a path. Values of dots alone are encoded, as they would change the path. Raises
    TypeError and ValueError."""
    if not isinstance(value, str):
        raise TypeError(f"An id or a code in a path must be a str, not {type(value).__name__}")
    if not value:
        raise ValueError("An id or a code in a path must not be empty")
    return value.replace(".", "%2E") if set(value) == {"."} else quote(value, safe="")
