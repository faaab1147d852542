"""Events under measurement: what each contestant defines, and the proof that its events did just that."""

import urllib.request
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import psycopg

from bench import stack
from bench.bench import PORT, Bench, Ratio, Settings, Step
from bench.load import CONNECTIONS
from bench.stack import KEY

Definition = dict[str, Any]

EVENT_NAME = "purchase_completed"  # as in event.lua
PLACES = 100
RULES_OF_THE_CASCADE = 10
PAGE = 100
ONCE = ("challenge_joined", "badge_earned")
ONCE_A_DAY = ("streak_recorded",)


@dataclass(frozen=True)
class Contestant:
    """`definitions` by the section of the admin API, in the order in which they refer to each other. Each command
    brings the facts of `brings`, and `acts` rules act on it; with `firsts`, a participant's first one brings more."""

    name: str
    brings: dict[str, int]
    script: str = "event.lua"
    definitions: dict[str, list[Definition]] = field(default_factory=dict)
    acts: int = 0
    firsts: bool = False


@dataclass(frozen=True)
class Tally:
    """What a journal holds: commands, facts by kind, and how many commands had which outcomes of rules, such as
    '["acted", "acted"]'."""

    commands: int
    facts: Counter[str]
    outcomes: Counter[str]

    def since(self, before: "Tally") -> "Tally":
        return Tally(self.commands - before.commands, self.facts - before.facts, self.outcomes - before.outcomes)


def contestants() -> list[Contestant]:
    event = {"event_recorded": 1}
    event_and_point = {"event_recorded": 1, "points_awarded": 1}
    acting = rule("acting", EVENT_NAME)
    deaf = [rule(f"deaf_{number}", f"other_{number}") for number in range(1, 100)]
    judging = [
        rule(f"place_{place}", EVENT_NAME, condition=f"participant.balance >= 0 && event.properties.place == {place}")
        for place in range(1, PLACES + 1)
    ]
    return [
        Contestant("awards without rules", {"points_awarded": 1}, "award.lua"),
        Contestant("events without rules", event),
        Contestant("events, 1 rule", event_and_point, definitions={"rules": [acting]}, acts=1),
        Contestant("events, 100 rules", event_and_point, definitions={"rules": [*deaf, acting]}, acts=1),
        Contestant("events, 100 conditions", event_and_point, definitions={"rules": judging}, acts=1),
        _cascade(),
    ]


def _cascade() -> Contestant:
    """Every event goes the whole way: two steps of two reach the milestone and complete the challenge, which begins
    anew. Joining, the badge and the day's streak come with a participant's first event."""
    rules = [rule(f"point_{number}", EVENT_NAME) for number in range(1, RULES_OF_THE_CASCADE - 1)]
    rules.append(rule("step", EVENT_NAME, {"type": "advance_challenge", "challenge_code": "relay", "by": 2}))
    rules.append(rule("day", EVENT_NAME, {"type": "record_streak", "streak_code": "daily"}))
    relay = {
        "code": "relay",
        "name": "Relay",
        "is_repeatable": True,
        "objectives": [{"code": "legs", "event_name": "leg_run", "target": 2}],
        "milestones": [{"percent": 50, "actions": [{"type": "award_points", "amount": 5}]}],
        "actions": [{"type": "award_points", "amount": 10}],
    }
    finisher = {"code": "finisher", "name": "Finisher", "criteria": "participant.completed_challenges['relay'] >= 1"}
    return Contestant(
        "events, 10 rules and a cascade",
        brings={
            "event_recorded": 1,
            "points_awarded": RULES_OF_THE_CASCADE - 2 + 2,  # two rules give none; the milestone and the completion do
            "challenge_advanced": 1,
            "milestone_reached": 1,
            "challenge_completed": 1,
        },
        definitions={
            "streaks": [{"code": "daily", "name": "Daily", "period": "daily"}],
            "challenges": [relay],
            "badges": [finisher],
            "rules": rules,
        },
        acts=RULES_OF_THE_CASCADE,
        firsts=True,
    )


def rule(code: str, event_name: str, action: Definition | None = None, condition: str | None = None) -> Definition:
    actions = [action or {"type": "award_points", "amount": 1}]
    return {"code": code, "name": code, "event_name": event_name, "condition": condition, "actions": actions}


def define(port: int, contestant: Contestant) -> None:
    """Creates the definitions through the admin API. Raises RuntimeError when the server knows others."""
    for section, wanted in contestant.definitions.items():
        for definition in wanted:
            ask(port, section, definition)
    for section in ("rules", "challenges", "badges", "streaks"):
        listed = ask(port, f"{section}?is_active=true&page_size={PAGE}")["items"]
        _check_same(
            f"{contestant.name}: {section}",
            {definition["code"] for definition in listed},
            {definition["code"] for definition in contestant.definitions.get(section, [])},
        )


def tally(url: str) -> Tally:
    with psycopg.connect(url) as connection:
        facts = Counter(dict(_rows(connection, "SELECT kind, count(*) FROM journal GROUP BY kind")))
        outcomes = Counter(
            dict(
                _rows(
                    connection,
                    """
                    SELECT jsonb_path_query_array(data, '$.outcomes[*].outcome')::text, count(*)
                    FROM journal WHERE id = command_id GROUP BY 1
                    """,
                )
            )
        )
    return Tally(outcomes.total(), facts, outcomes)


def check(contestant: Contestant, url: str, answered: int, runs: int, before: Tally, after: Tally) -> None:
    """Raises RuntimeError unless the journal shows that each request of so many `runs` of wrk did what it claims.

    At a run's end each connection may have one request under way that the server still carries out: wrk counts only
    those that it saw answered."""
    name, done = contestant.name, after.since(before)
    commands = done.commands
    if not answered <= commands <= answered + runs * CONNECTIONS:
        raise RuntimeError(f"{name}: {answered} requests answered, but {commands} commands in the journal")
    _check_same(
        f"{name}: facts",
        {kind: n for kind, n in done.facts.items() if kind not in (*ONCE, *ONCE_A_DAY, "tier_reached")},
        {kind: times * commands for kind, times in contestant.brings.items()},
    )
    acted = msgspec.json.encode(["acted"] * contestant.acts).decode().replace(",", ", ")
    _check_same(f"{name}: outcomes of rules", dict(done.outcomes), {acted: commands})
    _check_firsts(contestant, url, after)


def _check_firsts(contestant: Contestant, url: str, after: Tally) -> None:
    """What comes once for each participant, or once a day, since the database was made."""
    with psycopg.connect(url) as connection:
        ((participants, days),) = _rows(
            connection,
            """
            SELECT count(DISTINCT subject), count(DISTINCT (subject, (occurred_at AT TIME ZONE 'UTC')::date))
            FROM journal WHERE id = command_id
            """,
        )
    wanted = dict.fromkeys(ONCE, participants) | dict.fromkeys(ONCE_A_DAY, days)
    _check_same(
        f"{contestant.name}: facts of a first event",
        {kind: after.facts[kind] for kind in wanted},
        wanted if contestant.firsts else dict.fromkeys(wanted, 0),
    )


def _check_same(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise RuntimeError(f"{what} are {found} and should be {wanted}")


def _rows(connection: psycopg.Connection, query: str) -> Iterable[tuple[Any, ...]]:
    return connection.execute(query).fetchall()  # type: ignore[arg-type]


def ask(port: int, path: str, body: Definition | None = None) -> Any:
    """An admin endpoint: GET without a body, else POST. Raises urllib.error.HTTPError for anything but a 2xx answer."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/gamify/admin/{path}",
        data=None if body is None else msgspec.json.encode(body),
        headers={"X-API-Key": KEY, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return msgspec.json.decode(answer.read())


def run(bench: Bench) -> None:
    """Events with more and more definitions, against awards. The journal has to show that each did what it claims,
    once the server has ended and with it all that was under way."""
    competing = contestants()
    urls = {}
    for place, contestant in enumerate(competing):
        url = urls[contestant.name] = bench.database(f"events_{place}")
        stack.prepare(url, bench.settings.participants)
        with stack.laurels(url, PORT, 1):
            define(PORT, contestant)
    for _ in range(bench.settings.rounds):
        for contestant in competing:
            name, url = contestant.name, urls[contestant.name]
            before = tally(url)
            answered = bench.measure(name, stack.laurels, 1, url=url, largest_amount=1, script=contestant.script)
            after = tally(url)
            check(contestant, url, answered, 2, before, after)
            done = after.since(before)
            facts = done.facts.total() / done.commands
            bench.findings.add(f"{name} facts /s", bench.findings.samples[f"{name} /s"][-1] * facts)


def _ratios(_: Settings) -> list[Ratio]:
    awards, one_rule = "awards without rules /s", "events, 1 rule /s"
    return [
        Ratio("events without rules ÷ awards", "events without rules /s", awards),
        Ratio("events with 1 rule ÷ awards", one_rule, awards),
        Ratio("events with 100 rules, 1 listens ÷ 1 rule", "events, 100 rules /s", one_rule, "0.8"),
        Ratio("events with 100 conditions, 1 holds ÷ 1 rule", "events, 100 conditions /s", one_rule, "0.8"),
        Ratio("events with 10 rules and a cascade ÷ awards", "events, 10 rules and a cascade /s", awards),
    ]


STEPS = {"events": Step(run, _ratios)}
