"""Closing windows: the result of a window is stored a day after its end, and announced in the feed."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID, uuid5

import asyncpg

from laurels.kernel.definition import Definitions
from laurels.kernel.feed import FeedData, FeedType
from laurels.mechanics.leaderboards import generations, results
from laurels.mechanics.leaderboards.feed import CLOSED, PLACED, LeaderboardClosedData, LeaderboardPlacedData
from laurels.mechanics.leaderboards.leaves import layout
from laurels.mechanics.leaderboards.scoring import rules, windows
from laurels.mechanics.leaderboards.scoring.model import Generation, Leaderboard
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.feed import outbox
from laurels.storage.feed.outbox import LATE_AFTER, Announcement
from laurels.storage.postgres.database import Connection

CLOSING_SECONDS = 1.0
PLACES_ANNOUNCED = 100

# Under the locks of the accounts, so that no erasure of these people takes place at the same time. `sequence` is the
# number of the participant's last fact.
_PLACED = """
SELECT r.place, r.rank, r.score, r.subject, p.participant_id, a.seq AS sequence
FROM board_result r
JOIN account a ON a.lane = r.lane AND a.subject = r.subject
JOIN participant p ON p.lane = r.lane AND p.subject = r.subject
WHERE r.definition_id = $1 AND r.period = $2 AND r.place <= $3
ORDER BY a.lane, a.subject
FOR NO KEY UPDATE OF a
"""

_BOARD = """
SELECT d.created_at, c.total FROM definition d JOIN board_closing c ON c.definition_id = d.id
WHERE d.id = $1 AND c.period = $2
"""


async def close_windows(connection: Connection, cache: DefinitionsCache) -> bool:
    """Stores the results of windows that ended a day ago. False if there is more to do."""
    until = time.monotonic() + CLOSING_SECONDS
    for project_id in await generations.projects_with_boards(connection):
        known = await cache.newest(connection, project_id)
        now = known.calendar.at(datetime.now(UTC))
        for board in known[Leaderboard].by_code.values():
            ready = [each for each in board.generations if each.is_ready and each.layout == "leaves"]
            if ready and not await _Closing(connection, project_id, known, board, ready[-1], now).run(until):
                return False
    return True


class _Window(NamedTuple):
    """A window under its stored name, and the time from which it has a result."""

    name: str
    closed_at: datetime


class _Closing:
    """The windows of one board that have ended."""

    def __init__(
        self,
        connection: Connection,
        project_id: int,
        known: Definitions,
        board: Leaderboard,
        generation: Generation,
        now: datetime,
    ) -> None:
        self._connection = connection
        self._project_id = project_id
        self._known = known
        self._board = board
        self._generation = generation
        self._now = now

    async def run(self, until: float) -> bool:
        """False if there is more to do."""
        calendar = self._known.calendar
        stored = await results.stored_names(self._connection, self._board.id)
        for key in await layout.windows(self._connection, self._generation.id):
            name = results.name_of(self._generation, key, calendar)
            if name is None or name in stored or not results.has_closed(self._generation, key, self._now, calendar):
                continue
            if time.monotonic() >= until:
                return False
            async with self._connection.transaction():
                is_stored = await results.store_result(
                    self._connection, self._board.id, self._generation, key, name, self._now
                )
                if is_stored:
                    await self._announce(key, name)
        return True

    async def _announce(self, key: int, name: str) -> None:
        """Adds the events of a result that was stored. Windows that ended before the board was created have none."""
        listened = self._known.announcing.types & {CLOSED.name, PLACED.name}
        ends_at = windows.ends_at(self._generation, key, self._known.calendar)
        if not listened or ends_at is None:
            return
        board = await self._connection.fetchrow(_BOARD, self._board.id, name)
        if board is None or ends_at <= board["created_at"]:
            return
        placed: list[asyncpg.Record] = []
        if PLACED.name in listened:
            placed = await self._connection.fetch(_PLACED, self._board.id, name, PLACES_ANNOUNCED)
        closed = self._closed(key, board["total"])
        window = _Window(name, ends_at + results.CLOSES_AFTER)
        events = [self._event(CLOSED, closed, window), *self._placed(closed, window, placed)]
        await outbox.add(self._connection, [event for event in events if event.type in listened])

    def _closed(self, key: int, total: int) -> LeaderboardClosedData:
        season = windows.season_place(key)
        return LeaderboardClosedData(
            leaderboard_code=self._board.code,
            leaderboard_name=self._board.name,
            period=windows.window_of(key)[0] if season is None else self._generation.seasons[season].code,
            period_key=windows.period_name(key, self._known.calendar),
            total_participants=total,
        )

    def _placed(
        self, closed: LeaderboardClosedData, window: _Window, placed: list[asyncpg.Record]
    ) -> Iterator[Announcement]:
        """The events of the first places, the best first."""
        score = self._generation.ranked_by[0]
        for row in sorted(placed, key=itemgetter("place")):
            data = LeaderboardPlacedData(
                leaderboard_code=closed.leaderboard_code,
                leaderboard_name=closed.leaderboard_name,
                period=closed.period,
                period_key=closed.period_key,
                rank=row["rank"],
                score=rules.shown(self._known.game, score, row["score"]) or 0,
                total_participants=closed.total_participants,
            )
            yield self._event(PLACED, data, window, row)

    def _event(
        self, type_: FeedType, data: FeedData, window: _Window, person: asyncpg.Record | None = None
    ) -> Announcement:
        """The id is the same whenever it is computed, and does not contain the participant's id."""
        subject = person["subject"] if person else ""
        return Announcement(
            id=str(uuid5(UUID(self._board.id), f"{type_.name} {window.name} {subject}")),
            project_id=self._project_id,
            type=type_.name,
            participant_id=person["participant_id"] if person else None,
            sequence=person["sequence"] if person else None,
            occurred_at=window.closed_at,
            recorded_at=self._now,
            historical=self._now - window.closed_at > LATE_AFTER,
            data=data,
        )
