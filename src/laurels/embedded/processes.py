"""Finds and ends PostgreSQL's processes, including processes left behind by a killed owner or a crash."""

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
    """The content of postmaster.pid."""

    pid: int
    socket_dir: str
    is_ready: bool


def environment() -> dict[str, str]:
    """The environment variables for PostgreSQL's programs: without variables that would configure them, and without our
    settings, as some settings are secrets."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LAURELS_"))}


def read_postmaster_file(folder: Path) -> PostmasterFile | None:
    """The content of postmaster.pid; None if the file does not exist or is incomplete."""
    try:
        lines = (folder / "postmaster.pid").read_text(errors="replace").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not lines or not lines[0].strip().isdigit():
        return None
    socket_dir = lines[4].strip() if len(lines) > 4 else ""
    return PostmasterFile(int(lines[0]), socket_dir, len(lines) > 7 and lines[7].strip() == "ready")


def find_postmaster(folder: Path) -> psutil.Process | None:
    """The postmaster recorded in the folder, if the process with its pid is a live postgres on this folder. The pid may
    have been reused by another process."""
    recorded = read_postmaster_file(folder)
    if recorded is None:
        return None
    with suppress(psutil.Error):
        process = psutil.Process(recorded.pid)
        if _is_postmaster(process, folder) and is_alive(process):
            return process
    return None


def is_alive(process: psutil.Process) -> bool:
    """Whether the process runs and is not a zombie."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def stop_postmaster(process: psutil.Process) -> str | None:
    """Stops the postmaster. Returns the mode, or None if it did not stop. The signals are those of `pg_ctl stop -m
    fast` and `-m immediate`."""
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
    """Ends backends that outlived their postmaster, because they hold the shared memory and prevent a new start."""
    orphans = [process for process in psutil.process_iter() if _is_orphan(process, folder, cluster_name)]
    if not orphans:
        return
    log.info("postgres_orphans_ended", pids=[process.pid for process in orphans])
    for number in (signal.SIGQUIT, signal.SIGKILL):
        for process in orphans:
            with suppress(psutil.Error):
                process.send_signal(number)
        if _wait_for_end(orphans, ORPHAN_SECONDS):
            return


def remove_misleading_files(folder: Path, socket_lock: Path) -> None:
    """Removes stale pid files that would prevent PostgreSQL from starting.

    PostgreSQL handles most stale files, but not an empty file, a file with the pid of a zombie, or one whose pid
    another program of the same user has now (common in containers, where pids begin at 1 again). The lock file of the
    socket may also be a copy, for example from a base backup of a folder whose server runs; it then has the path of
    that folder. PostgreSQL's own file is kept in this case, because it protects a folder that was moved while its
    server runs.
    """
    for path in (folder / "postmaster.pid", socket_lock):
        with suppress(FileNotFoundError):
            pid, recorded_folder = (*path.read_text(errors="replace").splitlines(), "", "")[:2]
            is_copied = path == socket_lock and recorded_folder.strip() not in ("", str(folder))
            if not pid.strip().isdigit() or is_copied or _is_misleading(int(pid)):
                path.unlink()
                log.info("postgres_stale_pid_removed", file=path.name, pid=pid)


def _is_postmaster(process: psutil.Process, folder: Path) -> bool:
    return process.name() == "postgres" and str(folder) in process.cmdline()


def _is_orphan(process: psutil.Process, folder: Path, cluster_name: str) -> bool:
    """Whether the process is an orphan, by its title. Every user can read the title; root in a container may not be
    able to read more about another user's process."""
    try:
        if process.name() != "postgres" or not is_alive(process):
            return False
        title = " ".join(process.cmdline())
        return title.startswith(f"postgres: {cluster_name}: ") or _is_postmaster(process, folder)
    except psutil.Error:
        return False


def _is_misleading(pid: int) -> bool:
    """Whether the pid exists but does not belong to a live postgres. To PostgreSQL, the id of a thread or a zombie
    looks alive."""
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
