"""`python -m bench.locks`: awards alone, and while rows that others ask for are locked for as long as it takes."""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bench import load, stack
from laurels.embedded import EmbeddedPostgres
from tests.hammer import Connection

PORT = 8473
PARTICIPANTS = 10_000
LOCKED = 20
CALLERS = 40
_ACCOUNTS = """
SELECT 1 FROM participant p JOIN account a USING (lane, subject) WHERE participant_id LIKE 'locked%' FOR UPDATE OF a
"""
_COUNT = "SELECT 1 FROM score_count WHERE level = 0 AND bucket = 1000003 FOR UPDATE"
# What is locked, and what those who need it send.
SCENES = {
    "alone": (None, None),
    "20 accounts, awards to them": (_ACCOUNTS, "award"),
    "an account, deletions of it": (_ACCOUNTS, "delete"),
    "a count of scores, awards that change it": (_COUNT, "award"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--rate", type=float, default=200, help="awards a second to others")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--needy", nargs=3, metavar=("KIND", "SECONDS", "CALLERS"), help="internal")
    arguments = parser.parse_args()
    if arguments.needy:
        kind, seconds, callers = arguments.needy
        asyncio.run(_ask(kind, float(seconds), int(callers)))
        return
    with tempfile.TemporaryDirectory() as folder:
        postgres = EmbeddedPostgres(Path(folder))
        postgres.start()
        try:
            stack.prepare(postgres.url, PARTICIPANTS, with_board=True)
            with stack.laurels(postgres.url, PORT, workers=1):
                asyncio.run(_begin())
                for number in range(arguments.rounds):
                    for scene in SCENES:
                        p50, p99 = _measured(postgres.url, scene, arguments.rate, arguments.seconds)
                        line = {"round": number + 1, "scene": scene, "p50_ms": round(p50, 1), "p99_ms": round(p99, 1)}
                        print(json.dumps(line), flush=True)
        finally:
            postgres.stop()


async def _begin() -> None:
    connection = Connection(f"http://127.0.0.1:{PORT}")
    for number in range(LOCKED):
        await connection.post("/points/award", {"participant_id": f"locked{number}", "amount": 1_000_003}, stack.KEY)
    connection.close()


def _measured(url: str, scene: str, rate: float, seconds: float) -> tuple[float, float]:
    statement, kind = SCENES[scene]
    if statement is None or kind is None:
        return load.percentiles(load.open_loop(PORT, rate, seconds, load.awards(PARTICIPANTS)))
    with psycopg.connect(url) as holder:
        holder.execute(statement.encode())
        with _needy(kind, seconds):
            return load.percentiles(load.open_loop(PORT, rate, seconds, load.awards(PARTICIPANTS)))


@contextmanager
def _needy(kind: str, seconds: float) -> Iterator[None]:
    callers = 4 if kind == "delete" else CALLERS
    command = [sys.executable, "-m", "bench.locks", "--needy", kind, str(seconds), str(callers)]
    process = subprocess.Popen(command)
    time.sleep(2)
    yield
    process.wait()


async def _ask(kind: str, seconds: float, callers: int) -> None:
    """Until the time is over, each caller soon after the last answer, as one that does not heed Retry-After."""
    end = time.monotonic() + seconds + 2
    statuses: dict[int, int] = {}

    async def caller(number: int) -> None:
        connection = Connection(f"http://127.0.0.1:{PORT}")
        while time.monotonic() < end:
            name = f"locked{number % LOCKED}"
            if kind == "delete":
                reply = await connection.send("DELETE", "/admin/participants/locked0", None, stack.KEY)
            else:
                reply = await connection.post("/points/award", {"participant_id": name, "amount": 1}, stack.KEY)
            statuses[reply.status] = statuses.get(reply.status, 0) + 1
            await asyncio.sleep(0.1)
        connection.close()

    await asyncio.gather(*(caller(number) for number in range(callers)))
    print(json.dumps({"needy": kind, "statuses": statuses}), flush=True)


if __name__ == "__main__":
    main()
