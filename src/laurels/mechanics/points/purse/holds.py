"""Holds: points set aside for a pending purchase.

| command | hold | outcome |
|---|---|---|
| hold    | (new) | amount <= balance: the balance falls, held points rise until the hold ends |
| capture | held, amount <= its points | the amount is spent, the rest is released |
| release | held | all points return to the balance |
| any     | captured, released or expired | refused |

1. A hold that is neither captured nor released before `expires_at` is released at that time.
2. Held points do not expire. If their expiry passes during the hold, they expire as soon as they are released.
3. A capture spends the points that expire soonest.
4. A participant has at most HOLDS_LIMIT open holds.
"""

from datetime import datetime

from msgspec.structs import replace

from laurels.mechanics.points.purse import lots as lots_of
from laurels.mechanics.points.purse.commands import (
    CaptureHold,
    CaptureTooLarge,
    HoldClosed,
    HoldNotFound,
    HoldPoints,
    InsufficientPoints,
    ReleaseHold,
    TooManyHolds,
)
from laurels.mechanics.points.purse.model import Hold, HoldCaptured, HoldReleased, PointsHeld, Purse

Holds = dict[str, Hold]

HOLDS_LIMIT = 1_000


def hold(purse: Purse, command: HoldPoints, expires_at: datetime) -> PointsHeld | InsufficientPoints | TooManyHolds:
    if purse.open_holds >= HOLDS_LIMIT:
        return TooManyHolds(HOLDS_LIMIT)
    if command.amount > purse.balance:
        return InsufficientPoints(available=purse.balance, requested=command.amount)
    return PointsHeld(
        amount=command.amount,
        balance_after=purse.balance - command.amount,
        lots=lots_of.take(purse.lots, command.amount),
        expires_at=expires_at,
        reason=command.reason,
        metadata=command.metadata,
    )


def capture(purse: Purse, command: CaptureHold) -> HoldCaptured | HoldNotFound | HoldClosed | CaptureTooLarge:
    """The capture of a part of a hold, or of the whole hold. The caller then releases the rest."""
    found = _open(purse.holds, command.hold_id)
    if not isinstance(found, Hold):
        return found
    amount = found.points if command.amount is None else command.amount
    if amount > found.points:
        return CaptureTooLarge(held=found.points, requested=amount)
    return HoldCaptured(
        amount=amount,
        balance_after=purse.balance,
        lots=lots_of.part(found.lots, found.points, 0, amount),
        hold_id=command.hold_id,
        reason=command.reason,
        metadata=command.metadata,
    )


def release(purse: Purse, command: ReleaseHold) -> HoldReleased | HoldNotFound | HoldClosed:
    found = _open(purse.holds, command.hold_id)
    if not isinstance(found, Hold):
        return found
    released = released_rest(purse, command.hold_id, found)
    return replace(released, reason=command.reason, metadata=command.metadata)


def released_rest(purse: Purse, hold_id: str, hold: Hold, *, has_expired: bool = False) -> HoldReleased:
    """The release of the points that are left in a hold."""
    left = hold.points - hold.captured
    return HoldReleased(
        amount=left,
        balance_after=purse.balance + left,
        lots=lots_of.part(hold.lots, hold.points, hold.captured, left),
        hold_id=hold_id,
        has_expired=has_expired,
    )


def fold_held(holds: Holds, hold_id: str, fact: PointsHeld) -> None:
    holds[hold_id] = Hold(points=fact.amount, expires_at=fact.expires_at, lots=fact.lots)


def count_closed(purse: Purse, hold_id: str) -> None:
    """Takes a hold and its lots from the counts of open ones. Must be called before the hold changes."""
    hold = purse.holds.get(hold_id)
    if hold is not None and hold.status == "held":
        purse.open_holds -= 1
        purse.other_lots -= len(hold.lots)


def fold_captured(holds: Holds, fact: HoldCaptured) -> None:
    found = holds.get(fact.hold_id)
    if found is not None:
        holds[fact.hold_id] = replace(found, status="captured", captured=fact.amount)


def fold_released(holds: Holds, fact: HoldReleased) -> None:
    """Ends a hold. A captured hold whose rest is released stays captured."""
    found = holds.get(fact.hold_id)
    if found is not None and found.status == "held":
        holds[fact.hold_id] = replace(found, status="expired" if fact.has_expired else "released")


def _open(holds: Holds, hold_id: str) -> Hold | HoldNotFound | HoldClosed:
    found = holds.get(hold_id)
    if found is None:
        return HoldNotFound(hold_id)
    return found if found.status == "held" else HoldClosed(found.status)
