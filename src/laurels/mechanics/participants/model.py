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
    """What the application told us about a person. Kept beside the journal, never in it, so that it can be erased."""

    display_name: str | None = None
    avatar_url: str | None = None
    attributes: dict[str, Any] = {}


class ParticipantRegistered(Fact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "participant_registered"


class ProfileChanged(Fact, frozen=True, kw_only=True):
    """Names the fields that changed; their values are personal data and live in the profile alone. `changes_zone`: the
    attribute `timezone` is one that changed; None in older facts."""

    kind: ClassVar[str] = "profile_changed"

    fields: list[str]
    changes_zone: bool | None = None


class SaveProfile(Command, frozen=True, kw_only=True):
    """Register a participant (`create`) or change a known one. What is UNSET stays; attributes are merged."""

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
    """The attributes would have more bytes of JSON than are kept."""

    reason: ClassVar[Reason] = "invalid"
    field: ClassVar[str] = "attributes"

    limit_bytes: int

    def sentence(self) -> str:
        return f"would have more than {self.limit_bytes} bytes of JSON together with those kept already"


class ProfileSavedAnswer(Answer, frozen=True, kw_only=True):
    created: bool


def _none() -> Profile | None:
    return None


PROFILE = Slice("profile", _none, unchanging)
