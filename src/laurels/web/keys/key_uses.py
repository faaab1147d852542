"""When each key was used last: noted in memory, written to the database now and then."""

from datetime import UTC, datetime

from laurels.storage.office import keys
from laurels.storage.postgres.pools import Edits
from laurels.web.protocol.metrics import KEY_LAST_USED


class KeyUses:
    def __init__(self) -> None:
        self._used: set[str] = set()

    def note(self, key_id: str) -> None:
        """It is in use now."""
        self._used.add(key_id)

    async def save(self, edits: Edits) -> None:
        """Raises DatabaseUnavailableError and LockedError; the uses are then saved with the next ones."""
        if not self._used:
            return
        used, now = set(self._used), datetime.now(UTC)
        for key_id in used:
            KEY_LAST_USED.labels(key_id).set(now.timestamp())
        async with edits.transaction() as connection:
            locked = await keys.note_uses(connection, used, now)
        self._used -= used - locked
