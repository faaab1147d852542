"""One batch in one transaction: load under lock, decide in order, save set-based."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import blake2b

import msgspec
from msgspec import UNSET, Struct
from uuid_utils import uuid7

from laurels.core import rules
from laurels.core.commands import Command, SaveProfile
from laurels.core.decide import Decision, decide
from laurels.core.leaderboards import gains
from laurels.core.model import Definitions, Participant, Rule, RuleWindow
from laurels.core.needs import ACCOUNT_ONLY, needs
from laurels.core.rejections import IdempotencyKeyReused, Rejection
from laurels.store import leaderboards, load, save
from laurels.store import rules as stored_rules
from laurels.store.database import Connection
from laurels.store.definitions import DefinitionsCache
from laurels.store.leaderboards import Gained
from laurels.store.load import FirstUse, KeyUse, ParticipantKey
from laurels.store.save import Happened

_canonical = msgspec.json.Encoder(order="deterministic")
_json = msgspec.json.Encoder()


class Answered(Struct, frozen=True):
    """An allowed command: the answer's JSON. `replayed` when it is that of the key's first use."""

    answer: bytes
    replayed: bool = False


Outcome = Answered | Rejection


class Batch(Struct):
    """What one run of a batch decided, not yet committed."""

    outcomes: list[Outcome] = []
    happened: list[Happened] = []
    created: list[tuple[Participant, datetime]] = []
    seen: dict[str, tuple[Participant, datetime]] = {}
    profiles: dict[str, Participant] = {}
    first_uses: dict[KeyUse, FirstUse] = {}
    command_ids: dict[KeyUse, str] = {}
    gained: list[Gained] = []

    @property
    def witness(self) -> tuple[int, str] | None:
        """Lane and id of one fact: it is in the journal exactly if the whole batch was committed."""
        first = self.happened[0] if self.happened else None
        return (first.participant.lane, first.entries[0].id) if first else None


class _State:
    """What the batch loaded; later commands see what earlier ones did."""

    def __init__(self, participants: dict[ParticipantKey, Participant], first_uses: dict[KeyUse, FirstUse]) -> None:
        self.participants = participants
        self.first_uses = first_uses
        self.definitions: dict[int, Definitions] = {}
        self.now: dict[int, datetime] = {}


async def run(connection: Connection, cache: DefinitionsCache, commands: Sequence[Command]) -> Batch:
    """Loads, decides and saves inside the open transaction of `connection`; the caller commits.

    Raises save.Overtaken and whatever the database raises: the caller then rolls back.
    """
    state = await _load(connection, cache, commands)
    batch = Batch()
    for command in commands:
        batch.outcomes.append(_run_one(state, batch, command))
    await _save(connection, batch)
    return batch


async def _load(connection: Connection, cache: DefinitionsCache, commands: Sequence[Command]) -> _State:
    by_command = [ParticipantKey(command.project_id, command.participant_id) for command in commands]
    moments, participants = await load.lock_participants(connection, list(dict.fromkeys(by_command)))
    uses = [
        _key_use(participants[key], command)
        for key, command in zip(by_command, commands, strict=True)
        if command.idempotency_key is not None and participants[key].exists
    ]
    state = _State(participants, await load.find_first_uses(connection, list(dict.fromkeys(uses))))
    now = datetime.now(UTC)
    for project_id, moment in moments.items():
        state.definitions[project_id] = await cache.at(connection, project_id, moment.definitions_version)
        state.now[project_id] = now + timedelta(milliseconds=moment.clock_offset_ms)
    await _load_needs(connection, state, commands)
    return state


async def _load_needs(connection: Connection, state: _State, commands: Sequence[Command]) -> None:
    """What the commands need beyond the accounts; most batches need nothing."""
    wanted = [
        (state.participants[ParticipantKey(command.project_id, command.participant_id)], command, need)
        for command in commands
        if (need := needs(state.definitions[command.project_id], command)) is not ACCOUNT_ONLY
    ]
    if not wanted:
        return
    for field, fill_in in (
        ("profile", load.load_profiles),
        ("zone", load.load_zones),
        ("badges", load.load_badges),
        ("streaks", load.load_streaks),
    ):
        wanting = {participant.subject: participant for participant, _, need in wanted if getattr(need, field)}
        if wanting:
            await fill_in(connection, wanting.values())
    listed = {(p.subject, challenge): (p, challenge) for p, _, need in wanted for challenge in need.challenges}
    if listed:
        await load.load_challenges(connection, listed.values())
    limited = [(participant, command, need.rules) for participant, command, need in wanted if need.rules]
    if limited:
        await _load_rule_uses(connection, state, limited, _moves(state, commands))


def _moves(state: _State, commands: Sequence[Command]) -> dict[str, set[tzinfo]]:
    """By subject the time zones that commands put participants in."""
    found: dict[str, set[tzinfo]] = {}
    for command in commands:
        if isinstance(command, SaveProfile) and command.attributes is not UNSET and "timezone" in command.attributes:
            participant = state.participants[ParticipantKey(command.project_id, command.participant_id)]
            calendar = state.definitions[command.project_id].calendar
            zone = calendar.zone_named(command.attributes["timezone"]) or calendar.zone
            found.setdefault(participant.subject, set()).add(zone)
    return found


async def _load_rule_uses(
    connection: Connection,
    state: _State,
    limited: Sequence[tuple[Participant, Command, Sequence[Rule]]],
    moves: dict[str, set[tzinfo]],
) -> None:
    """The counts that the limits of rules are held against; those in total are locked."""
    uses: dict[stored_rules.Use, Participant] = {}
    limits: dict[RuleWindow, int] = {}
    totals: dict[RuleWindow, int] = {}
    for participant, command, command_rules in limited:
        calendar = state.definitions[command.project_id].calendar
        occurred_at = getattr(command, "occurred_at", None) or state.now[command.project_id]
        participant.rule_totals = totals
        zones = {participant.zone or calendar.zone, *moves.get(participant.subject, ())}
        for rule, zone in itertools.product(command_rules, zones):
            for limit, window in rules.windows(rule, occurred_at, zone, calendar):
                uses[stored_rules.Use(participant.lane, participant.subject, rule.id, window)] = participant
                if limit.in_total:
                    limits[rule.id, window] = limit.times
    for use, number in (await stored_rules.uses(connection, uses)).items():
        uses[use].rule_uses[use.rule_id, use.window_key] = number
    if limits:
        totals.update(await stored_rules.lock_totals(connection, limits))


def _run_one(state: _State, batch: Batch, command: Command) -> Outcome:
    participant = state.participants[ParticipantKey(command.project_id, command.participant_id)]
    use = None
    if command.idempotency_key is not None:
        use = _key_use(participant, command)
        fingerprint = _fingerprint(command)
        first = state.first_uses.get(use)
        if first is not None:
            same = first.fingerprint == fingerprint
            return Answered(first.answer, replayed=True) if same else IdempotencyKeyReused()
    definitions = state.definitions[command.project_id]
    now = state.now[command.project_id]
    decision = decide(definitions, participant, command, now, _ids())
    if isinstance(decision, Rejection):
        return decision
    answer = _json.encode(decision.answer)
    command_id = _record(batch, participant, decision, definitions, now)
    if use is not None:
        state.first_uses[use] = batch.first_uses[use] = FirstUse(fingerprint, answer)
        batch.command_ids[use] = command_id
    return Answered(answer)


def _record(batch: Batch, participant: Participant, decision: Decision, definitions: Definitions, now: datetime) -> str:
    if not decision.entries:
        return str(uuid7())
    command_id = decision.entries[0].id
    if not participant.exists:
        participant.exists = True
        batch.created.append((participant, now))
    batch.happened.append(Happened(participant, command_id, definitions.version, now, decision.entries))
    for gain in gains(definitions, decision.entries):
        batch.gained.append(Gained(participant.lane, participant.subject, now, gain))
    batch.seen[participant.subject] = (participant, now)
    if decision.profile is not None:
        batch.profiles[participant.subject] = participant
    return command_id


async def _save(connection: Connection, batch: Batch) -> None:
    if not batch.happened:
        return
    await save.insert_participants(connection, batch.created)
    await save.update_accounts(connection, batch.seen.values())
    await save.save_tiers(connection, batch.happened)
    await save.save_badges(connection, batch.happened)
    await save.save_streaks(connection, batch.happened)
    await save.save_challenges(connection, batch.happened)
    await save.update_profiles(connection, list(batch.profiles.values()))
    await save.insert_journal(connection, batch.happened)
    await save.insert_first_uses(connection, batch.first_uses, batch.command_ids)
    await save.save_rule_uses(connection, batch.happened)
    await leaderboards.add_gains(connection, batch.gained)


def _key_use(participant: Participant, command: Command) -> KeyUse:
    return KeyUse(participant.lane, participant.subject, command.operation, command.idempotency_key or "")


def _fingerprint(command: Command) -> bytes:
    return blake2b(_canonical.encode(command), digest_size=16).digest()


def _ids() -> Iterator[str]:
    while True:
        yield str(uuid7())
