"""The current values of the variables that mechanics list for expressions, and the facts that change them."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from laurels.kernel.cel.environment import NOW, Values
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.game import Game
from laurels.kernel.needs import NOTHING, Needs
from laurels.kernel.participant import Participant


def current_values(
    definitions: Definitions,
    participant: Participant,
    now: datetime,
    names: Collection[str],
    first: Entry | None = None,
) -> Values:
    """The values of the named variables. The variables of the first fact have a value if `first` is given."""
    return definitions.game.expressions.values(values_of(definitions, participant, now, names, first))


def values_of(
    definitions: Definitions,
    participant: Participant | None,
    now: datetime,
    names: Collection[str],
    first: Entry | None = None,
) -> dict[str, Any]:
    """The values of the named variables, by name. Variables without a value are left out."""
    found: dict[str, Any] = {NOW: now} if NOW in names else {}
    for name, variable in definitions.game.variables.items():
        if name not in names:
            continue
        if variable.read is not None and participant is not None:
            found[name] = variable.read(definitions, participant, now)
        elif variable.read_first is not None and first is not None and type(first.fact) is variable.of_first:
            found[name] = variable.read_first(first)
    return found


def reached_at(game: Game, participant: Participant, names: Collection[str], at: datetime, now: datetime) -> datetime:
    """The time since when an expression over the named variables holds, if the last contribution happened at `at`: the
    latest time of all facts that they count. It is `now` if the times of these facts are unknown."""
    times = [at]
    for name in names:
        if name == NOW:
            return max(at, now)
        variable = game.variables.get(name)
        if variable is not None and variable.read is not None:
            if variable.latest is None:
                return max(at, now)
            times += [time for time in variable.latest(participant) if time is not None]
    return max(times)


def changed(game: Game, entries: Iterable[Entry]) -> frozenset[str]:
    """The variables that the facts may have changed."""
    return frozenset().union(*(game.folding[type(entry.fact)].changes for entry in entries))


def needed(definitions: Definitions, names: Iterable[str]) -> Needs:
    """The state that has to be loaded for the named variables."""
    needs, variables = NOTHING, definitions.game.variables
    for name in names:
        if name in variables:
            needs = needs.with_all_of(variables[name].needs(definitions))
    return needs
