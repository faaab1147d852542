"""The stocks of rewards, their codes, and claims: loading, saving, reading.

A batch with a claim locks the reward's row from reading the stock until the commit. So no code or item is given twice,
and batches with claims of the same reward run one after another.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import asyncpg
from msgspec import Struct

from laurels.kernel.participant import Participant
from laurels.mechanics.points.storage.loading import lots_from
from laurels.mechanics.points.storage.saving import stored_lots
from laurels.mechanics.rewards.model import (
    CLAIMS,
    STOCKS,
    Claim,
    ClaimCancelled,
    ClaimFulfilled,
    RewardClaimed,
    Stock,
)
from laurels.mechanics.rewards.play import CLAIMABLE, NAMED_CLAIMS
from laurels.mechanics.rewards.rules import CLAIMS_LIMIT
from laurels.storage.batches import CommandNeeds, Facts, Loading, ParticipantKey, needed_ids
from laurels.storage.lanes import PARTICIPANT_ROWS, Rows, columns, participant_columns, single_lane
from laurels.storage.locks import LockedRow
from laurels.storage.postgres.database import Connection, Fetches

_LOCK = """
SELECT s.reward_id, s.taken FROM unnest($1::uuid[]) AS wanted (reward_id) JOIN reward_stock s USING (reward_id)
WHERE ($2::uuid IS NULL OR wanted.reward_id = $2)
ORDER BY s.reward_id FOR NO KEY UPDATE OF s
"""

_LOCK_FREE = f"{_LOCK} SKIP LOCKED"

_LOCK_ONE = "SELECT reward_id FROM reward_stock WHERE reward_id = $1 FOR NO KEY UPDATE"

# A separate statement after the lock: its snapshot shows the commit of the lock's last holder.
_NEXT_CODES = """
SELECT code FROM reward_code WHERE reward_id = $1 AND status = 'available' ORDER BY number LIMIT $2
"""

_REWARD_ROWS = Rows("subject uuid", "reward_id uuid")

_COUNTS = f"""
SELECT c.subject, c.reward_id, count(*) AS claims
FROM {_REWARD_ROWS.given}
JOIN claim c USING (lane, subject, reward_id)
WHERE c.status <> 'cancelled' AND {_REWARD_ROWS.in_one_lane}
GROUP BY c.subject, c.reward_id
"""  # noqa: S608

# Counts the claims of all rewards together, up to the limit.
_COUNT_STANDING = f"""
SELECT wanted.subject, c.claims
FROM {PARTICIPANT_ROWS.given} CROSS JOIN LATERAL (
    SELECT count(*) AS claims FROM (
        SELECT FROM claim
        WHERE lane = wanted.lane AND subject = wanted.subject AND status <> 'cancelled'
          AND {PARTICIPANT_ROWS.is_one_lane("lane")}
        LIMIT {CLAIMS_LIMIT}
    ) AS counted
) AS c
WHERE {PARTICIPANT_ROWS.in_one_lane}
"""  # noqa: S608

_CLAIM_ROWS = Rows("subject uuid", "id uuid")

_CLAIMS = f"""
SELECT c.subject, c.id, c.reward_id, c.status, c.code, c.points, l.number,
       CASE WHEN l.number = 0 THEN '[]' WHEN l.number <= $5 THEN c.lots END AS lots
FROM {_CLAIM_ROWS.given}
JOIN claim c USING (lane, subject, id)
CROSS JOIN LATERAL (SELECT CASE c.status WHEN 'claimed' THEN jsonb_array_length(c.lots) ELSE 0 END AS number) AS l
WHERE {_CLAIM_ROWS.in_one_lane}
"""  # noqa: S608

_CLAIM_COLUMNS = (
    "lane",
    "subject",
    "id",
    "project_id",
    "reward_id",
    "status",
    "code",
    "points",
    "lots",
    "claimed_at",
)

_CLOSED_CLAIM_ROWS = Rows(
    "subject uuid", "id uuid", "status text", "closed_at timestamptz", "has_item boolean", name="new"
)

_CLOSE_CLAIMS = f"""
UPDATE claim c SET status = new.status, closed_at = new.closed_at, has_item = new.has_item
FROM {_CLOSED_CLAIM_ROWS.given}
WHERE c.lane = new.lane AND c.subject = new.subject AND c.id = new.id
  AND {_CLOSED_CLAIM_ROWS.in_one_lane}
"""  # noqa: S608

_MARK_CODES = """
UPDATE reward_code c SET status = new.status, claim_id = new.claim_id
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[]) AS new (reward_id, code, status, claim_id)
WHERE c.reward_id = new.reward_id AND c.code = new.code AND ($5::uuid IS NULL OR new.reward_id = $5)
"""

_CHANGE_STOCK = """
UPDATE reward_stock s SET taken = s.taken + new.taken, codes_available = s.codes_available + new.codes
FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS new (reward_id, taken, codes)
WHERE s.reward_id = new.reward_id AND ($4::uuid IS NULL OR new.reward_id = $4)
"""


async def add_stock(connection: Connection, reward_id: str) -> None:
    """Adds the row of a new reward."""
    await connection.execute("INSERT INTO reward_stock (reward_id) VALUES ($1) ON CONFLICT DO NOTHING", reward_id)


async def lock_stocks(
    connection: Connection, codes_needed: Mapping[str, int], lane: int | None, *, skips_locked: bool = False
) -> dict[str, Stock]:
    """Locks the rewards' rows and returns the stocks, each with the number of codes given in `codes_needed`. With
    `skips_locked`, rewards locked by other sessions are missing. `lane` is the single lane of the batch, if it has
    one."""
    stocks: dict[str, Stock] = {}
    for part in _parts([(reward_id,) for reward_id in codes_needed], lane):
        for row in await connection.fetch(_LOCK_FREE if skips_locked else _LOCK, *columns(part)):
            stocks[str(row["reward_id"])] = Stock(row["taken"])
    for reward_id, number in codes_needed.items():
        if number and reward_id in stocks:
            codes = await connection.fetch(_NEXT_CODES, reward_id, number)
            stocks[reward_id].codes.extend([row["code"] for row in codes])
    return stocks


async def lock_stock(connection: Connection, reward_id: str) -> None:
    await connection.fetch(_LOCK_ONE, reward_id)


async def change_codes_available(connection: Connection, reward_id: str, number: int) -> None:
    """Adds `number`, which may be negative, to the number of available codes."""
    await connection.execute(_CHANGE_STOCK, *columns([(reward_id, 0, number)]))


def locked_stock(reward_id: str) -> LockedRow:
    """The row with the stock of a reward, to wait for."""
    return LockedRow("reward_stock", (reward_id,), _LOCK_ONE)


def _parts(rows: Iterable[tuple[Any, ...]], lane: int | None) -> Iterator[list[tuple[Any, ...]]]:
    """The rows, which begin with a reward id, in parts for one statement each.

    If the batch is of a single lane, rewards may be on several machines: each reward has its own statement, in the same
    order as in one statement on all of them.
    """
    ordered = sorted(rows, key=itemgetter(0))
    for _, part in groupby(ordered, key=itemgetter(0) if lane is not None else lambda _: None):
        yield list(part)


async def load_counts(connection: Connection, pairs: Collection[tuple[Participant, str]]) -> None:
    """Loads the number of standing claims, for pairs of a participant and a reward, and in total."""
    by_subject = {p.subject: p for p, _ in pairs}
    rows = {(p.lane, p.subject, reward_id) for p, reward_id in pairs}
    for row in await connection.fetch(_COUNTS, *columns(rows)):
        by_subject[str(row["subject"])][CLAIMS].standing[str(row["reward_id"])] = row["claims"]
    for row in await connection.fetch(_COUNT_STANDING, *participant_columns(by_subject.values())):
        by_subject[str(row["subject"])][CLAIMS].total_standing = row["claims"]


async def load_claims(connection: Connection, loading: Loading, command_needs: Sequence[CommandNeeds]) -> None:
    """Loads the named claims, as far as there is room for their lots."""
    room, of_claims = loading.room, needed_ids(command_needs, NAMED_CLAIMS)
    if not of_claims:
        return
    by_subject = {p.subject: p for p, _ in of_claims}
    rows = [(p.lane, p.subject, claim_id) for p, claim_id in of_claims]
    for row in await connection.fetch(_CLAIMS, *columns(rows), room.longest):
        if not room.take(str(row["subject"]), row["number"]):
            continue
        by_subject[str(row["subject"])][CLAIMS].by_id[str(row["id"])] = claim_from(row)


def claim_from(row: asyncpg.Record) -> Claim:
    return Claim(
        reward_id=str(row["reward_id"]),
        points=row["points"],
        lots=lots_from(row["lots"]),
        code=row["code"],
        status=row["status"],
    )


async def lock(connection: Connection, loading: Loading, command_needs: Sequence[CommandNeeds]) -> None:
    """Locks and loads the stocks of the rewards that can be claimed or returned, after the accounts and in the order of
    the rewards' ids."""
    codes_needed: dict[str, int] = {}
    claiming = []
    needed_by: list[tuple[str, ParticipantKey]] = []
    for each in command_needs:
        for reward_id, number in each.needs[CLAIMABLE] or ():
            codes_needed[reward_id] = codes_needed.get(reward_id, 0) + number
            claiming.append((each.participant, reward_id))
            needed_by.append((reward_id, each.key))
        claims = each.participant[CLAIMS].by_id
        for claim_id in each.needs[NAMED_CLAIMS] or ():
            if claim_id in claims:
                codes_needed.setdefault(claims[claim_id].reward_id, 0)
                needed_by.append((claims[claim_id].reward_id, each.key))
    if not codes_needed:
        return
    lane = single_lane(each.participant.lane for each in command_needs)
    stocks = await lock_stocks(connection, codes_needed, lane, skips_locked=loading.skips_locked)
    for each in command_needs:
        each.participant.shared[STOCKS] = stocks
    for reward_id, key in needed_by if loading.skips_locked else ():
        if reward_id not in stocks:
            loading.left_out.setdefault(key, locked_stock(reward_id))
    existing_claimants = [(participant, reward_id) for participant, reward_id in claiming if participant.exists]
    if existing_claimants:
        await load_counts(connection, existing_claimants)


async def save(connection: Connection, facts: Facts) -> None:
    """Saves claims, codes and stocks that facts have changed."""
    claims: list[tuple[Any, ...]] = []
    closed: list[tuple[Any, ...]] = []
    codes: dict[tuple[str, str], tuple[str, str | None]] = {}
    taken: dict[str, int] = defaultdict(int)
    codes_available: dict[str, int] = defaultdict(int)
    for each, entry, _ in facts.of(RewardClaimed, ClaimFulfilled, ClaimCancelled):
        person = (each.participant.lane, each.participant.subject)
        match entry.fact:
            case RewardClaimed() as fact:
                lots = stored_lots(fact.lots)
                reward = (each.participant.project_id, fact.reward_id, "claimed")
                claims.append((*person, entry.id, *reward, fact.code, fact.amount, lots, entry.occurred_at))
                taken[fact.reward_id] += 1
                if fact.code is not None:
                    codes[fact.reward_id, fact.code] = ("claimed", entry.id)
                    codes_available[fact.reward_id] -= 1
            case ClaimFulfilled() as fact:
                closed.append((*person, fact.claim_id, "fulfilled", entry.occurred_at, True))
            case ClaimCancelled() as fact:
                closed.append((*person, fact.claim_id, "cancelled", entry.occurred_at, not fact.returns_item))
                if fact.returns_item:
                    taken[fact.reward_id] -= 1
                if fact.returns_item and fact.code is not None:
                    codes[fact.reward_id, fact.code] = ("available", None)
                    codes_available[fact.reward_id] += 1
    if claims:
        await connection.copy_records_to_table("claim", records=claims, columns=_CLAIM_COLUMNS)
    if closed:
        await connection.execute(_CLOSE_CLAIMS, *columns(closed))
    lane = single_lane(each.participant.lane for each in facts.happened)
    for part in _parts(((*key, *state) for key, state in codes.items()), lane):
        await connection.execute(_MARK_CODES, *columns(part))
    for part in _parts(((name, number, codes_available[name]) for name, number in taken.items()), lane):
        await connection.execute(_CHANGE_STOCK, *columns(part))


_TAKEN = """
SELECT reward_id, count(*) FILTER (WHERE has_item) AS claims, array_agg(code) FILTER (WHERE code IS NOT NULL) AS codes,
       array_agg(id) AS ids
FROM claim WHERE lane = $1 AND subject = $2 GROUP BY reward_id ORDER BY reward_id
"""


async def leave(connection: Connection, lane: int, subject: str) -> None:
    """Notes that the participant's items stay taken; the caller then deletes the claims."""
    for row in await connection.fetch(_TAKEN, lane, subject):
        await connection.execute(
            "UPDATE reward_stock SET erased = erased + $2 WHERE reward_id = $1", row["reward_id"], row["claims"]
        )
        await connection.execute(
            "UPDATE reward_code SET claim_id = NULL WHERE reward_id = $1 AND code = ANY ($2) AND claim_id = ANY ($3)",
            row["reward_id"],
            row["codes"] or [],
            row["ids"],
        )


class StockRow(Struct, frozen=True):
    taken: int
    codes_available: int


async def stock_rows(connection: Fetches, reward_ids: Collection[str]) -> dict[str, StockRow]:
    """The current stocks of rewards, without a lock."""
    rows = await connection.fetch(
        "SELECT s.* FROM unnest($1::uuid[]) AS wanted (reward_id) JOIN reward_stock s USING (reward_id)",
        list(reward_ids),
    )
    return {str(row["reward_id"]): StockRow(row["taken"], row["codes_available"]) for row in rows}


async def claim_counts(connection: Fetches, lane: int, subject: str) -> dict[str, int]:
    """The number of a participant's standing claims, by reward."""
    rows = await connection.fetch(
        "SELECT reward_id, count(*) AS claims FROM claim "
        "WHERE lane = $1 AND subject = $2 AND status <> 'cancelled' GROUP BY reward_id",
        lane,
        subject,
    )
    return {str(row["reward_id"]): row["claims"] for row in rows}
