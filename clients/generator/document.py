"""The OpenAPI document, read into what both languages need."""

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
_PAGING = {"total", "page", "page_size", "next_cursor"}
_WHICH_PAGE = {"page", "after"}


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of a schema, or a parameter. `default` is MISSING where it may be left out and nothing is said."""

    name: str
    schema: Schema
    is_required: bool
    default: Any = MISSING
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Type:
    """A schema with a name. `tag` is the value that tells it from others in `tag_field`."""

    name: str
    description: str
    fields: list[Field]
    is_request: bool
    is_answer: bool
    tag_field: str | None = None
    tag: str | None = None


@dataclass(frozen=True, kw_only=True)
class Operation:
    """`items` is the field of the answer that has a page's items, `keyed_items` the body's field of items that take
    idempotency keys of their own. `answer` is None where it is plain text."""

    name: str
    tag: str
    method: str
    path: str
    summary: str
    description: str
    path_fields: list[Field]
    query: list[Field]
    body: Type | None
    answer: Schema | None
    is_stream: bool = False
    takes_key: bool = False
    keyed_items: str | None = None
    items: Field | None = None

    @property
    def is_keyed(self) -> bool:
        return self.takes_key or self.keyed_items is not None


@dataclass(frozen=True, kw_only=True)
class Api:
    types: list[Type]
    operations: list[Operation]
    by_name: dict[str, Type] = field(default_factory=dict)


def read() -> Api:
    """The API as this working copy serves it: all operations that take a key."""
    return _Reader(msgspec.json.decode(document(COMPOSITION.endpoints))).api()


def name_in(schema: Schema) -> str | None:
    """The type that a schema refers to."""
    reference = schema.get("$ref")
    return reference.rsplit("/", 1)[1] if reference else None


class _Reader:
    def __init__(self, whole: Any) -> None:
        self._schemas: dict[str, Schema] = whole["components"]["schemas"]
        self._operations = [
            (path, method, operation)
            for path, methods in whole["paths"].items()
            for method, operation in methods.items()
            if "security" in operation
        ]
        self._tags = dict(_tags(self._schemas))

    def api(self) -> Api:
        requests = self._reachable([body for *_, operation in self._operations if (body := _body(operation))])
        answers = self._reachable(
            [content["schema"] for *_, operation in self._operations for content in _contents(operation)]
        )
        types = {
            name: self._type(name, is_request=name in requests, is_answer=name in answers)
            for name in sorted(requests | answers)
        }
        operations = [self._operation(*described, types) for described in self._operations]
        return Api(types=list(types.values()), operations=operations, by_name=types)

    def _reachable(self, schemas: list[Schema]) -> set[str]:
        found: set[str] = set()
        waiting = [name for schema in schemas for name in _references(schema)]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(_references(self._schemas[name]))
        return found

    def _type(self, name: str, *, is_request: bool, is_answer: bool) -> Type:
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
            is_answer=is_answer,
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
        kind, answer = contents[0]
        if any(other != contents[0] for other in contents):
            raise ValueError(f"{operation['operationId']} answers in several ways; a method has one type")
        described = types.get(name_in(answer) or "")
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
            # What is returned asks for one page after another.
            query=[each for each in query if not (items and each.name in _WHICH_PAGE)],
            body=body,
            answer=answer if kind in {_JSON, _LINES} else None,
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
    """The types that unions tell apart by a field: its name, and the type's own value."""
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


def _items(answer: Type | None, query: list[Field]) -> Field | None:
    """The list in the answer of an operation with pages."""
    if answer is None or not _WHICH_PAGE.issubset(each.name for each in query):
        return None
    if not _PAGING.issubset(each.name for each in answer.fields):
        return None
    lists = [each for each in answer.fields if each.schema.get("type") == "array"]
    if len(lists) != 1:
        raise ValueError(f"{answer.name} has pages of {len(lists)} lists; an iterator needs one")
    return lists[0]


def camel(name: str) -> str:
    """award_points as awardPoints."""
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)
