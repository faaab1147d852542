"""Facts to projections: applies one entry of the journal to the participant it belongs to.

Deciding and rebuilding use this same fold: what a command leaves behind and what the journal says cannot differ.
"""

from datetime import datetime

from laurels.kernel.facts import Entry, Outcome
from laurels.kernel.model import Account, Participant
from laurels.mechanics.badges import rules as badges
from laurels.mechanics.badges.model import BadgeEarned, BadgeRevoked
from laurels.mechanics.challenges import runs as challenge_runs
from laurels.mechanics.challenges.model import ChallengeFact
from laurels.mechanics.events import rules as events
from laurels.mechanics.events.model import EventForgotten, EventRecorded
from laurels.mechanics.points import earnings, endings, holds, lots
from laurels.mechanics.points import rules as points
from laurels.mechanics.points.endings import HOLD, LOT
from laurels.mechanics.points.model import (
    AwardReversed,
    DeductReversed,
    HoldCaptured,
    HoldReleased,
    MultiplierEnded,
    PointsAwarded,
    PointsFact,
    PointsHeld,
)
from laurels.mechanics.rewards import rules as rewards
from laurels.mechanics.rewards.model import ClaimCancelled, ClaimFulfilled, RewardClaimed
from laurels.mechanics.rules import rules
from laurels.mechanics.streaks import rules as streaks
from laurels.mechanics.streaks.model import StreakRecorded
from laurels.mechanics.tiers import rules as tiers
from laurels.mechanics.tiers.model import TierAssigned, TierReached


def fold(participant: Participant, entry: Entry) -> None:
    """Changes the participant's projections to what they are after `entry`, which must be the next one by `seq`."""
    account = participant.account
    account.seq = entry.seq
    match entry.fact:
        case PointsFact() as fact:
            _fold_points(participant, entry, fact)
        case TierReached() as fact:
            tiers.fold_reached(account, fact, entry.occurred_at)
        case TierAssigned() as fact:
            tiers.fold_assigned(account, fact, entry.occurred_at)
        case BadgeEarned() as fact:
            badges.fold_earned(participant.badges, fact, entry.occurred_at)
        case BadgeRevoked() as fact:
            badges.fold_revoked(participant.badges, fact)
        case StreakRecorded() as fact:
            streaks.fold_recorded(participant.streaks, fact, entry.occurred_at)
        case EventRecorded() | EventForgotten() as fact:
            events.fold_recorded(account, entry.occurred_at)
        case ChallengeFact() as fact:
            challenge_runs.fold(participant.challenges, fact, entry.occurred_at)
        case ClaimFulfilled() as fact:
            rewards.fold_fulfilled(participant, fact)
        case MultiplierEnded() as fact:
            rewards.end_multiplier(account, fact.claim_id)
            _find_next_expiry(participant)
    fold_outcomes(participant, entry.fact.outcomes)


def _fold_points(participant: Participant, entry: Entry, fact: PointsFact) -> None:
    new_lots = lots.new_among(participant.lots, fact.lots)
    points.fold(participant.account, participant.lots, fact, entry.occurred_at)
    if fact.moves.balance > 0:
        for expires_at in new_lots:
            endings.expect(participant, expires_at, LOT)
    if fact.moves.held:
        _count_holds(participant, fact)
    match fact:
        case PointsAwarded():
            earnings.fold_credited(participant.limit_uses, fact.cap_windows, fact.amount)
            for lot in fact.lots:
                _expect(participant.account, lot.expires_at)
            return
        case PointsHeld():
            holds.fold_held(participant.holds, entry.id, fact)
            endings.expect(participant, fact.expires_at, HOLD, entry.id)
        case HoldCaptured():
            holds.fold_captured(participant.holds, fact)
        case HoldReleased():
            holds.fold_released(participant.holds, fact)
        case AwardReversed() | DeductReversed():
            points.fold_reversed(participant.transactions, fact)
        case RewardClaimed():
            rewards.fold_claimed(participant, entry, fact)
        case ClaimCancelled():
            rewards.fold_cancelled(participant, fact)
    _find_next_expiry(participant)


def _count_holds(participant: Participant, fact: PointsFact) -> None:
    """The open ones, and their lots; before the hold is changed."""
    if isinstance(fact, PointsHeld):
        participant.open_holds += 1
        participant.other_lots += len(fact.lots)
    elif isinstance(fact, HoldCaptured | HoldReleased):
        hold = participant.holds.get(fact.hold_id)
        if hold is not None and hold.status == "held":
            participant.open_holds -= 1
            participant.other_lots -= len(hold.lots)


def _expect(account: Account, expires_at: datetime) -> None:
    """Something new will end then. Enough where nothing ends earlier than it would have; lots need not be loaded."""
    if account.next_expiry_at is None or expires_at < account.next_expiry_at:
        account.next_expiry_at = expires_at


def _find_next_expiry(participant: Participant) -> None:
    """Lots and holds are loaded for every command that takes from them."""
    ending = endings.first(participant)
    participant.account.next_expiry_at = None if ending is None else ending.at


def fold_outcomes(participant: Participant, outcomes: list[Outcome]) -> None:
    """Counts what limited rules did."""
    for outcome in outcomes:
        rules.fold_acted(outcome, participant.limit_uses, participant.rule_totals)
