"""One batch in one transaction: loads its state under locks, decides its commands in order, and saves the results."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from laurels.engine import fingerprints
from laurels.engine.behind import Behind
from laurels.engine.loading import State, load_state
from laurels.kernel.commands import Actor, Command
from laurels.kernel.deciding.decide import decide, has_expired
from laurels.kernel.deciding.decision import Decision
from laurels.kernel.definition import Definitions
from laurels.kernel.participant import Participant
from laurels.kernel.play import Settlement
from laurels.kernel.rejections import IdempotencyKeyErased, IdempotencyKeyReused, Rejection
from laurels.storage import alarms, save
from laurels.storage.batches import Facts, Happened, LeftOut, ParticipantKey, participants_of
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.feed import outbox
from laurels.storage.load import FirstUse, KeyUse
from laurels.storage.locks import LockedOut, Locking
from laurels.storage.office import audit
from laurels.storage.office.audit import AuditedChange
from laurels.storage.postgres.database import Connection
from laurels.storage.postgres.ids import new_id
from laurels.storage.room import Room
from laurels.storage.tables import AllTables

_json = msgspec.json.Encoder()
_ids: Iterator[str] = iter(new_id, "")
"""The ids of facts, without end."""


class CommandResponse(Struct, frozen=True):
    """The response of an allowed command; `body` is JSON. `replayed`: the response is that of the first request with
    the same idempotency key. `differs`: the fields in which this request differs from the first one."""

    body: bytes
    replayed: bool = False
    differs: Sequence[str] = ()


Outcome = CommandResponse | Rejection

SETTLED_WITH_OTHERS = 128
SETTLED_ALONE = 500
"""The most ends of lots, holds and multipliers that one transaction records: in an ordinary batch, whose other commands
should not be delayed, and in a batch of participants with more ends than that."""


class Batch(Struct):
    """The decisions of one run of a batch, not yet committed.

    `outcomes` has None for the commands of `unsettled` participants, which have to wait until more ends are settled,
    and for the commands behind them (`waiting`). It has no entry for the commands of participants left out, nor for the
    commands behind these. `settled` is the number of lots, holds and multipliers that ended. `changed` are the
    participants with new facts, and `seen` the times when participants were active, both by subject."""

    outcomes: list[Outcome | None] = []
    unsettled: set[ParticipantKey] = set()
    waiting: Behind = msgspec.field(default_factory=Behind)
    settled: int = 0
    happened: list[Happened] = []
    created: list[tuple[Participant, datetime]] = []
    changed: dict[str, Participant] = {}
    seen: dict[str, datetime] = {}
    first_uses: dict[KeyUse, FirstUse] = {}
    command_ids: dict[KeyUse, str] = {}
    left_out: dict[ParticipantKey, LeftOut] = {}
    audited: list[tuple[AuditedChange, Actor]] = []

    @property
    def witness(self) -> tuple[int, str] | None:
        """The lane and id of one fact. It is in the journal only if the whole batch was committed, in all lanes."""
        first = self.happened[0] if self.happened else None
        return (first.participant.lane, first.entries[0].id) if first else None


async def run(
    connection: Connection,
    cache: DefinitionsCache,
    commands: Sequence[Command],
    by_command: Sequence[Sequence[ParticipantKey]],
    locking: Locking = Locking.WAIT,
    *,
    max_settled: int = SETTLED_WITH_OTHERS,
) -> Batch:
    """Loads, decides and saves inside the open transaction of `connection`; the caller commits. `by_command` are the
    participants of each command.

    Raises save.Overtaken, LockedOut (if it must not wait for locks) and errors of the database; the caller then rolls
    back.
    """
    room = Room.alone(is_one_command=len(commands) == 1) if max_settled == SETTLED_ALONE else Room()
    state = await load_state(connection, cache, commands, by_command, locking, max_settled=max_settled, room=room)
    batch = Batch(left_out=state.left_out)
    for participant in state.expired:
        if ParticipantKey(participant.project_id, participant.participant_id) not in state.left_out:
            _settle(state, batch, cache.tables, participant)
    behind = Behind(state.left_out)
    for command, keys, named, use in zip(commands, by_command, state.named, state.uses, strict=True):
        if not state.left_out or not behind.holds(keys):
            batch.outcomes.append(_run_one(state, batch, cache.tables, command, named, use))
    await _save(connection, cache.tables, state, batch, locking)
    return batch


def _settle(state: State, batch: Batch, tables: AllTables, participant: Participant) -> None:
    """Records due ends of the participant's lots, holds and multipliers by a separate command, which takes effect even
    if the participant's next command is refused."""
    definitions, now = state.definitions[participant.project_id], state.now[participant.project_id]
    settle = tables.game.settlement.settle(participant, state.share)
    decision = decide(definitions, participant, settle, now, _ids)
    if isinstance(decision, Decision):
        _record(batch, tables, AllowedCommand(participant, settle, definitions, now), decision)


def _has_to_wait(
    state: State, batch: Batch, settlement: Settlement, command: Command, named: Sequence[Participant]
) -> bool:
    """Whether a participant still has due ends, or the command could record more ends than a transaction may."""
    is_full = batch.settled + settlement.max_ends > SETTLED_ALONE and command.gives_back
    now = state.now[command.project_id]
    for participant in named:
        if is_full or has_expired(participant, now):
            key = ParticipantKey(participant.project_id, participant.participant_id)
            batch.unsettled.add(key)
            batch.waiting.add((key,))
    return bool(batch.unsettled) and batch.waiting.holds(participants_of(command))


def _run_one(
    state: State,
    batch: Batch,
    tables: AllTables,
    command: Command,
    named: Sequence[Participant],
    use: KeyUse | None,
) -> Outcome | None:
    participant = named[0]
    if use is not None:
        first = state.first_uses.get(use)
        if first is not None:
            return _replayed(first, command)
        if use in state.erased_uses:
            return IdempotencyKeyErased()
    if _has_to_wait(state, batch, tables.game.settlement, command, named):
        return None
    definitions = state.definitions[command.project_id]
    now = state.now[command.project_id]
    decision = decide(definitions, participant, command, now, _ids, named[1:])
    if isinstance(decision, Rejection):
        return decision
    response = _json.encode(decision.answer)
    if not decision.entries:
        # Nothing that a retry could repeat: the key stays free.
        return CommandResponse(response)
    command_id = _record(batch, tables, AllowedCommand(participant, command, definitions, now), decision)
    if command.actor is not None:
        batch.audited.append((_done(command, participant, command_id), command.actor))
    if use is not None:
        first = FirstUse(response, fingerprints.parts(command))
        state.first_uses[use] = batch.first_uses[use] = first
        batch.command_ids[use] = command_id
    return CommandResponse(response)


def _replayed(first: FirstUse, command: Command) -> Outcome:
    """The response of the key's first request, if this request is a retry."""
    if first.parts:
        differs = fingerprints.differences(first.parts, fingerprints.parts(command))
    else:
        differs = () if first.whole == fingerprints.whole(command) else None
    return (
        IdempotencyKeyReused() if differs is None else CommandResponse(first.response, replayed=True, differs=differs)
    )


class AllowedCommand(Struct, frozen=True):
    """A command that was allowed, by these definitions at this time."""

    participant: Participant
    command: Command
    definitions: Definitions
    now: datetime


def _record(batch: Batch, tables: AllTables, allowed: AllowedCommand, decision: Decision) -> str:
    command_id, now = decision.entries[0].id, allowed.now
    for participant, entries in ((allowed.participant, decision.entries), *decision.others):
        if not entries:
            continue
        if not participant.exists:
            participant.exists = True
            batch.created.append((participant, now))
        replaced = decision.replaced if participant is allowed.participant else ()
        happened = Happened(
            participant, command_id, allowed.definitions, now, entries, replaced, allowed.command.is_historical
        )
        batch.happened.append(happened)
        for entry in entries:
            batch.settled += tables.game.settlement.is_end(entry.fact)
        batch.changed[participant.subject] = participant
    if allowed.command.is_activity:
        batch.seen[allowed.participant.subject] = now
    return command_id


async def _save(connection: Connection, tables: AllTables, state: State, batch: Batch, locking: Locking) -> None:
    if not batch.happened:
        return
    facts = Facts(batch.happened)
    if locking is Locking.SKIP_ALL:
        await _lock_shared(connection, tables, batch, facts)
    await save.insert_participants(connection, batch.created)
    await tables.accounts.update(connection, batch.changed.values(), batch.seen)
    for save_own in tables.saves:
        await save_own(connection, facts)
    await save.insert_journal(connection, batch.happened)
    if any(definitions.announcing for definitions in state.definitions.values()):
        await outbox.add_facts(connection, batch.happened)
        await alarms.set_by_facts(connection, tables.alarms, batch.happened)
    await save.insert_first_uses(connection, batch.first_uses, batch.command_ids)
    if batch.audited:
        await audit.record_all(connection, batch.audited)
    for shared in tables.shared:
        await shared.save(connection, facts)


async def _lock_shared(connection: Connection, tables: AllTables, batch: Batch, facts: Facts) -> None:
    """Locks the shared rows, which are changed last. Raises LockedOut if other sessions have locked some of them."""
    for shared in tables.shared:
        elsewhere = await shared.locked_elsewhere(connection, facts) if shared.locked_elsewhere else {}
        if elsewhere:
            people = {subject: batch.changed[subject] for subject in elsewhere}
            raise LockedOut(
                {(people[name].project_id, people[name].participant_id): row for name, row in elsewhere.items()}
            )


def _done(command: Command, participant: Participant, command_id: str) -> AuditedChange:
    """The audit entry for an administrator's command about one participant."""
    action: Any = command.operation
    return AuditedChange(
        id=command_id,
        project_id=command.project_id,
        action=action,
        kind="participant",
        object_id=participant.subject,
        after=dict(command.named) or None,
    )
