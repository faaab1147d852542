"""Compressed request bodies: `Content-Encoding: gzip` (RFC 9110, section 8.4.1.3), of one member or several
(RFC 1952, section 2.2)."""

import zlib
from collections.abc import Iterator, Mapping

from laurels.kernel.input.problems import shortened
from laurels.web.protocol.errors import Refusal, invalid

_PLAIN = (b"", b"identity")
_GZIP = (b"gzip", b"x-gzip")
_GZIP_WINDOW_BITS = 31
PIECE_BYTES = 64 * 1024
MEMBERS_LIMIT = 1_000
"""The most gzip members in one body. bgzip writes members of 64 KiB, and each member needs a decompressor."""


class Inflater:
    """Decompresses a body. For an invalid body `pieces` may return any bytes; `finish` then raises Refusal."""

    def __init__(self) -> None:
        self._members = 0
        self._begin_member()

    def _begin_member(self) -> None:
        """Raises Refusal 422."""
        self._members += 1
        if self._members > MEMBERS_LIMIT:
            raise invalid("", f"has more than {MEMBERS_LIMIT} gzip members; compress it as one member")
        self._stream = zlib.decompressobj(_GZIP_WINDOW_BITS)

    def pieces(self, sent: bytes) -> Iterator[bytes]:
        """The decompressed bytes in pieces of at most PIECE_BYTES, so that the caller can stop early. Raises Refusal
        422."""
        # Short slices, because each member and each piece copies the rest of its slice.
        for start in range(0, len(sent), PIECE_BYTES):
            yield from self._of_slice(sent[start : start + PIECE_BYTES])

    def _of_slice(self, sent: bytes) -> Iterator[bytes]:
        while sent:
            if self._stream.eof:
                self._begin_member()
            try:
                piece = self._stream.decompress(sent, PIECE_BYTES)
            except zlib.error:
                raise _broken() from None
            sent = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            if piece:
                yield piece

    def finish(self) -> None:
        """Raises Refusal 422 if the body ended too early."""
        if not self._stream.eof:
            raise _broken()


def inflater(headers: Mapping[bytes, bytes]) -> Inflater | None:
    """The inflater for the Content-Encoding of a request, None for an uncompressed body. Raises Refusal 415 for any
    coding except gzip."""
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
    return invalid("", "is not valid gzip, although its Content-Encoding is gzip")
