"""What a mechanic adds to the API."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Api:
    """The endpoints of one mechanic, and its sections of what is shown of a participant."""
