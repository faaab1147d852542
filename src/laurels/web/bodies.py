"""Request bodies as bytes: read whole or in chunks, within limits, or refused by endpoints that take no body."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

from laurels.web.endpoint import Endpoint
from laurels.web.protocol import content_codings
from laurels.web.protocol.errors import Refusal, body_incomplete, body_too_large, invalid, no_memory
from laurels.web.protocol.memory import BUSY_PAUSE_SECONDS, TEXT_FACTOR, NoRoomError, Reservation, weight_of
from laurels.web.requests.decoding import BODY_LIMIT_BYTES

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

# JSON of this size is light as Python objects too, even at its densest.
SMALL_BODY_BYTES = 160


async def refuse(endpoint: Endpoint, receive: Receive) -> None:
    """Refuses a body sent to an endpoint that takes none. Raises Refusal 422.

    Its content would be ignored, such as a request to anonymize instead of to delete. An empty object is allowed, as
    many libraries send `{}` when they have no content.
    """
    allowed = (b"", b"{}")
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise body_incomplete()
        body += b"".join(message.get("body", b"").split())
        is_last = not message.get("more_body")
        if (is_last and body not in allowed) or not any(each.startswith(body) for each in allowed):
            raise unwanted(endpoint)
        if is_last:
            return


def unwanted(endpoint: Endpoint) -> Refusal:
    """The 422 for a body where none is taken."""
    return invalid("", f"must be empty: {_instead_of_a_body(endpoint)}")


def _instead_of_a_body(endpoint: Endpoint) -> str:
    if endpoint.query is None:
        return "this endpoint takes no body"
    parameters = ", ".join(field.encode_name for field in msgspec.structs.fields(endpoint.query))
    return f"this endpoint takes only query parameters ({parameters})"


async def chunks(
    headers: dict[bytes, bytes], receive: Receive, limit_bytes: int, reservation: Reservation
) -> AsyncIterator[bytes]:
    """The uncompressed body, in chunks as they arrive. Raises Refusal 400, 413, 415, 422 and 503."""
    _declared_length(headers, limit_bytes)
    inflater = content_codings.inflater(headers)
    length = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise body_incomplete()
        sent: bytes = message.get("body", b"")
        for chunk in inflater.pieces(sent) if inflater else (sent,):
            length += len(chunk)
            if length > limit_bytes:
                raise body_too_large(limit_bytes)
            await _take(reservation.resize, length)
            yield chunk
        if not message.get("more_body"):
            if inflater:
                inflater.finish()
            return


def _declared_length(headers: dict[bytes, bytes], limit_bytes: int) -> int:
    """The Content-Length, 0 without the header. Raises Refusal 413."""
    declared = headers.get(b"content-length")
    length = int(declared) if declared is not None and declared.isdigit() else 0
    if length > limit_bytes:
        raise body_too_large(limit_bytes)
    return length


async def read(headers: dict[bytes, bytes], receive: Receive, reservation: Reservation) -> bytes:
    """The uncompressed body. `reservation` then reserves memory for it as Python objects.

    Raises Refusal 413 as soon as the body is known to be too long, and 503 as soon as there is no room for it. A body
    with a Content-Length is refused before it is read.
    """
    declared = _declared_length(headers, BODY_LIMIT_BYTES)
    inflater = content_codings.inflater(headers)
    if declared > SMALL_BODY_BYTES:
        await _take(reservation.expect, TEXT_FACTOR * declared)
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        message, body = await _read_rest(bytearray(body), receive, reservation)
    if len(body) > BODY_LIMIT_BYTES:
        raise body_too_large(BODY_LIMIT_BYTES)
    if message["type"] == "http.disconnect":
        raise body_incomplete()
    if inflater is not None:
        body = _inflated(inflater, body)
    if len(body) > SMALL_BODY_BYTES:
        await _take(reservation.resize, weight_of(body))
    return body


async def _read_rest(
    body: bytearray, receive: Receive, reservation: Reservation
) -> tuple[MutableMapping[str, Any], bytes]:
    """The last message, and the body up to its end or just beyond the limit."""
    while True:
        await _take(reservation.resize, len(body))
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body") or len(body) > BODY_LIMIT_BYTES:
            return message, bytes(body)


def _inflated(inflater: content_codings.Inflater, sent: bytes) -> bytes:
    """Raises Refusal 413 and 422."""
    body = bytearray()
    for piece in inflater.pieces(sent):
        body += piece
        if len(body) > BODY_LIMIT_BYTES:
            raise body_too_large(BODY_LIMIT_BYTES)
    inflater.finish()
    return bytes(body)


async def _take(take: Callable[[int], None], weight_bytes: int) -> None:
    """Raises Refusal 503 after a pause, as for a full queue."""
    try:
        take(weight_bytes)
    except NoRoomError:
        await asyncio.sleep(BUSY_PAUSE_SECONDS)
        raise no_memory("request") from None
