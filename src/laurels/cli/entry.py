"""The entry point of the `laurels` command, also in environments where only the client is installed."""

import os
import signal
import sys


def main() -> None:
    """Runs the command. If the server's dependencies are missing, prints how to install them."""
    if sys.argv[1:2] == ["serve"]:
        # During the imports, which take a while, a signal can end the process at once. cli/serve.py replaces the
        # handlers.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: os._exit(0))
    try:
        from laurels.cli import main as cli
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "laurels":
            raise
        message = (
            f"The server's dependencies are not installed ({error.name} is missing): pip install 'laurels[server]'"
        )
        sys.exit(message)
    cli.main()
