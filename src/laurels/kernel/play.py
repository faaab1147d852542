"""The parts that a mechanic adds to the game. All are pure.

The functions in these values are typed where mechanics list them (kernel/deciding/listing.py), and by `...` here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from laurels.kernel.actions import Action
from laurels.kernel.cel.types import Type
from laurels.kernel.commands import Command
from laurels.kernel.facts import Fact
from laurels.kernel.feed import FeedType
from laurels.kernel.measures import FactVariable, Measure
from laurels.kernel.needs import NOTHING, Needs
from laurels.kernel.participant import Participant, Slice
from laurels.kernel.tally import Approximation

Erased = Callable[..., Any]
"""A function that has its types where it is listed."""

NO_VARIABLES: frozenset[str] = frozenset()


def nothing(*_: object) -> Needs:
    return NOTHING


@dataclass(frozen=True, kw_only=True)
class Others:
    """The part of each further participant that a command names: `needs(definitions)` are those of all such commands,
    `particular(definitions, command)` those of one command, and `can_cause` lists the facts of the participant."""

    needs: Callable[..., Needs]
    particular: Callable[..., Needs]
    can_cause: tuple[type[Fact], ...]


NO_OTHERS = Others(needs=nothing, particular=nothing, can_cause=())


@dataclass(frozen=True, kw_only=True)
class Deciding:
    """The decision of a command: `decide(happening, command)` returns a Decision or a Rejection. `needs` are common to
    all such commands, `particular(definitions, command)` are the further needs of one command. `can_cause` lists the
    facts that the decision can consist of. `creates` means that the command creates an unknown participant. All of this
    is about `participant_id`; `others` is about the further participants of the command."""

    command: type[Command]
    decide: Erased
    needs: Callable[..., Needs]
    particular: Callable[..., Needs]
    can_cause: tuple[type[Fact], ...]
    creates: bool
    others: Others = NO_OTHERS


@dataclass(frozen=True, kw_only=True)
class Folding:
    """The change of a participant by a fact: `fold(participant, entry, fact)`. `changes` lists the variables that it
    can change."""

    fact: type[Fact]
    fold: Callable[..., None] | None
    changes: frozenset[str]
    changes_zone: bool = False
    """Whether the fact can change the participant's time zone, and so the variables that depend on it."""


@dataclass(frozen=True, kw_only=True)
class AtOnce:
    """An immediate reaction to a fact, before anything else: `react(happening, entry, due_to)`. `can_cause` lists the
    facts that it can cause."""

    fact: type[Fact]
    react: Callable[..., None]
    can_cause: tuple[type[Fact], ...]


@dataclass(frozen=True, kw_only=True)
class Listener:
    """A reaction to a command's first fact in the first round: `react(happening, entry)`. `name_of(fact)` gives the
    name of a fact, `names(definitions)` the names listened to, and `listening(definitions, name)` the possible
    consequences of a fact with that name."""

    fact: type[Fact]
    name_of: Callable[..., str]
    names: Callable[..., Iterable[str]]
    listening: Erased
    react: Callable[..., None]


@dataclass(frozen=True, kw_only=True)
class RoundEnd:
    """A reaction at the end of each round: `react(happening)`. `needs(definitions, changes)` are its needs after these
    variables have changed, `reads(definitions)` all variables that it reads."""

    react: Callable[..., None]
    needs: Callable[..., Needs]
    reads: Callable[..., frozenset[str]]


@dataclass(frozen=True, kw_only=True)
class Rejudging:
    """Judging a participant again after a change of definitions: `reach(happening, definition_ids)`.
    `needs(definitions, definition_ids)` are its needs, `can_cause` lists the facts that it can cause."""

    reach: Callable[..., None]
    needs: Callable[..., Needs]
    can_cause: tuple[type[Fact], ...]


@dataclass(frozen=True, kw_only=True)
class Acting:
    """The effect of an action of rules and challenges. `act(happening, action, act)` returns the reason why it changed
    nothing, or None if it changed something; it raises ActionRefusedError.

    `needs(definitions, actions, acting definitions)` are the needs of all such actions of an event together, and
    `past_needs(actions)` the further needs for an event of the past. `leads_to(definitions, action)` gives the actions
    that it may set off. `problem(definitions, action)` gives a field with an invalid reference, and a message;
    references to definitions are checked elsewhere. `can_cause` lists the facts that the action can cause.
    """

    action: type[Action]
    act: Callable[..., str | None]
    can_cause: tuple[type[Fact], ...]
    needs: Callable[..., Needs]
    past_needs: Callable[..., Needs]
    leads_to: Callable[..., Iterable[Action]]
    problem: Callable[..., tuple[str, str] | None]


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A variable of expressions, with its type. Its value comes from the participant by
    `read(definitions, participant, now)`, or from a command's first fact, of the type `of_first`, by
    `read_first(entry)`. `needs(definitions)` is the state to load for it. `latest` gives the times of the facts that it
    counts, at least the latest; it is None for a variable whose value does not follow from the times of facts."""

    name: str
    type: Type
    read: Erased | None = None
    needs: Callable[..., Needs] = nothing
    latest: Callable[[Participant], Iterable[datetime | None]] | None = None
    depends_on_zone: bool = False
    of_first: type[Fact] | None = None
    read_first: Erased | None = None


@dataclass(frozen=True, kw_only=True)
class Showing:
    """The way in which explain shows facts of a type and its subtypes: `show(data, definitions, fact)` changes `data`,
    the fields of the fact's JSON."""

    fact: type[Fact]
    show: Callable[..., None]


@dataclass(frozen=True, kw_only=True)
class Effect:
    """A section of a command's effects beyond its own fact. `collect(definitions, participant, brought)` computes the
    value, of type `kind`, from pairs of an entry and the code of the definition that caused it. It is called only if
    one of the `facts` is among the entries. A section that `is_rise` is also shown in the response to an award."""

    name: str
    kind: Any
    facts: tuple[type[Fact], ...]
    collect: Erased
    is_rise: bool = False
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """State that ends by itself, such as points that expire. A separate command records due ends as facts, before any
    other command of the participant.

    `settle(participant, most)` builds this command for `most` ends; None stands for the maximum of one command.
    `due(participant, now)` counts the loaded ends that are due, `is_end(fact)` is whether a fact records an end. A
    command that gives something back records up to `max_ends` ends."""

    settle: Callable[[Participant, int | None], Command]
    due: Callable[[Participant, datetime], int]
    is_end: Callable[[Fact], bool]
    max_ends: int


@dataclass(frozen=True, kw_only=True)
class FactReplay:
    """The treatment of a fact in a what-if. `reconstruct(reconstruction, command_facts)` returns the command whose
    first fact it is, or None if no caller sent one. A fact that `repeats` is taken over unchanged. `count(side, fact)`
    adds the fact to the counts of one side. `note(draft, participant, fact)` gives the reason why the draft's result
    may be approximate. A fact that `is_opaque` cannot be decided again. `judged_id(fact)` is the definition that
    judging again gave, for facts that it can cause."""

    fact: type[Fact]
    reconstruct: Callable[..., Command | None] | None = None
    repeats: bool = False
    is_opaque: bool = False
    count: Callable[..., None] | None = None
    note: Callable[..., Approximation | None] | None = None
    judged_id: Callable[..., str] | None = None


@dataclass(frozen=True, kw_only=True)
class WhatIfHooks:
    """Hooks of a mechanic in a what-if: `prepare(draft, participant, facts, memory)` at the start,
    `after_live_fact(memory, entry)`, `after_draft_fact(memory, participant, entry)`, and
    `after_replacements(memory, ids)` when facts of the draft have replaced live ones: the new id for each old id."""

    prepare: Callable[..., None] | None = None
    after_live_fact: Callable[..., None] | None = None
    after_draft_fact: Callable[..., None] | None = None
    after_replacements: Callable[..., None] | None = None


@dataclass(frozen=True, kw_only=True)
class TrackedStatus:
    """A status of participants, such as a tier, whose changes what-if reports. `after(fact)` gives the id of the new
    status if the fact changed it, `of(participant)` the current one."""

    after: Callable[..., str | None]
    of: Callable[[Participant], str | None]


@dataclass(frozen=True, kw_only=True)
class Play:
    """The commands, facts, state, reactions, actions, variables, measures and feed events of one mechanic."""

    slices: tuple[Slice[Any], ...] = ()
    commands: tuple[Deciding, ...] = ()
    facts: tuple[Folding, ...] = ()
    at_once: tuple[AtOnce, ...] = ()
    listeners: tuple[Listener, ...] = ()
    round_ends: tuple[RoundEnd, ...] = ()
    at_end: tuple[Callable[..., bool], ...] = ()
    """Reactions after all rounds: `finish(happening)` returns whether it changed anything."""
    judging: tuple[Rejudging, ...] = ()
    actions: tuple[Acting, ...] = ()
    variables: tuple[Variable, ...] = ()
    measures: tuple[Measure, ...] = ()
    fact_variables: tuple[FactVariable, ...] = ()
    effects: tuple[Effect, ...] = ()
    showing: tuple[Showing, ...] = ()
    feed: tuple[FeedType, ...] = ()
    settlement: Settlement | None = None
    replay: tuple[FactReplay, ...] = ()
    what_if_hooks: WhatIfHooks | None = None
    tracked_status: TrackedStatus | None = None
