"""CPU time and memory of whole process trees, as counted by the operating system."""

from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Usage:
    """CPU seconds since the start, and memory in MB. Pages that several processes share count once."""

    cpu_seconds: float
    memory_mb: float


def private_mb(pid: int) -> float:
    """The unshared memory of the process and its descendants, which would be free without them. For PostgreSQL this
    excludes the shared buffers, which count as resident memory of each of its processes."""
    processes = (psutil.Process(pid), *psutil.Process(pid).children(recursive=True))
    return sum(_private(process) for process in processes) / 1e6


def _private(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().uss)
    except psutil.NoSuchProcess:
        return 0


def usage(pid: int) -> Usage:
    """The usage of the process and all its descendants, including ended ones."""
    root = psutil.Process(pid)
    seconds = memory = 0.0
    for process in (root, *root.children(recursive=True)):
        try:
            times = process.cpu_times()
            seconds += times.user + times.system + times.children_user + times.children_system
            memory += process.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return Usage(seconds, memory / 1e6)
