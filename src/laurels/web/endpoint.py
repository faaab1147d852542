"""How an endpoint is written: a handler and a declaration; routing, decoding and the OpenAPI document follow from it.

routes = Routes("Points")

@routes.post("/gamify/points/award", body=AwardPointsRequest, answers={200: PointsAwardedAnswer}, refuses=(400,))
async def award_points(request: Request[AwardPointsRequest, None]) -> Reply:
    ...

The handler's name is the operation's id, and so the name of a method of the clients.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

from laurels.kernel.commands import Actor
from laurels.kernel.input.names import UnknownNames
from laurels.storage.keys import SCOPES, Scope
from laurels.web.errors import Refusal, invalid
from laurels.web.protocol.rate_limits import Bucket

if TYPE_CHECKING:
    from laurels.web.services import Services

Body = TypeVar("Body")
Query = TypeVar("Query")

_ESCAPED = re.compile(r"\\([\"\\])")

API_PREFIX = "/api/v1"


class Access(Enum):
    """Who may call: anyone, any valid key, or a key with one of the scopes that administer the game, the project with
    its keys, or the whole server."""

    OPEN = "open"
    KEY = "key"
    ADMIN = "admin"
    PROJECT_ADMIN = "project admin"
    OPERATOR = "operator"


_LOWEST_SCOPES: dict[Access, Scope] = {
    Access.KEY: "gamify",
    Access.ADMIN: "gamify:admin",
    Access.PROJECT_ADMIN: "admin",
    Access.OPERATOR: "operator",
}
_SCOPES: dict[Access, tuple[Scope, ...]] = {
    access: SCOPES[SCOPES.index(lowest) :] for access, lowest in _LOWEST_SCOPES.items()
}


def scopes_for(access: Access) -> tuple[Scope, ...]:
    """The scopes that suffice, the lowest first."""
    return _SCOPES[access]


class Principal(msgspec.Struct, frozen=True):
    """Whom the caller's key speaks for, until when, and the limits that hold for it. `key_id` is None for the key of
    the environment. `strict_fields`: the project refuses names that a request does not have."""

    project_id: int
    scope: Scope
    key_id: str | None = None
    key_name: str = ""
    expires_at: datetime | None = None
    buckets: tuple[Bucket, ...] = ()
    strict_fields: bool = False

    @property
    def holder(self) -> tuple[int, str | None]:
        """Whose places are counted together: the key's."""
        return self.project_id, self.key_id

    def may(self, access: Access) -> bool:
        return self.scope in _SCOPES[access]


class Reply(msgspec.Struct, frozen=True):
    """`is_public`: it brings all headers about caches and browsers itself."""

    body: bytes
    status: int = 200
    content_type: bytes = b"application/json"
    headers: tuple[tuple[bytes, bytes], ...] = ()
    is_public: bool = False


class StreamedReply(msgspec.Struct, frozen=True):
    """An answer that is sent as it comes. When the caller goes away, `chunks` is closed where it stands."""

    chunks: AsyncGenerator[bytes, None]
    content_type: bytes
    status: int = 200
    headers: tuple[tuple[bytes, bytes], ...] = ()
    is_public: bool = False


WARNINGS_SHOWN = 10
"""In one header, which must stay short."""


def warning_headers(sentences: Sequence[str]) -> tuple[tuple[bytes, bytes], ...]:
    """The header `Laurels-Warning`: the request was done, and these sentences say what may not be meant so."""
    if not sentences:
        return ()
    shown = [*sentences[:WARNINGS_SHOWN]]
    if len(sentences) > WARNINGS_SHOWN:
        shown.append(f"And {len(sentences) - WARNINGS_SHOWN} more.")
    return ((b"laurels-warning", " ".join(shown).encode("latin-1", "replace")),)


class Request(Generic[Body, Query]):
    """A decoded request. `path` holds the path's parameters in their order. `chunks` is the body as it comes, for
    endpoints that read it themselves; it raises Refusal when the body is too long or breaks off."""

    __slots__ = (
        "body",
        "chunks",
        "headers",
        "is_long",
        "names",
        "path",
        "principal",
        "query",
        "request_id",
        "services",
    )

    def __init__(
        self,
        services: "Services",
        principal: Principal,
        path: list[str],
        query: Query,
        body: Body,
        headers: dict[bytes, bytes],
        chunks: AsyncIterator[bytes] | None = None,
        request_id: str = "",
        names: UnknownNames | None = None,
        *,
        is_long: bool = False,
    ) -> None:
        """`is_long`: what is done with the whole body is done beside the event loop. `names` are told the names that
        are ignored."""
        self.names = names or UnknownNames()
        self.request_id = request_id
        self.is_long = is_long
        self.chunks = chunks
        self.services = services
        self.principal = principal
        self.path = path
        self.query = query
        self.body = body
        self.headers = headers

    @property
    def actor(self) -> Actor:
        """Who this is in the audit log."""
        key = self.principal
        return Actor(name=key.key_name or "a key without a name", key_id=key.key_id, request_id=self.request_id)

    @property
    def project_id(self) -> int:
        return self.principal.project_id

    def idempotency_key(self, in_body: str | None) -> str | None:
        """The key from the body or the Idempotency-Key header. Raises Refusal 422 when they differ."""
        header = self.headers.get(b"idempotency-key")
        if header is None:
            return in_body
        try:
            key = _unquoted(header.decode())
        except UnicodeDecodeError:
            raise invalid("Idempotency-Key", "must be UTF-8") from None
        if not 1 <= len(key) <= 255:
            raise invalid("Idempotency-Key", "must have 1 to 255 characters")
        if in_body is not None and in_body != key:
            raise invalid("idempotency_key", "differs from the Idempotency-Key header; send one of them")
        return key


def _unquoted(header: str) -> str:
    """A header may be a string of structured fields (RFC 9651, 3.3.3), as draft-ietf-httpapi-idempotency-key-header has
    it: the same key with quotes and without."""
    if len(header) > 1 and header[0] == header[-1] == '"':
        return _ESCAPED.sub(r"\1", header[1:-1])
    return header


Handler = Callable[[Request[Any, Any]], Awaitable[Reply | StreamedReply]]


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    method: str
    path: str
    handler: Handler
    operation: str
    tag: str
    summary: str
    description: str
    access: Access
    body: type | None
    body_documented: Any
    query: type | None
    answers: dict[int, Any]
    refuses: tuple[int, ...]
    refusals: dict[int, Refusal]
    takes_idempotency_key: bool
    warns: bool
    example: Any
    answer_example: Any
    content_type: str = "application/json"
    streams_up_to_bytes: int | None = None
    csv_example: str | None = None
    decodes_aside: bool = False


class Routes:
    """Collects the endpoints of one module."""

    def __init__(self, tag: str, access: Access = Access.KEY) -> None:
        self.tag = tag
        self.access = access
        self.endpoints: list[Endpoint] = []

    def add(
        self,
        method: str,
        path: str,
        handler: Handler,
        *,
        summary: str,
        answers: dict[int, Any],
        operation: str | None = None,
        body: type | None = None,
        body_documented: Any = None,
        query: type | None = None,
        refuses: tuple[int, ...] = (),
        refusals: dict[int, Refusal] | None = None,
        takes_idempotency_key: bool = False,
        warns: bool = False,
        example: Any = None,
        answer_example: Any = None,
        content_type: str = "application/json",
        access: Access | None = None,
        streams_up_to_bytes: int | None = None,
        csv_example: str | None = None,
        decodes_aside: bool = False,
    ) -> None:
        """Adds an endpoint. `operation` is its id: the handler's name unless given.

        `answers` maps a status to the answer's type, `refuses` lists statuses of this endpoint's own; those that every
        endpoint shares (401, 422 …) are added by themselves. `refusals` are examples of them where the usual
        ones do not fit; with `warns` an answer may have warning headers. `body_documented` is the
        body's type for readers where the handler decodes it in a way of its own. With `streams_up_to_bytes` it reads
        the body itself, in chunks; with a `csv_example` it takes CSV as well.
        `decodes_aside`: checking the body takes long, as expressions have to be compiled.
        """
        self.endpoints.append(
            Endpoint(
                method=method,
                path=path,
                handler=handler,
                operation=operation or str(getattr(handler, "__name__", "")),
                tag=self.tag,
                summary=summary,
                description=(handler.__doc__ or "").strip(),
                access=access or self.access,
                body=body,
                body_documented=body_documented or body,
                query=query,
                answers=answers,
                refuses=refuses,
                refusals=refusals or {},
                takes_idempotency_key=takes_idempotency_key,
                warns=warns,
                example=example,
                answer_example=answer_example,
                content_type=content_type,
                streams_up_to_bytes=streams_up_to_bytes,
                csv_example=csv_example,
                decodes_aside=decodes_aside,
            )
        )

    def endpoints_under(self, prefix: str) -> list[Endpoint]:
        return [replace(endpoint, path=prefix + endpoint.path) for endpoint in self.endpoints]

    def get(self, path: str, **declaration: Any) -> Callable[[Handler], Handler]:
        return self._decorator("GET", path, declaration)

    def post(self, path: str, **declaration: Any) -> Callable[[Handler], Handler]:
        return self._decorator("POST", path, declaration)

    def patch(self, path: str, **declaration: Any) -> Callable[[Handler], Handler]:
        return self._decorator("PATCH", path, declaration)

    def delete(self, path: str, **declaration: Any) -> Callable[[Handler], Handler]:
        return self._decorator("DELETE", path, declaration)

    def _decorator(self, method: str, path: str, declaration: dict[str, Any]) -> Callable[[Handler], Handler]:
        def decorate(handler: Handler) -> Handler:
            self.add(method, path, handler, **declaration)
            return handler

        return decorate
