"""A light HTTP client for many concurrent requests: raw connections, one request at a time on each."""

import asyncio
import json
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.support import ADMIN_KEY


@dataclass
class Reply:
    """`status` is 0 when the connection broke before a whole answer had come."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


BROKEN = Reply(0, {}, b"")


class Connection:
    """Reconnects by itself."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self._address = (parts.hostname, parts.port)
        # Tests make their own certificates.
        self._tls = ssl._create_unverified_context() if parts.scheme == "https" else None
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: dict[str, Any], key: str = ADMIN_KEY) -> Reply:
        return await self.send("POST", path, body, key)

    async def send(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | bytes | None = None,
        key: str = ADMIN_KEY,
        seconds: float = 30,
    ) -> Reply:
        """Sends `body` as JSON, or the bytes as they are. Hangs up after `seconds` without an answer."""
        sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        try:
            async with asyncio.timeout(seconds):
                return await self._send(method, path, sent, key)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            self.close()
            return BROKEN

    async def _send(self, method: str, path: str, body: bytes, key: str) -> Reply:
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._address, ssl=self._tls)
        reader, writer = self._streams
        head = (
            f"{method} /api/v1/gamify{path} HTTP/1.1\r\nHost: test\r\nX-API-Key: {key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:] if line)}
        length = headers.get("content-length")
        # Streamed responses are JSON lines, in which no chunk's end occurs.
        answer = await (reader.readuntil(b"\r\n0\r\n\r\n") if length is None else reader.readexactly(int(length)))
        return Reply(int(lines[0].split()[1]), headers, answer)

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def post_all(
    base_urls: list[str], requests: Iterable[tuple[str, dict[str, Any]]], connections: int = 64
) -> list[tuple[dict[str, Any], Reply]]:
    """Sends all requests over the connections, spread over the servers; (body, reply) as the replies come."""
    waiting = iter(requests)
    replies: list[tuple[dict[str, Any], Reply]] = []

    async def work(connection: Connection) -> None:
        for path, body in waiting:
            replies.append((body, await connection.post(path, body)))
        connection.close()

    await asyncio.gather(*(work(Connection(base_urls[number % len(base_urls)])) for number in range(connections)))
    return replies
