"""The ASGI application: the one path that every request takes, from the route to the log line."""

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

import structlog

from laurels.kernel.input.names import UnknownNames
from laurels.storage.office import audit
from laurels.storage.postgres.database import (
    DatabaseUnavailableError,
    LockedError,
    ReadsCrowdedError,
    SurveyTooLongError,
)
from laurels.storage.postgres.ids import new_id
from laurels.storage.postgres.pieces import PIECE_BYTES as CONTENT_BYTES
from laurels.storage.postgres.shares import reading_for
from laurels.web import bodies, misplaced
from laurels.web.endpoint import Context, Endpoint, Reply, Request, StreamedReply
from laurels.web.keys.access import OPEN_TO_APPLICATIONS, Access, Principal, scope_named, scopes_for
from laurels.web.protocol import rate_limits
from laurels.web.protocol.errors import (
    Refusal,
    busy,
    locked,
    no_memory,
    rate_limited,
    reads_crowded,
    scope_missing,
    survey_too_long,
    unavailable,
    unreachable,
)
from laurels.web.protocol.exchange import WHOLE_RESPONSE, header_lines
from laurels.web.protocol.memory import BUSY_PAUSE_SECONDS, NoRoomError, Reservation
from laurels.web.protocol.metrics import RequestMeter
from laurels.web.protocol.rate_limits import UNLIMITED
from laurels.web.protocol.request_log import RequestLog
from laurels.web.requests.decoding import decode_body, decode_query
from laurels.web.requests.forms import Form, read_only_fields
from laurels.web.router import Router
from laurels.web.services import Services

log = structlog.get_logger("laurels.web")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

NOBODY = Principal(project_id=0, scope="gamify")
# A streamed response holds each piece twice: as rows and as JSON.
STREAM_BYTES = 2 * CONTENT_BYTES
# A longer body takes milliseconds to decode, so it is decoded in a thread and other requests do not wait for it.
LONG_BODY_BYTES = 64 * 1024
# Responses are about people, so caches must not store them and browsers must not guess their content type.
_PRIVATE = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))
_PRIVATE_LINES = header_lines(_PRIVATE)
_READS = ("GET", "HEAD")
_NOT_FOUND_ROUTE = "(none)"
_REQUEST_ID_CHARACTERS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:")


class _PreparedEndpoint:
    """An endpoint with everything that can be computed once, at the start."""

    __slots__ = (
        "endpoint",
        "form",
        "gives_commands",
        "handler",
        "is_administration",
        "meter",
        "needs_key",
        "not_in_query",
        "query",
        "scopes",
        "takes_keys",
    )

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.handler = endpoint.handler
        self.needs_key = endpoint.access is not Access.OPEN
        self.scopes = scopes_for(endpoint.access, is_read=endpoint.method == "GET")
        self.is_administration = endpoint.access not in OPEN_TO_APPLICATIONS
        self.gives_commands = endpoint.access is Access.KEY and endpoint.method != "GET"
        fixed = read_only_fields(endpoint.body, endpoint.answers.get(200)) if endpoint.method == "PATCH" else ()
        is_new = endpoint.method == "POST"
        self.form = None
        if endpoint.body:
            elsewhere = misplaced.beside_body(endpoint)
            self.form = Form(endpoint.body, fixed=fixed, nulls_are_nothing=is_new, elsewhere=elsewhere)
        self.query = endpoint.query
        self.not_in_query = misplaced.beside_query(endpoint)
        self.takes_keys = misplaced.takes_keys(endpoint)
        self.meter = RequestMeter(endpoint.method, endpoint.path)


class Application:
    """Serves `endpoints`. `open_services` creates the services at startup, `close_services` ends them at shutdown."""

    def __init__(
        self,
        endpoints: list[Endpoint],
        open_services: Callable[[], Awaitable[Services]],
        close_services: Callable[[Services], Awaitable[None]],
        request_log: RequestLog,
    ) -> None:
        self._router = Router(endpoints)
        self._prepared = {id(endpoint): _PreparedEndpoint(endpoint) for endpoint in endpoints}
        self._open_services = open_services
        self._close_services = close_services
        self._services: Services | None = None
        self._log = request_log
        self._no_route = RequestMeter("(any)", _NOT_FOUND_ROUTE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._run_lifespan(receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        headers = dict(scope["headers"])
        request_id = _request_id(headers)
        prepared = reservation = None
        limits = UNLIMITED
        names = UnknownNames()
        reply: Reply | StreamedReply
        try:
            endpoint, path = self._router.find(scope["method"], scope["raw_path"].decode("latin-1"))
            prepared = self._prepared[id(endpoint)]
            services = self._open_services_or_refuse()
            principal = await services.principal(headers) if prepared.needs_key else NOBODY
            reservation = services.memory.reservation(principal.holder)
            reading_for.set(principal.holder)
            if principal.buckets:
                limits = rate_limits.judge(principal.buckets)
                if limits.refused_for_seconds is not None:
                    raise rate_limited(limits.refused_for_seconds)
            names.is_strict = principal.strict_fields
            context = Context(services, principal, path, headers, request_id, names)
            reply = await self._respond(prepared, context, scope, receive, reservation)
            if not _has_room(reservation, reply, is_repeatable=scope["method"] == "GET"):
                if isinstance(reply, StreamedReply):
                    await reply.chunks.aclose()
                # Free the response that does not fit before waiting.
                del reply
                await asyncio.sleep(BUSY_PAUSE_SECONDS)
                raise no_memory("response")
        except Refusal as refusal:
            reply = _refusal_reply(refusal)
        except (LockedError, ReadsCrowdedError, SurveyTooLongError, DatabaseUnavailableError) as error:
            if isinstance(error, ReadsCrowdedError):
                await asyncio.sleep(BUSY_PAUSE_SECONDS)
            reply = _refusal_reply(_refusal_by_database(error, is_edit=scope["method"] != "GET"))
        except Exception:
            log.exception("request_failed", request_id=request_id, route=prepared and prepared.endpoint.path)
            detail = f"The server failed; look for the request id {request_id} in its log"
            reply = _refusal_reply(Refusal(500, detail, code="internal_error"))
        try:
            await self._send(reply, scope["method"], request_id, (*limits.headers, *names.headers()), receive, send)
        finally:
            if reservation is not None:
                reservation.release()
        seconds = time.perf_counter() - started
        meter = prepared.meter if prepared else self._no_route
        meter.observe(reply.status, seconds)
        route = prepared.endpoint.path if prepared else _NOT_FOUND_ROUTE
        self._log.write(scope["method"], route, reply.status, seconds, request_id)

    async def _send(
        self,
        reply: Reply | StreamedReply,
        method: str,
        request_id: str,
        more_headers: Sequence[tuple[bytes, bytes]],
        receive: Receive,
        send: Send,
    ) -> None:
        closes = self._services is not None and self._services.draining.has_begun
        if isinstance(reply, Reply):
            await send(_whole(reply, request_id, more_headers, closes=closes))
            return
        await send(
            {
                "type": "http.response.start",
                "status": reply.status,
                "headers": [
                    (b"content-type", reply.content_type),
                    *(((b"connection", b"close"),) if closes else ()),
                    (b"x-request-id", request_id.encode()),
                    *more_headers,
                    *(reply.headers if reply.is_public else (*_PRIVATE, *reply.headers)),
                ],
            }
        )
        if method == "HEAD":
            await reply.chunks.aclose()
        await _stream(reply, receive, send)

    def _open_services_or_refuse(self) -> Services:
        if self._services is None:
            raise unavailable("The server is starting or stopping", code="server_stopping")
        return self._services

    async def _respond(
        self, prepared: _PreparedEndpoint, context: Context, scope: Scope, receive: Receive, reservation: Reservation
    ) -> Reply | StreamedReply:
        services, principal = context.services, context.principal
        if principal.scope not in prepared.scopes:
            raise scope_missing(scope_named(prepared.endpoint.access), prepared.scopes)
        if prepared.gives_commands and services.engine.is_full(principal.holder):
            # Callers that retry at once must not take the processor from the accepted requests.
            await asyncio.sleep(BUSY_PAUSE_SECONDS)
            raise busy()
        if prepared.takes_keys:
            misplaced.refuse_key_headers(scope["headers"])
        query = None
        if prepared.query or (prepared.needs_key and scope["query_string"]):
            query = decode_query(prepared.query, scope["query_string"], context.names, prepared.not_in_query)
        body = chunks = None
        is_long = False
        if prepared.form is not None:
            sent = await bodies.read(context.headers, receive, reservation)
            aside = services.checking if prepared.endpoint.decodes_aside else services.decoding
            is_long = len(sent) > LONG_BODY_BYTES
            if is_long or prepared.endpoint.decodes_aside:
                body = await aside.run(decode_body, prepared.form, sent, context.names)
            else:
                body = decode_body(prepared.form, sent, context.names)
            del sent
        elif (limit_bytes := prepared.endpoint.streams_up_to_bytes) is not None:
            chunks = bodies.chunks(context.headers, receive, limit_bytes, reservation)
        elif scope["method"] not in _READS:
            await bodies.refuse(prepared.endpoint, receive)
        request = Request(context, query, body, chunks, is_long=is_long)
        if not prepared.is_administration and not request.is_session:
            return await prepared.handler(request)
        with audit.acting(request.actor):
            return await prepared.handler(request)

    async def _run_lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    self._services = await self._open_services()
                except Exception as error:
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    raise
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                if self._services is not None:
                    await self._close_services(self._services)
                self._log.flush()
                await send({"type": "lifespan.shutdown.complete"})
                return


def _whole(
    reply: Reply, request_id: str, more_headers: Sequence[tuple[bytes, bytes]], *, closes: bool
) -> dict[str, object]:
    length = b"" if reply.status == 304 else b"content-length: %d\r\n" % len(reply.body)
    head = b"content-type: %b\r\n%bx-request-id: %b\r\n%b%b%b" % (
        reply.content_type,
        length,
        request_id.encode(),
        header_lines(more_headers),
        b"" if reply.is_public else _PRIVATE_LINES,
        header_lines(reply.headers),
    )
    return {"type": WHOLE_RESPONSE, "status": reply.status, "head": head, "body": reply.body, "closes": closes}


async def _stream(reply: StreamedReply, receive: Receive, send: Send) -> None:
    disconnected = asyncio.create_task(_until_disconnected(receive))
    disconnected.add_done_callback(lambda _: reply.on_disconnect())
    try:
        async for chunk in reply.chunks:
            if disconnected.done():
                break
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        disconnected.cancel()
        await reply.chunks.aclose()


async def _until_disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _has_room(reservation: Reservation, reply: Reply | StreamedReply, *, is_repeatable: bool) -> bool:
    """Whether the memory budget has room for the response; if so, the response takes the request's room until it is
    sent.

    A response to a request that is not repeatable counts against the budget too, but is sent even without room.
    """
    if isinstance(reply, StreamedReply):
        weight_bytes = STREAM_BYTES if reply.weight_bytes is None else reply.weight_bytes
    else:
        # All callers get the same bytes of a public response.
        weight_bytes = 0 if reply.is_public else len(reply.body)
    if not is_repeatable:
        reservation.keep(weight_bytes)
        return True
    try:
        reservation.resize(weight_bytes)
    except NoRoomError:
        return False
    return True


def _refusal_by_database(error: Exception, *, is_edit: bool) -> Refusal:
    """An edit may have been committed although reading its response failed: then the outcome is unknown."""
    if isinstance(error, LockedError):
        return locked()
    if isinstance(error, ReadsCrowdedError):
        return reads_crowded(is_outcome_unknown=is_edit)
    if isinstance(error, SurveyTooLongError):
        return survey_too_long()
    return unreachable(is_outcome_unknown=is_edit)


def _request_id(headers: dict[bytes, bytes]) -> str:
    """The caller's X-Request-ID if it is safe to repeat, otherwise a new one."""
    request_id = headers.get(b"x-request-id")
    if request_id is not None and 0 < len(request_id) <= 100 and _REQUEST_ID_CHARACTERS.issuperset(request_id):
        return request_id.decode()
    return new_id()


def _refusal_reply(refusal: Refusal) -> Reply:
    headers = tuple((name.encode(), value.encode()) for name, value in refusal.headers.items())
    return Reply(refusal.body(), refusal.status, headers=headers)
