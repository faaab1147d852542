"""The admin endpoints of every kind of definition: list, create, get, update, delete and restore."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import KW_ONLY, dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Struct

from laurels.kernel.definition import Definitions
from laurels.kernel.definitions.body import DefinitionBody, Kind, KindOfGame
from laurels.kernel.definitions.counts import too_many
from laurels.kernel.definitions.references import Dangling, dangling, idle
from laurels.kernel.game import Game
from laurels.kernel.input import time_fields
from laurels.kernel.input.fields import Code
from laurels.kernel.input.names import UnknownNames
from laurels.kernel.input.problems import FieldError
from laurels.kernel.rejections import DefinitionNotFound
from laurels.storage import definitions
from laurels.storage.definitions import DefinitionRow
from laurels.storage.postgres.database import Connection, Fetches
from laurels.web import pages
from laurels.web.definition_editor import DefinitionEditor, OnEdit, article
from laurels.web.definition_shapes import EXAMPLE_ID, PATCH_EXAMPLE, TIMES, Shapes, merged, shapes_of
from laurels.web.endpoint import AnyRequest, Reply, Request, Routes, warning_headers
from laurels.web.keys.access import Access
from laurels.web.protocol.errors import Refusal, invalid_fields, invalid_value, locked, refusal_for
from laurels.web.requests.fields import PageQuery, PageSize
from laurels.web.requests.forms import RequestExamination, refuse
from laurels.web.requests.patches import without_read_only

CHANGE_SECONDS = 10
"""A change whose definition keeps changing meanwhile is given up after this time."""


class ListQuery(PageQuery, frozen=True):
    page_size: PageSize = 50
    is_active: bool | None = None
    """Only definitions that are switched on, or off."""
    is_deleted: bool = False
    """Deleted definitions instead of the others."""


# The class below has a method named list.
Rows = list[DefinitionRow]
Answers = list[dict[str, Any]]
Extras = Callable[[Fetches, Rows], Awaitable[dict[str, dict[str, Any]]]]
Check = Callable[[DefinitionBody], Awaitable[None]]


class _ChangedMeanwhileError(Exception):
    """Another edit has changed the definition since it was read."""


class _OpenEdit(Struct, kw_only=True):
    """An edit whose transaction is open. `row` is the definition after the edit."""

    connection: Connection
    project_id: int
    version: int
    now: datetime
    row: DefinitionRow = UNSET  # type: ignore[assignment]
    warnings: list[str] = []


@dataclass(frozen=True, eq=False)
class DeclaredResource:
    """The definitions of one kind, as a mechanic declares them. A kind that depends on other mechanics is made
    later, from the game.

    `check` examines a body before the transaction of its edit begins, and may wait for other machines: an open edit
    holds up all others of the project. It raises Refusal. `on_edit` carries out the further consequences of an edit, in
    the same transaction. `extras` returns, by the id of the definition, the values of the `extra_fields`. These fields
    are in responses but not in the body; each has a name, a type and an example.
    """

    kind: Kind | KindOfGame
    _: KW_ONLY
    check: Check | None = None
    on_edit: OnEdit | None = None
    extras: Extras | None = None
    extra_fields: Sequence[tuple[str, Any, Any]] = ()
    used_by: str | None = None
    """A definition that may name one of the kind, as the example of a refusal has it; a rule's action if omitted."""

    def made(self, game: Game) -> "DefinitionResource":
        """The resource in a game."""
        return DefinitionResource(self, self.kind if isinstance(self.kind, Kind) else self.kind(game))


class DefinitionResource:
    """The endpoints of one kind of definition. An edit takes effect at once in all processes."""

    def __init__(self, declared: DeclaredResource, kind: Kind) -> None:
        self.kind = kind
        self.editor = DefinitionEditor(kind, declared.on_edit)
        self.check = declared.check
        self.extras = declared.extras
        self._extra_fields = declared.extra_fields
        self._used_by = declared.used_by or f"the rule big_order in actions[0].{kind.name}_code"

    def add_to(self, routes: Routes) -> None:
        """Adds the endpoints of the kind."""
        kind = self.kind
        example = {**kind.defaults, **kind.example}
        shapes = shapes_of(kind.body, example, list(kind.fixed_fields), (*self._extra_fields, *TIMES))
        path = f"/gamify/admin/{kind.section.replace('_', '-')}"
        self._add_list(routes, path, shapes, kind.example)
        self._add_one(routes, f"{path}/{{{kind.name}_id}}", shapes)

    def _add_list(self, routes: Routes, path: str, shapes: Shapes, example: dict[str, Any]) -> None:
        routes.add(
            "GET",
            path,
            self.list,
            operation=f"list_{self.kind.section}",
            summary=f"List {self.kind.title}s",
            query=ListQuery,
            answers={200: shapes.listed},
            answer_example=shapes.listed_example,
            access=Access.ADMIN,
        )
        routes.add(
            "POST",
            path,
            self.create,
            operation=f"create_{self.kind.name}",
            summary=f"Create {self._kind_with_article()}",
            body=self.kind.body,
            answers={201: shapes.answer},
            answer_example=shapes.answer_example,
            refuses=(409,),
            refusals={409: self.editor.code_taken(example["code"])},
            warns=True,
            example=example,
            access=Access.ADMIN,
            decodes_aside=True,
        )

    def _add_one(self, routes: Routes, path: str, shapes: Shapes) -> None:
        common: dict[str, Any] = {
            "answers": {200: shapes.answer},
            "answer_example": shapes.answer_example,
            "access": Access.ADMIN,
        }
        unknown = {404: refusal_for(DefinitionNotFound(self.kind.name, EXAMPLE_ID))}
        named = {**unknown, 409: _in_use(self._used_by)}
        taken = {**unknown, 409: self.editor.code_taken(shapes.answer_example["code"])}
        routes.add("GET", path, self.get, **self._operation("get"), refuses=(404,), refusals=unknown, **common)
        routes.add(
            "PATCH",
            path,
            self.update,
            operation=f"update_{self.kind.name}",
            summary=f"Change {self._kind_with_article()}",
            body=dict[str, Any],
            body_documented=shapes.patch,
            example=PATCH_EXAMPLE,
            refuses=(404, 409),
            refusals=named,
            warns=True,
            **common,
        )
        routes.add(
            "DELETE", path, self.delete, **self._operation("delete"), refuses=(404, 409), refusals=named, **common
        )
        path = f"{path}/restore"
        common = {**common, "refuses": (404, 409), "refusals": taken, "warns": True}
        routes.add("POST", path, self.restore, **self._operation("restore"), **common)

    def _operation(self, verb: str) -> dict[str, Any]:
        return {"operation": f"{verb}_{self.kind.name}", "summary": f"{verb.title()} {self._kind_with_article()}"}

    def _kind_with_article(self) -> str:
        return f"{article(self.kind.name).lower()} {self.kind.title}"

    async def list(self, request: Request[None, ListQuery]) -> Reply:
        """The definitions in display order. With `is_deleted=true`, the deleted definitions, which can be restored."""
        query = request.query
        listing = pages.listing(request, self.kind.section, definitions.DefinitionPosition)
        page = await definitions.page(
            request.services.readers,
            request.project_id,
            self.kind.name,
            is_active=query.is_active,
            is_deleted=query.is_deleted,
            bounds=listing.bounds,
        )
        items = await self._answers(request, page.rows)
        return Reply(msgspec.json.encode({"items": items, **listing.page_fields(page.total, page.last_position)}))

    async def create(self, request: Request[DefinitionBody, None]) -> Reply:
        """Unknown fields are refused, so that misspelt names do not pass unnoticed. Creating a definition with the code
        of a deleted one restores the deleted definition, with its id and its history, and changes it to the new
        content."""
        if self.check:
            await self.check(request.body)
        async with self._editing(request) as edit:
            deleted_rows = await definitions.deleted(
                edit.connection, edit.project_id, kind=self.kind.name, code=request.body.code
            )
            target = (edit.connection, edit.project_id)
            if deleted_rows:
                [old] = deleted_rows.values()
                edit.row = await self.editor.restore_with(*target, old, request.body, edit.version, edit.now)
                edit.warnings.append(f"This restored the deleted {self.kind.title} with this code, and its history.")
            else:
                edit.row = await self.editor.insert(*target, request.body, edit.version, edit.now)
        return await self._saved(request, edit, status=201)

    async def get(self, request: Request[None, None]) -> Reply:
        """The definition with this id or code, unless it is deleted."""
        return await self._reply(request, await self._row_in_path(request, request.services.readers))

    async def update(self, request: Request[dict[str, Any], None]) -> Reply:
        """Fields in the body replace the current values; objects are merged. The code cannot be changed. The body may
        be the definition as a response shows it. Read-only fields must then have their current values. This includes
        `updated_at`, so sending it protects against overwriting somebody else's change."""
        give_up_at = time.monotonic() + CHANGE_SECONDS
        while time.monotonic() < give_up_at:
            row, body = await self._changed(request)
            with suppress(_ChangedMeanwhileError):
                async with self._editing(request) as edit:
                    current = await self._row_in_path(request, edit.connection)
                    if (current.id, current.version) != (row.id, row.version):
                        raise _ChangedMeanwhileError
                    edit.row = await self.editor.change(
                        edit.connection, edit.project_id, row, body, edit.version, edit.now
                    )
                return await self._saved(request, edit)
        raise locked()

    async def _changed(self, request: Request[dict[str, Any], None]) -> tuple[DefinitionRow, DefinitionBody]:
        """The definition in the path, and its body after the change."""
        row = await self._row_in_path(request, request.services.readers)
        [shown] = await self._answers(request, [row])
        extras = shown.keys() - {*self.kind.body.__struct_fields__, "id", *(name for name, _, _ in TIMES)}
        patch = without_read_only(request.body, shown, shown.keys() - {*self.kind.body.__struct_fields__}, extras)
        body = await request.services.checking.run(self._patched, row, patch)
        if self.check:
            await self.check(body)
        return row, body

    async def delete(self, request: Request[None, None]) -> Reply:
        """The definition stops working and disappears from the lists, but histories still show it. Its code stays
        reserved: creating a definition with the same code restores it."""
        async with self._editing(request) as edit:
            row = await self._row_in_path(request, edit.connection)
            edit.row = await self.editor.remove(edit.connection, edit.project_id, row, edit.version, edit.now)
        return await self._saved(request, edit)

    async def restore(self, request: Request[None, None]) -> Reply:
        """Restores a deleted definition as it was. Activity from the time while it was deleted is not counted, except
        on leaderboards: their scores are computed again."""
        if self.check:
            row = await self._deleted_row(request, request.services.readers)
            await self.check(self.kind.body_of(row))
        async with self._editing(request) as edit:
            deleted_row = await self._deleted_row(request, edit.connection)
            edit.row = await self.editor.restore(edit.connection, edit.project_id, deleted_row, edit.version, edit.now)
        return await self._saved(request, edit)

    @asynccontextmanager
    async def _editing(self, request: AnyRequest) -> AsyncIterator["_OpenEdit"]:
        """A transaction for one edit. At its end all references between definitions must be valid."""
        cache = request.services.definitions
        async with request.services.edits.transaction() as connection:
            version = await definitions.lock(connection, request.project_id)
            before = await cache.before_edit(connection, request.project_id)
            edit = _OpenEdit(
                connection=connection, project_id=request.project_id, version=version, now=datetime.now(UTC)
            )
            yield edit
            loaded = await cache.in_transaction(connection, request.project_id)
            after = loaded.definitions
            self._refuse_too_many(before, after)
            self._refuse_dangling(edit.row.code, dangling(before), dangling(after))
            were_idle = idle(before, edit.now)
            edit.warnings += [sentence for sentence in idle(after, edit.now) if sentence not in were_idle]
        cache.keep_committed(request.project_id, loaded)

    async def _row_in_path(self, request: AnyRequest, connection: Fetches) -> DefinitionRow:
        """The definition with the id or code in the path. Raises Refusal 404."""
        definition_id, code = self._id_and_code(request)
        row = await definitions.get(connection, request.project_id, self.kind.name, definition_id, code)
        if row is None:
            raise self._not_found(request)
        return row

    async def _deleted_row(self, request: AnyRequest, connection: Fetches) -> DefinitionRow:
        """The deleted definition with the id in the path, or the last one with the code. Raises Refusal 404."""
        definition_id, code = self._id_and_code(request)
        for name in ({"definition_id": definition_id}, {"code": code}):
            if None not in name.values():
                rows = await definitions.deleted(connection, request.project_id, kind=self.kind.name, **name)
                if rows:
                    return next(iter(rows.values()))
        raise self._not_found(request)

    def _id_and_code(self, request: AnyRequest) -> tuple[str | None, str]:
        """The path parameter as an id, None if it is not a UUID, and as a code. Raises Refusal 404 for an impossible
        code."""
        try:
            code = msgspec.convert(request.path[0], Code)
        except msgspec.ValidationError:
            raise self._not_found(request) from None
        try:
            return str(UUID(code)), code
        except ValueError:
            return None, code

    def _not_found(self, request: AnyRequest) -> Refusal:
        return refusal_for(DefinitionNotFound(self.kind.name, request.path[0]))

    def _refuse_too_many(self, before: Definitions, after: Definitions) -> None:
        """Raises Refusal 409."""
        sentence = too_many(self.kind, before, after)
        if sentence is not None:
            raise Refusal(409, sentence, code="too_many_definitions")

    def _refuse_dangling(self, code: str, before: Sequence[Dangling], after: Sequence[Dangling]) -> None:
        """Raises Refusal 422 for a broken reference in the definition itself, 409 for one in another definition."""
        new = [reference for reference in after if reference not in before]
        own = [
            FieldError(reference.field, reference.message)
            for reference in new
            if (reference.kind, reference.code) == (self.kind.name, code)
        ]
        if own:
            raise invalid_fields(own)
        if new:
            raise _in_use([f"{_titled(each.kind)} {each.code} ({each.field})" for each in new])

    async def _saved(self, request: AnyRequest, edit: "_OpenEdit", status: int = 200) -> Reply:
        request.services.jobs.wake()
        reply = await self._reply(request, edit.row, status)
        return msgspec.structs.replace(reply, headers=warning_headers(edit.warnings))

    async def _reply(self, request: AnyRequest, row: DefinitionRow, status: int = 200) -> Reply:
        [shown] = await self._answers(request, [row])
        return Reply(msgspec.json.encode(shown), status)

    async def _answers(self, request: AnyRequest, rows: Rows) -> Answers:
        extras = await self.extras(request.services.readers, rows) if self.extras else {}
        return [self._answer(row, extras.get(row.id, {})) for row in rows]

    def _patched(self, row: DefinitionRow, patch: dict[str, Any]) -> DefinitionBody:
        values = time_fields.in_values(merged(self.kind.whole(row), patch), self.kind.body)
        try:
            return msgspec.convert(values, self.kind.body)
        except msgspec.ValidationError as error:
            refuse(RequestExamination(UnknownNames()).problems_in_parts(values, self.kind.body))
            raise invalid_value(error) from None

    def _answer(self, row: DefinitionRow, extras: dict[str, Any]) -> dict[str, Any]:
        values = self.kind.whole(row)
        in_order = {field: values[field] for field in self.kind.body.__struct_fields__}
        times = {"created_at": row.created_at, "updated_at": row.updated_at, "deleted_at": row.deleted_at}
        return {"id": row.id, **in_order, **extras, **times}


def _in_use(users: Sequence[str]) -> Refusal:
    """`users` are the definitions that refer to this one, each with the field that does."""
    them = "it" if len(users) == 1 else "them"
    return Refusal(409, f"Used by {', '.join(users)}; edit or deactivate {them} first", code="definition_in_use")


def _titled(kind: str) -> str:
    return kind.replace("_", " ")
