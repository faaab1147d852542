"""The step `simulate`: `laurels simulate` of a draft rule against a journal of events."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from bench import events, load, stack
from bench.bench import PORT, Bench, Ratio, Settings, Step
from bench.events import EVENT_NAME, Contestant
from bench.stack import KEY, settle

RULE = {
    "code": "acting",
    "name": "Acting",
    "event_name": EVENT_NAME,
    "condition": "event.properties.amount >= 50",
    "actions": [{"type": "award_points", "amount": 1}],
    "limit": {"per_participant": {"day": 3}},
}
LIVE = Contestant("simulated", {}, definitions={"rules": [RULE]})
DRAFT = {"rules": [{**RULE, "condition": "event.properties.amount >= 20", "limit": None}]}


def grow_events(url: str, events: int) -> None:
    """Adds this number of events of the last day, with the facts that they have without an acting rule."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            """
            WITH numbered AS (
                SELECT lane, subject, row_number() OVER () AS number FROM participant
            ), chosen AS (
                SELECT 1 + floor(random() * (SELECT count(*) FROM participant))::int AS number,
                       floor(random() * 100)::int AS amount
                FROM generate_series(1, %(events)s)
            ), event AS (
                SELECT lane, subject, amount, uuidv7() AS id, row_number() OVER (PARTITION BY subject) AS nth
                FROM chosen JOIN numbered USING (number)
            ), fact AS (
                INSERT INTO journal (lane, id, project_id, subject, seq, kind, command_id, definitions_version,
                                     occurred_at, recorded_at, data)
                SELECT lane, id, 1, subject, a.seq + nth, 'event_recorded', id, 2, now() - interval '1 day',
                       now() - interval '1 day',
                       jsonb_build_object('event_name', %(name)s::text,
                                          'properties', jsonb_build_object('amount', amount, 'currency', 'USD'))
                FROM event JOIN account a USING (lane, subject)
            ), added AS (
                SELECT lane, subject, count(*) AS facts FROM event GROUP BY lane, subject
            )
            UPDATE account a
            SET seq = seq + facts, total_events = total_events + facts, last_seen_at = now()
            FROM added WHERE a.lane = added.lane AND a.subject = added.subject
            """,
            {"events": events, "name": EVENT_NAME},
        )
        settle(connection)


def events_per_second(url: str, events: int | None = None) -> float:
    """The events per second of `laurels simulate`. Raises RuntimeError if it did not decide all `events`, where this
    number is given."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        json.dump(DRAFT, file)
        file.flush()
        process = subprocess.run(
            [sys.executable, "-m", "laurels.cli.main", "simulate", "--definitions", file.name, "--json"],
            env=os.environ | {"LAURELS_DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=True,
        )
    result = json.loads(process.stdout)
    if events not in (None, result["events"]):
        raise RuntimeError(f"{result['events']} events were simulated instead of {events}")
    return float(result["events"] / result["seconds"])


@contextmanager
def running(port: int) -> Iterator[None]:
    """Runs a simulation over HTTP during the context. Raises RuntimeError if it ends earlier."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/gamify/admin/simulate",
        data=json.dumps({"definitions": DRAFT}).encode(),
        headers={"X-API-Key": KEY, "Content-Type": "application/json"},
    )
    lines: list[dict[str, Any]] = []
    with urllib.request.urlopen(request, timeout=600) as response:
        lines.append(json.loads(response.readline()))

        def read() -> None:
            try:
                for line in response:
                    lines.append(json.loads(line))
            except (OSError, ValueError, AttributeError):
                return  # this function has closed the connection

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        yield
        if "progress" not in lines[-1]:
            raise RuntimeError(f"the simulation ended before the awards: {lines[-1]}")
        # Ending the request ends the simulation.
        response.fp.raw._sock.shutdown(2)
        reader.join(10)


def run(bench: Bench) -> None:
    """Measures a simulation alone, and the latency of awards at half of their peak while a simulation runs."""
    url = bench.database("simulated")
    stack.prepare(url, bench.settings.participants)
    with stack.laurels(url, PORT, 1):
        events.define(PORT, LIVE)
    grow_events(url, bench.settings.simulated_events)
    rate = events_per_second(url, bench.settings.simulated_events)
    bench.findings.add("simulated events /s", rate)
    for _ in range(bench.settings.rounds):
        with stack.laurels(url, PORT, 1):
            peak = load.wrk(PORT, min(5, bench.settings.seconds), bench.settings.participants).per_second
            awards = load.awards(bench.settings.participants)
            _, alone_ms = load.percentiles(load.open_loop(PORT, peak / 2, bench.settings.seconds, awards))
            with running(PORT):
                _, beside_ms = load.percentiles(load.open_loop(PORT, peak / 2, bench.settings.seconds, awards))
        bench.findings.add("awards alone p99 ms", alone_ms)
        bench.findings.add("awards beside a simulation p99 ms", beside_ms)


def _ratios(_: Settings) -> list[Ratio]:
    beside, alone = "awards beside a simulation p99 ms", "awards alone p99 ms"
    return [Ratio("p99 of awards beside a simulation ÷ alone", beside, alone, "at most 2")]


STEPS = {"simulate": Step(run, _ratios)}
