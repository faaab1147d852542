"""The access that an endpoint requires, and the principal that an API key stands for."""

from datetime import datetime
from enum import Enum

import msgspec

from laurels.storage.office.keys import SCOPES, Scope
from laurels.web.protocol.rate_limits import Bucket


class Access(Enum):
    """The callers that an endpoint allows: anyone, any valid key, or keys with a scope that administers the game
    (ADMIN), the project with its keys (PROJECT_ADMIN) or the whole server (OPERATOR)."""

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

    def may(self, access: Access) -> bool:
        return self.scope in _SCOPES[access]
