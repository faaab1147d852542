"""The effects of a command: its consequences, as an application shows them at once."""

from collections.abc import Iterable

from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.participant import Participant
from laurels.kernel.responses import AnyEffects

Brought = list[tuple[Entry, str | None]]
"""Entries, each with the code of the definition that caused it."""


def effects(definitions: Definitions, participant: Participant, entries: Iterable[Entry]) -> AnyEffects:
    """The effects of `entries`, which do not contain the command's own fact. `participant` is the state after them."""
    brought = brought_by(definitions, entries)
    game = definitions.game
    shown = dict(game.no_effects)
    for effect in {
        effect.name: effect for entry, _ in brought for effect in game.effects_of[type(entry.fact)]
    }.values():
        shown[effect.name] = effect.collect(definitions, participant, brought)
    return game.effects_type(**shown)


def brought_by(definitions: Definitions, entries: Iterable[Entry]) -> Brought:
    return [(entry, _code_of(definitions, entry.fact.due_to)) for entry in entries]


def _code_of(definitions: Definitions, definition_id: str | None) -> str | None:
    found = None if definition_id is None else definitions.find(definition_id)
    return found.code if found else None
