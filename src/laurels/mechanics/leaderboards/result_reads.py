"""Reads of the results of windows that have ended."""

import msgspec
from msgspec import UNSET

from laurels.kernel.game import Game
from laurels.mechanics.leaderboards import results
from laurels.mechanics.leaderboards.places import BoardQuery, read_place
from laurels.mechanics.leaderboards.responses import BoardAnswer, BoardEntry
from laurels.mechanics.leaderboards.results import Result, ResultEntry
from laurels.mechanics.leaderboards.scoring import rules, windows
from laurels.web.endpoint import Reply, Request
from laurels.web.pages import cursor_text, position_in
from laurels.web.protocol.errors import Refusal, invalid


async def result_reply(request: Request[None, BoardQuery], query: BoardQuery, *, has_profiles: bool) -> Reply:
    """The stored result of a past window. Raises Refusal 404 before it is stored."""
    place = await read_place(request, query)
    name = results.name_of(place.generation, place.window_key, place.definitions.calendar)
    if name is None:
        raise invalid("result", "has no meaning for all_time; send another period as well")
    context = msgspec.msgpack.encode(("result", request.project_id, place.board.id, name))
    after_place = position_in(context, query.after, tuple[int])[0] if query.after is not None else 0
    found = await results.read_result(request.services.readers, place.board.id, name, after_place, query.limit + 1)
    if found is None:
        detail = "This period has no result yet; it is stored 24 hours after the end of the period"
        raise Refusal(404, detail, code="result_not_found")
    shown = found.entries[: query.limit]
    has_more = len(found.entries) > len(shown)
    answer = BoardAnswer(
        leaderboard_code=place.board.code,
        period=place.period,
        entries=[_entry(place.definitions.game, found, entry, has_profiles=has_profiles) for entry in shown],
        total_participants=found.total,
        period_key=windows.period_name(place.window_key, place.definitions.calendar),
        resets_at=None,
        result_at=found.closed_at,
        next_cursor=cursor_text(context, (shown[-1].place,)) if has_more else UNSET,
    )
    return Reply(msgspec.json.encode(answer))


def _entry(game: Game, result: Result, entry: ResultEntry, *, has_profiles: bool) -> BoardEntry:
    """The numbers are shown by the scoring at that time."""
    score, *breakers = result.ranked_by
    tie_values = [rules.shown(game, each, number) for each, number in zip(breakers, entry.tie_values, strict=False)]
    return BoardEntry(
        rank=entry.rank,
        participant_id=entry.participant_id,
        score=rules.shown(game, score, entry.score) or 0,
        tie_values=tie_values if breakers else UNSET,
        change=None,
        display_name=entry.display_name if has_profiles else UNSET,
        avatar_url=entry.avatar_url if has_profiles else UNSET,
    )
