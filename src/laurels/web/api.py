"""The part of the API that a mechanic adds."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta

from laurels.kernel.definition import Definitions
from laurels.storage.participants import ParticipantRow
from laurels.web.definitions import DeclaredResource
from laurels.web.endpoint import AnyRequest, Routes


@dataclass(frozen=True, kw_only=True)
class Section:
    """One field of a response about a participant. `read` returns its value, of the type `type`, for each response."""

    name: str
    type: Any
    read: Callable[[AnyRequest, ParticipantRow, Definitions], Awaitable[Any]]
    example: Any
    description: str = ""

    @property
    def described_type(self) -> Any:
        """The type with the description, as a field of a response has it."""
        return Annotated[self.type, Meta(description=self.description)]


@dataclass(frozen=True, kw_only=True)
class Sections:
    """The sections of all mechanics, in the order of the responses."""

    state: tuple[Section, ...]
    profile: tuple[Section, ...]


@dataclass(frozen=True, kw_only=True)
class Api:
    """The endpoints of one mechanic and its part of the responses about a participant."""

    routes: tuple[Routes, ...] = ()
    routes_of_sections: Callable[[Sections], Routes] | None = None
    """Endpoints whose responses are composed of the sections of all mechanics."""
    resources: tuple[DeclaredResource, ...] = ()
    """One for each kind of definition that the mechanic has. Definitions files are applied through them as well."""
    state_sections: tuple[Section, ...] = ()
    """The mechanic's sections of `GET …/state`; callers can ask for some of them."""
    profile_sections: tuple[Section, ...] = ()
    """The mechanic's sections of the profile."""
