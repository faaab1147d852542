"""References between definitions: those to definitions that do not exist, and those to inactive ones.

Only active definitions are checked; a deactivated definition may refer to a deleted one.
"""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from laurels.kernel.definition import Definition, Definitions, Reference


class Dangling(Struct, frozen=True):
    """A reference to something that does not exist. `field` is a path in the definition, such as
    `actions[0].badge_code`, and `message` continues it."""

    kind: str
    code: str
    field: str
    message: str


def dangling(definitions: Definitions) -> list[Dangling]:
    """The references of active definitions to something that does not exist."""
    cached: list[Dangling] | None = definitions.memory.get(dangling)
    if cached is None:
        cached = definitions.memory[dangling] = _find_dangling(definitions)
    return cached


def _find_dangling(definitions: Definitions) -> list[Dangling]:
    references = []
    for definition in _active(definitions):
        for reference in _references(definition):
            if reference.code not in definitions.of_kind(reference.kind).by_code:
                message = f"refers to an unknown {_words(reference.kind)}: {reference.code}"
                references.append(Dangling(definition.kind, definition.code, reference.field, message))
        for field, message in _problems(definitions, definition):
            references.append(Dangling(definition.kind, definition.code, field, message))
    return references


def idle(definitions: Definitions, now: datetime) -> list[str]:
    """A sentence for each reference that has no effect until the definition is active or open again (see
    kernel/deciding/acting.py). `now` is the real time."""
    sentences = []
    for definition in _active(definitions):
        for reference in _references(definition):
            target = definitions.of_kind(reference.kind).by_code.get(reference.code)
            lack = None if target is None else target.lack(definitions.calendar.at(now))
            if target is not None and target.is_active and not reference.actions:
                continue
            if lack is not None and (consequence := _consequence(definition, reference)) is not None:
                sentences.append(f"The {_words(reference.kind)} {reference.code} {lack}: {consequence}.")
    return sentences


def _consequence(definition: Definition, reference: Reference) -> str | None:
    holder = f"the {_words(definition.kind)} {definition.code}"
    if not reference.actions:
        return reference.follows and f"{reference.follows} {holder}"
    are_required = [
        action.is_required
        for action in reference.actions
        if (named := action.named()) and (named.kind, named.code) == (reference.kind, reference.code)
    ]
    is_refused = any(action.is_paid for action in reference.actions) or any(are_required)
    consequence = "fails, and so do the actions beside it" if is_refused else "changes nothing"
    return f"{reference.field.rsplit('.', 1)[0]} of {holder} {consequence}"


def _words(kind: str) -> str:
    return kind.replace("_", " ")


def _active(definitions: Definitions) -> Iterator[Definition]:
    """The active definitions, in the order of the kinds, and within a kind in the order of `definitions`."""
    yield from (each for each in definitions if each.is_active and not each.is_deleted)


def _references(definition: Definition) -> Iterator[Reference]:
    yield from definition.references()
    for field, actions in definition.action_lists():
        for index, action in enumerate(actions):
            if named := action.named():
                yield Reference(f"{field}[{index}].{named.field}", named.kind, named.code, None, actions)


def _problems(definitions: Definitions, definition: Definition) -> Iterator[tuple[str, str]]:
    for list_field, actions in definition.action_lists():
        for index, action in enumerate(actions):
            problem = definitions.game.acting[type(action)].problem(definitions, action)
            if problem is not None:
                field, message = problem
                yield f"{list_field}[{index}].{field}", message
