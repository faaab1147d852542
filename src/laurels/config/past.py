"""Reads the journal for a simulation: participants in the order of their key, each with all facts, in short queries."""

from collections.abc import AsyncIterator, Collection
from datetime import datetime
from typing import Any

import msgspec

from laurels.kernel.dates.calendar import Calendar
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.game import Game
from laurels.kernel.limits import LimitWindow
from laurels.kernel.participant import Participant
from laurels.kernel.what_if.reconstruction import PastFact
from laurels.mechanics.participants.model import PROFILE, Profile
from laurels.storage.postgres.database import Connection

CHUNK_PARTICIPANTS = 200

# Expiries, judgings and administrators also cause facts, but do not change last_seen_at.
_HAS_FACTS_SINCE = """
(a.last_seen_at >= $2 OR EXISTS (
    SELECT FROM journal j WHERE j.lane = a.lane AND j.subject = a.subject AND j.recorded_at >= $2
))
"""

_WITH_FACTS = f"""
SELECT count(*) FROM account a JOIN participant p USING (lane, subject)
WHERE p.project_id = $1 AND p.anonymised_at IS NULL AND {_HAS_FACTS_SINCE}
"""  # noqa: S608

_NEXT = f"""
SELECT p.lane, p.subject, p.participant_id, p.display_name, p.avatar_url, p.attributes
FROM account a JOIN participant p USING (lane, subject)
WHERE p.project_id = $1 AND p.anonymised_at IS NULL AND {_HAS_FACTS_SINCE}
  AND ($3::smallint IS NULL OR (a.lane, a.subject) > ($3, $4::uuid))
ORDER BY a.lane, a.subject LIMIT $5
"""  # noqa: S608

_FACTS = """
SELECT j.lane, j.subject, j.id, j.seq, j.kind, j.command_id, j.cause_id, j.data, j.occurred_at, j.recorded_at
FROM unnest($1::smallint[], $2::uuid[]) AS wanted (lane, subject) JOIN journal j USING (lane, subject)
WHERE j.recorded_at < $3
ORDER BY j.lane, j.subject, j.seq
"""

_TOTALS = """
SELECT rule_id, window_key, uses FROM rule_total WHERE rule_id = ANY ($1::uuid[])
"""

_TOTALS_SINCE = """
SELECT (outcome->>'definition_id')::uuid AS rule_id, window_key::integer, count(*) AS uses
FROM journal j JOIN participant p USING (lane, subject), jsonb_array_elements(data->'outcomes') AS outcome,
     jsonb_array_elements_text(outcome->'windows') AS window_key
WHERE j.project_id = $1 AND p.anonymised_at IS NULL AND recorded_at >= $2 AND data ? 'outcomes' AND outcome ? 'windows'
  AND (outcome->>'definition_id')::uuid = ANY ($3::uuid[])
GROUP BY 1, 2
"""


async def participants_with_facts(connection: Connection, project_id: int, since: datetime) -> int:
    """The number of participants with facts since then."""
    count: int = await connection.fetchval(_WITH_FACTS, project_id, since)
    return count


async def limit_totals(
    connection: Connection, project_id: int, since: datetime, rule_ids: Collection[str]
) -> dict[LimitWindow, int]:
    """The uses of these rules before `since`, plus the later uses by participants who are not part of a simulation."""
    if not rule_ids:
        return {}
    totals = {
        (str(row["rule_id"]), row["window_key"]): row["uses"] for row in await connection.fetch(_TOTALS, list(rule_ids))
    }
    for row in await connection.fetch(_TOTALS_SINCE, project_id, since, list(rule_ids)):
        key = (str(row["rule_id"]), row["window_key"])
        if key in totals:
            totals[key] -= row["uses"]
    return totals


async def histories(
    connection: Connection, project_id: int, live: Definitions, since: datetime, until: datetime
) -> AsyncIterator[list[tuple[Participant, list[PastFact]]]]:
    """Chunks of participants with facts since then, and all their facts before `until`. The participants have only
    their profile and time zone."""
    lane, subject = None, None
    while rows := await connection.fetch(_NEXT, project_id, since, lane, subject, CHUNK_PARTICIPANTS):
        lane, subject = rows[-1]["lane"], rows[-1]["subject"]
        participants = {row["subject"]: _participant(project_id, live.calendar, row) for row in rows}
        pasts: dict[Any, list[PastFact]] = {row["subject"]: [] for row in rows}
        facts = await connection.fetch(_FACTS, [row["lane"] for row in rows], [row["subject"] for row in rows], until)
        for row in facts:
            pasts[row["subject"]].append(_past(live.game, row))
        yield [(participants[name], pasts[name]) for name in participants]


def _participant(project_id: int, calendar: Calendar, row: Any) -> Participant:
    attributes = msgspec.json.decode(row["attributes"])
    return Participant(
        project_id=project_id,
        participant_id=row["participant_id"],
        lane=row["lane"],
        subject=str(row["subject"]),
        exists=True,
        slices={PROFILE: Profile(row["display_name"], row["avatar_url"], attributes)},
        zone=calendar.zone_named(attributes.get("timezone")),
    )


def _past(game: Game, row: Any) -> PastFact:
    fact = game.fact_from(row["kind"], row["data"])
    cause_id = str(row["cause_id"]) if row["cause_id"] else None
    entry = Entry(str(row["id"]), row["seq"], fact, row["occurred_at"], cause_id)
    return PastFact(entry, row["recorded_at"], str(row["command_id"]))
