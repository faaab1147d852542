"""What a mechanic adds to the game itself: all of it pure.

The functions in these values are typed where they are listed (kernel/deciding/listing.py), and by `...` here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from laurels.kernel.actions import Action
from laurels.kernel.cel.types import Type
from laurels.kernel.commands import Command
from laurels.kernel.facts import Fact
from laurels.kernel.measures import Measure
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
    `particular(definitions, command)` those of one command, and `brings` are the facts that the participant can get."""

    needs: Callable[..., Needs]
    particular: Callable[..., Needs]
    brings: tuple[type[Fact], ...]


NO_OTHERS = Others(needs=nothing, particular=nothing, brings=())


@dataclass(frozen=True, kw_only=True)
class Deciding:
    """How a command is decided: `decide(happening, command)` gives a Decision or a Rejection. `needs` are those of all
    such commands, `particular(definitions, command)` what hangs on the one. `brings` are the facts that it can be
    decided into. A command that `creates` is taken of somebody unknown. All these are about `participant_id`; the
    command's further participants have `others`."""

    command: type[Command]
    decide: Erased
    needs: Callable[..., Needs]
    particular: Callable[..., Needs]
    brings: tuple[type[Fact], ...]
    creates: bool
    others: Others = NO_OTHERS


@dataclass(frozen=True, kw_only=True)
class Folding:
    """How a fact changes a participant: `fold(participant, entry, fact)`. It can change the variables `changes`."""

    fact: type[Fact]
    fold: Callable[..., None] | None
    changes: frozenset[str]
    changes_zone: bool = False
    """It can change the participant's time zone, and what hangs on that."""


@dataclass(frozen=True, kw_only=True)
class AtOnce:
    """What follows a fact at once, before anything else: `react(happening, entry, due_to)`, with the facts that it can
    bring."""

    fact: type[Fact]
    react: Callable[..., None]
    brings: tuple[type[Fact], ...]


@dataclass(frozen=True, kw_only=True)
class Listener:
    """What a command's first fact sets off in the first round: `react(happening, entry)`. Facts have names, which
    `name_of(fact)` gives; `names(definitions)` are those listened to, `listening(definitions, name)` is what may happen
    by a fact of that name."""

    fact: type[Fact]
    name_of: Callable[..., str]
    names: Callable[..., Iterable[str]]
    listening: Erased
    react: Callable[..., None]


@dataclass(frozen=True, kw_only=True)
class RoundEnd:
    """What follows at the end of each round: `react(happening)`. `needs(definitions, changes)` are those after changes
    of the variables, `reads(definitions)` all variables that it reads."""

    react: Callable[..., None]
    needs: Callable[..., Needs]
    reads: Callable[..., frozenset[str]]


@dataclass(frozen=True, kw_only=True)
class Judging:
    """Judging anew what a change of definitions may have brought: `reach(happening, definition_ids)`.
    `needs(definitions, definition_ids)` are its own, `brings` the facts that it can bring."""

    reach: Callable[..., None]
    needs: Callable[..., Needs]
    brings: tuple[type[Fact], ...]


@dataclass(frozen=True, kw_only=True)
class Acting:
    """What an action of rules and challenges does: `act(happening, action, act)` gives why it changed nothing, None if
    it did, and raises RefusedError.

    `needs(definitions, actions, definitions that act)` are those of all such actions of an event together, and
    `past_needs(actions)` what they need beside that where the event is one of the past. `leads_to(definitions, action)`
    gives the actions that it may set off, `problem(definitions, action)` a field and what it names that is not there,
    beside definitions; `brings` are the facts that it can bring.
    """

    action: type[Action]
    act: Callable[..., str | None]
    brings: tuple[type[Fact], ...]
    needs: Callable[..., Needs]
    past_needs: Callable[..., Needs]
    leads_to: Callable[..., Iterable[Action]]
    problem: Callable[..., tuple[str, str] | None]


@dataclass(frozen=True, kw_only=True)
class Variable:
    """What expressions read by a name, of a type: of the participant by `read(definitions, participant, now)`, or of a
    command's first fact, which is one `of_first`, by `read_first(entry)`. `needs(definitions)` is what has to be loaded
    for it. `latest` gives when the facts occurred that it counts, the latest at least; None where no fact tells."""

    name: str
    type: Type
    read: Erased | None = None
    needs: Callable[..., Needs] = nothing
    latest: Callable[[Participant], Iterable[datetime | None]] | None = None
    hangs_on_zone: bool = False
    of_first: type[Fact] | None = None
    read_first: Erased | None = None


@dataclass(frozen=True, kw_only=True)
class Showing:
    """How explain shows facts of a type, and of the types derived from it: `show(data, definitions, fact)` changes the
    fact's fields, which are those of its JSON."""

    fact: type[Fact]
    show: Callable[..., None]


@dataclass(frozen=True, kw_only=True)
class Effect:
    """A section of what a command brought about beyond itself: `collect(definitions, participant, brought)` gives its
    value, of type `kind`, from pairs of an entry and the code of the definition that it is due to. It is called only
    where one of the `facts` is among them. An award is told of one that `is_rise` at once."""

    name: str
    kind: Any
    facts: tuple[type[Fact], ...]
    collect: Erased
    is_rise: bool = False
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """What of a participant's ends by itself: a command of its own makes that facts, before any other command.

    `settle(participant, most)` makes the command for so many ends, or for as many as a command tells. `due(participant,
    now)` counts the loaded ones that are due, `is_end(fact)` tells whether a fact is one. One command that gives
    something back tells `at_most` ends."""

    settle: Callable[[Participant, int | None], Command]
    due: Callable[[Participant, datetime], int]
    is_end: Callable[[Fact], bool]
    at_most: int


@dataclass(frozen=True, kw_only=True)
class Replaying:
    """A fact in what-if. `asked(rehearsal, brought)` gives the command that brought such a fact first, None for what
    nobody asked for; a fact that `repeats` is told again as it is. `count(side, fact)` adds it to what happened,
    `note(draft, participant, fact)` says why a draft might have done something else. A fact that `is_opaque` cannot be
    decided again. `judged_id(fact)` is the definition that judging anew gave, where it gives such facts."""

    fact: type[Fact]
    asked: Callable[..., Command | None] | None = None
    repeats: bool = False
    is_opaque: bool = False
    count: Callable[..., None] | None = None
    note: Callable[..., Approximation | None] | None = None
    judged_id: Callable[..., str] | None = None


@dataclass(frozen=True, kw_only=True)
class Rehearsing:
    """What a mechanic does in what-if beside single facts: `prepare(draft, participant, facts, memory)` before,
    `told(memory, entry)` after each fact that is live, `decided(memory, participant, entry)` after each of the draft,
    `alike(memory, names)` when facts of the draft have taken the places of live ones."""

    prepare: Callable[..., None] | None = None
    told: Callable[..., None] | None = None
    decided: Callable[..., None] | None = None
    alike: Callable[..., None] | None = None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A place that participants are in, of which what-if tells the changes: `after(fact)` gives its id if the fact put
    somebody there, `of(participant)` the present one."""

    after: Callable[..., str | None]
    of: Callable[[Participant], str | None]


@dataclass(frozen=True, kw_only=True)
class Play:
    """Commands, facts, state, reactions, actions, variables and measures of one mechanic."""

    slices: tuple[Slice[Any], ...] = ()
    commands: tuple[Deciding, ...] = ()
    facts: tuple[Folding, ...] = ()
    at_once: tuple[AtOnce, ...] = ()
    listeners: tuple[Listener, ...] = ()
    round_ends: tuple[RoundEnd, ...] = ()
    at_end: tuple[Callable[..., bool], ...] = ()
    """What is done when all else is: `finish(happening)` gives whether it did anything."""
    judging: tuple[Judging, ...] = ()
    actions: tuple[Acting, ...] = ()
    variables: tuple[Variable, ...] = ()
    measures: tuple[Measure, ...] = ()
    effects: tuple[Effect, ...] = ()
    showing: tuple[Showing, ...] = ()
    settlement: Settlement | None = None
    replay: tuple[Replaying, ...] = ()
    rehearsing: Rehearsing | None = None
    standing: Standing | None = None
