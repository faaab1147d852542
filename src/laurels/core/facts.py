"""What happened. A fact carries every value that a projection needs, so that folding the journal never decides again.

`kind` names the fact in the journal; its fields are stored as JSON. A field may be added with a default, never
renamed or removed: old facts are read for ever. No fact holds a person's profile.
"""

from datetime import datetime
from typing import Any, ClassVar, Literal

from msgspec import Struct


class Outcome(Struct, frozen=True, omit_defaults=True):
    """What became of a definition that was considered. Kept for all but those whose condition did not hold.

    `windows` are those that a limited rule's act counts in; `detail` names the limit that was reached, the rule that
    took the group, or what failed.
    """

    definition_id: str
    outcome: Literal["acted", "limited", "group_taken", "failed", "cut"]
    detail: str | None = None
    windows: list[int] = []


class Fact(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`due_to` is the rule or challenge that brought the fact about. A command's first fact keeps the outcomes of all
    that it set off."""

    kind: ClassVar[str]

    due_to: str | None = None
    outcomes: list[Outcome] = []


class PointsAwarded(Fact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "points_awarded"

    amount: int
    balance_after: int
    reason: str | None = None
    metadata: dict[str, Any] | None = None


class PointsDeducted(Fact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "points_deducted"

    amount: int
    balance_after: int
    reason: str | None = None
    metadata: dict[str, Any] | None = None


class TierReached(Fact, frozen=True, kw_only=True):
    """The points lifted the participant into a tier. `silent` for the entry tier, which nobody is congratulated for."""

    kind: ClassVar[str] = "tier_reached"

    tier_id: str
    tier_code: str
    previous_tier_id: str | None = None
    silent: bool = False


class TierAssigned(Fact, frozen=True, kw_only=True):
    """Somebody put the participant into a tier. The held values are the points at that moment."""

    kind: ClassVar[str] = "tier_assigned"

    tier_id: str
    tier_code: str
    held_earned: int
    held_balance: int
    previous_tier_id: str | None = None
    reason: str | None = None


class BadgeEarned(Fact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "badge_earned"

    badge_id: str
    badge_code: str
    metadata: dict[str, Any] | None = None


class BadgeRevoked(Fact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "badge_revoked"

    badge_id: str
    badge_code: str
    reason: str | None = None


class StreakRecorded(Fact, frozen=True, kw_only=True):
    """A period was recorded. `count` is the length of the streak it belongs to, then; `continues_until` is when a later
    record at the latest continues it."""

    kind: ClassVar[str] = "streak_recorded"

    streak_id: str
    streak_code: str
    period: int
    continues_until: datetime
    count: int


class EventRecorded(Fact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "event_recorded"

    event_name: str
    properties: dict[str, Any] = {}


class ChallengeFact(Fact, frozen=True, kw_only=True):
    challenge_id: str
    challenge_code: str


class ChallengeJoined(ChallengeFact, frozen=True, kw_only=True):
    """A run begins. `deadline` is when it ends, if it has an end of its own; `since` the start of its period, if it is
    one of the calendar's."""

    kind: ClassVar[str] = "challenge_joined"

    deadline: datetime | None = None
    since: datetime | None = None


class ChallengeLeft(ChallengeFact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "challenge_left"


class ChallengeAdvanced(ChallengeFact, frozen=True, kw_only=True):
    """An objective came nearer its target `by` so many events, millionths or new values; `seen` is the fingerprint of a
    new value."""

    kind: ClassVar[str] = "challenge_advanced"

    objective: str
    by: int
    seen: str | None = None


class MilestoneReached(ChallengeFact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "milestone_reached"

    percent: int


class ChallengeCompleted(ChallengeFact, frozen=True, kw_only=True):
    """All targets were met. With `used`, the progress that this took by objective, the next run begins at once, with
    what is left over; `deadline` is that run's end."""

    kind: ClassVar[str] = "challenge_completed"

    used: dict[str, int] = {}
    deadline: datetime | None = None


class ParticipantRegistered(Fact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "participant_registered"


class ProfileChanged(Fact, frozen=True, kw_only=True):
    """Names the fields that changed; their values are personal data and live in the profile alone."""

    kind: ClassVar[str] = "profile_changed"

    fields: list[str]


FACTS: dict[str, type[Fact]] = {
    fact.kind: fact
    for fact in (
        PointsAwarded,
        PointsDeducted,
        TierReached,
        TierAssigned,
        BadgeEarned,
        BadgeRevoked,
        StreakRecorded,
        EventRecorded,
        ChallengeJoined,
        ChallengeLeft,
        ChallengeAdvanced,
        MilestoneReached,
        ChallengeCompleted,
        ParticipantRegistered,
        ProfileChanged,
    )
}

TRANSACTION_KINDS = (PointsAwarded.kind, PointsDeducted.kind)
"""The facts that move points: the transaction history is these."""


class Entry(Struct, frozen=True):
    """A fact in its place: `seq` counts the participant's facts, `cause_id` is the fact that brought it about."""

    id: str
    seq: int
    fact: Fact
    occurred_at: datetime
    cause_id: str | None = None
