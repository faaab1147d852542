"""Requests made from the OpenAPI document, so that a new endpoint is attacked without being named here."""

import copy
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
import msgspec

from laurels.app import COMPOSITION
from laurels.web.documentation.openapi import document
from laurels.web.endpoint import Endpoint
from laurels.web.keys.access import Access
from tests.checks import asked

ENDPOINTS = {endpoint.operation: endpoint for endpoint in COMPOSITION.endpoints}
DOCUMENT: Any = msgspec.json.decode(document(list(ENDPOINTS.values())))
KEYED = [name for name, endpoint in ENDPOINTS.items() if endpoint.access is not Access.OPEN]
DEEPEST = 4


class Attack(NamedTuple):
    """A request, and where in it the value stands that was put in."""

    operation: str
    place: str
    method: str
    path: str
    parameters: dict[str, str]
    headers: dict[str, str]
    body: Any

    def send(self, client: httpx.Client) -> httpx.Response:
        given: dict[str, Any] = {"params": self.parameters, "headers": self.headers}
        if self.body is not None:
            # Not as httpx encodes it: half of a surrogate pair is an attack, too.
            given["content"] = msgspec.json.encode(self.body)
        return asked(client, self.method, httpx.URL(str(client.base_url).split("/api/")[0] + self.path), **given)


def operation_of(endpoint: Endpoint) -> Any:
    return DOCUMENT["paths"][endpoint.path][endpoint.method.lower()]


def example(endpoint: Endpoint) -> Any:
    content = operation_of(endpoint).get("requestBody", {}).get("content", {}).get("application/json", {})
    return copy.deepcopy(content.get("example"))


def plain(endpoint: Endpoint, known: dict[str, str]) -> Attack:
    """The document's example, at what is known."""
    path = endpoint.path
    for name, value in known.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return Attack(endpoint.operation, "", endpoint.method, path, {}, {}, example(endpoint))


def with_texts(endpoint: Endpoint, known: dict[str, str], text: str) -> Iterator[Attack]:
    """One request for every place that takes a text: parameters of the path, of the query, headers, and each field of
    the body, however deep."""
    base = plain(endpoint, known)
    for parameter in operation_of(endpoint).get("parameters", []):
        name, kind = parameter["name"], parameter["in"]
        if kind == "path":
            others = {**known, name: text}
            yield plain(endpoint, others)._replace(place=f"path.{name}")
        elif kind == "query":
            yield base._replace(place=f"query.{name}", parameters={name: text})
        elif _is_header(text):
            yield base._replace(place=f"header.{name}", headers={name: text})
    if base.body is not None:
        for place, put in text_fields(_body_schema(endpoint), base.body):
            body = copy.deepcopy(base.body)
            put(body, text)
            yield base._replace(place=f"body.{place}", body=body)


def _is_header(text: str) -> bool:
    """Others are no HTTP; see test_hostile_connections.py."""
    return text.isascii() and text.isprintable()


def _body_schema(endpoint: Endpoint) -> Any:
    return operation_of(endpoint)["requestBody"]["content"]["application/json"]["schema"]


def _resolved(schema: Any) -> Any:
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


Put = Callable[[Any, str], None]


def text_fields(schema: Any, value: Any, depth: int = 0) -> Iterator[tuple[str, Put]]:
    """Each field of the schema that may hold a text, with what puts one there. Fields that the example leaves out are
    among them; names of free-form objects count as a field."""
    for option in _options(schema):
        if depth > DEEPEST or option.get("type") not in ("object", "array"):
            continue
        if option["type"] == "array":
            yield from _of_list(option, value, depth)
            continue
        for name, inner in option.get("properties", {}).items():
            yield from _of_field(name, inner, value, depth)
        if option.get("additionalProperties") or not option.get("properties"):
            yield "{name}", lambda body, text: _set(body, text, 1)
            yield "{value}", lambda body, text: _set(body, "note", text)


def _options(schema: Any) -> list[Any]:
    whole = _resolved(schema)
    return [_resolved(option) for option in whole.get("anyOf", whole.get("oneOf", [whole]))]


def _of_field(name: str, schema: Any, value: Any, depth: int) -> Iterator[tuple[str, Put]]:
    if any(option.get("type") == "string" or "enum" in option or not option for option in _options(schema)):
        yield name, lambda body, text: _set(body, name, text)
    held = value.get(name) if isinstance(value, dict) else None
    empty: type = list if any(option.get("type") == "array" for option in _options(schema)) else dict
    for place, put in text_fields(schema, held, depth + 1):
        yield f"{name}.{place}", lambda body, text, put=put: put(_inner(body, name, empty), text)


def _of_list(schema: Any, value: Any, depth: int) -> Iterator[tuple[str, Put]]:
    items = schema.get("items", {})
    if any(option.get("type") == "string" for option in _options(items)):
        yield "[]", lambda body, text: body.append(text) if isinstance(body, list) else None
    held = value[0] if isinstance(value, list) and value else None
    for place, put in text_fields(items, held, depth + 1):
        yield f"[].{place}", lambda body, text, put=put: put(_first(body), text)


def _set(body: Any, name: str, value: Any) -> None:
    if isinstance(body, dict):
        body[name] = value


def _inner(body: Any, name: str, empty: type) -> Any:
    if not isinstance(body, dict):
        return empty()
    if not isinstance(body.get(name), empty):
        body[name] = empty()
    return body[name]


def _first(body: Any) -> Any:
    if not isinstance(body, list):
        return {}
    if not body or not isinstance(body[0], dict):
        body[:] = [{}]
    return body[0]
