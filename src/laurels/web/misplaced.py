"""Names that a request has, but in another place: ignored there, an idempotency key would not keep an award from being
given twice, and a filter that a list does not have would show everything."""

from collections.abc import Iterable, Mapping
from typing import Any, get_args, get_origin

import msgspec

from laurels.kernel.input.examination import is_struct, options
from laurels.kernel.input.names import Elsewhere
from laurels.web.endpoint import Endpoint
from laurels.web.protocol.errors import invalid
from laurels.web.requests.repeated_names import GIVEN_TWICE

_KEY_HEADER = b"idempotency-key"
_LISTS = ("items", "entries")


def beside_body(endpoint: Endpoint) -> list[Elsewhere]:
    """For what a body has at its top."""
    return [*_in_items(endpoint.body_documented), *_in_address(endpoint.query)]


def beside_query(endpoint: Endpoint) -> list[Elsewhere]:
    """For the parameters in the address."""
    in_body = [Elsewhere(names, '"{}" goes into the body') for names in [_names(endpoint.body_documented)] if names]
    return [*in_body, *_in_items(endpoint.body_documented), *_narrowing(endpoint)]


def takes_keys(endpoint: Endpoint) -> bool:
    """Whether its command has an idempotency key, or each of those in its batch."""
    return endpoint.takes_idempotency_key or any(
        "idempotency_key" in names for names in _items_of(endpoint.body_documented).values()
    )


def refuse_key_headers(sent: Iterable[tuple[bytes, bytes]]) -> None:
    """Where keys are taken. Raises Refusal 422 for a second header with a key, and for one whose name only resembles
    that of the header."""
    found = [name for name, _ in sent if b"idempotency" in name]
    for name in found:
        if name != _KEY_HEADER and name.replace(b"_", b"-").removeprefix(b"x-") == _KEY_HEADER:
            shown = name.decode("latin-1")
            raise invalid(shown, 'is not a header of this request; did you mean "Idempotency-Key"?')
    if found.count(_KEY_HEADER) > 1:
        raise invalid("Idempotency-Key", GIVEN_TWICE)


def _names(kind: Any) -> tuple[str, ...]:
    return kind.__struct_encode_fields__ if is_struct(kind) else ()


def _items_of(kind: Any) -> Mapping[str, tuple[str, ...]]:
    """The lists of objects in a struct, with the names in these."""
    fields = msgspec.structs.fields(kind) if is_struct(kind) else ()
    return {
        field.encode_name: _names(item)
        for field in fields
        for option in options(field.type)
        if get_origin(option) is list
        for item in options(get_args(option)[0])
        if is_struct(item)
    }


def _in_items(kind: Any) -> list[Elsewhere]:
    return [Elsewhere(names, f'"{{}}" goes into each item of {field}') for field, names in _items_of(kind).items()]


def _in_address(query: Any) -> list[Elsewhere]:
    return [Elsewhere(names, '"{}" is a parameter, in the address') for names in [_names(query)] if names]


def _narrowing(endpoint: Endpoint) -> list[Elsewhere]:
    """What somebody may want to narrow a list by: what its items show, and what they are."""
    if endpoint.method != "GET":
        return []
    segment = endpoint.path.rsplit("/", 1)[1]
    lists = {
        field: names for field, names in _items_of(endpoint.answers.get(200)).items() if field in (*_LISTS, segment)
    }
    takes = ", ".join(_names(endpoint.query))
    message = f"its list cannot be narrowed by it: {f'it takes {takes}' if takes else 'it takes none'}"
    found = []
    for field, names in lists.items():
        one = (segment if field in _LISTS else field).removesuffix("s").replace("-", "_")
        found.append(Elsewhere((*names, one, f"{one}s", f"{one}_id", f"{one}_code"), message, is_exact=True))
    return found
