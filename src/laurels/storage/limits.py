"""The counts of limits: for each participant, the number of times that rules have acted and the points counted by
earning caps, both guarded by the account's lock; and the total number of times that a rule has acted for all.

Totals are locked after the accounts and in the order of their key. A total that has reached its limit never falls
again, so it is read without a lock, and no command waits for it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import NamedTuple

from laurels.kernel.commands import Command
from laurels.kernel.facts import Entry
from laurels.kernel.limits import LimitWindow
from laurels.kernel.needs import LIMITED
from laurels.kernel.participant import Participant
from laurels.storage.batches import CommandNeeds, Facts, Loading, ParticipantKey
from laurels.storage.lanes import Rows, columns
from laurels.storage.locks import LockedRow
from laurels.storage.postgres.database import Connection


class Use(NamedTuple):
    lane: int
    subject: str
    definition_id: str
    window_key: int


_USE_ROWS = Rows("subject uuid", "definition_id uuid", "window_key integer")

_USES = f"""
SELECT u.lane, u.subject, u.definition_id, u.window_key, u.uses
FROM {_USE_ROWS.given}
JOIN limit_use u USING (lane, subject, definition_id, window_key)
WHERE {_USE_ROWS.in_one_lane}
"""  # noqa: S608

_TOTALS = """
SELECT t.rule_id, t.window_key, t.uses
FROM unnest($1::uuid[], $2::integer[]) AS wanted (rule_id, window_key)
JOIN rule_total t ON t.lane = 0 AND t.rule_id = wanted.rule_id AND t.window_key = wanted.window_key
"""

_LOCK_TOTALS = f"""
{_TOTALS} ORDER BY t.rule_id, t.window_key FOR NO KEY UPDATE OF t
"""

_LOCK_TOTAL = "SELECT FROM rule_total WHERE lane = 0 AND rule_id = $1 AND window_key = $2 FOR NO KEY UPDATE"

_LOCK_FREE_TOTALS = f"{_LOCK_TOTALS} SKIP LOCKED"

_ADD_TOTALS = """
INSERT INTO rule_total (lane, rule_id, window_key, uses)
SELECT 0, rule_id, window_key, 0 FROM unnest($1::uuid[], $2::integer[]) AS new (rule_id, window_key)
ORDER BY rule_id, window_key ON CONFLICT DO NOTHING
"""

_SAVE_USES = """
INSERT INTO limit_use (lane, subject, definition_id, window_key, uses)
SELECT * FROM unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::integer[], $5::bigint[])
ON CONFLICT (lane, subject, definition_id, window_key) DO UPDATE SET uses = excluded.uses
"""

_SAVE_TOTALS = """
UPDATE rule_total t SET uses = new.uses
FROM unnest($1::uuid[], $2::integer[], $3::bigint[]) AS new (rule_id, window_key, uses)
WHERE t.lane = 0 AND t.rule_id = new.rule_id AND t.window_key = new.window_key
"""

_PART = "SELECT definition_id, window_key, uses FROM limit_use WHERE lane = $1 AND subject = $2 ORDER BY 1, 2"

_ERASE = """
UPDATE rule_total t SET erased_uses = t.erased_uses + erased.uses
FROM unnest($1::uuid[], $2::integer[], $3::bigint[]) AS erased (rule_id, window_key, uses)
WHERE t.lane = 0 AND t.rule_id = erased.rule_id AND t.window_key = erased.window_key
"""


async def load(connection: Connection, loading: Loading, command_needs: Sequence[CommandNeeds]) -> None:
    """Loads the counts that are compared with limits, and locks the totals."""
    used: dict[Use, Participant] = {}
    limits_in_total: dict[LimitWindow, int] = {}
    totals: dict[LimitWindow, int] = {}
    needed_by: list[tuple[LimitWindow, ParticipantKey]] = []
    zones = _moves(command_needs, loading.commands)
    for each in command_needs:
        participant, calendar = each.participant, each.definitions.calendar
        participant.limit_totals = totals
        for zone in {participant.zone or calendar.zone, *zones.get(participant.subject, ())}:
            for limit_window, total in _windows(each, zone):
                used[Use(participant.lane, participant.subject, *limit_window)] = participant
                if total is not None:
                    limits_in_total[limit_window] = total
                    needed_by.append((limit_window, each.key))
    if used:
        for use, number in (await uses(connection, used)).items():
            used[use].limit_uses[use.definition_id, use.window_key] = number
    if limits_in_total:
        current, locked_elsewhere = await lock_totals(connection, limits_in_total, skips_locked=loading.skips_locked)
        totals.update(current)
        for limit_window, key in needed_by:
            if limit_window in locked_elsewhere:
                loading.left_out.setdefault(key, locked_total(limit_window))


def _moves(command_needs: Sequence[CommandNeeds], commands: Sequence[Command]) -> dict[str, set[tzinfo]]:
    """The time zones that commands of the batch move participants to, by subject."""
    by_key = {each.key: each for each in command_needs}
    zones: dict[str, set[tzinfo]] = {}
    for command in commands:
        each = by_key.get(ParticipantKey(command.project_id, command.participant_id))
        zone = None if each is None else command.moves_to(each.definitions.calendar)
        if each is not None and zone is not None:
            zones.setdefault(each.participant.subject, set()).add(zone)
    return zones


def _windows(command_needs: CommandNeeds, zone: tzinfo) -> Iterator[tuple[LimitWindow, int | None]]:
    """The windows that a command can count in, each with its total limit for all participants, if it has one."""
    occurred_at = command_needs.command.reported_at or command_needs.now
    for limited in command_needs.needs[LIMITED] or ():
        for window, total in limited.windows(occurred_at, zone, command_needs.definitions.calendar):
            yield (limited.definition_id, window), total


async def save(connection: Connection, facts: Facts) -> None:
    """Saves the counts of limits and caps that facts have changed; the totals last, as other batches wait for them."""
    used: dict[Use, int] = {}
    totals: dict[LimitWindow, int] = {}
    for each in facts.happened:
        participant = each.participant
        for key in _counted(each.entries):
            used[Use(participant.lane, participant.subject, *key)] = participant.limit_uses[key]
            if key in participant.limit_totals:
                totals[key] = participant.limit_totals[key]
    if used:
        await save_uses(connection, used)
    if totals:
        await save_totals(connection, totals)


def _counted(entries: Iterable[Entry]) -> Iterator[LimitWindow]:
    """The limit windows that the facts count in."""
    for entry in entries:
        for outcome in entry.fact.outcomes:
            for window in outcome.windows:
                yield outcome.definition_id, window
        yield from entry.fact.counted_in()


async def uses(connection: Connection, keys: Collection[Use]) -> dict[Use, int]:
    rows = await connection.fetch(_USES, *columns(keys))
    return {
        Use(row["lane"], str(row["subject"]), str(row["definition_id"]), row["window_key"]): row["uses"] for row in rows
    }


async def lock_totals(
    connection: Connection, limits: Mapping[LimitWindow, int], *, skips_locked: bool = False
) -> tuple[dict[LimitWindow, int], set[LimitWindow]]:
    """Returns the totals of the windows, and locks the totals that are below the limit given with their window. With
    `skips_locked` it also returns the windows whose totals other sessions have locked; otherwise it waits for them."""
    seen = await _totals(connection, _TOTALS, list(limits))
    below_limit = [window for window, limit in limits.items() if seen.get(window, 0) < limit]
    missing = [window for window in below_limit if window not in seen]
    if missing:
        await connection.execute(_ADD_TOTALS, *zip(*missing, strict=True))
    if not below_limit:
        return seen, set()
    # A separate statement: it waits for the locks and then sees the commits of their last holders.
    locked = await _totals(connection, _LOCK_FREE_TOTALS if skips_locked else _LOCK_TOTALS, below_limit)
    return seen | locked, set(below_limit) - locked.keys()


def locked_total(window: LimitWindow) -> LockedRow:
    """The row with the total of a window, to wait for."""
    return LockedRow("rule_total", window, _LOCK_TOTAL)


async def save_uses(connection: Connection, changed: Mapping[Use, int]) -> None:
    await connection.execute(_SAVE_USES, *zip(*((*use, number) for use, number in changed.items()), strict=True))


async def save_totals(connection: Connection, changed: Mapping[LimitWindow, int]) -> None:
    await connection.execute(_SAVE_TOTALS, *zip(*((*key, number) for key, number in changed.items()), strict=True))


async def leave(connection: Connection, lane: int, subject: str) -> None:
    """Notes the participant's share of the totals as erased; the caller then deletes the participant's rows."""
    used = await connection.fetch(_PART, lane, subject)
    if used:
        await _totals(connection, _LOCK_TOTALS, [(row["definition_id"], row["window_key"]) for row in used])
        await connection.execute(_ERASE, *zip(*used, strict=True))


async def _totals(connection: Connection, query: str, windows: Sequence[LimitWindow]) -> dict[LimitWindow, int]:
    rows = await connection.fetch(query, *zip(*windows, strict=True))
    return {(str(row["rule_id"]), row["window_key"]): row["uses"] for row in rows}
