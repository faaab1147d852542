"""Who may call an endpoint, and whom a caller's key speaks for."""

from datetime import datetime
from enum import Enum

import msgspec

from laurels.storage.office.keys import SCOPES, Scope
from laurels.web.protocol.rate_limits import Bucket


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
