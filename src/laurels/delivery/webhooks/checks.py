"""Invariants of deliveries, for `laurels check`."""

from laurels.kernel.feed import EVERY_TYPE
from laurels.storage.tables import Invariant

NUMBERS = Invariant(
    "the deliveries of each webhook are numbered without gaps",
    """
    SELECT w.id::text AS name, v.kept || ' deliveries from ' || v.first || ' to ' || v.last || ', the last is '
        || w.last_number AS wrong
    FROM webhook w JOIN (
        SELECT webhook_id, count(*) AS kept, min(number) AS first, max(number) AS last
        FROM webhook_delivery GROUP BY webhook_id
    ) AS v ON v.webhook_id = w.id
    WHERE v.kept <> v.last - v.first + 1 OR v.last <> w.last_number
    """,
)

# Events of facts whose version of the definitions shows that the webhook listened, behind the oldest delivery that is
# kept. Repeated deliveries have no line; their events are old.
DELIVERED = Invariant(
    "every event that a webhook has reached has a delivery",
    f"""
    WITH reached AS (
        SELECT w.id, w.project_id, w.position, l.types, l.since_version, CASE
            WHEN w.last_number = 0 OR EXISTS (
                SELECT FROM webhook_delivery v WHERE v.webhook_id = w.id AND v.number = 1
            ) THEN 0
            ELSE (
                SELECT v.position FROM webhook_delivery v WHERE v.webhook_id = w.id AND v.line IS NOT NULL
                ORDER BY v.number LIMIT 1
            ) END AS floor
        FROM webhook w JOIN feed_listener l ON l.project_id = w.project_id AND l.name = 'webhook ' || w.id
    ), missing AS MATERIALIZED (
        SELECT w.id AS webhook_id, w.since_version, e.id, e.project_id, e.type, e.position
        FROM reached w JOIN feed_event e ON e.project_id = w.project_id AND e.position > w.floor
            AND e.position <= w.position AND w.types && ARRAY['{EVERY_TYPE}', e.type] AND NOT e.historical
        WHERE NOT EXISTS (
            SELECT FROM webhook_delivery v WHERE v.webhook_id = w.id AND v.position = e.position
        )
    )
    SELECT m.webhook_id::text AS name,
        'no delivery of ' || m.type || ' ' || m.id || ', position ' || m.position AS wrong
    FROM missing m JOIN journal j ON j.id = m.id AND j.project_id = m.project_id
        AND j.definitions_version >= m.since_version
    ORDER BY m.webhook_id, m.position
    """,  # noqa: S608
)

EVENTS = Invariant(
    "every delivery is of its event in the feed",
    """
    SELECT v.webhook_id || ', delivery ' || v.number AS name, CASE
        WHEN e.position IS NULL THEN 'no event has its position ' || v.position
        ELSE 'it is of ' || v.type || ' ' || v.event_id || ', the feed has ' || e.type || ' ' || e.id
        END AS wrong
    FROM webhook_delivery v JOIN project p ON p.id = v.project_id
    LEFT JOIN feed_event e ON e.project_id = v.project_id AND e.position = v.position
    WHERE v.position > p.feed_floor AND (e.position IS NULL OR e.id <> v.event_id OR e.type <> v.type)
    UNION ALL
    SELECT w.id::text, 'its position ' || w.position || ' is ahead of the feed''s ' || s.position
    FROM webhook w JOIN feed_sequencer s ON w.position > s.position
    ORDER BY name
    """,
)

INVARIANTS = (NUMBERS, DELIVERED, EVENTS)
