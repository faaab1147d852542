"""The nouns: what an admin defined and what a participant has."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Literal

from msgspec import Struct

from laurels.kernel.actions import AnyAction
from laurels.kernel.facts import Lot, PointsFact
from laurels.kernel.periods import MONDAY

POINTS_LIMIT = 2**53 - 1
"""No stored count of points may pass this, so that every JSON reader holds it exactly (RFC 8259, section 6)."""

LATE_PERIODS = 2
"""How many past periods of a challenge stay open for late events, unless it says otherwise."""

PointsBasis = Literal["total_earned", "balance"]
StreakPeriod = Literal["daily", "weekly", "monthly"]
ChallengePeriod = Literal["daily", "weekly", "monthly"]
Metric = Literal["points_earned", "points_balance", "event_count", "event_sum"]
TimeWindow = Literal["all_time", "yearly", "monthly", "weekly", "daily"]
LimitPeriod = Literal["day", "week", "month", "ever"]
Measure = Literal["count", "sum", "distinct"]
CapPeriod = Literal["day", "week", "month"]
RewardType = Literal["coupon", "voucher", "physical", "digital", "points_multiplier"]
HoldStatus = Literal["held", "captured", "released", "expired"]
ClaimStatus = Literal["claimed", "fulfilled", "cancelled"]


class Tier(Struct, frozen=True, kw_only=True):
    """A tier of a project, also a withdrawn one (inactive or deleted), which its holders keep."""

    id: str
    code: str
    name: str
    level: int
    color: str | None = None
    automatic: bool = True
    min_points: int = 0
    basis: PointsBasis = "total_earned"
    is_active: bool = True
    is_deleted: bool = False


class Badge(Struct, frozen=True, kw_only=True):
    """`is_hidden`: shown to those alone who have earned it. `criteria`, a CEL expression over the participant, earns it
    as soon as it holds."""

    id: str
    code: str
    name: str
    description: str | None = None
    icon_url: str | None = None
    rarity: str = "common"
    display_order: int = 0
    is_hidden: bool = False
    criteria: str | None = None
    version: int = 0
    is_active: bool = True
    is_deleted: bool = False


class Streak(Struct, frozen=True, kw_only=True):
    id: str
    code: str
    name: str
    period: StreakPeriod
    grace_period_hours: int = 0
    display_order: int = 0
    is_active: bool = True
    is_deleted: bool = False


class Generation(Struct, frozen=True, kw_only=True):
    """One filling of a leaderboard with scores. A change of what is scored starts a new one; until that is filled, the
    old one goes on counting and is shown.

    `event_name` narrows the event metrics to one event, `property` is what `event_sum` adds up.
    """

    id: int
    metric: Metric
    event_name: str | None = None
    property: str | None = None
    is_ready: bool = True


class Leaderboard(Struct, frozen=True, kw_only=True):
    """`generations` are those that count facts now, in their order."""

    id: str
    code: str
    name: str
    time_window: TimeWindow = "all_time"
    generations: tuple[Generation, ...] = ()
    is_active: bool = True
    is_deleted: bool = False


class Limit(Struct, frozen=True):
    """How many `times` a rule acts at most in a period: for one participant or, `in_total`, for all together."""

    times: int
    per: LimitPeriod
    in_total: bool = False


class Rule(Struct, frozen=True, kw_only=True):
    """`condition` is a CEL expression. Of the rules of one `group` only the first one that can act does."""

    id: str
    code: str
    name: str
    event_name: str
    version: int = 0
    condition: str | None = None
    actions: tuple[AnyAction, ...] = ()
    limits: tuple[Limit, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    priority: int = 0
    group: str | None = None
    is_active: bool = True
    is_deleted: bool = False


class Objective(Struct, frozen=True, kw_only=True):
    """A part of a challenge: events to count, numbers in `property` to sum (in millionths), or values to tell apart.

    It counts nothing before the objectives named in `requires` are complete.
    """

    code: str
    name: str
    event_name: str
    target: int
    measure: Measure = "count"
    property: str | None = None
    condition: str | None = None
    requires: tuple[str, ...] = ()


class Milestone(Struct, frozen=True, kw_only=True):
    percent: int
    actions: tuple[AnyAction, ...]


class Challenge(Struct, frozen=True, kw_only=True):
    """`joins_automatically`: with the first event that counts. `duration_days`, each of 24 hours, run from joining.
    With a `period` each run is one day, week or month of the participant's calendar, and the runs of `late_periods`
    before the newest one take late events."""

    id: str
    code: str
    name: str
    objectives: tuple[Objective, ...]
    description: str | None = None
    icon_url: str | None = None
    version: int = 0
    joins_automatically: bool = True
    is_repeatable: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    duration_days: int | None = None
    period: ChallengePeriod | None = None
    late_periods: int = LATE_PERIODS
    milestones: tuple[Milestone, ...] = ()
    actions: tuple[AnyAction, ...] = ()
    display_order: int = 0
    is_active: bool = True
    is_deleted: bool = False


class Reward(Struct, frozen=True, kw_only=True):
    """Something to claim. `total_inventory` and `max_claims_per_user`: None is unlimited. With `has_codes` each claim
    is given a code of the reward's pool. A `points_multiplier` has `multiplier_millionths` for `duration_hours`."""

    id: str
    code: str
    name: str
    type: RewardType
    description: str | None = None
    display_order: int = 0
    points_cost: int = 0
    max_claims_per_user: int | None = None
    total_inventory: int | None = None
    has_codes: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    required_tier: str | None = None
    required_badges: tuple[str, ...] = ()
    multiplier_millionths: int | None = None
    duration_hours: int | None = None
    version: int = 0
    is_active: bool = True
    is_deleted: bool = False


class EarningCap(Struct, frozen=True, kw_only=True):
    """How many points one participant is awarded at most in a period: by all awards, or by those of one rule."""

    id: str
    code: str
    name: str
    period: CapPeriod
    points: int
    rule_code: str | None = None
    is_active: bool = True
    is_deleted: bool = False


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


class TierStanding(Struct):
    """The tier a participant is in.

    After a manual assignment `held_earned` and `held_balance` keep the points at that moment: only thresholds above
    them can lift the participant again.
    """

    tier_id: str
    since: datetime
    held_earned: int | None = None
    held_balance: int | None = None


class Multiplier(Struct, frozen=True):
    """Awards are multiplied by `millionths` from `starts_at` until `ends_at`. It is that of a claim."""

    claim_id: str
    millionths: int
    starts_at: datetime
    ends_at: datetime


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


class Hold(Struct, frozen=True):
    """Points set aside. `lots` are the part of them that expires. `captured` is what was spent of them."""

    points: int
    expires_at: datetime
    lots: list[Lot] = []
    status: HoldStatus = "held"
    captured: int = 0


class Transaction(Struct, frozen=True):
    """A fact that can be reversed, and how much of it has been."""

    fact: PointsFact
    occurred_at: datetime
    reversed: int = 0


class Claim(Struct, frozen=True):
    """A reward that a participant was given. `points` is what it cost, `lots` the part of them that would have
    expired."""

    reward_id: str
    points: int = 0
    lots: list[Lot] = []
    code: str | None = None
    status: ClaimStatus = "claimed"


class Stock(Struct):
    """What is left of a reward, for all participants of a batch together: `taken` pieces of its inventory, and the next
    of its `codes`."""

    taken: int = 0
    codes: list[str] = []


class Profile(Struct, frozen=True):
    """What the application told us about a person. Kept beside the journal, never in it, so that it can be erased."""

    display_name: str | None = None
    avatar_url: str | None = None
    attributes: dict[str, Any] = {}


class StreakRun(Struct, array_like=True):
    """Periods recorded without a gap, from `first` to `last`, each the earliest record of its period.

    The run is continued by a record before `continues_until`. `carried` counts the periods of the older runs it
    continues that are no longer kept.
    """

    first: int
    last: int
    first_at: datetime
    last_at: datetime
    continues_until: datetime
    carried: int = 0


class StreakState(Struct):
    """One participant's records of one streak: runs in their order, never touching. `longest` is that of runs that are
    no longer kept."""

    runs: list[StreakRun] = []
    longest: int = 0


class ChallengeRun(Struct, frozen=True, kw_only=True):
    """One participant's run of a challenge. It `is_active` until it is completed or left.

    `progress` and `seen` (fingerprints of the values told apart) are by the objective's code, `milestones` the
    percentages reached. `deadline` is when the run ends, None if only the challenge's own dates end it. `period` is the
    number of the period whose run it is, `since` when that began where the participant was then; None without periods.
    `latest_at` is the latest time of what it counts, joining included.
    """

    joined_at: datetime
    is_active: bool = True
    deadline: datetime | None = None
    progress: dict[str, int] = {}
    seen: dict[str, list[str]] = {}
    milestones: list[int] = []
    since: datetime | None = None
    period: int | None = None
    latest_at: datetime | None = None


class ChallengeState(ChallengeRun, frozen=True, kw_only=True):
    """One participant in one challenge: the newest run, and the runs of `earlier` periods, in their order, that take
    late events. Those before `open_from` take nothing.

    Without `is_active` the run was completed, or the participant `has_left`: then its progress is gone, and its
    milestones are those that are not reached again. `completions` and `completed_at`, the latest one, are those of all
    runs. Runs of older servers have neither `period` nor `latest_at`.
    """

    completions: int = 0
    completed_at: datetime | None = None
    has_left: bool = False
    earlier: list[ChallengeRun] = []
    open_from: int | None = None


LimitWindow = tuple[str, int]
"""The id of a rule or an earning cap and a window that it counts in (see mechanics/rules/rules.py and mechanics/points/earnings.py)."""


class Participant(Struct):
    """One participant's state as a batch sees it.

    `profile`, `badges` (id to when it was earned), `streaks` and `challenges` (by id), `zone`, `limit_uses`, `lots`
    (points by when they expire), `holds`, `transactions`, `claims` (by id) and `claim_counts` (claims that stand, by
    reward) are loaded when the command needs them. `standing_claims` is the number of those of all rewards,
    `open_holds` that of holds, `other_lots` that of the lots beside the loaded ones, those of open holds among them,
    `other_lot_points` the points of the former, when the command needs them;
    `endings` puts in order what is loaded (see mechanics/points/endings.py). `rule_totals`, how often limited rules have acted for
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
