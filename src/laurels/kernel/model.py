"""The nouns: what an admin defined and what a participant has."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from msgspec import Struct

from laurels.kernel.periods import MONDAY
from laurels.mechanics.badges.model import Badge
from laurels.mechanics.challenges.model import Challenge, ChallengeState
from laurels.mechanics.leaderboards.model import Leaderboard
from laurels.mechanics.participants.model import Profile
from laurels.mechanics.points.model import EarningCap, Hold, Multiplier, Transaction
from laurels.mechanics.rewards.model import Claim, Reward, Stock
from laurels.mechanics.rules.model import Rule
from laurels.mechanics.streaks.model import Streak, StreakState
from laurels.mechanics.tiers.model import Tier, TierStanding


class Calendar(Struct, frozen=True):
    """What now, a day and a week are in a project. Whoever changes it takes the next definitions version, too.

    `zones` are those that participants can be in, by name.
    """

    zone: tzinfo = UTC
    first_day_of_week: int = MONDAY
    clock_offset_ms: int = 0
    zones: Mapping[str, tzinfo] = {}

    def at(self, real: datetime) -> datetime:
        """What the project's clock shows at a real time."""
        return real + timedelta(milliseconds=self.clock_offset_ms)

    def zone_named(self, name: object) -> tzinfo | None:
        """A participant's own time zone. A name that is none means the project's."""
        return self.zones.get(name) if isinstance(name, str) else None


class Definitions:
    """All that the admins of one project wrote, as of one version. Never changed: an edit makes a new one.

    `memory` keeps what has been found out about this version (see kernel/needs.py).
    """

    def __init__(
        self,
        version: int,
        tiers: Iterable[Tier] = (),
        badges: Iterable[Badge] = (),
        streaks: Iterable[Streak] = (),
        leaderboards: Iterable[Leaderboard] = (),
        rules: Iterable[Rule] = (),
        challenges: Iterable[Challenge] = (),
        rewards: Iterable[Reward] = (),
        earning_caps: Iterable[EarningCap] = (),
        calendar: Calendar = Calendar(),  # noqa: B008
    ) -> None:
        self.version = version
        self.calendar = calendar
        self.memory: dict[Any, Any] = {}
        self.badges = {badge.id: badge for badge in badges}
        self.badges_by_code = {badge.code: badge for badge in self.badges.values() if not badge.is_deleted}
        self.streaks = {streak.id: streak for streak in streaks}
        self.streaks_by_code = {streak.code: streak for streak in self.streaks.values() if not streak.is_deleted}
        self.rules = {rule.id: rule for rule in rules}
        self.rules_by_code = {rule.code: rule for rule in self.rules.values() if not rule.is_deleted}
        self.challenges = {challenge.id: challenge for challenge in challenges}
        self.challenges_by_code = {
            challenge.code: challenge for challenge in self.challenges.values() if not challenge.is_deleted
        }
        self.rewards = {reward.id: reward for reward in rewards}
        self.rewards_by_code = {reward.code: reward for reward in self.rewards.values() if not reward.is_deleted}
        self.earning_caps = {cap.id: cap for cap in earning_caps}
        self.earning_caps_by_code = {cap.code: cap for cap in self.earning_caps.values() if not cap.is_deleted}
        self.leaderboards = {board.id: board for board in leaderboards}
        self.leaderboards_by_code = {board.code: board for board in self.leaderboards.values() if not board.is_deleted}
        self.generations = [generation for board in self.leaderboards.values() for generation in board.generations]
        self.tiers = {tier.id: tier for tier in tiers}
        self.tiers_by_code = {tier.code: tier for tier in self.tiers.values() if not tier.is_deleted}
        self.automatic_tiers = sorted(
            (tier for tier in self.tiers_by_code.values() if tier.automatic and tier.is_active),
            key=lambda tier: (tier.level, tier.min_points),
        )


class Account(Struct):
    """The projection of one participant's facts that decisions need.

    Invariants: `balance` = `total_earned` - `total_spent` - `total_expired` - `held` >= 0, none is below 0 or passes
    POINTS_LIMIT; `seq` counts all facts of the participant without gaps, `transactions` and `total_events` those of
    their kind. `next_expiry_at` is when the first lot, hold or multiplier ends, None if the participant has none.
    `latest_earned_at`, `latest_spent_at` and `latest_event_at` are the latest times at which something occurred that
    `total_earned`, `total_spent` and `total_events` count; None for what older servers counted alone.
    """

    seq: int = 0
    balance: int = 0
    total_earned: int = 0
    total_spent: int = 0
    total_expired: int = 0
    held: int = 0
    transactions: int = 0
    total_events: int = 0
    tier: TierStanding | None = None
    multipliers: list[Multiplier] = []
    next_expiry_at: datetime | None = None
    latest_earned_at: datetime | None = None
    latest_spent_at: datetime | None = None
    latest_event_at: datetime | None = None


LimitWindow = tuple[str, int]
"""The id of a rule or an earning cap and a window that it counts in."""


class Participant(Struct):
    """One participant's state as a batch sees it.

    `profile`, `badges` (id to when it was earned), `streaks` and `challenges` (by id), `zone`, `limit_uses`, `lots`
    (points by when they expire), `holds`, `transactions`, `claims` (by id) and `claim_counts` (claims that stand, by
    reward) are loaded when the command needs them. `standing_claims` is the number of those of all rewards,
    `open_holds` that of holds, `other_lots` that of the lots beside the loaded ones, those of open holds among them,
    `other_lot_points` the points of the former, when the command needs them;
    `endings` puts in order what is loaded. `rule_totals`, how often limited rules have acted for
    anyone, and `stocks`, by reward, are one dictionary each for all participants of a batch. `erased_before` is when
    the last person of the same id was erased.
    """

    project_id: int
    participant_id: str
    lane: int
    subject: str
    exists: bool
    account: Account
    profile: Profile | None = None
    badges: dict[str, datetime] = {}
    streaks: dict[str, StreakState] = {}
    challenges: dict[str, ChallengeState] = {}
    limit_uses: dict[LimitWindow, int] = {}
    rule_totals: dict[LimitWindow, int] = {}
    lots: dict[datetime, int] = {}
    other_lots: int = 0
    other_lot_points: int = 0
    endings: list[tuple[datetime, int, str]] | None = None
    holds: dict[str, Hold] = {}
    open_holds: int = 0
    transactions: dict[str, Transaction] = {}
    claims: dict[str, Claim] = {}
    claim_counts: dict[str, int] = {}
    standing_claims: int = 0
    stocks: dict[str, Stock] = {}
    zone: tzinfo | None = None
    is_anonymised: bool = False
    erased_before: datetime | None = None
