"""The endpoints with which a project's administrators create, change, rotate and revoke API keys."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from laurels.office.examples import (
    CHANGE_KEY_REQUEST,
    CHANGE_KEY_RESPONSE,
    CREATE_KEY_REQUEST,
    KEY,
    LIST_KEYS_RESPONSE,
    NEW_KEY,
    REVOKE_KEY_RESPONSE,
    ROTATE_KEY_REQUEST,
    ROTATE_KEY_RESPONSE,
)
from laurels.storage.office import keys, projects
from laurels.storage.office.keys import SCOPES, KeyChangeRefusedError, KeyRow, Scope
from laurels.storage.postgres.database import Connection
from laurels.web.endpoint import AnyRequest, Reply, Request, Routes
from laurels.web.keys.access import Access
from laurels.web.protocol.errors import Refusal, key_invalid, scope_missing
from laurels.web.requests.patches import changes

routes = Routes(
    "Keys",
    Access.PROJECT_ADMIN,
    about="Create, rotate and revoke the project's API keys. These calls need the scope `admin`. Guide: [Projects, "
    "keys, limits](docs/projects-and-keys.md#keys).",
)

KeyName = Annotated[str, Meta(max_length=100, description="A name by which you recognise the key later.")]
RateLimit = Annotated[
    int, Meta(ge=0, le=1_000_000, description="Requests per second; null for the server's default, 0 for no limit.")
]
LONGEST_OVERLAP_HOURS = 90 * 24


class ApiKey(Struct, frozen=True, kw_only=True):
    """`hint` is the beginning of the key. The key works until `expires_at` or `revoked_at`, whichever comes first.
    `last_used_at` is the time of its last request, accurate to about a minute; null if no use has been recorded."""

    id: str
    """The id of the key."""
    name: str
    """The name of the key."""
    scope: Scope
    """The permissions of the key: each scope includes those before it."""
    hint: str
    """The first characters of the key."""
    rate_limit: int | None
    """Requests per second; null for the server's default, 0 for no limit."""
    created_at: datetime
    """When the key was created."""
    expires_at: datetime | None
    """When the key expires; null for never."""
    revoked_at: datetime | None
    """When the key was revoked; null if it was not."""
    last_used_at: datetime | None
    """The time of its last request, to the minute or so; null if none is known."""


class NewApiKey(ApiKey, frozen=True, kw_only=True):
    """`key` is the key itself. It cannot be shown again."""

    key: str
    """The key itself, for the header `X-API-Key`. It is not shown again."""


class RotatedApiKey(NewApiKey, frozen=True, kw_only=True):
    """The new key. `replaces` is the old key, including the time at which it ends."""

    replaces: ApiKey
    """The old key, with the time of its end."""


class ApiKeysAnswer(Struct, frozen=True, kw_only=True):
    """The keys of the project."""

    items: list[ApiKey]
    """The keys, in the order of their creation."""
    total: int
    """The number of keys in the list."""


class CreateKeyRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The key to create."""

    scope: Scope = "gamify"
    """The permissions of the key: each scope includes those before it."""
    name: KeyName = ""
    rate_limit: RateLimit | None = None


class ChangeKeyRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields to change; all others stay as they are."""

    name: KeyName | UnsetType = UNSET
    rate_limit: RateLimit | UnsetType | None = UNSET


class RotateKeyRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the old key ends."""

    valid_hours: Annotated[
        int,
        Meta(ge=0, le=LONGEST_OVERLAP_HOURS, description="The time for which the old key still works."),
    ] = 24


def _not_found(name: str) -> Refusal:
    return Refusal(404, f"API key not found: {name}", code="api_key_not_found")


def refused(error: KeyChangeRefusedError) -> Refusal:
    return Refusal(409, str(error), code=error.code)


TOO_MANY = refused(keys.too_many(keys.VALID_LIMIT, keys.VALID_LIMIT, keys.REVOKE))


def _ended() -> Refusal:
    """An example of a key that cannot be rotated."""
    return Refusal(409, "The key is revoked or expired; create a new one", code="api_key_ended")


def _own_key() -> Refusal:
    return Refusal(409, "A key cannot revoke itself; use another one", code="api_key_in_use")


@routes.get(
    "/gamify/admin/keys",
    summary="List the project's keys",
    answers={200: ApiKeysAnswer},
    answer_example=LIST_KEYS_RESPONSE,
    refuses=(503,),
)
async def list_keys(request: Request[None, None]) -> Reply:
    """The valid keys, and the last 1,000 keys that were revoked or expired, in the order of their creation."""
    rows = await keys.all_keys(request.services.readers, request.project_id)
    return Reply(msgspec.json.encode(ApiKeysAnswer(items=[shown(row) for row in rows], total=len(rows))))


@routes.post(
    "/gamify/admin/keys",
    summary="Create a key",
    body=CreateKeyRequest,
    answers={201: NewApiKey},
    example=CREATE_KEY_REQUEST,
    answer_example=NEW_KEY,
    refuses=(403, 409, 503),
    refusals={409: TOO_MANY},
)
async def create_key(request: Request[CreateKeyRequest, None]) -> Reply:
    """Creates a key for the project of the caller's key. The scope may be up to that of the caller's key. A project can
    have up to 200 valid keys."""
    async with request.services.edits.transaction() as connection:
        await lock_keys(request, connection)
        project = await projects.by_id(connection, request.project_id)
        return await create(request, connection, project)


@routes.patch(
    "/gamify/admin/keys/{key_id}",
    summary="Change a key's name or limit",
    body=dict[str, Any],
    body_documented=ChangeKeyRequest,
    answers={200: ApiKey},
    example=CHANGE_KEY_REQUEST,
    answer_example=CHANGE_KEY_RESPONSE,
    refuses=(403, 404, 503),
    refusals={404: _not_found(KEY["id"])},
)
async def change_key(request: Request[dict[str, Any], None]) -> Reply:
    """All servers apply the change within 5 seconds. The body may be the key as a response shows it; read-only fields
    must then have their current values."""
    async with request.services.edits.transaction() as connection:
        before = await _key(request, connection)
        refuse_scope(request, before.scope)
        key = msgspec.structs.replace(before, **changes(request.body, ChangeKeyRequest, shown(before)))
        await keys.change(connection, request.project_id, before, key)
    return Reply(msgspec.json.encode(shown(key)))


@routes.post(
    "/gamify/admin/keys/{key_id}/rotate",
    summary="Replace a key",
    body=RotateKeyRequest,
    answers={201: RotatedApiKey},
    example=ROTATE_KEY_REQUEST,
    answer_example=ROTATE_KEY_RESPONSE,
    refuses=(403, 404, 409, 503),
    refusals={404: _not_found(KEY["id"]), 409: _ended()},
)
async def rotate_key(request: Request[RotateKeyRequest, None]) -> Reply:
    """Creates a successor with the same name, scope and limit. Both keys work until the old one ends. In a project with
    400 valid keys the old key must end at once."""
    async with request.services.edits.transaction() as connection:
        key = await _key(request, connection)
        refuse_scope(request, key.scope)
        project = await projects.by_id(connection, request.project_id)
        try:
            secret, new = await keys.rotate(connection, project, key, timedelta(hours=request.body.valid_hours))
        except KeyChangeRefusedError as error:
            raise refused(error) from None
        old = (await keys.lock(connection, request.project_id, (key.id,)))[key.id]
    answer = RotatedApiKey(**msgspec.structs.asdict(new), key=secret, replaces=shown(old))
    return Reply(msgspec.json.encode(answer), 201)


@routes.post(
    "/gamify/admin/keys/{key_id}/revoke",
    summary="Revoke a key",
    answers={200: ApiKey},
    answer_example=REVOKE_KEY_RESPONSE,
    refuses=(403, 404, 409, 503),
    refusals={404: _not_found(KEY["id"]), 409: _own_key()},
)
async def revoke_key(request: Request[None, None]) -> Reply:
    """All servers refuse the key within 5 seconds. A key cannot revoke itself, and the project's last key with the
    scope admin cannot be revoked."""
    async with request.services.edits.transaction() as connection:
        key = await _key(request, connection)
        refuse_scope(request, key.scope)
        if key.id == request.principal.key_id:
            raise _own_key()
        try:
            revoked = await keys.revoke(connection, request.project_id, key)
        except KeyChangeRefusedError as error:
            raise refused(error) from None
    return Reply(msgspec.json.encode(shown(revoked)))


async def create(request: Request[CreateKeyRequest, None], connection: Connection, project: projects.Project) -> Reply:
    """Creates the requested key. Raises Refusal 403 and 409."""
    body = request.body
    refuse_scope(request, body.scope)
    try:
        secret, row = await keys.add(connection, project, body.scope, body.name, body.rate_limit)
    except KeyChangeRefusedError as error:
        raise refused(error) from None
    return Reply(msgspec.json.encode(NewApiKey(**msgspec.structs.asdict(row), key=secret)), 201)


def refuse_scope(request: AnyRequest, scope: Scope) -> None:
    """Raises Refusal 403 if the scope is higher than that of the caller's key."""
    if SCOPES.index(scope) > SCOPES.index(request.principal.scope):
        raise scope_missing(scope, SCOPES[SCOPES.index(scope) :])


def shown(row: KeyRow) -> ApiKey:
    return ApiKey(**msgspec.structs.asdict(row))


async def lock_keys(request: AnyRequest, connection: Connection, *key_ids: str) -> dict[str, KeyRow]:
    """Locks the keys with these ids in the caller's project, and the caller's key, and returns them. Raises Refusal
    401.

    This server may still accept a key that was revoked a moment ago, or whose project was archived. The lock prevents
    such a key from creating, changing or replacing keys that would outlive it.
    """
    caller_id = request.principal.key_id
    all_ids = {*key_ids} if caller_id is None else {*key_ids, caller_id}
    locked = await keys.lock(connection, request.project_id, all_ids)
    if caller_id is not None:
        caller = locked.get(caller_id)
        project = await projects.by_id(connection, request.project_id)
        if caller is None or not keys.is_valid(caller, datetime.now(UTC)) or project.archived_at is not None:
            raise key_invalid()
    return locked


async def _key(request: AnyRequest, connection: Connection) -> KeyRow:
    """The key in the path, locked together with the caller's key. Raises Refusal 401 and 404."""
    parameter = request.path[0]
    try:
        key_ids = [str(UUID(parameter))]
    except ValueError:
        key_ids = []
    locked = await lock_keys(request, connection, *key_ids)
    if not key_ids or key_ids[0] not in locked:
        raise _not_found(parameter)
    return locked[key_ids[0]]
