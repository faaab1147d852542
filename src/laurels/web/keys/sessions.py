"""Sessions of the console: a cookie that stands for an API key, so that no script of a page holds the key.

The cookie is valid only in requests with the header `Laurels-Session`. Pages of other origins cannot send this header
without the permission of this server, which never gives it: requests from such pages are not signed in.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from laurels.storage.office import sessions
from laurels.storage.postgres.pools import Edits, Readers
from laurels.web.keys.access import Principal
from laurels.web.keys.auth import KeyRing
from laurels.web.protocol.errors import Refusal

COOKIE = "laurels_session"
HEADER = b"laurels-session"
_DEFAULT = b"1"
_NAME = re.compile(rb"[a-z0-9][a-z0-9_.-]{0,99}", re.IGNORECASE)


def session_ended() -> Refusal:
    return Refusal(401, "The session has ended; sign in again", code="session_ended")


class Sessions:
    """The sessions of one worker."""

    def __init__(self, keys: KeyRing, readers: Readers, edits: Edits) -> None:
        self._keys = keys
        self._readers = readers
        self._edits = edits

    async def principal(self, headers: Mapping[bytes, bytes]) -> Principal:
        """The principal of a request with a session. Raises Refusal 401 if the session or its key has ended, and the
        errors of a read."""
        token = token_of(headers)
        now = datetime.now(UTC)
        found = await sessions.find(self._readers, token, now) if token else None
        if found is None:
            raise session_ended()
        key_hash, used_at = found
        principal = await self._keys.holder_of(key_hash)
        if principal is None:
            raise session_ended()
        if now - used_at > sessions.USE_NOTED:
            async with self._edits.transaction() as connection:
                await sessions.note_use(connection, token, now)
        return principal

    async def begin(self, key_hash: bytes) -> str:
        """The token of a new session. Raises DatabaseUnavailableError."""
        async with self._edits.transaction() as connection:
            return await sessions.begin(connection, key_hash, datetime.now(UTC))

    async def end(self, headers: Mapping[bytes, bytes]) -> None:
        """Ends the session of a request, if it has one. Raises DatabaseUnavailableError."""
        if token := token_of(headers):
            async with self._edits.transaction() as connection:
                await sessions.end(connection, token)


def cookie_name(headers: Mapping[bytes, bytes]) -> str:
    """The name of the session's cookie. A header with another value than 1 names one of several sessions of a browser,
    such as one for each project."""
    value = headers.get(HEADER, _DEFAULT)
    is_named = value != _DEFAULT and _NAME.fullmatch(value)
    return f"{COOKIE}_{value.decode()}" if is_named else COOKIE


def token_of(headers: Mapping[bytes, bytes]) -> str:
    """The token in the cookie of a request with the header; empty without the header or the cookie."""
    if HEADER not in headers:
        return ""
    wanted = cookie_name(headers)
    for part in headers.get(b"cookie", b"").decode("latin-1").split(";"):
        name, _, value = part.strip().partition("=")
        if name == wanted:
            return value
    return ""
