"""Rejections: the reasons why a command is refused, each with a name, fields, and a sentence for people."""

from datetime import datetime
from typing import ClassVar, Literal

from msgspec import Struct

from laurels.kernel.dates.times import in_seconds

Reason = Literal["refused", "not_found", "invalid", "conflict"]
"""The categories: the rules do not allow the command; it refers to something that does not exist; one of its fields is
invalid; it contradicts stored data."""


class Rejection(Struct, frozen=True):
    """The refusal of a command, which changes nothing and creates no participant. The name of the class names the
    problem, and is the error code for programs. `field` is the invalid field of an invalid command."""

    reason: ClassVar[Reason] = "refused"
    field: ClassVar[str] = ""

    def sentence(self) -> str:
        """The rejection as a sentence. For an invalid command, it continues the name of the field."""
        raise NotImplementedError


class TimestampAhead(Rejection, frozen=True):
    """The command's time is too far ahead of the project's clock."""

    reason: ClassVar[Reason] = "invalid"
    field: ClassVar[str] = "timestamp"

    allowed_minutes: int

    def sentence(self) -> str:
        return f"must not be more than {self.allowed_minutes} minutes ahead of now"


class TimestampTooOld(Rejection, frozen=True):
    """The command's time is before 1970, for which data on time zones is unreliable."""

    reason: ClassVar[Reason] = "invalid"
    field: ClassVar[str] = "timestamp"

    def sentence(self) -> str:
        return "must not be before 1970"


class AmountOutOfRange(Rejection, frozen=True):
    """A computed amount is negative, or exceeds the limit of one action."""

    amount: int
    limit: int

    def sentence(self) -> str:
        return f"The amount must be between 0 and {self.limit}, but is {self.amount}"


class DefinitionNotFound(Rejection, frozen=True):
    reason: ClassVar[Reason] = "not_found"

    kind: str
    code: str

    def sentence(self) -> str:
        return f"{_titled(self.kind)} definition not found: {self.code}"


class DefinitionInactive(Rejection, frozen=True):
    kind: str
    code: str

    def sentence(self) -> str:
        return f"{_titled(self.kind)} is not active: {self.code}"


class ParticipantNotFound(Rejection, frozen=True):
    reason: ClassVar[Reason] = "not_found"

    participant_id: str

    def sentence(self) -> str:
        return f"Participant not found: {self.participant_id}"


class ParticipantErased(Rejection, frozen=True):
    """The command reports something that occurred before the person with this id was erased, at `erased_at`."""

    reason: ClassVar[Reason] = "conflict"

    erased_at: datetime

    def sentence(self) -> str:
        return (
            f"The participant with this id was erased at {in_seconds(self.erased_at)}; earlier activity is not recorded"
        )


class TooManyParticipants(Rejection, frozen=True):
    """The command names more participants than one command may."""

    allowed: int

    def sentence(self) -> str:
        return f"One request must not name more than {self.allowed} participants"


class ParticipantsApart(Rejection, frozen=True):
    """The data of the participants that the command names is spread over the machines of a Citus cluster."""

    def sentence(self) -> str:
        return "On Citus, one request cannot change these participants together: their data is in different lanes"


class IdempotencyKeyErased(Rejection, frozen=True):
    """The key was used for a person with this id who has been erased since."""

    reason: ClassVar[Reason] = "conflict"

    def sentence(self) -> str:
        return (
            "This idempotency key was used for a participant who has been erased since; use a new key for a new request"
        )


class IdempotencyKeyReused(Rejection, frozen=True):
    """The key was first used with a different command of the same participant and operation."""

    reason: ClassVar[Reason] = "invalid"
    field: ClassVar[str] = "idempotency_key"

    def sentence(self) -> str:
        return "was first used with a different request; use a new key for a new request"


def _titled(kind: str) -> str:
    return kind.replace("_", " ").capitalize()
