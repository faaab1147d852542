"""The checks of rewards: their stock, codes and claims."""

from collections.abc import Sequence

import asyncpg

from laurels.kernel.participant import Participant
from laurels.mechanics.rewards.model import CLAIMS, Claim
from laurels.mechanics.rewards.store import claim_from
from laurels.storage.projections import Projection
from laurels.storage.tables import Invariant

INVARIANTS = (
    Invariant(
        "the items taken of a reward match its claims, those of erased people included",
        """
        SELECT s.reward_id::text AS name,
               format('taken %s, erased %s, in claims %s', s.taken, s.erased, coalesce(c.claims, 0)) AS wrong
        FROM reward_stock s LEFT JOIN (
            SELECT reward_id, count(*) AS claims FROM claim WHERE has_item GROUP BY reward_id
        ) c USING (reward_id)
        WHERE s.taken - s.erased <> coalesce(c.claims, 0)
    """,
    ),
    Invariant(
        "every claimed code belongs to one claim, and every claim has its code",
        """
        SELECT format('reward %s, code %s', reward_id, code) AS name,
               CASE WHEN c.id IS NULL THEN 'claimed without a claim'
                    ELSE format('given to claim %s, but not marked as claimed', c.id) END AS wrong
        FROM (SELECT reward_id, code, claim_id AS id FROM reward_code WHERE claim_id IS NOT NULL) r
        FULL JOIN (SELECT reward_id, code, id FROM claim WHERE has_item AND code IS NOT NULL) c
            USING (reward_id, code, id)
        WHERE c.id IS NULL OR r.id IS NULL
    """,
    ),
    Invariant(
        "the counts of available codes match the codes",
        """
        SELECT s.reward_id::text AS name,
               format('counted %s, available %s', s.codes_available, coalesce(c.codes, 0)) AS wrong
        FROM reward_stock s LEFT JOIN (
            SELECT reward_id, count(*) AS codes FROM reward_code WHERE status = 'available' GROUP BY reward_id
        ) c USING (reward_id)
        WHERE s.codes_available <> coalesce(c.codes, 0)
    """,
    ),
)


def _stored(rows: Sequence[asyncpg.Record]) -> dict[str, Claim]:
    return {str(row["id"]): claim_from(row) for row in rows}


def _rebuilt(participant: Participant) -> dict[str, Claim]:
    return participant[CLAIMS].by_id


PROJECTIONS = (Projection(name="claims", table="claim", stored=_stored, rebuilt=_rebuilt),)
