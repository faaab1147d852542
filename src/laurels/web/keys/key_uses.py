"""The last use of each key: collected in memory and written to the database every few seconds."""

from datetime import UTC, datetime

from laurels.storage.office import keys
from laurels.storage.postgres.pools import Edits
from laurels.web.protocol.metrics import KEY_LAST_USED


class KeyUses:
    """The keys used since the last save."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def note(self, key_id: str) -> None:
        """Records a use of the key."""
        self._used.add(key_id)

    async def save(self, edits: Edits) -> None:
        """Writes the uses to the database. Raises DatabaseUnavailableError and LockedError; the next call then saves
        these uses too."""
        if not self._used:
            return
        used, now = set(self._used), datetime.now(UTC)
        for key_id in used:
            KEY_LAST_USED.labels(key_id).set(now.timestamp())
        async with edits.transaction() as connection:
            locked = await keys.note_uses(connection, used, now)
        self._used -= used - locked
