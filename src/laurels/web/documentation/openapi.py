"""The OpenAPI 3.1 document, generated from the declarations of the endpoints and their structs.

https://spec.openapis.org/oas/v3.1.1.html
"""

import re
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import inspect

from laurels import __version__
from laurels.web.documentation import descriptions, introduction, refusals
from laurels.web.endpoint import Endpoint
from laurels.web.keys.access import Access, scopes_for
from laurels.web.protocol.errors import ErrorBody

Schema = dict[str, Any]
"""An object of the document."""

SchemasByType = dict[Any, Schema]

_PATH_PARAMETERS = {
    "participant_id": "The user's id in your application.",
    "code": "The definition's code.",
    "reward_id": "The reward's id or its code.",
    "event_id": "The id of an event or another fact, such as a transaction.",
    "file": "The file's name.",
    "key_id": "The key's id, as in the list of keys.",
    "project_code": "The project's code.",
}
_REQUEST_ID_HEADER: Schema = {
    "X-Request-ID": {
        "description": "The id of this request in the server's log: the caller's own `X-Request-ID`, or a new one.",
        "schema": {"type": "string"},
    }
}
_LIMIT_HEADERS: Schema = {
    name: {"description": description, "schema": {"type": "integer"}}
    for name, description in (
        ("X-RateLimit-Limit", "Requests per second. Without a limit, none of the three headers is sent."),
        ("X-RateLimit-Remaining", "About how many requests are allowed now."),
        ("X-RateLimit-Reset", "Seconds until the full limit is available again."),
    )
}
_WARNING_HEADER: Schema = {
    "Laurels-Warning": {
        "description": "Sentences about consequences of the request that may not be intended.",
        "schema": {"type": "string"},
    }
}
_IGNORED_HEADER: Schema = {
    "Laurels-Ignored": {
        "description": "Unknown fields and parameters of the request, which were ignored, separated by commas.",
        "schema": {"type": "string"},
    }
}
_LOCATION_HEADER: Schema = {
    "Location": {"description": "The relative address to continue at.", "schema": {"type": "string"}}
}
_DESCRIPTIONS = {200: "The request succeeded.", 201: "Created.", 302: "Continue at the address in `Location`."}
_REFERENCE = "#/components/schemas/{name}"
_JSON_TYPES = {inspect.DateTimeType: "string", inspect.ListType: "array", inspect.VarTupleType: "array"}


class DocumentedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A type of events that leave Laurels by itself. `kind` is the type of their JSON."""

    name: str
    about: str
    kind: type[msgspec.Struct]
    example: Any


def document(endpoints: list[Endpoint], tags: Sequence[str] = (), events: Sequence[DocumentedEvent] = ()) -> bytes:
    """The whole document. `tags` come first, in this order. `events` are its webhooks."""
    types = [kind for endpoint in endpoints for kind in _types(endpoint)]
    types += [event.kind for event in events]
    stand_ins = dict(pair for endpoint in endpoints for pair in endpoint.stand_ins)
    types += stand_ins.values()
    schemas, components = msgspec.json.schema_components([*types, ErrorBody], ref_template=_REFERENCE)
    by_type = {_identity(kind): schema for kind, schema in zip([*types, ErrorBody], schemas, strict=True)}
    _mark_times(types, by_type, components)
    descriptions.add_to(components, [*types, ErrorBody])
    for stand_in in stand_ins:
        components.pop(stand_in.__name__, None)
    _mark_nulls(endpoints, by_type, components)
    paths: Schema = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, by_type, components)
    # Each field of a query is documented as a parameter instead.
    for endpoint in endpoints:
        if endpoint.query is not None:
            components.pop(_name_of(by_type[endpoint.query]), None)
    by_tag = _tags(endpoints, tags)
    encoded = msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Laurels",
                "version": __version__,
                "description": introduction.TEXT.strip(),
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": "."}],
            "tags": [{"name": tag, "description": about} for tag, about in by_tag.items()],
            "x-tagGroups": introduction.tag_groups([*by_tag], endpoints),
            "paths": paths,
            **({"webhooks": {event.name: _webhook(event, by_type) for event in events}} if events else {}),
            "components": {
                "schemas": {name: _in_one_line(schema) for name, schema in components.items()},
                "securitySchemes": {
                    "key": {
                        "type": "apiKey",
                        "in": "header",
                        "name": "X-API-Key",
                        "description": "`x-scopes` of an operation lists the scopes that allow it; a key needs one of "
                        "them. The console sends its cookie and the header `Laurels-Session: 1` instead of a key.",
                    }
                },
            },
        }
    )
    for stand_in, composed in stand_ins.items():
        encoded = encoded.replace(_reference_to(stand_in), _reference_to(composed))
    return encoded


def _webhook(event: DocumentedEvent, by_type: SchemasByType) -> Schema:
    content = {"schema": by_type[event.kind], "example": event.example}
    return {
        "post": {
            "operationId": event.name,
            "tags": ["Feed"],
            "summary": event.about,
            "requestBody": {"required": True, "content": {"application/json": content}},
            "responses": {"2XX": {"description": "The event was received."}},
        }
    }


def _tags(endpoints: list[Endpoint], first: Sequence[str]) -> dict[str, str]:
    """The description of each tag; behind the `first` ones in the order of the endpoints."""
    used = dict.fromkeys(endpoint.tag for endpoint in endpoints)
    about = dict.fromkeys([*(tag for tag in first if tag in used), *used], "")
    for endpoint in endpoints:
        about[endpoint.tag] = about[endpoint.tag] or " ".join(endpoint.about_tag.split())
    return about


def _reference_to(kind: type) -> bytes:
    return msgspec.json.encode(_REFERENCE.format(name=kind.__name__))


def _types(endpoint: Endpoint) -> list[Any]:
    return [kind for kind in (endpoint.body_documented, endpoint.query, *endpoint.answers.values()) if kind is not None]


def _identity(kind: Any) -> Any:
    return kind if isinstance(kind, type) else repr(kind)


def _name_of(reference: dict[str, str]) -> str:
    return reference["$ref"].rsplit("/", 1)[1]


def _in_one_line(schema: Schema) -> Schema:
    if "description" in schema:
        return {**schema, "description": re.sub(r"\s+", " ", schema["description"])}
    return schema


def _mark_times(types: list[Any], by_type: SchemasByType, components: Schema) -> None:
    """Adds the format `date-time`, which msgspec leaves out for times that need no offset."""
    seen: set[type] = set()

    def mark(info: inspect.Type, schema: Schema) -> None:
        match info:
            case inspect.Metadata():
                mark(info.type, schema)
            case inspect.DateTimeType():
                schema["format"] = "date-time"
            case inspect.ListType() | inspect.VarTupleType():
                mark(info.item_type, schema["items"])
            case inspect.UnionType():
                for part in info.types:
                    plain = part.type if isinstance(part, inspect.Metadata) else part
                    for option in schema.get("anyOf", [schema]):
                        if option.get("type") == _JSON_TYPES.get(type(plain)):
                            mark(plain, option)
            case inspect.StructType() if info.cls not in seen:
                seen.add(info.cls)
                fields = components[info.cls.__name__]["properties"]
                for field in info.fields:
                    mark(field.type, fields[field.encode_name])

    for kind in types:
        mark(inspect.type_info(kind), by_type[_identity(kind)])


def _mark_nulls(endpoints: list[Endpoint], by_type: SchemasByType, components: Schema) -> None:
    """Allows null for each optional field of a POST body."""
    posted = [endpoint.body_documented for endpoint in endpoints if endpoint.method == "POST"]
    for name in {_name_of(by_type[_identity(kind)]) for kind in posted if kind is not None}:
        properties = components[name]["properties"]
        for field, described in properties.items():
            if field not in components[name]["required"] and not _has_null(described):
                properties[field] = _or_null(described)


def _has_null(schema: Schema) -> bool:
    return any(option.get("type") == "null" for option in schema.get("anyOf", [schema]))


def _or_null(schema: Schema) -> Schema:
    about: Schema = {name: schema[name] for name in ("description", "default", "examples") if name in schema}
    rest = {name: value for name, value in schema.items() if name not in about}
    values: list[Any] = rest.get("anyOf", [rest])
    return {**about, "anyOf": [*values, {"type": "null"}]}


def _operation(endpoint: Endpoint, by_type: SchemasByType, components: Schema) -> Schema:
    operation: Schema = {
        "operationId": endpoint.operation,
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "description": re.sub(r"\s+", " ", endpoint.description),
        "responses": _responses(endpoint, by_type),
    }
    if parameters := _parameters(endpoint, by_type, components):
        operation["parameters"] = parameters
    if endpoint.body_documented is not None:
        content: Schema = {"schema": by_type[_identity(endpoint.body_documented)]}
        if endpoint.example is not None:
            content["example"] = endpoint.example
        kinds = {"application/json": content}
        if endpoint.csv_example is not None:
            kinds["text/csv"] = {"schema": {"type": "string"}, "example": endpoint.csv_example}
        operation["requestBody"] = {"required": True, "content": kinds}
    if endpoint.access is not Access.OPEN:
        operation["security"] = [{"key": []}]
        operation["x-scopes"] = scopes_for(endpoint.access, is_read=endpoint.method == "GET")
    return operation


def _parameters(endpoint: Endpoint, by_type: SchemasByType, components: Schema) -> list[Schema]:
    parameters: list[Schema] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": _PATH_PARAMETERS.get(name, "The definition's id or its code."),
            "schema": {"type": "string", "minLength": 1},
        }
        for name in re.findall(r"{(\w+)}", endpoint.path)
    ]
    if endpoint.query is not None:
        query = components[_name_of(by_type[endpoint.query])]
        for field, schema in query["properties"].items():
            required = field in query["required"]
            commas = {"style": "form", "explode": False} if _convert_to_list(schema) else {}
            about = {name: schema[name] for name in ("description",) if name in schema}
            rest = {name: value for name, value in schema.items() if name not in about}
            parameters.append({"name": field, "in": "query", "required": required, **about, **commas, "schema": rest})
    if endpoint.takes_idempotency_key:
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "The same as `idempotency_key` in the body.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 255},
            }
        )
    for header, meaning in endpoint.request_headers.items():
        text: Schema = {"schema": {"type": "string"}}
        parameters.append({"name": header, "in": "header", "required": False, "description": meaning, **text})
    return parameters


def _convert_to_list(schema: Schema) -> bool:
    """Changes the type of a string with `items` to a list, as it holds several values separated by commas. Whether it
    was one."""
    lists = [option for option in schema.get("anyOf", [schema]) if "items" in option]
    for option in lists:
        option["type"] = "array"
    return bool(lists)


def _responses(endpoint: Endpoint, by_type: SchemasByType) -> Schema:
    headers = dict(_REQUEST_ID_HEADER)
    if endpoint.access is not Access.OPEN:
        headers |= _LIMIT_HEADERS | _IGNORED_HEADER
    replayed = {
        "Idempotency-Replayed": {
            "description": "Sent with a repeated response: the request with this key took effect earlier.",
            "schema": {"type": "string", "enum": ["true"]},
        },
        "Idempotency-Differs": {
            "description": "The fields that differ from the first request with this key: reason, metadata, timestamp.",
            "schema": {"type": "string"},
        },
    }
    responses: Schema = {}
    for status, kind in endpoint.answers.items():
        content = {"schema": by_type[_identity(kind)]}
        if endpoint.answer_example is not None:
            content["example"] = endpoint.answer_example
        responses[str(status)] = {
            "description": _DESCRIPTIONS[status],
            "headers": {
                **headers,
                **(replayed if endpoint.takes_idempotency_key else {}),
                **(_WARNING_HEADER if endpoint.warns else {}),
                **(_LOCATION_HEADER if status == 302 else {}),
            },
            "content": dict.fromkeys(endpoint.content_type.split(", "), content),
        }
    for status in refusals.statuses(endpoint):
        example = refusals.example(endpoint, status)
        error: Schema = {"schema": by_type[ErrorBody], "example": msgspec.Raw(example.body())}
        refusal: Schema = {
            "description": refusals.MEANINGS[status],
            "headers": dict(headers),
            "content": {"application/json": error},
        }
        if status in (429, 503):
            refusal["headers"]["Retry-After"] = {"description": "Seconds to wait.", "schema": {"type": "integer"}}
        if status == 503:
            refusal["headers"]["Outcome-Unknown"] = {
                "description": "Present if the request may have taken effect despite the error.",
                "schema": {"type": "string", "enum": ["true"]},
            }
        responses[str(status)] = refusal
    return responses
