"""What a caller can ask for. A command is valid in form; whether the rules allow it, `decide` says."""

from datetime import datetime, tzinfo
from typing import ClassVar

from msgspec import Struct

from laurels.kernel.dates.calendar import Calendar

MOST_PARTICIPANTS = 10
"""Of one command."""


class Actor(Struct, frozen=True, kw_only=True):
    """Who administers: a key, or something without one."""

    name: str
    key_id: str | None = None
    request_id: str | None = None


class Command(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What every command has. `operation` names its kind in the journal's and the keys' records. `actor` is who asked
    for what only administrators may. A command `is_activity` of the participant if a caller reports what somebody did;
    what an administrator does is none. One that `is_from_file` may be older than now where it has no time.

    Keys remember a fingerprint of the encoded command: a field that is added needs a default, which is not encoded, so
    that a retry is the same command before and after an upgrade.
    """

    operation: ClassVar[str]
    is_activity: ClassVar[bool] = True
    is_of_time: ClassVar[bool] = False
    """Time alone brings it about: it goes on for those who were anonymised, too."""
    is_event: ClassVar[bool] = False
    gives_back: ClassVar[bool] = False
    """It may give back what would have ended since, and ends at once."""

    project_id: int
    participant_id: str
    idempotency_key: str | None = None
    actor: Actor | None = None
    is_from_file: bool = False

    @property
    def other_ids(self) -> tuple[str, ...]:
        """The further participants that it names, of the same project. It changes all of them together, or none. The
        idempotency key, the response and the activity are those of `participant_id`."""
        return ()

    @property
    def named(self) -> dict[str, str]:
        """What the audit log keeps of it, where an administrator asked for it."""
        return {}

    def moves_to(self, _calendar: Calendar) -> tzinfo | None:
        """The time zone that it puts the participant in, if it moves anybody."""
        return None

    @property
    def reported_at(self) -> datetime | None:
        """When that occurred which a caller reports, if the caller says so."""
        return None


class JudgeAnew(Command, frozen=True, kw_only=True):
    """After tiers or the criteria of badges have changed: gives the participant those of `definition_ids` that were
    reached before. `silent` marks the facts, so that nobody is congratulated."""

    operation: ClassVar[str] = "judge_anew"
    is_activity: ClassVar[bool] = False

    definition_ids: tuple[str, ...]
    silent: bool
