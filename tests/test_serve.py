"""`laurels serve` as an operator meets it: workers, signals, logs, metrics, refusals to start."""

import json
import os
import platform
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil  # type: ignore[import-untyped]
import psycopg
import pytest

from laurels import __version__
from laurels.storage.postgres import revisions
from tests.conftest import TEMPLATE
from tests.processes import laurels
from tests.support import ADMIN_KEY, ON_CITUS, Databases, Server


def wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def workers(server: Server) -> list[psutil.Process]:
    """The processes that answer requests: children that listen or share the listening socket."""
    assert server.process is not None
    return [child for child in psutil.Process(server.process.pid).children() if is_worker(child)]


def is_worker(child: psutil.Process) -> bool:
    try:
        return child.status() != psutil.STATUS_ZOMBIE and "spawn_main" in " ".join(child.cmdline())
    except psutil.NoSuchProcess:
        return False


def answers(server: Server) -> bool:
    try:
        return httpx.get(f"{server.base_url}/healthz", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="module")
def of_two_workers(databases: Databases) -> Iterator[Server]:
    with Server(databases.create(TEMPLATE), workers="2") as running:
        yield running


def test_two_workers_share_the_work_and_their_metrics(of_two_workers: Server) -> None:
    for number in range(20):
        with of_two_workers.client() as api:
            body = {"participant_id": f"p{number}", "amount": 1}
            assert api.post("/points/award", json=body).status_code == 200
    metrics = httpx.get(f"{of_two_workers.base_url}/metrics").text
    line = 'laurels_requests_total{method="POST",route="/api/v1/gamify/points/award",status="200"} 20.0'
    assert line in metrics
    assert "laurels_commit_seconds_count" in metrics
    assert f'laurels_build_info{{python="{platform.python_version()}",version="{__version__}"}} 1.0' in metrics
    assert "_created" not in metrics
    assert "laurels_queue_commands 0.0" in metrics


def test_a_killed_worker_is_replaced(of_two_workers: Server) -> None:
    victim, other = workers(of_two_workers)
    victim.kill()
    wait_for(lambda: len({process.pid for process in workers(of_two_workers)} - {victim.pid}) == 2)
    assert other.is_running()
    wait_for(lambda: answers(of_two_workers))


@pytest.mark.parametrize(
    ("count", "number"),
    [
        ("1", signal.SIGINT),
        ("1", signal.SIGTERM),
        pytest.param("2", signal.SIGTERM, marks=pytest.mark.all_cases),
        pytest.param("2", signal.SIGINT, marks=pytest.mark.all_cases),
    ],
)
def test_signals_stop_it_cleanly(databases: Databases, count: str, number: int) -> None:
    server = Server(databases.create(TEMPLATE), workers=count).start()
    assert server.stop(number) == 0
    assert not answers(server)


@pytest.mark.parametrize("count", ["1", pytest.param("2", marks=pytest.mark.all_cases)])
def test_a_storm_of_signals_stops_it_as_one_does(tmp_path: Path, count: str) -> None:
    """Each further one comes while something is tidied up, and must not break it off."""
    server = Server(arguments=("--data-dir", str(tmp_path)), workers=count).start()
    assert server.process is not None
    recorded = tmp_path / "postgres" / "postmaster.pid"
    postmaster = int(recorded.read_text().split()[0])
    while (code := server.process.poll()) is None:
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.005)
    assert code == 0
    assert not recorded.exists()
    assert not psutil.pid_exists(postmaster)


DOES_NOT_WAIT = """
from laurels.cli import main as cli
from laurels.embedded import processes
processes.FAST_STOP_SECONDS = processes.IMMEDIATE_STOP_SECONDS = 0.1
cli.main()
"""


STOPPED_WHILE_IMPORTING = """
import importlib.abc, os, signal, sys

class Stopping(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "laurels.cli.main":
            os.kill(os.getpid(), signal.{name})

sys.meta_path.insert(0, Stopping())
from laurels.cli.entry import main
main()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(("command", "is_served"), [("serve", True), ("check", False)])
def test_a_server_that_is_stopped_while_it_is_being_imported_ends_with_0(
    command: str, is_served: bool, number: signal.Signals
) -> None:
    program = STOPPED_WHILE_IMPORTING.replace("{name}", number.name)
    done = subprocess.run([sys.executable, "-c", program, command], check=False, capture_output=True)
    assert (done.returncode == 0) is is_served


@pytest.mark.all_cases
def test_a_postgres_left_running_is_no_success(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LAURELS_")}
    command = [sys.executable, "-c", DOES_NOT_WAIT, "serve", "--port", "0", "--data-dir", str(tmp_path)]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        postmaster = next(
            psutil.Process(json.loads(line)["pid"]) for line in server.stderr if '"postgres_started"' in line
        )
        postmaster.suspend()
        server.send_signal(signal.SIGTERM)
        _, told = server.communicate(timeout=60)
    finally:
        server.kill()
        postmaster.resume()
        postmaster.send_signal(signal.SIGQUIT)
    assert server.returncode == 1, told
    assert f"laurels: PostgreSQL in {tmp_path} does not stop and still runs as process {postmaster.pid}" in told


@pytest.mark.all_cases
def test_workers_do_not_outlive_a_killed_parent(databases: Databases) -> None:
    """Otherwise they would hold the port, and the next start would fail."""
    server = Server(databases.create(TEMPLATE), workers="2").start()
    assert server.process is not None
    orphans = workers(server)
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    wait_for(lambda: not any(orphan.is_running() and orphan.status() != "zombie" for orphan in orphans))
    assert not answers(server)


def test_a_line_for_each_request_without_key_or_person(databases: Databases, tmp_path: Path) -> None:
    log = tmp_path / "log"
    server = Server(databases.create(TEMPLATE), log_requests="1").start(log=log)
    with server.client() as api:
        api.post("/points/award", json={"participant_id": "secret_person", "amount": 1, "reason": "secret_reason"})
        api.get("/participants/secret_person/state", headers={"X-Request-ID": "request-7"})
        api.get("/participants/secret_person/nonsense?q=secret_query")
    server.stop()
    text = log.read_text()
    for secret in ("secret_", ADMIN_KEY):
        assert secret not in text
    lines = [json.loads(line) for line in text.splitlines() if '"event":"request"' in line]
    told = [(line["method"], line["route"], line["status"]) for line in lines if line["route"] != "/readyz"]
    assert told == [
        ("POST", "/api/v1/gamify/points/award", 200),
        ("GET", "/api/v1/gamify/participants/{participant_id}/state", 200),
        ("GET", "(none)", 404),
    ]
    assert "request-7" in {line["request_id"] for line in lines}
    assert all(line["milliseconds"] > 0 for line in lines)


@pytest.mark.parametrize(
    ("revision", "code", "sentence"),
    [
        (revisions.all_revisions()[-2], "schema_outdated", "older than this version of Laurels; run `laurels migrate`"),
        ("0000", "schema_unknown", "'0000', which this version of Laurels does not know"),
        ("abc123", "schema_unknown", "'abc123', which this version of Laurels does not know"),
    ],
)
def test_not_ready_without_the_right_schema(databases: Databases, revision: str, code: str, sentence: str) -> None:
    url = databases.create(TEMPLATE)
    with Server(url) as server:
        with psycopg.connect(url) as connection:
            connection.execute("UPDATE alembic_version SET version_num = %s", [revision])
        reply = httpx.get(f"{server.base_url}/readyz")
        assert (reply.status_code, reply.json()["code"]) == (503, code)
        assert sentence in reply.json()["detail"]
        assert answers(server)


def test_a_second_server_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with Server(arguments=("--data-dir", str(tmp_path))):
        refused = laurels("serve", "--data-dir", str(tmp_path), "--port", "0")
        assert refused.returncode == 1
        assert "--database-url" in refused.stderr
        assert "Traceback" not in refused.stderr
        # A short command joins the running one.
        key = laurels("keys", "create", "--data-dir", str(tmp_path)).stdout
        assert key.startswith("lk_live_")
        assert key.count("\n") == 1


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"LAURELS_ADMIN_KEY": "short"}, "LAURELS_ADMIN_KEY must have at least 20 characters."),
        ({"LAURELS_QUEUE_LIMIT": "many"}, "LAURELS_QUEUE_LIMIT must be a whole number."),
        ({"LAURELS_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}, "The database cannot be reached"),
    ],
)
def test_what_cannot_work_is_one_sentence(variables: dict[str, str], sentence: str) -> None:
    refused = laurels("serve", "--port", "0", **variables)
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"laurels: {sentence}")
    assert "Traceback" not in refused.stderr


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize(
    ("host", "reached", "shown", "count"),
    [
        ("::", "127.0.0.1 [::1]", "127.0.0.1", "1"),
        pytest.param("::", "127.0.0.1 [::1]", "127.0.0.1", "2", marks=pytest.mark.all_cases),
        pytest.param("::1", "[::1]", "[::1]", "1", marks=pytest.mark.all_cases),
    ],
)
def test_ipv6(databases: Databases, tmp_path: Path, host: str, reached: str, shown: str, count: str) -> None:
    log = tmp_path / "log"
    server = Server(databases.create(TEMPLATE), host=host, workers=count)
    server.base_url = f"http://{reached.split(maxsplit=1)[0]}:{server.port}"
    server.start(log=log)
    try:
        for address in reached.split():
            assert httpx.get(f"http://{address}:{server.port}/healthz").status_code == 200
        if host == "::1":
            with pytest.raises(httpx.ConnectError):
                httpx.get(f"http://127.0.0.1:{server.port}/healthz")
        wait_for(lambda: f"Base URL:   http://{shown}:{server.port}/api/v1" in log.read_text())
    finally:
        server.stop()


def test_a_port_that_the_system_chooses_is_told(databases: Databases, tmp_path: Path) -> None:
    log = tmp_path / "log"
    server = Server(databases.create(TEMPLATE), port=0)
    server.start(wait=False, log=log)
    try:
        wait_for(lambda: "Base URL:" in log.read_text())
        told = re.search(r"Base URL:   (http://127.0.0.1:\d+)", log.read_text())
        assert told is not None
        assert httpx.get(f"{told[1]}/readyz").status_code == 200
    finally:
        server.stop()


def test_a_taken_port_is_one_sentence(databases: Databases) -> None:
    with Server(databases.create(TEMPLATE)) as server:
        refused = laurels("serve", "--port", str(server.port))
    assert refused.returncode == 1
    assert "Address already in use" in refused.stderr
    assert "--port" in refused.stderr


def test_migrate_is_repeatable_and_makes_partitions_ahead(databases: Databases) -> None:

    url = databases.create()
    for _ in range(2):
        done = laurels("migrate", "--database-url", url)
        assert done.returncode == 0, done.stderr
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'journal'::regclass ORDER BY 1"
        ).fetchall()
    assert len(rows) == 5
    assert rows[-1][0] == "journal_default"


def test_facts_go_to_the_partition_of_their_month(databases: Databases) -> None:
    url = databases.create(TEMPLATE)
    with Server(url) as server, server.client() as api:
        api.post("/points/award", json={"participant_id": "p", "amount": 1, "timestamp": "2001-01-01T00:00:00Z"})
    with psycopg.connect(url) as connection:
        [(table,)] = connection.execute("SELECT DISTINCT tableoid::regclass::text FROM journal").fetchall()
        [month] = connection.execute("SELECT to_char(now() AT TIME ZONE 'UTC', '\"journal_\"YYYY_MM')").fetchone() or ()
    # On Citus its part that a machine has, which carries a number besides.
    assert re.fullmatch(rf"{month}(_\d+)?" if ON_CITUS else month, table)


@pytest.mark.parametrize("command", [["check"], ["projects", "list"], ["export"], ["keys", "create"]])
def test_commands_make_no_database_where_there_is_none(tmp_path: Path, command: list[str]) -> None:
    folder = tmp_path / "mistyped"
    done = laurels(*command, "--data-dir", str(folder))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"laurels: There is no folder {folder}; choose another one with --data-dir")
    assert not folder.exists()


SLOW_TO_START = """
import sys, time
if "--multiprocessing-fork" in sys.orig_argv:
    with open({marks!r}, "a") as marks:
        marks.write("started\\n")
    time.sleep(7)
"""


@pytest.mark.all_cases
def test_workers_that_start_slowly_are_waited_for(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not replaced again and again, which would make them slower still."""
    marks = tmp_path / "marks"
    (tmp_path / "sitecustomize.py").write_text(SLOW_TO_START.format(marks=str(marks)))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Server(databases.create(TEMPLATE), workers="2") as server, server.client() as api:
        assert api.get("/participants/nobody").status_code == 404
        assert len(marks.read_text().splitlines()) == 2


def test_serving_processes_load_no_library_for_migrations() -> None:
    """SQLAlchemy and Alembic take 50 MB of memory in each process."""
    program = (
        "import sys, laurels.app, laurels.cli.serve, laurels.delivery.webhooks.process;"
        "print(*{'alembic', 'psycopg', 'sqlalchemy'} & set(sys.modules))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == ""
