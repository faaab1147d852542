"""The definition of tiers."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from laurels.kernel.definition import Definition
from laurels.kernel.definitions.body import DefinitionBody, Kind, PastReach, StoredDefinition
from laurels.kernel.facts import Fact
from laurels.kernel.input.fields import ImageUrl
from laurels.kernel.input.problems import field_problem
from laurels.mechanics.points.purse.model import POINTS_LIMIT
from laurels.mechanics.tiers.model import PointsBasis, Tier, TierReached


class TierCriteria(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The condition of an automatic tier. `basis` is either all points ever earned (the default, which spending never
    lowers) or the balance."""

    min_points: Annotated[int, Meta(ge=0, le=POINTS_LIMIT)]
    """The threshold, in points."""
    basis: PointsBasis = "total_earned"
    """The number that is compared with the threshold: all points ever earned, or the balance."""


class TierDefinition(DefinitionBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tier. Automatic tiers are reached by points, manual ones only by assignment."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    """The name that participants see."""
    level: Annotated[int, Meta(ge=0, le=1_000_000, description="Higher is better.")]
    """The rank of the tier; higher is better."""
    description: Annotated[str, Meta(max_length=2_000)] | None = None
    """The text that participants see; null for none."""
    color: Annotated[str, Meta(max_length=50)] | None = None
    """A colour for your application, in any notation; null for none."""
    icon_url: ImageUrl | None = None
    """The address of an image: http, https, a data URL or a relative address; null for none."""
    criteria_config: TierCriteria | None = None
    """The threshold; null for none. An automatic tier needs one."""
    award_type: Literal["automatic", "manual"] = "automatic"
    """`automatic`: reached by points. `manual`: only assigned by a call or an action."""
    benefits: Annotated[list[Annotated[str, Meta(max_length=500)]], Meta(max_length=100)] = []
    """Texts that your application shows."""

    def __post_init__(self) -> None:
        if self.award_type == "automatic" and self.criteria_config is None:
            raise field_problem(
                "criteria_config", "is required for an automatic tier: set min_points, or make it manual"
            )


def _compiled(row: StoredDefinition) -> Tier:
    body = row.body
    criteria = body["criteria_config"] or {"min_points": 0, "basis": "total_earned"}
    return Tier(
        id=row.id,
        code=row.code,
        name=body["name"],
        level=body["level"],
        color=body["color"],
        automatic=body["award_type"] == "automatic",
        min_points=criteria["min_points"],
        basis=criteria["basis"],
        is_active=row.is_active,
        is_deleted=row.is_deleted,
    )


def _is_judged(tier: Definition) -> bool:
    return isinstance(tier, Tier) and tier.automatic and tier.is_active


def _given_by(fact: Fact) -> str | None:
    return fact.tier_id if isinstance(fact, TierReached) else None


KIND = Kind(
    Tier,
    TierDefinition,
    _compiled,
    example={
        "code": "gold",
        "name": "Gold",
        "level": 3,
        "color": "#FFD700",
        "criteria_config": {"min_points": 5000},
        "award_type": "automatic",
        "benefits": ["free_shipping"],
        "display_order": 3,
    },
    past_reach=PastReach(
        fields=frozenset({"criteria_config", "award_type", "is_active", "level"}),
        is_judged=_is_judged,
        given_by=_given_by,
    ),
)
