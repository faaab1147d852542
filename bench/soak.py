"""The step `soak`: mixed load for a long time, to find latency or memory that grows."""

import random
import time

from bench import events, load, stack, upkeep
from bench.bench import PORT, Bench, Ratio, Settings, Step
from bench.processes import private_mb, usage

SHARE_OF_PEAK = 0.4
SLICES = 30
DEFINITIONS = events.Contestant(
    "soak",
    facts={},
    definitions={
        "streaks": [{"code": "daily", "name": "Daily", "period": "daily"}],
        "rules": [events.rule("acting", events.EVENT_NAME)],
        "challenges": [
            {
                "code": "often",
                "name": "Often",
                "is_repeatable": True,
                "objectives": [{"code": "orders", "event_name": events.EVENT_NAME, "target": 10}],
            }
        ],
    },
)


def _mixed(participants: int) -> load.Requests:
    """Random requests: half are awards, a fifth events, the others holds, days of a streak, and reads."""
    award = load.awards(participants)

    def request() -> tuple[str, str, str]:
        participant_id, dice = f"user_{random.randint(1, participants)}", random.random()
        if dice < 0.5:
            return award()
        if dice < 0.7:
            event = f'"event_name":"{events.EVENT_NAME}","properties":{{"amount":5}}'
            return "POST", "/events", f'{{"participant_id":"{participant_id}",{event}}}'
        if dice < 0.75:
            return "POST", "/points/hold", f'{{"participant_id":"{participant_id}","amount":1,"expires_in_seconds":60}}'
        if dice < 0.8:
            return "POST", "/streaks/record", f'{{"participant_id":"{participant_id}","streak_code":"daily"}}'
        path = random.choice(("points", "state", "points/transactions", "challenges"))
        if dice < 0.95:
            return "GET", f"/participants/{participant_id}/{path}", ""
        return "GET", "/leaderboards/top_scorers?limit=10", ""

    return request


def run(bench: Bench) -> None:
    url = bench.database("soak")
    participants = bench.settings.participants
    stack.prepare(url, participants, with_board=True)
    slice_seconds = bench.settings.soak_minutes * 60 / SLICES
    add = bench.findings.add
    with stack.laurels(url, PORT, 1) as pid:
        events.define(PORT, DEFINITIONS)
        load.wrk(PORT, bench.settings.seconds, participants)
        rate = SHARE_OF_PEAK * load.wrk(PORT, bench.settings.seconds, participants).per_second
        add("soak: requests /s", rate)
        started = time.monotonic()
        for number in range(SLICES):
            responses = load.open_loop(PORT, rate, slice_seconds, _mixed(participants))
            p50_ms, p99_ms = _percentiles(responses)
            third = ("first", "second", "last")[number * 3 // SLICES]
            add(f"soak, {third} third: p50 ms", p50_ms)
            add(f"soak, {third} third: p99 ms", p99_ms)
            add(f"soak, {third} third: memory MB", usage(pid).memory_mb)
            add(f"soak, {third} third: PostgreSQL private memory MB", private_mb(bench.postmaster()))
        add("soak: minutes", (time.monotonic() - started) / 60)
    upkeep.add_bloat(bench, url, "soak, ")


def _percentiles(responses: list[load.TimedResponse]) -> tuple[float, float]:
    """p50 and p99 in ms without the 400 responses, which only holds of participants without points get."""
    return load.percentiles(each for each in responses if each.status != 400)


def _ratios(_: Settings) -> list[Ratio]:
    return [
        Ratio(f"soak, {name}: last third ÷ first", f"soak, last third: {name}", f"soak, first third: {name}")
        for name in ("p50 ms", "p99 ms", "memory MB", "PostgreSQL private memory MB")
    ]


STEPS = {"soak": Step(run, _ratios)}
