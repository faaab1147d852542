"""The file that outlives the database: who was erased, as keyed hashes, so that it can be repeated after a restore.

One JSON object a line, added before the erasure is committed. Without the secret, which is in the database and in its
back-ups alone, a line tells nobody's id.
"""

import asyncio
import errno
import fcntl
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from laurels.storage.erasing.erasures import Erased, How
from laurels.storage.postgres import whole_writes

FILE_NAME = "erasures.jsonl"
PATIENCE_SECONDS = 3.0
"""An erasure waits no longer for its line to be on the disk."""
STUCK_SECONDS = 1.0
"""When a line takes longer, further erasures are refused at once: they would only keep connections from others."""
LOCK_PAUSE_SECONDS = 0.02
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
_BEGINNING = b'{"project":'


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


class ErasuresFile:
    """Adds lines, in a thread that the end of the process does not wait for: a file on a network may hang for ever."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._turn = asyncio.Lock()
        self._begun_at = 0.0

    @property
    def is_stuck(self) -> bool:
        return self._turn.locked() and time.monotonic() - self._begun_at > STUCK_SECONDS

    async def add(self, line: Line) -> None:
        """Durable when it returns. Raises OSError; TimeoutError is one."""
        given_up = threading.Event()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._turn.acquire()
                await self._appended(line, given_up)
        finally:
            given_up.set()

    async def _appended(self, line: Line, given_up: threading.Event) -> None:
        self._begun_at = time.monotonic()
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def finish(error: OSError | None) -> None:
            self._turn.release()
            if done.cancelled():
                return
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)

        def work() -> None:
            error = None
            try:
                append(self.path, line, given_up.is_set)
            except OSError as raised:
                error = raised
            try:
                loop.call_soon_threadsafe(finish, error)
            except RuntimeError:
                return  # The process has ended meanwhile.

        try:
            threading.Thread(target=work, name="erasures file", daemon=True).start()
        except RuntimeError:
            self._turn.release()
            raise OSError(errno.EAGAIN, "no thread can be started") from None
        await done


def refuse_unfit(path: Path) -> None:
    """Raises ErasuresFileError for what no lines can be added to."""
    if not path.parent.is_dir():
        raise ErasuresFileError(f"there is no folder {path.parent}")
    if path.exists() and not path.is_file():
        raise ErasuresFileError(f"{path} is no regular file")


def append(path: Path, line: Line, is_given_up: Callable[[], bool] = lambda: False) -> None:
    """Durable when it returns; whole lines, whoever else adds some. Raises OSError, and then adds nothing."""
    # Neither opening nor writing waits for somebody who reads, should it be a pipe.
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError(errno.EINVAL, "is no regular file")
        _lock(file, is_given_up)
        length = os.fstat(file).st_size
        # What a crash has cut off gets an end, so that it spoils no other line.
        end = b"\n" if length and os.pread(file, 1, length - 1) != b"\n" else b""
        if is_given_up():
            raise TimeoutError
        content = end + msgspec.json.encode(line) + b"\n"
        whole_writes.add(file, content, is_durable=True)
        if not length:
            _make_durable(path.parent)
        if is_given_up():
            whole_writes.take_back(file, length, len(content))
    finally:
        os.close(file)


def _lock(file: int, is_given_up: Callable[[], bool]) -> None:
    """Against other workers and nodes, until the file is closed, where the file system can. Raises OSError."""
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if is_given_up():
                raise TimeoutError from None
            time.sleep(LOCK_PAUSE_SECONDS)
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            return
        else:
            return


def _make_durable(folder: Path) -> None:
    """That the folder has a new file."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(path: Path, torn: list[int]) -> Iterator[Line]:
    """The numbers of lines that cannot be read in whole come into `torn`: a crash or a full disk has cut them off, and
    what they told of was never done. Raises ErasuresFileError when no line can be read."""
    decoder = msgspec.json.Decoder(Line)
    found = 0
    with path.open("rb") as file:
        for number, text in enumerate(file, start=1):
            if not text.strip():
                continue
            line = _decoded(decoder, text)
            if line is None:
                torn.append(number)
                # Servers of before began the next line in the same one.
                line = _decoded(decoder, text[text.rfind(_BEGINNING) :])
            if line is not None:
                found += 1
                yield line
    if torn and not found:
        raise ErasuresFileError(f"{path} is no file of erasures: line {torn[0]} cannot be read.")


def _decoded(decoder: msgspec.json.Decoder[Line], text: bytes) -> Line | None:
    """None for what is no line, or has no end: nobody was told that it is on the disk."""
    if not text.endswith(b"\n"):
        return None
    try:
        return decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
