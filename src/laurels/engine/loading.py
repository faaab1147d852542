"""The state of a batch: its participants, under locks, with the parts of their state that its commands need."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from laurels.kernel.commands import Command
from laurels.kernel.deciding.decide import has_expired
from laurels.kernel.deciding.listening import needs
from laurels.kernel.definition import Definitions
from laurels.kernel.needs import Need
from laurels.kernel.participant import Participant
from laurels.storage import erased_ids, load, locks
from laurels.storage.batches import CommandNeeds, LeftOut, Loading, ParticipantKey
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.lanes import lane_of
from laurels.storage.load import FirstUse, KeyUse, ProjectMoment
from laurels.storage.locks import Locking
from laurels.storage.postgres.database import Connection
from laurels.storage.room import Room
from laurels.storage.tables import AllTables, Load


class State:
    """The state that a batch loaded. Later commands see the changes of earlier ones.

    `expired` are the participants with due ends of lots, holds or multipliers, and `share` is the number of ends that
    each of them may settle. `overdue` are the subjects with more ends than that: only their first lots and holds are
    loaded. `left_out` are the participants whose commands cannot be decided now, since another session has locked the
    given row, or there is no room for the rows to load. `named` are the participants of each command, and `uses` the
    uses of idempotency keys by each.
    """

    def __init__(
        self,
        participants: dict[ParticipantKey, Participant],
        named: Sequence[Sequence[Participant]],
        uses: Sequence[KeyUse | None],
        first_uses: dict[KeyUse, FirstUse],
        erased_uses: set[KeyUse],
    ) -> None:
        self.participants = participants
        self.named = named
        self.uses = uses
        self.first_uses = first_uses
        self.erased_uses = erased_uses
        self.definitions: dict[int, Definitions] = {}
        self.now: dict[int, datetime] = {}
        self.expired: list[Participant] = []
        self.share = 0
        self.overdue: set[str] = set()
        self.left_out: dict[ParticipantKey, LeftOut] = {}

    def participant_of(self, command: Command) -> Participant:
        return self.participants[ParticipantKey(command.project_id, command.participant_id)]


async def load_state(
    connection: Connection,
    cache: DefinitionsCache,
    commands: Sequence[Command],
    by_command: Sequence[Sequence[ParticipantKey]],
    locking: Locking = Locking.WAIT,
    *,
    max_settled: int = 0,
    room: Room | None = None,
) -> State:
    """Loads the state of a batch. `by_command` are the participants of each command. `room` is by default the room of a
    shared batch. `max_settled` is the number of due ends to settle of all participants together."""
    tables = cache.tables
    keys = dict.fromkeys(chain.from_iterable(by_command))
    moments, participants, elsewhere = await load.lock_participants(
        connection, tables.accounts, list(keys), skips_locked=locking is not Locking.WAIT
    )
    moments |= await _hold_calendars(connection, cache, participants.values())
    await erased_ids.load(connection, participants.values())
    named = [tuple(map(participants.__getitem__, keys)) for keys in by_command]
    uses = [_key_use(people[0], command) for people, command in zip(named, commands, strict=True)]
    first_uses, erased_uses = await _first_uses(connection, uses, named)
    state = State(participants, named, uses, first_uses, erased_uses)
    state.left_out.update((key, locks.account_of(lane_of(*key), *key)) for key in elsewhere)
    now = datetime.now(UTC)
    for project_id, moment in moments.items():
        state.definitions[project_id] = await cache.at(connection, project_id, moment.definitions_version)
        state.now[project_id] = now + timedelta(milliseconds=moment.clock_offset_ms)
    room = room or Room()
    await _load_expired(connection, tables, state, max_settled, room)
    loading = Loading(
        game=tables.game,
        room=room,
        share=state.share,
        skips_locked=locking is Locking.SKIP_ALL,
        commands=commands,
        left_out=state.left_out,
    )
    command_needs = _command_needs(state, tables, commands)
    if command_needs:
        by_need = _by_need(command_needs)
        await _load(connection, tables.loads, loading, by_need)
        await _load(connection, tables.loads_after, loading, by_need)
        for shared in tables.shared:
            if shared.lock is not None:
                await shared.lock(connection, loading, command_needs)
    for key, participant in participants.items():
        if participant.subject in room.refused:
            state.left_out.setdefault(key, room.refused[participant.subject])
    return state


def _key_use(participant: Participant, command: Command) -> KeyUse | None:
    key = command.idempotency_key
    return None if key is None else KeyUse(participant.lane, participant.subject, command.operation, key)


async def _first_uses(
    connection: Connection, uses: Sequence[KeyUse | None], named: Sequence[Sequence[Participant]]
) -> tuple[dict[KeyUse, FirstUse], set[KeyUse]]:
    """The first uses of the commands' idempotency keys, and the keys whose first use was erased. The first participants
    of the commands own the keys."""
    owners = {use: people[0] for use, people in zip(uses, named, strict=True) if use is not None}
    first_uses = await load.find_first_uses(connection, [use for use, person in owners.items() if person.exists])
    erased_uses = await erased_ids.used_keys(
        connection, [(person, use) for use, person in owners.items() if person.erased_before is not None]
    )
    return first_uses, erased_uses


async def _hold_calendars(
    connection: Connection, cache: DefinitionsCache, participants: Collection[Participant]
) -> dict[int, ProjectMoment]:
    """Holds the calendars of projects that may now get their first participant: with it, the calendar becomes fixed."""
    cache.with_participants.update(p.project_id for p in participants if p.exists)
    first = {p.project_id for p in participants} - cache.with_participants
    return await load.hold_calendars(connection, first) if first else {}


async def _load_expired(connection: Connection, tables: AllTables, state: State, max_settled: int, room: Room) -> None:
    """Loads the first due ends of the participants who have any."""
    if max_settled:
        state.expired = [p for p in state.participants.values() if has_expired(p, state.now[p.project_id])]
    if not state.expired:
        return
    state.share = max(1, max_settled // len(state.expired))
    await tables.settling.load_next(connection, state.expired, state.share + 1, room)
    state.overdue = {
        p.subject for p in state.expired if tables.game.settlement.due(p, state.now[p.project_id]) > state.share
    }


def _command_needs(state: State, tables: AllTables, commands: Sequence[Command]) -> list[CommandNeeds]:
    """The needs of the commands, and of the settlements before them, for each participant, beyond the account."""
    due_now = [
        (command, named)
        for command, named in zip(commands, state.named, strict=True)
        if not state.overdue or state.overdue.isdisjoint(participant.subject for participant in named)
    ]
    settle = tables.game.settlement.settle
    settlements = [(settle(participant, state.share), [participant]) for participant in state.expired]
    command_needs = []
    for command, (first, *others) in (*due_now, *settlements):
        definitions, now = state.definitions[command.project_id], state.now[command.project_id]
        if needed := needs(definitions, command):
            command_needs.append(CommandNeeds(first, command, needed, definitions, now, command.is_of_time))
        if others and (needed := needs(definitions, command, of_others=True)):
            command_needs += [
                CommandNeeds(other, command, needed, definitions, now, command.is_of_time) for other in others
            ]
    return command_needs


def _by_need(command_needs: Sequence[CommandNeeds]) -> dict[Need[Any], list[CommandNeeds]]:
    found: dict[Need[Any], list[CommandNeeds]] = defaultdict(list)
    for one in command_needs:
        for need in one.needs:
            found[need].append(one)
    return found


async def _load(
    connection: Connection, loads: Sequence[Load], loading: Loading, by_need: Mapping[Need[Any], Sequence[CommandNeeds]]
) -> None:
    for each in loads:
        if of_need := by_need.get(each.need):
            await each.load(connection, loading, of_need)
