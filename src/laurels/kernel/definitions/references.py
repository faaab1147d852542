"""What definitions name of one another, and what of it is not there or not active.

Only active definitions are held to it: what has been switched off may name what is gone.
"""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from laurels.kernel.definition import Definition, Definitions, Reference


class Dangling(Struct, frozen=True):
    """A definition names what is not there. `field` is a path in it such as `actions[0].badge_code`, and `message`
    continues it."""

    kind: str
    code: str
    field: str
    message: str


def dangling(definitions: Definitions) -> list[Dangling]:
    known: list[Dangling] | None = definitions.memory.get(dangling)
    if known is None:
        known = definitions.memory[dangling] = _find_dangling(definitions)
    return known


def _find_dangling(definitions: Definitions) -> list[Dangling]:
    found = []
    for definition in _active(definitions):
        for reference in _references(definition):
            if reference.code not in definitions.of_kind(reference.kind).by_code:
                message = f"names no {_words(reference.kind)} of this project: {reference.code}"
                found.append(Dangling(definition.kind, definition.code, reference.field, message))
        for field, message in _problems(definitions, definition):
            found.append(Dangling(definition.kind, definition.code, field, message))
    return found


def idle(definitions: Definitions, now: datetime) -> list[str]:
    """A sentence for everything that comes to nothing until what it names is active again, or open (see
    kernel/deciding/acting.py). `now` is the real time."""
    found = []
    for definition in _active(definitions):
        for reference in _references(definition):
            named = definitions.of_kind(reference.kind).by_code.get(reference.code)
            lack = None if named is None else named.lack(definitions.calendar.at(now))
            if named is not None and named.is_active and not reference.actions:
                continue
            if lack is not None and (follows := _follows(definition, reference)) is not None:
                found.append(f"The {_words(reference.kind)} {reference.code} {lack}: {follows}.")
    return found


def _follows(definition: Definition, reference: Reference) -> str | None:
    where = f"the {_words(definition.kind)} {definition.code}"
    if not reference.actions:
        return reference.follows and f"{reference.follows} {where}"
    on_it = [
        action.is_required
        for action in reference.actions
        if (named := action.named()) and (named.kind, named.code) == (reference.kind, reference.code)
    ]
    is_refused = any(action.is_paid for action in reference.actions) or any(on_it)
    follows = "fails, and what is beside it with it" if is_refused else "changes nothing"
    return f"{reference.field.rsplit('.', 1)[0]} of {where} {follows}"


def _words(kind: str) -> str:
    return kind.replace("_", " ")


def _active(definitions: Definitions) -> Iterator[Definition]:
    """In the order of the game's kinds, those of a kind as they were made."""
    yield from (each for each in definitions if each.is_active and not each.is_deleted)


def _references(definition: Definition) -> Iterator[Reference]:
    yield from definition.references()
    for field, actions in definition.action_lists():
        for place, action in enumerate(actions):
            if named := action.named():
                yield Reference(f"{field}[{place}].{named.field}", named.kind, named.code, None, actions)


def _problems(definitions: Definitions, definition: Definition) -> Iterator[tuple[str, str]]:
    for at, actions in definition.action_lists():
        for place, action in enumerate(actions):
            problem = definitions.game.acting[type(action)].problem(definitions, action)
            if problem is not None:
                field, message = problem
                yield f"{at}[{place}].{field}", message
