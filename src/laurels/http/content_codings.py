"""Compressed request bodies: `Content-Encoding: gzip` (RFC 9110, section 8.4.1.3), of one member (RFC 1952)."""

import zlib
from collections.abc import Iterator, Mapping

from laurels.http.errors import Refusal, invalid
from laurels.input.problems import shortened

_PLAIN = (b"", b"identity")
_GZIP = (b"gzip", b"x-gzip")
_GZIP_WINDOW_BITS = 31
PIECE_BYTES = 64 * 1024


class Inflater:
    """What a body was before it was compressed. `pieces` may give anything for a broken one; `finish` then refuses."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(_GZIP_WINDOW_BITS)

    def pieces(self, sent: bytes) -> Iterator[bytes]:
        """At most PIECE_BYTES each: whoever has enough of them stops. Raises Refusal 422."""
        while sent and not self._stream.eof:
            try:
                piece = self._stream.decompress(sent, PIECE_BYTES)
            except zlib.error:
                raise _broken() from None
            sent = self._stream.unconsumed_tail
            if piece:
                yield piece
        if self._stream.eof and (sent or self._stream.unused_data):
            raise _broken()

    def finish(self) -> None:
        """Raises Refusal 422 when the body ended too early."""
        if not self._stream.eof:
            raise _broken()


def inflater(headers: Mapping[bytes, bytes]) -> Inflater | None:
    """None for a body that comes as it is. Raises Refusal 415 for any coding but gzip."""
    coding = headers.get(b"content-encoding", b"").strip().lower()
    if coding in _PLAIN:
        return None
    if coding in _GZIP:
        return Inflater()
    raise unsupported(shortened(coding.decode("latin-1")))


def unsupported(coding: str) -> Refusal:
    detail = f"The Content-Encoding {coding} is not supported; send the body with gzip, or without a Content-Encoding"
    return Refusal(415, detail, headers={"Accept-Encoding": "gzip"}, code="encoding_unsupported")


def _broken() -> Refusal:
    return invalid("", "is not the gzip that its Content-Encoding says")
