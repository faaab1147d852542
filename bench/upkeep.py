"""The step `upkeep`: the effects of many writes on frequently updated tables: HOT updates, dead rows, size."""

from dataclasses import dataclass

import psycopg

from bench import events, load, stack
from bench.bench import PORT, Bench, Step
from bench.events import EVENT_NAME, Contestant

HOT_TABLES = ("account", "standing", "score_count", "limit_use", "rule_total", "challenge_state", "streak_state")
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


def run(bench: Bench) -> None:
    """Sends a million awards and a hundred thousand events of participants on a board, with a limited rule and a
    challenge. Then measures the updated tables, and the bytes per award and per event."""
    url = bench.database("upkeep")
    stack.prepare(url, bench.settings.participants, with_board=True)
    if bench.settings.plain_tables:
        make_plain(url)
    with stack.laurels(url, PORT, 1):
        events.define(PORT, DEFINED)
    commands = bench.settings.upkeep_commands
    for name, total, path, script in (
        ("award", commands, "/api/v1/gamify/points/award-batch", "award.lua"),
        ("event", commands // 10, "", "event.lua"),
    ):
        before, count = storage(url), 0
        with stack.laurels(url, PORT, 1):
            while count < total:
                batch = 100 if path else 1
                count += load.wrk(
                    PORT, bench.settings.seconds, bench.settings.participants, path=path, batch=batch, script=script
                ).awards
        add_storage(bench, name, before, storage(url), count)
    add_bloat(bench, url)


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
