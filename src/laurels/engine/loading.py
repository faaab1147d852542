"""What a batch works on: its participants under lock, and of their state what its commands need."""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from msgspec import UNSET, Struct

from laurels.kernel.commands import Command
from laurels.kernel.decide import has_expired
from laurels.kernel.definition import Definitions
from laurels.kernel.model import LimitWindow, Participant
from laurels.kernel.needs import ACCOUNT_ONLY, Needs, lot_needs, needs
from laurels.mechanics.participants.model import SaveProfile
from laurels.mechanics.points import earnings, endings
from laurels.mechanics.points import store as economy
from laurels.mechanics.points.commands import SettleExpiries
from laurels.mechanics.points.lot_room import LotRoom, NoRoom
from laurels.mechanics.points.store import LotsWanted
from laurels.mechanics.rewards import store as rewards
from laurels.mechanics.rewards.model import Stock
from laurels.mechanics.rules import rules
from laurels.storage import limits, load, locks
from laurels.storage.database import Connection
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.erasing import erased_ids
from laurels.storage.lanes import lane_of, only
from laurels.storage.load import FirstUse, KeyUse, ParticipantKey, ProjectMoment
from laurels.storage.locks import LockedRow, Locking

LeftOut = LockedRow | NoRoom


class State:
    """What the batch loaded; later commands see what earlier ones did.

    `expired` are those of whom something has ended, and `share` is how much of it each may settle. `overdue`, by
    subject, are those of them who have more than that: of their lots and holds only the first are loaded. Of those
    left out nothing can be decided now, as somebody else has locked the row that is named, or there is no room for what
    would have to be loaded.
    """

    def __init__(
        self,
        participants: dict[ParticipantKey, Participant],
        first_uses: dict[KeyUse, FirstUse],
        erased_uses: set[KeyUse],
    ) -> None:
        self.participants = participants
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


class Wanted(Struct, frozen=True):
    """A command that needs more than the account."""

    participant: Participant
    command: Command
    need: Needs

    @property
    def key(self) -> ParticipantKey:
        return ParticipantKey(self.command.project_id, self.command.participant_id)


async def load_state(
    connection: Connection,
    cache: DefinitionsCache,
    commands: Sequence[Command],
    locking: Locking = Locking.WAIT,
    *,
    settled_at_most: int = 0,
    room: LotRoom | None = None,
) -> State:
    """`room` is that of a batch of many unless it is given.

    `settled_at_most`: of what has ended of all participants together; with 0 nothing is to be settled."""
    by_command = [ParticipantKey(command.project_id, command.participant_id) for command in commands]
    moments, participants, elsewhere = await load.lock_participants(
        connection, list(dict.fromkeys(by_command)), skips_locked=locking is not Locking.WAIT
    )
    moments |= await _hold_calendars(connection, cache, participants.values())
    await erased_ids.load(connection, participants.values())
    uses = {
        key_use(participants[key], command): participants[key]
        for key, command in zip(by_command, commands, strict=True)
        if command.idempotency_key is not None
    }
    first_uses = await load.find_first_uses(connection, [use for use, person in uses.items() if person.exists])
    erased_uses = await erased_ids.used_keys(
        connection, [(person, use) for use, person in uses.items() if person.erased_before is not None]
    )
    state = State(participants, first_uses, erased_uses)
    state.left_out.update((key, locks.account_of(lane_of(*key), *key)) for key in elsewhere)
    now = datetime.now(UTC)
    for project_id, moment in moments.items():
        state.definitions[project_id] = await cache.at(connection, project_id, moment.definitions_version)
        state.now[project_id] = now + timedelta(milliseconds=moment.clock_offset_ms)
    room = room or LotRoom()
    await _load_expired(connection, state, settled_at_most, room)
    due_now = [command for command in commands if state.participant_of(command).subject not in state.overdue]
    wanted = [
        Wanted(state.participant_of(command), command, need)
        for command in (*due_now, *_settlements(state))
        if (need := needs(state.definitions[command.project_id], command)) is not ACCOUNT_ONLY
    ]
    if wanted:
        await _load_states(connection, wanted, room)
        await _load_lots(connection, state, wanted, room)
        skips_locked = locking is Locking.SKIP_ALL
        limited = [w for w in wanted if w.need.rules or w.need.caps]
        if limited:
            await _load_limits(connection, state, limited, _moves(state, commands), skips_locked=skips_locked)
        await _load_stocks(connection, state, wanted, skips_locked=skips_locked)
    for key, participant in participants.items():
        if participant.subject in room.refused:
            state.left_out.setdefault(key, room.refused[participant.subject])
    return state


async def _hold_calendars(
    connection: Connection, cache: DefinitionsCache, participants: Collection[Participant]
) -> dict[int, ProjectMoment]:
    """Of the projects that may get their first participant now, which no calendar outlives that was read before."""
    cache.with_participants.update(p.project_id for p in participants if p.exists)
    first = {p.project_id for p in participants} - cache.with_participants
    return await load.hold_calendars(connection, first) if first else {}


def key_use(participant: Participant, command: Command) -> KeyUse:
    return KeyUse(participant.lane, participant.subject, command.operation, command.idempotency_key or "")


async def _load_expired(connection: Connection, state: State, settled_at_most: int, room: LotRoom) -> None:
    """What has ended of those of whom something has, and one lot and hold beyond it, so that the next end is known."""
    if settled_at_most:
        state.expired = [p for p in state.participants.values() if has_expired(p, state.now[p.project_id])]
    if not state.expired:
        return
    state.share = max(1, settled_at_most // len(state.expired))
    await economy.load_next_endings(connection, state.expired, state.share + 1, room)
    state.overdue = {p.subject for p in state.expired if endings.due(p, state.now[p.project_id]) > state.share}


def _settlements(state: State) -> list[SettleExpiries]:
    """What comes before the commands of those of whom something has expired."""
    return [settlement(state, participant) for participant in state.expired]


def settlement(state: State, participant: Participant) -> SettleExpiries:
    return SettleExpiries(
        project_id=participant.project_id, participant_id=participant.participant_id, most=state.share
    )


async def _load_states(connection: Connection, wanted: Sequence[Wanted], room: LotRoom) -> None:
    for field, fill_in in (
        ("profile", load.load_profiles),
        ("zone", load.load_zones),
        ("badges", load.load_badges),
        ("streaks", load.load_streaks),
    ):
        wanting = {w.participant.subject: w.participant for w in wanted if getattr(w.need, field)}
        if wanting:
            await fill_in(connection, wanting.values())
    if named := _named(wanted, "challenges"):
        await load.load_challenges(connection, named)
    for field, fill_in_with_lots in (
        ("holds", economy.load_holds),
        ("transactions", economy.load_transactions),
        ("claims", rewards.load_claims),
    ):
        if named := _named(wanted, field):
            await fill_in_with_lots(connection, named, room)


async def _load_lots(connection: Connection, state: State, wanted: Sequence[Wanted], room: LotRoom) -> None:
    """What a settlement ends has been loaded."""
    people: dict[str, LotsWanted] = {}
    counting: dict[str, Participant] = {}
    for w in wanted:
        who = w.participant
        if isinstance(w.command, SettleExpiries) or who.subject in room.refused:
            continue
        need = lot_needs(state.definitions[w.command.project_id], who, w.command, w.need)
        if need is not None:
            of_person = people.setdefault(who.subject, LotsWanted(who, state.now[who.project_id]))
            of_person.add(need)
        if w.need.lot_count and (need is not None or not w.need.lots):
            counting[who.subject] = who
    if people:
        await economy.load_lots(connection, people.values(), state.share, room)
    if counting:
        await economy.count_lots(connection, counting.values())


def _named(wanted: Sequence[Wanted], field: str) -> Collection[tuple[Participant, str]]:
    """What the needs name by id, for participants that exist."""
    return {
        (w.participant.subject, name): (w.participant, name)
        for w in wanted
        if w.participant.exists
        for name in getattr(w.need, field)
    }.values()


async def _load_stocks(connection: Connection, state: State, wanted: Sequence[Wanted], *, skips_locked: bool) -> None:
    """Locks what is left of the rewards that can be claimed or given back, after the accounts and in the order of their
    ids."""
    most: dict[str, int] = {}
    claiming = []
    needed_by: list[tuple[str, ParticipantKey]] = []
    for w in wanted:
        for reward_id, claims in w.need.rewards:
            most[reward_id] = most.get(reward_id, 0) + claims
            claiming.append((w.participant, reward_id))
            needed_by.append((reward_id, w.key))
        for claim_id in w.need.claims:
            if claim_id in w.participant.claims:
                reward_id = w.participant.claims[claim_id].reward_id
                most.setdefault(reward_id, 0)
                needed_by.append((reward_id, w.key))
    if not most:
        return
    lane = only(w.participant.lane for w in wanted)
    stocks: dict[str, Stock] = await rewards.lock_stocks(connection, most, lane, skips_locked=skips_locked)
    for w in wanted:
        w.participant.stocks = stocks
    for reward_id, key in needed_by if skips_locked else ():
        if reward_id not in stocks:
            state.left_out.setdefault(key, rewards.locked_stock(reward_id))
    present = [(participant, reward_id) for participant, reward_id in claiming if participant.exists]
    if present:
        await rewards.load_counts(connection, present)


def _moves(state: State, commands: Sequence[Command]) -> dict[str, set[tzinfo]]:
    """By subject the time zones that commands put participants in."""
    found: dict[str, set[tzinfo]] = {}
    for command in commands:
        if isinstance(command, SaveProfile) and command.attributes is not UNSET and "timezone" in command.attributes:
            calendar = state.definitions[command.project_id].calendar
            zone = calendar.zone_named(command.attributes["timezone"]) or calendar.zone
            found.setdefault(state.participant_of(command).subject, set()).add(zone)
    return found


async def _load_limits(
    connection: Connection,
    state: State,
    limited: Sequence[Wanted],
    moves: dict[str, set[tzinfo]],
    *,
    skips_locked: bool,
) -> None:
    """The counts that limits and caps are held against; those in total are locked."""
    uses: dict[limits.Use, Participant] = {}
    limits_in_total: dict[LimitWindow, int] = {}
    totals: dict[LimitWindow, int] = {}
    needed_by: list[tuple[LimitWindow, ParticipantKey]] = []
    for w in limited:
        participant = w.participant
        participant.rule_totals = totals
        calendar = state.definitions[w.command.project_id].calendar
        zones = {participant.zone or calendar.zone, *moves.get(participant.subject, ())}
        for zone in zones:
            for definition_id, window, total in _windows(state, w, zone):
                uses[limits.Use(participant.lane, participant.subject, definition_id, window)] = participant
                if total is not None:
                    limits_in_total[definition_id, window] = total
                    needed_by.append(((definition_id, window), w.key))
    for use, number in (await limits.uses(connection, uses)).items():
        uses[use].limit_uses[use.definition_id, use.window_key] = number
    if limits_in_total:
        found, elsewhere = await limits.lock_totals(connection, limits_in_total, skips_locked=skips_locked)
        totals.update(found)
        for limit_window, key in needed_by:
            if limit_window in elsewhere:
                state.left_out.setdefault(key, limits.locked_total(limit_window))


def _windows(state: State, w: Wanted, zone: tzinfo) -> Iterator[tuple[str, int, int | None]]:
    """The windows that a command can count in, with the limit of those for all participants together."""
    calendar = state.definitions[w.command.project_id].calendar
    occurred_at = getattr(w.command, "occurred_at", None) or state.now[w.command.project_id]
    for rule in w.need.rules:
        for limit, window in rules.windows(rule, occurred_at, zone, calendar):
            yield rule.id, window, limit.times if limit.in_total else None
    for cap in w.need.caps:
        yield cap.id, earnings.window(cap, occurred_at, zone, calendar), None
