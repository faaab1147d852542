"""The invariant of the totals that limit rules."""

from laurels.storage.tables import Invariant

INVARIANTS = (
    Invariant(
        "rules have acted in total as often as for all participants, erased ones included",
        """
        WITH u AS MATERIALIZED (
            SELECT definition_id AS rule_id, window_key, sum(uses) AS uses
            FROM limit_use GROUP BY definition_id, window_key
        )
        SELECT format('rule %s, window %s', rule_id, window_key) AS name,
               format('counted %s, erased %s, for participants %s', t.uses, t.erased_uses, u.uses) AS wrong
        FROM rule_total t LEFT JOIN u USING (rule_id, window_key)
        WHERE t.lane = 0 AND t.uses - t.erased_uses <> coalesce(u.uses, 0)
    """,
    ),
)
