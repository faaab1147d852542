"""Why a command is refused. Codes with their fields; the HTTP table turns each into a status and a sentence."""

from datetime import datetime

from msgspec import Struct

DefinitionKind = str


class Rejection(Struct, frozen=True):
    """A command that the rules do not allow. It changes nothing and creates nobody."""


class TimestampAhead(Rejection, frozen=True):
    """The command's time lies further ahead of the project's clock than clocks may differ."""

    allowed_minutes: int


class TimestampTooOld(Rejection, frozen=True):
    """Before 1970, when calendars and zones are guesswork."""


class AmountOutOfRange(Rejection, frozen=True):
    """A computed amount that is negative or beyond what one action may move."""

    amount: int
    limit: int


class DefinitionNotFound(Rejection, frozen=True):
    kind: DefinitionKind
    code: str


class DefinitionInactive(Rejection, frozen=True):
    kind: DefinitionKind
    code: str


class ParticipantNotFound(Rejection, frozen=True):
    participant_id: str


class ParticipantErased(Rejection, frozen=True):
    """What the command reports was before the person of that id was erased, at `erased_at`."""

    erased_at: datetime


class IdempotencyKeyErased(Rejection, frozen=True):
    """The key was used for a person of that id who has been erased since."""


class IdempotencyKeyReused(Rejection, frozen=True):
    """The key was first used with another command of the same participant and operation."""
