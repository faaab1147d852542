"""The TypeScript client: its types are checked, and it is run by Node against a started server."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faulty_proxy import FaultyProxy
from tests.support import ADMIN_KEY, Server, free_port, tool

REPOSITORY = Path(__file__).parents[1]
CLIENT = REPOSITORY / "clients" / "typescript"
BUSY = (503, {"X-Request-ID": "r"}, b'{"detail": "The server is busy and did nothing"}')
UNKNOWN = (503, {"X-Request-ID": "r", "Outcome-Unknown": "true"}, b'{"detail": "The database went away"}')
EXAMPLE = "".join(
    re.findall(r"^```ts\n(.*?)^```", (REPOSITORY / "docs/clients.md").read_text(), re.MULTILINE | re.DOTALL)
)
HEAD = """const url = process.env["LAURELS_URL"] ?? "";\nconst key = process.env["LAURELS_KEY"] ?? "";\n"""
LIMITED = (429, {"Retry-After": "0"}, b'{"detail": "Too many requests"}')


def tsc(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [tool("node"), "node_modules/typescript/bin/tsc", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package, built as a user builds it, and the programs that use it.

    `test/mistakes.ts` holds what the types have to find."""
    tool("npm")
    assert (CLIENT / "node_modules").is_dir(), "run `make test` once, or npm install there"
    folder = tmp_path_factory.mktemp("typescript")
    for name in ("src", "test"):
        shutil.copytree(CLIENT / name, folder / name)
    for name in ("package.json", "tsconfig.json"):
        shutil.copy(CLIENT / name, folder)
    (folder / "test" / "docs.ts").write_text(HEAD + EXAMPLE)
    (folder / "node_modules").symlink_to(CLIENT / "node_modules")
    for arguments in ((), ("-p", "test")):
        done = tsc(folder, *arguments)
        assert done.returncode == 0, done.stdout
    return folder


def run(built: Path, url: str, who: str, scenario: str, **settings: str) -> Any:
    environment = os.environ | {"LAURELS_URL": url, "LAURELS_KEY": ADMIN_KEY} | settings
    environment["NOBODY_URL"] = f"http://127.0.0.1:{free_port()}"
    command = [tool("node"), "out/session.js", who, scenario]
    done = subprocess.run(command, cwd=built, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def proxy(server: Server) -> Iterator[FaultyProxy]:
    with FaultyProxy(server.base_url) as running:
        yield running


@pytest.mark.parametrize(
    ("scenario", "outcome"),
    [
        ("session", 950),
        ("definitions", [149]),
        ("pages", [5, 1]),
        ("claims", [12, 0, [2]]),
        ("lines", True),
        (
            "errors",
            [422, "422: amount must be at least 1.", [{"field": "amount", "message": "must be at least 1"}]],
        ),
    ],
)
def test_a_session(built: Path, server: Server, name: str, scenario: str, outcome: Any) -> None:
    assert run(built, server.base_url, name, scenario) == outcome


@pytest.mark.parametrize("fault", ["drop_before", "lose_answer", BUSY, UNKNOWN, LIMITED, (502, {}, b"<html>")])
def test_a_retry_never_counts_twice(built: Path, proxy: FaultyProxy, name: str, fault: Any) -> None:
    proxy.faults = [fault, fault]
    assert run(built, proxy.url, name, "award") == 10
    assert len(proxy.seen) == 3
    assert len({headers["x-request-id"] for headers in proxy.seen}) == 1
    proxy.faults = [fault]
    assert run(built, proxy.url, name, "batch") == [11, 13]
    assert len(proxy.seen) == 5


@pytest.mark.parametrize("fault", ["drop_before", "lose_answer", UNKNOWN, (504, {}, b"")])
def test_what_may_have_happened_is_not_done_again(built: Path, proxy: FaultyProxy, name: str, fault: Any) -> None:
    proxy.faults = [fault]
    assert run(built, proxy.url, name, "assign") == {"isOutcomeUnknown": True}
    assert len(proxy.seen) == 1


@pytest.mark.parametrize("fault", [BUSY, LIMITED])
def test_what_certainly_did_not_happen_is_done_again(built: Path, proxy: FaultyProxy, name: str, fault: Any) -> None:
    proxy.faults = [fault]
    assert run(built, proxy.url, name, "assign") == "gold"
    assert len(proxy.seen) == 2


def test_no_answer_in_time(built: Path, proxy: FaultyProxy, name: str) -> None:
    proxy.faults = ["delay"]
    assert run(built, proxy.url, name, "award", TIMEOUT_MS="300") == 10
    proxy.faults = ["delay"]
    assert run(built, proxy.url, name, "assign", TIMEOUT_MS="300") == {"isOutcomeUnknown": True}


def test_retries_are_bounded(built: Path, proxy: FaultyProxy, name: str) -> None:
    proxy.faults = [LIMITED] * 10
    assert run(built, proxy.url, name, "assign") == {"isOutcomeUnknown": False}
    assert len(proxy.seen) == 5
    proxy.faults = [(429, {"Retry-After": "3600"}, b"{}")]
    assert run(built, proxy.url, name, "assign") == {"isOutcomeUnknown": False}
    assert len(proxy.seen) == 6


def test_the_example_of_the_docs(built: Path, server: Server) -> None:
    """It prints what the comments beside it say."""
    environment = os.environ | {"LAURELS_URL": server.base_url, "LAURELS_KEY": ADMIN_KEY}
    command = [tool("node"), "out/docs.js"]
    done = subprocess.run(command, cwd=built, env=environment, capture_output=True, text=True, check=False)
    said = re.findall(r"^ *console\.log\(.*\); // (.*)$", EXAMPLE, re.MULTILINE)
    assert (done.stdout.splitlines(), done.stderr) == (said, "")
    assert len(said) == 3
