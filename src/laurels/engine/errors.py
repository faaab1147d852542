"""Why a command has no outcome, where neither the database nor a lock is the reason."""


class BusyError(Exception):
    """The queue is full: nothing was done. Trying again later is safe."""


class OutcomeUnknownError(Exception):
    """The database went away while committing and has not come back in time: only a retry with the same
    idempotency key is safe."""


class UnsettledError(Exception):
    """So much of the participant's has expired that it is still being settled: the command did nothing. Trying again
    later is safe."""


class CommandFailedError(Exception):
    """The command fails by itself, an error of ours or of the database: nothing was done."""
