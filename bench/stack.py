"""The parts under measurement: a durable PostgreSQL with participants, and servers as separate processes."""

import asyncio
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import psycopg

from laurels.app import COMPOSITION, TABLES
from laurels.config import definitions_file, demo
from laurels.storage.lanes import lane_of
from laurels.storage.office import projects
from laurels.storage.postgres.database import connect_one
from laurels.storage.schema import migrate as schema

HERE = Path(__file__).parent
KEY = "bench_admin_key_0123456789"
PROJECT_ID = 1
BOARD = {"code": "top_scorers", "name": "Top Scorers"}


def prepare(
    url: str,
    participants: int,
    *,
    with_board: bool = False,
    board_fields: Mapping[str, Any] | None = None,
    on_citus: bool = False,
) -> None:
    """Creates the schema, the demo tiers, participants without points, and the procedure for pgbench; with `with_board`
    also the board of the demo. `board_fields` are further fields of its definition."""
    schema.migrate(url, on_citus=TABLES if on_citus else None)
    asyncio.run(_prepare_project(url, [BOARD | dict(board_fields or {})] if with_board else []))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute((HERE / "award_procedure.sql").read_text())  # type: ignore[arg-type]
        rows = [(n, lane_of(PROJECT_ID, f"user_{n}"), f"user_{n}", uuid4()) for n in range(1, participants + 1)]
        with connection.cursor().copy("COPY bench_name FROM STDIN") as copy:
            for number, lane, name, _ in rows:
                copy.write_row((number, lane, name))
        with connection.cursor().copy(
            "COPY participant (lane, subject, project_id, participant_id, created_at) FROM STDIN"
        ) as copy:
            for _, lane, name, subject in rows:
                copy.write_row((lane, subject, PROJECT_ID, name, "2026-01-01T00:00:00Z"))
        connection.execute(
            "INSERT INTO account (lane, subject, last_seen_at) SELECT lane, subject, created_at FROM participant"
        )
        settle(connection)


async def _prepare_project(url: str, boards: list[dict[str, Any]]) -> None:
    connection = await connect_one(url)
    project = await projects.create(connection, "default", "Default", "live", "UTC")
    assert project is not None
    assert project.id == PROJECT_ID
    tiers = definitions_file.load(TABLES.kinds, demo.FILE.read_bytes())["tiers"]
    leaderboards = definitions_file.load(TABLES.kinds, msgspec.json.encode({"leaderboards": boards}))["leaderboards"]
    await demo.add(connection, project.id, COMPOSITION.resources, {"tiers": tiers, "leaderboards": leaderboards})
    await connection.close()


def settle(connection: psycopg.Connection) -> None:
    """Runs the work of autovacuum and of the checkpointer now."""
    connection.execute("VACUUM ANALYZE")
    connection.execute("CHECKPOINT")


def settle_database(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        settle(connection)


def grow_journal(url: str, rows: int) -> None:
    """Adds this number of awards of 1 point to random participants, with idempotency keys, so that `laurels check`
    finds no difference."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            """
            WITH numbered AS (
                SELECT lane, subject, row_number() OVER () AS number FROM participant
            ), chosen AS (
                SELECT 1 + floor(random() * (SELECT count(*) FROM participant))::int AS number
                FROM generate_series(1, %(rows)s)
            ), award AS (
                SELECT lane, subject, uuidv7() AS id, row_number() OVER (PARTITION BY subject) AS nth
                FROM chosen JOIN numbered USING (number)
            ), fact AS (
                INSERT INTO journal (lane, id, project_id, subject, seq, kind, command_id, definitions_version,
                                     occurred_at, recorded_at, data)
                SELECT lane, id, 1, subject, a.seq + nth, 'points_awarded', id, 2, now(), now(),
                       jsonb_build_object('amount', 1, 'balance_after', a.balance + nth, 'reason', 'Purchase completed')
                FROM award JOIN account a USING (lane, subject)
            ), key AS (
                INSERT INTO idempotency (lane, subject, operation, key, command_id, fingerprint, answer)
                SELECT lane, subject, 'award_points', 'grown_' || id, id, decode(md5(id::text), 'hex'),
                       convert_to(json_build_object('transaction_id', id, 'participant_id', 'user_00000', 'amount', 1,
                                                    'new_balance', 1, 'tier_upgrade', NULL)::text, 'UTF8')
                FROM award
            ), added AS (
                SELECT lane, subject, count(*) AS facts FROM award GROUP BY lane, subject
            )
            UPDATE account a
            SET seq = seq + facts, balance = balance + facts, total_earned = total_earned + facts,
                transactions = transactions + facts
            FROM added WHERE a.lane = added.lane AND a.subject = added.subject
            """,
            {"rows": rows},
        )
        settle(connection)


@contextmanager
def laurels(url: str, port: int, workers: int, **settings: str) -> Iterator[int]:
    """Runs a Laurels server. Yields its process id."""
    environment = os.environ | {"LAURELS_DATABASE_URL": url, "LAURELS_ADMIN_KEY": KEY, "LAURELS_RATE_LIMIT": "1000000"}
    environment |= {f"LAURELS_{name.upper()}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "laurels.cli.main", "serve", "--port", str(port), "--workers", str(workers)]
    yield from _served(command, environment, f"http://127.0.0.1:{port}/readyz")


@contextmanager
def baseline(url: str, port: int, workers: int) -> Iterator[int]:
    environment = os.environ | {"BASELINE_DATABASE_URL": url, "BASELINE_KEY": KEY}
    command = [sys.executable, "-m", "uvicorn", "bench.baseline.app:app", "--port", str(port)]
    command += ["--workers", str(workers), "--no-access-log", "--log-level", "warning"]
    yield from _served(command, environment, f"http://127.0.0.1:{port}/ready")


@contextmanager
def redis_handler(redis_url: str, port: int, workers: int, **settings: str) -> Iterator[int]:
    environment = os.environ | {"BASELINE_REDIS_URL": redis_url, "BASELINE_KEY": KEY}
    environment |= {f"BASELINE_{name.upper()}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "bench.redis_handler", "--port", str(port), "--workers", str(workers)]
    yield from _served(command, environment, f"http://127.0.0.1:{port}/ready")


def _served(command: list[str], environment: dict[str, str], ready_url: str) -> Iterator[int]:
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _wait_until_ready(process, ready_url)
        yield process.pid
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        process.wait(30)


def _wait_until_ready(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError("the server did not become ready")
