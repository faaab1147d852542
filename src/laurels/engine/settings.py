"""The settings of an engine, for all of its runners."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class EngineSettings:
    connections: int = 2
    """The number of connections for batches. Two more are for commands that were put off."""

    batch_limit: int = 128
    """The most commands of a batch."""

    queue_limit: int = 5_000
    """The most commands that wait."""

    patience_seconds: float = 10.0
    """The length of a database outage after which commands fail."""

    on_citus: bool = False
    """Whether a batch is limited to one lane, so that each of its statements runs on one machine."""


DEFAULTS = EngineSettings()
