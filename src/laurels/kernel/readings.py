"""What expressions read: the present values of the variables in `expressions.VARIABLES`, and what changes them."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from laurels.kernel.definition import Definitions
from laurels.kernel.expressions import Values, values
from laurels.kernel.facts import Entry, Fact
from laurels.kernel.model import Participant
from laurels.mechanics.badges.model import Badge, BadgeEarned, BadgeRevoked
from laurels.mechanics.challenges import rules as challenges
from laurels.mechanics.challenges.model import ChallengeCompleted
from laurels.mechanics.events.model import EventRecorded
from laurels.mechanics.facts import POINTS_FACTS
from laurels.mechanics.participants.model import ParticipantRegistered, ProfileChanged
from laurels.mechanics.streaks import rules as streaks
from laurels.mechanics.streaks.model import Streak, StreakRecorded, StreakState
from laurels.mechanics.tiers.model import Tier, TierAssigned, TierReached

POINTS = frozenset({"participant.balance", "participant.total_earned", "participant.total_spent"})
TIER = frozenset({"participant.tier", "participant.tier_level"})
STREAKS = frozenset({"participant.streaks", "participant.longest_streaks"})
ZONE = frozenset({"participant.time_zone"}) | STREAKS
BADGES = frozenset({"participant.badges"})
CHALLENGES = frozenset({"participant.completed_challenges"})
PROFILE = frozenset({"participant.attributes"})
EVENTS = frozenset({"participant.total_events"})

CHANGED_BY: dict[type[Fact], frozenset[str]] = {
    **dict.fromkeys(POINTS_FACTS.values(), POINTS),
    TierReached: TIER,
    TierAssigned: TIER,
    StreakRecorded: STREAKS,
    BadgeEarned: BADGES,
    BadgeRevoked: BADGES,
    ChallengeCompleted: CHALLENGES,
    EventRecorded: EVENTS,
    ParticipantRegistered: PROFILE | ZONE,
    ProfileChanged: PROFILE | ZONE,
}
"""The variables that a fact can change."""

_LATEST: dict[str, Callable[[Participant], Iterable[datetime | None]]] = {
    "participant.balance": lambda p: (p.account.latest_earned_at, p.account.latest_spent_at),
    "participant.total_earned": lambda p: (p.account.latest_earned_at,),
    "participant.total_spent": lambda p: (p.account.latest_spent_at,),
    "participant.total_events": lambda p: (p.account.latest_event_at,),
    **dict.fromkeys(TIER, lambda p: (p.account.tier.since if p.account.tier else None,)),
    **dict.fromkeys(STREAKS, lambda p: (state.runs[-1].last_at for state in p.streaks.values() if state.runs)),
    **dict.fromkeys(BADGES, lambda p: p.badges.values()),
    **dict.fromkeys(CHALLENGES, lambda p: (state.completed_at for state in p.challenges.values())),
}
"""When the facts that a variable counts occurred, the latest at least."""

_WITHOUT_TIME = PROFILE | {"participant.time_zone", "now"}
"""Variables of which no fact tells since when they are what they are."""

_Reader = Callable[[Definitions, Participant, datetime], Any]

_READERS: dict[str, _Reader] = {
    "participant.id": lambda _, p, __: p.participant_id,
    "participant.balance": lambda _, p, __: p.account.balance,
    "participant.total_earned": lambda _, p, __: p.account.total_earned,
    "participant.total_spent": lambda _, p, __: p.account.total_spent,
    "participant.total_events": lambda _, p, __: p.account.total_events,
    "participant.tier": lambda d, p, _: d[Tier].by_id[p.account.tier.tier_id].code if p.account.tier else "",
    "participant.tier_level": lambda d, p, _: d[Tier].by_id[p.account.tier.tier_id].level if p.account.tier else 0,
    # In one order, however they were loaded.
    "participant.badges": lambda d, p, _: sorted(
        d[Badge].by_id[badge].code for badge in p.badges if badge in d[Badge].by_id
    ),
    "participant.streaks": lambda d, p, now: {code: s.current for code, s in _streaks(d, p, now)},
    "participant.longest_streaks": lambda d, p, now: {code: s.longest for code, s in _streaks(d, p, now)},
    "participant.completed_challenges": lambda d, p, _: challenges.completions(d, p.challenges),
    "participant.attributes": lambda _, p, __: p.profile.attributes if p.profile else {},
    "participant.time_zone": lambda d, p, _: str(p.zone or d.calendar.zone),
    "now": lambda _, __, now: now,
}


def of(
    definitions: Definitions,
    participant: Participant,
    now: datetime,
    names: Collection[str],
    event: Entry | None = None,
) -> Values:
    """The variables named. Those of the event are there if one is given."""
    return values(known(definitions, participant, now, names, event))


def known(
    definitions: Definitions,
    participant: Participant | None,
    now: datetime,
    names: Collection[str],
    event: Entry | None = None,
) -> dict[str, Any]:
    """The values of those of the variables named that are known."""
    found: dict[str, Any] = {"now": now}
    if participant is not None:
        found |= {name: reader(definitions, participant, now) for name, reader in _READERS.items() if name in names}
    if event is not None and isinstance(event.fact, EventRecorded):
        found["event.name"] = event.fact.event_name
        found["event.properties"] = event.fact.properties
        found["event.occurred_at"] = event.occurred_at
    return {name: value for name, value in found.items() if name in names}


def reached_at(participant: Participant, names: Collection[str], at: datetime, now: datetime) -> datetime:
    """When an expression over the variables named holds, given that something of `at` was the last to count: at the
    latest time of the facts that they count, or `now` where that cannot be known."""
    if not _WITHOUT_TIME.isdisjoint(names):
        return max(at, now)
    times = [time for name in names if name in _LATEST for time in _LATEST[name](participant) if time is not None]
    return max([at, *times])


def changed(entries: Collection[Entry]) -> frozenset[str]:
    """The variables that the facts can have changed."""
    return frozenset().union(*(CHANGED_BY.get(type(entry.fact), frozenset()) for entry in entries))


def _streaks(
    definitions: Definitions, participant: Participant, now: datetime
) -> list[tuple[str, streaks.StreakSummary]]:
    zone = participant.zone or definitions.calendar.zone
    first_day_of_week = definitions.calendar.first_day_of_week
    return [
        (code, streaks.summary(streak, participant.streaks.get(streak.id, StreakState()), now, zone, first_day_of_week))
        for code, streak in definitions[Streak].by_code.items()
    ]
