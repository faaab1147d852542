"""`laurels` as a process of its own, forked from one that has imported everything.

Importing takes a process longer than most commands take, and the tests start thousands. A forked process has its own
memory, environment, standard streams and process group, like one that was started anew.
"""

import multiprocessing
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Any

_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(["tests.preloaded"])

COMMAND_SECONDS = 300
"""A machine may have other work."""

Command = tuple[str, ...]

LAURELS = "laurels.cli.main:main"
"""The function of the command; a test may have one of its own."""


class Forked:
    """A running `laurels` command, with the part of `subprocess.Popen` that tests use. It leads its process group."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        stdin: str = os.devnull,
        stdout: str = os.devnull,
        stderr: str = os.devnull,
        main: str = LAURELS,
    ) -> None:
        """The streams are the paths of files; what is written is appended."""
        for path in (stdout, stderr):
            Path(path).touch()
        begun, ready = _forking.Pipe(duplex=False)
        self._process = _forking.Process(
            target=_run, args=(main, tuple(arguments), dict(environment), os.getcwd(), (stdin, stdout, stderr), ready)
        )
        self._process.start()
        ready.close()
        with begun:
            # It leads its group from here on, so that signals to the group reach it.
            begun.recv()
        assert self._process.pid is not None
        self.pid: int = self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("laurels", timeout or 0)
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()

    def send_signal(self, number: int) -> None:
        # It may end between the two.
        with suppress(ProcessLookupError):
            if self.poll() is None:
                os.kill(self.pid, number)


def without_settings() -> dict[str, str]:
    """This process's environment without what configures Laurels."""
    return {name: value for name, value in os.environ.items() if not name.startswith("LAURELS_")}


def laurels(
    *arguments: str,
    text: str = "",
    environment: Mapping[str, str] | None = None,
    main: str = LAURELS,
    **variables: str,
) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end, with `text` as its input, in an environment without settings but for `variables`."""
    with (
        tempfile.NamedTemporaryFile() as stdin,
        tempfile.NamedTemporaryFile() as stdout,
        tempfile.NamedTemporaryFile() as stderr,
    ):
        stdin.write(text.encode())
        stdin.flush()
        given = dict(environment if environment is not None else without_settings()) | variables
        command = Forked(
            arguments, environment=given, stdin=stdin.name, stdout=stdout.name, stderr=stderr.name, main=main
        )
        try:
            code = command.wait(COMMAND_SECONDS)
        except BaseException:
            os.killpg(command.pid, signal.SIGKILL)
            raise
        return subprocess.CompletedProcess(
            ["laurels", *arguments], code, Path(stdout.name).read_text(), Path(stderr.name).read_text()
        )


def _run(
    main: str,
    arguments: Command,
    environment: dict[str, str],
    folder: str,
    streams: tuple[str, str, str],
    ready: Connection,
) -> None:
    """In the forked process: becomes the command."""
    os.setsid()
    # As a terminal starts it: what runs in the background may ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    ready.send(True)
    ready.close()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin, sys.stdout, sys.stderr = (_stream(number, path) for number, path in enumerate(streams))
    sys.argv = ["laurels", *arguments]
    pkgutil.resolve_name(main)()


def _stream(number: int, path: str) -> IO[Any]:
    file = os.open(path, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(file, number)
    os.close(file)
    return open(number, "r" if number == 0 else "w", closefd=False)
