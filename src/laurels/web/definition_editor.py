"""Edits of one kind of definitions inside an open transaction, for requests, files and the demo."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import msgspec
from msgspec import Struct

from laurels.kernel.definitions.body import DefinitionBody, Kind, particulars
from laurels.storage import definitions
from laurels.storage.definitions import CodeTakenError, DefinitionRow
from laurels.storage.office import audit
from laurels.storage.office.audit import Action, Done
from laurels.storage.postgres.database import Connection
from laurels.storage.postgres.ids import new_id
from laurels.web.protocol.errors import Refusal, code_taken, invalid_fields


class Edit(Struct, frozen=True, kw_only=True):
    """An edit of a definition, for what else has to happen in its transaction. `before` is None for a new one."""

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
    """Makes, changes, deletes and restores definitions of one kind, each with its entry in the audit log."""

    def __init__(self, kind: Kind, on_edit: OnEdit | None = None) -> None:
        """`on_edit` does in the transaction what else follows from an edit."""
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

    async def bring_back(
        self,
        connection: Connection,
        project_id: int,
        gone: DefinitionRow,
        body: DefinitionBody,
        version: int,
        now: datetime,
    ) -> DefinitionRow:
        """Restores a deleted definition in the open transaction, changed to what the body says. Raises Refusal 409 and
        422."""
        row = _replaced(gone, body, version, now)
        await self._undelete(connection, row)
        self._check_fixed(gone, body)
        await self._edited(connection, project_id, gone, row)
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
        self, connection: Connection, project_id: int, gone: DefinitionRow, version: int, now: datetime
    ) -> DefinitionRow:
        """Restores a deleted definition as it was, in the open transaction. Raises Refusal 409."""
        row = msgspec.structs.replace(gone, version=version, updated_at=now, deleted_at=None)
        await self._undelete(connection, row)
        await self._edited(connection, project_id, gone, row)
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
        await audit.record(connection, self._done(edit))
        if self._on_edit is not None:
            await self._on_edit(connection, edit)

    def _done(self, edit: Edit) -> Done:
        before = None if edit.is_restoration else edit.before
        was, is_now = audit.differences(
            self.kind.whole(before) if before else {}, {} if edit.is_deletion else self.kind.whole(edit.after)
        )
        action: Action = "change" if before else "create"
        if edit.is_deletion:
            action = "delete"
        elif edit.is_restoration:
            action = "restore"
        return Done(
            project_id=edit.project_id,
            action=action,
            kind=self.kind.name,
            object_id=edit.after.id,
            code=edit.after.code,
            before=was if before else None,
            after=None if edit.is_deletion else is_now,
        )

    def _check_fixed(self, row: DefinitionRow, body: DefinitionBody) -> None:
        """Raises Refusal 422 for a field that cannot be other than in the row, which may be a deleted one."""
        wrong = self.kind.changed_fixed_field(row, body, is_deleted=row.deleted_at is not None)
        if wrong is not None:
            raise invalid_fields([wrong])


def _replaced(row: DefinitionRow, body: DefinitionBody, version: int, now: datetime) -> DefinitionRow:
    """The row as the body has it, and not deleted."""
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
