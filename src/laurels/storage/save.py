"""Saving what a batch decided: one statement for each kind of row, however many commands there are.

Rows that are only ever added go by COPY, which costs both sides least; changes go by one UPDATE from arrays.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import asyncpg
import msgspec
from msgspec import Struct

from laurels.kernel.facts import Entry, Fact
from laurels.kernel.model import LimitWindow, Participant
from laurels.mechanics.badges.model import BadgeEarned, BadgeRevoked
from laurels.mechanics.challenges import store as challenges
from laurels.mechanics.challenges.model import (
    ChallengeAdvanced,
    ChallengeCompleted,
    ChallengeJoined,
    ChallengeLeft,
    MilestoneReached,
)
from laurels.mechanics.points.model import PointsAwarded
from laurels.mechanics.streaks.model import StreakRecorded
from laurels.mechanics.streaks.store import runs_of
from laurels.mechanics.tiers.model import TierAssigned, TierReached
from laurels.storage import limits
from laurels.storage.database import Connection
from laurels.storage.erasing import erased_ids
from laurels.storage.lanes import columns
from laurels.storage.load import FirstUse, KeyUse


class Happened(Struct, frozen=True):
    """An allowed command's facts, with what the journal keeps about the command."""

    participant: Participant
    command_id: str
    definitions_version: int
    recorded_at: datetime
    entries: list[Entry]


class Overtaken(Exception):  # noqa: N818
    """Another process created one of our new participants first, and may have erased it, or a partition for our facts:
    the batch has to run again."""


_json = msgspec.json.Encoder()

_INSERT_PARTICIPANTS = """
INSERT INTO participant (lane, subject, project_id, participant_id, created_at, erased_before)
SELECT * FROM unnest($1::smallint[], $2::uuid[], $3::integer[], $4::text[], $5::timestamptz[], $6::timestamptz[])
    AS new (lane, subject, project_id, participant_id, created_at, erased_before)
ORDER BY lane, project_id, participant_id
ON CONFLICT (lane, project_id, participant_id) DO NOTHING
RETURNING true
"""

_UPDATE_ACCOUNTS = """
UPDATE account a
SET seq = new.seq, balance = new.balance, total_earned = new.total_earned, total_spent = new.total_spent,
    transactions = new.transactions, total_events = new.total_events,
    latest_earned_at = new.latest_earned_at, latest_spent_at = new.latest_spent_at,
    latest_event_at = new.latest_event_at,
    last_seen_at = coalesce(new.last_seen_at, a.last_seen_at)
FROM unnest($1::smallint[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
            $8::bigint[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[])
    AS new (lane, subject, seq, balance, total_earned, total_spent, transactions, total_events, latest_earned_at,
            latest_spent_at, latest_event_at, last_seen_at)
WHERE a.lane = new.lane AND a.subject = new.subject AND ($13::smallint IS NULL OR new.lane = $13)
"""

_UPDATE_TIERS = """
UPDATE account a
SET tier_id = new.tier_id, tier_since = new.since,
    tier_held_earned = new.held_earned, tier_held_balance = new.held_balance
FROM unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::bigint[], $6::bigint[])
    AS new (lane, subject, tier_id, since, held_earned, held_balance)
WHERE a.lane = new.lane AND a.subject = new.subject AND ($7::smallint IS NULL OR new.lane = $7)
"""

_UPDATE_PROFILES = """
UPDATE participant p
SET display_name = new.display_name, avatar_url = new.avatar_url, attributes = new.attributes
FROM unnest($1::smallint[], $2::uuid[], $3::text[], $4::text[], $5::jsonb[])
    AS new (lane, subject, display_name, avatar_url, attributes)
WHERE p.lane = new.lane AND p.subject = new.subject AND ($6::smallint IS NULL OR new.lane = $6)
"""

_JOURNAL_COLUMNS = (
    "lane",
    "id",
    "project_id",
    "subject",
    "seq",
    "kind",
    "command_id",
    "cause_id",
    "definitions_version",
    "occurred_at",
    "recorded_at",
    "data",
)
_IDEMPOTENCY_COLUMNS = ("lane", "subject", "operation", "key", "command_id", "fingerprint", "answer", "parts")

_TIER_HISTORY_COLUMNS = ("lane", "subject", "seq", "tier_id", "achieved_at")

_INSERT_BADGES = """
INSERT INTO earned_badge (lane, subject, badge_id, earned_at)
SELECT * FROM unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::timestamptz[])
ON CONFLICT (lane, subject, badge_id) DO UPDATE SET earned_at = excluded.earned_at
"""

_DELETE_BADGES = """
DELETE FROM earned_badge b
USING unnest($1::smallint[], $2::uuid[], $3::uuid[]) AS old (lane, subject, badge_id)
WHERE b.lane = old.lane AND b.subject = old.subject AND b.badge_id = old.badge_id
  AND ($4::smallint IS NULL OR old.lane = $4)
"""

_SAVE_STREAKS = """
INSERT INTO streak_state (lane, subject, streak_id, longest, runs)
SELECT * FROM unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::integer[], $5::jsonb[])
ON CONFLICT (lane, subject, streak_id) DO UPDATE SET longest = excluded.longest, runs = excluded.runs
"""

_SAVE_CHALLENGES = """
INSERT INTO challenge_state (lane, subject, challenge_id, state)
SELECT * FROM unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::jsonb[])
ON CONFLICT (lane, subject, challenge_id) DO UPDATE SET state = excluded.state
"""


async def insert_participants(connection: Connection, created: Sequence[tuple[Participant, datetime]]) -> None:
    """Adds new participants with empty accounts. Raises Overtaken."""
    if not created:
        return
    # Their rows and not the statement's tag, in which Citus counts those that were there already, too.
    inserted = await connection.fetch(
        _INSERT_PARTICIPANTS,
        [p.lane for p, _ in created],
        [p.subject for p, _ in created],
        [p.project_id for p, _ in created],
        [p.participant_id for p, _ in created],
        [created_at for _, created_at in created],
        [p.erased_before for p, _ in created],
    )
    # Now that the names are taken, nobody else can make and erase them unseen.
    if len(inserted) != len(created) or await erased_ids.has_changed(connection, [p for p, _ in created]):
        raise Overtaken
    accounts = [(p.lane, p.subject, created_at) for p, created_at in created]
    await connection.copy_records_to_table("account", records=accounts, columns=("lane", "subject", "last_seen_at"))


async def update_accounts(connection: Connection, changed: Iterable[Participant], seen: Mapping[str, datetime]) -> None:
    """`seen` is when participants were active, by subject; the others keep the time that they have."""
    rows = [
        (
            p.lane,
            p.subject,
            p.account.seq,
            p.account.balance,
            p.account.total_earned,
            p.account.total_spent,
            p.account.transactions,
            p.account.total_events,
            p.account.latest_earned_at,
            p.account.latest_spent_at,
            p.account.latest_event_at,
            seen.get(p.subject),
        )
        for p in changed
    ]
    await connection.execute(_UPDATE_ACCOUNTS, *columns(rows))


async def insert_journal(connection: Connection, happened: Iterable[Happened]) -> None:
    """Raises Overtaken."""
    rows = [
        (
            h.participant.lane,
            entry.id,
            h.participant.project_id,
            h.participant.subject,
            entry.seq,
            entry.fact.kind,
            h.command_id,
            entry.cause_id,
            h.definitions_version,
            entry.occurred_at,
            h.recorded_at,
            _json.encode(entry.fact).decode(),
        )
        for h in happened
        for entry in h.entries
    ]
    try:
        await connection.copy_records_to_table("journal", records=rows, columns=_JOURNAL_COLUMNS)
    except asyncpg.CheckViolationError as error:
        # A fact was on its way to the default partition when its month got one.
        if error.table_name == "journal_default":
            raise Overtaken from error
        raise


async def save_tiers(connection: Connection, happened: Iterable[Happened]) -> None:
    """The present tier and the tier history of those whose tier changed."""
    changed: dict[str, Participant] = {}
    history = []
    for h in happened:
        for entry in h.entries:
            if isinstance(entry.fact, TierReached | TierAssigned):
                changed[h.participant.subject] = h.participant
                if entry.fact.tier_id != entry.fact.previous_tier_id:
                    place = (h.participant.lane, h.participant.subject, entry.seq)
                    history.append((*place, entry.fact.tier_id, entry.occurred_at))
    if not changed:
        return
    standings = [(p, p.account.tier) for p in changed.values() if p.account.tier]
    rows = [(p.lane, p.subject, t.tier_id, t.since, t.held_earned, t.held_balance) for p, t in standings]
    await connection.execute(_UPDATE_TIERS, *columns(rows))
    if history:
        await connection.copy_records_to_table("tier_history", records=history, columns=_TIER_HISTORY_COLUMNS)


async def save_challenges(connection: Connection, happened: Iterable[Happened]) -> None:
    kinds = (ChallengeJoined, ChallengeLeft, ChallengeAdvanced, MilestoneReached, ChallengeCompleted)
    rows = [
        (participant.lane, participant.subject, challenge_id, challenges.stored(participant.challenges[challenge_id]))
        for participant, challenge_id in _changed(happened, kinds, "challenge_id")
    ]
    if rows:
        await connection.execute(_SAVE_CHALLENGES, *zip(*rows, strict=True))


async def save_limits(connection: Connection, happened: Iterable[Happened]) -> None:
    """How often limited rules have acted now and what caps have counted; the totals last, as others wait for them."""
    used: dict[limits.Use, int] = {}
    totals: dict[LimitWindow, int] = {}
    for h in happened:
        for key in _counted(h.entries):
            used[limits.Use(h.participant.lane, h.participant.subject, *key)] = h.participant.limit_uses[key]
            if key in h.participant.rule_totals:
                totals[key] = h.participant.rule_totals[key]
    if used:
        await limits.save_uses(connection, used)
    if totals:
        await limits.save_totals(connection, totals)


def _counted(entries: Iterable[Entry]) -> Iterator[LimitWindow]:
    """The windows of limits in which the facts count."""
    for entry in entries:
        for outcome in entry.fact.outcomes:
            for window in outcome.windows:
                yield outcome.definition_id, window
        if isinstance(entry.fact, PointsAwarded):
            yield from entry.fact.cap_windows.items()


async def save_badges(connection: Connection, happened: Iterable[Happened]) -> None:
    """Adds the badges earned, removes those taken away."""
    earned = []
    revoked = []
    for participant, badge_id in _changed(happened, (BadgeEarned, BadgeRevoked), "badge_id"):
        place = (participant.lane, participant.subject, badge_id)
        if badge_id in participant.badges:
            earned.append((*place, participant.badges[badge_id]))
        else:
            revoked.append(place)
    if earned:
        await connection.execute(_INSERT_BADGES, *zip(*earned, strict=True))
    if revoked:
        await connection.execute(_DELETE_BADGES, *columns(revoked))


async def save_streaks(connection: Connection, happened: Iterable[Happened]) -> None:
    rows = []
    for participant, streak_id in _changed(happened, (StreakRecorded,), "streak_id"):
        state = participant.streaks[streak_id]
        rows.append((participant.lane, participant.subject, streak_id, state.longest, runs_of(state)))
    if rows:
        await connection.execute(_SAVE_STREAKS, *zip(*rows, strict=True))


def _changed(happened: Iterable[Happened], kinds: tuple[type[Fact], ...], field: str) -> list[tuple[Participant, str]]:
    """Whose badge or streak (its id is in `field`) the facts have changed, each once."""
    found = {
        (h.participant.subject, getattr(entry.fact, field)): h.participant
        for h in happened
        for entry in h.entries
        if isinstance(entry.fact, kinds)
    }
    return [(participant, definition_id) for (_, definition_id), participant in found.items()]


async def update_profiles(connection: Connection, participants: Sequence[Participant]) -> None:
    if not participants:
        return
    rows = [
        (p.lane, p.subject, p.profile.display_name, p.profile.avatar_url, _json.encode(p.profile.attributes).decode())
        for p in participants
        if p.profile
    ]
    await connection.execute(_UPDATE_PROFILES, *columns(rows))


async def insert_first_uses(
    connection: Connection, uses: dict[KeyUse, FirstUse], command_ids: dict[KeyUse, str]
) -> None:
    if not uses:
        return
    rows = [(*use, command_ids[use], *first) for use, first in uses.items()]
    await connection.copy_records_to_table("idempotency", records=rows, columns=_IDEMPOTENCY_COLUMNS)
