class EmbeddedPostgresError(Exception):
    """A sentence a user can act on."""


class OwnedElsewhereError(EmbeddedPostgresError):
    """Another live process owns the data folder."""
