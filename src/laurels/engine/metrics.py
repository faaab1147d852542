"""The engine's metrics."""

from prometheus_client import Counter, Histogram

_BATCH_SIZE = Histogram(
    "laurels_batch_commands", "Commands in a committed batch", buckets=(1, 2, 4, 8, 16, 32, 64, 128)
)
_COMMIT = Histogram(
    "laurels_commit_seconds",
    "Time PostgreSQL takes for a batch's COMMIT",
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5),
)
_RETRIES = Counter("laurels_batch_retries", "Batches run again after a deadlock, a lost connection or a race")
_LEFT_OUT = Counter(
    "laurels_people_left_out", "Times a participant was left out of a batch, since another session had locked a row"
)
_REFUSED = Counter("laurels_commands_refused", "Commands refused because the queue was full")


class EngineMetrics:
    batch_size = _BATCH_SIZE
    commit_seconds = _COMMIT
    retries = _RETRIES
    left_out = _LEFT_OUT
    refused = _REFUSED
