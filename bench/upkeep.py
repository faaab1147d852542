"""The step `upkeep`: the effects of many writes on frequently updated tables: HOT updates, dead rows, size."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

import psycopg

from bench import events, load, stack, standings
from bench.bench import PORT, Bench, Step
from bench.events import EVENT_NAME, Contestant
from laurels.kernel.dates.calendar import Calendar
from laurels.mechanics.leaderboards.scoring import windows

BOARD_TABLES = ("board_standing", "board_leaf", "board_part")
HOT_TABLES = ("account", *BOARD_TABLES, "limit_use", "rule_total", "challenge_state", "streak_state")
PLAIN_POSTGRES = {
    "autovacuum_naptime": "1min",
    "autovacuum_vacuum_scale_factor": "0.2",
    "autovacuum_vacuum_cost_limit": "200",
}
"""The defaults of PostgreSQL for settings that the embedded PostgreSQL changes."""
DEFINED = Contestant(
    "events with limits and a challenge",
    facts={},
    definitions={
        "challenges": [
            {
                "code": "often",
                "name": "Often",
                "is_repeatable": True,
                "objectives": [{"code": "orders", "event_name": EVENT_NAME, "target": 10}],
            }
        ],
        "streaks": [{"code": "daily", "name": "Daily", "period": "daily"}],
        "rules": [
            {
                "code": "limited",
                "name": "Limited",
                "event_name": EVENT_NAME,
                "actions": [
                    {"type": "award_points", "amount": 1},
                    {"type": "record_streak", "streak_code": "daily"},
                ],
                "limit": {"per_participant": {"day": 1_000_000}, "in_total": {"ever": 1_000_000_000}},
            }
        ],
    },
)


@dataclass(frozen=True)
class TableState:
    """The row counts of a table since the start of the statistics, and its current size."""

    updates: int
    hot_updates: int
    dead_rows: int
    size_bytes: int
    index_bytes: int


def table_states(url: str) -> dict[str, TableState]:
    """The states of the tables that have rows or were updated."""
    with psycopg.connect(url, autocommit=True) as connection:
        rows = connection.execute(
            """
            SELECT relname, n_tup_upd, n_tup_hot_upd, n_dead_tup, pg_relation_size(relid), pg_indexes_size(relid)
            FROM pg_stat_user_tables WHERE relname = ANY (%s) AND n_live_tup + n_tup_upd > 0
            """,
            (list(HOT_TABLES),),
        ).fetchall()
    return {name: TableState(*figures) for name, *figures in rows}


def packed(url: str) -> dict[str, TableState]:
    """Rewrites the tables without bloat, with their fill factors and new indexes. Returns their states."""
    with psycopg.connect(url, autocommit=True) as connection:
        for table in HOT_TABLES:
            connection.execute(f"VACUUM FULL {table}")
    return table_states(url)


def make_plain(url: str) -> None:
    """Removes the table settings of the migrations, to measure the effect of these settings."""
    with psycopg.connect(url, autocommit=True) as connection:
        for table in HOT_TABLES:
            connection.execute(
                f"ALTER TABLE {table} RESET (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_cost_delay)"
            )
            connection.execute(f"VACUUM FULL {table}")


def storage(url: str) -> dict[str, int]:
    """The bytes of the tables that keep rows permanently, including indexes; the position of the WAL; and the number of
    whole pages in the WAL, which PostgreSQL writes at the first change of a page after a checkpoint."""
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(
            """
            SELECT (SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits
                    WHERE inhparent = 'journal'::regclass)::bigint,
                   pg_total_relation_size('idempotency'), pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint,
                   (SELECT wal_fpi FROM pg_stat_wal)
            """
        ).fetchone()
    assert row is not None
    names = ("journal bytes each", "idempotency bytes each", "wal bytes each", "whole pages in the wal each")
    return dict(zip(names, row, strict=True))


def add_storage(bench: Bench, name: str, before: dict[str, int], after: dict[str, int], count: int) -> None:
    for measure, size in after.items():
        bench.findings.add(f"{name}: {measure}", (size - before[measure]) / count)


class StandingWrites(NamedTuple):
    """The numbers of writes to standings since the start of the statistics, by awards and by the layout of leaves."""

    inserts: int
    updates: int
    hot_updates: int


def standing_writes(url: str) -> StandingWrites:
    """Waits for the end of all other connections, with which the last statistics arrive."""
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(
            "SELECT FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
            " AND pid <> pg_backend_pid()"
        ).fetchall():
            time.sleep(0.1)
        row = connection.execute(
            "SELECT n_tup_ins, n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'board_standing'"
        ).fetchone()
    assert row is not None
    return StandingWrites(*row)


class Phase:
    """A part of the load. `count` is the number of its awards or events, once it has ended."""

    count = 0


@contextmanager
def phase(bench: Bench, url: str, name: str) -> Iterator[Phase]:
    """Runs a server, then measures the writes to standings by the requests that were sent meanwhile."""
    load_phase, commands_before, before = Phase(), _commands(url), standing_writes(url)
    with stack.laurels(url, PORT, 1):
        yield load_phase
    after, add = standing_writes(url), bench.findings.add
    load_phase.count = _commands(url) - commands_before
    updates = after.updates - before.updates
    add(f"{name}: standings inserted each", (after.inserts - before.inserts) / load_phase.count)
    add(f"{name}: standings updated each", updates / load_phase.count)
    if updates:
        add(f"{name}: HOT share of updates of standings", (after.hot_updates - before.hot_updates) / updates)


def _commands(url: str) -> int:
    """The number of stored awards and events. wrk does not count those whose response came after its end."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM idempotency").fetchone()
    assert row is not None
    return int(row[0])


def run(bench: Bench) -> None:
    """Sends a million awards and a hundred thousand events of participants on a board, with a limited rule and a
    challenge. Then measures the updated tables, and the bytes per award and per event. Then a day begins: the first
    award of each participant, and later ones."""
    url, total = bench.database("upkeep"), bench.settings.upkeep_commands
    stack.prepare(url, bench.settings.participants, with_board=True)
    if bench.settings.plain_tables:
        make_plain(url)
    if not bench.settings.growing_board:
        standings.insert(url, standings.SPREAD, all_windows=True)
    with stack.laurels(url, PORT, 1):
        events.define(PORT, DEFINED)
    before = storage(url)
    with phase(bench, url, "award") as sent:
        _send(bench, total, "award.lua")
    add_storage(bench, "award", before, storage(url), sent.count)
    before = storage(url)
    with phase(bench, url, "event") as sent:
        _send(bench, total // 10, "event.lua")
    add_storage(bench, "event", before, storage(url), sent.count)
    add_bloat(bench, url)
    begin_day(url)
    with phase(bench, url, "first award of the day"):
        load.award_each(PORT, bench.settings.participants)
    with phase(bench, url, "later award of the day"):
        _send(bench, total // 10, "award.lua")


def _send(bench: Bench, total: int, script: str) -> None:
    """Awards are sent in batches, events in single requests."""
    path, batch = ("/api/v1/gamify/points/award-batch", 100) if script == "award.lua" else ("", 1)
    seconds, participants = bench.settings.seconds, bench.settings.participants
    count = 0
    while count < total:
        count += load.wrk(PORT, seconds, participants, path=path, batch=batch, script=script).awards


def begin_day(url: str) -> None:
    """Makes the standings of the current day those of the day before, in packed tables. Nobody has a standing of the
    current day then."""
    day = windows.window_at("daily", datetime.now(UTC), Calendar())
    with psycopg.connect(url, autocommit=True) as connection:
        for table in BOARD_TABLES:
            connection.execute(f"DELETE FROM {table} WHERE window_key = %s", (day - 1,))
            connection.execute(f"UPDATE {table} SET window_key = %s WHERE window_key = %s", (day - 1, day))
            connection.execute(f"VACUUM FULL {table}")
        stack.settle(connection)


def add_bloat(bench: Bench, url: str, prefix: str = "") -> None:
    states = table_states(url)
    packed_states = packed(url)
    for table, state in states.items():
        if state.updates:
            bench.findings.add(f"{prefix}{table}: HOT share of updates", state.hot_updates / state.updates)
        bench.findings.add(f"{prefix}{table}: dead rows", state.dead_rows)
        bench.findings.add(
            f"{prefix}{table}: size ÷ packed", state.size_bytes / max(1, packed_states[table].size_bytes)
        )
        bench.findings.add(
            f"{prefix}{table}: indexes ÷ packed", state.index_bytes / max(1, packed_states[table].index_bytes)
        )


STEPS = {"upkeep": Step(run, lambda _: [])}
