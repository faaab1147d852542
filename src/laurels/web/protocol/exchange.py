"""One request with its response, as an extension of ASGI.

By itself, uvicorn checks the headers of each response one by one and writes head and body apart. Beside the messages of
ASGI, an exchange takes a whole response in one message, and writes it at once:

    {"type": WHOLE_RESPONSE, "status": 200, "head": header_lines(headers), "body": b"...", "closes": False}

`closes`: the connection ends after the response.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

WHOLE_RESPONSE = "laurels.response"
PIECE_BYTES = 64 * 1024
_UNSAFE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


def header_lines(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The lines of the headers. Raises ValueError for a value that no header can have, such as one with a line end."""
    lines = b""
    for name, value in headers:
        if _UNSAFE.search(value):
            raise ValueError(f"The header {name.decode()} has control characters")
        lines += b"%b: %b\r\n" % (name, value)
    return lines


class Exchange(RequestResponseCycle):
    """A request on a connection, until its response is sent."""

    async def send(self, message: Any) -> None:
        if message["type"] == WHOLE_RESPONSE:
            await self._respond(message)
        else:
            await super().send(message)

    async def _respond(self, message: Mapping[str, Any]) -> None:
        """Sends the response, in pieces if it is long: a caller that does not read must not fill the memory with
        copies."""
        if not await self._may_write():
            return
        self.response_started = True
        self.waiting_for_100_continue = False
        if message["closes"]:
            self.keep_alive = False
        body = b"" if self.scope["method"] == "HEAD" else message["body"]
        parts = [STATUS_LINE[message["status"]]]
        for name, value in self.default_headers:
            parts += (name, b": ", value, b"\r\n")
        parts += (message["head"], b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n", body[:PIECE_BYTES])
        self.transport.write(b"".join(parts))
        for start in range(PIECE_BYTES, len(body), PIECE_BYTES):
            if not await self._may_write():
                return
            self.transport.write(body[start : start + PIECE_BYTES])
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()

    async def _may_write(self) -> bool:
        """Whether the caller is still connected, once the caller has read enough of earlier data."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        return not self.disconnected
