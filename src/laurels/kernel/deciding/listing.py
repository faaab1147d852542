"""The functions with which mechanics list their parts. Each checks that the types fit together and then erases them."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from laurels.kernel.actions import Action
from laurels.kernel.cel.types import Type
from laurels.kernel.commands import Command
from laurels.kernel.deciding.decision import Decision
from laurels.kernel.deciding.effects import Brought
from laurels.kernel.deciding.happening import Act, Happening
from laurels.kernel.deciding.listening import Listening
from laurels.kernel.definition import Definition, Definitions
from laurels.kernel.facts import Entry, Fact
from laurels.kernel.feed import FeedData, FeedType
from laurels.kernel.needs import NOTHING, Needs
from laurels.kernel.participant import Participant
from laurels.kernel.play import (
    NO_OTHERS,
    NO_VARIABLES,
    Acting,
    AtOnce,
    Deciding,
    Effect,
    Folding,
    Listener,
    Others,
    Rejudging,
    RoundEnd,
    Showing,
    Variable,
    nothing,
)
from laurels.kernel.rejections import Rejection

AnyCommand = TypeVar("AnyCommand", bound=Command)
AnyFact = TypeVar("AnyFact", bound=Fact)
AnyAction = TypeVar("AnyAction", bound=Action)
Names = frozenset[str]


def decides(
    command: type[AnyCommand],
    decide: Callable[[Happening, AnyCommand], Decision | Rejection],
    *,
    needs: Needs | Callable[[Definitions], Needs] = NOTHING,
    particular: Callable[[Definitions, AnyCommand], Needs] = nothing,
    can_cause: tuple[type[Fact], ...],
    creates: bool = True,
    others: Others = NO_OTHERS,
) -> Deciding:
    """See Deciding."""
    return Deciding(
        command=command,
        decide=decide,
        needs=_of_definitions(needs),
        particular=particular,
        can_cause=can_cause,
        creates=creates,
        others=others,
    )


def concerns_others(
    *,
    needs: Needs | Callable[[Definitions], Needs] = NOTHING,
    particular: Callable[[Definitions, AnyCommand], Needs] = nothing,
    can_cause: tuple[type[Fact], ...],
) -> Others:
    """See Others."""
    return Others(needs=_of_definitions(needs), particular=particular, can_cause=can_cause)


def _of_definitions(needs: Needs | Callable[[Definitions], Needs]) -> Callable[[Definitions], Needs]:
    return needs if callable(needs) else lambda _: needs


def folds(
    fact: type[AnyFact],
    fold: Callable[[Participant, Entry, AnyFact], None] | None = None,
    *,
    changes: Names = NO_VARIABLES,
    changes_zone: bool = False,
) -> Folding:
    """See Folding. Without `fold` the fact changes no state."""
    return Folding(fact=fact, fold=fold, changes=changes, changes_zone=changes_zone)


def follows_at_once(
    fact: type[Fact], react: Callable[[Happening, Entry, str | None], None], *, can_cause: tuple[type[Fact], ...]
) -> AtOnce:
    """See AtOnce."""
    return AtOnce(fact=fact, react=react, can_cause=can_cause)


def listens(
    fact: type[AnyFact],
    *,
    name_of: Callable[[AnyFact], str],
    names: Callable[[Definitions], Iterable[str]],
    listening: Callable[[Definitions, str], Listening],
    react: Callable[[Happening, Entry], None],
) -> Listener:
    """See Listener."""
    return Listener(fact=fact, name_of=name_of, names=names, listening=listening, react=react)


def ends_rounds(
    react: Callable[[Happening], None],
    *,
    needs: Callable[[Definitions, Names], Needs],
    reads: Callable[[Definitions], Names],
) -> RoundEnd:
    """See RoundEnd."""
    return RoundEnd(react=react, needs=needs, reads=reads)


def judges(
    reach: Callable[[Happening, tuple[str, ...]], None],
    *,
    needs: Callable[[Definitions, tuple[str, ...]], Needs] = nothing,
    can_cause: tuple[type[Fact], ...],
) -> Rejudging:
    """See Judging."""
    return Rejudging(reach=reach, needs=needs, can_cause=can_cause)


def acts(
    action: type[AnyAction],
    act: Callable[[Happening, AnyAction, Act], str | None],
    *,
    can_cause: tuple[type[Fact], ...],
    needs: Callable[[Definitions, list[AnyAction], list[Definition]], Needs] = nothing,
    past_needs: Callable[[list[AnyAction]], Needs] = nothing,
    leads_to: Callable[[Definitions, AnyAction], Iterable[Action]] = lambda *_: (),
    problem: Callable[[Definitions, AnyAction], tuple[str, str] | None] = lambda *_: None,
) -> Acting:
    """See Acting."""
    return Acting(
        action=action,
        act=act,
        can_cause=can_cause,
        needs=needs,
        past_needs=past_needs,
        leads_to=leads_to,
        problem=problem,
    )


def reads(
    name: str,
    type_: Type,
    read: Callable[[Definitions, Participant, datetime], object],
    *,
    needs: Callable[[Definitions], Needs] = nothing,
    latest: Callable[[Participant], Iterable[datetime | None]] | None = None,
    depends_on_zone: bool = False,
) -> Variable:
    """A variable of the participant. See Variable."""
    return Variable(name=name, type=type_, read=read, needs=needs, latest=latest, depends_on_zone=depends_on_zone)


def reads_first(name: str, type_: Type, fact: type[Fact], read: Callable[[Entry], object]) -> Variable:
    """A variable of a command's first fact. See Variable."""
    return Variable(name=name, type=type_, of_first=fact, read_first=read)


def explains(fact: type[AnyFact], show: Callable[[dict[str, Any], Definitions, AnyFact], None]) -> Showing:
    """See Showing."""
    return Showing(fact=fact, show=show)


def shows(
    name: str,
    kind: Any,
    collect: Callable[[Definitions, Participant, Brought], object],
    *,
    facts: tuple[type[Fact], ...],
    is_rise: bool = False,
    description: str = "",
) -> Effect:
    """See Effect."""
    return Effect(name=name, kind=kind, facts=facts, collect=collect, is_rise=is_rise, description=description)


def announces(
    name: str,
    fact: type[AnyFact],
    describe: Callable[[Definitions, Entry, AnyFact], FeedData],
    *,
    about: str,
    example: FeedData,
    applies: Callable[[AnyFact], bool] | None = None,
) -> FeedType:
    """A type of feed events of a fact. See FeedType."""
    if applies is None:
        return FeedType(name=name, about=about, example=example, facts=(fact,), describe=describe)
    return FeedType(name=name, about=about, example=example, facts=(fact,), describe=describe, applies=applies)
