"""What happened. A fact carries every value that a projection needs, so that folding the journal never decides again.

`kind` names the fact in the journal; its fields are stored as JSON. A field may be added with a default, never
renamed or removed: old facts are read for ever. No fact holds a person's profile.
"""

from datetime import datetime
from typing import Any, ClassVar, Literal, NamedTuple

from msgspec import Struct


class Outcome(Struct, frozen=True, omit_defaults=True):
    """What became of a definition that was considered. Kept for all but those whose condition did not hold.

    `windows` are those that a limited rule's act counts in; `detail` names the limit that was reached, the rule that
    took the group, what failed, or which actions of an act changed nothing.
    """

    definition_id: str
    outcome: Literal["acted", "limited", "group_taken", "failed", "cut", "postponed"]
    detail: str | None = None
    windows: list[int] = []


class Fact(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`due_to` is the rule or challenge that brought the fact about. A command's first fact keeps the outcomes of all
    that it set off."""

    kind: ClassVar[str]

    due_to: str | None = None
    outcomes: list[Outcome] = []


class Lot(Struct, frozen=True, array_like=True):
    """Points that expire together."""

    expires_at: datetime
    points: int


class Moves(NamedTuple):
    """Which way an account's counts go with a fact's amount: 1, 0 or -1."""

    balance: int
    total_earned: int = 0
    total_spent: int = 0
    total_expired: int = 0
    held: int = 0


class PointsFact(Fact, frozen=True, kw_only=True):
    """A fact that moves points. `lots` are the part of the amount that expires."""

    moves: ClassVar[Moves]

    amount: int
    balance_after: int
    lots: list[Lot] = []
    reason: str | None = None
    metadata: dict[str, Any] | None = None


class PointsAwarded(PointsFact, frozen=True, kw_only=True):
    """`base_amount` is what was asked for, where multipliers or caps made the amount another; the multiplier is in
    millionths, `capped_by` are the caps that reduced it. `cap_windows` are those that the amount counts in, by cap.
    `requested_expires_at` is the expiry asked for, where the points expire at the end of that day instead; `expires_at`
    is when they would have expired, where caps left none."""

    kind: ClassVar[str] = "points_awarded"
    moves: ClassVar[Moves] = Moves(balance=1, total_earned=1)

    base_amount: int | None = None
    multiplier: int | None = None
    capped_by: list[str] = []
    cap_windows: dict[str, int] = {}
    requested_expires_at: datetime | None = None
    expires_at: datetime | None = None


class PointsDeducted(PointsFact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "points_deducted"
    moves: ClassVar[Moves] = Moves(balance=-1, total_spent=1)


class PointsExpired(PointsFact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "points_expired"
    moves: ClassVar[Moves] = Moves(balance=-1, total_expired=1)


class PointsHeld(PointsFact, frozen=True, kw_only=True):
    """Set aside until `expires_at`. The fact's id is the hold's."""

    kind: ClassVar[str] = "points_held"
    moves: ClassVar[Moves] = Moves(balance=-1, held=1)

    expires_at: datetime


class HoldCaptured(PointsFact, frozen=True, kw_only=True):
    """Held points were spent; what the hold had beyond them is released by a fact of its own."""

    kind: ClassVar[str] = "hold_captured"
    moves: ClassVar[Moves] = Moves(balance=0, total_spent=1, held=-1)

    hold_id: str


class HoldReleased(PointsFact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "hold_released"
    moves: ClassVar[Moves] = Moves(balance=1, held=-1)

    hold_id: str
    has_expired: bool = False


class AwardReversed(PointsFact, frozen=True, kw_only=True):
    """An award, or a part of it, was taken back. It occurred when the award did: so it leaves the same windows."""

    kind: ClassVar[str] = "award_reversed"
    moves: ClassVar[Moves] = Moves(balance=-1, total_earned=-1)

    transaction_id: str


class DeductReversed(PointsFact, frozen=True, kw_only=True):
    """Spent points, or a part of them, were given back."""

    kind: ClassVar[str] = "deduct_reversed"
    moves: ClassVar[Moves] = Moves(balance=1, total_spent=-1)

    transaction_id: str


class RewardClaimed(PointsFact, frozen=True, kw_only=True):
    """The fact's id is the claim's; the amount is what it cost, 0 for nothing. `deducts_points`: the price was to be
    paid, also where it was 0; None in older facts. `multiplier`, in millionths, holds for awards from then until
    `ends_at`."""

    kind: ClassVar[str] = "reward_claimed"
    moves: ClassVar[Moves] = Moves(balance=-1, total_spent=1)

    amount: int = 0
    reward_id: str
    reward_name: str
    reward_type: str
    deducts_points: bool | None = None
    code: str | None = None
    multiplier: int | None = None
    ends_at: datetime | None = None


class ClaimCancelled(PointsFact, frozen=True, kw_only=True):
    """The amount is what was given back. `returns_points`: the price was to be given back, also where it was 0; None in
    older facts. `returns_item`: the code or the piece of stock can be claimed again."""

    kind: ClassVar[str] = "claim_cancelled"
    moves: ClassVar[Moves] = Moves(balance=1, total_spent=-1)

    amount: int = 0
    claim_id: str
    reward_id: str
    code: str | None = None
    returns_points: bool | None = None
    returns_item: bool = True


class ClaimFulfilled(Fact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "claim_fulfilled"

    claim_id: str
    reward_id: str
    reason: str | None = None


class MultiplierEnded(Fact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "multiplier_ended"

    claim_id: str


class TierReached(Fact, frozen=True, kw_only=True):
    """The points lifted the participant into a tier. `silent` for the entry tier, and for what a change of definitions
    gave without a word: nobody is congratulated for it."""

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
    """`by_criteria`: as they held, and not by a call or an action; None in older facts."""

    kind: ClassVar[str] = "badge_earned"

    badge_id: str
    badge_code: str
    metadata: dict[str, Any] | None = None
    by_criteria: bool | None = None
    silent: bool = False


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


class EventForgotten(Fact, frozen=True, kw_only=True):
    """An event whose content the project's retention has removed. What it set off stays, and what is counted: its name,
    the windows of limits in its outcomes, and the `numbers` of properties that leaderboards sum."""

    kind: ClassVar[str] = "event_forgotten"

    event_name: str
    numbers: dict[str, Any] = {}


class ChallengeFact(Fact, frozen=True, kw_only=True):
    """`period` is the number of the period whose run it is about; without one it is about the newest run."""

    challenge_id: str
    challenge_code: str
    period: int | None = None


class ChallengeJoined(ChallengeFact, frozen=True, kw_only=True):
    """A run begins. `deadline` is when it ends, if it has an end of its own; `since` the start of its period, if it is
    one of the calendar's. Of the periods before that, those from `open_from` on take late events."""

    kind: ClassVar[str] = "challenge_joined"

    deadline: datetime | None = None
    since: datetime | None = None
    open_from: int | None = None


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
    """Names the fields that changed; their values are personal data and live in the profile alone. `changes_zone`: the
    attribute `timezone` is one that changed; None in older facts."""

    kind: ClassVar[str] = "profile_changed"

    fields: list[str]
    changes_zone: bool | None = None


FACTS: dict[str, type[Fact]] = {
    fact.kind: fact
    for fact in (
        PointsAwarded,
        PointsDeducted,
        PointsExpired,
        PointsHeld,
        HoldCaptured,
        HoldReleased,
        AwardReversed,
        DeductReversed,
        RewardClaimed,
        ClaimCancelled,
        ClaimFulfilled,
        MultiplierEnded,
        TierReached,
        TierAssigned,
        BadgeEarned,
        BadgeRevoked,
        StreakRecorded,
        EventRecorded,
        EventForgotten,
        ChallengeJoined,
        ChallengeLeft,
        ChallengeAdvanced,
        MilestoneReached,
        ChallengeCompleted,
        ParticipantRegistered,
        ProfileChanged,
    )
}

POINTS_FACTS: dict[str, type[PointsFact]] = {kind: fact for kind, fact in FACTS.items() if issubclass(fact, PointsFact)}
"""The facts that move points: the transaction history is these, but for claims that cost nothing."""


class Entry(Struct, frozen=True):
    """A fact in its place: `seq` counts the participant's facts, `cause_id` is the fact that brought it about."""

    id: str
    seq: int
    fact: Fact
    occurred_at: datetime
    cause_id: str | None = None
