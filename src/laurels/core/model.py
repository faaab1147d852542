"""The nouns: what an admin defined and what a participant has."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

POINTS_LIMIT = 2**53 - 1
"""No stored count of points may pass this, so that every JSON reader holds it exactly (RFC 8259, section 6)."""

PointsBasis = Literal["total_earned", "balance"]


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


class Definitions:
    """All that the admins of one project wrote, as of one version. Never changed: an edit makes a new one."""

    def __init__(self, version: int, tiers: Iterable[Tier] = ()) -> None:
        self.version = version
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


class Participant(Struct):
    """One participant's state as a batch sees it. `profile` is None when the command does not need it."""

    project_id: int
    participant_id: str
    lane: int
    subject: str
    exists: bool
    account: Account
    profile: Profile | None = None
    is_anonymised: bool = False
