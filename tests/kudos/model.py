"""Kudos: definition, command, fact, action and state."""

from typing import ClassVar

from msgspec import UNSET, Struct, UnsetType

from laurels.kernel.actions import Action, Code, Count, Formula, Named
from laurels.kernel.commands import Command
from laurels.kernel.definition import Definition
from laurels.kernel.facts import Fact
from laurels.kernel.participant import Slice
from laurels.kernel.responses import Answer, AnyEffects


class KudosKind(Definition, frozen=True, kw_only=True):
    """Something to be thanked for."""

    kind: ClassVar[str] = "kudos_kind"

    display_order: int = 0


class KudosGiven(Fact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "kudos_given"

    kudos_id: str
    kudos_code: str
    number: int
    thanks: str | None = None


class GiveKudos(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "give_kudos"

    kudos_code: str
    number: int = 1
    thanks: str | None = None


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
