"""The settings of an engine, which all of its runners share."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class EngineSettings:
    connections: int = 2
    """For batches; two more are for commands that were put off."""

    batch_limit: int = 128
    """The most commands of a batch."""

    queue_limit: int = 5_000
    """The most commands that wait."""

    patience_seconds: float = 10.0
    """How long an outage of the database lasts before commands are given up."""

    on_citus: bool = False
    """A batch is one lane's, so that each of its statements asks one machine."""


DEFAULTS = EngineSettings()
