"""The `laurels` command where the server may not be installed with the client."""

import sys


def main() -> None:
    """Entry point: the server's commands, or a sentence that says what they need."""
    try:
        from laurels import cli
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "laurels":
            raise
        message = (
            f"The server's dependencies are not installed ({error.name} is missing): pip install 'laurels[server]'"
        )
        sys.exit(message)
    cli.main()
