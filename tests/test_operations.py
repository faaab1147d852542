"""docs/operations.md is true: its commands are run as they stand there, on a PostgreSQL as Debian brings it."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from laurels.embedded.account import Account
from laurels.web.protocol import metrics
from tests.processes import laurels
from tests.support import ADMIN_KEY, Server, free_port, tool

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "operations.md").read_text()
BLOCKS = dict(re.findall(r"^```sh (\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
VERSIONS = range(15, 19)
DOCS_URL = "postgresql://laurels:secret@db.internal/laurels"


def postgres_programs() -> Path:
    """Debian's, the newest version there. Where there is none the test is skipped, but never in CI."""
    for version in reversed(VERSIONS):
        folder = Path(f"/usr/lib/postgresql/{version}/bin")
        if (folder / "pg_verifybackup").exists():
            return folder
    return Path(tool("pg_verifybackup")).parent


class OwnPostgres:
    """A cluster as initdb makes it, with passwords over TCP. Runs the page's blocks as PostgreSQL's user."""

    def __init__(self, folder: Path) -> None:
        # PostgreSQL does not run as root.
        self._account = Account.for_folder(folder)
        self._account.let_through(folder)
        self._account.give(folder)
        self.port = free_port()
        self.backups = folder / "backups"
        self.data = folder / "data"
        self.url = DOCS_URL.replace("db.internal", f"127.0.0.1:{self.port}")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LAURELS_"))}
        self.environment = kept | {
            "PATH": f"{postgres_programs()}:{os.environ['PATH']}",
            "PGHOST": str(folder),
            "PGPORT": str(self.port),
            "PGUSER": "postgres",
            "PGDATA": str(self.data),
            "BACKUPS": str(self.backups),
        }
        self._folder = folder
        self.shell("initdb --username postgres --auth-local trust --auth-host scram-sha-256 --no-sync")
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(f"port = {self.port}\nunix_socket_directories = '{folder}'\nlisten_addresses = '127.0.0.1'\n")
        self.shell('pg_ctl --wait start --log "$PGDATA/../postgres.log"')

    def run(self, block: str, **variables: str) -> str:
        """One of the page's blocks: each of its lines has to succeed."""
        return self.shell(BLOCKS[block], **variables)

    def shell(self, script: str, **variables: str) -> str:
        # Into files: a PostgreSQL that is started here would hold pipes open.
        output = self._folder.parent / "output"
        with output.open("w") as file:
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", script],
                env=self.environment | variables,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                timeout=120,
                check=False,
                **self._account.process_arguments,
            )
        assert done.returncode == 0, (script, output.read_text())
        return output.read_text()

    def laurels(self, script: str) -> str:
        """Commands of Laurels, with this database's address in place of the page's."""
        path = f"{Path(sys.executable).parent}:{self.environment['PATH']}"
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script.replace(DOCS_URL, self.url)],
            env=self.environment | {"PATH": path, "LAURELS_DATABASE_URL": self.url},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, (script, done.stderr)
        return done.stdout

    def fetch(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(host=str(self._folder), port=self.port, user="postgres", dbname="postgres") as connection:
            return connection.execute(query.encode()).fetchall()

    def stop(self) -> None:
        self.shell("pg_ctl --wait --mode immediate stop || true")


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnPostgres]:
    folder = tmp_path_factory.mktemp("own") / "pg"
    folder.mkdir()
    own = OwnPostgres(folder)
    try:
        own.run("database")
        own.run("settings")
        yield own
    finally:
        own.stop()


def award(server: Server, amount: int) -> None:
    with server.client() as api:
        reply = api.post("/points/award", json={"participant_id": "ada", "amount": amount})
        assert reply.status_code == 200, reply.text


def balance(server: Server) -> int:
    with server.client() as api:
        found: int = api.get("/participants/ada/points").json()["balance"]
        return found


@pytest.mark.all_cases
def test_a_moment_of_an_own_database_is_restored(postgres: OwnPostgres) -> None:
    """As the page tells it, from an empty cluster to the restored moment, with three backups, one too many."""
    key = postgres.laurels(BLOCKS["laurels"]).splitlines()[-1]
    assert key.startswith("lk_live_")
    postgres.run("archive")
    with Server(postgres.url) as server:
        award(server, 1)
        for _ in range(2):
            postgres.run("backup")
            award(server, 10)
            time.sleep(1)  # a backup is named by its second
        postgres.run("backup")
        award(server, 100)
        before = set((postgres.backups / "wal").iterdir())
        postgres.run("prune")
        assert set((postgres.backups / "wal").iterdir()) < before
        moment = datetime.now(UTC)
        award(server, 1000)
        assert balance(server) == 1121
    chosen = sorted(folder.name for folder in (postgres.backups / "base").iterdir())
    assert len(chosen) == 2
    postgres.run("restore", CHOSEN=chosen[0], MOMENT=moment.isoformat(sep=" "))
    reset, check = BLOCKS["restored"].splitlines()
    postgres.shell(reset)
    assert "folding the journal again gives every projection as stored" in postgres.laurels(check)
    assert "laurels jobs" not in postgres.run("watch")
    postgres.run("backup")
    with Server(postgres.url) as server:
        assert balance(server) == 121
        assert "laurels jobs" in postgres.run("watch")
        postgres.run("reindex")


@pytest.mark.parametrize("command", ["serve --port 0", "migrate", "check", "keys list"])
def test_a_wrong_password_is_one_sentence(postgres: OwnPostgres, command: str) -> None:
    wrong = postgres.url.replace(":secret@", ":guessed@")
    done = laurels(*command.split(), LAURELS_DATABASE_URL=wrong)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert re.match("laurels: The database (refused the connection or a statement|cannot be reached): ", line)
    assert 'password authentication failed for user "laurels"' in line
    assert "guessed" not in line


@pytest.mark.parametrize(("workers", "most"), [(1, 19), pytest.param(2, 33, marks=pytest.mark.all_cases)])
def test_connections_are_as_many_as_the_page_says(postgres: OwnPostgres, workers: int, most: int) -> None:
    # Several processes take their time to start on a busy machine.
    server = Server(postgres.url, workers=str(workers)).start(wait=False)
    try:
        server.wait_until_ready(120)
        with server.client() as api:
            for number in range(30):
                body = {"participant_id": f"p{number}", "amount": 1}
                assert api.post("/points/award", json=body).status_code == 200
                assert api.get(f"/participants/p{number}/points").status_code == 200
            found = postgres.fetch("SELECT application_name FROM pg_stat_activity WHERE usename = 'laurels'")
    finally:
        server.stop()
    assert 3 <= len(found) <= most
    [rows] = re.findall(r"^\| used by \| connections .*\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    in_table = set(re.findall("`(laurels [a-z]+)`", rows))
    assert len(in_table) == 8
    assert {str(name) for (name,) in found} <= in_table


def test_the_page_names_metrics_that_there_are() -> None:
    named = set(re.findall(r"\blaurels_[a-z_]+", PAGE))
    there = {line.split()[2] for line in metrics.render().decode().splitlines() if line.startswith("# TYPE laurels_")}
    there |= {f"{name}_{part}" for name in there for part in ("bucket", "sum", "count")}
    assert named
    assert named <= there


def test_the_page_names_settings_and_log_lines_that_there_are() -> None:
    settings = (ROOT / "docs" / "settings.md").read_text()
    for name in set(re.findall(r"\bLAURELS_[A-Z_]+", PAGE)):
        assert f"`{name}`" in settings, name
    source = "".join(path.read_text() for path in (ROOT / "src").rglob("*.py"))
    table = PAGE.partition("### Log")[2].partition("\n## ")[0]
    events = [
        event for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for event in re.findall("`(.*?)`", row)
    ]
    assert len(events) > 5
    for event in events:
        assert f'"{event}"' in source, event


def test_the_systemd_unit_is_understood(tmp_path: Path) -> None:
    analyze = tool("systemd-analyze")
    unit = tmp_path / "laurels.service"
    text = (ROOT / "deploy" / "laurels.service").read_text()
    program = "/opt/laurels/bin/laurels"
    assert program in text
    # It complains of a program that is not there.
    unit.write_text(text.replace(program, shutil.which("true") or ""))
    done = subprocess.run([analyze, "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


MOST_EXPOSED = 4.0


def test_the_systemd_unit_exposes_little() -> None:
    unit = ROOT / "deploy" / "laurels.service"
    command = [tool("systemd-analyze"), "security", "--offline=true", "--no-pager", str(unit)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"Overall exposure level for laurels.service: ([0-9.]+)", told.stdout)
    assert found is not None, told
    assert float(found[1]) < MOST_EXPOSED


@pytest.mark.slow
def test_the_systemd_unit_allows_what_is_called(tmp_path: Path) -> None:
    """Each system call of a server with two workers and its PostgreSQL, from their start to their stop."""
    assert "SystemCallFilter=@system-service\n" in (ROOT / "deploy" / "laurels.service").read_text()
    trace = tmp_path / "trace"
    server = Server(port=free_port())
    options = ("--port", str(server.port), "--workers", "2", "--data-dir", str(tmp_path / "data"))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LAURELS_")}
    server.process = subprocess.Popen(
        [tool("strace"), "-f", "-qq", "-o", str(trace), sys.executable, "-m", "laurels.cli.main", "serve", *options],
        env=environment | {"LAURELS_ADMIN_KEY": ADMIN_KEY},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    server.wait_until_ready(600)
    award(server, 10)
    assert balance(server) == 10
    assert server.stop(seconds=600) == 0
    # Each line: the process, and its call.
    called = set(re.findall(r"^\d+ +([a-z_0-9]+)\(", trace.read_text(errors="replace"), re.MULTILINE))
    assert {"openat", "fdatasync", "accept4"} <= called
    assert called - calls_of({"@system-service"}) == set()


def calls_of(named: set[str]) -> set[str]:
    """The system calls, with those of the sets."""
    calls = {name for name in named if not name.startswith("@")}
    for name in named - calls:
        command = [tool("systemd-analyze"), "syscall-filter", name]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        calls |= calls_of(set(re.findall(r"^ {4}(@?[a-z_0-9-]+)$", told, re.MULTILINE)))
    return calls


@pytest.mark.all_cases
@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes one of Debian's clusters")
def test_debians_clusters_are_steered_so(tmp_path: Path) -> None:
    version, name = postgres_programs().parent.name, f"laurels{os.getpid()}"
    Account.for_folder(tmp_path).let_through(tmp_path)
    place = ("--port", str(free_port()), "--datadir", str(tmp_path / "data"))
    made = subprocess.run(
        [tool("pg_createcluster"), *place, version, name], capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    try:
        subprocess.run(["pg_ctlcluster", version, name, "start"], check=True)
        for line in BLOCKS["debian"].splitlines():
            assert line.startswith("pg_ctlcluster 15 main "), line
            command = line.replace("15 main", f"{version} {name}")
            done = subprocess.run(command.split(), capture_output=True, text=True, check=False)
            assert done.returncode == 0, (line, done.stderr)
            is_online = " online " in subprocess.run(
                ["pg_lsclusters", "--no-header", version, name], capture_output=True, text=True, check=True
            ).stdout.replace(",", " ")
            assert is_online is not line.endswith(" stop")
    finally:
        subprocess.run(["pg_dropcluster", "--stop", version, name], check=True)
