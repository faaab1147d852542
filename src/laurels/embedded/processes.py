"""Finding and ending PostgreSQL's processes, also those that a killed owner or a crash left behind."""

import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil  # type: ignore[import-untyped]
import structlog

log = structlog.get_logger("laurels.embedded")

FAST_STOP_SECONDS = 60.0
IMMEDIATE_STOP_SECONDS = 15.0
ORPHAN_SECONDS = 5.0
POLL_SECONDS = 0.05


class PostmasterFile(NamedTuple):
    """What PostgreSQL writes into postmaster.pid."""

    pid: int
    socket_dir: str
    is_ready: bool


def environment() -> dict[str, str]:
    """For PostgreSQL's programs: variables that steer them come from us alone, and our settings, of which some are
    secrets, are no business of theirs nor of the commands that they run."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LAURELS_"))}


def read_postmaster_file(folder: Path) -> PostmasterFile | None:
    """None also for a file that is still being written."""
    try:
        lines = (folder / "postmaster.pid").read_text(errors="replace").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not lines or not lines[0].strip().isdigit():
        return None
    socket_dir = lines[4].strip() if len(lines) > 4 else ""
    return PostmasterFile(int(lines[0]), socket_dir, len(lines) > 7 and lines[7].strip() == "ready")


def find_postmaster(folder: Path) -> psutil.Process | None:
    """The recorded one, if its pid is still that of a postgres on this very folder and not another's by reuse."""
    recorded = read_postmaster_file(folder)
    if recorded is None:
        return None
    with suppress(psutil.Error):
        process = psutil.Process(recorded.pid)
        if _is_postmaster(process, folder) and is_alive(process):
            return process
    return None


def is_alive(process: psutil.Process) -> bool:
    """A zombie, which waits for its parent's attention, is dead."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def stop_postmaster(process: psutil.Process) -> str | None:
    """How it stopped, or None if it did not. The signals are those of `pg_ctl stop -m fast` and `-m immediate`."""
    for mode, number, seconds in (
        ("fast", signal.SIGINT, FAST_STOP_SECONDS),
        ("immediate", signal.SIGQUIT, IMMEDIATE_STOP_SECONDS),
    ):
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)
        if _wait_for_end([process], seconds):
            return mode
    return None


def end_orphans(folder: Path, cluster_name: str) -> None:
    """Backends that outlived their postmaster hold the shared memory and keep a new one from starting."""
    orphans = [process for process in psutil.process_iter() if _is_orphan(process, folder, cluster_name)]
    if not orphans:
        return
    log.info("postgres_orphans", pids=[process.pid for process in orphans])
    for number in (signal.SIGQUIT, signal.SIGKILL):
        for process in orphans:
            with suppress(psutil.Error):
                process.send_signal(number)
        if _wait_for_end(orphans, ORPHAN_SECONDS):
            return


def remove_misleading_files(folder: Path, socket_lock: Path) -> None:
    """A stale pid file, PostgreSQL's own or its socket's, would keep it from starting if it is empty, if its process
    is a zombie, or if another program of the same user has the pid now (usual in containers, where pids start anew).
    Other stale ones PostgreSQL handles. That of the socket may also have come along with a copy, such as a base backup,
    of a folder whose server runs: then it names that folder. PostgreSQL's own protects a folder that was moved under a
    running server, whatever it names."""
    for path in (folder / "postmaster.pid", socket_lock):
        with suppress(FileNotFoundError):
            pid, named = (*path.read_text(errors="replace").splitlines(), "", "")[:2]
            is_copied = path == socket_lock and named.strip() not in ("", str(folder))
            if not pid.strip().isdigit() or is_copied or _is_misleading(int(pid)):
                path.unlink()
                log.info("postgres_stale_pid_removed", file=path.name, pid=pid)


def _is_postmaster(process: psutil.Process, folder: Path) -> bool:
    return process.name() == "postgres" and str(folder) in process.cmdline()


def _is_orphan(process: psutil.Process, folder: Path, cluster_name: str) -> bool:
    """By its title, which everyone may read; root in a container may not look into another user's process."""
    try:
        if process.name() != "postgres" or not is_alive(process):
            return False
        title = " ".join(process.cmdline())
        return title.startswith(f"postgres: {cluster_name}: ") or _is_postmaster(process, folder)
    except psutil.Error:
        return False


def _is_misleading(pid: int) -> bool:
    """True if the pid exists but is no live postgres. A thread's id and a zombie look alive to PostgreSQL."""
    try:
        os.kill(pid, 0)
        process = psutil.Process(pid)
        return not is_alive(process) or bool(process.name() != "postgres")
    except psutil.NoSuchProcess:
        return True
    except OSError:
        return False


def _wait_for_end(processes: Sequence[psutil.Process], timeout_seconds: float) -> bool:
    deadline = time.monotonic() + timeout_seconds
    while any(is_alive(process) for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True
