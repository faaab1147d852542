"""deploy/Dockerfile: what it copies is there, its health check works, and its steps do in a bare Debian folder."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import TEMPLATE
from tests.support import ADMIN_KEY, Databases, Server, eventually, free_port, tool

ROOT = Path(__file__).parents[1]
STEPS = [
    tuple(line.split(" ", 1))
    for line in (ROOT / "deploy" / "Dockerfile").read_text().splitlines()
    if line and not line.startswith("#")
]
HEALTH_CHECK = json.loads(next(text for step, text in STEPS if step == "HEALTHCHECK").partition("CMD ")[2])


def test_it_gets_all_it_copies() -> None:
    ignore = (ROOT / ".dockerignore").read_text().split()
    for step, text in STEPS:
        if step == "COPY":
            for source in text.split()[:-1]:
                assert (ROOT / source).exists()
                assert f"!{source}" in ignore


def test_the_health_check_follows_the_port(databases: Databases) -> None:
    def is_healthy(port: str) -> bool:
        command = [sys.executable, *HEALTH_CHECK[1:]]
        return not subprocess.run(command, env={"LAURELS_PORT": port}, capture_output=True, check=False).returncode

    with Server(databases.create(TEMPLATE)) as server:
        assert is_healthy(str(server.port))
        assert not is_healthy(str(free_port()))


PACKAGES = "python3-venv,python-is-python3,ca-certificates"
"""What the image that the Dockerfile begins with has beside Debian's smallest system."""

MIRROR = "http://deb.debian.org/debian"


class Debian:
    """A folder with a bare Debian in it, in which the Dockerfile's steps are run: each command sees a /proc and a
    /dev/shm, as in a container, and what pip is configured with on this machine."""

    def __init__(self, folder: Path) -> None:
        command = [tool("debootstrap"), "--variant=minbase", f"--include={PACKAGES}", "bookworm", str(folder), MIRROR]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:]
        shutil.copy("/etc/resolv.conf", folder / "etc" / "resolv.conf")
        self._folder = folder
        self._environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        self._user, self._work_folder = "root", "/"
        self.command: list[str] = []

    def run_steps(self) -> None:
        for step, text in STEPS:
            match step:
                case "RUN":
                    self.run(["sh", "-c", text], self._of_pip() if "pip" in text else {})
                case "COPY":
                    self._copy(*text.split())
                case "USER":
                    self._user = text
                case "WORKDIR":
                    self._work_folder = text
                case "ENV":
                    for name, value in (pair.split("=", 1) for pair in text.split()):
                        self._environment[name] = value.replace("$PATH", self._environment["PATH"])
                case "CMD":
                    self.command = json.loads(text)
                case "FROM" | "VOLUME" | "EXPOSE" | "HEALTHCHECK":
                    pass
                case _:
                    raise AssertionError(f"{step} is a step that this test cannot do")

    def run(self, command: list[str], environment: dict[str, str]) -> None:
        done = subprocess.run(self.words(command, environment), capture_output=True, text=True, check=False)
        assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-2000:])

    def words(self, command: list[str], environment: dict[str, str]) -> list[str]:
        """The command as this machine has to run it; it becomes the process itself."""
        variables = [f"{name}={value}" for name, value in (self._environment | environment).items()]
        root = shlex.quote(str(self._folder))
        mounts = [f"mount -t proc proc {root}/proc", f"mkdir -p {root}/dev/shm", f"mount -t tmpfs tmpfs {root}/dev/shm"]
        for path in pip_paths():
            target = f"{root}{shlex.quote(str(path))}"
            make = f"mkdir -p {target}" if path.is_dir() else f"mkdir -p $(dirname {target}) && touch {target}"
            mounts += [make, f"mount --bind {shlex.quote(str(path))} {target}"]
        inside = f"cd {shlex.quote(self._work_folder)} && exec {shlex.join(command)}"
        enter = ["chroot", f"--userspec={self._user}:{self._user}", str(self._folder), "env", "-i", *variables]
        return [
            "unshare",
            "--mount",
            "sh",
            "-ec",
            f"{'; '.join(mounts)}; exec {shlex.join([*enter, 'sh', '-c', inside])}",
        ]

    def _of_pip(self) -> dict[str, str]:
        """How pip comes to packages on this machine."""
        known = ("PIP_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
        return {"HOME": "/root"} | {name: value for name, value in os.environ.items() if name.startswith(known)}

    def _copy(self, *paths: str) -> None:
        *sources, target = paths
        hidden = [line.removeprefix("**/") for line in (ROOT / ".dockerignore").read_text().split() if "**/" in line]
        folder = self._folder / target.strip("/")
        for source in (ROOT / path for path in sources):
            if source.is_dir():
                shutil.copytree(source, folder, ignore=shutil.ignore_patterns(*hidden))
            else:
                folder.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, folder)


def pip_paths() -> list[Path]:
    """The files and folders that pip's configuration on this machine consists of or names."""
    command = [sys.executable, "-m", "pip", "config", "debug"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    files = {Path(path) for path in re.findall(r"^  (/.*), exists: True$", told, re.MULTILINE)}
    values = re.findall(r"^ +(?:PIP_[A-Z_]+=|[a-z-]+\.[a-z-]+: )(.*)$", told, re.MULTILINE)
    words = [word for value in values for word in value.strip("'").split()]
    named = {Path(word) for word in words if word.startswith("/")}
    # Pages of an index name files beside it.
    named |= {Path(word.removeprefix("file://")).parent for word in words if word.startswith("file:///")}
    return sorted(path for path in files | named if path.exists() and path != Path("/"))


@pytest.fixture
def debian(tmp_path: Path) -> Iterator[Debian]:
    if os.geteuid() != 0:
        pytest.skip("only root makes a Debian folder and changes into it")
    folder = tmp_path / "debian"
    folder.mkdir()
    for path in (folder, *folder.parents):
        if path.stat().st_uid == os.geteuid() and not path.stat().st_mode & 0o001:
            path.chmod(path.stat().st_mode | 0o001)
    yield Debian(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.slow
def test_its_steps_in_a_bare_debian(debian: Debian) -> None:
    """It installs, serves, tells its health, stops, and finds its data again."""
    debian.run_steps()
    port = free_port()
    environment = {"LAURELS_PORT": str(port), "LAURELS_ADMIN_KEY": ADMIN_KEY}
    points = f"http://127.0.0.1:{port}/api/v1/gamify"
    headers = {"X-API-Key": ADMIN_KEY}

    def is_healthy() -> bool:
        words = debian.words(HEALTH_CHECK, environment)
        return not subprocess.run(words, capture_output=True, check=False).returncode

    for expected in (10, 20):
        server = subprocess.Popen(debian.words(debian.command, environment), stdout=subprocess.DEVNULL)
        try:
            eventually(is_healthy, 300)
            body = {"participant_id": "ada", "amount": 10}
            httpx.post(f"{points}/points/award", json=body, headers=headers, timeout=30).raise_for_status()
            balance = httpx.get(f"{points}/participants/ada/points", headers=headers, timeout=30).json()["balance"]
            assert balance == expected
            server.send_signal(signal.SIGTERM)
            assert server.wait(120) == 0
        finally:
            server.kill()
