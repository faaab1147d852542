"""What `make dist` builds: each package is installed into an empty environment, and serves there."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support import ADMIN_KEY, eventually, free_port

ROOT = Path(__file__).parents[1]
SOURCES = (
    "pyproject.toml",
    "MANIFEST.in",
    "README.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "LICENSE",
    "constraints.txt",
    "src",
)
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("LAURELS_", "PYTHON"))}
START_SECONDS = 120

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By their suffixes. Built from a copy, as building leaves files behind."""
    source = tmp_path_factory.mktemp("dist") / "source"
    source.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "build", "--outdir", source / "dist", source]
    subprocess.run(command, check=True, env=ENVIRONMENT, capture_output=True)
    found = {path.suffix: path for path in (source / "dist").iterdir()}
    assert found.keys() == {".whl", ".gz"}
    return found


def test_the_packages_hold_the_sources_and_nothing_else(packages: dict[str, Path]) -> None:
    modules = {str(path.relative_to(ROOT / "src")) for path in (ROOT / "src" / "laurels").rglob("*.py")}
    with zipfile.ZipFile(packages[".whl"]) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert {name for name in names if name.endswith(".py")} == modules
    documentation = "laurels/web/documentation"
    assert names - modules >= {
        "laurels/py.typed",
        f"{documentation}/static/page.js",
        f"{documentation}/guides/points.md",
    }
    console = ROOT / "src" / "laurels" / "console" / "static"
    built = {str(path.relative_to(ROOT / "src")) for path in console.rglob("*") if path.is_file()}
    assert names >= built
    with tarfile.open(packages[".gz"]) as sdist:
        parts = [name.split("/", 1)[1] for name in sdist.getnames() if "/" in name]
    assert {"src/" + name for name in names} <= set(parts)
    assert not [name for name in parts if name.startswith(("tests", "docs", "bench"))]


@pytest.mark.parametrize("suffix", [".whl", ".gz"])
def test_a_package_serves_from_an_empty_environment(packages: dict[str, Path], suffix: str, tmp_path: Path) -> None:
    binaries = _install(packages[suffix], tmp_path / "venv")
    with _served(binaries, tmp_path / "data") as url:
        with httpx.Client(base_url=url, headers={"X-API-Key": ADMIN_KEY}, timeout=30) as client:
            award = client.post("/api/v1/gamify/points/award", json={"participant_id": "ada", "amount": 1_000})
            assert award.json()["tier_upgrade"]["code"] == "silver"
            assert [client.get(f"/docs{file}").status_code for file in ("", "/page.js", "/points.md")] == [200] * 3
        check = [binaries / "laurels", "check", "--rebuild", "--data-dir", tmp_path / "data"]
        done = subprocess.run(check, env=ENVIRONMENT, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def _install(package: Path, folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, env=ENVIRONMENT)
    pip = [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check"]
    command = [*pip, "--constraint", ROOT / "constraints.txt", f"{package}[server]"]
    subprocess.run(command, check=True, env=ENVIRONMENT)
    return folder / "bin"


@contextmanager
def _served(binaries: Path, data: Path) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [binaries / "laurels", "serve", "--demo", "--port", str(port), "--data-dir", data]
    environment = ENVIRONMENT | {"LAURELS_ADMIN_KEY": ADMIN_KEY}
    with subprocess.Popen(command, env=environment, cwd=data.parent, stdout=subprocess.DEVNULL) as process:
        try:
            eventually(lambda: _is_ready(process, url), seconds=START_SECONDS)
            yield url
        finally:
            process.terminate()
            process.wait()
    assert process.returncode == 0


def _is_ready(process: "subprocess.Popen[bytes]", url: str) -> bool:
    assert process.poll() is None, "the server ended"
    try:
        return httpx.get(f"{url}/readyz", timeout=1).status_code == 200
    except httpx.HTTPError:
        return False
