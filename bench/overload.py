"""The step `overload`: ten times the connections of the peak. Measures the rate during the overload, the refusals, and
the time until the server has recovered."""

import threading
import time
from typing import Any

from bench import load, stack
from bench.bench import PORT, Bench, Ratio, Settings, Step
from bench.load import TimedResponse
from bench.processes import usage

TIMES = 10
PROBES_PER_SECOND = 20
CALM_PER_SECOND = 200
RECOVERY_SECONDS = 15
RECOVERED = 2
"""The server has recovered when p99 is at most this multiple of the p99 before the overload."""

CROWDS: dict[str, dict[str, Any]] = {
    "awards": {},
    "batches": {"path": "/api/v1/gamify/points/award-batch", "batch": 100},
}


def run(bench: Bench) -> None:
    """Measures single awards, which all fit into the queue, and batches of 100, most of which do not."""
    for name, options in CROWDS.items():
        for _ in range(bench.settings.rounds):
            bench.settle()
            with stack.laurels(bench.postgres.url, PORT, 1) as pid:
                _crowd(bench, f"overload, {name}", options, pid)


def _crowd(bench: Bench, name: str, options: dict[str, Any], pid: int) -> None:
    participants, seconds = bench.settings.participants, bench.settings.overload_seconds
    connections = load.BATCH_CONNECTIONS if "batch" in options else load.CONNECTIONS
    peak = load.wrk(PORT, bench.settings.seconds, participants, **options)
    _, calm_ms = load.percentiles(load.open_loop(PORT, CALM_PER_SECOND, 5, load.awards(participants)))
    memory_mb = usage(pid).memory_mb
    probes: list[TimedResponse] = []
    prober = threading.Thread(
        target=lambda: probes.extend(load.open_loop(PORT, PROBES_PER_SECOND, seconds - 1, load.awards(participants)))
    )
    prober.start()
    crowd = load.wrk(PORT, seconds, participants, connections=TIMES * connections, allow_busy=True, **options)
    crowded_mb = usage(pid).memory_mb
    ended = time.perf_counter()
    prober.join()
    after = load.open_loop(PORT, CALM_PER_SECOND, RECOVERY_SECONDS, load.awards(participants))
    add = bench.findings.add
    add(f"{name}: peak /s", peak.per_second)
    add(f"{name}: crowd /s", crowd.per_second)
    add(f"{name}: refused /s", crowd.refused / crowd.seconds)
    _add_probes(bench, name, probes)
    add(f"{name}: memory before MB", memory_mb)
    add(f"{name}: memory with the crowd MB", crowded_mb)
    add(f"{name}: calm p99 ms", calm_ms)
    add(f"{name}: recovered after s", _recovered_after(after, ended, calm_ms))


def _add_probes(bench: Bench, name: str, probes: list[TimedResponse]) -> None:
    for outcome, status in (("done", 200), ("refused", 503)):
        waits = sorted(probe.milliseconds for probe in probes if probe.status == status)
        if waits:
            bench.findings.add(f"{name}: {outcome}, p50 ms", waits[len(waits) // 2])
            bench.findings.add(f"{name}: {outcome}, p99 ms", waits[int(len(waits) * 0.99)])
            bench.findings.add(f"{name}: {outcome}, longest ms", waits[-1])


def _recovered_after(responses: list[TimedResponse], ended: float, calm_ms: float) -> float:
    """The number of seconds after which p99 stays low in each second."""
    recovered = 0.0
    for second in range(RECOVERY_SECONDS):
        within = [each for each in responses if second <= each.due_at - ended < second + 1]
        waits = sorted(each.milliseconds for each in within if each.status == 200)
        is_calm = waits and len(waits) == len(within) and waits[int(len(waits) * 0.99)] <= RECOVERED * calm_ms
        if not is_calm:
            recovered = second + 1
    return recovered


def _ratios(_: Settings) -> list[Ratio]:
    return [
        Ratio(f"overload, {name}: kept of the peak", f"overload, {name}: crowd /s", f"overload, {name}: peak /s", "0.7")
        for name in CROWDS
    ]


STEPS = {"overload": Step(run, _ratios)}
