"""Reading and saving how many kudos a participant has."""

from collections.abc import Sequence

from laurels.storage.batches import CommandNeeds, Facts, Loading, existing_by_subject
from laurels.storage.lanes import PARTICIPANT_ROWS, participant_columns
from laurels.storage.postgres.database import Connection, Fetches
from tests.kudos.model import KUDOS, KudosFact


async def counts(connection: Fetches, lane: int, subject: str) -> dict[str, int]:
    """By the id of the kind."""
    rows = await connection.fetch("SELECT kudos_id, number FROM kudos WHERE lane = $1 AND subject = $2", lane, subject)
    return {str(row["kudos_id"]): row["number"] for row in rows}


_COUNTS = f"""
SELECT k.subject, k.kudos_id, k.number
FROM {PARTICIPANT_ROWS.given} JOIN kudos k USING (lane, subject)
WHERE {PARTICIPANT_ROWS.in_one_lane}
"""

_SAVE = """
INSERT INTO kudos (lane, subject, kudos_id, number)
SELECT * FROM unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::bigint[])
ON CONFLICT (lane, subject, kudos_id) DO UPDATE SET number = excluded.number
"""


async def load(connection: Connection, _: Loading, command_needs: Sequence[CommandNeeds]) -> None:
    by_subject = existing_by_subject(command_needs)
    if by_subject:
        for row in await connection.fetch(_COUNTS, *participant_columns(by_subject.values())):
            by_subject[str(row["subject"])][KUDOS][str(row["kudos_id"])] = row["number"]


async def save(connection: Connection, facts: Facts) -> None:
    rows = [
        (participant.lane, participant.subject, kudos_id, participant[KUDOS][kudos_id])
        for participant, kudos_id in facts.changed(_kudos_id, KudosFact)
    ]
    if rows:
        await connection.execute(_SAVE, *zip(*rows, strict=True))


def _kudos_id(fact: KudosFact) -> str:
    return fact.kudos_id
