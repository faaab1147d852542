"""The embedded PostgreSQL: real servers in temporary folders, killed the way machines kill them."""

import asyncio
import fcntl
import os
import pwd
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import psutil  # type: ignore[import-untyped]
import pytest

from laurels.embedded import (
    EmbeddedPostgres,
    EmbeddedPostgresError,
    OwnedElsewhereError,
    account,
    backups,
    processes,
    running,
    server_log,
    settings,
)
from laurels.embedded import postgres as postgres_module

QUICK = {"fsync": "off", "shared_buffers": "16MB", "max_wal_size": "64MB", "min_wal_size": "32MB"}
OWNER = """
import sys, signal
from pathlib import Path
from laurels.embedded import EmbeddedPostgres
if "ignore-interrupt" in sys.argv:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
postgres = EmbeddedPostgres(Path(sys.argv[1]), settings={"fsync": "off", "shared_buffers": "16MB"})
postgres.start()
print("pid", postgres.pid, flush=True)
sys.stdin.readline()
postgres.stop()
print("stopped", flush=True)
"""


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """No process of a failed test stays behind."""
    folder = tmp_path / "data"
    yield folder
    for process in psutil.process_iter(["name", "cmdline"]):
        if process.info["name"] == "postgres" and str(folder / "postgres") in (process.info["cmdline"] or []):
            process.send_signal(signal.SIGQUIT)


@pytest.fixture
def postgres(data_dir: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(data_dir, settings=QUICK)
    yield server
    server.stop()


def query(url: str, statement: str) -> Any:
    async def ask() -> Any:
        connection = await asyncpg.connect(url, timeout=5)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(ask())


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def kill_postmaster(postgres: EmbeddedPostgres) -> None:
    """Returns when another runs."""
    pid = postgres.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: postgres.pid not in (None, pid))


def start_owner(data_dir: Path, *arguments: str) -> tuple[subprocess.Popen[str], int]:
    """A process of its own that runs PostgreSQL until a line comes in; and the postmaster's pid."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(data_dir), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert owner.stdout is not None
    for line in owner.stdout:
        if line.startswith("pid "):
            return owner, int(line.split()[1])
    raise AssertionError("the owner did not start")


def finish(owner: subprocess.Popen[str]) -> str:
    return owner.communicate("\n", timeout=30)[0]


def kill(owner: subprocess.Popen[str]) -> None:
    owner.kill()
    owner.communicate(timeout=10)


def test_a_second_start_finds_the_data_of_the_first(data_dir: Path, postgres: EmbeddedPostgres) -> None:
    postgres.start()
    first_pid = postgres.pid
    assert first_pid is not None
    assert is_running(first_pid)
    query(postgres.url, "CREATE TABLE kept AS SELECT 42 AS answer")
    postgres.stop()
    postgres.stop()
    assert postgres.pid is None
    assert not is_running(first_pid)
    assert not (data_dir / "postgres" / "postmaster.pid").exists()
    postgres.start()
    assert query(postgres.url, "SELECT answer FROM kept") == 42
    assert query(postgres.url_for("template1"), "SELECT current_database()") == "template1"
    assert "was not properly shut down" not in (data_dir / "postgres.log").read_text()


def test_the_defaults_are_durable_and_the_given_settings_win(data_dir: Path) -> None:
    postgres = EmbeddedPostgres(data_dir, settings={"work_mem": "5MB"})
    postgres.start()
    try:
        expected = {
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            "data_checksums": "on",
            "listen_addresses": "",
            "max_wal_size": "4GB",
            "jit": "off",
            "TimeZone": "UTC",
            "server_encoding": "UTF8",
            "unix_socket_permissions": "0700",
            "work_mem": "5MB",
        }
        assert {name: query(postgres.url, f"SHOW {name}") for name in expected} == expected
        assert query(postgres.url, "SELECT lower('ÄÉ')") == "äé"
    finally:
        postgres.stop()


def test_shared_buffers_stay_between_their_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    for memory_megabytes, expected in ((256, "128MB"), (4096, "1024MB"), (64_000, "2048MB")):
        monkeypatch.setattr(settings, "_memory_bytes", lambda size=memory_megabytes: size * settings.MEGABYTE)
        assert settings.default_settings()["shared_buffers"] == expected


def test_a_postmaster_left_by_a_killed_owner_is_adopted_and_stopped(data_dir: Path, postgres: EmbeddedPostgres) -> None:
    owner, pid = start_owner(data_dir)
    kill(owner)
    assert is_running(pid)
    postgres.start()
    assert postgres.pid == pid
    assert query(postgres.url, "SELECT 1") == 1
    postgres.stop()
    assert not is_running(pid)


@pytest.mark.all_cases
def test_a_start_right_after_owner_and_postmaster_were_killed(
    data_dir: Path, postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "ORPHAN_SECONDS", 0.5)
    owner, pid = start_owner(data_dir)
    orphans = psutil.Process(pid).children()
    for orphan in orphans:
        # Suspended, as busy as an orphan can be: it does not notice by itself. Some workers live shortly.
        with suppress(psutil.NoSuchProcess):
            orphan.suspend()
    kill(owner)
    os.kill(pid, signal.SIGKILL)
    postgres.start()
    assert postgres.pid != pid
    assert not any(is_running(orphan.pid) for orphan in orphans)
    assert query(postgres.url, "SELECT 1") == 1


def test_the_supervisor_restarts_a_killed_postmaster_with_its_data(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    postgres.supervise()
    query(postgres.url, "CREATE TABLE kept AS SELECT 42 AS answer")
    for _ in range(2):
        kill_postmaster(postgres)
        wait_for(postgres.join_owner)
        assert query(postgres.url, "SELECT answer FROM kept") == 42
    last_pid = postgres.pid
    assert last_pid is not None
    postgres.stop()
    assert not is_running(last_pid)


@pytest.mark.all_cases
def test_the_supervisor_watches_an_adopted_postmaster_too(data_dir: Path, postgres: EmbeddedPostgres) -> None:
    owner, pid = start_owner(data_dir)
    kill(owner)
    postgres.start()
    postgres.supervise()
    assert postgres.pid == pid
    kill_postmaster(postgres)


@pytest.mark.all_cases
def test_the_supervisor_tries_again_until_the_start_succeeds(
    postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_module, "RETRY_SECONDS", 0.05)
    postgres.start()
    spawn, attempts = postgres._spawn, []

    def failing_spawn(archiving: Mapping[str, str]) -> psutil.Process:
        attempts.append(1)
        if len(attempts) < 4:
            raise OSError("no space")
        return spawn(archiving)

    monkeypatch.setattr(postgres, "_spawn", failing_spawn)
    postgres.supervise()
    os.kill(postgres.pid or 0, signal.SIGKILL)
    wait_for(lambda: len(attempts) == 4 and postgres.pid is not None)


@pytest.mark.all_cases
def test_stop_does_not_wait_for_a_restart_under_way(
    postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres.start()
    waiting = threading.Event()
    monkeypatch.setattr(postgres, "_is_ready", lambda _pid: waiting.set())
    postgres.supervise()
    os.kill(postgres.pid or 0, signal.SIGKILL)
    assert waiting.wait(10)
    pid = postgres.pid
    began = time.monotonic()
    postgres.stop()
    # Amid its recovery PostgreSQL itself may take its time; the start would be waited for much longer.
    assert time.monotonic() - began < postgres_module.START_TIMEOUT_SECONDS / 4
    assert pid is not None
    assert not is_running(pid)


def test_a_second_owner_is_refused_and_told_how_to_share(data_dir: Path, postgres: EmbeddedPostgres) -> None:
    owner, pid = start_owner(data_dir)
    with pytest.raises(OwnedElsewhereError, match=rf"Process {owner.pid} already .* --database-url 'postgresql://"):
        postgres.start()
    postgres.stop()
    assert is_running(pid), "the refused one must not stop what it does not own"
    assert "stopped" in finish(owner)
    assert not is_running(pid)


def test_nobody_else_can_open_the_lock(data_dir: Path, postgres: EmbeddedPostgres) -> None:
    """Whoever can open a file can lock it, and so keep a server from starting."""
    data_dir.mkdir()
    lock = data_dir / "laurels.lock"
    lock.touch(0o644)
    postgres.start()
    assert lock.stat().st_mode & 0o777 == 0o600
    backups.take(data_dir, data_dir.parent / "backups")
    assert (data_dir.parent / "backups" / "lock").stat().st_mode & 0o777 == 0o600


def test_postgres_gets_none_of_our_settings(
    data_dir: Path, postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LAURELS_ADMIN_KEY", "LAURELS_DATABASE_URL", "PGOPTIONS"):
        monkeypatch.setenv(name, "secret")
    postgres.start()
    for process in (psutil.Process(postgres.pid), *psutil.Process(postgres.pid).children()):
        # Some of its workers live shortly.
        with suppress(psutil.NoSuchProcess):
            assert not any(name.startswith(("LAURELS_", "PGOPT")) for name in process.environ())


def test_a_postgres_that_does_not_stop_is_an_error(
    data_dir: Path, postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "FAST_STOP_SECONDS", 0.1)
    monkeypatch.setattr(processes, "IMMEDIATE_STOP_SECONDS", 0.1)
    postgres.start()
    pid = postgres.pid
    os.kill(pid or 0, signal.SIGSTOP)
    try:
        with pytest.raises(EmbeddedPostgresError, match=f"does not stop and still runs as process {pid}"):
            postgres.stop()
    finally:
        os.kill(pid or 0, signal.SIGCONT)
    wait_for(lambda: not is_running(pid or 0))


def test_a_forked_worker_neither_keeps_the_folder_nor_stops_postgres(
    data_dir: Path, postgres: EmbeddedPostgres
) -> None:
    postgres.start()
    pid = postgres.pid
    worker = os.fork()
    if worker == 0:
        postgres.stop()
        signal.pause()
        os._exit(0)
    try:
        assert query(postgres.url, "SELECT 1") == 1
        postgres.stop()
        other = EmbeddedPostgres(data_dir, settings=QUICK)
        other.start()
        assert other.pid != pid
        other.stop()
    finally:
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)


def test_running_uses_the_servers_postgres_and_leaves_it_running(data_dir: Path) -> None:
    owner, pid = start_owner(data_dir)
    with running(data_dir) as url:
        assert query(url, "SELECT current_database()") == "laurels"
    assert is_running(pid)
    finish(owner)


@pytest.mark.all_cases
def test_running_leaves_a_postgres_running_whose_owner_was_killed(data_dir: Path, postgres: EmbeddedPostgres) -> None:
    """Another server may be using its database."""
    owner, pid = start_owner(data_dir)
    kill(owner)
    with running(data_dir) as url:
        assert query(url, "SELECT 1") == 1
    assert is_running(pid)
    postgres.start()
    assert postgres.pid == pid


@pytest.mark.all_cases
def test_running_starts_a_postgres_for_its_block_and_a_server_waits(data_dir: Path, postgres: EmbeddedPostgres) -> None:
    server = threading.Thread(target=postgres.start)
    with running(data_dir) as url:
        server.start()
        query(url, "SELECT pg_sleep(0.5)")
        pid = int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])
        assert postgres.pid is None
    server.join(30)
    assert not is_running(pid)
    assert query(postgres.url, "SELECT 1") == 1
    postgres.stop()
    with running(data_dir) as url, running(data_dir / "other") as other_url:
        assert url != other_url
    assert not (data_dir / "postgres" / "postmaster.pid").exists()


@pytest.mark.all_cases
def test_an_interrupted_initdb_does_not_poison_the_next_start(data_dir: Path, postgres: EmbeddedPostgres) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(data_dir)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    wait_for(lambda: list(data_dir.glob("**/PG_VERSION")))
    kill(owner)
    assert not (data_dir / "postgres").exists()
    postgres.start()
    assert query(postgres.url, "SELECT current_database()") == "laurels"


@pytest.mark.all_cases
def test_leftovers_of_initdb_are_cleared(data_dir: Path, postgres: EmbeddedPostgres) -> None:
    leftover = data_dir / "postgres.new-abc"
    leftover.mkdir(parents=True)
    (leftover / "PG_VERSION").write_text("18\n")
    postgres.start()
    assert not leftover.exists()


def test_data_of_another_major_version_is_refused(data_dir: Path, postgres: EmbeddedPostgres) -> None:
    (data_dir / "postgres").mkdir(parents=True)
    (data_dir / "postgres" / "PG_VERSION").write_text("15\n")
    with pytest.raises(
        EmbeddedPostgresError, match=r"are from PostgreSQL 15, but this version of Laurels runs PostgreSQL 18"
    ):
        postgres.start()


def test_a_folder_of_other_files_is_refused_and_left_alone(data_dir: Path, postgres: EmbeddedPostgres) -> None:
    (data_dir / "postgres").mkdir(parents=True)
    (data_dir / "postgres" / "photo.jpg").write_text("x")
    with pytest.raises(EmbeddedPostgresError, match="has files but no PostgreSQL data"):
        postgres.start()
    assert (data_dir / "postgres" / "photo.jpg").exists()


def test_a_data_dir_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(EmbeddedPostgresError, match=r"cannot be used .* --data-dir"):
            EmbeddedPostgres(path).start()


def test_a_failed_start_quotes_the_log_and_frees_the_folder(data_dir: Path, postgres: EmbeddedPostgres) -> None:
    broken = EmbeddedPostgres(data_dir, settings=QUICK | {"max_connections": "many"})
    with pytest.raises(EmbeddedPostgresError, match=r'could not start.*invalid value for parameter "max_connections"'):
        raise_in_one_line(broken)
    postgres.start()


def raise_in_one_line(postgres: EmbeddedPostgres) -> None:
    try:
        postgres.start()
    except EmbeddedPostgresError as error:
        raise EmbeddedPostgresError(str(error).replace("\n", " ")) from None


@pytest.mark.all_cases
@pytest.mark.parametrize("recorded", ["a stranger", "a zombie postgres", "nothing"])
def test_a_stale_pid_file_is_seen_through(data_dir: Path, postgres: EmbeddedPostgres, recorded: str) -> None:
    postgres.start()
    postgres.stop()
    account = (data_dir / "postgres").stat()
    command = ["sleep", "60"] if recorded == "a stranger" else [str(postgres.bin_dir / "postgres"), "--version"]
    stranger = subprocess.Popen(command, user=account.st_uid, stdout=subprocess.DEVNULL)
    if recorded != "a stranger":
        wait_for(lambda: not is_running(stranger.pid))
    lines = [stranger.pid, data_dir / "postgres", 1, 5432, data_dir / "postgres", "", "1 1", "ready"]
    for path in (data_dir / "postgres" / "postmaster.pid", data_dir / "postgres" / ".s.PGSQL.5432.lock"):
        path.write_text("" if recorded == "nothing" else "\n".join(map(str, lines)) + "\n")
        os.chown(path, account.st_uid, account.st_gid)
    try:
        postgres.start()
        assert postgres.pid != stranger.pid
        assert query(postgres.url, "SELECT 1") == 1
        postgres.stop()
        if recorded == "a stranger":
            assert stranger.poll() is None, "the stranger must not be signalled"
    finally:
        stranger.kill()
        stranger.wait()


def test_ctrl_c_leaves_postgres_for_us_to_stop(data_dir: Path) -> None:
    owner, pid = start_owner(data_dir, "ignore-interrupt")
    os.killpg(owner.pid, signal.SIGINT)
    with running(data_dir) as url:
        query(url, "SELECT pg_sleep(0.3)")  # time enough for a shutdown
        assert query(url, "SELECT 1") == 1
    assert is_running(pid)
    assert os.getpgid(pid) != owner.pid
    assert "stopped" in finish(owner)
    assert not is_running(pid)


@pytest.mark.all_cases
def test_a_long_path_puts_the_socket_elsewhere(tmp_path: Path) -> None:
    data_dir = tmp_path / ("long" * 30)
    postgres = EmbeddedPostgres(data_dir, settings=QUICK)
    postgres.start()
    try:
        socket_dir = Path(postgres.url.partition("host=")[2].partition("&")[0])
        assert str(data_dir) not in postgres.url
        assert socket_dir.stat().st_mode & 0o777 == 0o700
        assert query(postgres.url, "SELECT 1") == 1
    finally:
        postgres.stop()
    socket_dir.rmdir()


@pytest.mark.all_cases
def test_the_log_is_bounded(data_dir: Path, postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    postgres.start()
    monkeypatch.setattr(server_log, "LOG_LIMIT_BYTES", 10)
    postgres._log.truncate_if_long()
    assert (data_dir / "postgres.log").stat().st_size == 0
    assert "ready to accept connections" in (data_dir / "postgres.log.1").read_text()
    with pytest.raises(asyncpg.UndefinedTableError):
        query(postgres.url, "SELECT * FROM nowhere")
    assert b"nowhere" in (data_dir / "postgres.log").read_bytes().splitlines()[0]


as_root_on_linux = pytest.mark.skipif(
    os.geteuid() != 0 or sys.platform != "linux", reason="only root has to change user"
)


@pytest.mark.all_cases
@as_root_on_linux
def test_several_first_starts_at_once_make_one_user() -> None:
    name = f"laurels_test_{os.getpid()}"
    together = threading.Barrier(3)
    # What everybody can open anybody can lock.
    etc = os.open("/etc", os.O_RDONLY)
    fcntl.flock(etc, fcntl.LOCK_EX)

    def make(_: int) -> int:
        together.wait()
        return account._system_user(name).pw_uid

    try:
        with ThreadPoolExecutor(3) as threads:
            found = set(threads.map(make, range(3)))
        assert found == {pwd.getpwnam(name).pw_uid}
    finally:
        os.close(etc)
        subprocess.run(["userdel", name], check=False, capture_output=True)


@as_root_on_linux
def test_as_root_postgres_runs_as_another_user(data_dir: Path, postgres: EmbeddedPostgres) -> None:
    data_dir.mkdir(mode=0o700)
    groups = os.getgroups()
    os.setgroups([0])
    try:
        postgres.start()
    finally:
        os.setgroups(groups)
    assert postgres.pid is not None
    assert "Groups:\t0" not in Path(f"/proc/{postgres.pid}/status").read_text()
    process = psutil.Process(postgres.pid)
    folder = (data_dir / "postgres").stat()
    assert 0 not in (process.uids().real, process.uids().effective, process.gids().real)
    assert process.uids().real == folder.st_uid
    assert folder.st_mode & 0o777 == 0o700
    assert data_dir.stat().st_mode & 0o777 == 0o701


def test_a_start_waits_for_a_postgres_that_recovers(
    data_dir: Path, postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process of it may die between its being ready and the first query."""
    answers = iter(["the database system is in recovery mode", "the database system is starting up"])

    def query(self: EmbeddedPostgres, statement: str) -> str:
        for refusal in answers:
            raise EmbeddedPostgresError(refusal)
        return ask(self, statement)

    ask = EmbeddedPostgres._query
    monkeypatch.setattr(EmbeddedPostgres, "_query", query)
    postgres.start()
    assert postgres.pid is not None
    assert next(answers, None) is None
