"""The five admin endpoints of every kind of definition: list, create, get, update, delete."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
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
from laurels.web.protocol.errors import Refusal, invalid_fields, invalid_value, refusal_for
from laurels.web.requests.fields import Page, PageSize
from laurels.web.requests.forms import RequestExamination, refuse
from laurels.web.requests.patches import without_read_only


class ListQuery(Page, frozen=True):
    page_size: PageSize = 50
    is_active: bool | None = None
    """Only definitions that are switched on, or off."""
    is_deleted: bool = False
    """Deleted definitions instead of the others."""


# The class below has a method named list.
Rows = list[DefinitionRow]
Answers = list[dict[str, Any]]
Extras = Callable[[Fetches, Rows], Awaitable[dict[str, dict[str, Any]]]]


class _Editing(Struct, kw_only=True):
    """An edit by a request while it is made. `row` is the definition as it becomes."""

    connection: Connection
    project_id: int
    version: int
    now: datetime
    row: DefinitionRow = UNSET  # type: ignore[assignment]
    warnings: list[str] = []


@dataclass(frozen=True, eq=False)
class DeclaredResource:
    """The definitions of one kind, as a mechanic has them. A kind that depends on other mechanics is made of the game.

    `on_edit` does in the transaction what else follows from an edit. `extras` finds, by the definition's id, what
    answers say beyond it: the `extra_fields`, each with its name, type and an example."""

    kind: Kind | KindOfGame
    _: KW_ONLY
    on_edit: OnEdit | None = None
    extras: Extras | None = None
    extra_fields: Sequence[tuple[str, Any, Any]] = ()
    used_by: str | None = None
    """A definition that may name one of the kind, as the example of a refusal has it; a rule's action if omitted."""

    def made(self, game: Game) -> "DefinitionResource":
        """The resource in a game."""
        return DefinitionResource(self, self.kind if isinstance(self.kind, Kind) else self.kind(game))


class DefinitionResource:
    """Edits the definitions of one kind. Every edit shows at once in all processes."""

    def __init__(self, declared: DeclaredResource, kind: Kind) -> None:
        self.kind = kind
        self.editor = DefinitionEditor(kind, declared.on_edit)
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
            summary=f"Create {self._a_kind()}",
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
        whole: dict[str, Any] = {
            "answers": {200: shapes.answer},
            "answer_example": shapes.answer_example,
            "access": Access.ADMIN,
        }
        unknown = {404: refusal_for(DefinitionNotFound(self.kind.name, EXAMPLE_ID))}
        named = {**unknown, 409: _in_use(self._used_by)}
        taken = {**unknown, 409: self.editor.code_taken(shapes.answer_example["code"])}
        routes.add("GET", path, self.get, **self._called("get"), refuses=(404,), refusals=unknown, **whole)
        routes.add(
            "PATCH",
            path,
            self.update,
            operation=f"update_{self.kind.name}",
            summary=f"Change {self._a_kind()}",
            body=dict[str, Any],
            body_documented=shapes.patch,
            example=PATCH_EXAMPLE,
            refuses=(404, 409),
            refusals=named,
            warns=True,
            **whole,
        )
        routes.add("DELETE", path, self.delete, **self._called("delete"), refuses=(404, 409), refusals=named, **whole)
        path = f"{path}/restore"
        whole = {**whole, "refuses": (404, 409), "refusals": taken, "warns": True}
        routes.add("POST", path, self.restore, **self._called("restore"), **whole)

    def _called(self, verb: str) -> dict[str, Any]:
        return {"operation": f"{verb}_{self.kind.name}", "summary": f"{verb.title()} {self._a_kind()}"}

    def _a_kind(self) -> str:
        return f"{article(self.kind.name).lower()} {self.kind.title}"

    async def list(self, request: Request[None, ListQuery]) -> Reply:
        """In display order. With `is_deleted=true` those that can be restored."""
        query = request.query
        listing = pages.listing(request, self.kind.section, definitions.DefinitionPosition)
        found = await definitions.page(
            request.services.readers,
            request.project_id,
            self.kind.name,
            is_active=query.is_active,
            is_deleted=query.is_deleted,
            bounds=listing.bounds,
        )
        items = await self._answers(request, found.rows)
        return Reply(msgspec.json.encode({"items": items, **listing.told(found.total, found.last_position)}))

    async def create(self, request: Request[DefinitionBody, None]) -> Reply:
        """Unknown fields are refused, so that a misspelt one does not pass unnoticed. A code that was deleted and comes
        back is the old definition: it is restored with its id and its history, and changed to what the body says."""
        async with self._editing(request) as edit:
            gone = await definitions.deleted(
                edit.connection, edit.project_id, kind=self.kind.name, code=request.body.code
            )
            where = (edit.connection, edit.project_id)
            if gone:
                [old] = gone.values()
                edit.row = await self.editor.bring_back(*where, old, request.body, edit.version, edit.now)
                edit.warnings.append(f"This restored the deleted {self.kind.title} of this code, with its history.")
            else:
                edit.row = await self.editor.insert(*where, request.body, edit.version, edit.now)
        return await self._saved(request, edit, status=201)

    async def get(self, request: Request[None, None]) -> Reply:
        """One that has not been deleted."""
        return await self._reply(request, await self._named(request, request.services.readers))

    async def update(self, request: Request[dict[str, Any], None]) -> Reply:
        """Fields given replace, objects are merged, the code cannot be changed. The definition may come as a response
        shows it: what cannot be changed has to be as it is, `updated_at` too, so that nothing that somebody else has
        changed meanwhile is overwritten."""
        async with self._editing(request) as edit:
            row = await self._named(request, edit.connection)
            [shown] = await self._answers(request, [row])
            extras = shown.keys() - {*self.kind.body.__struct_fields__, "id", *(name for name, _, _ in TIMES)}
            patch = without_read_only(request.body, shown, shown.keys() - {*self.kind.body.__struct_fields__}, extras)
            body = await request.services.checking.run(self._patched, row, patch)
            edit.row = await self.editor.change(edit.connection, edit.project_id, row, body, edit.version, edit.now)
        return await self._saved(request, edit)

    async def delete(self, request: Request[None, None]) -> Reply:
        """Soft: it stops working and leaves the lists, and stays readable in histories. Its code stays its own: whoever
        creates it again restores it."""
        async with self._editing(request) as edit:
            row = await self._named(request, edit.connection)
            edit.row = await self.editor.remove(edit.connection, edit.project_id, row, edit.version, edit.now)
        return await self._saved(request, edit)

    async def restore(self, request: Request[None, None]) -> Reply:
        """Brings a deleted one back as it was. What was counted while it was away stays uncounted; a leaderboard is
        filled anew."""
        async with self._editing(request) as edit:
            gone = await self._deleted(request, edit.connection)
            edit.row = await self.editor.restore(edit.connection, edit.project_id, gone, edit.version, edit.now)
        return await self._saved(request, edit)

    @asynccontextmanager
    async def _editing(self, request: AnyRequest) -> AsyncIterator["_Editing"]:
        """A transaction for one edit, at whose end what definitions name of one another has to fit."""
        known = request.services.definitions
        async with request.services.edits.transaction() as connection:
            version = await definitions.lock(connection, request.project_id)
            before = await known.before_edit(connection, request.project_id)
            edit = _Editing(
                connection=connection, project_id=request.project_id, version=version, now=datetime.now(UTC)
            )
            yield edit
            loaded = await known.inside(connection, request.project_id)
            after = loaded.definitions
            self._refuse_too_many(before, after)
            self._refuse_dangling(edit.row.code, dangling(before), dangling(after))
            were_idle = idle(before, edit.now)
            edit.warnings += [sentence for sentence in idle(after, edit.now) if sentence not in were_idle]
        known.committed(request.project_id, loaded)

    async def _named(self, request: AnyRequest, connection: Fetches) -> DefinitionRow:
        """The one that the path names by its id or its code. Raises Refusal 404."""
        definition_id, code = self._names(request)
        found = await definitions.get(connection, request.project_id, self.kind.name, definition_id, code)
        return self._known(found, request)

    async def _deleted(self, request: AnyRequest, connection: Fetches) -> DefinitionRow:
        """By its id, or the last one that had the code. Raises Refusal 404."""
        definition_id, code = self._names(request)
        for name in ({"definition_id": definition_id}, {"code": code}):
            if None not in name.values():
                found = await definitions.deleted(connection, request.project_id, kind=self.kind.name, **name)
                if found:
                    return next(iter(found.values()))
        raise self._not_found(request)

    def _names(self, request: AnyRequest) -> tuple[str | None, str]:
        """The path's definition as an id, if it can be one, and as a code. Raises Refusal 404 for what is neither."""
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
        """Raises Refusal 422 for what the definition itself names and there is not, 409 for what others name of it."""
        new = [found for found in after if found not in before]
        own = [
            FieldError(found.field, found.message)
            for found in new
            if (found.kind, found.code) == (self.kind.name, code)
        ]
        if own:
            raise invalid_fields(own)
        if new:
            names = "; ".join(f"the {_titled(found.kind)} {found.code} in {found.field}" for found in new)
            raise _in_use(names)

    async def _saved(self, request: AnyRequest, edit: "_Editing", status: int = 200) -> Reply:
        request.services.jobs.wake()
        reply = await self._reply(request, edit.row, status)
        return msgspec.structs.replace(reply, headers=warning_headers(edit.warnings))

    async def _reply(self, request: AnyRequest, row: DefinitionRow, status: int = 200) -> Reply:
        answer = (await self._answers(request, [row]))[0]
        return Reply(msgspec.json.encode(answer), status)

    async def _answers(self, request: AnyRequest, rows: Rows) -> Answers:
        extras = await self.extras(request.services.readers, rows) if self.extras else {}
        return [self._answer(row, extras.get(row.id, {})) for row in rows]

    def _known(self, row: DefinitionRow | None, request: AnyRequest) -> DefinitionRow:
        if row is None:
            raise self._not_found(request)
        return row

    def _patched(self, row: DefinitionRow, patch: dict[str, Any]) -> DefinitionBody:
        whole = time_fields.in_values(merged(self.kind.whole(row), patch), self.kind.body)
        try:
            return msgspec.convert(whole, self.kind.body)
        except msgspec.ValidationError as error:
            refuse(RequestExamination(UnknownNames()).of_parts(whole, self.kind.body))
            raise invalid_value(error) from None

    def _answer(self, row: DefinitionRow, extras: dict[str, Any]) -> dict[str, Any]:
        whole = self.kind.whole(row)
        in_order = {field: whole[field] for field in self.kind.body.__struct_fields__}
        times = {"created_at": row.created_at, "updated_at": row.updated_at, "deleted_at": row.deleted_at}
        return {"id": row.id, **in_order, **extras, **times}


def _in_use(names: str) -> Refusal:
    return Refusal(409, f"Still named by {names}: change or switch that off first", code="definition_in_use")


def _titled(kind: str) -> str:
    return kind.replace("_", " ")
