"""The type of a background job."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from laurels.engine.engine import Engine
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.postgres.database import Connection


class Tools(NamedTuple):
    """The tools of a job, besides its connection."""

    cache: DefinitionsCache
    engine: Engine


class Left(Enum):
    """The work left after a step: none that it knows of, some for the next round, or some to do at once."""

    NOTHING = "nothing"
    SOMETHING = "something"
    AT_ONCE = "at once"


@dataclass(frozen=True, kw_only=True)
class Job:
    """A background job. `step` does a part of the work, for a few seconds at most, so that other jobs have their
    turns."""

    name: str
    step: Callable[[Connection, Tools], Awaitable[Left]]
    begins_after_seconds: float = 0
    rests_seconds: float = 0
    """The pause after a step that left no work."""
    rests_after_failure: bool = False
    """Whether the job also pauses after a failed step; otherwise the step is retried in the next round."""
