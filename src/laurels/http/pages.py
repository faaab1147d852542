"""Pages of which the content may be long: answered whole when they fit into a piece, else piece by piece as they are
taken, so that neither many pages nor callers who take nothing fill the memory."""

from collections.abc import AsyncGenerator, Callable
from typing import Any

import msgspec
from msgspec import Struct

from laurels.http.endpoint import Reply, StreamedReply
from laurels.store.pieces import Piece


async def reply(
    answer: Struct, field: str, found: AsyncGenerator[Piece[Any], None], shown: Callable[[Any], Any]
) -> Reply | StreamedReply:
    """The answer, with what is found, as it is `shown`, in its list `field`, which is empty."""
    head, end = _halves(answer, field)
    first = await anext(found)
    items = _items(first, shown)
    if first.is_last:
        await found.aclose()
        return Reply(head + items + end)
    return StreamedReply(_rest(head + items, found, shown, end), b"application/json")


async def _rest(
    begun: bytes, found: AsyncGenerator[Piece[Any], None], shown: Callable[[Any], Any], end: bytes
) -> AsyncGenerator[bytes, None]:
    try:
        yield begun
        del begun
        async for piece in found:
            if piece.rows:
                yield b"," + _items(piece, shown)
        yield end
    finally:
        await found.aclose()


def _items(piece: Piece[Any], shown: Callable[[Any], Any]) -> bytes:
    return msgspec.json.encode([shown(row) for row in piece.rows])[1:-1]


def _halves(answer: Struct, field: str) -> tuple[bytes, bytes]:
    """Before and after the list's items. In a text its name would have backslashes before the quotes."""
    before, name, after = msgspec.json.encode(answer).partition(b'"%s":[' % field.encode())
    return before + name, after
