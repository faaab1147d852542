"""`python -m bench.attacks`: awards to other participants, first alone, then while a caller with a valid key attacks.

Latencies are those of an open loop. The load alone is measured again before each attack, so that a ratio compares two
adjacent measurements.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from bench import load, stack
from laurels.embedded import EmbeddedPostgres
from tests.hammer import Connection
from tests.many_lots import give_lots
from tests.test_erasures import give_facts

PORT = 8473
PARTICIPANTS = 10_000
LOCKED = 20
PAUSE_SECONDS = 0.1
"""The pause between two requests of an attacker. It ignores Retry-After, but does not use up the processor itself."""

_ACCOUNTS = """
SELECT 1 FROM participant p JOIN account a USING (lane, subject) WHERE participant_id LIKE 'locked%' FOR UPDATE OF a
"""
_OF_LOCKED_PARTICIPANTS = (
    "(lane, subject) IN (SELECT lane, subject FROM participant WHERE participant_id LIKE 'locked%')"
)
_STANDINGS = f"SELECT 1 FROM board_standing WHERE {_OF_LOCKED_PARTICIPANTS} FOR UPDATE"
_WORKERS = "SELECT 1 FROM worker FOR UPDATE"
_LEAVES = f"""
SELECT 1 FROM board_leaf WHERE (generation, window_key, leaf) IN (
    SELECT generation, window_key, leaf FROM board_standing WHERE {_OF_LOCKED_PARTICIPANTS}
) FOR UPDATE
"""

_COSTLY_RULES = [
    {
        "code": f"costly_{number}",
        "name": "Costly",
        "event_name": "costly",
        "condition": " || ".join([f"now > now && {number} == 0"] * 60),
        "actions": [{"type": "award_points", "amount": 1}],
    }
    for number in range(100)
]
_ENDLESS_STRING = b"[" * 33 + b'"' + b'\\"' * 24_000
_DENSE_AWARD = {"participant_id": "dense", "amount": 1, "metadata": {"a": [{}] * 20_000}}


@dataclass(frozen=True)
class Attack:
    """An attack: `callers` send the request `method path body` repeatedly. `prepare` runs before it. `locked` is a
    statement that locks rows for the time of the attack."""

    method: str
    path: str
    body: Any
    callers: int = 1
    prepare: Callable[[str, str], None] | None = None
    locked: str | None = None


def _award(name: str) -> dict[str, Any]:
    return {"participant_id": name, "amount": 1}


def _give_overdue_lots(url: str, name: str) -> None:
    give_lots(url, name, 40_000, datetime.now(UTC) + timedelta(seconds=3))


def _give_facts(url: str, name: str) -> None:
    give_facts(url, name, 200_000)


ATTACKS = {
    "20 locked accounts, 40 callers award to them": Attack("POST", "/points/award", "LOCKED", 40, locked=_ACCOUNTS),
    "locked standings of 20 people, 40 callers award to them": Attack(
        "POST", "/points/award", "LOCKED", 40, locked=_STANDINGS
    ),
    "locked rows of all workers, 4 callers award": Attack("POST", "/points/award", "NAME", 4, locked=_WORKERS),
    "a locked account, 4 callers delete it": Attack("DELETE", "/admin/participants/locked0", None, 4, locked=_ACCOUNTS),
    "locked leaves of a board, 40 callers need them": Attack("POST", "/points/award", "LOCKED", 40, locked=_LEAVES),
    "40,000 lots of one person expire, 4 callers award": Attack("POST", "/points/award", "NAME", 4, _give_overdue_lots),
    "200,000 facts of one person are anonymised": Attack(
        "DELETE", "/admin/participants/NAME?anonymize=true", None, 1, _give_facts
    ),
    "4 callers, 48 KB of an endless string": Attack("POST", "/points/award", _ENDLESS_STRING, 4),
    "4 callers, 60 KB of dense metadata": Attack("POST", "/points/award", _DENSE_AWARD, 4),
    "a caller simulates 100 costly rules": Attack("POST", "/admin/simulate", {"definitions": {"rules": _COSTLY_RULES}}),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--rate", type=float, default=200, help="awards per second to other participants")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--attack", action="append", choices=ATTACKS, help="run only this attack")
    parser.add_argument("--attacker", nargs=3, metavar=("ATTACK", "NAME", "SECONDS"), help="internal")
    arguments = parser.parse_args()
    if arguments.attacker:
        attack, name, seconds = arguments.attacker
        asyncio.run(_run_attack(ATTACKS[attack], name, float(seconds)))
        return
    with tempfile.TemporaryDirectory() as folder:
        postgres = EmbeddedPostgres(Path(folder))
        postgres.start()
        try:
            stack.prepare(postgres.url, PARTICIPANTS, with_board=True)
            with stack.laurels(postgres.url, PORT, workers=1):
                asyncio.run(_create_locked_participants())
                for number in range(arguments.rounds):
                    for title in arguments.attack or ATTACKS:
                        print(
                            json.dumps({"round": number + 1, **_compared(postgres.url, title, arguments)}), flush=True
                        )
        finally:
            postgres.stop()


async def _create_locked_participants() -> None:
    connection = Connection(f"http://127.0.0.1:{PORT}")
    for number in range(LOCKED):
        body = {"participant_id": f"locked{number}", "amount": 999_983}
        response = await connection.post("/points/award", body, stack.KEY)
        assert response.status == 200, response
    connection.close()


def _compared(url: str, title: str, arguments: argparse.Namespace) -> dict[str, Any]:
    attack, name = ATTACKS[title], f"attacked{time.time_ns()}"
    alone_p50, alone_p99, _ = _latencies(arguments)
    if attack.prepare is not None:
        asyncio.run(_award_once(name))
        attack.prepare(url, name)
    with _locking(url, attack.locked), _attacker(title, name, arguments.seconds):
        p50, p99, failed = _latencies(arguments)
    _wait_for_erasures(url)
    return {
        "attack": title,
        "alone_p50_ms": round(alone_p50, 1),
        "alone_p99_ms": round(alone_p99, 1),
        "p50_ms": round(p50, 1),
        "p99_ms": round(p99, 1),
        "p99_ratio": round(p99 / alone_p99, 1),
        "failed": failed,
    }


def _latencies(arguments: argparse.Namespace) -> tuple[float, float, int]:
    """p50 and p99 in ms of the successful awards to other participants, and the number of failed awards."""
    responses = load.open_loop(PORT, arguments.rate, arguments.seconds, load.awards(PARTICIPANTS))
    succeeded = [each for each in responses if each.status == 200]
    return *load.percentiles(succeeded), len(responses) - len(succeeded)


def _wait_for_erasures(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute("SELECT 1 FROM erasure").fetchone():
            time.sleep(1)


async def _award_once(name: str) -> None:
    connection = Connection(f"http://127.0.0.1:{PORT}")
    response = await connection.post("/points/award", _award(name), stack.KEY)
    assert response.status == 200, response
    connection.close()


@contextmanager
def _locking(url: str, statement: str | None) -> Iterator[None]:
    if statement is None:
        yield
        return
    with psycopg.connect(url) as holder:
        holder.execute(statement.encode())
        yield


@contextmanager
def _attacker(title: str, name: str, seconds: float) -> Iterator[None]:
    command = [sys.executable, "-m", "bench.attacks", "--attacker", title, name, str(seconds)]
    process = subprocess.Popen(command)
    time.sleep(2)
    yield
    process.wait()


async def _run_attack(attack: Attack, name: str, seconds: float) -> None:
    end = time.monotonic() + seconds + 2
    statuses: dict[int, int] = {}

    async def caller(number: int) -> None:
        connection = Connection(f"http://127.0.0.1:{PORT}")
        bodies = {"LOCKED": _award(f"locked{number % LOCKED}"), "NAME": _award(name)}
        body = bodies[attack.body] if isinstance(attack.body, str) else attack.body
        while time.monotonic() < end:
            response = await connection.send(attack.method, attack.path.replace("NAME", name), body, stack.KEY)
            statuses[response.status] = statuses.get(response.status, 0) + 1
            await asyncio.sleep(PAUSE_SECONDS)
        connection.close()

    await asyncio.gather(*(caller(number) for number in range(attack.callers)))
    print(json.dumps({"attacker": statuses}), flush=True)


if __name__ == "__main__":
    main()
