"""The game: the parts of all mechanics in lookup tables. It is composed once, at start, of the mechanics in order."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from itertools import permutations
from operator import or_
from typing import Annotated, Any, TypeVar, cast, get_args, get_origin

import msgspec
from msgspec import Meta, Struct

from laurels.kernel.actions import Action, AnyAction
from laurels.kernel.cel.environment import NOW
from laurels.kernel.cel.expressions import Expressions
from laurels.kernel.cel.types import Type
from laurels.kernel.commands import Command
from laurels.kernel.facts import Fact
from laurels.kernel.feed import FeedType
from laurels.kernel.measures import Addition, FactVariable, Measure
from laurels.kernel.play import (
    Acting,
    AtOnce,
    Deciding,
    Effect,
    FactReplay,
    Folding,
    Listener,
    Play,
    Rejudging,
    RoundEnd,
    Showing,
    Variable,
)
from laurels.kernel.responses import AnyEffects, AnyRise

AnyFact = TypeVar("AnyFact", bound=Fact)
Listed = TypeVar("Listed")
Name = TypeVar("Name")


_VARIABLE_NAME = re.compile(r"[a-z_]+(\.[a-z_]+)*")


class ClashError(ValueError):
    """Two mechanics list the same name, or a listed part has no position in its order."""


class GameOrders(Struct, frozen=True, kw_only=True):
    """The orders of parts across mechanics. All actions and effects must be listed; unlisted variables come last."""

    actions: Sequence[type[Action]]
    effects: Sequence[str]
    variables: Sequence[str] = ()


class Game:
    """The parts of all mechanics. Listeners and reactions are in the order of the mechanics."""

    def __init__(self, plays: Iterable[Play], orders: GameOrders) -> None:
        """Raises ClashError if the mechanics or orders contradict each other."""
        every = list(plays)
        self.slices = tuple(part for play in every for part in play.slices)
        self.deciding: dict[type[Command], Deciding] = _by_name(
            every, lambda play: ((d.command, d) for d in play.commands)
        )
        self.folding: dict[type[Fact], Folding] = _by_name(every, lambda play: ((f.fact, f) for f in play.facts))
        self.facts: dict[str, type[Fact]] = _by_name(every, lambda play: ((f.fact.kind, f.fact) for f in play.facts))
        self._decoders = {kind: msgspec.json.Decoder(fact) for kind, fact in self.facts.items()}
        self.acting: dict[type[Action], Acting] = _by_name(every, lambda play: ((a.action, a) for a in play.actions))
        self.action_order = _positions(orders.actions, self.acting)
        self.at_once: dict[type[Fact], list[AtOnce]] = defaultdict(list)
        self.listeners: dict[type[Fact], list[Listener]] = defaultdict(list)
        for play in every:
            for reaction in play.at_once:
                self.at_once[reaction.fact].append(reaction)
            for listener in play.listeners:
                self.listeners[listener.fact].append(listener)
        self.round_ends: list[RoundEnd] = [each for play in every for each in play.round_ends]
        self.at_end: list[Callable[..., bool]] = [each for play in every for each in play.at_end]
        self.judging: list[Rejudging] = [each for play in every for each in play.judging]
        self.variables: dict[str, Variable] = _by_name(every, lambda play: ((v.name, v) for v in play.variables))
        self.measures: dict[str, Measure] = _by_name(every, lambda play: ((m.name, m) for m in play.measures))
        self.additions = {name: self._additions_to(measure) for name, measure in self.measures.items()}
        self.fact_variables: dict[str, FactVariable] = _by_name(
            every, lambda play: ((v.name, v) for v in play.fact_variables)
        )
        self.board_conditions = Expressions({name: variable.type for name, variable in self.fact_variables.items()})
        zone_variables = frozenset(name for name, variable in self.variables.items() if variable.depends_on_zone)
        for fact, folding in self.folding.items():
            if folding.changes_zone:
                self.folding[fact] = replace(folding, changes=folding.changes | zone_variables)
        self.expressions = _expressions(self.variables, self.folding.values())
        effects: dict[str, Effect] = _by_name(every, lambda play: ((e.name, e) for e in play.effects))
        self.effects = tuple(effects[name] for name in _positions(orders.effects, effects))
        self.effects_of = {fact: [e for e in self.effects if fact in e.facts] for fact in self.folding}
        self.no_effects: dict[str, Any] = {e.name: [] if get_origin(e.kind) is list else None for e in self.effects}
        self.showing = self._showing([showing for play in every for showing in play.showing])
        self.fact_replays: dict[type[Fact], FactReplay] = _by_name(
            every, lambda play: ((r.fact, r) for r in play.replay)
        )
        self.what_if_hooks = [play.what_if_hooks for play in every if play.what_if_hooks]
        self.tracked_statuses = [play.tracked_status for play in every if play.tracked_status]
        self.feed: dict[str, FeedType] = _by_name(every, lambda play: ((f.name, f) for f in play.feed))
        _refuse_unknown_sources(self.feed.values(), {*self.facts.values()})
        self.settlement = only_one("settlement", (play.settlement for play in every if play.settlement))
        effects_type = msgspec.defstruct(
            "Effects",
            [(each.name, Annotated[each.kind, Meta(description=each.description)]) for each in self.effects],
            bases=(AnyEffects,),
            namespace={"__doc__": AnyEffects.__doc__},
            frozen=True,
            kw_only=True,
        )
        self.effects_type = cast(type[AnyEffects], effects_type)
        if unfolded := [fact for fact in self.at_once.keys() | self.listeners.keys() if fact not in self.folding]:
            raise ClashError(f"No mechanic lists the facts {unfolded}")

    @property
    def any_action(self) -> AnyAction:
        """The type of all actions."""
        action: AnyAction = reduce(or_, self.action_order)
        return action

    @property
    def stand_ins(self) -> tuple[tuple[type, type], ...]:
        """The placeholder types in responses, each with the type that the game composes for it."""
        rises = [get_args(effect.kind)[0] for effect in self.effects if effect.is_rise]
        return ((AnyEffects, self.effects_type), *((AnyRise, rise) for rise in rises))

    def fact_from(self, kind: str, data: str) -> Any:
        """The fact in a journal row with this `kind` and JSON."""
        return self._decoders[kind].decode(data)

    def facts_of(self, base: type[AnyFact]) -> dict[str, type[AnyFact]]:
        """The facts with this base class, by kind."""
        return {kind: fact for kind, fact in self.facts.items() if issubclass(fact, base)}

    def _additions_to(self, measure: Measure) -> dict[type[Fact], Addition]:
        """The additions of facts to a measure, by the types that count. Raises ClashError for two additions of one
        type, and for an addition without a listed fact."""
        additions: list[tuple[type[Fact], Addition]] = []
        for addition in measure.additions:
            facts = [fact for fact in self.facts_of(addition.fact).values() if addition.counts(fact)]
            if not facts:
                raise ClashError(f"No mechanic lists a fact {addition.fact.__name__} that adds to {measure.name}")
            additions += [(fact, addition) for fact in facts]
        refuse_twice(f"an addition of {fact.kind} to {measure.name}" for fact, _ in additions)
        return dict(additions)

    def _showing(self, listed: Sequence[Showing]) -> dict[type[Fact], list[Callable[..., None]]]:
        """The functions by which explain shows facts, by type. Raises ClashError for a type that no mechanic lists."""
        functions: dict[type[Fact], list[Callable[..., None]]] = defaultdict(list)
        for showing in listed:
            facts = self.facts_of(showing.fact).values()
            if not facts:
                raise ClashError(f"No mechanic lists a fact {showing.fact.__name__} that explain shows")
            for fact in facts:
                functions[fact].append(showing.show)
        return functions

    def changed_by(self, facts: Iterable[type[Fact]]) -> frozenset[str]:
        """The variables that such facts and their immediate reactions can change."""
        waiting, seen = list(facts), set[type[Fact]]()
        changed = frozenset[str]()
        while waiting:
            fact = waiting.pop()
            if fact not in seen:
                seen.add(fact)
                changed |= self.folding[fact].changes
                waiting.extend(caused for each in self.at_once.get(fact, ()) for caused in each.can_cause)
        return changed


def _expressions(variables: Mapping[str, Variable], foldings: Iterable[Folding]) -> Expressions:
    """The expressions over these variables. Raises ClashError for an invalid variable, and for a fact that changes an
    unknown one."""
    types: dict[str, Type] = {}
    for name, variable in variables.items():
        if not isinstance(variable.type, Type):
            raise ClashError(f"The variable {name} has no type")
        if not _VARIABLE_NAME.fullmatch(name):
            raise ClashError(f"{name!r} is not a variable name: use words of lowercase letters, joined by dots")
        types[name] = variable.type
    for one, other in permutations((*types, NOW), 2):
        if f"{other}.".startswith(f"{one}."):
            raise ClashError(f"The names of the variables {one} and {other} clash")
    changing = frozenset[str]().union(*(folding.changes for folding in foldings))
    if unknown := changing - types.keys():
        raise ClashError(f"Facts change variables that no mechanic lists: {', '.join(sorted(unknown))}")
    of_first = [name for name, variable in variables.items() if variable.read_first is not None]
    return Expressions(types, of_first, changing)


_FEED_TYPE = re.compile(r"[a-z]+\.[a-z_]+")


def _refuse_unknown_sources(feed: Iterable[FeedType], facts: set[type[Fact]]) -> None:
    """Raises ClashError for an invalid name of a type of feed events, and for one of a fact that no mechanic lists."""
    for each in feed:
        if not _FEED_TYPE.fullmatch(each.name):
            raise ClashError(f"{each.name!r} is not a type of feed events: use noun.verb_in_past")
        if not facts.issuperset(each.facts):
            raise ClashError(f"No mechanic lists the fact of the feed event {each.name}")


def refuse_twice(names: Iterable[object]) -> None:
    """Raises ClashError for duplicate names."""
    duplicates = [str(name) for name, count in Counter(names).items() if count > 1]
    if duplicates:
        raise ClashError(f"more than one mechanic has {', '.join(duplicates)}")


def only_one(name: str, listed: Iterable[Listed]) -> Listed:
    """The single element that all mechanics together list. Raises ClashError if there are none or several."""
    elements = list(listed)
    if len(elements) != 1:
        raise ClashError(f"{len(elements)} mechanics have a {name}; exactly one must have it")
    return elements[0]


def _by_name(plays: Sequence[Play], pairs: Callable[[Play], Iterable[tuple[Name, Listed]]]) -> dict[Name, Listed]:
    """The listed parts of all mechanics, by name. Raises ClashError for duplicate names."""
    every = [pair for play in plays for pair in pairs(play)]
    refuse_twice(name for name, _ in every)
    return dict(every)


def _positions(order: Sequence[Name], listed: Mapping[Name, object]) -> dict[Name, int]:
    """The position of each name in the order. Raises ClashError if the order and the listed parts differ."""
    if set(order) != set(listed):
        raise ClashError(f"Only in the order, or only listed by a mechanic: {set(order) ^ set(listed)}")
    return {name: position for position, name in enumerate(order)}
