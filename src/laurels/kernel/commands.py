"""Commands: the requests that the game decides. A command is valid in form; `decide` checks it against the rules."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import ClassVar

from msgspec import Struct

from laurels.kernel.dates.calendar import Calendar

MOST_PARTICIPANTS = 10
"""The maximum number of participants of one command."""


class Actor(Struct, frozen=True, kw_only=True):
    """The author of an administrator's change: an API key, or a name without a key."""

    name: str
    key_id: str | None = None
    request_id: str | None = None


class Command(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The common part of all commands. `operation` names the command in the journal and with idempotency keys. `actor`
    is the author of a command of an administrator or of the console. `is_activity` means that the command reports
    activity of the participant, which an administrator's change is not. A command that `is_from_file` and has no time
    may report the past.

    Idempotency keys store a fingerprint of the encoded command. A new field needs a default, which is not encoded, so
    that a retry after an upgrade is the same command as before.
    """

    operation: ClassVar[str]
    is_activity: ClassVar[bool] = True
    is_of_time: ClassVar[bool] = False
    """Whether the command is caused by time alone; it is then decided for anonymised participants as well."""
    is_event: ClassVar[bool] = False
    gives_back: ClassVar[bool] = False
    """Whether the command may return points that would have expired in the meantime, and so expire at once."""

    project_id: int
    participant_id: str
    idempotency_key: str | None = None
    actor: Actor | None = None
    is_from_file: bool = False

    @property
    def other_ids(self) -> tuple[str, ...]:
        """The ids of further participants of the command, in the same project. The command changes all participants
        together, or none. The idempotency key, the response and the activity belong to `participant_id`."""
        return ()

    @property
    def is_historical(self) -> bool:
        """Whether applications should announce nothing: the command reports the past, or changes nothing new."""
        return self.is_from_file

    @property
    def named(self) -> Mapping[str, str | int | None]:
        """The fields that the audit log stores if an administrator or a person in the console sent the command: ids,
        codes and numbers, without personal data."""
        return {}

    def moves_to(self, _calendar: Calendar) -> tzinfo | None:
        """The time zone that the command moves the participant to, if any."""
        return None

    @property
    def reported_at(self) -> datetime | None:
        """The time at which the reported activity occurred, if the caller gives it."""
        return None


class JudgeAnew(Command, frozen=True, kw_only=True):
    """Judges a participant again after a change of tiers or of badge criteria: gives the participant those of
    `definition_ids` that are already reached. `silent` marks the facts, so that applications announce nothing."""

    operation: ClassVar[str] = "judge_anew"
    is_activity: ClassVar[bool] = False

    definition_ids: tuple[str, ...]
    silent: bool

    @property
    def is_historical(self) -> bool:
        return self.silent
