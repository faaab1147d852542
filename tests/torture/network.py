"""A proxy that hands bytes on, and now and then closes in the middle of an answer."""

import asyncio
from contextlib import suppress
from random import Random

CHUNK_BYTES = 65_536


class CuttingProxy:
    """In front of one server. `share` is the part of the answers that it cuts.

    It cuts answers alone: the server has done by then what was asked, and only the caller does not know.
    """

    def __init__(self, port: int, dice: Random, share: float) -> None:
        self.share = share
        self.cuts = 0
        self._port = port
        self._dice = dice
        self._server: asyncio.Server | None = None

    async def start(self) -> str:
        """Returns its url."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def close(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            upstream = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            writer.transport.abort()
            return
        pumps = [
            asyncio.create_task(self._ask(reader, upstream[1])),
            asyncio.create_task(self._answer(upstream[0], writer)),
        ]
        # Cancelled when the run ends.
        with suppress(asyncio.CancelledError):
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in pumps:
            pump.cancel()
        upstream[1].transport.abort()
        # Closed and not aborted: what was passed on of a cut answer reaches the caller.
        writer.close()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await reader.read(CHUNK_BYTES):
                writer.write(chunk)
                await writer.drain()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await reader.read(CHUNK_BYTES):
                if self._dice.random() < self.share:
                    self.cuts += 1
                    writer.write(chunk[: self._dice.randrange(len(chunk))])
                    return
                writer.write(chunk)
                await writer.drain()
