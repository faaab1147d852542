"""The feed event of tiers."""

from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.feed import FeedData, FeedType
from laurels.mechanics.tiers.model import Tier, TierAssigned, TierReached


class TierChangedData(FeedData, frozen=True, kw_only=True):
    """The tier that a participant is now in, and the one before."""

    code: str
    """The tier's code."""
    name: str
    """The tier's name."""
    level: int
    """The tier's level; higher is better."""
    previous_code: str | None = None
    """The code of the tier before; null for none."""
    previous_name: str | None = None
    """The name of the tier before; null for none."""
    previous_level: int | None = None
    """The level of the tier before; null for none."""
    is_assigned: bool = False
    """Whether a request or an action assigned the tier. Otherwise points reached it."""
    is_entry: bool = False
    """Whether it is the entry tier, which every participant gets with the first award."""
    reason: str | None = None
    """The reason of the assignment; null for none."""


def _changed(definitions: Definitions, _: Entry, fact: TierReached | TierAssigned) -> TierChangedData:
    tiers = definitions[Tier].by_id
    tier = tiers[fact.tier_id]
    previous = tiers[fact.previous_tier_id] if fact.previous_tier_id else None
    return TierChangedData(
        code=tier.code,
        name=tier.name,
        level=tier.level,
        previous_code=previous.code if previous else None,
        previous_name=previous.name if previous else None,
        previous_level=previous.level if previous else None,
        is_assigned=isinstance(fact, TierAssigned),
        is_entry=isinstance(fact, TierReached) and fact.silent and previous is None,
        reason=fact.reason if isinstance(fact, TierAssigned) else None,
    )


FEED = (
    FeedType(
        name="tier.changed",
        about="A participant changed tiers. Applications usually announce nothing if `is_entry` is true.",
        example=TierChangedData(
            code="gold", name="Gold", level=3, previous_code="silver", previous_name="Silver", previous_level=2
        ),
        facts=(TierReached, TierAssigned),
        describe=_changed,
    ),
)
