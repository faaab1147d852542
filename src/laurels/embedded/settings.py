"""The default settings of the embedded PostgreSQL."""

from contextlib import suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]

MEGABYTE = 1024 * 1024


def default_settings() -> dict[str, str]:
    """Settings with full durability, memory in proportion to the machine, and early vacuum, because awards update the
    same rows again and again."""
    shared_megabytes = min(max(_memory_bytes() // 4 // MEGABYTE, 128), 2048)
    return {
        "shared_buffers": f"{shared_megabytes}MB",
        "max_connections": "100",
        "max_wal_size": "4GB",
        "min_wal_size": "1GB",
        "wal_buffers": "16MB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "jit": "off",
        # Parallel queries need /dev/shm, of which a container has only 64 MB.
        "max_parallel_workers_per_gather": "0",
        "autovacuum": "on",
        "autovacuum_naptime": "15s",
        "autovacuum_vacuum_scale_factor": "0.05",
        "autovacuum_analyze_scale_factor": "0.05",
        "autovacuum_vacuum_cost_limit": "1000",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "logging_collector": "off",
        "log_destination": "stderr",
        # The details of errors would quote personal data.
        "log_error_verbosity": "terse",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
    }


def _memory_bytes() -> int:
    """The memory of the machine, or the limit of the container if that is lower."""
    total_bytes = int(psutil.virtual_memory().total)
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with suppress(OSError, ValueError):
            total_bytes = min(total_bytes, int(Path(path).read_text()))
    return total_bytes
