"""Reads the OpenAPI document into types and operations, from which both clients are generated."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from laurels.app import COMPOSITION
from laurels.web.documentation.openapi import document

Schema = dict[str, Any]

MISSING = object()
KEY = "idempotency_key"
_JSON, _LINES = "application/json", "application/x-ndjson"
_STREAM = "text/event-stream"
_PAGING = {"total", "page", "page_size", "next_cursor"}
_PAGE_PARAMETERS = {"page", "after"}


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of a schema, or a parameter. `default` is MISSING for an optional field without a documented default."""

    name: str
    schema: Schema
    is_required: bool
    default: Any = MISSING
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Type:
    """A schema with a name. `tag` is the value of `tag_field` that distinguishes it from the other types of a union."""

    name: str
    description: str
    fields: list[Field]
    is_request: bool
    is_response: bool
    tag_field: str | None = None
    tag: str | None = None


@dataclass(frozen=True, kw_only=True)
class Operation:
    """An operation of the API. `items` is the field of the response with the items of a page. `keyed_items` is the
    field of the body whose items have idempotency keys. `response` is None for plain text."""

    name: str
    tag: str
    method: str
    path: str
    summary: str
    description: str
    path_fields: list[Field]
    query: list[Field]
    body: Type | None
    response: Schema | None
    is_stream: bool = False
    takes_key: bool = False
    keyed_items: str | None = None
    items: Field | None = None

    @property
    def is_keyed(self) -> bool:
        return self.takes_key or self.keyed_items is not None


@dataclass(frozen=True, kw_only=True)
class Api:
    """The types and operations of the API."""

    types: list[Type]
    operations: list[Operation]
    by_name: dict[str, Type] = field(default_factory=dict)


def read() -> Api:
    """The API of this working copy: all operations that take an API key, without streams of events. The clients wait
    for events with read_feed."""
    return _Reader(msgspec.json.decode(document(COMPOSITION.endpoints))).api()


def name_in(schema: Schema) -> str | None:
    """The name of the type that a schema refers to."""
    reference = schema.get("$ref")
    return reference.rsplit("/", 1)[1] if reference else None


class _Reader:
    def __init__(self, document: Any) -> None:
        self._schemas: dict[str, Schema] = document["components"]["schemas"]
        self._operations = [
            (path, method, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            if "security" in operation and _STREAM not in _content_types(operation)
        ]
        self._tags = dict(_tags(self._schemas))

    def api(self) -> Api:
        requests = self._reachable([body for *_, operation in self._operations if (body := _body(operation))])
        responses = self._reachable(
            [content["schema"] for *_, operation in self._operations for content in _contents(operation)]
        )
        types = {
            name: self._type(name, is_request=name in requests, is_response=name in responses)
            for name in sorted(requests | responses)
        }
        operations = [self._operation(*described, types) for described in self._operations]
        return Api(types=list(types.values()), operations=operations, by_name=types)

    def _reachable(self, schemas: list[Schema]) -> set[str]:
        reachable: set[str] = set()
        waiting = [name for schema in schemas for name in _references(schema)]
        while waiting:
            name = waiting.pop()
            if name not in reachable:
                reachable.add(name)
                waiting.extend(_references(self._schemas[name]))
        return reachable

    def _type(self, name: str, *, is_request: bool, is_response: bool) -> Type:
        schema = self._schemas[name]
        tag_field, tag = self._tags.get(name, (None, None))
        return Type(
            name=name,
            description=schema.get("description", ""),
            fields=[
                _field(each, described, each in schema.get("required", []))
                for each, described in schema["properties"].items()
                if each != tag_field
            ],
            is_request=is_request,
            is_response=is_response,
            tag_field=tag_field,
            tag=tag,
        )

    def _operation(self, path: str, method: str, operation: Any, types: dict[str, Type]) -> Operation:
        parameters = operation.get("parameters", [])
        body = types[name_in(schema) or ""] if (schema := _body(operation)) else None
        contents = [
            (kind, content["schema"])
            for status, response in operation["responses"].items()
            if status.startswith("2")
            for kind, content in response["content"].items()
        ]
        kind, response = contents[0]
        if any(other != contents[0] for other in contents):
            raise ValueError(f"{operation['operationId']} has several types of responses; a method needs one type")
        described = types.get(name_in(response) or "")
        query = _parameters(parameters, "query")
        items = _items(described, query)
        return Operation(
            name=operation["operationId"],
            tag=operation["tags"][0],
            method=method.upper(),
            path=path,
            summary=operation["summary"],
            description=operation["description"],
            path_fields=_parameters(parameters, "path"),
            # Pages add these parameters themselves.
            query=[each for each in query if not (items and each.name in _PAGE_PARAMETERS)],
            body=body,
            response=response if kind in {_JSON, _LINES} else None,
            is_stream=kind == _LINES,
            takes_key=any(parameter["name"] == "Idempotency-Key" for parameter in parameters),
            keyed_items=_keyed_items(body, types),
            items=items,
        )


def _parameters(parameters: list[Any], place: str) -> list[Field]:
    return [
        _field(each["name"], {"description": each.get("description", ""), **each["schema"]}, each["required"])
        for each in parameters
        if each["in"] == place
    ]


def _field(name: str, schema: Schema, is_required: bool) -> Field:
    described = [option for option in [schema, *schema.get("anyOf", [])] if option.get("description")]
    return Field(
        name=name,
        schema=schema,
        is_required=is_required,
        default=schema.get("default", MISSING),
        description=described[0]["description"] if described else "",
    )


def _body(operation: Any) -> Schema | None:
    if "requestBody" not in operation:
        return None
    schema: Schema = operation["requestBody"]["content"][_JSON]["schema"]
    return schema


def _content_types(operation: Any) -> Iterator[str]:
    for response in operation["responses"].values():
        yield from response["content"]


def _contents(operation: Any) -> Iterator[Any]:
    for response in operation["responses"].values():
        yield from response["content"].values()


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"].rsplit("/", 1)[1]
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _tags(value: Any) -> Iterator[tuple[str, tuple[str, str]]]:
    """The types of unions with a discriminator: the name of its field, and the value of the type."""
    if isinstance(value, dict):
        discriminator = value.get("discriminator", {})
        for tag, reference in discriminator.get("mapping", {}).items():
            yield reference.rsplit("/", 1)[1], (discriminator["propertyName"], tag)
        for inner in value.values():
            yield from _tags(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _tags(inner)


def _keyed_items(body: Type | None, types: dict[str, Type]) -> str | None:
    for each in body.fields if body else []:
        item = types.get(name_in(each.schema.get("items", {})) or "")
        if item and any(inner.name == KEY for inner in item.fields):
            return each.name
    return None


def _items(response: Type | None, query: list[Field]) -> Field | None:
    """The list in the response of an operation with pages."""
    if response is None or not _PAGE_PARAMETERS.issubset(each.name for each in query):
        return None
    if not _PAGING.issubset(each.name for each in response.fields):
        return None
    lists = [each for each in response.fields if each.schema.get("type") == "array"]
    if len(lists) != 1:
        raise ValueError(f"{response.name} has pages of {len(lists)} lists; an iterator needs one")
    return lists[0]


def camel(name: str) -> str:
    """The name in camel case: awardPoints for award_points."""
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)
