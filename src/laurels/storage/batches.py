"""A batch as storage sees it: the needs of its commands before deciding, and their facts afterwards."""

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
    """The project and the caller's id of a participant."""

    project_id: int
    participant_id: str


LeftOut = LockedRow | NoRoom


def participants_of(command: Command) -> tuple[ParticipantKey, ...]:
    """All participants of the command, each once; its `participant_id` comes first."""
    first = ParticipantKey(command.project_id, command.participant_id)
    other_ids = command.other_ids
    if not other_ids:
        return (first,)
    return tuple(dict.fromkeys((first, *(ParticipantKey(command.project_id, other_id) for other_id in other_ids))))


class CommandNeeds(Struct, frozen=True):
    """The needs of a command for one of its participants, beyond the account. With `settles`, the command records the
    due ends (of lots, holds and multipliers) as facts; these are loaded already."""

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
    """A batch while it is loaded. `share` is the number of ends that each participant may settle. `left_out` lists the
    participants whose commands cannot be decided now: either another session has locked the row given, or there is no
    room for the rows to load."""

    game: Game
    room: Room
    share: int
    skips_locked: bool
    commands: Sequence[Command]
    left_out: dict[ParticipantKey, LeftOut]


class Happened(Struct, frozen=True):
    """The facts that an allowed command has for one participant, with the data about the command that the journal
    keeps. `replaced` lists the changed slices of state that are not projections of facts. If it `is_historical`,
    applications should announce nothing."""

    participant: Participant
    command_id: str
    definitions: Definitions
    recorded_at: datetime
    entries: list[Entry]
    replaced: tuple[Slice[object], ...] = ()
    is_historical: bool = False


class Facts:
    """All facts of a batch, indexed by type, so that each fact is looked at once."""

    def __init__(self, happened: Sequence[Happened]) -> None:
        self.happened = happened
        self._by_type: dict[type[Fact], list[tuple[int, Happened, Entry]]] = {}
        position = 0
        for each in happened:
            for entry in each.entries:
                self._by_type.setdefault(type(entry.fact), []).append((position, each, entry))
                position += 1

    def of(self, *types: type[AnyFact]) -> Iterator[tuple[Happened, Entry, AnyFact]]:
        """The facts of these types and their subtypes, in the order in which they happened."""
        lists = [of_kind for kind, of_kind in self._by_type.items() if issubclass(kind, types)]
        for _, each, entry in lists[0] if len(lists) == 1 else sorted(chain(*lists), key=itemgetter(0)):
            yield each, entry, cast(AnyFact, entry.fact)

    def changed(self, name_of: Callable[[AnyFact], str], *types: type[AnyFact]) -> list[tuple[Participant, str]]:
        """The participants changed by facts of these types, with the names that `name_of` gives; each pair once."""
        changed = {(each.participant.subject, name_of(fact)): each.participant for each, _, fact in self.of(*types)}
        return [(participant, name) for (_, name), participant in changed.items()]


def existing_by_subject(command_needs: Iterable[CommandNeeds]) -> dict[str, Participant]:
    """The participants that exist, by subject; the others have no rows."""
    return {each.participant.subject: each.participant for each in command_needs if each.participant.exists}


def needed_ids(
    command_needs: Iterable[CommandNeeds], need: Need[frozenset[str]]
) -> Collection[tuple[Participant, str]]:
    """The ids in this need of participants that exist; each pair once."""
    return {
        (each.participant.subject, name): (each.participant, name)
        for each in command_needs
        if each.participant.exists
        for name in each.needs[need] or ()
    }.values()
