"""Connections: uvicorn's HTTP protocol with limits of time and size.

By itself, uvicorn waits indefinitely for a slow head or body, accepts heads of any length, adds trailer fields to the
headers of a request, and reads the body of a request that offers an upgrade as the next request. This module fixes each
of these. If there are more connections than the process can have, the connection that has waited longest for its peer
is closed, starting with connections that have had no response yet. So thousands of idle connections keep no caller out.
"""

import asyncio
import math
import resource
from typing import Any

import httptools
import msgspec
from msgspec import Struct
from prometheus_client import Counter
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from laurels.storage.postgres.ids import new_id
from laurels.web.protocol.errors import ErrorBody
from laurels.web.protocol.exchange import Exchange

HEAD_LIMIT_BYTES = 32 * 1024
# The bytes that chunked framing and trailers may add to a body. The overhead of small chunks is several times their
# length.
FRAMING_BASE_BYTES = 64 * 1024
FRAMING_FACTOR = 8
FRAMING_LIMIT_BYTES = 1024 * 1024
# After a response that did not wait for the body, such as a 413, the rest of the body is read up to this limit and
# discarded, so that the caller can read the response.
DISCARD_LIMIT_BYTES = 64 * 1024 * 1024
MINIMUM_BYTES_PER_SECOND = 4 * 1024
# The bytes that are parsed at once, except for the rest of a body of known length. A request of 20 bytes becomes
# objects of 3 KB, and a peer can send thousands of requests in one packet.
PARSED_AT_ONCE_BYTES = 1024
LINGER_SECONDS = 1.0
SWEEP_SECONDS = 1.0
IDLE_SECONDS = 75
UVICORN_OPTIONS: dict[str, Any] = {
    "http": f"{__name__}:Connection",
    "ws": "none",
    "access_log": False,
    "server_header": False,
    "proxy_headers": False,
    "timeout_keep_alive": IDLE_SECONDS,
}
"""The options of a uvicorn server with this protocol."""
# Files reserved for connections to the database, logs and imports.
FILES_KEPT_FREE = 200
_UPGRADE_HEADERS = frozenset({b"connection", b"upgrade", b"http2-settings"})

_ENDED = Counter("laurels_connections_ended", "Connections that the server ended, by reason", ("reason",))


class Limits(Struct, frozen=True, kw_only=True):
    """The limits of one process. `request_seconds` limits three times: the arrival of a request's head; the arrival of
    its body, which may take longer at a rate of at least MINIMUM_BYTES_PER_SECOND; and a pause in which the peer reads
    nothing of a response."""

    connections: int = 16_384
    request_seconds: float = 20
    idle_seconds: float = IDLE_SECONDS

    def within_files(self) -> "Limits":
        """These limits with at most as many connections as files that the process may open."""
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if files == resource.RLIM_INFINITY:
            return self
        connections = max(1, min(self.connections, files - FILES_KEPT_FREE))
        return msgspec.structs.replace(self, connections=connections)


class Roster:
    """The connections of this process. In each group, the connection that has waited longest comes first."""

    is_stopping = False
    """Whether the server finishes its requests and takes no new ones."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.strangers: dict[Connection, None] = {}
        """Connections without a response yet."""
        self.callers: dict[Connection, None] = {}
        """Connections with at least one response."""
        self._is_sweeping = False

    def admit(self, connection: "Connection") -> bool:
        """Adds the connection; if there is no room, closes another one that is waiting. False if none is waiting."""
        if not self._is_sweeping:
            self._is_sweeping = True
            connection.loop.call_later(SWEEP_SECONDS, self._sweep, connection.loop)
        if len(self.strangers) + len(self.callers) >= self.limits.connections:
            waiting = next((each for group in (self.strangers, self.callers) for each in group if each.waits), None)
            if waiting is None:
                return False
            waiting.end("displaced")
            self.gone(waiting)
        self.strangers[connection] = None
        return True

    def responded(self, connection: "Connection") -> None:
        """The connection has got a response: it becomes the last of the callers."""
        self.strangers.pop(connection, None)
        self.callers.pop(connection, None)
        self.callers[connection] = None

    def gone(self, connection: "Connection") -> None:
        self.strangers.pop(connection, None)
        self.callers.pop(connection, None)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for connection in [*self.strangers, *self.callers]:
            if connection.due < now:
                connection.check(now)
        loop.call_later(SWEEP_SECONDS, self._sweep, loop)


class _TooLongError(Exception):
    pass


class _NoPathError(Exception):
    pass


class Connection(HttpToolsProtocol):
    """One connection. `due` is the time of its next check; it is infinite while the server works on a request."""

    roster = Roster(Limits())

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.due = math.inf
        self._in_head = False
        self._is_ended = False
        self._head_bytes = 0
        self._chunk_bytes = 0
        self._message_bytes = 0
        self._body_bytes = 0
        self._body_bytes_seen = 0
        self._announced_bytes = 0
        self._unparsed = b""
        self._unsent_bytes = 0

    @property
    def waits(self) -> bool:
        """Whether the server waits for the peer to send a request or the rest of one."""
        return not self.pipeline and (
            self.cycle is None or self._in_head or self.cycle.more_body or self.cycle.response_complete
        )

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.due = self.loop.time() + self.roster.limits.idle_seconds
        if not self.roster.admit(self):
            detail = "The server has reached its limit of connections; try again shortly"
            self._refuse(503, "full", detail, code="server_busy")

    def connection_lost(self, exc: Exception | None) -> None:
        self.roster.gone(self)
        super().connection_lost(exc)

    def shutdown(self) -> None:
        self.roster.is_stopping = True
        super().shutdown()

    def data_received(self, data: bytes) -> None:
        """Parses the data piece by piece, and stops while requests wait behind the one in progress."""
        self._unset_keepalive_if_required()
        if self._unparsed and not self._is_ended:
            # Reading resumes when a handler waits for the rest of a body or for a disconnect.
            self._unparsed += data
            self.flow.pause_reading()
            return
        start = 0
        while start < len(data) and not self._is_ended and self.parser is not None:
            if self.pipeline:
                self._unparsed = data[start:]
                self.flow.pause_reading()
                break
            start = self._parse(data, start)

    def _parse(self, data: bytes, start: int) -> int:
        """Parses one piece from `start`, and returns the end of the piece."""
        piece_bytes = max(PARSED_AT_ONCE_BYTES, self._announced_bytes - self._body_bytes)
        piece = data[start : start + piece_bytes] if start or len(data) > piece_bytes else data
        end = start + len(piece)
        self._chunk_bytes = len(piece)
        was_in_head = self._in_head
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade as upgrade:
            self._without_upgrade(data[start + upgrade.args[0] :])
            return len(data)
        except httptools.HttpParserError as error:
            if isinstance(error.__context__, _TooLongError):
                self._refuse_head()
            else:
                self._refuse(400, "invalid request", "This is not a valid HTTP/1.1 request", code="invalid_http")
        else:
            self._check_sizes(was_in_head)
        return end

    def _check_sizes(self, was_in_head: bool) -> None:
        """Refuses heads and bodies that are too long. Pieces with the beginning or end of a message are not counted."""
        if self._in_head:
            if was_in_head:
                self._head_bytes += self._chunk_bytes
            if self._head_bytes > HEAD_LIMIT_BYTES:
                self._refuse_head()
            return
        if was_in_head or self.cycle is None or not self.cycle.more_body:
            return
        self._message_bytes += self._chunk_bytes
        framing = self._message_bytes - self._body_bytes
        if framing > min(FRAMING_BASE_BYTES + FRAMING_FACTOR * self._body_bytes, FRAMING_LIMIT_BYTES):
            self._refuse(400, "framing", "The chunk framing or the trailers are too long", code="invalid_http")
        elif self._message_bytes > DISCARD_LIMIT_BYTES:
            self.end("endless body")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._head_bytes = self._message_bytes = self._body_bytes = self._announced_bytes = 0
        self.due = self.loop.time() + self.roster.limits.request_seconds

    def on_headers_complete(self) -> None:
        if self._head_bytes or self._chunk_bytes > HEAD_LIMIT_BYTES:
            fields = sum(len(name) + len(value) + 4 for name, value in self.headers)
            if len(self.url) + fields > HEAD_LIMIT_BYTES:
                raise _TooLongError
        self._in_head = False
        if self.parser.should_upgrade():
            self.scope["method"] = self.parser.get_method().decode("ascii")
            return
        self._begin_exchange()
        self._announced_bytes = next((int(value) for name, value in self.headers if name == b"content-length"), 0)
        # Trailer fields are not headers: they go into a new list, which nothing reads.
        self.headers = []
        self._body_bytes_seen = 0

    def _begin_exchange(self) -> None:
        """Begins the request, or queues it behind the one in progress. In place of uvicorn's, whose cycle is fixed."""
        url = httptools.parse_url(self.url)
        if not (url.path and url.path.isascii()):
            raise _NoPathError
        version = self.parser.get_http_version()
        self.scope["http_version"] = version
        self.scope["method"] = self.parser.get_method().decode("ascii")
        self.scope["raw_path"] = url.path
        self.scope["query_string"] = url.query or b""
        earlier = self.cycle
        self.cycle = Exchange(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=version != "1.0" and self.parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        if earlier is None or earlier.response_complete:
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade():
            return
        super().on_message_complete()
        self._announced_bytes = 0
        self.cycle.more_body = False
        self.due = self._idle_until() if self.cycle.response_complete else math.inf

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self.roster.responded(self)
        if self._unparsed:
            self.flow.pause_reading()
        if self._unparsed and not self.pipeline:
            # Calling it directly would nest the calls of a thousand pipelined requests a thousand levels deep.
            self.loop.call_soon(self._parse_rest)
        if not self.pipeline and not self._in_head and not self.cycle.more_body:
            self.due = self._idle_until()

    def _parse_rest(self) -> None:
        if self._unparsed and not self.pipeline:
            data, self._unparsed = self._unparsed, b""
            self.data_received(data)
            if not self._unparsed and not self.transport.is_closing():
                self.flow.resume_reading()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unsent_bytes = self.transport.get_write_buffer_size()
        self.due = self.loop.time() + self.roster.limits.request_seconds

    def resume_writing(self) -> None:
        super().resume_writing()
        self.due = self._idle_until() if self.waits else math.inf

    def check(self, now: float) -> None:
        """Ends the connection if its peer made no progress in time."""
        limits = self.roster.limits
        unsent = self.transport.get_write_buffer_size()
        if self._is_ended or (unsent and unsent >= self._unsent_bytes > 0):
            self._abort("response not read")
        elif unsent:
            self._unsent_bytes = unsent
            self.due = now + limits.request_seconds
        elif self.pipeline or self._unparsed:
            self.due = now + limits.request_seconds
        elif self._in_head:
            self._refuse(408, "slow head", "The head of the request did not arrive in time", code="request_timeout")
        elif self.cycle is None or not self.cycle.more_body:
            self.end("idle")
        elif self.flow.read_paused or self._keeps_pace():
            self.due = now + limits.request_seconds
        else:
            self._refuse(408, "slow body", "The body of the request did not arrive in time", code="request_timeout")

    def _keeps_pace(self) -> bool:
        """Whether the body has arrived fast enough since the last check. Earlier bytes give no credit."""
        received = self._body_bytes - self._body_bytes_seen
        self._body_bytes_seen = self._body_bytes
        return received >= self.roster.limits.request_seconds * MINIMUM_BYTES_PER_SECOND

    def _idle_until(self) -> float:
        return self.loop.time() + self.roster.limits.idle_seconds

    def _without_upgrade(self, rest: bytes) -> None:
        """Parses the request again without its offer to upgrade, which a server may ignore (RFC 9110, 7.8).

        Otherwise the body of the request would be parsed as the next request.
        """
        if self.scope["method"] == "CONNECT":
            self._refuse(400, "invalid request", "This server is not a proxy", code="invalid_http")
            return
        head = [self.scope["method"].encode(), b" ", self.url, b" HTTP/1.1\r\n"]
        for name, value in self.headers:
            if name not in _UPGRADE_HEADERS:
                head += [name, b": ", value, b"\r\n"]
            elif name == b"connection" and b"close" in value.lower():
                head.append(b"connection: close\r\n")
        self.data_received(b"".join([*head, b"\r\n", rest]))

    def _refuse_head(self) -> None:
        if len(self.url) > HEAD_LIMIT_BYTES // 2:
            detail = f"The URL is longer than {HEAD_LIMIT_BYTES // 2} bytes"
            self._refuse(414, "long head", detail, code="url_too_long")
        else:
            detail = f"The head of the request is longer than {HEAD_LIMIT_BYTES} bytes"
            self._refuse(431, "long head", detail, code="headers_too_large")

    def _refuse(self, status: int, reason: str, detail: str, *, code: str) -> None:
        """Sends an error response without calling the application, and ends the connection."""
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            body = msgspec.json.encode(ErrorBody(detail, code))
            lines = [STATUS_LINE[status]]
            lines += [name + b": " + value + b"\r\n" for name, value in self.server_state.default_headers]
            lines.append(b"content-type: application/json\r\ncontent-length: %d\r\n" % len(body))
            lines.append(b"x-request-id: %s\r\nconnection: close\r\n\r\n" % new_id().encode())
            self.transport.write(b"".join([*lines, body]))
        # Closing at once could lose the response: unread bytes of the request make the system reset the connection.
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._mark_ended(reason)
        self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    def end(self, reason: str) -> None:
        """Closes a connection that waits for its peer."""
        self._mark_ended(reason)
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self.transport.close()

    def _abort(self, reason: str) -> None:
        self._mark_ended(reason)
        self.transport.abort()

    def _mark_ended(self, reason: str) -> None:
        if not self._is_ended:
            _ENDED.labels(reason).inc()
        self._is_ended = True
        self.due = self.loop.time() + self.roster.limits.request_seconds
