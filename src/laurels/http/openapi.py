"""The OpenAPI 3.1 document, made from the endpoints' declarations and their structs.

https://spec.openapis.org/oas/v3.1.1.html
"""

import re
from typing import Any

import msgspec

from laurels import __version__
from laurels.http.endpoint import Access, Endpoint
from laurels.http.errors import ErrorBody

_REFUSALS: dict[int, tuple[str, dict[str, Any]]] = {
    400: ("The rules do not allow it", {"detail": "Insufficient points. Available: 30, requested: 50"}),
    401: ("Missing, invalid or revoked API key", {"detail": "Invalid or revoked API key"}),
    403: ("The key lacks the admin scope", {"detail": "API key requires 'admin' scope"}),
    404: ("Not found", {"detail": "Participant not found: user_123"}),
    409: ("The code is taken", {"detail": "A tier with this code exists already: gold"}),
    413: ("The body is longer than 1 MiB", {"detail": "The request body is longer than 1048576 bytes"}),
    422: (
        "The request is not valid; `errors` names the fields",
        {
            "detail": "amount must be at least 1.",
            "errors": [{"field": "amount", "message": "must be at least 1"}],
        },
    ),
    503: (
        "Busy, or the database is away; nothing was changed unless `detail` says otherwise",
        {"detail": "The server is busy and did nothing; try again shortly"},
    ),
}
_DESCRIPTIONS = {200: "Done", 201: "Created"}
_REFERENCE = "#/components/schemas/{name}"


def document(endpoints: list[Endpoint]) -> bytes:
    types = [kind for endpoint in endpoints for kind in _types(endpoint)]
    schemas, components = msgspec.json.schema_components([*types, ErrorBody], ref_template=_REFERENCE)
    by_type = {_identity(kind): schema for kind, schema in zip([*types, ErrorBody], schemas, strict=True)}
    paths: dict[str, Any] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, by_type, components)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Laurels",
                "version": __version__,
                "description": "Points, tiers, badges, streaks, leaderboards and rewards for your application.",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": "/"}],
            "tags": [{"name": tag} for tag in dict.fromkeys(endpoint.tag for endpoint in endpoints)],
            "paths": paths,
            "components": {
                "schemas": components,
                "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-API-Key"}},
            },
        }
    )


def _types(endpoint: Endpoint) -> list[Any]:
    return [kind for kind in (endpoint.body_documented, endpoint.query, *endpoint.answers.values()) if kind is not None]


def _identity(kind: Any) -> Any:
    return kind if isinstance(kind, type) else repr(kind)


def _operation(endpoint: Endpoint, by_type: dict[Any, Any], components: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _operation_id(endpoint),
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "description": re.sub(r"\s+", " ", endpoint.description),
        "responses": _responses(endpoint, by_type),
    }
    if parameters := _parameters(endpoint, by_type, components):
        operation["parameters"] = parameters
    if endpoint.body_documented is not None:
        content: dict[str, Any] = {"schema": by_type[_identity(endpoint.body_documented)]}
        if endpoint.example is not None:
            content["example"] = endpoint.example
        kinds = {"application/json": content}
        if endpoint.streams_up_to_bytes is not None:
            kinds["text/csv"] = {"schema": {"type": "string"}}
        operation["requestBody"] = {"required": True, "content": kinds}
    if endpoint.access is not Access.OPEN:
        operation["security"] = [{"key": []}]
    return operation


def _parameters(endpoint: Endpoint, by_type: dict[Any, Any], components: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in re.findall(r"{(\w+)}", endpoint.path)
    ]
    if endpoint.query is not None:
        name = by_type[_identity(endpoint.query)]["$ref"].rsplit("/", 1)[1]
        for field, schema in components[name]["properties"].items():
            found.append({"name": field, "in": "query", "required": False, "schema": schema})
    if endpoint.takes_idempotency_key:
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "The same as `idempotency_key` in the body.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 255},
            }
        )
    return found


def _responses(endpoint: Endpoint, by_type: dict[Any, Any]) -> dict[str, Any]:
    headers: dict[str, Any] = {"X-Request-ID": {"schema": {"type": "string"}}}
    replayed = {"Idempotency-Replayed": {"schema": {"type": "string", "enum": ["true"]}}}
    responses: dict[str, Any] = {}
    for status, kind in endpoint.answers.items():
        content = {"schema": by_type[_identity(kind)]}
        if endpoint.answer_example is not None:
            content["example"] = endpoint.answer_example
        responses[str(status)] = {
            "description": _DESCRIPTIONS[status],
            "headers": {**headers, **(replayed if endpoint.takes_idempotency_key else {})},
            "content": dict.fromkeys(endpoint.content_type.split(", "), content),
        }
    for status in _refusals(endpoint):
        description, example = _REFUSALS[status]
        refusal: dict[str, Any] = {
            "description": description,
            "headers": dict(headers),
            "content": {"application/json": {"schema": by_type[ErrorBody], "example": example}},
        }
        if status == 503:
            refusal["headers"]["Retry-After"] = {"description": "Seconds", "schema": {"type": "integer"}}
        responses[str(status)] = refusal
    return responses


def _refusals(endpoint: Endpoint) -> list[int]:
    """The endpoint's own refusals and those that follow from its form."""
    statuses = set(endpoint.refuses)
    if endpoint.access is not Access.OPEN:
        statuses |= {401, 503}
    if endpoint.access is Access.ADMIN:
        statuses.add(403)
    if endpoint.body_documented is not None:
        statuses |= {400, 413, 422}
    if endpoint.query is not None or "{" in endpoint.path:
        statuses.add(422)
    return sorted(statuses)


def _operation_id(endpoint: Endpoint) -> str:
    words = re.sub(r"[^A-Za-z0-9]+", "_", endpoint.path.replace("/api/v1/gamify", "").replace("/api/v1", ""))
    return f"{endpoint.method.lower()}_{words.strip('_') or 'root'}"
