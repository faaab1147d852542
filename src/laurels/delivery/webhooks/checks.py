"""Invariants of deliveries, for `laurels check`."""

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

INVARIANTS = (NUMBERS,)
