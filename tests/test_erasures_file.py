"""The file of erasures has whole lines, whatever crashes, full disks and file systems that hang do to it; and so have
other files."""

import asyncio
import errno
import fcntl
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from laurels.cli.import_progress import RejectionsFile
from laurels.config.importing.lines import ImportStoppedError, RejectedLine
from laurels.embedded import archive
from laurels.storage.erasing import file as erasures_file
from laurels.storage.erasing.file import ErasureLine, ErasuresFile, ErasuresFileError, append, name_of, read
from laurels.storage.postgres import whole_writes
from tests import processes
from tests.checks import assert_refused
from tests.support import Server, free_port


def line(number: int = 0, secret: str = "01234567") -> ErasureLine:
    return ErasureLine(
        project="default",
        lane=4,
        id_hash=f"{number:064x}",
        how="delete",
        erased_at=datetime(2026, 1, 1, tzinfo=UTC),
        secret=secret,
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "erasures.jsonl"


def whole(file: Path) -> tuple[list[ErasureLine], list[int]]:
    torn: list[int] = []
    return list(read(file, torn)), torn


def test_a_line_that_was_cut_off_spoils_no_other(file: Path) -> None:
    append(file, line(1))
    with file.open("ab") as broken:
        broken.write(b'{"project":"default","lane":4')
    append(file, line(2))
    append(file, line(3))
    with file.open("ab") as broken:
        broken.write(msgspec.json.encode(line(4)))
    assert whole(file) == ([line(1), line(2), line(3)], [2, 5])


def test_lines_are_found_that_earlier_servers_added_to_one_that_was_cut_off(file: Path) -> None:
    file.write_bytes(b"\0" * 4_096 + b'{"project":"default","lane":4' + msgspec.json.encode(line(1)) + b"\n")
    append(file, line(2))
    assert whole(file) == ([line(1), line(2)], [1])


def test_what_has_no_line_is_no_file_of_erasures(file: Path) -> None:
    file.write_text("nonsense\nand more\n")
    with pytest.raises(ErasuresFileError, match="line 1 cannot be read"):
        whole(file)
    file.write_text("")
    assert whole(file) == ([], [])


class Disk:
    """Takes `room` bytes more, 7 at once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
        self.room = room
        self._write = os.write
        monkeypatch.setattr(whole_writes.os, "write", self.write)

    def write(self, file: int, content: Any) -> int:
        taken = min(7, self.room, len(content))
        if content and not taken:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.room -= taken
        return self._write(file, content[:taken])


def test_a_line_is_written_to_its_end_or_not_at_all(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(monkeypatch, 1_000_000)
    append(file, line(1))
    disk.room = 60
    with pytest.raises(OSError, match="No space left"):
        append(file, line(2))
    disk.room = 1_000_000
    append(file, line(3))
    assert whole(file) == ([line(1), line(3)], [])


def test_what_cannot_be_made_durable_is_taken_back(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append(file, line(1))
    with monkeypatch.context() as failing:
        failing.setattr(whole_writes.os, "fsync", lambda _file: os.close(-1))
        with pytest.raises(OSError, match="Bad file descriptor"):
            append(file, line(2))
    assert whole(file) == ([line(1)], [])


def test_rejections_are_whole_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rejections.csv"
    disk = Disk(monkeypatch, 1_000_000)
    rejections = RejectionsFile(path, tmp_path / "imported.csv")
    rejections.add(RejectedLine(1, "No.", b"a,b"))
    written = path.read_bytes()
    assert written == b'line,reason,content\r\n1,No.,"a,b"\r\n'
    disk.room = 8
    with pytest.raises(ImportStoppedError, match="No space left on device"):
        rejections.add(RejectedLine(2, "No.", b"c,d"))
    assert path.read_bytes() == written


def test_half_a_path_is_no_backup_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.remember(tmp_path, Path("/mnt/first"))
    with monkeypatch.context() as failing:
        failing.setattr(whole_writes.os, "fsync", lambda _file: os.close(-1))
        with pytest.raises(OSError, match="Bad file descriptor"):
            archive.remember(tmp_path, Path("/mnt/second"))
    assert archive.backup_dir_of(tmp_path) == Path("/mnt/first")
    assert [each.name for each in tmp_path.iterdir()] == [archive.FILE_NAME]
    archive.remember(tmp_path, Path("/mnt/second"))
    assert archive.backup_dir_of(tmp_path) == Path("/mnt/second")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasures_file, "PATIENCE_SECONDS", 0.5)
    monkeypatch.setattr(erasures_file, "STUCK_SECONDS", 0.0)


@pytest.mark.usefixtures("impatient")
def test_a_file_that_somebody_has_locked_is_given_up(file: Path) -> None:
    append(file, line(1))

    async def work() -> None:
        noting = ErasuresFile(file)
        with file.open("rb") as locked:
            fcntl.flock(locked, fcntl.LOCK_EX)
            with pytest.raises(TimeoutError):
                await noting.add(line(2))
            fcntl.flock(locked, fcntl.LOCK_UN)
        await asyncio.gather(*(noting.add(line(number)) for number in (3, 4, 5)))

    asyncio.run(work())
    assert whole(file) == ([line(1), line(3), line(4), line(5)], [])


_HANGING = """
import asyncio, threading
from pathlib import Path
from laurels.storage.erasing import file as erasures_file

erasures_file.PATIENCE_SECONDS = erasures_file.STUCK_SECONDS = 0.2
erasures_file.append = lambda *_arguments: threading.Event().wait()

async def work():
    noting = erasures_file.ErasuresFile(Path("unused"))
    for _ in range(2):
        try:
            await noting.add(None)
        except TimeoutError:
            print("given up", noting.is_stuck)

asyncio.run(work())
"""


def test_a_file_that_hangs_keeps_no_process_from_ending() -> None:
    done = subprocess.run([sys.executable, "-c", _HANGING], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == "given up True\n" * 2


def test_only_regular_files_are_taken(file: Path, name: str, database_url: str) -> None:
    os.mkfifo(file)
    told = processes.laurels(
        "serve", "--port", str(free_port()), "--data-dir", str(file.parent / "data"), LAURELS_ERASURES_FILE=str(file)
    )
    assert (told.returncode, f"LAURELS_ERASURES_FILE: {file} is not a regular file." in told.stderr) == (1, True)
    file.unlink()
    with Server(database_url, erasures_file=str(file)) as server, server.client() as api:
        os.mkfifo(file)
        api.post("/points/award", json={"participant_id": name, "amount": 1}).raise_for_status()
        for _ in range(3):
            assert_refused(api.delete(f"/admin/participants/{name}"), 503)
        assert api.get(f"/participants/{name}").status_code == 200
        file.unlink()
        api.delete(f"/admin/participants/{name}").raise_for_status()
    assert len(whole(file)[0]) == 1


def test_the_command_reads_over_what_was_cut_off(file: Path, database_url: str, server: Server) -> None:
    with psycopg.connect(database_url) as connection:
        [(secret,)] = connection.execute("SELECT secret FROM erasure_secret").fetchall()
    append(file, line(1, name_of(secret)))
    with file.open("ab") as broken:
        broken.write(b'{"project":"default","lane":4\n')
    append(file, line(2, name_of(secret)))
    with file.open("ab") as broken:
        broken.write(b'{"project":"def')
    done = processes.laurels("erasures", "apply", str(file), LAURELS_DATABASE_URL=database_url)
    assert (done.returncode, done.stdout.startswith("Erasures in the file: 2.")) == (3, True), done.stderr
    assert done.stderr.splitlines() == [
        f"Warning: line {number} is cut off; its erasure never took place." for number in (2, 4)
    ]
