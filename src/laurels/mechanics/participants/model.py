"""Participants: profile, command, facts and rejection."""

from datetime import tzinfo
from typing import Any, ClassVar

from msgspec import UNSET, Struct, UnsetType

from laurels.kernel.commands import Command
from laurels.kernel.dates.calendar import Calendar
from laurels.kernel.facts import Fact
from laurels.kernel.participant import Slice, unchanging
from laurels.kernel.rejections import Reason, Rejection
from laurels.kernel.responses import Answer


class Profile(Struct, frozen=True):
    """The application's data about a person. It is stored outside the journal, so that it can be erased."""

    display_name: str | None = None
    avatar_url: str | None = None
    attributes: dict[str, Any] = {}


class ParticipantRegistered(Fact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "participant_registered"


class ProfileChanged(Fact, frozen=True, kw_only=True):
    """A profile was changed. `fields` names the changed fields; their values are personal data, and are stored only in
    the profile. `changes_zone`: the attribute `timezone` changed; None in older facts."""

    kind: ClassVar[str] = "profile_changed"

    fields: list[str]
    changes_zone: bool | None = None


class SaveProfile(Command, frozen=True, kw_only=True):
    """Registers a participant (`create`) or changes a known one. UNSET fields stay; attributes are merged."""

    operation: ClassVar[str] = "save_profile"

    create: bool
    display_name: str | UnsetType | None = UNSET
    avatar_url: str | UnsetType | None = UNSET
    attributes: dict[str, Any] | UnsetType = UNSET

    def moves_to(self, calendar: Calendar) -> tzinfo | None:
        if self.attributes is UNSET or "timezone" not in self.attributes:
            return None
        return calendar.zone_named(self.attributes["timezone"]) or calendar.zone


class AttributesTooLarge(Rejection, frozen=True):
    """The attributes would exceed the limit of bytes of JSON."""

    reason: ClassVar[Reason] = "invalid"
    field: ClassVar[str] = "attributes"

    limit_bytes: int

    def sentence(self) -> str:
        return f"must have at most {self.limit_bytes} bytes of JSON, together with the attributes stored before"


class ProfileSavedAnswer(Answer, frozen=True, kw_only=True):
    created: bool


def _no_profile() -> Profile | None:
    return None


PROFILE = Slice("profile", _no_profile, unchanging)
