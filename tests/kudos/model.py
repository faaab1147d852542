"""Kudos: definition, commands, facts, rejection, action and state."""

from typing import ClassVar

from msgspec import UNSET, Struct, UnsetType

from laurels.kernel.actions import Action, Code, Count, Formula, Named
from laurels.kernel.commands import Command
from laurels.kernel.definition import Definition
from laurels.kernel.facts import Fact
from laurels.kernel.participant import Slice
from laurels.kernel.rejections import Rejection
from laurels.kernel.responses import Answer, AnyEffects


class KudosKind(Definition, frozen=True, kw_only=True):
    """Something to be thanked for."""

    kind: ClassVar[str] = "kudos_kind"

    display_order: int = 0


class KudosFact(Fact, frozen=True, kw_only=True):
    """What changes how many kudos somebody has."""

    kudos_id: str
    kudos_code: str
    number: int


class KudosGiven(KudosFact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "kudos_given"

    thanks: str | None = None


class KudosHandedOver(KudosFact, frozen=True, kw_only=True):
    """By the participant, to others: all of them together. The facts do not name them, as each fact is one person's to
    erase; the id of the command connects them."""

    kind: ClassVar[str] = "kudos_handed_over"


class KudosReceived(KudosFact, frozen=True, kw_only=True):
    """From another participant."""

    kind: ClassVar[str] = "kudos_received"


class GiveKudos(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "give_kudos"

    kudos_code: str
    number: int = 1
    thanks: str | None = None


class HandOverKudos(Command, frozen=True, kw_only=True):
    """From the participant to each of the receivers, so many."""

    operation: ClassVar[str] = "hand_over_kudos"

    receiver_ids: tuple[str, ...]
    kudos_code: str
    number: int = 1

    @property
    def other_ids(self) -> tuple[str, ...]:
        return self.receiver_ids


class NotEnoughKudos(Rejection, frozen=True):
    available: int
    requested: int

    def sentence(self) -> str:
        return f"Not enough kudos: {self.available} available, {self.requested} requested"


class KudosEffect(Struct, frozen=True, kw_only=True):
    kudos_code: str
    number: int
    due_to: str | None


class KudosGivenAnswer(Answer, frozen=True, kw_only=True):
    participant_id: str
    kudos_code: str
    number: int
    total: int
    effects: AnyEffects | UnsetType = UNSET


class KudosHandedOverAnswer(Answer, frozen=True, kw_only=True):
    participant_id: str
    kudos_code: str
    number: int
    total: int
    effects: AnyEffects | UnsetType = UNSET


class SendKudos(Action, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="give_kudos"):
    quantity_field: ClassVar[str] = "number"

    kudos_code: Code
    number: Count | Formula = 1

    def named(self) -> Named:
        return Named("kudos_code", "kudos_kind", self.kudos_code)

    def quantity(self) -> int | str:
        return self.number


def _none() -> dict[str, int]:
    return {}


KUDOS = Slice[dict[str, int]]("kudos", _none, dict)
"""How many kudos of each kind were given, by the id of the kind."""
