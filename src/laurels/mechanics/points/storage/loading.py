"""Loading lots, holds and transactions: the parts of an account that can end or be reversed.

The account's lock guards all of them. Lots and holds are read only if the account has a `next_expiry_at`.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import asyncpg
import msgspec
from msgspec import Struct

from laurels.kernel.participant import Participant
from laurels.mechanics.points.deciding.needs import HOLDS, LOTS, TRANSACTIONS, LotNeeds, lots_of
from laurels.mechanics.points.purse.lots import LOTS_LIMIT
from laurels.mechanics.points.purse.model import PURSE, Hold, Lot, Multiplier, PointsFact, ReversibleTransaction
from laurels.storage.batches import CommandNeeds, Loading, needed_ids
from laurels.storage.lanes import PARTICIPANT_ROWS, Rows, columns, participant_columns
from laurels.storage.postgres.database import Connection, Fetches
from laurels.storage.room import NoRoom, Room

_NEXT_LOTS = f"""
SELECT l.subject, l.expires_at, l.points
FROM {PARTICIPANT_ROWS.given} CROSS JOIN LATERAL (
    SELECT * FROM point_lot
    WHERE lane = wanted.lane AND subject = wanted.subject AND {PARTICIPANT_ROWS.is_one_lane("lane")}
    ORDER BY expires_at LIMIT $4
) AS l
WHERE {PARTICIPANT_ROWS.in_one_lane}
"""  # noqa: S608

# The lots of a hold with too many lots are not read.
_NEXT_HOLDS = f"""
SELECT h.subject, h.id, h.status, h.points, h.captured, h.expires_at, jsonb_array_length(h.lots) AS number,
       CASE WHEN jsonb_array_length(h.lots) <= $5 THEN h.lots END AS lots
FROM {PARTICIPANT_ROWS.given} CROSS JOIN LATERAL (
    SELECT * FROM hold
    WHERE lane = wanted.lane AND subject = wanted.subject AND status = 'held' AND {PARTICIPANT_ROWS.is_one_lane("lane")}
    ORDER BY expires_at, id LIMIT $4
) AS h
WHERE {PARTICIPANT_ROWS.in_one_lane}
"""  # noqa: S608

# The next ends of open holds, without the holds' lots.
_NEXT_HOLD_ENDS = f"""
SELECT h.*, '[]' AS lots
FROM {PARTICIPANT_ROWS.given} CROSS JOIN LATERAL (
    SELECT subject, id, status, points, captured, expires_at FROM hold
    WHERE lane = wanted.lane AND subject = wanted.subject AND status = 'held' AND {PARTICIPANT_ROWS.is_one_lane("lane")}
    ORDER BY expires_at, id LIMIT $4
) AS h
WHERE {PARTICIPANT_ROWS.in_one_lane}
"""  # noqa: S608

_LOT_ROWS = Rows("subject uuid", "expires_at timestamptz")

_NAMED_LOTS = f"""
SELECT l.subject, l.expires_at, l.points
FROM {_LOT_ROWS.given}
JOIN point_lot l USING (lane, subject, expires_at)
WHERE {_LOT_ROWS.in_one_lane}
"""  # noqa: S608

_SUM_LOTS = f"""
SELECT l.subject, sum(l.points)::bigint AS points
FROM {PARTICIPANT_ROWS.given} JOIN point_lot l USING (lane, subject)
WHERE {PARTICIPANT_ROWS.in_one_lane}
GROUP BY l.subject
"""  # noqa: S608

_NEXT_LOT = """
SELECT expires_at, sum(points)::bigint AS points
FROM (
    (SELECT expires_at, points FROM point_lot WHERE lane = $1 AND subject = $2 AND expires_at > $3
     ORDER BY expires_at LIMIT 1)
    UNION ALL
    SELECT (lot->>0)::timestamptz, (lot->>1)::bigint FROM hold, jsonb_array_elements(lots) AS lot
    WHERE lane = $1 AND subject = $2 AND status = 'held' AND expires_at <= $3 AND (lot->>0)::timestamptz > $3
) AS lots
GROUP BY expires_at ORDER BY expires_at LIMIT 1
"""

# Lots are counted up to the limit.
_COUNT_LOTS = f"""
SELECT wanted.subject, l.lots + h.lots AS lots, h.holds AS open_holds
FROM {PARTICIPANT_ROWS.given}
CROSS JOIN LATERAL (
    SELECT count(*) AS lots FROM (
        SELECT FROM point_lot
        WHERE lane = wanted.lane AND subject = wanted.subject AND {PARTICIPANT_ROWS.is_one_lane("lane")}
        LIMIT {LOTS_LIMIT}
    ) AS counted
) AS l
CROSS JOIN LATERAL (
    SELECT coalesce(sum(jsonb_array_length(lots)), 0)::bigint AS lots, count(*) AS holds FROM hold
    WHERE lane = wanted.lane AND subject = wanted.subject AND status = 'held' AND {PARTICIPANT_ROWS.is_one_lane("lane")}
) AS h
WHERE {PARTICIPANT_ROWS.in_one_lane}
"""  # noqa: S608

_ROWS_BY_ID = Rows("subject uuid", "id uuid")

_HOLDS = f"""
SELECT h.subject, h.id, h.status, h.points, h.captured, h.expires_at, l.number,
       CASE WHEN l.number = 0 THEN '[]' WHEN l.number <= $5 THEN h.lots END AS lots
FROM {_ROWS_BY_ID.given}
JOIN hold h USING (lane, subject, id)
CROSS JOIN LATERAL (SELECT CASE h.status WHEN 'held' THEN jsonb_array_length(h.lots) ELSE 0 END AS number) AS l
WHERE {_ROWS_BY_ID.in_one_lane}
"""  # noqa: S608

_TRANSACTIONS = f"""
SELECT j.subject, j.id, j.kind, l.number, CASE WHEN l.number <= $6 THEN j.data - 'metadata' END AS data, j.occurred_at,
       coalesce(r.points, 0) AS reversed
FROM {_ROWS_BY_ID.given}
JOIN journal j USING (lane, id)
CROSS JOIN LATERAL (
    SELECT CASE jsonb_typeof(j.data->'lots') WHEN 'array' THEN jsonb_array_length(j.data->'lots') ELSE 0 END AS number
) AS l
LEFT JOIN reversal r ON r.lane = j.lane AND r.subject = j.subject AND r.transaction_id = j.id
WHERE j.subject = wanted.subject AND j.kind = ANY ($5::text[]) AND {_ROWS_BY_ID.in_one_lane}
"""  # noqa: S608


FIRST_LOTS = 8
"""The number of lots loaded first, which is enough for most commands. If it is not, eight times as many are loaded, and
so on."""

_json = msgspec.json.Encoder()
_lots = msgspec.json.Decoder(list[Lot])
_multipliers = msgspec.json.Decoder(list[Multiplier])


def lots_from(stored: str) -> list[Lot]:
    return _lots.decode(stored)


class NeededLots(Struct):
    """The lots that the commands of one participant need together (kernel/needs.py). `ends` is the number of commands;
    each ends at most one hold."""

    participant: Participant
    now: datetime
    taken: int = 0
    named: set[datetime] = msgspec.field(default_factory=set)
    is_summed: bool = False
    ends: int = 0

    def add(self, need: LotNeeds) -> None:
        """Adds the needs of another command."""
        self.taken += need.taken
        self.named |= need.named
        self.is_summed |= need.is_summed
        self.ends += 1

    @property
    def has_enough(self) -> bool:
        lots = self.participant[PURSE].lots.items()
        return sum(points for at, points in lots if at > self.now and at not in self.named) > self.taken


async def load_lots(connection: Connection, needed: Collection[NeededLots], settled: int, room: Room) -> None:
    """Fills in the lots needed, and the next ends of open holds, if there is room. `settled` is the number of ends that
    are settled before the commands."""
    people = [each for each in needed if each.participant.next_expiry_at is not None]
    people = [each for each in people if room.take(each.participant.subject, len(each.named))]
    if not people:
        return
    by_subject = {each.participant.subject: each.participant for each in people}
    most = max(each.ends for each in people) + settled + 1
    for row in await connection.fetch(_NEXT_HOLD_ENDS, *participant_columns(by_subject.values()), most):
        by_subject[str(row["subject"])][PURSE].holds.setdefault(str(row["id"]), hold_from(row))
    before, limit = 0, FIRST_LOTS
    left = people
    # Participants who need more than the first lots get a batch alone, and so do not fill shared batches.
    otherwise = NoRoom.BEYOND
    while left := [each for each in left if room.take(each.participant.subject, limit - before, otherwise)]:
        loaded = await _load_next_lots(connection, {each.participant.subject: each.participant for each in left}, limit)
        left = [each for each in left if loaded[each.participant.subject] == limit and not each.has_enough]
        before, limit, otherwise = limit, limit * 8, NoRoom.ALONE
    await _load_named_lots(connection, [each for each in people if each.participant.subject not in room.refused])


async def _load_named_lots(connection: Connection, people: Collection[NeededLots]) -> None:
    by_subject = {each.participant.subject: each.participant for each in people}
    rows = [(each.participant.lane, each.participant.subject, at) for each in people for at in each.named]
    if rows:
        for row in await connection.fetch(_NAMED_LOTS, *columns(rows)):
            by_subject[str(row["subject"])][PURSE].lots[row["expires_at"]] = row["points"]
    summed = [each.participant for each in people if each.is_summed]
    if summed:
        for row in await connection.fetch(_SUM_LOTS, *participant_columns(summed)):
            purse = by_subject[str(row["subject"])][PURSE]
            purse.other_lot_points = row["points"] - sum(purse.lots.values())


async def load_next_endings(
    connection: Connection, participants: Collection[Participant], limit: int, room: Room
) -> None:
    """Fills in the next `limit` lots and the next `limit` open holds of each participant, if there is room for the lots
    of the holds."""
    by_subject = _with_endings(participants)
    if by_subject:
        await _load_next_lots(connection, by_subject, limit)
        rows = await connection.fetch(_NEXT_HOLDS, *participant_columns(by_subject.values()), limit, room.longest)
        _fill_in_holds(by_subject, rows, room)


async def _load_next_lots(connection: Connection, by_subject: Mapping[str, Participant], limit: int) -> Counter[str]:
    """Fills in the next lots. Returns their number by subject."""
    loaded: Counter[str] = Counter()
    subject, name = None, ""
    for row_subject, expires_at, points in await connection.fetch(
        _NEXT_LOTS, *participant_columns(by_subject.values()), limit
    ):
        if row_subject != subject:
            subject, name = row_subject, str(row_subject)
        by_subject[name][PURSE].lots[expires_at] = points
        loaded[name] += 1
    return loaded


async def load_needed_lots(connection: Connection, loading: Loading, command_needs: Sequence[CommandNeeds]) -> None:
    """Loads the lots from which commands take points, or to which they return points. The lots of settlements are
    loaded already."""
    people: dict[str, NeededLots] = {}
    for each in command_needs:
        who = each.participant
        need = None if _is_settled(each, loading) else lots_of(each.definitions, who, each.command, each.needs)
        if need is not None:
            people.setdefault(who.subject, NeededLots(who, each.now)).add(need)
    if people:
        await load_lots(connection, people.values(), loading.share, loading.room)


async def count_lots(connection: Connection, loading: Loading, command_needs: Sequence[CommandNeeds]) -> None:
    """Fills in the number of lots that are not loaded, up to the limit, and the number of open holds."""
    counting: dict[str, Participant] = {}
    for each in command_needs:
        who, needs = each.participant, each.needs
        is_refused = needs[LOTS] is not None and lots_of(each.definitions, who, each.command, needs) is None
        if not _is_settled(each, loading) and not is_refused:
            counting[who.subject] = who
    by_subject = _with_endings(counting.values())
    if by_subject:
        for row in await connection.fetch(_COUNT_LOTS, *participant_columns(by_subject.values())):
            purse = by_subject[str(row["subject"])][PURSE]
            purse.other_lots = max(0, row["lots"] - len(purse.lots))
            purse.open_holds = row["open_holds"]


def _is_settled(command_needs: CommandNeeds, loading: Loading) -> bool:
    """Whether nothing more has to be loaded: the command is a settlement, or there is no room."""
    return command_needs.settles or command_needs.participant.subject in loading.room.refused


def _with_endings(participants: Iterable[Participant]) -> dict[str, Participant]:
    """The participants with a next expiry, by subject."""
    return {p.subject: p for p in participants if p.next_expiry_at is not None}


def _fill_in_holds(by_subject: Mapping[str, Participant], rows: Iterable[asyncpg.Record], room: Room) -> None:
    for row in rows:
        subject = str(row["subject"])
        if room.take(subject, row["number"]):
            by_subject[subject][PURSE].holds[str(row["id"])] = hold_from(row)


async def load_holds(connection: Connection, loading: Loading, command_needs: Sequence[CommandNeeds]) -> None:
    """Fills in the named holds, open or not, if there is room."""
    room, of_holds = loading.room, needed_ids(command_needs, HOLDS)
    if not of_holds:
        return
    by_subject = {p.subject: p for p, _ in of_holds}
    rows = [(p.lane, p.subject, hold_id) for p, hold_id in of_holds]
    _fill_in_holds(by_subject, await connection.fetch(_HOLDS, *columns(rows), room.longest), room)


async def load_transactions(connection: Connection, loading: Loading, command_needs: Sequence[CommandNeeds]) -> None:
    """Fills in the named transactions, without metadata, and the points already reversed, if there is room."""
    room, transactions = loading.room, needed_ids(command_needs, TRANSACTIONS)
    if not transactions:
        return
    by_subject = {p.subject: p for p, _ in transactions}
    rows = [(p.lane, p.subject, transaction_id) for p, transaction_id in transactions]
    kinds = list(loading.game.facts_of(PointsFact))
    for row in await connection.fetch(_TRANSACTIONS, *columns(rows), kinds, room.longest):
        subject = str(row["subject"])
        if room.take(subject, row["number"]):
            fact = loading.game.fact_from(row["kind"], row["data"])
            by_subject[subject][PURSE].reversible[str(row["id"])] = ReversibleTransaction(
                fact, row["occurred_at"], row["reversed"]
            )


def hold_from(row: asyncpg.Record) -> Hold:
    return Hold(
        points=row["points"],
        expires_at=row["expires_at"],
        lots=lots_from(row["lots"]),
        status=row["status"],
        captured=row["captured"],
    )


async def next_lot(connection: Fetches, lane: int, subject: str, now: datetime) -> Lot | None:
    """The points that expire next, including those of holds whose end is due."""
    rows = await connection.fetch(_NEXT_LOT, lane, subject, now)
    return Lot(rows[0]["expires_at"], rows[0]["points"]) if rows else None
