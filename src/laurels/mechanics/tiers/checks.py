"""The invariant of tiers."""

from laurels.storage.tables import Invariant

INVARIANTS = (
    Invariant(
        "the present tier is the last of the tier history",
        """
        SELECT coalesce(a.participant_id, subject::text) AS name,
               format('tier %s, last in history %s', a.tier_id, h.tier_id) AS wrong
        FROM (
            SELECT lane, subject, tier_id, participant_id FROM account LEFT JOIN participant USING (lane, subject)
        ) a
        FULL JOIN (
            SELECT DISTINCT ON (lane, subject) lane, subject, tier_id FROM tier_history ORDER BY lane, subject, seq DESC
        ) h USING (lane, subject)
        WHERE a.tier_id IS DISTINCT FROM h.tier_id
    """,
    ),
)
