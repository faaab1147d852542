"""The nouns: what an admin defined and what a participant has."""

from datetime import datetime, tzinfo

from msgspec import Struct

from laurels.mechanics.challenges.model import ChallengeState
from laurels.mechanics.participants.model import Profile
from laurels.mechanics.points.model import Hold, Multiplier, Transaction
from laurels.mechanics.rewards.model import Claim, Stock
from laurels.mechanics.streaks.model import StreakState
from laurels.mechanics.tiers.model import TierStanding


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
