"""Mixed load for a long time: does anything grow that should not?"""

import random
import time

from bench import events, load, stack, upkeep
from bench.bench import PORT, Bench, Ratio, Settings, Step
from bench.processes import private_mb, usage

SHARE_OF_PEAK = 0.4
SLICES = 30
DEFINITIONS = events.Contestant(
    "soak",
    brings={},
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
    """Half awards, a fifth events, the rest deductions, days of a streak, and reads."""
    award = load.awards(participants)

    def request() -> tuple[str, str, str]:
        who, dice = f"user_{random.randint(1, participants)}", random.random()
        if dice < 0.5:
            return award()
        if dice < 0.7:
            body = f'{{"participant_id":"{who}","event_name":"{events.EVENT_NAME}","properties":{{"amount":5}}}}'
            return "POST", "/events", body
        if dice < 0.75:
            return "POST", "/points/hold", f'{{"participant_id":"{who}","amount":1,"expires_in_seconds":60}}'
        if dice < 0.8:
            return "POST", "/streaks/record", f'{{"participant_id":"{who}","streak_code":"daily"}}'
        path = random.choice(("points", "state", "points/transactions", "challenges"))
        if dice < 0.95:
            return "GET", f"/participants/{who}/{path}", ""
        return "GET", "/leaderboards/top_scorers?limit=10", ""

    return request


def run(bench: Bench) -> None:
    url = bench.database("soak")
    people = bench.settings.participants
    stack.prepare(url, people, with_board=True)
    slice_seconds = bench.settings.soak_minutes * 60 / SLICES
    add = bench.findings.add
    with stack.laurels(url, PORT, 1) as pid:
        events.define(PORT, DEFINITIONS)
        load.wrk(PORT, bench.settings.seconds, people)
        rate = SHARE_OF_PEAK * load.wrk(PORT, bench.settings.seconds, people).per_second
        add("soak: requests /s", rate)
        began = time.monotonic()
        for number in range(SLICES):
            answered = load.open_loop(PORT, rate, slice_seconds, _mixed(people))
            p50_ms, p99_ms = _answered_well(answered)
            third = ("first", "second", "last")[number * 3 // SLICES]
            add(f"soak, {third} third: p50 ms", p50_ms)
            add(f"soak, {third} third: p99 ms", p99_ms)
            add(f"soak, {third} third: memory MB", usage(pid).resident_mb)
            add(f"soak, {third} third: PostgreSQL private memory MB", private_mb(bench.postmaster()))
        add("soak: minutes", (time.monotonic() - began) / 60)
    upkeep.tell_bloat(bench, url, "soak, ")


def _answered_well(answered: list[load.Answered]) -> tuple[float, float]:
    """A hold of somebody without points is refused with 400; nothing else is."""
    kept = [each for each in answered if each.status != 400]
    return load.percentiles(kept)


def _ratios(_: Settings) -> list[Ratio]:
    return [
        Ratio(f"soak, {what}: last third ÷ first", f"soak, last third: {what}", f"soak, first third: {what}")
        for what in ("p50 ms", "p99 ms", "memory MB", "PostgreSQL private memory MB")
    ]


STEPS = {"soak": Step(run, _ratios)}
