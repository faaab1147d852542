"""The erasures file: the ids of erased people as keyed hashes, kept outside the database so that the erasures can be
repeated after a restore.

Each line is a JSON object, added before the erasure is committed. Without the secret, which is only in the database and
its backups, a line reveals no id.
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
"""The longest time that an erasure waits for its line to be on disk."""
STUCK_SECONDS = 1.0
"""When a line takes longer, further erasures are refused at once, as waiting would only occupy connections."""
LOCK_PAUSE_SECONDS = 0.02
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
_BEGINNING = b'{"project":'


class ErasureLine(Struct, frozen=True, kw_only=True):
    """A line of the file. `id_hash` is in hexadecimal; `secret` is the beginning of a hash of the secret, to detect the
    file of another database."""

    project: str
    lane: int
    id_hash: str
    how: How
    erased_at: datetime
    secret: str


class ErasuresFileError(Exception):
    """The reason, as a sentence, why the file cannot be used."""


def line(erased: Erased, how: How, secret: bytes) -> ErasureLine:
    return ErasureLine(
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
    """Adds lines, in a thread that does not delay the end of the process: a file on a network may hang without end."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._turn = asyncio.Lock()
        self._begun_at = 0.0

    @property
    def is_stuck(self) -> bool:
        return self._turn.locked() and time.monotonic() - self._begun_at > STUCK_SECONDS

    async def add(self, line: ErasureLine) -> None:
        """Adds a line, which is durable when this returns. Raises OSError, which includes TimeoutError."""
        given_up = threading.Event()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._turn.acquire()
                await self._appended(line, given_up)
        finally:
            given_up.set()

    async def _appended(self, line: ErasureLine, given_up: threading.Event) -> None:
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
                return  # The loop was closed in the meantime.

        try:
            threading.Thread(target=work, name="erasures file", daemon=True).start()
        except RuntimeError:
            self._turn.release()
            raise OSError(errno.EAGAIN, "no thread can be started") from None
        await done


def refuse_unfit(path: Path) -> None:
    """Raises ErasuresFileError if lines cannot be added to this file."""
    if not path.parent.is_dir():
        raise ErasuresFileError(f"the folder {path.parent} does not exist")
    if path.exists() and not path.is_file():
        raise ErasuresFileError(f"{path} is not a regular file")


def append(path: Path, line: ErasureLine, is_given_up: Callable[[], bool] = lambda: False) -> None:
    """Adds a line, which is durable when this returns, and whole even if other processes add lines. Raises OSError, and
    then adds nothing."""
    # Should the path be a pipe, neither opening nor writing waits for a reader.
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError(errno.EINVAL, "is not a regular file")
        _lock(file, is_given_up)
        length = os.fstat(file).st_size
        # A line cut off by a crash gets an end, so that it does not spoil the next one.
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
    """Locks the file against other workers and nodes until it is closed, if the file system supports locks. Raises
    OSError."""
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
    """Makes the folder's entry of a new file durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(path: Path, torn: list[int]) -> Iterator[ErasureLine]:
    """Reads all lines. The numbers of lines that were cut off by a crash or a full disk are added to `torn`; their
    erasures were never committed. Raises ErasuresFileError if no line can be read."""
    decoder = msgspec.json.Decoder(ErasureLine)
    count = 0
    with path.open("rb") as file:
        for number, text in enumerate(file, start=1):
            if not text.strip():
                continue
            line = _decoded(decoder, text)
            if line is None:
                torn.append(number)
                # Older servers continued a torn line with the next record.
                line = _decoded(decoder, text[text.rfind(_BEGINNING) :])
            if line is not None:
                count += 1
                yield line
    if torn and not count:
        raise ErasuresFileError(f"{path} is not an erasures file: line {torn[0]} cannot be read.")


def _decoded(decoder: msgspec.json.Decoder[ErasureLine], text: bytes) -> ErasureLine | None:
    """The line; None if the text is invalid or has no end, as such a line was never reported as durable."""
    if not text.endswith(b"\n"):
        return None
    try:
        return decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
