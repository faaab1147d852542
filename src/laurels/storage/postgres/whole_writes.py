"""Writes that are complete or have no effect: a full disk leaves no partial line and no partial file."""

import os
from pathlib import Path


def add(file: int, content: bytes, *, is_durable: bool = False) -> None:
    """Appends to an open file, which no other process may append to meanwhile. Raises OSError; the file is then as
    before."""
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
    """Removes the `added` bytes after the first `before`, unless another process has appended to the file since."""
    if added and os.fstat(file).st_size == before + added:
        os.ftruncate(file, before)


def replace(path: Path, content: bytes) -> None:
    """Replaces the file's content. After an OSError, the file has its previous content."""
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
