"""The five admin endpoints of every kind of definition: list, create, get, update, delete."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from uuid_utils import uuid7

from laurels.core.rejections import DefinitionKind
from laurels.http.endpoint import Access, Reply, Request, Routes
from laurels.http.errors import Refusal, invalid, invalid_value
from laurels.http.fields import Code, Page
from laurels.store import definitions
from laurels.store.definitions import CodeTakenError, DefinitionRow


class DefinitionBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all definitions have; each kind adds its own fields."""

    code: Code
    is_active: bool = True
    display_order: Annotated[int, Meta(ge=-1_000_000, le=1_000_000)] = 0


class ListQuery(Page, frozen=True):
    page_size: Annotated[int, Meta(ge=1, le=100)] = 50
    is_active: bool | None = None


_ROW_FIELDS = ("code", "is_active", "display_order")


class DefinitionResource:
    """Adds the endpoints of one kind to `routes`. Every edit shows at once in all processes."""

    def __init__(
        self, routes: Routes, kind: DefinitionKind, path: str, body: type[DefinitionBody], example: dict[str, Any]
    ) -> None:
        self.kind = kind
        self.body = body
        answer: Any = msgspec.defstruct(
            f"{body.__name__}Answer",
            [("id", str), ("created_at", datetime), ("updated_at", datetime)],
            bases=(body,),
            kw_only=True,
        )
        listed = msgspec.defstruct(
            f"{body.__name__}List", [("items", list[answer]), ("total", int), ("page", int), ("page_size", int)]
        )
        patch = msgspec.defstruct(
            f"{body.__name__}Patch",
            [(field.name, field.type | None, None) for field in msgspec.structs.fields(body) if field.name != "code"],
            kw_only=True,
        )
        one = f"{path}/{{{kind}_id}}"
        admin: dict[str, Any] = {"access": Access.ADMIN}
        routes.add("GET", path, self.list, summary=f"List {kind}s", query=ListQuery, answers={200: listed}, **admin)
        routes.add(
            "POST",
            path,
            self.create,
            summary=f"Create a {kind}",
            body=body,
            answers={201: answer},
            refuses=(409,),
            example=example,
            **admin,
        )
        routes.add("GET", one, self.get, summary=f"Get a {kind}", answers={200: answer}, refuses=(404,), **admin)
        routes.add(
            "PATCH",
            one,
            self.update,
            summary=f"Change a {kind}",
            body=dict[str, Any],
            body_documented=patch,
            answers={200: answer},
            refuses=(404,),
            example={"name": "New name"},
            **admin,
        )
        routes.add(
            "DELETE", one, self.delete, summary=f"Delete a {kind}", answers={200: answer}, refuses=(404,), **admin
        )

    async def list(self, request: Request[None, ListQuery]) -> Reply:
        """In display order."""
        query = request.query
        rows, total = await definitions.page(
            request.services.readers,
            request.project_id,
            self.kind,
            is_active=query.is_active,
            limit=query.page_size,
            offset=query.offset,
        )
        items = [self._answer(row) for row in rows]
        listed = {"items": items, "total": total, "page": query.page, "page_size": query.page_size}
        return Reply(msgspec.json.encode(listed))

    async def create(self, request: Request[DefinitionBody, None]) -> Reply:
        """Unknown fields are refused, so that a misspelt one does not pass unnoticed."""
        now = datetime.now(UTC)
        async with request.services.readers.transaction() as connection:
            row = DefinitionRow(
                id=str(uuid7()),
                kind=self.kind,
                code=request.body.code,
                body=particulars(request.body),
                is_active=request.body.is_active,
                display_order=request.body.display_order,
                version=await definitions.lock(connection, request.project_id),
                created_at=now,
                updated_at=now,
            )
            try:
                await definitions.insert(connection, request.project_id, row)
            except CodeTakenError:
                raise Refusal(409, f"A {self.kind} with this code exists already: {row.code}") from None
        return Reply(msgspec.json.encode(self._answer(row)), status=201)

    async def get(self, request: Request[None, None]) -> Reply:
        row = await definitions.get(request.services.readers, request.project_id, self.kind, _id(request, self.kind))
        return Reply(msgspec.json.encode(self._answer(self._known(row, request))))

    async def update(self, request: Request[dict[str, Any], None]) -> Reply:
        """Fields given replace, objects are merged, the code cannot be changed."""
        async with request.services.readers.transaction() as connection:
            version = await definitions.lock(connection, request.project_id)
            row = self._known(
                await definitions.get(connection, request.project_id, self.kind, _id(request, self.kind)), request
            )
            if request.body.get("code", row.code) != row.code:
                raise invalid("code", "cannot be changed; history refers to it")
            body = self._patched(row, request.body)
            row = msgspec.structs.replace(
                row,
                body=particulars(body),
                is_active=body.is_active,
                display_order=body.display_order,
                version=version,
                updated_at=datetime.now(UTC),
            )
            await definitions.update(connection, row)
        return Reply(msgspec.json.encode(self._answer(row)))

    async def delete(self, request: Request[None, None]) -> Reply:
        """Soft: it stops working and leaves the lists, and stays readable in histories. Its code is free again."""
        now = datetime.now(UTC)
        async with request.services.readers.transaction() as connection:
            version = await definitions.lock(connection, request.project_id)
            row = self._known(
                await definitions.get(connection, request.project_id, self.kind, _id(request, self.kind)), request
            )
            row = msgspec.structs.replace(row, version=version, is_active=False, updated_at=now)
            await definitions.soft_delete(connection, row, now)
        return Reply(msgspec.json.encode(self._answer(row)))

    def _known(self, row: DefinitionRow | None, request: Request[Any, Any]) -> DefinitionRow:
        if row is None:
            raise Refusal(404, f"{self.kind.capitalize()} definition not found: {request.path[0]}")
        return row

    def _patched(self, row: DefinitionRow, patch: dict[str, Any]) -> DefinitionBody:
        whole = {**row.body, **{field: getattr(row, field) for field in _ROW_FIELDS}}
        try:
            return msgspec.convert(_merged(whole, patch), self.body)
        except msgspec.ValidationError as error:
            raise invalid_value(error) from None

    def _answer(self, row: DefinitionRow) -> dict[str, Any]:
        whole = {**row.body, **{field: getattr(row, field) for field in _ROW_FIELDS}}
        in_order = {field: whole[field] for field in self.body.__struct_fields__}
        return {"id": row.id, **in_order, "created_at": row.created_at, "updated_at": row.updated_at}


def _merged(whole: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Objects are merged. Null removes nothing: the field becomes null, or is refused where null is no value."""
    merged = dict(whole)
    for name, value in patch.items():
        present = merged.get(name)
        if isinstance(value, dict) and isinstance(present, dict):
            merged[name] = _merged(present, value)
        else:
            merged[name] = value
    return merged


def particulars(body: DefinitionBody) -> dict[str, Any]:
    whole: dict[str, Any] = msgspec.to_builtins(body)
    return {field: value for field, value in whole.items() if field not in _ROW_FIELDS}


def _id(request: Request[Any, Any], kind: DefinitionKind) -> str:
    """The path's id; anything but a UUID cannot be one of ours."""
    try:
        return str(msgspec.convert(request.path[0], UUID))
    except msgspec.ValidationError:
        raise Refusal(404, f"{kind.capitalize()} definition not found: {request.path[0]}") from None
