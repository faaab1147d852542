"""The endpoint that reads the audit log."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from laurels.kernel.input.fields import Timestamp
from laurels.office.examples import LIST_AUDIT_LOG_RESPONSE
from laurels.storage.office import audit
from laurels.storage.office.audit import Action, Wanted
from laurels.web import pages
from laurels.web.endpoint import Reply, Request, Routes, StreamedReply
from laurels.web.keys.access import Access
from laurels.web.requests.fields import NextCursor, PageQuery, utc

routes = Routes("Audit log", Access.PROJECT_ADMIN)

Text = Annotated[str, Meta(max_length=255)]


class AuditQuery(PageQuery, frozen=True, rename={"since": "from", "until": "to"}):
    """`from` is inclusive, `to` is exclusive."""

    page_size: Annotated[int, Meta(ge=1, le=100)] = 50
    action: Action | None = None
    kind: Text | None = None
    code: Text | None = None
    key_id: UUID | None = None
    since: Timestamp | None = None
    until: Timestamp | None = None


class AuditEntry(Struct, frozen=True, kw_only=True):
    """`before` and `after` hold the changed fields. `key_id` is null for changes made on the command line or with the
    key in LAURELS_ADMIN_KEY. `object_id` is the id of the changed object; for a participant it is a random id."""

    id: str
    at: datetime
    key_id: str | None
    actor: str
    request_id: str | None
    action: Action
    kind: str
    object_id: str | None
    code: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class AuditAnswer(Struct, frozen=True, kw_only=True):
    items: list[AuditEntry]
    total: int
    page: int
    page_size: int
    next_cursor: NextCursor


@routes.get(
    "/gamify/admin/audit-log",
    summary="List the entries of the audit log",
    query=AuditQuery,
    answers={200: AuditAnswer},
    answer_example=LIST_AUDIT_LOG_RESPONSE,
    refuses=(503,),
)
async def list_audit_log(request: Request[None, AuditQuery]) -> Reply | StreamedReply:
    """The changes that administrators made in the project, latest first. The log contains no keys and no personal
    data."""
    query = request.query
    filters = Wanted(
        action=query.action,
        kind=query.kind,
        code=query.code,
        key_id=str(query.key_id) if query.key_id else None,
        since=utc(query.since, "from"),
        until=utc(query.until, "to"),
    )
    listing = pages.listing(request, "audit log", audit.EntryPosition)
    # Only the unfiltered list has an index.
    is_whole = filters == audit.EVERYTHING
    connection = request.services.readers if is_whole else request.services.surveys
    total = await audit.count(request.services.surveys, request.project_id, filters)
    rows = audit.page(connection, request.project_id, filters, listing.bounds)
    answer = AuditAnswer(items=[], **listing.page_fields(total))
    return await pages.reply(listing, answer, "items", rows, lambda row: AuditEntry(**msgspec.structs.asdict(row)))
