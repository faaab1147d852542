"""Endpoints: each is a handler with a declaration, from which routing, decoding and the OpenAPI document follow.

routes = Routes("Points")

@routes.post("/gamify/points/award", body=AwardPointsRequest, answers={200: PointsAwardedAnswer}, refuses=(400,))
async def award_points(request: Request[AwardPointsRequest, None]) -> Reply:
    ...

The name of the handler is the operation id, and so the name of the method in the clients.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Protocol, Required, TypedDict, TypeVar, Unpack

import msgspec

from laurels.kernel.commands import Actor
from laurels.kernel.input.names import UnknownNames
from laurels.web.keys.access import Access, Principal
from laurels.web.protocol.errors import Refusal, invalid
from laurels.web.services import Services

Body = TypeVar("Body")
Query = TypeVar("Query")

_ESCAPED = re.compile(r"\\([\"\\])")

API_PREFIX = "/api/v1"


class Reply(msgspec.Struct, frozen=True):
    """A response. `is_public`: `headers` has all headers about caches and browsers; the server adds none."""

    body: bytes
    status: int = 200
    content_type: bytes = b"application/json"
    headers: tuple[tuple[bytes, bytes], ...] = ()
    is_public: bool = False


def _nothing() -> None:
    pass


class StreamedReply(msgspec.Struct, frozen=True):
    """A response that is sent in chunks. If the caller disconnects, `chunks` is closed after its next chunk;
    `on_disconnect` is called at once. `weight_bytes` is the memory that the response takes, None for the usual one."""

    chunks: AsyncGenerator[bytes, None]
    content_type: bytes
    status: int = 200
    headers: tuple[tuple[bytes, bytes], ...] = ()
    is_public: bool = False
    on_disconnect: Callable[[], None] = _nothing
    weight_bytes: int | None = None


WARNINGS_SHOWN = 10
"""The number of warnings in one header, which must stay short."""


def warning_headers(sentences: Sequence[str]) -> tuple[tuple[bytes, bytes], ...]:
    """The header `Laurels-Warning`: the request succeeded, and these sentences name possible mistakes in it."""
    if not sentences:
        return ()
    shown = [*sentences[:WARNINGS_SHOWN]]
    if len(sentences) > WARNINGS_SHOWN:
        shown.append(f"And {len(sentences) - WARNINGS_SHOWN} more.")
    return ((b"laurels-warning", " ".join(shown).encode("latin-1", "replace")),)


class Context(msgspec.Struct, frozen=True):
    """A request before its body is read. `path` holds the path parameters in their order. `names` collects the names
    that are ignored."""

    services: Services
    principal: Principal
    path: list[str]
    headers: dict[bytes, bytes]
    request_id: str
    names: UnknownNames


class Request(Generic[Body, Query]):
    """A decoded request. `chunks` is the body for endpoints that read it themselves; iterating raises Refusal if the
    body is too long or incomplete. `is_long`: the whole body must be processed in a thread, not in the event loop."""

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
        context: Context,
        query: Query,
        body: Body,
        chunks: AsyncIterator[bytes] | None = None,
        *,
        is_long: bool = False,
    ) -> None:
        self.services = context.services
        self.principal = context.principal
        self.path = context.path
        self.headers = context.headers
        self.request_id = context.request_id
        self.names = context.names
        self.query = query
        self.body = body
        self.chunks = chunks
        self.is_long = is_long

    @property
    def actor(self) -> Actor:
        """The caller as the audit log shows it."""
        key = self.principal
        return Actor(name=key.key_name or "a key without a name", key_id=key.key_id, request_id=self.request_id)

    @property
    def is_session(self) -> bool:
        """Whether the request has a session of the console instead of a key."""
        return b"x-api-key" not in self.headers

    @property
    def project_id(self) -> int:
        return self.principal.project_id

    def idempotency_key(self, in_body: str | None) -> str | None:
        """The idempotency key from the body or from the Idempotency-Key header. Raises Refusal 422 if they differ."""
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


AnyRequest = Request[Any, Any]


def _unquoted(header: str) -> str:
    """The key without quotes. The header may be a quoted string of structured fields (RFC 9651, 3.3.3), as in
    draft-ietf-httpapi-idempotency-key-header; the key is the same with quotes and without."""
    if len(header) > 1 and header[0] == header[-1] == '"':
        return _ESCAPED.sub(r"\1", header[1:-1])
    return header


class Handler(Protocol):
    """The function that serves an endpoint. Its name is the operation id, its docstring is the description."""

    __name__: str

    def __call__(self, request: Any, /) -> Awaitable[Reply | StreamedReply]: ...


HandlerType = TypeVar("HandlerType", bound=Handler)


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
    about_tag: str = ""
    answers: dict[int, Any]
    body: type | None = None
    body_documented: Any = None
    query: type | None = None
    refuses: tuple[int, ...] = ()
    refusals: dict[int, Refusal] = field(default_factory=dict)
    takes_idempotency_key: bool = False
    request_headers: dict[str, str] = field(default_factory=dict)
    warns: bool = False
    example: Any = None
    answer_example: Any = None
    content_type: str = "application/json"
    streams_up_to_bytes: int | None = None
    csv_example: str | None = None
    decodes_aside: bool = False

    stand_ins: tuple[tuple[type, type], ...] = ()
    """Types of responses, each with the type that the composition of all mechanics puts in its place."""


class Declaration(TypedDict, total=False):
    """The declaration of an endpoint: everything except its path and its handler.

    `operation` is its id, by default the name of the handler.
    `answers` maps each status of a success to the type of the response.
    `refuses` lists the error statuses that are specific to this endpoint; shared ones (401, 422 …) are added to it.
    `refusals` are examples of errors, for statuses where the usual example does not fit.
    `request_headers` are the headers that the endpoint reads beside those of all requests, with their descriptions.
    `warns`: responses may have the header `Laurels-Warning`.
    `body_documented` is the documented type of the body, where the handler decodes the body itself.
    `streams_up_to_bytes`: the handler reads the body in chunks, up to this length.
    `csv_example`: the endpoint takes CSV as well.
    `decodes_aside`: the body is decoded in a thread, as checking it compiles expressions.
    """

    summary: Required[str]
    answers: Required[dict[int, Any]]
    operation: str
    access: Access
    body: type | None
    body_documented: Any
    query: type | None
    refuses: tuple[int, ...]
    refusals: dict[int, Refusal]
    takes_idempotency_key: bool
    request_headers: dict[str, str]
    warns: bool
    example: Any
    answer_example: Any
    content_type: str
    streams_up_to_bytes: int | None
    csv_example: str | None
    decodes_aside: bool


class Resource(Protocol):
    """A group of endpoints."""

    def add_to(self, routes: "Routes") -> None: ...


Declared = TypeVar("Declared", bound=Hashable)


class Routes:
    """The endpoints of one module, in order, including the places of resources that are created at the start."""

    def __init__(self, tag: str, access: Access = Access.KEY, *, about: str = "") -> None:
        """`about` describes the tag to readers, in Markdown. One of the modules with the tag has it."""
        self.tag = tag
        self.access = access
        self.about = about
        self._parts: list[Endpoint | Hashable] = []

    @property
    def endpoints(self) -> list[Endpoint]:
        return [part for part in self._parts if isinstance(part, Endpoint)]

    def add(self, method: str, path: str, handler: Handler, **declaration: Unpack[Declaration]) -> None:
        complete: Declaration = {
            "operation": handler.__name__,
            "access": self.access,
            "body_documented": declaration.get("body"),
            **declaration,
        }
        description = (handler.__doc__ or "").strip()
        self._parts.append(
            Endpoint(
                method=method,
                path=path,
                handler=handler,
                tag=self.tag,
                about_tag=self.about,
                description=description,
                **complete,
            )
        )

    def place(self, declared: Declared) -> Declared:
        """Reserves the next place for the endpoints of a declared resource."""
        self._parts.append(declared)
        return declared

    def filled(self, made: Mapping[Hashable, Resource]) -> "Routes":
        """These routes with the endpoints of each resource in place of its declaration."""
        filled = Routes(self.tag, self.access, about=self.about)
        for part in self._parts:
            if isinstance(part, Endpoint):
                filled._parts.append(part)
            else:
                made[part].add_to(filled)
        return filled

    def endpoints_under(self, prefix: str) -> list[Endpoint]:
        return [replace(endpoint, path=prefix + endpoint.path) for endpoint in self.endpoints]

    def get(self, path: str, **declaration: Unpack[Declaration]) -> Callable[[HandlerType], HandlerType]:
        return self._decorator("GET", path, declaration)

    def post(self, path: str, **declaration: Unpack[Declaration]) -> Callable[[HandlerType], HandlerType]:
        return self._decorator("POST", path, declaration)

    def patch(self, path: str, **declaration: Unpack[Declaration]) -> Callable[[HandlerType], HandlerType]:
        return self._decorator("PATCH", path, declaration)

    def delete(self, path: str, **declaration: Unpack[Declaration]) -> Callable[[HandlerType], HandlerType]:
        return self._decorator("DELETE", path, declaration)

    def _decorator(self, method: str, path: str, declaration: Declaration) -> Callable[[HandlerType], HandlerType]:
        def decorate(handler: HandlerType) -> HandlerType:
            self.add(method, path, handler, **declaration)
            return handler

        return decorate
