"""`python -m clients.generator [FOLDER]`: writes the clients to the repository, or to another folder."""

import subprocess
import sys
from pathlib import Path

from clients.generator import document, python, typescript

REPOSITORY = Path(__file__).parents[2]


def generated() -> dict[str, str]:
    """The generated files by their paths in the repository."""
    api = document.read()
    sources = {
        "src/laurels/client/types.py": python.types(api),
        "src/laurels/client/sync_client.py": python.methods(api, is_async=False),
        "src/laurels/client/async_client.py": python.methods(api, is_async=True),
    }
    return {
        **{path: _formatted(path, source) for path, source in sources.items()},
        "clients/typescript/src/types.ts": typescript.types(api),
        "clients/typescript/src/client.ts": typescript.methods(api),
    }


def _formatted(path: str, source: str) -> str:
    """The source formatted by ruff, without unused imports."""
    for arguments in (["check", "--fix", "--quiet", "--exit-zero"], ["format", "--quiet"]):
        command = [sys.executable, "-m", "ruff", *arguments, "--stdin-filename", path, "-"]
        process = subprocess.run(command, input=source, capture_output=True, text=True, check=True, cwd=REPOSITORY)
        source = process.stdout
    return source


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else REPOSITORY
    for path, source in generated().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(source)
