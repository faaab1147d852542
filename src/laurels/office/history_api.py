"""The endpoint that lists everything that happened to a participant."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct, structs

from laurels.kernel.definition import Definition, Definitions
from laurels.kernel.explaining import fact_data
from laurels.kernel.facts import Fact
from laurels.kernel.game import Game
from laurels.office import participant_history as history
from laurels.office.examples import PARTICIPANT_HISTORY_RESPONSE
from laurels.office.participant_history import HistoryPosition, HistoryRow
from laurels.web import pages
from laurels.web.endpoint import Reply, Request, Routes, StreamedReply
from laurels.web.keys.access import Access
from laurels.web.lookup import definitions_for, find_participant
from laurels.web.protocol.errors import invalid
from laurels.web.requests.fields import NextCursor, PageQuery, comma_separated

routes = Routes("Participants", Access.SUPPORT)


class HistoryQuery(PageQuery, frozen=True):
    kinds: Annotated[
        Annotated[str, comma_separated({"type": "string"})] | None,
        Meta(
            description="Only facts of these kinds, separated by commas. Without it, all facts.",
            examples=[["badge_earned", "badge_revoked"]],
        ),
    ] = None


class NamedDefinition(Struct, frozen=True, kw_only=True):
    """A definition, by its current name."""

    kind: str
    """The kind of definition, such as `badge`."""
    code: str
    name: str
    """The definition's name."""


class HistoryFact(Struct, frozen=True, kw_only=True):
    """Something that happened to the participant. `at` and `recorded_at` differ if it was reported later."""

    fact_id: str
    """The id of the fact; for movements of points, also that of the transaction."""
    kind: str
    """The kind of fact, such as `points_awarded`."""
    at: datetime
    """When it happened: the given `timestamp`, or the time of the call."""
    recorded_at: datetime
    """When the server received it."""
    sequence: int
    """The number of the fact among the participant's facts, in the order in which they took effect."""
    cause_id: str | None
    """The id of the fact that caused it; null for the first."""
    due_to: NamedDefinition | None
    """The rule or challenge in between; null if there is none."""
    definition: NamedDefinition | None
    """The badge, tier, streak, challenge or reward of the fact; null for other facts."""
    actor: str | None
    """The name of the key that sent the command, if an administrator or a person in the console did; null for calls of
    an application."""
    data: dict[str, Any]
    """The content of the fact, which depends on its kind."""


class HistoryAnswer(Struct, frozen=True, kw_only=True):
    """A page of a participant's history."""

    participant_id: str
    facts: list[HistoryFact]
    """The facts, the latest first, by the time when they happened."""
    total: int
    page: int
    page_size: int
    next_cursor: NextCursor


@routes.get(
    "/gamify/admin/participants/{participant_id}/history",
    summary="History of a participant",
    query=HistoryQuery,
    answers={200: HistoryAnswer},
    answer_example=PARTICIPANT_HISTORY_RESPONSE,
    refuses=(404, 503),
)
async def participant_history(request: Request[None, HistoryQuery]) -> Reply | StreamedReply:
    """Returns all facts of a participant, the latest first: points, events, badges, tiers, streaks, challenges, claims
    and changes of the profile. The facts of administrators and of the console have their authors."""
    participant = await find_participant(request)
    definitions = await definitions_for(request, participant)
    services = request.services
    game = services.definitions.tables.game
    kinds = _kinds(game, request.query.kinds)
    listing = pages.listing(request, "history", HistoryPosition)
    # All facts of these kinds are sorted.
    connection = services.connections_for(participant.seq)
    total = await history.count(connection, participant.lane, participant.subject, kinds)
    rows = history.page(connection, game, participant.lane, participant.subject, kinds, listing.bounds)
    answer = HistoryAnswer(participant_id=participant.participant_id, facts=[], **listing.page_fields(total))
    return await pages.reply(listing, answer, "facts", rows, lambda row: _shown(definitions, row))


def _kinds(game: Game, asked: str | None) -> list[str]:
    """The kinds of facts in the query. Raises Refusal 422 for unknown ones."""
    if asked is None:
        return [*game.facts]
    kinds = [kind.strip() for kind in asked.split(",")]
    for kind in kinds:
        if kind not in game.facts:
            raise invalid("kinds", f"has an unknown kind of fact: {kind}. Kinds are {', '.join(sorted(game.facts))}")
    return kinds


def _shown(definitions: Definitions, row: HistoryRow) -> HistoryFact:
    due_to = row.fact.due_to
    return HistoryFact(
        fact_id=row.id,
        kind=row.fact.kind,
        at=row.at,
        recorded_at=row.recorded_at,
        sequence=row.seq,
        cause_id=row.cause_id,
        due_to=_named(definitions.find(due_to)) if due_to else None,
        definition=_named(_of(definitions, row.fact)),
        actor=row.actor,
        data=fact_data.shown(definitions, row.fact),
    )


def _of(definitions: Definitions, fact: Fact) -> Definition | None:
    """The definition that the fact is about: the first that one of its fields names, such as `badge_id`."""
    named = [value for name, value in structs.asdict(fact).items() if name.endswith("_id")]
    return next((found for value in named if value and (found := definitions.find(value))), None)


def _named(definition: Definition | None) -> NamedDefinition | None:
    if definition is None:
        return None
    return NamedDefinition(kind=definition.kind, code=definition.code, name=definition.name)
