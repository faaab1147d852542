"""The endpoints with which administrators list participants and export the stored data of one participant."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from laurels.kernel.definition import Definitions
from laurels.kernel.input.fields import CodeSought
from laurels.kernel.rejections import DefinitionNotFound
from laurels.mechanics.badges.model import Badge
from laurels.mechanics.tiers.model import Tier
from laurels.office import participant_list, personal_data
from laurels.office.examples import EXPORT_PARTICIPANT_RESPONSE, LIST_PARTICIPANTS_REFUSALS, LIST_PARTICIPANTS_RESPONSE
from laurels.office.participant_list import ListedRow, Match, ParticipantFilter, SortKey
from laurels.storage.participants import ParticipantRow
from laurels.web import pages
from laurels.web.endpoint import Reply, Request, Routes, StreamedReply
from laurels.web.keys.access import Access
from laurels.web.lookup import find_participant
from laurels.web.protocol.errors import refusal_for
from laurels.web.requests.fields import NextCursor, PageQuery, PageSize, utc

routes = Routes("Participants", Access.ADMIN)


class ParticipantsQuery(PageQuery, frozen=True):
    page_size: PageSize = 50
    search: Annotated[
        Annotated[str, Meta(min_length=1, max_length=255)] | None,
        Meta(
            description="Part of the id or the name, ignoring case.",
            examples=["jane"],
        ),
    ] = None
    match: Annotated[
        Match, Meta(description="`part` finds `search` anywhere, `prefix` only at the beginning, which is faster.")
    ] = "part"
    sort_by: SortKey = "created_at"
    """The field to sort by; participants with equal values are sorted by their ids."""
    sort_order: Literal["asc", "desc"] = "asc"
    """Ascending or descending."""
    tier: Annotated[
        CodeSought | None, Meta(description="The code of a tier: only participants who are in this tier now.")
    ] = None
    badge: Annotated[
        CodeSought | None, Meta(description="The code of a badge: only participants who have earned this badge.")
    ] = None
    is_active: Annotated[
        bool | None, Meta(description="true: only participants who are not anonymized; false: only anonymized ones.")
    ] = None
    seen_since: Annotated[
        datetime | None, Meta(description="Only participants with activity at this time or later.")
    ] = None


class ParticipantListed(Struct, frozen=True, kw_only=True):
    """`total_points` are all points ever earned, `available_points` is the balance."""

    participant_id: str
    display_name: str | None
    """The name from the profile; null for none."""
    avatar_url: str | None
    """The address of an image from the profile; null for none."""
    total_points: int
    """All points ever awarded, less reversed awards."""
    available_points: int
    """Points that can be spent now."""
    current_tier: str | None
    """The code of the tier; null for none."""
    total_events: int
    """The number of events."""
    is_active: bool
    """False once the participant has been anonymized."""
    created_at: datetime
    """When the participant was created."""
    last_seen_at: datetime
    """The last call that reported an action of the participant."""


class ParticipantsAnswer(Struct, frozen=True, kw_only=True):
    """A page of the project's participants."""

    items: list[ParticipantListed]
    """The participants."""
    total: int
    page: int
    page_size: int
    next_cursor: NextCursor


class ExportAnswer(Struct, frozen=True, kw_only=True):
    """`stored` has a list for each kind of row. Rows are as they are in the database, with the code of their definition
    added. `facts` are all facts of the participant, in their order."""

    participant_id: str
    exported_at: datetime
    """The time of the export."""
    stored: dict[str, list[dict[str, Any]]]
    """The stored rows, by the name of their table."""


@routes.get(
    "/gamify/admin/participants",
    summary="List participants",
    query=ParticipantsQuery,
    answers={200: ParticipantsAnswer},
    answer_example=LIST_PARTICIPANTS_RESPONSE,
    refuses=(404, 503),
    refusals=LIST_PARTICIPANTS_REFUSALS,
)
async def list_participants(request: Request[None, ParticipantsQuery]) -> Reply:
    """The participants, with optional search, filters and order. Participants with equal values are sorted by id.
    Strings are sorted by code point, ignoring case. Points that expired within the last minute may still be counted."""
    query = request.query
    definitions = await request.services.definitions.newest(request.services.readers, request.project_id)
    filters = ParticipantFilter(
        search=query.search,
        match=query.match,
        tier_id=_tier_id(definitions, query.tier),
        badge_id=_badge_id(definitions, query.badge),
        is_active=query.is_active,
        seen_since=utc(query.seen_since, "seen_since"),
        sort_by=query.sort_by,
        descending=query.sort_order == "desc",
        tier_levels={tier.id: tier.level for tier in definitions[Tier].by_id.values()},
    )
    listing = pages.listing(request, "participants", participant_list.position_type(query.sort_by))
    page = await participant_list.page(request.services.surveys, request.project_id, filters, listing.bounds)
    # Read again, as a tier may have been created and reached in the meantime.
    definitions = await request.services.definitions.newest(request.services.readers, request.project_id)
    items = [_shown(row, definitions) for row in page.rows]
    answer = ParticipantsAnswer(items=items, **listing.page_fields(page.total, page.last_position))
    return Reply(msgspec.json.encode(answer))


@routes.get(
    "/gamify/admin/participants/{participant_id}/export",
    summary="Export all stored data of a participant",
    answers={200: ExportAnswer},
    answer_example=EXPORT_PARTICIPANT_RESPONSE,
    refuses=(404, 503),
)
async def export_participant(request: Request[None, None]) -> StreamedReply:
    """All stored data of one participant, for example to fulfil a person's request for it. The response is streamed."""
    participant = await find_participant(request)
    return StreamedReply(_export(request, participant), b"application/json")


async def _export(request: Request[None, None], participant: ParticipantRow) -> AsyncGenerator[bytes, None]:
    head = msgspec.json.encode({"participant_id": participant.participant_id, "exported_at": participant.now})
    yield head[:-1] + b',"stored":{'
    previous, has_rows, services = None, False, request.services
    lane, subject = participant.lane, participant.subject
    async for name, rows in personal_data.sections(services.surveys, services.tables, lane, subject):
        if name != previous:
            yield (b"" if previous is None else b"],") + msgspec.json.encode(name) + b":["
            has_rows = False
        elif rows and has_rows:
            yield b","
        has_rows = has_rows or bool(rows)
        previous = name
        yield b",".join(bytes(row) for row in rows)
    yield b"]}}"


def _shown(row: ListedRow, definitions: Definitions) -> ParticipantListed:
    return ParticipantListed(
        participant_id=row.participant_id,
        display_name=row.display_name,
        avatar_url=row.avatar_url,
        total_points=row.total_earned,
        available_points=row.balance,
        current_tier=definitions[Tier].by_id[row.tier_id].code if row.tier_id else None,
        total_events=row.total_events,
        is_active=row.is_active,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
    )


def _tier_id(definitions: Definitions, code: str | None) -> str | None:
    if code is None:
        return None
    if code not in definitions[Tier].by_code:
        raise refusal_for(DefinitionNotFound("tier", code))
    return definitions[Tier].by_code[code].id


def _badge_id(definitions: Definitions, code: str | None) -> str | None:
    if code is None:
        return None
    if code not in definitions[Badge].by_code:
        raise refusal_for(DefinitionNotFound("badge", code))
    return definitions[Badge].by_code[code].id
