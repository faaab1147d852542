class EmbeddedPostgresError(Exception):
    """A failure of the embedded PostgreSQL, as a sentence that a user can act on."""


class OwnedElsewhereError(EmbeddedPostgresError):
    """Another live process owns the data folder."""
