"""`laurels` whose look-ups of `held.example` and whose changes to the name `Held` wait for a file, for tests of edits
beside them. The folder of the file is in HELD_CHECKS."""

import os
import socket
import time
from pathlib import Path
from typing import Any

from laurels.cli import main as command
from laurels.delivery.webhooks import editing
from laurels.web.definitions import DefinitionResource

SECONDS = 60


def main() -> None:
    look_up, patched = socket.getaddrinfo, DefinitionResource._patched

    def held_look_up(host: Any, *arguments: Any, **named: Any) -> Any:
        if host == "held.example":
            _hold()
            raise socket.gaierror
        return look_up(host, *arguments, **named)

    def held_patched(resource: DefinitionResource, row: Any, patch: dict[str, Any]) -> Any:
        if patch.get("name") == "Held":
            _hold()
        return patched(resource, row, patch)

    socket.getaddrinfo = held_look_up
    DefinitionResource._patched = held_patched  # type: ignore[method-assign]
    editing.LOOK_UP_SECONDS = SECONDS
    command.main()


def _hold() -> None:
    folder = Path(os.environ["HELD_CHECKS"])
    (folder / "held").touch()
    until = time.monotonic() + SECONDS
    while not (folder / "released").exists() and time.monotonic() < until:
        time.sleep(0.01)
