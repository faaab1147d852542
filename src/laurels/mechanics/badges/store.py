"""The badges that participants have earned: reading, loading and saving."""

from collections.abc import Sequence
from datetime import datetime

from laurels.kernel.facts import Fact
from laurels.mechanics.badges.model import BADGES, BadgeEarned, BadgeRevoked
from laurels.storage.batches import CommandNeeds, Facts, Loading, existing_by_subject
from laurels.storage.lanes import PARTICIPANT_ROWS, Rows, columns, participant_columns
from laurels.storage.postgres.database import Connection, Fetches


async def earned(connection: Fetches, lane: int, subject: str) -> dict[str, datetime]:
    """The time when each badge was earned, by badge id."""
    rows = await connection.fetch(
        "SELECT badge_id, earned_at FROM earned_badge WHERE lane = $1 AND subject = $2", lane, subject
    )
    return {str(row["badge_id"]): row["earned_at"] for row in rows}


_EARNED = f"""
SELECT b.subject, b.badge_id, b.earned_at
FROM {PARTICIPANT_ROWS.given} JOIN earned_badge b USING (lane, subject)
WHERE {PARTICIPANT_ROWS.in_one_lane}
"""  # noqa: S608

_INSERT = """
INSERT INTO earned_badge (lane, subject, badge_id, earned_at)
SELECT * FROM unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::timestamptz[])
ON CONFLICT (lane, subject, badge_id) DO UPDATE SET earned_at = excluded.earned_at
"""

_BADGE_ROWS = Rows("subject uuid", "badge_id uuid", name="old")

_DELETE = f"""
DELETE FROM earned_badge b
USING {_BADGE_ROWS.given}
WHERE b.lane = old.lane AND b.subject = old.subject AND b.badge_id = old.badge_id
  AND {_BADGE_ROWS.in_one_lane}
"""  # noqa: S608


async def load(connection: Connection, _: Loading, command_needs: Sequence[CommandNeeds]) -> None:
    by_subject = existing_by_subject(command_needs)
    if by_subject:
        for row in await connection.fetch(_EARNED, *participant_columns(by_subject.values())):
            by_subject[str(row["subject"])][BADGES][str(row["badge_id"])] = row["earned_at"]


async def save(connection: Connection, facts: Facts) -> None:
    """Adds earned badges, and removes revoked ones."""
    added, removed = [], []
    for participant, badge_id in facts.changed(_badge_id, BadgeEarned, BadgeRevoked):
        key = (participant.lane, participant.subject, badge_id)
        if badge_id in participant[BADGES]:
            added.append((*key, participant[BADGES][badge_id]))
        else:
            removed.append(key)
    if added:
        await connection.execute(_INSERT, *zip(*added, strict=True))
    if removed:
        await connection.execute(_DELETE, *columns(removed))


def _badge_id(fact: Fact) -> str:
    assert isinstance(fact, (BadgeEarned, BadgeRevoked))  # noqa: S101
    return fact.badge_id
