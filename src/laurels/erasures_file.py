"""The file that outlives the database: who was erased, as keyed hashes, so that it can be repeated after a restore.

One JSON object a line, added before the erasure is committed. Without the secret, which is in the database and in its
back-ups alone, a line tells nobody's id.
"""

import os
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from laurels.store.erasures import Erased, How

FILE_NAME = "erasures.jsonl"


class Line(Struct, frozen=True, kw_only=True):
    """`id_hash` in hexadecimal; `secret` is the beginning of the secret's own hash, to tell another database's file."""

    project: str
    lane: int
    id_hash: str
    how: How
    erased_at: datetime
    secret: str


class ErasuresFileError(Exception):
    """The file cannot be used, in a sentence."""


def line(erased: Erased, how: How, secret: bytes) -> Line:
    return Line(
        project=erased.project_code,
        lane=erased.lane,
        id_hash=erased.id_hash.hex(),
        how=how,
        erased_at=erased.erased_at,
        secret=name_of(secret),
    )


def name_of(secret: bytes) -> str:
    return sha256(secret).hexdigest()[:8]


def append(path: Path, line: Line) -> None:
    """Durable when it returns; whole lines, whoever else adds some. Raises OSError."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, msgspec.json.encode(line) + b"\n")
        os.fsync(file)
    finally:
        os.close(file)


def read(path: Path) -> Iterator[Line]:
    """Raises ErasuresFileError. A last line that was cut off, with the machine, is of an erasure that never was."""
    decoder = msgspec.json.Decoder(Line)
    with path.open("rb") as file:
        for number, text in enumerate(file, start=1):
            if not text.endswith(b"\n") or not text.strip():
                continue
            try:
                yield decoder.decode(text)
            except (msgspec.DecodeError, UnicodeDecodeError):
                raise ErasuresFileError(f"{path} is no file of erasures: line {number} cannot be read.") from None
