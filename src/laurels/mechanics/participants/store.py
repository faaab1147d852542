"""Loading, saving and erasing profiles, and loading the time zones of participants."""

from collections.abc import Sequence
from typing import Any

import msgspec

from laurels.kernel.dates import time_zones
from laurels.mechanics.participants.model import PROFILE, Profile
from laurels.storage.batches import CommandNeeds, Facts, Loading, existing_by_subject
from laurels.storage.lanes import PARTICIPANT_ROWS, Rows, columns, participant_columns
from laurels.storage.load import TooHeavyError
from laurels.storage.postgres.database import Connection

_CLEAR_PROFILE = """
UPDATE participant SET display_name = NULL, avatar_url = NULL, attributes = '{}' WHERE lane = $1 AND subject = $2
"""


async def anonymise(connection: Connection, lane: int, subject: str) -> None:
    """Clears the profile."""
    await connection.execute(_CLEAR_PROFILE, lane, subject)


PROFILES_CHARACTERS = 1024 * 1024
"""The maximum size of all attributes in a batch, as JSON: Python objects are up to thirty times as large."""

_PROFILES = f"""
SELECT p.subject, p.display_name, p.avatar_url, p.attributes
FROM {PARTICIPANT_ROWS.given} JOIN participant p USING (lane, subject)
WHERE {PARTICIPANT_ROWS.in_one_lane}
"""  # noqa: S608

_ZONES = f"""
SELECT p.subject, p.attributes->>'timezone' AS time_zone
FROM {PARTICIPANT_ROWS.given} JOIN participant p USING (lane, subject)
WHERE {PARTICIPANT_ROWS.in_one_lane}
"""  # noqa: S608

_PROFILE_ROWS = Rows("subject uuid", "display_name text", "avatar_url text", "attributes jsonb", name="new")

_UPDATE = f"""
UPDATE participant p
SET display_name = new.display_name, avatar_url = new.avatar_url, attributes = new.attributes
FROM {_PROFILE_ROWS.given}
WHERE p.lane = new.lane AND p.subject = new.subject AND {_PROFILE_ROWS.in_one_lane}
"""  # noqa: S608


async def load_profiles(connection: Connection, _: Loading, command_needs: Sequence[CommandNeeds]) -> None:
    """Loads profiles. Raises TooHeavyError if they are too large together."""
    by_subject = existing_by_subject(command_needs)
    if not by_subject:
        return
    rows = await connection.fetch(_PROFILES, *participant_columns(by_subject.values()))
    if len(rows) > 1 and sum(len(row["attributes"]) for row in rows) > PROFILES_CHARACTERS:
        raise TooHeavyError
    for row in rows:
        profile = Profile(row["display_name"], row["avatar_url"], msgspec.json.decode(row["attributes"]))
        by_subject[str(row["subject"])][PROFILE] = profile


async def load_zones(connection: Connection, _: Loading, command_needs: Sequence[CommandNeeds]) -> None:
    by_subject = existing_by_subject(command_needs)
    if by_subject:
        for row in await connection.fetch(_ZONES, *participant_columns(by_subject.values())):
            by_subject[str(row["subject"])].zone = time_zones.ZONES.get(row["time_zone"])


async def save(connection: Connection, facts: Facts) -> None:
    """Saves the profiles that commands have replaced."""
    changed = {each.participant.subject: each.participant for each in facts.happened if PROFILE in each.replaced}
    rows = [
        (participant.lane, participant.subject, profile.display_name, profile.avatar_url, _stored(profile.attributes))
        for participant in changed.values()
        if (profile := participant[PROFILE])
    ]
    if rows:
        await connection.execute(_UPDATE, *columns(rows))


def _stored(attributes: dict[str, Any]) -> str:
    return msgspec.json.encode(attributes).decode()
