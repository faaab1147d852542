"""The possible consequences of a command: listeners to its first fact, their actions, and the reactions at the end of
rounds. They depend on the definitions alone, and are computed once for each version of them."""

from collections import defaultdict
from collections.abc import Iterable

from msgspec import Struct

from laurels.kernel.actions import Action
from laurels.kernel.commands import Command, JudgeAnew
from laurels.kernel.deciding import variables
from laurels.kernel.definition import Definition, Definitions
from laurels.kernel.facts import Fact
from laurels.kernel.needs import NOTHING, Needs


class Listening(Struct, frozen=True):
    """The listeners of one mechanic to a fact: the definitions, their conditions, the actions and facts that are
    possible in the first round, and their further needs."""

    definitions: list[Definition] = []
    conditions: list[str] = []
    actions: list[Action] = []
    needs: Needs = NOTHING
    can_cause: tuple[type[Fact], ...] = ()


class ListenerNeeds(Struct, frozen=True):
    """All listeners to facts of one name. `reads` are the variables in their expressions. `past_needs` are the needs if
    the fact happened in the past, so that its points may have expired since."""

    reads: frozenset[str]
    needs: Needs
    past_needs: Needs


NO_LISTENERS = ListenerNeeds(frozenset(), NOTHING, NOTHING)


def listeners_of(definitions: Definitions, fact: type[Fact], name: str) -> ListenerNeeds:
    key: tuple[object, type[Fact], str | None] = (listeners_of, fact, name)
    known: ListenerNeeds | None = definitions.memory.get(key)
    if known is None and name not in _names_listened_to(definitions, fact):
        # Callers can invent any names, so all names without a listener share one entry.
        key = (listeners_of, fact, None)
        known = definitions.memory.get(key)
    if known is None:
        known = definitions.memory[key] = _find(definitions, fact, name)
    return known


def needs(definitions: Definitions, command: Command, *, of_others: bool = False) -> Needs:
    """The state of the command's first participant that it can touch or, with `of_others`, the state of each further
    participant."""
    if isinstance(command, JudgeAnew):
        return _of_judging(definitions, command.definition_ids)
    kind = type(command)
    deciding = definitions.game.deciding[kind]
    part = deciding.others if of_others else deciding
    known: Needs | None = definitions.memory.get((kind, of_others))
    if known is None:
        own = part.needs(definitions)
        known = definitions.memory[kind, of_others] = with_round_ends(
            definitions, own, definitions.game.changed_by(part.can_cause)
        )
    return known.with_all_of(part.particular(definitions, command))


def with_round_ends(definitions: Definitions, own: Needs, changes: frozenset[str]) -> Needs:
    """Adds the needs of the reactions at the end of a round in which these variables changed."""
    for each in definitions.game.round_ends:
        own = own.with_all_of(each.needs(definitions, changes))
    return own


def read_by(definitions: Definitions) -> frozenset[str]:
    """The variables that conditions, amounts and criteria read."""
    known: frozenset[str] | None = definitions.memory.get(read_by)
    if known is None:
        game = definitions.game
        listened_to = [
            listeners_of(definitions, fact, name).reads
            for fact in game.listeners
            for name in _names_listened_to(definitions, fact)
        ]
        judged = [each.reads(definitions) for each in game.round_ends]
        known = definitions.memory[read_by] = frozenset().union(*listened_to, *judged)
    return known


def _names_listened_to(definitions: Definitions, fact: type[Fact]) -> frozenset[str]:
    key = (_names_listened_to, fact)
    names: frozenset[str] | None = definitions.memory.get(key)
    if names is None:
        listeners = definitions.game.listeners.get(fact, ())
        names = definitions.memory[key] = frozenset(name for each in listeners for name in each.names(definitions))
    return names


def _find(definitions: Definitions, fact: type[Fact], name: str) -> ListenerNeeds:
    game = definitions.game
    listening: list[Listening] = [each.listening(definitions, name) for each in game.listeners.get(fact, ())]
    acting = [definition for each in listening for definition in each.definitions]
    actions = reachable(definitions, [action for each in listening for action in each.actions])
    reads = frozenset().union(
        *(game.expressions.condition(source).reads for each in listening for source in each.conditions),
        *(game.expressions.amount(source).reads for source in formulas(actions)),
    )
    own, past = NOTHING, NOTHING
    for each in listening:
        own = own.with_all_of(each.needs)
    changes = game.changed_by([fact, *(brought for each in listening for brought in each.can_cause)])
    by_type: dict[type[Action], list[Action]] = defaultdict(list)
    for action in actions:
        by_type[type(action)].append(action)
    for kind, of_kind in by_type.items():
        does = game.acting[kind]
        own = own.with_all_of(does.needs(definitions, of_kind, acting))
        past = past.with_all_of(does.past_needs(of_kind))
        changes |= game.changed_by(does.can_cause)
    whole = with_round_ends(definitions, own.with_all_of(variables.needed(definitions, reads)), changes)
    return ListenerNeeds(reads, whole, whole.with_all_of(past))


def reachable(definitions: Definitions, actions: Iterable[Action]) -> list[Action]:
    """The actions, and all actions that they may trigger."""
    found: list[Action] = []
    waiting, seen = list(actions), set[int]()
    while waiting:
        action = waiting.pop(0)
        if id(action) not in seen:
            seen.add(id(action))
            found.append(action)
            waiting.extend(definitions.game.acting[type(action)].leads_to(definitions, action))
    return found


def formulas(actions: Iterable[Action]) -> list[str]:
    """The expressions that compute amounts."""
    amounts = [action.quantity() for action in actions]
    return [amount for amount in amounts if isinstance(amount, str)]


def _of_judging(definitions: Definitions, definition_ids: tuple[str, ...]) -> Needs:
    key = (_of_judging, definition_ids)
    known: Needs | None = definitions.memory.get(key)
    if known is None:
        own, changes = NOTHING, frozenset[str]()
        for each in definitions.game.judging:
            own = own.with_all_of(each.needs(definitions, definition_ids))
            changes |= definitions.game.changed_by(each.can_cause)
        known = definitions.memory[key] = with_round_ends(definitions, own, changes)
    return known
