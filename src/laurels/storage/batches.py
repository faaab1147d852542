"""What storage is told of a batch: what its commands need, and what happened."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from operator import itemgetter
from typing import NamedTuple, TypeVar, cast

from msgspec import Struct

from laurels.kernel.commands import Command
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry, Fact
from laurels.kernel.game import Game
from laurels.kernel.needs import Need, Needs
from laurels.kernel.participant import Participant, Slice
from laurels.storage.locks import LockedRow
from laurels.storage.room import NoRoom, Room

AnyFact = TypeVar("AnyFact", bound=Fact)


class ParticipantKey(NamedTuple):
    """How a caller names a participant."""

    project_id: int
    participant_id: str


LeftOut = LockedRow | NoRoom


def participants_of(command: Command) -> tuple[ParticipantKey, ...]:
    """All whom the command names, each once; its `participant_id` comes first."""
    first = ParticipantKey(command.project_id, command.participant_id)
    other_ids = command.other_ids
    if not other_ids:
        return (first,)
    return tuple(dict.fromkeys((first, *(ParticipantKey(command.project_id, other_id) for other_id in other_ids))))


class Wanted(Struct, frozen=True):
    """What a command needs of one of its participants beyond the account. With `settles` it makes facts of what has
    ended, which is loaded."""

    participant: Participant
    command: Command
    needs: Needs
    definitions: Definitions
    now: datetime
    settles: bool

    @property
    def key(self) -> ParticipantKey:
        return ParticipantKey(self.participant.project_id, self.participant.participant_id)


class Loading(Struct):
    """A batch that is being loaded. `share` is how many ends each participant may settle. Of those left out nothing can
    be decided now, as somebody else has locked the row that is named, or there is no room for what would have to be
    loaded."""

    game: Game
    room: Room
    share: int
    skips_locked: bool
    commands: Sequence[Command]
    left_out: dict[ParticipantKey, LeftOut]


class Happened(Struct, frozen=True):
    """An allowed command's facts of one participant, with what the journal keeps about the command. `replaced` are the
    slices of state that are no projections of facts."""

    participant: Participant
    command_id: str
    definitions: Definitions
    recorded_at: datetime
    entries: list[Entry]
    replaced: tuple[Slice[object], ...] = ()


class Facts:
    """All facts of a batch, found by their types; each is looked at once."""

    def __init__(self, happened: Sequence[Happened]) -> None:
        self.happened = happened
        self._by_type: dict[type[Fact], list[tuple[int, Happened, Entry]]] = {}
        place = 0
        for each in happened:
            for entry in each.entries:
                self._by_type.setdefault(type(entry.fact), []).append((place, each, entry))
                place += 1

    def of(self, *types: type[AnyFact]) -> Iterator[tuple[Happened, Entry, AnyFact]]:
        """Those of the types or derived from them, in the order in which they happened."""
        lists = [found for kind, found in self._by_type.items() if issubclass(kind, types)]
        for _, each, entry in lists[0] if len(lists) == 1 else sorted(chain(*lists), key=itemgetter(0)):
            yield each, entry, cast(AnyFact, entry.fact)

    def changed(self, name_of: Callable[[AnyFact], str], *types: type[AnyFact]) -> list[tuple[Participant, str]]:
        """Whose state such facts have changed, with the names that `name_of` gives, each once."""
        found = {(each.participant.subject, name_of(fact)): each.participant for each, _, fact in self.of(*types)}
        return [(participant, name) for (_, name), participant in found.items()]


def existing(wanted: Iterable[Wanted]) -> dict[str, Participant]:
    """By subject the participants who exist: others have no rows."""
    return {each.participant.subject: each.participant for each in wanted if each.participant.exists}


def named(wanted: Iterable[Wanted], need: Need[frozenset[str]]) -> Collection[tuple[Participant, str]]:
    """What the needs name by id, of participants who exist, each once."""
    return {
        (each.participant.subject, name): (each.participant, name)
        for each in wanted
        if each.participant.exists
        for name in each.needs[need] or ()
    }.values()
