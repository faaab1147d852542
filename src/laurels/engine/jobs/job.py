"""A job as mechanics and others list it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from laurels.engine.engine import Engine
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.postgres.database import Connection


class Tools(NamedTuple):
    """What a job works with beside its connection."""

    cache: DefinitionsCache
    engine: Engine


class Left(Enum):
    """What a step leaves to do: nothing that it knows of, something for the next round, or something to do at once."""

    NOTHING = "nothing"
    SOMETHING = "something"
    AT_ONCE = "at once"


@dataclass(frozen=True, kw_only=True)
class Job:
    """`step` does a part of the work, for some seconds at most, so that other jobs have their turn."""

    name: str
    step: Callable[[Connection, Tools], Awaitable[Left]]
    begins_after_seconds: float = 0
    rests_seconds: float = 0
    """So long it waits after a step that left nothing."""
    rests_after_failure: bool = False
    """A step that failed is otherwise tried again in the next round."""
