"""The services that handlers use. Each worker process creates them once."""

from collections.abc import Mapping
from dataclasses import dataclass

from laurels.engine.engine import Engine
from laurels.engine.jobs.runner import Jobs
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.erasing.file import ErasuresFile
from laurels.storage.postgres.pools import Edits, Readers, Surveys
from laurels.storage.tables import AllTables
from laurels.web.aside import Aside
from laurels.web.keys.access import Principal
from laurels.web.keys.auth import KeyRing
from laurels.web.keys.presence import Presence
from laurels.web.keys.sessions import HEADER as SESSION_HEADER
from laurels.web.keys.sessions import Sessions
from laurels.web.news import News
from laurels.web.protocol.draining import Draining
from laurels.web.protocol.memory import Budget

FEW_ROWS = 10_000


@dataclass(frozen=True)
class Services:
    """The services of one process. Only /readyz uses `probe`, so it never waits for the reads of requests."""

    engine: Engine
    readers: Readers
    surveys: Surveys
    probe: Readers
    edits: Edits
    definitions: DefinitionsCache
    keys: KeyRing
    sessions: Sessions
    jobs: Jobs
    database_url: str
    draining: Draining
    memory: Budget
    checking: Aside
    decoding: Aside
    erasures_file: ErasuresFile | None
    presence: Presence
    news: News
    tables: AllTables
    composition: str
    """The place of the composition, as "module:name", for other processes to load it."""
    on_citus: bool

    async def principal(self, headers: Mapping[bytes, bytes]) -> Principal:
        """The principal of a request with a key or a session. Raises Refusal 401 and 503."""
        key = headers.get(b"x-api-key")
        if key is None and SESSION_HEADER in headers:
            return await self.sessions.principal(headers)
        return await self.keys.principal(key)

    def connections_for(self, rows: int) -> Readers | Surveys:
        """The connections for a read of up to this number of rows."""
        return self.readers if rows <= FEW_ROWS else self.surveys
