"""The step `events`: the definitions of each contestant, and checks that its events had exactly the expected effect."""

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
ONCE_PER_DAY = ("streak_recorded",)


@dataclass(frozen=True)
class Contestant:
    """A set of definitions under measurement. `definitions` are by section of the admin API, and each refers only to
    earlier ones. Each command causes the facts of `facts`, and `acting_rules` rules act on it. With `has_first_facts`,
    the first command of a participant causes further facts."""

    name: str
    facts: dict[str, int]
    script: str = "event.lua"
    definitions: dict[str, list[Definition]] = field(default_factory=dict)
    acting_rules: int = 0
    has_first_facts: bool = False


@dataclass(frozen=True)
class Tally:
    """The counts of a journal: commands, facts by kind, and commands by the outcomes of their rules, such as
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
    others = [rule(f"other_{number}", f"other_{number}") for number in range(1, 100)]
    with_conditions = [
        rule(f"place_{place}", EVENT_NAME, condition=f"participant.balance >= 0 && event.properties.place == {place}")
        for place in range(1, PLACES + 1)
    ]
    return [
        Contestant("awards without rules", {"points_awarded": 1}, "award.lua"),
        Contestant("events without rules", event),
        Contestant("events, 1 rule", event_and_point, definitions={"rules": [acting]}, acting_rules=1),
        Contestant("events, 100 rules", event_and_point, definitions={"rules": [*others, acting]}, acting_rules=1),
        Contestant("events, 100 conditions", event_and_point, definitions={"rules": with_conditions}, acting_rules=1),
        _cascade(),
    ]


def _cascade() -> Contestant:
    """The contestant with the longest cascade. Every event advances the challenge by its whole target: this reaches the
    milestone and completes the challenge, which begins again. The first event of a participant also causes the facts of
    joining, of the badge and of the day's streak."""
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
        facts={
            "event_recorded": 1,
            "points_awarded": RULES_OF_THE_CASCADE
            - 2
            + 2,  # two rules award none; the milestone and the completion award some
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
        acting_rules=RULES_OF_THE_CASCADE,
        has_first_facts=True,
    )


def rule(code: str, event_name: str, action: Definition | None = None, condition: str | None = None) -> Definition:
    actions = [action or {"type": "award_points", "amount": 1}]
    return {"code": code, "name": code, "event_name": event_name, "condition": condition, "actions": actions}


def define(port: int, contestant: Contestant) -> None:
    """Creates the definitions through the admin API. Raises RuntimeError if the server has other ones."""
    for section, definitions in contestant.definitions.items():
        for definition in definitions:
            call_admin(port, section, definition)
    for section in ("rules", "challenges", "badges", "streaks"):
        listed = call_admin(port, f"{section}?is_active=true&page_size={PAGE}")["items"]
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


def check(contestant: Contestant, url: str, responses: int, runs: int, before: Tally, after: Tally) -> None:
    """Raises RuntimeError unless the journal shows the expected effect of each request. `runs` is the number of runs of
    wrk.

    At the end of a run each connection may have one more request, which the server still executes. wrk counts only
    requests with a response."""
    name, change = contestant.name, after.since(before)
    commands = change.commands
    if not responses <= commands <= responses + runs * CONNECTIONS:
        raise RuntimeError(f"{name}: {responses} responses, but {commands} commands in the journal")
    _check_same(
        f"{name}: facts",
        {kind: n for kind, n in change.facts.items() if kind not in (*ONCE, *ONCE_PER_DAY, "tier_reached")},
        {kind: times * commands for kind, times in contestant.facts.items()},
    )
    acted = msgspec.json.encode(["acted"] * contestant.acting_rules).decode().replace(",", ", ")
    _check_same(f"{name}: outcomes of rules", dict(change.outcomes), {acted: commands})
    _check_first_facts(contestant, url, after)


def _check_first_facts(contestant: Contestant, url: str, after: Tally) -> None:
    """Checks the facts that occur once for each participant, or once per day, since the database was created."""
    with psycopg.connect(url) as connection:
        ((participants, days),) = _rows(
            connection,
            """
            SELECT count(DISTINCT subject), count(DISTINCT (subject, (occurred_at AT TIME ZONE 'UTC')::date))
            FROM journal WHERE id = command_id
            """,
        )
    expected = dict.fromkeys(ONCE, participants) | dict.fromkeys(ONCE_PER_DAY, days)
    _check_same(
        f"{contestant.name}: facts of a first event",
        {kind: after.facts[kind] for kind in expected},
        expected if contestant.has_first_facts else dict.fromkeys(expected, 0),
    )


def _check_same(label: str, values: object, expected: object) -> None:
    if values != expected:
        raise RuntimeError(f"{label} are {values} and should be {expected}")


def _rows(connection: psycopg.Connection, query: str) -> Iterable[tuple[Any, ...]]:
    return connection.execute(query).fetchall()  # type: ignore[arg-type]


def call_admin(port: int, path: str, body: Definition | None = None) -> Any:
    """Calls an admin endpoint: GET without a body, otherwise POST. Raises urllib.error.HTTPError unless the status is
    2xx."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/gamify/admin/{path}",
        data=None if body is None else msgspec.json.encode(body),
        headers={"X-API-Key": KEY, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        return msgspec.json.decode(response.read())


def run(bench: Bench) -> None:
    """Measures events with an increasing number of definitions, against awards. After the server and with it all
    requests have ended, the journal must show the expected effect of each request."""
    all_contestants = contestants()
    urls = {}
    for index, contestant in enumerate(all_contestants):
        url = urls[contestant.name] = bench.database(f"events_{index}")
        stack.prepare(url, bench.settings.participants)
        with stack.laurels(url, PORT, 1):
            define(PORT, contestant)
    for _ in range(bench.settings.rounds):
        for contestant in all_contestants:
            name, url = contestant.name, urls[contestant.name]
            before = tally(url)
            responses = bench.measure(name, stack.laurels, 1, url=url, largest_amount=1, script=contestant.script)
            after = tally(url)
            check(contestant, url, responses, 2, before, after)
            change = after.since(before)
            facts = change.facts.total() / change.commands
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
