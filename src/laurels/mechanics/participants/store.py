"""Erasing the profile of a participant."""

from laurels.storage.database import Connection

_CLEAR_PROFILE = """
UPDATE participant SET display_name = NULL, avatar_url = NULL, attributes = '{}' WHERE lane = $1 AND subject = $2
"""


async def anonymise(connection: Connection, lane: int, subject: str) -> None:
    """Clears the profile."""
    await connection.execute(_CLEAR_PROFILE, lane, subject)
