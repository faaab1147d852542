"""The step about a large backlog of a webhook: awards at a fixed rate, without a backlog and while it is sent."""

import time

import psycopg

from bench import load, stack
from bench.bench import PORT, Bench, Ratio, Settings, Step
from bench.feed import arrived, receiver, wait_for_end, wait_for_listener, webhook
from bench.processes import usage

RATE = 300
"""Awards per second."""
PIECES = 6
"""The number of measurements without a backlog, half of them before it and half after."""

# Events as awards make them, of people in turn, behind the newest one.
_FILL = """
WITH head AS (SELECT position FROM feed_sequencer), added AS (
    INSERT INTO feed_event (project_id, position, id, type, participant_id, sequence, occurred_at, recorded_at,
                            historical, cause, data, numbered_at)
    SELECT 1, head.position + n, gen_random_uuid(), 'points.awarded', 'user_' || 1 + n %% %(participants)s,
        1000000 + n / %(participants)s, now(), now(), false, json_build_object('command_id', gen_random_uuid()),
        json_build_object('amount', 5, 'balance_after', n, 'reason', 'Purchase completed'), now()
    FROM head, generate_series(1, %(events)s) AS n
    RETURNING position
)
UPDATE feed_sequencer SET position = (SELECT max(position) FROM added)
"""


def backlog(bench: Bench) -> None:
    """Adds the backlog to the feed in one transaction."""
    url = bench.database("backlog")
    stack.prepare(url, bench.settings.participants)
    requests = load.awards(bench.settings.participants)
    seconds = bench.settings.seconds
    served = stack.laurels(url, PORT, 1, webhook_networks="127.0.0.0/8")
    with receiver(), served as pid, webhook(f"http://127.0.0.1:{PORT}/api/v1/gamify"):
        wait_for_listener(url)
        load.open_loop(PORT, RATE, seconds, requests)
        before = [load.open_loop(PORT, RATE, seconds, requests) for _ in range(PIECES // 2)]
        wait_for_end(url)
        first = arrived().requests
        with psycopg.connect(url) as connection:
            values = {"events": bench.settings.backlog_events, "participants": bench.settings.participants}
            connection.execute(_FILL, values)
        began, used = time.monotonic(), usage(pid).cpu_seconds
        during = []
        while arrived().requests < first + bench.settings.backlog_events:
            during.append(load.open_loop(PORT, RATE, seconds, requests))
        bench.findings.add("deliveries", arrived().requests - first)
        bench.findings.add("seconds", time.monotonic() - began)
        bench.findings.add("deliveries /s", (arrived().requests - first) / (time.monotonic() - began))
        bench.findings.add("server cores", (usage(pid).cpu_seconds - used) / (time.monotonic() - began))
        wait_for_end(url)
        after = [load.open_loop(PORT, RATE, seconds, requests) for _ in range(PIECES // 2)]
    for name, pieces in (("without", [*before, *after]), ("with a backlog", during)):
        p50_ms, p99_ms = load.percentiles(each for piece in pieces for each in piece)
        bench.findings.add(f"awards {name} p50 ms", p50_ms)
        bench.findings.add(f"awards {name} p99 ms", p99_ms)


def _ratios(_: Settings) -> list[Ratio]:
    name = "p99 of awards while a backlog is sent ÷ without"
    return [Ratio(name, "awards with a backlog p99 ms", "awards without p99 ms", "at most 2")]


STEPS = {"backlog": Step(backlog, _ratios)}
