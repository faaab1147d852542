"""The steps about awards: rates against pgbench and a hand-written handler, latencies, and the cost with a large
journal."""

from bench import load, stack, upkeep
from bench.bench import PORT, Bench, Ratio, Settings, Step

PGBENCH_CLIENTS = (8, 16, 32, 64)


def throughput(bench: Bench) -> None:
    """Measures award rates. The contestants take turns, so that slower or faster times of the machine affect all."""
    clients = max(PGBENCH_CLIENTS, key=lambda count: bench.pgbench(count, min(3, bench.settings.seconds)))
    bench.findings.add("pgbench clients", clients)
    for number in range(bench.settings.rounds):
        print(f" round {number + 1}", flush=True)
        bench.findings.add("pgbench /s", bench.pgbench(clients, bench.settings.seconds))
        bench.measure("laurels 1 worker", stack.laurels, 1)
        bench.measure("laurels 2 workers", stack.laurels, 2)
        bench.measure("batches of 100", stack.laurels, 1, path="/api/v1/gamify/points/award-batch", batch=100)
        bench.measure("baseline 1 worker", stack.baseline, 1, path="/award")
        bench.measure("baseline 2 workers", stack.baseline, 2, path="/award")


def latency(bench: Bench) -> None:
    """Measures latencies at half of the peak rate, which a closed loop finds on the same server immediately before."""
    for _ in range(bench.settings.rounds):
        bench.settle()
        with stack.laurels(bench.postgres.url, PORT, 1):
            peak = load.wrk(PORT, min(5, bench.settings.seconds), bench.settings.participants).per_second
            sent = load.open_loop(PORT, peak / 2, bench.settings.seconds, load.awards(bench.settings.participants))
            p50_ms, p99_ms = load.percentiles(sent)
        bench.findings.add("half rate /s", peak / 2)
        bench.findings.add("half rate p50 ms", p50_ms)
        bench.findings.add("half rate p99 ms", p99_ms)


def growth(bench: Bench) -> None:
    """Measures the same server with two databases of one PostgreSQL: one with an empty journal, one with many rows."""
    urls = {}
    for name in ("empty", "grown"):
        urls[name] = bench.database(name)
        stack.prepare(urls[name], bench.settings.participants)
    stack.grow_journal(urls["grown"], bench.settings.journal_rows)
    for _ in range(bench.settings.rounds):
        for name, url in urls.items():
            before = upkeep.storage(url)
            count = bench.measure(f"journal {name}", stack.laurels, 1, url=url)
            upkeep.add_storage(bench, f"journal {name}", before, upkeep.storage(url), count)
            parts = [bench.findings.samples[f"journal {name} {part} CPU us"][-1] for part in ("server", "PostgreSQL")]
            bench.findings.add(f"{name} cost", sum(parts))


def _throughput_ratios(_: Settings) -> list[Ratio]:
    return [
        Ratio("HTTP, 1 worker ÷ pgbench", "laurels 1 worker /s", "pgbench /s", "0.7, stretch 1.0"),
        Ratio("HTTP, 2 workers ÷ pgbench", "laurels 2 workers /s", "pgbench /s", "0.7, stretch 1.0"),
        Ratio("HTTP ÷ FastAPI + SQLAlchemy, 1 worker each", "laurels 1 worker /s", "baseline 1 worker /s", "15"),
        Ratio("HTTP ÷ FastAPI + SQLAlchemy, 2 workers each", "laurels 2 workers /s", "baseline 2 workers /s", "15"),
        Ratio("batches of 100 ÷ single awards", "batches of 100 /s", "laurels 1 worker /s", "2"),
    ]


def _growth_ratios(_: Settings) -> list[Ratio]:
    return [
        Ratio("award cost at a grown journal ÷ empty (CPU)", "grown cost", "empty cost", "at most 1.2"),
        Ratio("awards per second, empty ÷ grown journal", "journal empty /s", "journal grown /s"),
    ]


STEPS = {
    "throughput": Step(throughput, _throughput_ratios),
    "latency": Step(latency, lambda _: []),
    "growth": Step(growth, _growth_ratios),
}
