"""CPU time and memory of whole process trees, from the operating system's own counts."""

from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Usage:
    """Seconds of CPU since start, and resident memory in MB."""

    cpu_seconds: float
    resident_mb: float


def usage(pid: int) -> Usage:
    """Of the process and all its descendants, ended and reaped ones included."""
    root = psutil.Process(pid)
    seconds = resident = 0.0
    for process in (root, *root.children(recursive=True)):
        try:
            times = process.cpu_times()
            seconds += times.user + times.system + times.children_user + times.children_system
            resident += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return Usage(seconds, resident / 1e6)
