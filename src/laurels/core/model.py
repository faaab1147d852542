"""The nouns: what an admin defined and what a participant has."""

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from typing import Any, Literal

from msgspec import Struct

from laurels.core.periods import MONDAY

POINTS_LIMIT = 2**53 - 1
"""No stored count of points may pass this, so that every JSON reader holds it exactly (RFC 8259, section 6)."""

PointsBasis = Literal["total_earned", "balance"]
StreakPeriod = Literal["daily", "weekly", "monthly"]
Metric = Literal["points_earned", "points_balance", "event_count", "event_sum"]
TimeWindow = Literal["all_time", "yearly", "monthly", "weekly", "daily"]


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
    """`is_hidden`: shown to those alone who have earned it."""

    id: str
    code: str
    name: str
    description: str | None = None
    icon_url: str | None = None
    rarity: str = "common"
    display_order: int = 0
    is_hidden: bool = False
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


class Calendar(Struct, frozen=True):
    """What now, a day and a week are in a project. Whoever changes it takes the next definitions version, too."""

    zone: tzinfo = UTC
    first_day_of_week: int = MONDAY
    clock_offset_ms: int = 0


class Definitions:
    """All that the admins of one project wrote, as of one version. Never changed: an edit makes a new one."""

    def __init__(
        self,
        version: int,
        tiers: Iterable[Tier] = (),
        badges: Iterable[Badge] = (),
        streaks: Iterable[Streak] = (),
        leaderboards: Iterable[Leaderboard] = (),
        calendar: Calendar = Calendar(),  # noqa: B008
    ) -> None:
        self.version = version
        self.calendar = calendar
        self.badges = {badge.id: badge for badge in badges}
        self.badges_by_code = {badge.code: badge for badge in self.badges.values() if not badge.is_deleted}
        self.streaks = {streak.id: streak for streak in streaks}
        self.streaks_by_code = {streak.code: streak for streak in self.streaks.values() if not streak.is_deleted}
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


class Account(Struct):
    """The projection of one participant's facts that decisions need.

    Invariants: `balance` = `total_earned` - `total_spent` >= 0, none passes POINTS_LIMIT; `seq` counts all facts of
    the participant without gaps, `transactions` and `total_events` those of their kind.
    """

    seq: int = 0
    balance: int = 0
    total_earned: int = 0
    total_spent: int = 0
    transactions: int = 0
    total_events: int = 0
    tier: TierStanding | None = None


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


class Participant(Struct):
    """One participant's state as a batch sees it.

    `profile`, `badges` (id to when it was earned), `streaks` (by id) and `zone` are loaded when the command needs them.
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
    zone: tzinfo | None = None
    is_anonymised: bool = False
