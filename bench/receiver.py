"""A receiver of webhooks that only counts: a separate process, which responds 204 to every request.

It writes a line for each request that it gets over GET: the number of requests, and the milliseconds from the time of
the facts to the arrival of the requests (p50 and p99) since the last such line."""

import asyncio
import re
import sys
import time
from datetime import datetime

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_RECORDED = re.compile(rb'"recorded_at":"([^"]+)"')
_NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"


class Counter:
    """The requests that have arrived."""

    def __init__(self) -> None:
        self.requests = 0
        self._milliseconds: list[float] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection until it ends."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                if head.startswith(b"GET"):
                    writer.write(self._told())
                    continue
                length = _LENGTH.search(head)
                assert length is not None
                self._note(await reader.readexactly(int(length[1])))
                writer.write(_NO_CONTENT)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _note(self, body: bytes) -> None:
        self.requests += 1
        recorded = _RECORDED.search(body)
        if recorded is not None:
            at = datetime.fromisoformat(recorded[1].decode()).timestamp()
            self._milliseconds.append((time.time() - at) * 1_000)

    def _told(self) -> bytes:
        ordered, self._milliseconds = sorted(self._milliseconds) or [0.0], []
        p50, p99 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
        body = f"{self.requests} {p50:.1f} {p99:.1f}".encode()
        return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)


async def main(port: int) -> None:
    server = await asyncio.start_server(Counter().serve, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
