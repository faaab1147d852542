"""`pip install laurels` without the server: the client works, and the command says what is missing."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import ADMIN_KEY, Server

REPOSITORY = Path(__file__).parents[1]
SOURCES = ("pyproject.toml", "README.md", "LICENSE", "src/laurels")

PROGRAM = """
import importlib.util, json, os, sys
from laurels.client import Laurels, NotAllowedError

with Laurels(os.environ["LAURELS_URL"], os.environ["LAURELS_KEY"]) as laurels:
    award = laurels.award_points("installed", 250)
    try:
        laurels.deduct_points("installed", 1_000)
    except NotAllowedError as refusal:
        detail = refusal.detail
installed = [name for name in ("asyncpg", "uvicorn", "typer", "sqlalchemy") if importlib.util.find_spec(name)]
print(json.dumps([award.new_balance, detail, installed]))
"""


@pytest.fixture(scope="module")
def binaries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Of a fresh environment that has the package alone. Built from a copy, as building leaves files behind."""
    folder = tmp_path_factory.mktemp("installed")
    source = folder / "source"
    for name in SOURCES:
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if (REPOSITORY / name).is_dir():
            shutil.copytree(REPOSITORY / name, path, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(REPOSITORY / name, path)
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    binaries = folder / "venv" / "bin"
    pip = [binaries / "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--constraint", REPOSITORY / "constraints.txt", source], check=True)
    yield binaries
    shutil.rmtree(folder)


def environment(server: Server) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LAURELS_", "PYTHON"))}
    return kept | {"LAURELS_URL": server.base_url, "LAURELS_KEY": ADMIN_KEY}


@pytest.mark.all_cases
def test_the_client_works_without_the_server(binaries: Path, server: Server, tmp_path: Path) -> None:
    command = [binaries / "python", "-I", "-c", PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment(server), check=True)
    assert json.loads(done.stdout) == [250, "Insufficient points. Available: 250, requested: 1000", []]


@pytest.mark.all_cases
def test_the_command_says_what_to_install(binaries: Path, server: Server, tmp_path: Path) -> None:
    command = [binaries / "laurels", "serve"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment(server), check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("The server's dependencies are not installed (")
    assert done.stderr.endswith(" is missing): pip install 'laurels[server]'\n")
