"""A mechanic: one typed value that lists all parts of a folder of mechanics/."""

from dataclasses import dataclass, field

from laurels.engine.jobs.job import Job
from laurels.kernel.play import Play
from laurels.storage.tables import Tables
from laurels.web.api import Api


@dataclass(frozen=True, kw_only=True)
class Mechanic:
    """The parts of a mechanic, one for each layer: the play for the kernel, the tables for storage, the jobs for the
    engine, the endpoints for the web."""

    name: str
    play: Play = field(default_factory=Play)
    tables: Tables = field(default_factory=Tables)
    jobs: tuple[Job, ...] = ()
    api: Api = field(default_factory=Api)
