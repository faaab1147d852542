"""Names in the wrong place of a request, such as an idempotency key among the query parameters.

Ignoring them would do harm: an award could be given twice, or an unsupported filter would show the whole list.
"""

from collections.abc import Iterable, Mapping
from typing import Any, get_args, get_origin

import msgspec

from laurels.kernel.input.examination import is_struct, options
from laurels.kernel.input.names import MisplacedNames
from laurels.web.endpoint import Endpoint
from laurels.web.protocol.errors import invalid
from laurels.web.requests.repeated_names import GIVEN_TWICE

_KEY_HEADER = b"idempotency-key"
_LISTS = ("items", "entries")


def beside_body(endpoint: Endpoint) -> list[MisplacedNames]:
    """The places of names that do not belong at the top level of the body."""
    return [*_in_items(endpoint.body_documented), *_in_address(endpoint.query)]


def beside_query(endpoint: Endpoint) -> list[MisplacedNames]:
    """The places of names that do not belong among the query parameters."""
    in_body = [
        MisplacedNames(names, '"{}" belongs in the body') for names in [_names(endpoint.body_documented)] if names
    ]
    return [*in_body, *_in_items(endpoint.body_documented), *_missing_filters(endpoint)]


def takes_keys(endpoint: Endpoint) -> bool:
    """Whether the endpoint's command, or each command of its batch, has an idempotency key."""
    return endpoint.takes_idempotency_key or any(
        "idempotency_key" in names for names in _items_of(endpoint.body_documented).values()
    )


def refuse_key_headers(sent: Iterable[tuple[bytes, bytes]]) -> None:
    """Raises Refusal 422 for a repeated Idempotency-Key header, and for a header with a similar name. For endpoints
    that take idempotency keys."""
    similar = [name for name, _ in sent if b"idempotency" in name]
    for name in similar:
        if name != _KEY_HEADER and name.replace(b"_", b"-").removeprefix(b"x-") == _KEY_HEADER:
            shown = name.decode("latin-1")
            raise invalid(shown, 'is not a header of this request; did you mean "Idempotency-Key"?')
    if similar.count(_KEY_HEADER) > 1:
        raise invalid("Idempotency-Key", GIVEN_TWICE)


def _names(kind: Any) -> tuple[str, ...]:
    return kind.__struct_encode_fields__ if is_struct(kind) else ()


def _items_of(kind: Any) -> Mapping[str, tuple[str, ...]]:
    """The fields of a struct that are lists of objects, each with the names in these objects."""
    fields = msgspec.structs.fields(kind) if is_struct(kind) else ()
    return {
        field.encode_name: _names(item)
        for field in fields
        for option in options(field.type)
        if get_origin(option) is list
        for item in options(get_args(option)[0])
        if is_struct(item)
    }


def _in_items(kind: Any) -> list[MisplacedNames]:
    return [
        MisplacedNames(names, f'"{{}}" belongs in each item of {field}') for field, names in _items_of(kind).items()
    ]


def _in_address(query: Any) -> list[MisplacedNames]:
    return [MisplacedNames(names, '"{}" is a query parameter') for names in [_names(query)] if names]


def _missing_filters(endpoint: Endpoint) -> list[MisplacedNames]:
    """Names that a caller may expect to be filters of a list: the fields of its items, and the name of the items."""
    if endpoint.method != "GET":
        return []
    segment = endpoint.path.rsplit("/", 1)[1]
    lists = {
        field: names for field, names in _items_of(endpoint.answers.get(200)).items() if field in (*_LISTS, segment)
    }
    parameters = ", ".join(_names(endpoint.query))
    message = "the list cannot be filtered by it; " + (
        f"the parameters are {parameters}" if parameters else "this endpoint takes no parameters"
    )
    filters = []
    for field, names in lists.items():
        one = (segment if field in _LISTS else field).removesuffix("s").replace("-", "_")
        filters.append(MisplacedNames((*names, one, f"{one}s", f"{one}_id", f"{one}_code"), message, is_exact=True))
    return filters
