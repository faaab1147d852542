"""The metrics of requests, and the rendering of all metrics."""

import os
import platform

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
    multiprocess,
)

from laurels import __version__

CONTENT_TYPE = CONTENT_TYPE_LATEST

CHILD_FOLDER_VARIABLE = "LAURELS_CHILD_METRICS_DIR"
"""The variable with the folder of the metrics of helper processes, for a server with a single worker."""

# Without this, each counter and histogram has a second series with its creation time, which few systems read.
disable_created_metrics()  # type: ignore[no-untyped-call]

_BUILD = Gauge("laurels_build_info", "1, with the versions as labels", ("version", "python"), multiprocess_mode="max")
_BUILD.labels(__version__, platform.python_version()).set(1)

QUEUE_DEPTH = Gauge("laurels_queue_commands", "Commands waiting for a batch", multiprocess_mode="livesum")

KEY_LAST_USED = Gauge(
    "laurels_key_last_used_timestamp_seconds",
    "The time of the key's last request to this server, accurate to a few seconds, by the id of the key",
    ("key",),
    multiprocess_mode="max",
)

_REQUESTS = Counter("laurels_requests", "Requests with a response", ("method", "route", "status"))
_SECONDS = Histogram(
    "laurels_request_seconds",
    "Time from the arrival of a request to its response",
    ("method", "route"),
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


class RequestMeter:
    """The metrics of one route; the labels are looked up only once."""

    def __init__(self, method: str, route: str) -> None:
        self._labels = (method, route)
        self._seconds = _SECONDS.labels(method, route)
        self._by_status: dict[int, Counter] = {}

    def observe(self, status: int, seconds: float) -> None:
        counter = self._by_status.get(status)
        if counter is None:
            counter = self._by_status[status] = _REQUESTS.labels(*self._labels, str(status))
        counter.inc()
        self._seconds.observe(seconds)


def render() -> bytes:
    """The metrics in Prometheus' text format: of all processes of this server if it has several workers
    (PROMETHEUS_MULTIPROC_DIR), otherwise of this process and of the helper processes."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        return _of_folder(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    children = os.environ.get(CHILD_FOLDER_VARIABLE)
    return generate_latest(REGISTRY) + (_of_folder(children) if children else b"")


def _of_folder(folder: str) -> bytes:
    """The metrics of all processes that write theirs into the folder."""
    collected = CollectorRegistry()
    multiprocess.MultiProcessCollector(collected, path=folder)  # type: ignore[no-untyped-call]
    return generate_latest(collected)
