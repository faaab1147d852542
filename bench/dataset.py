"""Generates a project of any size from a seed: `python -m bench.dataset URL --participants 1000000 --facts 20000000`.

The number of commands per participant is exponentially distributed: a few participants are very active, and many are
hardly active. 70 % of the commands are awards, 17 % events, 8 % deductions, 3 % days of a streak and 2 % badges, over
the year before the load. The kernel decides each command as it does in a server. The facts and the states that result
from them are written to the tables by COPY, so that `laurels check --rebuild` finds no difference. The seed determines
everything except the ids of participants and facts, which contain the time of the load.
"""

import argparse
import asyncio
import multiprocessing
import os
import random
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import psycopg

from bench import stack
from laurels.app import COMPOSITION, TABLES
from laurels.config import definitions_file, demo
from laurels.kernel.commands import Command
from laurels.kernel.deciding.decide import decide
from laurels.kernel.deciding.decision import Decision
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.participant import Participant
from laurels.mechanics.badges.model import BADGES, AwardBadge
from laurels.mechanics.events.model import EVENTS, RecordEvent
from laurels.mechanics.points.purse.commands import AwardPoints, DeductPoints
from laurels.mechanics.points.purse.model import PURSE
from laurels.mechanics.streaks.model import STREAKS, RecordStreak
from laurels.mechanics.streaks.store import runs_of
from laurels.mechanics.tiers.model import TIER, TierReached
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.lanes import lane_of
from laurels.storage.office import projects
from laurels.storage.postgres.database import connect_one
from laurels.storage.postgres.ids import new_id
from laurels.storage.schema import migrate as schema

FACTS_PER_COMMAND = 1.106
"""Measured. It is above 1 because awards also lead to tiers."""

DEFINITIONS = b"""
tiers:
  - {code: bronze, name: Bronze, level: 1, criteria_config: {min_points: 0}}
  - {code: silver, name: Silver, level: 2, criteria_config: {min_points: 200}}
  - {code: gold, name: Gold, level: 3, criteria_config: {min_points: 1000}}
badges:
  - {code: early_bird, name: Early bird}
  - {code: night_owl, name: Night owl}
  - {code: helper, name: Helper}
streaks:
  - {code: daily, name: Daily, period: daily}
"""
BADGE_CODES = ("early_bird", "night_owl", "helper")
FIRST_NAMES = ("Ada", "Bao", "Chidi", "Dana", "Emre", "Fatou", "Goro", "Hana", "Ines", "Jun", "Kofi", "Lena")
LAST_NAMES = ("Abara", "Brandt", "Costa", "Diallo", "Eriksen", "Fofana", "Garcia", "Haddad", "Ito", "Jansen", "Kaya")
YEAR = timedelta(days=365)
CHUNK = 2_000

COLUMNS = {
    "participant": "lane, subject, project_id, participant_id, display_name, created_at",
    "account": "lane, subject, seq, balance, total_earned, total_spent, transactions, total_events, last_seen_at,"
    " tier_id, tier_since",
    "journal": "lane, id, project_id, subject, seq, kind, command_id, cause_id, definitions_version, occurred_at,"
    " recorded_at, data",
    "tier_history": "lane, subject, seq, tier_id, achieved_at",
    "earned_badge": "lane, subject, badge_id, earned_at",
    "streak_state": "lane, subject, streak_id, longest, runs",
}


@dataclass
class Rows:
    """The lines for COPY, by table."""

    lines: dict[str, list[str]] = field(default_factory=lambda: {table: [] for table in COLUMNS})

    def add(self, table: str, *values: Any) -> None:
        self.lines[table].append("\t".join("\\N" if value is None else str(value) for value in values))

    def copy(self, connection: psycopg.Connection) -> None:
        with connection.transaction():
            for table, lines in self.lines.items():
                statement = f"COPY {table} ({COLUMNS[table]}) FROM STDIN"
                with connection.cursor().copy(statement) as copy:  # type: ignore[arg-type]
                    copy.write("\n".join(lines) + "\n" if lines else "")


def commands(name: str, mean: float, now: datetime, generator: random.Random) -> Iterator[tuple[Command, datetime]]:
    """The commands of one participant with their times, in order."""
    count = round(generator.expovariate(1 / mean))
    moments = sorted(generator.random() for _ in range(count))
    addressee: dict[str, Any] = {"project_id": stack.PROJECT_ID, "participant_id": name}
    for moment in moments:
        at = now - YEAR * (1 - moment)
        dice = generator.random()
        if dice < 0.70:
            yield AwardPoints(**addressee, amount=generator.randint(1, 100), reason="Purchase completed"), at
        elif dice < 0.87:
            properties = {"lesson_id": generator.randint(1, 200), "mistakes": generator.randint(0, 9)}
            yield RecordEvent(**addressee, event_name="lesson_finished", properties=properties), at
        elif dice < 0.95:
            yield DeductPoints(**addressee, amount=generator.randint(1, 20), reason="Spent"), at
        elif dice < 0.98:
            yield RecordStreak(**addressee, streak_code="daily"), at
        else:
            yield AwardBadge(**addressee, badge_code=generator.choice(BADGE_CODES)), at


class Player:
    """The history of one participant, decided by the kernel."""

    def __init__(self, definitions: Definitions, number: int, loaded_at: datetime, generator: random.Random) -> None:
        name = f"user_{number}"
        self.definitions = definitions
        self.generator = generator
        self.display_name = f"{generator.choice(FIRST_NAMES)} {generator.choice(LAST_NAMES)} {number}"
        self.loaded_at = loaded_at
        self.participant = Participant(
            project_id=stack.PROJECT_ID,
            participant_id=name,
            lane=lane_of(stack.PROJECT_ID, name),
            subject=new_id(),
            exists=True,
        )
        self.facts = 0

    def play(self, mean: float, rows: Rows) -> None:
        participant = self.participant
        ids = iter(new_id, "")
        first_seen = last_seen = self.loaded_at - YEAR
        for command, at in commands(participant.participant_id, mean, self.loaded_at, self.generator):
            decision = decide(self.definitions, participant, command, at, ids)
            if isinstance(decision, Decision):
                self._write(decision.entries, rows)
                last_seen = at
        place, purse, tier_state = (participant.lane, participant.subject), participant[PURSE], participant[TIER]
        rows.add(
            "participant", *place, participant.project_id, participant.participant_id, self.display_name, first_seen
        )
        tier = (tier_state.tier_id, tier_state.since) if tier_state else (None, None)
        counts = (participant.seq, purse.balance, purse.total_earned, purse.total_spent)
        rows.add("account", *place, *counts, purse.transactions, participant[EVENTS].total, last_seen, *tier)
        for badge_id, earned_at in participant[BADGES].items():
            rows.add("earned_badge", *place, badge_id, earned_at)
        for streak_id, state in participant[STREAKS].items():
            rows.add("streak_state", *place, streak_id, state.longest, runs_of(state))

    def _write(self, entries: Iterable[Entry], rows: Rows) -> None:
        participant = self.participant
        place = (participant.lane, participant.subject)
        command_id = None
        for entry in entries:
            command_id = command_id or entry.id
            rows.add(
                "journal",
                *(
                    participant.lane,
                    entry.id,
                    participant.project_id,
                    participant.subject,
                    entry.seq,
                    entry.fact.kind,
                    command_id,
                ),
                *(entry.cause_id, self.definitions.version, entry.occurred_at, self.loaded_at),
                msgspec.json.encode(entry.fact).decode(),
            )
            self.facts += 1
            if isinstance(entry.fact, TierReached):
                rows.add("tier_history", *place, entry.seq, entry.fact.tier_id, entry.occurred_at)


async def _define(url: str) -> None:
    connection = await connect_one(url)
    project = await projects.create(connection, "default", "Default", "live", "UTC")
    assert project is not None
    assert project.id == stack.PROJECT_ID
    await demo.add(connection, project.id, COMPOSITION.resources, definitions_file.load(TABLES.kinds, DEFINITIONS))
    await connection.close()


async def _definitions(url: str) -> Definitions:
    connection = await connect_one(url)
    try:
        return await DefinitionsCache(TABLES).newest(connection, stack.PROJECT_ID)
    finally:
        await connection.close()


def _load_part(url: str, seed: int, numbers: range, mean: float, loaded_at: datetime) -> int:
    definitions = asyncio.run(_definitions(url))
    facts = 0
    with psycopg.connect(url, autocommit=True, options="-c timezone=UTC -c synchronous_commit=off") as connection:
        for start in range(0, len(numbers), CHUNK):
            rows = Rows()
            for number in numbers[start : start + CHUNK]:
                player = Player(definitions, number, loaded_at, random.Random(f"{seed}:{number}"))
                player.play(mean, rows)
                facts += player.facts
            rows.copy(connection)
    return facts


def load(url: str, participants: int, facts: int, seed: int = 1) -> int:
    """Fills an empty database. The participants are user_1, user_2 … Returns the number of written facts, which is
    close to `facts`."""
    schema.migrate(url)
    asyncio.run(_define(url))
    processes = min(os.cpu_count() or 1, 8)
    mean = facts / participants / FACTS_PER_COMMAND
    size = -(-participants // processes)
    parts = [range(1 + start, 1 + min(start + size, participants)) for start in range(0, participants, size)]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        loaded_at = datetime.now(UTC)
        written = sum(pool.starmap(_load_part, [(url, seed, part, mean, loaded_at) for part in parts]))
    with psycopg.connect(url, autocommit=True) as connection:
        stack.settle(connection)
    return written


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.dataset", description=__doc__)
    parser.add_argument("url", help="an empty database: postgresql://user@host/database")
    parser.add_argument("--participants", type=int, default=1_000_000)
    parser.add_argument("--facts", type=int, default=20_000_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    started = time.monotonic()
    written = load(arguments.url, arguments.participants, arguments.facts, arguments.seed)
    print(f"{arguments.participants:,} participants and {written:,} facts in {time.monotonic() - started:,.0f} s")


if __name__ == "__main__":
    main()
