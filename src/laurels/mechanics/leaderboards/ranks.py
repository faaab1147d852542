"""Ranks: pages of a board, one participant's place, and the ranks of a tick to compare later ones with.

A page of the top, around a participant or after a cursor, and a rank are each one statement, so that their order, ranks
and totals are of one moment. A ranking among friends and the ranks in all windows are several statements, in a snapshot
of the caller's.
"""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
from msgspec import structs

from laurels.mechanics.leaderboards.counted import ranks as counted
from laurels.mechanics.leaderboards.leaves import lists, reading
from laurels.mechanics.leaderboards.scoring.entries import BoardPage, Cursor, ParticipantRank, page_of
from laurels.mechanics.leaderboards.scoring.model import Generation
from laurels.mechanics.leaderboards.scoring.rules import RANKS_KEPT
from laurels.mechanics.leaderboards.scoring.windows import keys_beside
from laurels.storage.lanes import lane_of
from laurels.storage.postgres.database import Connection, Fetches

# A limit that is a parameter makes PostgreSQL plan for a tenth of the table. So there is a statement for each of these.
_LIMITS = (10, 20, 50, 100)
_TOPS = {limit: reading.top(limit) for limit in _LIMITS}
_AROUNDS = {limit: reading.around(limit) for limit in _LIMITS}
_AFTERS = {limit: lists.after(limit) for limit in _LIMITS}


_TICK = reading.first_ranks(RANKS_KEPT)


async def top(connection: Fetches, project_id: int, generation: Generation, window_key: int, limit: int) -> BoardPage:
    """The first `limit`, up to 100."""
    if generation.layout == "counts":
        return await counted.top(connection, project_id, generation.id, window_key, limit)
    rows = await connection.fetch(_TOPS[_rounded_up(limit)], project_id, generation.id, window_key)
    return page_of(rows[:limit])


async def around(
    connection: Fetches, project_id: int, generation: Generation, window_key: int, limit: int, participant_id: str
) -> BoardPage:
    """The participant among `limit` neighbours, up to 100; nobody without a score in the window."""
    if generation.layout == "counts":
        return await counted.around(connection, project_id, generation.id, window_key, limit, participant_id)
    lane = lane_of(project_id, participant_id)
    statement = _AROUNDS[_rounded_up(limit)]
    return page_of(
        await connection.fetch(statement, project_id, generation.id, window_key, lane, participant_id, limit)
    )


async def after(connection: Fetches, project_id: int, cursor: Cursor, limit: int) -> BoardPage:
    """The rows after a cursor, up to 100, and one more if others follow. `own_rank` and `ties` of each row are the rank
    of the cursor's value and the number of people with it."""
    place = (project_id, cursor.generation, cursor.window_key, *cursor.value, cursor.reached_at, cursor.participant_id)
    return page_of(await connection.fetch(_AFTERS[_rounded_up(limit)], *place))


async def among(
    connection: Connection, project_id: int, generation: Generation, window_key: int, participant_ids: Sequence[str]
) -> BoardPage:
    """The standings of these participants, the best first. `own_rank` is the rank on the whole board. It is read by a
    statement for each participant, as no read of a rank looks at more than a part of the leaves. All are sent at once,
    in the caller's snapshot."""
    lanes = [lane_of(project_id, participant_id) for participant_id in participant_ids]
    page = page_of(
        await connection.fetch(lists.AMONG, project_id, generation.id, window_key, lanes, list(participant_ids))
    )
    wanted = [
        (project_id, generation.id, window_key, lane_of(project_id, entry.participant_id), entry.participant_id)
        for entry in page.entries
    ]
    rows = await connection.fetchmany(reading.RANK, wanted) if wanted else []
    ranked = [structs.replace(entry, own_rank=row["rank"]) for entry, row in zip(page.entries, rows, strict=True)]
    return structs.replace(page, entries=ranked)


def _rounded_up(limit: int) -> int:
    return next(known for known in _LIMITS if limit <= known)


async def rank(
    connection: Fetches, project_id: int, generation: Generation, window_key: int, participant_id: str
) -> ParticipantRank:
    if generation.layout == "counts":
        return await counted.rank(connection, project_id, generation.id, window_key, participant_id)
    lane = lane_of(project_id, participant_id)
    return _rank_of(
        (await connection.fetch(reading.RANK, project_id, generation.id, window_key, lane, participant_id))[0]
    )


async def in_windows(
    connection: Connection, project_id: int, generation: Generation, window_keys: Sequence[int], participant_id: str
) -> list[ParticipantRank]:
    """The ranks of a participant in several windows, in the caller's snapshot."""
    if generation.layout == "counts":
        return [await rank(connection, project_id, generation, key, participant_id) for key in window_keys]
    lane = lane_of(project_id, participant_id)
    wanted = [(project_id, generation.id, key, lane, participant_id) for key in window_keys]
    return [_rank_of(row) for row in await connection.fetchmany(reading.RANK, wanted)]


def _rank_of(row: asyncpg.Record) -> ParticipantRank:
    return ParticipantRank(
        version=row["definitions_version"],
        is_known=row["is_known"],
        score=row["score"],
        tie_values=(row["tie_1"] or 0, row["tie_2"] or 0, row["tie_3"] or 0),
        rank=row["rank"],
        total=row["total"],
    )


async def tick(connection: Connection, generation: Generation, window_key: int, number: int, now: datetime) -> None:
    """Stores the current first ranks for comparison with later ones, unless another server has just done so. Removes
    the ranks of earlier periods of the same window."""
    taken = await connection.fetchval(
        """
        INSERT INTO board_tick AS t (generation, window_key, number, ticked_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (generation, window_key) DO UPDATE SET number = $3, ticked_at = $4 WHERE t.number <> $3
        RETURNING true
        """,
        generation.id,
        window_key,
        number,
        now,
    )
    if not taken:
        return
    of_window = (generation.id, *keys_beside(window_key))
    await connection.execute(
        "DELETE FROM ticked_rank WHERE generation = $1 AND window_key BETWEEN $2 AND $3", *of_window
    )
    await connection.execute(
        "DELETE FROM board_tick WHERE generation = $1 AND window_key BETWEEN $2 AND $3 AND window_key <> $4",
        *of_window,
        window_key,
    )
    if generation.layout == "counts":
        await connection.execute(counted.TICK, generation.id, window_key)
    else:
        await connection.execute(_TICK, 0, generation.id, window_key)


async def ticks_done(connection: Fetches, generations: Sequence[int]) -> dict[tuple[int, int], int]:
    """Generation and window key to the number of the last tick."""
    rows = await connection.fetch(
        "SELECT generation, window_key, number FROM board_tick WHERE generation = ANY ($1::integer[])", generations
    )
    return {(row["generation"], row["window_key"]): row["number"] for row in rows}
