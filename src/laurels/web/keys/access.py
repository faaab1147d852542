"""The access that an endpoint requires, and the principal that an API key stands for."""

from datetime import datetime
from enum import Enum

import msgspec

from laurels.storage.office.keys import SCOPES, Scope
from laurels.web.protocol.rate_limits import Bucket


class Access(Enum):
    """The callers that an endpoint allows: anyone, any valid key, keys that report what participants did (KEY), or keys
    with a scope that helps participants (SUPPORT) or administers the game (ADMIN), the project with its keys
    (PROJECT_ADMIN) or the whole server (OPERATOR). Reading needs less, see `scopes_for`."""

    OPEN = "open"
    ANY_KEY = "any key"
    KEY = "key"
    SUPPORT = "support"
    ADMIN = "admin"
    PROJECT_ADMIN = "project admin"
    OPERATOR = "operator"


def _from(lowest: Scope) -> tuple[Scope, ...]:
    return SCOPES[SCOPES.index(lowest) :]


_CHANGING: dict[Access, tuple[Scope, ...]] = {
    Access.OPEN: SCOPES,
    Access.ANY_KEY: SCOPES,
    Access.KEY: tuple(scope for scope in SCOPES if scope != "gamify:read"),
    Access.SUPPORT: _from("gamify:support"),
    Access.ADMIN: _from("gamify:admin"),
    Access.PROJECT_ADMIN: _from("admin"),
    Access.OPERATOR: _from("operator"),
}
_READING: dict[Access, tuple[Scope, ...]] = {
    **_CHANGING,
    Access.KEY: SCOPES,
    Access.SUPPORT: _from("gamify:read"),
    Access.ADMIN: _from("gamify:read"),
}

OPEN_TO_APPLICATIONS = (Access.OPEN, Access.ANY_KEY, Access.KEY)
_NAMED: dict[Access, str] = {Access.ANY_KEY: "gamify", Access.KEY: "gamify", Access.OPERATOR: "operator"}


def scopes_for(access: Access, *, is_read: bool = False) -> tuple[Scope, ...]:
    """The scopes that suffice to read, or to change, the lowest first."""
    return (_READING if is_read else _CHANGING)[access]


def scope_named(access: Access) -> str:
    """The one scope that the sentence of a 403 names, as the API contract has it."""
    return _NAMED.get(access, "admin")


class Principal(msgspec.Struct, frozen=True):
    """The project and scope that a key gives, when they end, and the rate limits that apply. `key_id` is None for the
    key in LAURELS_ADMIN_KEY. `strict_fields`: the project refuses requests with unknown names."""

    project_id: int
    scope: Scope
    key_id: str | None = None
    key_name: str = ""
    expires_at: datetime | None = None
    buckets: tuple[Bucket, ...] = ()
    strict_fields: bool = False

    @property
    def holder(self) -> tuple[int, str | None]:
        """The identity by which queue places and memory are counted: the key."""
        return self.project_id, self.key_id
