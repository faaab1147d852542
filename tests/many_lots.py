"""Participants with more lots than the API lets anybody have, as they can be there from before there was a bound."""

from datetime import UTC, datetime

import psycopg

_FACTS = """
INSERT INTO journal
    (seq, occurred_at, recorded_at, project_id, definitions_version, lane, id, subject, command_id, kind, data)
SELECT a.seq + i, now(), now(), p.project_id, 1, a.lane, fact.id, a.subject, fact.id, 'points_awarded',
       jsonb_build_object(
           'amount', 1, 'balance_after', a.balance + i, 'lots', jsonb_build_array(jsonb_build_array(
               to_char((%(first)s + i * interval '1 microsecond') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
               1)))
FROM participant p JOIN account a USING (lane, subject)
CROSS JOIN generate_series(1, %(number)s) AS i
CROSS JOIN LATERAL (
    SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7000'
            || '8' || lpad(to_hex(i), 15, '0'))::uuid AS id
) AS fact
WHERE p.participant_id = %(name)s
"""

_LOTS = """
INSERT INTO point_lot (lane, subject, expires_at, points, project_id)
SELECT lane, subject, %(first)s + i * interval '1 microsecond', 1, project_id
FROM participant CROSS JOIN generate_series(1, %(number)s) AS i WHERE participant_id = %(name)s
"""

_ACCOUNT = """
UPDATE account a
SET seq = seq + %(number)s, balance = balance + %(number)s, total_earned = total_earned + %(number)s,
    transactions = transactions + %(number)s,
    next_expiry_at = least(next_expiry_at, %(first)s + interval '1 microsecond')
FROM participant p WHERE (p.lane, p.subject) = (a.lane, a.subject) AND p.participant_id = %(name)s
"""


def give_lots(database_url: str, name: str, number: int, first: datetime) -> None:
    """Adds lots of one point each, a microsecond apart, with their facts. `name` is an id that exists once in the
    database, in a project without leaderboards."""
    arguments = {"name": name, "number": number, "first": first.astimezone(UTC)}
    with psycopg.connect(database_url) as connection:
        for statement in (_FACTS, _LOTS, _ACCOUNT):
            connection.execute(statement, arguments)
