"""The definition of rewards."""

from datetime import datetime
from typing import Annotated
from uuid import uuid4

import msgspec
from msgspec import Meta, Struct

from laurels.kernel import decimals
from laurels.kernel.definitions.body import DefinitionBody, Kind, StoredDefinition, moment
from laurels.kernel.definitions.checks import check_dates
from laurels.kernel.input.fields import Code
from laurels.kernel.input.problems import field_problem
from laurels.mechanics.rewards.model import Reward, RewardType


class MultiplierConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The effect of a reward of type `points_multiplier`: awards are multiplied by `multiplier`, for `duration_hours`
    after the claim."""

    multiplier: (
        Annotated[int, Meta(ge=1, le=100, extra_json_schema={"exclusiveMinimum": 1})]
        | Annotated[float, Meta(gt=1, le=100)]
    )
    """By how much awards are multiplied: over 1, at most 100."""
    duration_hours: Annotated[int, Meta(ge=1, le=8_760)]
    """How many hours the multiplier applies after the claim."""

    def __post_init__(self) -> None:
        if self.multiplier <= 1:
            raise field_problem("multiplier", "must be greater than 1")


class RewardDefinition(DefinitionBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reward that participants can claim. Null means no limit in `max_claims_per_user` and `total_inventory`. With
    `has_codes`, which is the default for coupons, each claim receives one of the uploaded codes."""

    code: Code = msgspec.field(default_factory=lambda: f"reward_{uuid4().hex[:12]}")
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    """The name that participants see."""
    type: RewardType
    """The kind of reward. It cannot be changed."""
    description: Annotated[str, Meta(max_length=2_000)] | None = None
    """The text that participants see; null for none."""
    points_cost: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0
    """The price in points, for a claim that asks for points to be deducted."""
    max_claims_per_user: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    """How often one participant can claim it; null for no limit. Cancelled claims do not count."""
    total_inventory: Annotated[int, Meta(ge=0, le=1_000_000_000)] | None = None
    """How many claims there can be in total; null for no limit, 0 for sold out."""
    has_codes: bool | None = None
    """Whether each claim gets one of the uploaded codes; null stands for true for coupons, false for other kinds."""
    starts_at: datetime | None = None
    """When claims begin; null for no beginning."""
    ends_at: datetime | None = None
    """When claims end; null for no end."""
    required_tier: Code | None = None
    """The code of the tier that a participant needs, or a higher one; null for none."""
    required_badges: Annotated[tuple[Code, ...], Meta(max_length=20)] = ()
    """The codes of the badges that a participant needs, all of them."""
    config: MultiplierConfig | None = None
    """The multiplier, for rewards of the kind `points_multiplier`; null for all others."""

    def __post_init__(self) -> None:
        check_dates(self.starts_at, self.ends_at)
        if (self.type == "points_multiplier") != (self.config is not None):
            is_missing = self.config is None
            problem = "is required for a points_multiplier" if is_missing else "is only allowed for a points_multiplier"
            raise field_problem("config", problem)
        if self.has_codes is None:
            msgspec.structs.force_setattr(self, "has_codes", self.type == "coupon")


def _compiled(row: StoredDefinition) -> Reward:
    body = row.body
    config = body["config"] or {}
    return Reward(
        id=row.id,
        code=row.code,
        name=body["name"],
        type=body["type"],
        description=body["description"],
        display_order=row.display_order,
        points_cost=body["points_cost"],
        max_claims_per_user=body["max_claims_per_user"],
        total_inventory=body["total_inventory"],
        has_codes=body["has_codes"],
        starts_at=moment(body["starts_at"]),
        ends_at=moment(body["ends_at"]),
        required_tier=body["required_tier"],
        required_badges=tuple(body["required_badges"]),
        multiplier_millionths=decimals.millionths(config.get("multiplier")),
        duration_hours=config.get("duration_hours"),
        version=row.version,
        is_active=row.is_active,
        is_deleted=row.is_deleted,
    )


KIND = Kind(
    Reward,
    RewardDefinition,
    _compiled,
    example={
        "code": "gift_card",
        "name": "Gift Card",
        "type": "voucher",
        "description": "For the shop, sent by post",
        "points_cost": 1000,
        "max_claims_per_user": 1,
        "total_inventory": 100,
    },
    fixed_fields={"type": "existing claims depend on it"},
)
