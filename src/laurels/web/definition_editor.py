"""Edits of one kind of definitions inside an open transaction, for requests, files and the demo."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import msgspec
from msgspec import Struct

from laurels.kernel.definitions.body import DefinitionBody, Kind, particulars
from laurels.kernel.feed import DEFINITION_CHANGED, DefinitionAction, DefinitionChangedData
from laurels.storage import definitions
from laurels.storage.definitions import CodeTakenError, DefinitionRow
from laurels.storage.feed import listeners, outbox
from laurels.storage.feed.outbox import Announcement
from laurels.storage.office import audit
from laurels.storage.office.audit import Action, AuditedChange
from laurels.storage.postgres.database import Connection
from laurels.storage.postgres.ids import new_id
from laurels.web.protocol.errors import Refusal, code_taken, invalid_fields


class Edit(Struct, frozen=True, kw_only=True):
    """An edit of a definition, as passed to `on_edit`. `before` is None for a new definition."""

    project_id: int
    before: DefinitionRow | None
    after: DefinitionRow

    @property
    def is_deletion(self) -> bool:
        return self.after.deleted_at is not None

    @property
    def is_restoration(self) -> bool:
        return self.before is not None and self.before.deleted_at is not None


OnEdit = Callable[[Connection, Edit], Awaitable[None]]


class DefinitionEditor:
    """Creates, changes, deletes and restores definitions of one kind. Each edit adds an entry to the audit log."""

    def __init__(self, kind: Kind, on_edit: OnEdit | None = None) -> None:
        """`on_edit` carries out the further consequences of an edit, in the same transaction."""
        self.kind = kind
        self._on_edit = on_edit

    async def insert(
        self, connection: Connection, project_id: int, body: DefinitionBody, version: int, now: datetime
    ) -> DefinitionRow:
        """Adds a definition in the open transaction. Raises Refusal 409."""
        row = DefinitionRow(
            id=new_id(),
            kind=self.kind.name,
            code=body.code,
            body=particulars(body),
            is_active=body.is_active,
            display_order=body.display_order,
            version=version,
            created_at=now,
            updated_at=now,
        )
        try:
            await definitions.insert(connection, project_id, row)
        except CodeTakenError:
            raise self.code_taken(row.code) from None
        await self._edited(connection, project_id, None, row)
        return row

    async def change(
        self,
        connection: Connection,
        project_id: int,
        before: DefinitionRow,
        body: DefinitionBody,
        version: int,
        now: datetime,
    ) -> DefinitionRow:
        """Changes a definition in the open transaction. Raises Refusal 422."""
        self._check_fixed(before, body)
        row = _replaced(before, body, version, now)
        await definitions.update(connection, row)
        await self._edited(connection, project_id, before, row)
        return row

    async def restore_with(
        self,
        connection: Connection,
        project_id: int,
        deleted_row: DefinitionRow,
        body: DefinitionBody,
        version: int,
        now: datetime,
    ) -> DefinitionRow:
        """Restores a deleted definition in the open transaction, with the content of `body`. Raises Refusal 409 and
        422."""
        row = _replaced(deleted_row, body, version, now)
        await self._undelete(connection, row)
        self._check_fixed(deleted_row, body)
        await self._edited(connection, project_id, deleted_row, row)
        return row

    async def remove(
        self, connection: Connection, project_id: int, before: DefinitionRow, version: int, now: datetime
    ) -> DefinitionRow:
        """Deletes a definition softly in the open transaction."""
        row = msgspec.structs.replace(before, version=version, is_active=False, updated_at=now, deleted_at=now)
        await definitions.update(connection, row)
        await self._edited(connection, project_id, before, row)
        return row

    async def restore(
        self, connection: Connection, project_id: int, deleted_row: DefinitionRow, version: int, now: datetime
    ) -> DefinitionRow:
        """Restores a deleted definition as it was, in the open transaction. Raises Refusal 409."""
        row = msgspec.structs.replace(deleted_row, version=version, updated_at=now, deleted_at=None)
        await self._undelete(connection, row)
        await self._edited(connection, project_id, deleted_row, row)
        return row

    def code_taken(self, code: str) -> Refusal:
        return code_taken(f"{article(self.kind.name)} {self.kind.title}", code)

    async def _undelete(self, connection: Connection, row: DefinitionRow) -> None:
        try:
            await definitions.update(connection, row)
        except CodeTakenError:
            raise self.code_taken(row.code) from None

    async def _edited(
        self, connection: Connection, project_id: int, before: DefinitionRow | None, after: DefinitionRow
    ) -> None:
        edit = Edit(project_id=project_id, before=before, after=after)
        done = self._done(edit)
        await audit.record(connection, done)
        if await listeners.listens(connection, project_id, DEFINITION_CHANGED.name):
            await outbox.add(connection, [_announcement(edit, done.action)])
        if self._on_edit is not None:
            await self._on_edit(connection, edit)

    def _done(self, edit: Edit) -> AuditedChange:
        before = None if edit.is_restoration else edit.before
        was, is_now = audit.differences(
            self.kind.whole(before) if before else {}, {} if edit.is_deletion else self.kind.whole(edit.after)
        )
        action: Action = "change" if before else "create"
        if edit.is_deletion:
            action = "delete"
        elif edit.is_restoration:
            action = "restore"
        return AuditedChange(
            project_id=edit.project_id,
            action=action,
            kind=self.kind.name,
            object_id=edit.after.id,
            code=edit.after.code,
            before=was if before else None,
            after=None if edit.is_deletion else is_now,
        )

    def _check_fixed(self, row: DefinitionRow, body: DefinitionBody) -> None:
        """Raises Refusal 422 if the body changes a fixed field of the row. The row may be a deleted one."""
        problem = self.kind.changed_fixed_field(row, body, is_deleted=row.deleted_at is not None)
        if problem is not None:
            raise invalid_fields([problem])


_PAST_TENSE: dict[Action, DefinitionAction] = {
    "create": "created",
    "change": "changed",
    "delete": "deleted",
    "restore": "restored",
}


def _announcement(edit: Edit, action: Action) -> Announcement:
    """The feed event about the edit."""
    row = edit.after
    data = DefinitionChangedData(
        action=_PAST_TENSE[action], kind=row.kind, code=row.code, definition_id=row.id, version=row.version
    )
    return Announcement(
        id=new_id(),
        project_id=edit.project_id,
        type=DEFINITION_CHANGED.name,
        occurred_at=row.updated_at,
        recorded_at=row.updated_at,
        data=data,
    )


def _replaced(row: DefinitionRow, body: DefinitionBody, version: int, now: datetime) -> DefinitionRow:
    """The row with the content of the body, and not deleted."""
    return msgspec.structs.replace(
        row,
        body=particulars(body),
        is_active=body.is_active,
        display_order=body.display_order,
        version=version,
        updated_at=now,
        deleted_at=None,
    )


def article(kind: str) -> str:
    return "An" if kind[0] in "aeiou" else "A"
