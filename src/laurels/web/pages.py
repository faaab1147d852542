"""Pages of lists: which rows a request asks for, cursors, and pages whose content may be long.

A cursor holds the position of a page's last row (`storage/postgres/page_bounds.py`). It is neither secret nor signed,
and grants nothing: the project and what may be read come from the key, as without it. A checksum over the list, its
filters and its order tells a developer who mixed two lists up.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncGenerator, Callable
from hashlib import blake2b
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from laurels.storage.postgres.page_bounds import PageBounds, Position
from laurels.storage.postgres.pieces import Piece
from laurels.web.endpoint import Reply, Request, StreamedReply
from laurels.web.protocol.errors import invalid
from laurels.web.requests.fields import Page

Query = TypeVar("Query", bound=Page)
Answer = TypeVar("Answer", bound=Struct)
Row = TypeVar("Row")

CURSOR_EXAMPLE = "c8ytcAuPgyeRzSck"
_CHECKSUM_BYTES = 8

ROWS_BY_NUMBER = 10_000
"""So many rows from the beginning can be had by the number of their page: the database reads all that come before."""


class Listing(Struct, frozen=True, kw_only=True):
    """A request for a page of a list. `context` tells the list, its filters and its order from all others."""

    context: bytes
    query: Page
    bounds: PageBounds

    def cursor(self, position: Position | None) -> str | None:
        """The cursor for what follows a row, None where nothing does."""
        return None if position is None else _cursor(self.context, position)

    def told(self, total: int, last_position: Position | None = None) -> dict[str, Any]:
        """What every such response says of the page."""
        return {
            "total": total,
            "page": self.query.page,
            "page_size": self.query.page_size,
            "next_cursor": self.cursor(last_position),
        }


def listing(request: Request[Any, Query], name: str, position: Any) -> Listing:
    """`name` is the list's, `position` the type of its positions. Raises Refusal 422."""
    query = request.query
    asked = msgspec.structs.asdict(query)
    filters = {name: value for name, value in asked.items() if name not in Page.__struct_fields__}
    context = msgspec.msgpack.encode((name, request.project_id, request.path, filters))
    if query.after is None:
        if query.page * query.page_size > ROWS_BY_NUMBER:
            raise invalid(
                "page",
                f"times page_size must be at most {ROWS_BY_NUMBER}; to read further, send the next_cursor of a page "
                "as after",
            )
        return Listing(context=context, query=query, bounds=PageBounds(limit=query.page_size, offset=query.offset))
    if query.page > 1:
        raise invalid("after", "and page are both given; send one of them")
    after = _position(context, query.after, position)
    return Listing(context=context, query=query, bounds=PageBounds(limit=query.page_size, after=after))


def _cursor(context: bytes, position: Position) -> str:
    packed = msgspec.msgpack.encode(position)
    return urlsafe_b64encode(_checksum(context, packed) + packed).rstrip(b"=").decode()


def _checksum(context: bytes, packed: bytes) -> bytes:
    return blake2b(context + packed, digest_size=_CHECKSUM_BYTES).digest()


def _position(context: bytes, cursor: str, kind: Any) -> Position:
    """Raises Refusal 422."""
    try:
        packed = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))[_CHECKSUM_BYTES:]
        position: Position = msgspec.msgpack.decode(packed, type=kind)
        # Made anew it is the same: so its checksum is right, and nothing in it has a form of its own.
        is_ours = _cursor(context, position) == cursor
    except (ValueError, OverflowError, msgspec.DecodeError):
        is_ours = False
    if not is_ours:
        raise invalid("after", "must be the next_cursor of a response of this list with the same filters and order")
    return position


async def reply(
    listed: Listing, answer: Struct, field: str, found: AsyncGenerator[Piece[Row], None], shown: Callable[[Row], object]
) -> Reply | StreamedReply:
    """The answer, with what is found, as it is `shown`, in its list `field`, which is empty: whole when it fits into a
    piece, else piece by piece as they are taken, so that neither many pages nor callers who take nothing fill the
    memory."""
    first = await anext(found)
    answer = msgspec.structs.replace(answer, next_cursor=listed.cursor(first.last_position))
    return await _in_pieces(answer, field, first, found, shown)


async def whole_list(
    answer: Struct, field: str, found: AsyncGenerator[Piece[Row], None], shown: Callable[[Row], object]
) -> Reply | StreamedReply:
    """As `reply`, for a list without pages."""
    return await _in_pieces(answer, field, await anext(found), found, shown)


async def _in_pieces(
    answer: Struct,
    field: str,
    first: Piece[Row],
    found: AsyncGenerator[Piece[Row], None],
    shown: Callable[[Row], object],
) -> Reply | StreamedReply:
    head, end = _halves(answer, field)
    items = _items(first, shown)
    if first.is_last:
        await found.aclose()
        return Reply(head + items + end)
    return StreamedReply(_rest(head + items, found, shown, end), b"application/json")


async def _rest(
    begun: bytes, found: AsyncGenerator[Piece[Row], None], shown: Callable[[Row], object], end: bytes
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


def _items(piece: Piece[Row], shown: Callable[[Row], object]) -> bytes:
    return msgspec.json.encode([shown(row) for row in piece.rows])[1:-1]


def _halves(answer: Struct, field: str) -> tuple[bytes, bytes]:
    """Before and after the list's items. In a text its name would have backslashes before the quotes."""
    before, name, after = msgspec.json.encode(answer).partition(b'"%s":[' % field.encode())
    return before + name, after
