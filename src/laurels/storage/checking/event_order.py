"""The invariant of the order of the feed, for `laurels check`."""

from laurels.storage.tables import Invariant

ORDER = Invariant(
    "the events of each participant are in the feed in their order",
    """
    SELECT project_id || ', ' || participant_id AS name,
        'position ' || position || ' has the sequence ' || sequence || ', an earlier one ' || before AS wrong
    FROM (
        SELECT project_id, participant_id, position, sequence,
            lag(sequence) OVER (PARTITION BY project_id, participant_id ORDER BY position) AS before
        FROM feed_event WHERE participant_id IS NOT NULL AND sequence IS NOT NULL
    ) AS events
    WHERE sequence < before
    UNION ALL
    SELECT 'project ' || e.project_id, 'position ' || max(e.position) || ' is ahead of the sequencer''s ' || s.position
    FROM feed_event e CROSS JOIN feed_sequencer s GROUP BY e.project_id, s.position HAVING max(e.position) > s.position
    ORDER BY name
    """,
)
