"""The `laurels` command where the server may not be installed with the client."""

import os
import signal
import sys


def main() -> None:
    """Entry point: the server's commands, or a sentence that says what they need."""
    if sys.argv[1:2] == ["serve"]:
        # The imports take a while, in which nothing has begun that would have to be ended. cli/serve.py has its own.
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
