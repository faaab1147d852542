"""Error responses of endpoints: their statuses, the meaning of each, and an example that the endpoint really sends."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import msgspec

from laurels.kernel.input.examination import is_struct
from laurels.kernel.input.names import UnknownNames
from laurels.kernel.rejections import IdempotencyKeyErased, ParticipantNotFound
from laurels.storage.office.keys import SCOPES, Scope
from laurels.web import bodies
from laurels.web.endpoint import Endpoint
from laurels.web.keys.access import Access, scope_named, scopes_for
from laurels.web.protocol import content_codings
from laurels.web.protocol.errors import (
    Refusal,
    body_incomplete,
    body_too_large,
    busy,
    command_failed,
    key_invalid,
    rate_limited,
    refusal_for,
    scope_missing,
)
from laurels.web.requests.decoding import BODY_LIMIT_BYTES, decode_body, decode_query
from laurels.web.requests.forms import Form
from laurels.web.router import path_not_text

MEANINGS = {
    400: "The rules do not allow the request, or its body was not sent completely.",
    401: "The API key is missing, invalid or revoked.",
    403: "The key's scope is not sufficient; `sufficient_scopes` lists the scopes that are.",
    404: "Not found.",
    409: "The request contradicts stored data, such as a code that is already taken.",
    413: "The body is too long.",
    415: "The body has a `Content-Encoding` other than gzip.",
    422: "The request is not valid; `errors` names the fields.",
    429: "The key or the project has reached its rate limit.",
    500: "The server failed; its log shows why, under the id in `X-Request-ID`.",
    503: "The server is busy or its database is unavailable. Nothing was changed, unless the header `Outcome-Unknown` "
    "is sent.",
}


def statuses(endpoint: Endpoint) -> list[int]:
    """The error statuses of the endpoint: the declared ones, and others that follow from its form."""
    found = {*endpoint.refuses, 500, 503}
    if endpoint.access is not Access.OPEN:
        found |= {401, 429}
    if _scopes(endpoint) != SCOPES:
        found.add(403)
    if endpoint.body_documented is not None:
        found |= {400, 413, 415, 422}
    if endpoint.query is not None or "{" in endpoint.path:
        found.add(422)
    if endpoint.takes_idempotency_key:
        found.add(409)
    return sorted(found)


def example(endpoint: Endpoint, status: int) -> Refusal:
    """A response of the endpoint with this status."""
    if status in endpoint.refusals:
        return endpoint.refusals[status]
    match HTTPStatus(status):
        case HTTPStatus.BAD_REQUEST:
            return body_incomplete()
        case HTTPStatus.UNAUTHORIZED:
            return key_invalid()
        case HTTPStatus.FORBIDDEN:
            return scope_missing(scope_named(endpoint.access), _scopes(endpoint))
        case HTTPStatus.NOT_FOUND:
            return refusal_for(ParticipantNotFound("user_123"))
        case HTTPStatus.CONFLICT:
            return refusal_for(IdempotencyKeyErased())
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return body_too_large(endpoint.streams_up_to_bytes or BODY_LIMIT_BYTES)
        case HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
            return content_codings.unsupported("br")
        case HTTPStatus.UNPROCESSABLE_ENTITY:
            return _invalid(endpoint)
        case HTTPStatus.TOO_MANY_REQUESTS:
            return rate_limited(1)
        case HTTPStatus.SERVICE_UNAVAILABLE:
            return busy()
    return command_failed()


def _scopes(endpoint: Endpoint) -> tuple[Scope, ...]:
    return scopes_for(endpoint.access, is_read=endpoint.method == "GET")


def _invalid(endpoint: Endpoint) -> Refusal:
    """The response to a request with one wrong value."""
    if endpoint.body_documented is not None:
        form = Form(endpoint.body if is_struct(endpoint.body) else endpoint.body_documented)
        for body in _with_one_wrong_value(endpoint.example or {}):
            try:
                decode_body(form, msgspec.json.encode(body), UnknownNames())
            except Refusal as refusal:
                return refusal
    if endpoint.query is not None:
        for field in msgspec.structs.fields(endpoint.query):
            try:
                decode_query(endpoint.query, f"{field.encode_name}=0".encode(), UnknownNames())
            except Refusal as refusal:
                return refusal
    return path_not_text() if endpoint.method == "GET" else bodies.unwanted(endpoint)


def _with_one_wrong_value(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The body with each value replaced by one that may not fit, or left out: numbers first, as they have bounds."""
    for name, value in sorted(body.items(), key=lambda field: not isinstance(field[1], int)):
        rest = {other: body[other] for other in body if other != name}
        match value:
            case bool():
                yield {**rest, name: "yes"}
            case int():
                yield {**rest, name: -1}
            case list():
                yield {**rest, name: []}
            case _:
                yield rest
                yield {**rest, name: 5}
