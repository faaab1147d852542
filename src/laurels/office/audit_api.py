"""The endpoint that reads the audit log."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from laurels.kernel.input.fields import Timestamp
from laurels.office.examples import LIST_AUDIT_LOG_RESPONSE
from laurels.storage.office import audit
from laurels.storage.office.audit import Action, AuditFilters
from laurels.web import pages
from laurels.web.endpoint import Reply, Request, Routes, StreamedReply
from laurels.web.keys.access import Access
from laurels.web.requests.fields import NextCursor, PageQuery, PageSize, utc

routes = Routes(
    "Audit log",
    Access.PROJECT_ADMIN,
    about="Changes by administrators, with their authors. These calls need the scope `admin`. Guide: [Projects, "
    "keys, limits](docs/projects-and-keys.md#audit-log).",
)

Text = Annotated[str, Meta(max_length=255)]


class AuditQuery(PageQuery, frozen=True, rename={"since": "from", "until": "to"}):
    """`from` is inclusive, `to` is exclusive."""

    page_size: PageSize = 50
    action: Action | None = None
    """Only changes of this kind."""
    kind: Text | None = None
    """Only changes of things of this kind, such as `badge`."""
    code: Text | None = None
    """Only changes of the thing with this code."""
    key_id: UUID | None = None
    """Only changes made with this key."""
    since: Timestamp | None = None
    """Only changes at this time or later."""
    until: Timestamp | None = None
    """Only changes before this time."""


class AuditEntry(Struct, frozen=True, kw_only=True):
    """`before` and `after` hold the changed fields. `key_id` is null for changes made on the command line or with the
    key in LAURELS_ADMIN_KEY. `object_id` is the id of the changed object; for a participant it is a random id."""

    id: str
    """The id of the entry."""
    at: datetime
    """When the change was made, in real time."""
    key_id: str | None
    """The id of the key that made the change; null for the command line and for the key of the environment."""
    actor: str
    """The name of that key, or `command line`."""
    request_id: str | None
    """The id of the request; null for the command line, and once the participant has been erased."""
    action: Action
    """The kind of change."""
    kind: str
    """The kind of thing that was changed, such as `badge`."""
    object_id: str | None
    """The id of the thing that was changed; for a participant a random one, or null."""
    code: str | None
    """The code of the thing that was changed; null if it has none."""
    before: dict[str, Any] | None
    """The changed fields before; null if there were none."""
    after: dict[str, Any] | None
    """The changed fields afterwards; null if there are none."""


class AuditAnswer(Struct, frozen=True, kw_only=True):
    """A page of the audit log."""

    items: list[AuditEntry]
    """The changes, the latest first."""
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
    filters = AuditFilters(
        action=query.action,
        kind=query.kind,
        code=query.code,
        key_id=str(query.key_id) if query.key_id else None,
        since=utc(query.since, "from"),
        until=utc(query.until, "to"),
    )
    listing = pages.listing(request, "audit log", audit.EntryPosition)
    # Only the unfiltered list has an index.
    is_whole = filters == audit.NO_FILTERS
    connection = request.services.readers if is_whole else request.services.surveys
    total = await audit.count(request.services.surveys, request.project_id, filters)
    rows = audit.page(connection, request.project_id, filters, listing.bounds)
    answer = AuditAnswer(items=[], **listing.page_fields(total))
    return await pages.reply(listing, answer, "items", rows, lambda row: AuditEntry(**msgspec.structs.asdict(row)))
