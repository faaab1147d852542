"""The places that requests name: the board, its generation and the window."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Protocol, TypeVar

from msgspec import UNSET, Meta, Struct, UnsetType

from laurels.kernel.definition import Definitions
from laurels.kernel.input.fields import ParticipantId
from laurels.kernel.rejections import DefinitionInactive, DefinitionNotFound
from laurels.mechanics.leaderboards.scoring import rules, windows
from laurels.mechanics.leaderboards.scoring.model import WINDOWS, Generation, Leaderboard
from laurels.web.endpoint import Request
from laurels.web.pages import CURSOR_EXAMPLE
from laurels.web.protocol.errors import invalid, refusal_for


class Versioned(Protocol):
    """A result of a read, with the version of the definitions in the same snapshot."""

    @property
    def version(self) -> int: ...


Found = TypeVar("Found", bound=Versioned)

DEFAULT_LIMIT = 20


class WindowQuery(Struct, frozen=True, kw_only=True):
    period: Annotated[
        str | None,
        Meta(
            description="A time window (all_time, daily, monthly, weekly, yearly) or the code of a season; the board's "
            "own time window if omitted.",
            examples=["monthly"],
        ),
    ] = None
    period_key: Annotated[
        str | None,
        Meta(
            description="A past period, such as 2026-02-14, 2026-W07, 2026-02 or 2026; the current one if omitted.",
            examples=["2026-02"],
        ),
    ] = None


class BoardQuery(WindowQuery, frozen=True, kw_only=True):
    limit: Annotated[int, Meta(ge=1, le=100)] = DEFAULT_LIMIT
    """The largest number of entries."""
    around: Annotated[ParticipantId | None, Meta(description="Show the neighbours of this participant.")] = None
    include: Annotated[str | None, Meta(description="`profile` adds names and avatars.")] = None
    among: Annotated[
        str | None,
        Meta(
            description="Rank these participants among themselves: up to 500 ids, separated by commas. For ids with "
            "commas, use POST.",
            examples=["user_123,user_456"],
        ),
    ] = None
    after: (
        Annotated[
            str,
            Meta(
                min_length=1,
                max_length=4_096,
                description="The `next_cursor` of a response: shows the entries that follow.",
                examples=[CURSOR_EXAMPLE],
            ),
        ]
        | None
    ) = None
    result: Annotated[
        bool,
        Meta(description="The result of a past period or season: its first 1,000 places 24 hours after its end."),
    ] = False


class Place(Struct, frozen=True, kw_only=True):
    """The board, generation and window of a request."""

    definitions: Definitions
    board: Leaderboard
    generation: Generation
    period: str
    window_key: int
    is_past: bool

    @property
    def ends_at(self) -> datetime | None:
        return windows.ends_at(self.generation, self.window_key, self.definitions.calendar)

    def score(self, stored: int) -> int | float:
        return rules.shown(self.definitions.game, self.generation, stored) or 0

    def tie_values(self, stored: Sequence[int]) -> list[int | float | None] | UnsetType:
        """Only on boards with tie-breakers."""
        breakers = self.generation.tie_breakers
        game = self.definitions.game
        pairs = zip(breakers, stored, strict=False)
        return [rules.shown(game, scored, number) for scored, number in pairs] if breakers else UNSET


async def read_at(
    request: Request[Any, Any], query: WindowQuery, read: Callable[[Place], Awaitable[Found]]
) -> tuple[Place, Found]:
    """Reads by the definitions that this process knows, and again if the rows name a newer version."""
    cache, readers = request.services.definitions, request.services.readers
    known = await cache.cached(readers, request.project_id)
    if request.path[0] in known[Leaderboard].by_code:
        place = place_of(known, request.path[0], query)
        found = await read(place)
        if found.version <= known.version:
            return place, found
    place = place_of(await cache.newest(readers, request.project_id), request.path[0], query)
    return place, await read(place)


async def read_place(request: Request[Any, Any], query: WindowQuery) -> Place:
    """The place by the newest definitions."""
    cache, readers = request.services.definitions, request.services.readers
    return place_of(await cache.newest(readers, request.project_id), request.path[0], query)


def place_of(definitions: Definitions, code: str, query: WindowQuery) -> Place:
    board = definitions[Leaderboard].by_code.get(code)
    if board is None:
        raise refusal_for(DefinitionNotFound("leaderboard", code))
    if not board.is_active:
        raise refusal_for(DefinitionInactive("leaderboard", code))
    generation = rules.shown_generation(board)
    period = query.period
    if period is None:
        period = board.time_window if board.time_window in generation.windows else generation.windows[0]
    now = definitions.calendar.at(datetime.now(UTC))
    season = generation.season(period)
    if season is not None:
        if query.period_key is not None:
            raise invalid("period_key", "has no meaning for a season")
        key = windows.season_key(season)
        ends_at = windows.ends_at(generation, key, definitions.calendar)
        is_past = ends_at is not None and ends_at <= now
    else:
        key, is_past = _window(definitions, generation, period, query.period_key, now)
    return Place(
        definitions=definitions,
        board=board,
        generation=generation,
        period=period,
        window_key=key,
        is_past=is_past,
    )


def _window(
    definitions: Definitions, generation: Generation, period: str, period_key: str | None, now: datetime
) -> tuple[int, bool]:
    """The key of a time window, and whether it has ended."""
    window = next((window for window in WINDOWS if window == period), None)
    if window is None:
        raise invalid("period", f"must be {', '.join(WINDOWS)} or the code of a season of the board")
    if window not in generation.windows:
        raise invalid("period", f"must be a window that the board keeps: {', '.join(generation.windows)}")
    current = windows.window_at(window, now, definitions.calendar)
    if period_key is None:
        return current, False
    if window == "all_time":
        raise invalid("period_key", "has no meaning for all_time; send another period as well")
    named = windows.window_named(window, period_key, definitions.calendar)
    if named is None:
        example = windows.period_name(current, definitions.calendar)
        raise invalid("period_key", f"names no {window} period; one is named like {example}")
    return named, named < current


def places_of(place: Place) -> Iterator[Place]:
    """The current periods of all time windows that the board keeps, then its seasons."""
    for window in place.generation.windows:
        yield place_of(place.definitions, place.board.code, WindowQuery(period=window))
    for season in place.generation.seasons:
        yield place_of(place.definitions, place.board.code, WindowQuery(period=season.code))
