"""What handlers work with; made once a process by the composition root."""

from dataclasses import dataclass

from laurels.engine.engine import Engine
from laurels.engine.jobs.runner import Jobs
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.erasing.file import ErasuresFile
from laurels.storage.postgres.pools import Edits, Readers, Surveys
from laurels.storage.tables import AllTables
from laurels.web.aside import Aside
from laurels.web.keys.auth import KeyRing
from laurels.web.keys.presence import Presence
from laurels.web.protocol.draining import Draining
from laurels.web.protocol.memory import Budget

FEW_ROWS = 10_000


@dataclass(frozen=True)
class Services:
    """`probe` is for /readyz alone: one connection, behind nobody's reads."""

    engine: Engine
    readers: Readers
    surveys: Surveys
    probe: Readers
    edits: Edits
    definitions: DefinitionsCache
    keys: KeyRing
    jobs: Jobs
    database_url: str
    draining: Draining
    memory: Budget
    checking: Aside
    decoding: Aside
    erasures_file: ErasuresFile | None
    presence: Presence
    tables: AllTables
    composition: str
    """Where other processes find what this one is composed of, as "module:name"."""

    def connections_for(self, rows: int) -> Readers | Surveys:
        """Those for a read that may go through so many rows."""
        return self.readers if rows <= FEW_ROWS else self.surveys
