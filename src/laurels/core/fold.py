"""Facts to projections: applies one entry of the journal to the account it belongs to.

Deciding and rebuilding use this same fold: what a command leaves behind and what the journal says cannot differ.
"""

from laurels.core import events, points, tiers
from laurels.core.facts import Entry, EventRecorded, PointsAwarded, PointsDeducted, TierAssigned, TierReached
from laurels.core.model import Account


def fold(account: Account, entry: Entry) -> None:
    """Changes `account` to what it is after `entry`, which must be the next one by `seq`."""
    account.seq = entry.seq
    match entry.fact:
        case PointsAwarded() as fact:
            points.fold_awarded(account, fact)
        case PointsDeducted() as fact:
            points.fold_deducted(account, fact)
        case TierReached() as fact:
            tiers.fold_reached(account, fact, entry.occurred_at)
        case TierAssigned() as fact:
            tiers.fold_assigned(account, fact, entry.occurred_at)
        case EventRecorded() as fact:
            events.fold_recorded(account, fact)
