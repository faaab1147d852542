"""What a mechanic's tables need of storage: checking, rebuilding, erasing, exporting, spreading."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Tables:
    """The tables of one mechanic."""
