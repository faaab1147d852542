"""Leaderboards: the top, a participant's rank and neighbours, and the boards' definitions."""

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import UNSET, Meta, Struct, structs

from laurels.kernel.input.fields import ParticipantId
from laurels.kernel.rejections import ParticipantNotFound
from laurels.mechanics.leaderboards import generations, ranks
from laurels.mechanics.leaderboards.definition import kind
from laurels.mechanics.leaderboards.examples import (
    LEADERBOARD_AMONG_REQUEST,
    LEADERBOARD_AMONG_RESPONSE,
    LEADERBOARD_STANDINGS_REFUSALS,
    LEADERBOARD_STANDINGS_RESPONSE,
    PARTICIPANT_RANK_REFUSALS,
    PARTICIPANT_RANK_RESPONSE,
    PARTICIPANT_RANKS_RESPONSE,
)
from laurels.mechanics.leaderboards.generations import OlderServersError, Status
from laurels.mechanics.leaderboards.places import BoardQuery, Place, WindowQuery, places_of, read_at
from laurels.mechanics.leaderboards.responses import (
    BoardAnswer,
    ParticipantRanksAnswer,
    RankAnswer,
    board_answer,
    first_rank,
    progress,
    window_rank,
)
from laurels.mechanics.leaderboards.result_reads import result_reply
from laurels.mechanics.leaderboards.scoring import entries, rules
from laurels.mechanics.leaderboards.scoring.model import Scoring, ScoringRules
from laurels.mechanics.leaderboards.scoring.rules import Change
from laurels.storage.definitions import DefinitionRow
from laurels.storage.postgres.database import Connection, Fetches
from laurels.web.definition_editor import Edit
from laurels.web.definitions import DeclaredResource
from laurels.web.endpoint import Reply, Request, Routes
from laurels.web.pages import cursor_text, position_in
from laurels.web.protocol.errors import invalid, invalid_value, refusal_for, unavailable

routes = Routes(
    "Leaderboards",
    about="Ranks by points or events, over all time and in each year, month, week and day. Guides: "
    "[Leaderboards](docs/leaderboards.md), [A league table](docs/league-table.md), "
    "[Competitions](docs/competitions.md).",
)

BoardStatus = Annotated[
    Status,
    Meta(description="Whether the board is filled: `waiting`, `filling`, `ready`, or `retired` once it is deleted."),
]
BoardProgress = Annotated[float, Meta(description="How much of the board is filled, 0 to 1.")]

MOST_AMONG = 500


class AmongRequest(Struct, frozen=True, kw_only=True):
    """The participants of a ranking among friends, and the window."""

    participant_ids: Annotated[list[ParticipantId], Meta(min_length=1, max_length=MOST_AMONG)]
    """The participants. Participants without a score in the window are not shown."""
    period: str | None = None
    """A time window or the code of a season; null for the board's own time window."""
    period_key: str | None = None
    """A past period, such as 2026-02; null for the current one."""
    include: str | None = None
    """`profile` adds names and avatars; null for neither."""


async def _on_edit(connection: Connection, edit: Edit) -> None:
    """A new or restored board, and a board with another scoring, starts a new generation."""
    row = edit.after
    if edit.is_deletion:
        await generations.retire(connection, row.id, row.updated_at)
        return
    scoring = _scoring(row)
    if edit.before is None or edit.is_restoration or _scoring(edit.before) != scoring:
        try:
            await generations.begin(connection, edit.project_id, row.id, scoring, row.version, row.updated_at)
        except OlderServersError:
            detail = "A server of an older version is running, which cannot count on this board; stop it and try again"
            raise unavailable(detail, generations.OLDER_SERVERS_SECONDS, code="older_server_running") from None


def _scoring(row: DefinitionRow) -> Scoring:
    """Of bodies that older servers have stored, the rules are missing."""
    body = row.body
    given = {name: body[name] for name in ScoringRules.__struct_fields__ if name in body}
    return Scoring(
        metric=body["metric"],
        event_name=body["event_name"],
        property=body["property"],
        rules=msgspec.convert(given, ScoringRules),
    )


async def _progress(connection: Fetches, rows: list[DefinitionRow]) -> dict[str, dict[str, Any]]:
    found = await generations.progress(connection, [row.id for row in rows])
    return {
        row.id: {
            "status": found[row.id].status if row.id in found else "retired",
            "progress": found[row.id].share if row.id in found else 1.0,
        }
        for row in rows
    }


resource = routes.place(
    DeclaredResource(
        kind,
        on_edit=_on_edit,
        extras=_progress,
        extra_fields=(("status", BoardStatus, "ready"), ("progress", BoardProgress, 1.0)),
    )
)


@routes.get(
    "/gamify/leaderboards/{code}",
    summary="Top of a leaderboard",
    query=BoardQuery,
    answers={200: BoardAnswer},
    answer_example=LEADERBOARD_STANDINGS_RESPONSE,
    refuses=(400, 404, 503),
    refusals=LEADERBOARD_STANDINGS_REFUSALS,
)
async def leaderboard_standings(request: Request[None, BoardQuery]) -> Reply:
    """The first `limit` places of a period, the places around a participant, or a ranking among some participants. Ties
    share a rank (1, 1, 3) and are listed in the order of the time at which they reached the score."""
    query = request.query
    has_profiles = _has_profiles(query.include)
    _check_parts(query)
    if query.result:
        return await result_reply(request, query, has_profiles=has_profiles)
    if query.among is not None:
        return await _among(request, query, query.among.split(","), has_profiles=has_profiles)
    cursor = _cursor(request) if query.after is not None else None
    place, page = await read_at(request, query, lambda place: _page(request, place, cursor))
    place = _of_cursor(place, cursor)
    first, ties = first_rank(page.entries)
    if cursor is not None and page.entries:
        first, ties = _first_after(cursor, page.entries)
    has_more = len(page.entries) > query.limit or (cursor is None and query.around is None and page.total > query.limit)
    page = structs.replace(page, entries=page.entries[: query.limit])
    ranked = rules.ranks([entry.value for entry in page.entries], first, ties)
    answer = await board_answer(request, place, page, ranked, has_profiles=has_profiles)
    if has_more and page.entries and place.generation.layout == "leaves":
        next_cursor = cursor_text(_context(request), structs.astuple(_cursor_after(place, page.entries[-1])))
        answer = structs.replace(answer, next_cursor=next_cursor)
    return Reply(msgspec.json.encode(answer))


@routes.post(
    "/gamify/leaderboards/{code}/among",
    summary="Ranking among some participants",
    body=AmongRequest,
    example=LEADERBOARD_AMONG_REQUEST,
    answers={200: BoardAnswer},
    answer_example=LEADERBOARD_AMONG_RESPONSE,
    refuses=(400, 404, 503),
    refusals=LEADERBOARD_STANDINGS_REFUSALS,
)
async def leaderboard_among(request: Request[AmongRequest, None]) -> Reply:
    """The same as `?among=`, for up to 500 participants in the request body. `rank` is the place among them,
    `global_rank` the place on the whole board."""
    body = request.body
    query = WindowQuery(period=body.period, period_key=body.period_key)
    return await _among(request, query, body.participant_ids, has_profiles=_has_profiles(body.include))


@routes.get(
    "/gamify/leaderboards/{code}/rank/{participant_id}",
    summary="Rank of a participant",
    query=WindowQuery,
    answers={200: RankAnswer},
    answer_example=PARTICIPANT_RANK_RESPONSE,
    refuses=(400, 404, 503),
    refusals=PARTICIPANT_RANK_REFUSALS,
)
async def participant_rank(request: Request[None, WindowQuery]) -> Reply:
    """`percentile` is the share of the board that the participant is ahead of."""
    name = _participant_id("participant_id", request.path[1])

    async def read(place: "Place") -> entries.ParticipantRank:
        return await ranks.rank(request.services.readers, request.project_id, place.generation, place.window_key, name)

    place, standing = await read_at(request, request.query, read)
    if not standing.is_known:
        raise refusal_for(ParticipantNotFound(name))
    answer = RankAnswer(
        participant_id=name,
        rank=standing.rank,
        score=place.score(standing.score or 0),
        tie_values=UNSET if standing.rank is None else place.tie_values(standing.tie_values),
        total_participants=standing.total,
        percentile=rules.percentile(standing.rank, standing.total) if standing.rank else None,
        progress=await progress(request, place),
    )
    return Reply(msgspec.json.encode(answer))


@routes.get(
    "/gamify/leaderboards/{code}/ranks/{participant_id}",
    summary="Ranks of a participant in all windows",
    answers={200: ParticipantRanksAnswer},
    answer_example=PARTICIPANT_RANKS_RESPONSE,
    refuses=(400, 404, 503),
    refusals=PARTICIPANT_RANK_REFUSALS,
)
async def participant_ranks(request: Request[None, None]) -> Reply:
    """The participant's rank in the current period of each time window that the board keeps, and in each season."""
    name = _participant_id("participant_id", request.path[1])

    async def read(place: Place) -> _RanksInWindows:
        places = list(places_of(place))
        keys = [each.window_key for each in places]
        found = await request.services.readers.in_snapshot(
            lambda connection: ranks.in_windows(connection, request.project_id, place.generation, keys, name)
        )
        return _RanksInWindows(places, found)

    place, found = await read_at(request, WindowQuery(), read)
    if not found.standings[0].is_known:
        raise refusal_for(ParticipantNotFound(name))
    answer = ParticipantRanksAnswer(
        participant_id=name,
        leaderboard_code=place.board.code,
        ranks=[window_rank(each, standing) for each, standing in zip(found.places, found.standings, strict=True)],
        progress=await progress(request, place),
    )
    return Reply(msgspec.json.encode(answer))


class _RanksInWindows(NamedTuple):
    """The windows of a board, and a participant's rank in each."""

    places: list[Place]
    standings: list[entries.ParticipantRank]

    @property
    def version(self) -> int:
        return self.standings[0].version


async def _among(
    request: Request[Any, Any], query: WindowQuery, participant_ids: Sequence[str], *, has_profiles: bool
) -> Reply:
    if len(participant_ids) > MOST_AMONG:
        raise invalid("among", f"must name at most {MOST_AMONG} participants")
    names = sorted({_participant_id("among", name) for name in participant_ids})

    async def read(place: Place) -> entries.BoardPage:
        if place.generation.layout == "counts":
            detail = "The leaderboard is being converted to the form of this version; try again shortly"
            raise unavailable(detail, code="older_server_running")
        return await request.services.readers.in_snapshot(
            lambda connection: ranks.among(connection, request.project_id, place.generation, place.window_key, names)
        )

    place, page = await read_at(request, query, read)
    values = [entry.value for entry in page.entries]
    ranked = rules.ranks(values, 1, values.count(values[0]) if values else 0)
    answer = await board_answer(request, place, page, ranked, has_profiles=has_profiles)
    with_global_ranks = [
        structs.replace(shown, global_rank=entry.own_rank, change=_change(place, page, entry))
        for shown, entry in zip(answer.entries, page.entries, strict=True)
    ]
    return Reply(msgspec.json.encode(structs.replace(answer, entries=with_global_ranks)))


def _change(place: Place, page: entries.BoardPage, entry: entries.RankedEntry) -> Change | None:
    """The change of the rank on the whole board."""
    if place.is_past or entry.own_rank is None:
        return None
    return rules.change(entry.own_rank, entry.joined_at, page.ticked_at, entry.rank_then)


def _check_parts(query: BoardQuery) -> None:
    given = [name for name in ("around", "among", "after") if getattr(query, name) is not None]
    if query.result and given and given[0] != "after":
        raise invalid("result", f"and {given[0]} cannot be combined; send one of them")
    if len(given) > 1:
        raise invalid(given[0], f"and {given[1]} cannot be combined; send one of them")


def _has_profiles(include: str | None) -> bool:
    if include not in (None, "profile"):
        raise invalid("include", "must be profile")
    return include is not None


def _participant_id(field: str, text: str) -> str:
    try:
        return msgspec.convert(text, ParticipantId)
    except msgspec.ValidationError as error:
        raise invalid(field, invalid_value(error).errors[0].message) from None


def _context(request: Request[None, BoardQuery]) -> bytes:
    """A cursor belongs to one board and window."""
    query = request.query
    return msgspec.msgpack.encode(("standings", request.project_id, request.path, query.period, query.period_key))


def _cursor(request: Request[None, BoardQuery]) -> entries.Cursor:
    cursor: entries.Cursor = position_in(_context(request), request.query.after or "", entries.Cursor)
    return cursor


def _cursor_after(place: Place, entry: entries.RankedEntry) -> entries.Cursor:
    return entries.Cursor(
        generation=place.generation.id,
        window_key=place.window_key,
        value=(entry.score, *entry.tie_values),
        reached_at=entry.reached_at,
        participant_id=entry.participant_id,
    )


def _of_cursor(place: Place, cursor: entries.Cursor | None) -> Place:
    """The place, in the window that the cursor names: a new period may have begun since then."""
    if cursor is None or cursor.generation != place.generation.id or cursor.window_key == place.window_key:
        return place
    return structs.replace(place, window_key=cursor.window_key, is_past=True)


def _first_after(cursor: entries.Cursor, listed: Sequence[entries.RankedEntry]) -> tuple[int, int]:
    """The rank of the first entry after the cursor, and the number of people who share it."""
    first = listed[0]
    rank, ties = first.own_rank or 1, first.ties or 0
    if first.value == cursor.value:
        return rank, ties
    return rank + ties, sum(entry.value == first.value for entry in listed)


async def _page(request: Request[None, BoardQuery], place: Place, cursor: entries.Cursor | None) -> entries.BoardPage:
    readers, query = request.services.readers, request.query
    if cursor is not None:
        at = _of_cursor(place, cursor)
        here = structs.replace(cursor, generation=at.generation.id, window_key=at.window_key)
        return await ranks.after(readers, request.project_id, here, query.limit)
    where = (request.project_id, place.generation, place.window_key, query.limit)
    if query.around is None:
        return await ranks.top(readers, *where)
    return await ranks.around(readers, *where, query.around)
