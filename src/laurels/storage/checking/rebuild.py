"""Folding the journal anew, and holding every projection against what comes of it."""

from collections import defaultdict
from datetime import datetime
from typing import Any

import asyncpg
from msgspec import structs

from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.fold import fold
from laurels.kernel.model import Account, Participant
from laurels.mechanics.challenges import store as challenges
from laurels.mechanics.challenges.model import ChallengeState
from laurels.mechanics.leaderboards.model import Leaderboard
from laurels.mechanics.leaderboards.rules import ALL_TIME_KEY, counting, gains
from laurels.mechanics.points import store as economy
from laurels.mechanics.points.model import AwardReversed, DeductReversed
from laurels.mechanics.rewards import store as rewards
from laurels.mechanics.streaks.store import state_from
from laurels.mechanics.tiers.model import TierAssigned, TierReached
from laurels.storage.checking.invariants import FETCH_ROWS, Finding
from laurels.storage.database import Connection
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.facts import fact_from
from laurels.storage.load import account_from

# Score, facts, reached_at, joined_at.
StandingRow = tuple[int, int, datetime, datetime]

LATEST_TIMES = ("latest_at", "latest_earned_at", "latest_spent_at", "latest_event_at")

REBUILT = "folding the journal anew gives every projection as stored"


async def rebuild(connection: Connection, lanes: range) -> Finding:
    """Walks accounts, journal and projections side by side, all in the order of (lane, subject), in the open
    transaction."""
    finding = Finding(REBUILT)
    known = await _all_definitions(connection)
    of_lanes = f"lane >= {lanes.start} AND lane < {lanes.stop}"
    being_erased = await connection.fetch("SELECT lane, subject, is_deletion FROM erasure")
    # Of these neither the facts are whole nor the projections.
    skipped = {(row["lane"], row["subject"]) for row in being_erased}
    left_over_facts = ", ".join(f"'{row['subject']}'" for row in being_erased if row["is_deletion"])
    not_left_over = f"AND subject NOT IN ({left_over_facts})" if left_over_facts else ""
    # Only boards need it, and reading a moment is a tenth of what a fact costs.
    recorded_at = "recorded_at" if any(counting(each) for each in known.values()) else "NULL"
    columns = f"lane, subject, id, seq, kind, data, occurred_at, {recorded_at} AS recorded_at"
    facts = f"SELECT {columns} FROM journal WHERE {of_lanes} {not_left_over} ORDER BY lane, subject, seq"  # noqa: S608
    entries = _Grouped(connection, facts)
    stored = _Stored(connection, of_lanes)
    accounts = connection.cursor(
        f"""
        SELECT a.*, p.project_id, p.anonymised_at IS NOT NULL AS is_anonymised
        FROM account a LEFT JOIN participant p USING (lane, subject) WHERE {of_lanes} ORDER BY lane, subject
        """,  # noqa: S608
        prefetch=FETCH_ROWS,
    )
    async for row in accounts:
        place = (row["lane"], row["subject"])
        rebuilt = _fold_all(known.get(row["project_id"]), row, await entries.take(place))
        for what, present in (await stored.take(row)).items():
            is_different = rebuilt[what] != present and _as_kept(rebuilt[what], present) != present
            if is_different and place not in skipped:
                finding.add(f"{row['subject']}: stored {what} {present}, rebuilt {rebuilt[what]}")
    for left_over in (entries, *stored.rows.values()):
        if place_left := await left_over.next_place():
            finding.add(f"{place_left[1]}: rows without an account")
    return finding


def _as_kept(rebuilt: Any, stored: Any) -> Any:
    """What of `rebuilt` is to be held against `stored`. Older servers kept no latest times: one that is missing, or
    earlier than the facts say, is no difference; one that is later is."""
    if isinstance(rebuilt, dict):
        return {name: _as_kept(value, stored.get(name)) for name, value in rebuilt.items()}
    if not isinstance(rebuilt, Account | ChallengeState) or not isinstance(stored, type(rebuilt)):
        return rebuilt
    times = {name: (getattr(rebuilt, name), getattr(stored, name)) for name in LATEST_TIMES if hasattr(rebuilt, name)}
    kept = {name: then for name, (now, then) in times.items() if then is None or (now is not None and then < now)}
    return structs.replace(rebuilt, **kept)


async def _all_definitions(connection: Connection) -> dict[int, Definitions]:
    """By project: the calendar, and the generations of leaderboards that are filled."""
    cache = DefinitionsCache()
    found = {}
    for row in await connection.fetch("SELECT id FROM project"):
        known = await cache.newest(connection, row["id"])
        ready = [
            structs.replace(board, generations=tuple(g for g in board.generations if g.is_ready))
            for board in known[Leaderboard].by_id.values()
        ]
        found[row["id"]] = Definitions(known.version, ready, known.calendar)
    return found


def _fold_all(definitions: Definitions | None, account: asyncpg.Record, rows: list[asyncpg.Record]) -> dict[str, Any]:
    """All projections of one participant from the facts alone."""
    folded = Participant(
        project_id=account["project_id"],
        participant_id="",
        lane=account["lane"],
        subject=str(account["subject"]),
        exists=True,
        account=Account(),
    )
    tiers = []
    standings: dict[tuple[int, int], StandingRow] = {}
    reversals: dict[str, int] = defaultdict(int)
    is_ranked = definitions is not None and counting(definitions) and not account["is_anonymised"]
    for _, _, entry_id, seq, kind, data, occurred_at, recorded_at in rows:
        fact = fact_from(kind, data)
        entry = Entry(str(entry_id), seq, fact, occurred_at)
        fold(folded, entry)
        match fact:
            case TierReached() | TierAssigned() if fact.tier_id != fact.previous_tier_id:
                tiers.append((seq, fact.tier_id))
            case AwardReversed() | DeductReversed():
                reversals[fact.transaction_id] += fact.amount
        if is_ranked and definitions is not None:
            _stand(standings, definitions, entry, recorded_at)
    return {
        "account": folded.account,
        "tier history": tiers,
        "badges": folded.badges,
        "streaks": folded.streaks,
        "challenges": folded.challenges,
        "uses of limits": folded.limit_uses,
        "lots": folded.lots,
        "holds": folded.holds,
        "claims": folded.claims,
        "reversals": reversals,
        "standings": standings,
    }


def _stand(
    standings: dict[tuple[int, int], StandingRow], definitions: Definitions, entry: Entry, recorded_at: datetime
) -> None:
    for gain in gains(definitions, [entry]):
        for window_key in (ALL_TIME_KEY, *gain.windows):
            score, facts, reached_at, joined_at = standings.get(
                (gain.generation, window_key), (0, 0, gain.occurred_at, recorded_at)
            )
            standings[gain.generation, window_key] = (
                score + gain.score,
                facts + 1,
                max(reached_at, gain.occurred_at),
                min(joined_at, recorded_at),
            )


class _Stored:
    """The projections as they are stored."""

    def __init__(self, connection: Connection, of_lanes: str) -> None:
        ready = "generation IN (SELECT id FROM board_generation WHERE status = 'ready')"
        self.rows = {
            name: _Grouped(connection, f"SELECT * FROM {rows} AND {of_lanes} ORDER BY lane, subject")  # noqa: S608
            for name, rows in {
                "tier history": "tier_history WHERE true",
                "badges": "earned_badge WHERE true",
                "streaks": "streak_state WHERE true",
                "challenges": "challenge_state WHERE true",
                "uses of limits": "limit_use WHERE true",
                "lots": "point_lot WHERE true",
                "holds": "hold WHERE true",
                "claims": "claim WHERE true",
                "reversals": "reversal WHERE true",
                "standings": f"standing WHERE {ready}",
            }.items()
        }

    async def take(self, account: asyncpg.Record) -> dict[str, Any]:
        place = (account["lane"], account["subject"])
        rows = {name: await grouped.take(place) for name, grouped in self.rows.items()}
        return {
            "account": account_from(account),
            "tier history": sorted((row["seq"], str(row["tier_id"])) for row in rows["tier history"]),
            "badges": {str(row["badge_id"]): row["earned_at"] for row in rows["badges"]},
            "streaks": {str(row["streak_id"]): state_from(row["longest"], row["runs"]) for row in rows["streaks"]},
            "challenges": {str(row["challenge_id"]): challenges.state_from(row["state"]) for row in rows["challenges"]},
            "uses of limits": {
                (str(row["definition_id"]), row["window_key"]): row["uses"] for row in rows["uses of limits"]
            },
            "lots": {row["expires_at"]: row["points"] for row in rows["lots"]},
            "holds": {str(row["id"]): economy.hold_from(row) for row in rows["holds"]},
            "claims": {str(row["id"]): rewards.claim_from(row) for row in rows["claims"]},
            "reversals": {str(row["transaction_id"]): row["points"] for row in rows["reversals"]},
            "standings": {
                (row["generation"], row["window_key"]): (
                    row["score"],
                    row["facts"],
                    row["reached_at"],
                    row["joined_at"],
                )
                for row in rows["standings"]
            },
        }


class _Grouped:
    """Rows in the order of (lane, subject), taken one participant at a time."""

    def __init__(self, connection: Connection, query: str) -> None:
        self._connection = connection
        self._query = query
        self._cursor: Any = None
        self._rows: list[asyncpg.Record] = []
        self._next = 0
        self._has_ended = False

    async def next_place(self) -> tuple[int, Any] | None:
        if self._next == len(self._rows) and not self._has_ended:
            await self._fetch()
        if not self._rows:
            return None
        row = self._rows[self._next]
        return row["lane"], row["subject"]

    async def take(self, place: tuple[int, Any]) -> list[asyncpg.Record]:
        """The rows of `place`, none if the next ones belong to a later place."""
        taken: list[asyncpg.Record] = []
        if self._has_ended:
            return taken
        while await self.next_place() == place:
            first, rows = self._next, self._rows
            end = first + 1
            while end < len(rows) and rows[end]["subject"] == place[1] and rows[end]["lane"] == place[0]:
                end += 1
            taken += rows[first:end]
            self._next = end
        return taken

    async def _fetch(self) -> None:
        if self._cursor is None:
            self._cursor = await self._connection.cursor(self._query)
        self._rows = await self._cursor.fetch(FETCH_ROWS)
        self._next = 0
        self._has_ended = not self._rows
