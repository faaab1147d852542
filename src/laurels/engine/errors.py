"""Reasons why a command has no outcome, apart from an unavailable database and locks."""


class BusyError(Exception):
    """The queue is full, and nothing was done. A later retry is safe."""


class OutcomeUnknownError(Exception):
    """The database became unavailable during a commit and has not returned in time. Only a retry with the same
    idempotency key is safe."""


class UnsettledError(Exception):
    """The participant has very many expired lots, which are still being settled; the command did nothing. A later retry
    is safe."""


class CommandFailedError(Exception):
    """The command failed, by an error in Laurels or in the database, and nothing was done."""
