"""Pages of lists: the requested rows, cursors, and long pages that are streamed.

A cursor holds the position of the last row of a page (`storage/postgres/page_bounds.py`). It is neither secret nor
signed and grants no access: the key still determines the project and the readable rows. Its checksum covers the list,
the filters and the order, so that a cursor of another list is recognized as a mistake.
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
from laurels.web.requests.fields import PageQuery

Query = TypeVar("Query", bound=PageQuery)
Answer = TypeVar("Answer", bound=Struct)
Row = TypeVar("Row")

CURSOR_EXAMPLE = "c8ytcAuPgyeRzSck"
_CHECKSUM_BYTES = 8

ROWS_BY_NUMBER = 10_000
"""The number of rows that can be reached by page numbers. For such a page the database reads all rows before it."""


class Listing(Struct, frozen=True, kw_only=True):
    """A request for a page of a list. `context` identifies the list, its filters and its order."""

    context: bytes
    query: PageQuery
    bounds: PageBounds

    def cursor(self, position: Position | None) -> str | None:
        """The cursor for the rows after a position, None for no position: no rows follow."""
        return None if position is None else cursor_text(self.context, position)

    def page_fields(self, total: int, last_position: Position | None = None) -> dict[str, Any]:
        """The fields about the page that every list response has."""
        return {
            "total": total,
            "page": self.query.page,
            "page_size": self.query.page_size,
            "next_cursor": self.cursor(last_position),
        }


def listing(request: Request[Any, Query], name: str, position: Any) -> Listing:
    """The page that the request asks for. `name` is the name of the list, `position` the type of its positions. Raises
    Refusal 422."""
    query = request.query
    parameters = msgspec.structs.asdict(query)
    filters = {name: value for name, value in parameters.items() if name not in PageQuery.__struct_fields__}
    context = msgspec.msgpack.encode((name, request.project_id, request.path, filters))
    if query.after is None:
        if query.page * query.page_size > ROWS_BY_NUMBER:
            raise invalid(
                "page",
                f"times page_size must be at most {ROWS_BY_NUMBER}; to read further, send the next_cursor of the "
                "previous page as after",
            )
        return Listing(context=context, query=query, bounds=PageBounds(limit=query.page_size, offset=query.offset))
    if query.page > 1:
        raise invalid("after", "and page cannot be combined; send one of them")
    after = position_in(context, query.after, position)
    return Listing(context=context, query=query, bounds=PageBounds(limit=query.page_size, after=after))


def cursor_text(context: bytes, position: Position) -> str:
    """The cursor of a list that the context identifies."""
    packed = msgspec.msgpack.encode(position)
    return urlsafe_b64encode(_checksum(context, packed) + packed).rstrip(b"=").decode()


def _checksum(context: bytes, packed: bytes) -> bytes:
    return blake2b(context + packed, digest_size=_CHECKSUM_BYTES).digest()


def position_in(context: bytes, cursor: str, kind: Any) -> Any:
    """The position in the cursor of a list that the context identifies. Raises Refusal 422."""
    try:
        packed = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))[_CHECKSUM_BYTES:]
        position: Position = msgspec.msgpack.decode(packed, type=kind)
        # Encoding the position again must give the same cursor: this verifies the checksum and the canonical encoding.
        is_ours = cursor_text(context, position) == cursor
    except (ValueError, OverflowError, msgspec.DecodeError):
        is_ours = False
    if not is_ours:
        raise invalid("after", "must be the next_cursor of a response of this list, with the same filters and order")
    return position


async def reply(
    listed: Listing,
    answer: Struct,
    field: str,
    pieces: AsyncGenerator[Piece[Row], None],
    shown: Callable[[Row], object],
) -> Reply | StreamedReply:
    """The response with the rows, converted by `shown`, in the list `field`, which is empty in `answer`.

    A response that fits into one piece is sent whole. A longer one is streamed as the caller reads it, so that neither
    many pages nor callers that do not read fill the memory.
    """
    first = await anext(pieces)
    answer = msgspec.structs.replace(answer, next_cursor=listed.cursor(first.last_position))
    return await _in_pieces(answer, field, first, pieces, shown)


async def whole_list(
    answer: Struct, field: str, pieces: AsyncGenerator[Piece[Row], None], shown: Callable[[Row], object]
) -> Reply | StreamedReply:
    """The same as `reply`, for a list without pages."""
    return await _in_pieces(answer, field, await anext(pieces), pieces, shown)


async def _in_pieces(
    answer: Struct,
    field: str,
    first: Piece[Row],
    pieces: AsyncGenerator[Piece[Row], None],
    shown: Callable[[Row], object],
) -> Reply | StreamedReply:
    head, end = _halves(answer, field)
    items = _items(first, shown)
    if first.is_last:
        await pieces.aclose()
        return Reply(head + items + end)
    return StreamedReply(_rest(head + items, pieces, shown, end), b"application/json")


async def _rest(
    beginning: bytes, pieces: AsyncGenerator[Piece[Row], None], shown: Callable[[Row], object], end: bytes
) -> AsyncGenerator[bytes, None]:
    try:
        yield beginning
        del beginning
        async for piece in pieces:
            if piece.rows:
                yield b"," + _items(piece, shown)
        yield end
    finally:
        await pieces.aclose()


def _items(piece: Piece[Row], shown: Callable[[Row], object]) -> bytes:
    return msgspec.json.encode([shown(row) for row in piece.rows])[1:-1]


def _halves(answer: Struct, field: str) -> tuple[bytes, bytes]:
    """The JSON before and after the items of the list. The search cannot match inside a string, where quotes have
    backslashes before them."""
    before, name, after = msgspec.json.encode(answer).partition(b'"%s":[' % field.encode())
    return before + name, after
