"""Signing in to the console, with an API key."""

from typing import Literal

import msgspec
from msgspec import Struct

from laurels.office.examples import SESSION_RESPONSE
from laurels.storage.office import keys, projects
from laurels.storage.office.keys import Scope
from laurels.web.endpoint import Reply, Request, Routes
from laurels.web.keys.access import Access
from laurels.web.keys.sessions import cookie_name
from laurels.web.protocol.errors import Refusal

routes = Routes(
    "Sessions",
    Access.ANY_KEY,
    about="Sign in to the console with an API key. Guide: [The console](docs/console.md).",
)


class SessionProject(Struct, frozen=True, kw_only=True):
    """The project of the key."""

    code: str
    """The project's code."""
    name: str
    """The project's name."""
    mode: Literal["live", "test"]
    """`test` if the project's clock can be moved."""
    time_zone: str
    """The time zone in which the project's days begin."""


class SessionShown(Struct, frozen=True, kw_only=True):
    """The key for which a request acts."""

    project: SessionProject
    """The project of the key."""
    scope: Scope
    """The permissions of the key."""
    key_id: str | None
    """The id of the key; null for the key in the server's environment."""
    key_name: str
    """The name of the key in the audit log."""


class SessionEnded(Struct, frozen=True):
    """The response to signing out."""

    ended: bool
    """True, also if there was no session."""


def _key_needed() -> Refusal:
    return Refusal(401, "Missing API key: send it in the X-API-Key header", code="api_key_missing")


@routes.post(
    "/gamify/session",
    summary="Sign in to the console",
    answers={201: SessionShown},
    answer_example=SESSION_RESPONSE,
)
async def sign_in(request: Request[None, None]) -> Reply:
    """Begins a session of the key in `X-API-Key`: the response sets a cookie that no script can read, and requests with
    the header `Laurels-Session: 1` then need no key. Another value of the header names one of several sessions of a
    browser. A session ends after 12 hours without a request, when the key ends, or by signing out."""
    key = request.headers.get(b"x-api-key")
    if key is None:
        raise _key_needed()
    token = await request.services.sessions.begin(keys.hash_of(key.decode(errors="replace")))
    return Reply(await _shown(request), 201, headers=(_cookie(request, token),))


@routes.get(
    "/gamify/session",
    summary="The key of a session",
    answers={200: SessionShown},
    answer_example=SESSION_RESPONSE,
)
async def current_session(request: Request[None, None]) -> Reply:
    """The project, the scope and the name in the audit log of the key, which is sent itself or as a session."""
    return Reply(await _shown(request))


@routes.delete(
    "/gamify/session",
    summary="Sign out of the console",
    answers={200: SessionEnded},
    answer_example={"ended": True},
)
async def sign_out(request: Request[None, None]) -> Reply:
    """Ends the session on all servers and removes the cookie. The key stays as it is."""
    await request.services.sessions.end(request.headers)
    return Reply(msgspec.json.encode(SessionEnded(ended=True)), headers=(_cookie(request, "", "; Max-Age=0"),))


async def _shown(request: Request[None, None]) -> bytes:
    project = await projects.by_id(request.services.readers, request.project_id)
    shown = SessionShown(
        project=SessionProject(code=project.code, name=project.name, mode=project.mode, time_zone=project.time_zone),
        scope=request.principal.scope,
        key_id=request.principal.key_id,
        key_name=request.actor.name,
    )
    return msgspec.json.encode(shown)


def _cookie(request: Request[None, None], token: str, more: str = "") -> tuple[bytes, bytes]:
    """The cookie. Without a path, browsers send it to the paths beside this one (RFC 6265, 5.1.4), also behind a proxy
    that puts a prefix before all paths. If the origin is HTTPS, the cookie is only sent over HTTPS."""
    secure = "; Secure" if request.headers.get(b"origin", b"").startswith(b"https:") else ""
    return b"set-cookie", f"{cookie_name(request.headers)}={token}; HttpOnly; SameSite=Strict{secure}{more}".encode()
