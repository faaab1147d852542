"""Failures that a user of the commands can cause, each shown as one sentence."""

import asyncpg

from laurels.config.importing.lines import ImportStoppedError
from laurels.embedded import EmbeddedPostgresError
from laurels.settings import SettingsError
from laurels.storage.postgres.database import CONNECTION_ERRORS, REFUSALS
from laurels.storage.postgres.revisions import SchemaError


def sentence(error: Exception) -> str | None:
    """The sentence about an error. None for a defect, whose traceback must be shown."""
    match error:
        case EmbeddedPostgresError() | SettingsError() | ImportStoppedError() | SchemaError():
            return str(error)
        case OSError(filename=str(name)):
            return f"{name} cannot be used: {error.strerror}."
        case asyncpg.UndefinedTableError():
            return "The database has no Laurels schema yet: run `laurels migrate`."
        case asyncpg.LockNotAvailableError():
            return "Another process holds a lock that this command needs. Nothing was changed; try again shortly."
        case _ if isinstance(error, REFUSALS):
            return f"The database refused the connection or a statement: {error}"
        case _ if isinstance(error, CONNECTION_ERRORS):
            return f"The database cannot be reached: {error}"
    return None
