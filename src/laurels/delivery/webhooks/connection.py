"""One connection to a receiver: requests and responses of HTTP/1.1, one after another."""

import asyncio
from typing import NamedTuple, cast

import httptools

KEPT_BYTES = 4096
"""The part of a response's body that is kept."""
LONGEST_RESPONSE_BYTES = 64 * 1024
"""The part of a response that is read at most, with its headers."""
SWITCHING_PROTOCOLS = 101


class ConnectionLostError(OSError):
    """The connection ended before the response."""


class ResponseInvalidError(ValueError):
    """The response is not HTTP, or its headers have no end."""


class Response(NamedTuple):
    """A response. `body` is its beginning."""

    status: int
    body: bytes
    retry_after: str | None


class ReceiverConnection(asyncio.Protocol):
    """An open connection."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Response] | None = None
        self._begin()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._received = 0
        self._status: int | None = None
        """The status once all headers are here."""
        self._retry_after: str | None = None
        self._body = b""
        self._is_complete = False
        self._stays_open = False

    @property
    def is_open(self) -> bool:
        return self._transport is not None

    def close(self) -> None:
        """Closes the connection at once."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()

    async def exchange(self, request: bytes, deadline: float) -> Response:
        """Sends a request. Returns the response when it is complete; an incomplete one when it is long, and when the
        time of the loop is `deadline`. Raises TimeoutError, ConnectionLostError and ResponseInvalidError."""
        if self._transport is None:
            raise ConnectionLostError
        self._begin()
        self._waiting = self._loop.create_future()
        timer = self._loop.call_at(deadline, self._end, TimeoutError())
        self._transport.write(request)
        try:
            return await self._waiting
        finally:
            timer.cancel()
            if not self._stays_open:
                self.close()

    def _end(self, problem: Exception) -> None:
        """Ends the exchange. `problem` matters if there is no status yet."""
        if self._waiting is None or self._waiting.done():
            return
        if self._status is None:
            self._waiting.set_exception(problem)
        else:
            self._waiting.set_result(Response(self._status, self._body, self._retry_after))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._transport = None
        self._stays_open = False
        self._end(ConnectionLostError())

    def data_received(self, data: bytes) -> None:
        if self._waiting is None or self._waiting.done():
            # No request is open.
            self._stays_open = False
            self.close()
            return
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._stays_open = False
            self._end(ResponseInvalidError())
            return
        is_long = len(self._body) >= KEPT_BYTES or self._received > LONGEST_RESPONSE_BYTES
        if self._is_complete or is_long:
            self._end(ResponseInvalidError())

    # The parser calls these.

    def on_message_begin(self) -> None:
        # A second response to one request.
        self._stays_open = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._is_complete and name.lower() == b"retry-after":
            self._retry_after = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        is_final = status >= 200 or status == SWITCHING_PROTOCOLS
        if is_final and self._status is None:
            self._status = status

    def on_body(self, body: bytes) -> None:
        if not self._is_complete:
            self._body += body[: KEPT_BYTES - len(self._body)]

    def on_message_complete(self) -> None:
        if self._status is not None and not self._is_complete:
            self._is_complete = True
            self._stays_open = self._parser.should_keep_alive()
