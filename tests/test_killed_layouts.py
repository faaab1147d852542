"""Processes are killed (kill -9) beside every statement of a split and of a merge of leaves, while awards go on."""

import os
import random
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.checks import make_key, query
from tests.conftest import TEMPLATE
from tests.processes import Forked, without_settings
from tests.support import Databases, Server, check, eventually
from tests.test_leaderboards import until_ready

ROOT = Path(__file__).parents[1]
PEOPLE = [f"p{number:02}" for number in range(60)]


class Game(NamedTuple):
    """A board whose awards go to one server, and the scores that they make."""

    client: httpx.Client
    database_url: str
    folder: Path
    scores: dict[str, int]

    def award(self, amounts: dict[str, int]) -> None:
        awards = [{"participant_id": name, "amount": amount} for name, amount in amounts.items()]
        reply = self.client.post("/points/award-batch", json={"awards": awards})
        assert reply.json()["failed"] == 0, reply.text
        for name, amount in amounts.items():
            self.scores[name] = self.scores.get(name, 0) + amount

    def verify(self) -> None:
        """The whole board and a rank, by brute force."""
        in_order = sorted(self.scores.values(), reverse=True)
        ranks = {name: (1 + in_order.index(score), score) for name, score in self.scores.items()}
        shown = self.client.get("/leaderboards/killed", params={"limit": 100}).json()
        assert shown["total_participants"] == len(ranks)
        assert [entry["score"] for entry in shown["entries"]] == in_order
        assert {e["participant_id"]: (e["rank"], e["score"]) for e in shown["entries"]} == ranks
        name = random.choice(sorted(ranks))
        found = self.client.get(f"/leaderboards/killed/rank/{name}").json()
        assert (found["rank"], found["score"], found["total_participants"]) == (*ranks[name], len(ranks))

    def wave(self, number: int) -> None:
        """Everybody rises beyond the others: new leaves are split, and the leaves below become small."""
        order = random.sample(PEOPLE, len(PEOPLE))
        highest = max(self.scores.values(), default=0)
        spread = (1, 5, 12)[number % 3]
        self.award({name: highest + 1 + place // spread - self.scores.get(name, 0) for place, name in enumerate(order)})


@pytest.fixture
def game(databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Game]:
    monkeypatch.setenv("LAYOUTS", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    url = databases.create(TEMPLATE)
    key = make_key(url, project="killed", scope="admin")
    with Server(url, main="tests.killed_layouts:second") as server, server.client(key) as client:
        body = {"code": "killed", "name": "Killed", "windows": ["all_time"], "time_window": "all_time"}
        until_ready(client, client.post("/admin/leaderboards", json=body).json()["id"])
        yield Game(client, url, tmp_path, {})


class JobProcesses:
    """Processes of the job alone, forked from one that has imported everything."""

    def __init__(self, game: Game) -> None:
        self._folder = game.folder
        for name in ("orders", "ends"):
            os.mkfifo(self._folder / name)
        environment = {**without_settings(), "LAURELS_DATABASE_URL": game.database_url}
        self._process = Forked(
            [], environment=environment, stderr=str(self._folder / "log"), main="tests.killed_layouts:job"
        )
        self._orders = (self._folder / "orders").open("wb", buffering=0)
        self._ends = (self._folder / "ends").open("rb", buffering=0)

    def run(self) -> int:
        """Runs a process to its end and returns its exit code."""
        self._orders.write(b".")
        return int.from_bytes(self._ends.read(1), signed=True)

    def close(self) -> None:
        self._orders.close()
        self._ends.close()
        self._process.wait(60)


class ServerProcesses:
    """`laurels serve`, which splits and merges beside its other work."""

    def __init__(self, game: Game) -> None:
        self._server = Server(game.database_url, main="tests.killed_layouts:serve")
        self._rounds = game.folder / "rounds"
        self._rounds.touch()

    def run(self) -> int:
        """The exit code of a server that was killed, or 0 if it has split and merged all since."""
        if self._server.process is None or self._server.process.poll() is not None:
            self._server.start(wait=False)
        process = self._server.process
        assert process is not None
        # The first of them may have begun before.
        rounds = self._rounds.stat().st_size + 2
        eventually(lambda: process.poll() is not None or self._rounds.stat().st_size >= rounds, seconds=120)
        return process.poll() or 0

    def close(self) -> None:
        self._server.kill()


STEPS = {
    "split": (
        *("insert_leaves", "commit after changes", "running", "begin after misfiled"),
        *("lock", "open", "misfiled", "lock_accounts", "refile", "commit after refile", "begin after refile"),
        *("lock_open", "opened", "remove_empty_range", "is_known", "commit after is_known", "begin after is_known"),
        *("leaves", "remove_empty_parts", "spare_part", "last_part", "insert_spare_part"),
        *("commit after insert_spare_part", "move_leaves", "add_to_part", "begin_part", "commit after begin_part"),
    ),
    "merge": (
        *("close", "commit after changes", "running", "begin after misfiled"),
        *("lock", "open", "misfiled", "lock_accounts", "refile", "commit after refile"),
        *("lock_open", "remove_closed", "is_known", "commit after is_known", "begin after is_known"),
        *("leaves", "remove_empty_parts"),
    ),
}
"""The statements of each change."""


def points(*, has_all: bool) -> set[str]:
    """The points to be killed at. After a statement is before the next one, but for commits."""
    steps = {(change, name) for change, names in STEPS.items() for name in names}
    before = {f"{change}: before {name}" for change, name in steps}
    return before | {f"{change}: after {name}" for change, name in steps if has_all or name.startswith("commit")}


@pytest.mark.more_cases
@pytest.mark.parametrize("kind", [JobProcesses, pytest.param(ServerProcesses, marks=pytest.mark.all_cases)])
def test_processes_are_killed_beside_every_statement_of_a_split_and_a_merge(
    game: Game, kind: type[JobProcesses] | type[ServerProcesses], all_cases: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_all = all_cases and kind is JobProcesses
    monkeypatch.setenv("KILLED_AFTER", "" if has_all else "commit")
    killed_at = game.folder / "points"
    killed_at.touch()
    killed, waves = 0, 1
    game.wave(0)
    with closing(kind(game)) as processes:
        while missing := points(has_all=has_all) - set(killed_at.read_text().splitlines()):
            assert waves < 80, missing
            code = processes.run()
            assert code in (0, -signal.SIGKILL), (game.folder / "log").read_text()
            if code == 0:
                game.wave(waves)
                waves += 1
            else:
                killed += 1
                game.award({name: random.choice((1, 30)) for name in random.sample(PEOPLE, 3)})
            if code == 0 or killed % 4 == 0:
                game.verify()
    # The last one may have been killed after nobody waited for it.
    assert len(killed_at.read_text().splitlines()) - killed in (0, 1)
    # The other server goes on from where the last process was killed.
    (game.folder / "released").touch()
    eventually(lambda: query(game.database_url, "SELECT count(*) FROM board_leaf WHERE beside IS NOT NULL") == [(0,)])
    game.verify()
    check(game.database_url)
