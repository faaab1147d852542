"""Writing that is done to its end or not at all: a full disk leaves no part of a line, nor of a file."""

import os
from pathlib import Path


def add(file: int, content: bytes, *, is_durable: bool = False) -> None:
    """Appends to an open file that nobody else appends to meanwhile. Raises OSError; the file then ends as before."""
    before = os.fstat(file).st_size
    left = memoryview(content)
    try:
        while left:
            left = left[os.write(file, left) :]
        if is_durable:
            os.fsync(file)
    except OSError:
        take_back(file, before, len(content) - len(left))
        raise


def take_back(file: int, before: int, added: int) -> None:
    """So many bytes after the first `before`; what somebody else has added all the same is not ours to take away."""
    if added and os.fstat(file).st_size == before + added:
        os.ftruncate(file, before)


def replace(path: Path, content: bytes) -> None:
    """The file has all of this content or, after an OSError, what it had before."""
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
