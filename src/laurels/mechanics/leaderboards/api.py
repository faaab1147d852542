"""Leaderboards: the top, a participant's rank and neighbours, and the boards' definitions."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from laurels.kernel.definition import Definitions
from laurels.kernel.input.fields import ParticipantId
from laurels.kernel.measures import Measure
from laurels.kernel.rejections import DefinitionInactive, DefinitionNotFound, ParticipantNotFound
from laurels.mechanics.leaderboards import entries, generations, ranks, rules
from laurels.mechanics.leaderboards.definition import kind
from laurels.mechanics.leaderboards.examples import (
    LEADERBOARD_STANDINGS_REFUSALS,
    LEADERBOARD_STANDINGS_RESPONSE,
    PARTICIPANT_RANK_REFUSALS,
    PARTICIPANT_RANK_RESPONSE,
)
from laurels.mechanics.leaderboards.generations import Status
from laurels.mechanics.leaderboards.model import Generation, Leaderboard, TimeWindow
from laurels.mechanics.leaderboards.rules import Change
from laurels.storage.definitions import DefinitionRow
from laurels.storage.postgres.database import Connection, Fetches
from laurels.web.definition_editor import Edit
from laurels.web.definitions import DeclaredResource
from laurels.web.endpoint import Reply, Request, Routes
from laurels.web.protocol.errors import invalid, invalid_value, refusal_for

routes = Routes(
    "Leaderboards",
    about="Ranks by points or events, over all time and in each year, month, week and day. Guides: "
    "[Leaderboards](docs/leaderboards.md), [A league table](docs/league-table.md).",
)

BoardStatus = Annotated[
    Status,
    Meta(description="Whether the board is filled: `waiting`, `filling`, `ready`, or `retired` once it is deleted."),
]
BoardProgress = Annotated[float, Meta(description="How much of the board is filled, 0 to 1.")]

Found = TypeVar("Found", entries.BoardPage, entries.ParticipantRank)

DEFAULT_LIMIT = 20


class WindowQuery(Struct, frozen=True, kw_only=True):
    period: Annotated[TimeWindow | None, Meta(description="The board's own time window if omitted.")] = None
    period_key: Annotated[
        str | None,
        Meta(
            description="A past period, such as 2026-02-14, 2026-W07, 2026-02 or 2026; the present one if omitted.",
            examples=["2026-02"],
        ),
    ] = None


class BoardQuery(WindowQuery, frozen=True, kw_only=True):
    limit: Annotated[int, Meta(ge=1, le=100)] = DEFAULT_LIMIT
    """The largest number of entries."""
    around: Annotated[ParticipantId | None, Meta(description="Show the neighbours of this participant.")] = None
    include: Annotated[str | None, Meta(description="`profile` adds names and avatars.")] = None


class BoardEntry(Struct, frozen=True, kw_only=True):
    """`change` compares with the rank of the last full hour (daily boards) or the last midnight: null beyond rank 1,000
    and for past periods."""

    rank: int
    """The place, from 1. Equal scores share a rank."""
    participant_id: str
    score: int | float
    """The participant's score in the window."""
    change: Change | None
    """The change of the rank since the last tick; `new` if the participant was not on the board then. Null beyond rank
    1,000 and for past periods."""
    display_name: str | UnsetType | None = UNSET
    """The participant's name, with `include=profile`; null if there is none."""
    avatar_url: str | UnsetType | None = UNSET
    """The address of the participant's image, with `include=profile`; null if there is none."""


class BoardAnswer(Struct, frozen=True, kw_only=True):
    """`progress` is there while a new board is being filled from history: 0 to 1."""

    leaderboard_code: str
    """The leaderboard's code."""
    period: TimeWindow
    """The time window of the scores."""
    entries: list[BoardEntry]
    """The participants, the best first."""
    total_participants: int
    """The number of participants with a score in the window."""
    period_key: str | None
    """The period, such as 2026-02-14, 2026-W07, 2026-02 or 2026; null for all time."""
    resets_at: datetime | None
    """When the window ends; null for all time and past periods."""
    progress: float | UnsetType = UNSET
    """How much of the board is filled, 0 to 1; left out once it is filled."""


class RankAnswer(Struct, frozen=True, kw_only=True):
    """Without a score in the period: `rank` and `percentile` are null and the score is 0. `progress` is there while a
    new board is being filled from history, 0 to 1: then a rank is that of what has been counted."""

    participant_id: str
    rank: int | None
    """The place, from 1; null without a score in the window."""
    score: int | float
    """The participant's score in the window; 0 without one."""
    total_participants: int
    """The number of participants with a score in the window."""
    percentile: float | None
    """The share of the participants that this one is ahead of, in percent with one decimal; null without a score."""
    progress: float | UnsetType = UNSET
    """How much of the board is filled, 0 to 1; left out once it is filled."""


async def _on_edit(connection: Connection, edit: Edit) -> None:
    """A new or restored board, and one that scores something else, starts a new generation."""
    row = edit.after
    if edit.is_deletion:
        await generations.retire(connection, row.id, row.updated_at)
        return
    scoring = _scoring(row)
    if edit.before is None or edit.is_restoration or _scoring(edit.before) != scoring:
        await generations.begin(connection, edit.project_id, row.id, scoring, row.version, row.updated_at)


def _scoring(row: DefinitionRow) -> tuple[str, str | None, str | None]:
    return row.body["metric"], row.body["event_name"], row.body["property"]


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
    """The first `limit` places of a period, or those around a participant. Ties share a rank (1, 1, 3) and are listed
    by who reached the score first."""
    query = request.query
    if query.include not in (None, "profile"):
        raise invalid("include", "knows `profile` only")
    place, page = await _read(request, query, lambda place: _page(request, place))
    scores = [entry.score for entry in page.entries]
    first_rank, ties = _first_rank(page.entries)
    ranked = rules.ranks(scores, first_rank, ties)
    answer = BoardAnswer(
        leaderboard_code=place.board.code,
        period=place.window,
        entries=[
            BoardEntry(
                rank=rank,
                participant_id=entry.participant_id,
                score=rules.shown(place.measure, entry.score),
                change=None if place.is_past else rules.change(rank, entry.joined_at, page.ticked_at, entry.rank_then),
                display_name=entry.display_name if query.include else UNSET,
                avatar_url=entry.avatar_url if query.include else UNSET,
            )
            for rank, entry in zip(ranked, page.entries, strict=True)
        ],
        total_participants=page.total,
        period_key=rules.period_name(place.window_key, place.definitions.calendar),
        resets_at=None if place.is_past else rules.resets_at(place.window_key, place.definitions.calendar),
        progress=UNSET if place.generation.is_ready else await _share(request, place.board),
    )
    return Reply(msgspec.json.encode(answer))


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
    try:
        name = msgspec.convert(request.path[1], ParticipantId)
    except msgspec.ValidationError as error:
        raise invalid("participant_id", invalid_value(error).errors[0].message) from None

    async def read(place: "_Place") -> entries.ParticipantRank:
        return await ranks.rank(request.services.readers, request.project_id, place.generation, place.window_key, name)

    place, standing = await _read(request, request.query, read)
    if not standing.is_known:
        raise refusal_for(ParticipantNotFound(name))
    answer = RankAnswer(
        participant_id=name,
        rank=standing.rank,
        score=rules.shown(place.measure, standing.score or 0),
        total_participants=standing.total,
        percentile=rules.percentile(standing.rank, standing.total) if standing.rank else None,
        progress=UNSET if place.generation.is_ready else await _share(request, place.board),
    )
    return Reply(msgspec.json.encode(answer))


class _Place(Struct, frozen=True, kw_only=True):
    """Which window of which generation of which board is asked for."""

    definitions: Definitions
    board: Leaderboard
    generation: Generation
    window: TimeWindow
    window_key: int
    is_past: bool

    @property
    def measure(self) -> Measure:
        """The one that the scores are of."""
        return self.definitions.game.measures[self.generation.metric]


async def _read(
    request: Request[Any, Any], query: WindowQuery, read: Callable[[_Place], Awaitable[Found]]
) -> tuple[_Place, Found]:
    """Reads by the definitions that this process knows, and again when the rows say that there are newer ones."""
    cache, readers = request.services.definitions, request.services.readers
    known = await cache.cached(readers, request.project_id)
    if request.path[0] in known[Leaderboard].by_code:
        place = _place(known, request.path[0], query)
        found = await read(place)
        if found.version <= known.version:
            return place, found
    place = _place(await cache.newest(readers, request.project_id), request.path[0], query)
    return place, await read(place)


def _place(definitions: Definitions, code: str, query: WindowQuery) -> _Place:
    board = definitions[Leaderboard].by_code.get(code)
    if board is None:
        raise refusal_for(DefinitionNotFound("leaderboard", code))
    if not board.is_active:
        raise refusal_for(DefinitionInactive("leaderboard", code))
    window = query.period or board.time_window
    now = definitions.calendar.at(datetime.now(UTC))
    present = key = rules.window_at(window, now, definitions.calendar)
    if query.period_key is not None:
        if window == "all_time":
            raise invalid("period_key", "has no meaning for all time; name another period along")
        named = rules.window_named(window, query.period_key, definitions.calendar)
        if named is None:
            example = rules.period_name(present, definitions.calendar)
            raise invalid("period_key", f"names no {window} period; one is named like {example}")
        key = named
    return _Place(
        definitions=definitions,
        board=board,
        generation=rules.shown_generation(board),
        window=window,
        window_key=key,
        is_past=key < present,
    )


async def _page(request: Request[None, BoardQuery], place: _Place) -> entries.BoardPage:
    readers, query = request.services.readers, request.query
    where = (request.project_id, place.generation, place.window_key, query.limit)
    if query.around is None:
        return await ranks.top(readers, *where)
    return await ranks.around(readers, *where, query.around)


def _first_rank(listed: list[entries.RankedEntry]) -> tuple[int, int]:
    """The rank of the first entry, and how many share it. A list without anybody's own rank begins at the top."""
    if not listed:
        return 1, 0
    first = listed[0]
    own = next((entry for entry in listed if entry.own_rank is not None), None)
    if own is None or own.own_rank is None or first.ties is None:
        return 1, sum(entry.score == first.score for entry in listed)
    if first.score == own.score:
        return own.own_rank, first.ties
    # All with a score between the two are listed.
    between = sum(own.score < entry.score < first.score for entry in listed)
    return own.own_rank - between - first.ties, first.ties


async def _share(request: Request[Any, Any], board: Leaderboard) -> float:
    found = await generations.progress(request.services.readers, [board.id])
    return found[board.id].share if board.id in found else 1.0
