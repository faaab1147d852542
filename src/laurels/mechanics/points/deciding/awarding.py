"""Awarding and expiring points within a command."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from laurels.kernel.deciding.happening import Happening
from laurels.kernel.facts import Entry, Fact
from laurels.kernel.participant import Participant
from laurels.kernel.rejections import Rejection
from laurels.mechanics.points.deciding import earnings
from laurels.mechanics.points.purse import endings, holds, lots, rules
from laurels.mechanics.points.purse.commands import EXPIRED_AT_ONCE, AwardPoints, ExpiryPassed, TooManyExpiries
from laurels.mechanics.points.purse.model import PURSE, EarningCap, Lot, MultiplierEnded, PointsAwarded

_HAS_OUTLIVED = "some of the points would have expired by now"


def award(
    happening: Happening,
    command: AwardPoints,
    occurred_at: datetime,
    cause_id: str | None = None,
    due_to: str | None = None,
) -> Entry | Rejection:
    """Awards points, changed by multipliers and caps."""
    awarded = _credited(happening, command, occurred_at, due_to)
    if isinstance(awarded, Rejection):
        return awarded
    return happening.happen(awarded, occurred_at, cause_id, due_to)


def expire(happening: Happening, cause_id: str | None = None, most: int = EXPIRED_AT_ONCE) -> None:
    """Records up to `most` due ends, in the order of time."""
    participant, purse = happening.participant, happening.participant[PURSE]
    for _ in range(most):
        if participant.next_expiry_at is None or participant.next_expiry_at > happening.now:
            return
        ending = endings.first(purse)
        if ending is None or ending.at > happening.now:
            participant.next_expiry_at = None if ending is None else ending.at
            return
        ended: Fact
        if ending.kind == endings.LOT:
            ended = rules.expire(purse, Lot(ending.at, purse.lots[ending.at]))
        elif ending.kind == endings.HOLD:
            ended = holds.released_rest(purse, ending.name, purse.holds[ending.name], has_expired=True)
        else:
            ended = MultiplierEnded(claim_id=ending.name)
        happening.happen(ended, ending.at, cause_id)


def expire_outlived(happening: Happening) -> bool:
    """Expires points that an event of the past gave, and that have expired by now (kernel/deciding/cascade.py, rule
    5)."""
    if _HAS_OUTLIVED not in happening.memory:
        return False
    expire(happening, happening.entries[0].id)
    return True


def find_next_expiry(participant: Participant) -> None:
    """Sets the participant's next expiry. Lots and holds are loaded for every command that takes points from them."""
    ending = endings.first(participant[PURSE])
    participant.next_expiry_at = None if ending is None else ending.at


def balance(happening: Happening) -> int:
    """The balance without points that have expired and are not settled yet."""
    participant, purse = happening.participant, happening.participant[PURSE]
    if participant.next_expiry_at is None or participant.next_expiry_at > happening.now:
        return purse.balance
    return purse.balance - sum(number for at, number in purse.lots.items() if at <= happening.now)


def refuses_lots(happening: Happening, given: Sequence[Lot]) -> TooManyExpiries | None:
    """The rejection of returned points that would need too many lots. Points that expire at once need none."""
    purse = happening.participant[PURSE]
    new = sum(at > happening.now for at in lots.new_among(purse.lots, given))
    number = len(purse.lots) + purse.other_lots + new
    return TooManyExpiries(lots.LOTS_LIMIT) if new and number > lots.LOTS_LIMIT else None


def _credited(
    happening: Happening, command: AwardPoints, occurred_at: datetime, due_to: str | None
) -> PointsAwarded | Rejection:
    purse, definitions = happening.participant[PURSE], happening.definitions
    requested = _requested_expiry(happening, command, occurred_at, due_to)
    if isinstance(requested, Rejection):
        return requested
    expires_at = None if requested is None else _expiry(happening, requested)
    if isinstance(expires_at, Rejection):
        return expires_at
    moved_from = requested if expires_at != requested else None
    all_caps = definitions[EarningCap].by_id
    if not purse.multipliers and not all_caps:
        return rules.award(purse, command.amount, command, expires_at, moved_from)
    giver = definitions.find(due_to) if due_to is not None else None
    applying = earnings.applying(all_caps.values(), giver.code if giver and giver.kind == "rule" else None)
    # All consequences of an event count in the windows of the event, and only these windows are loaded.
    counted_at = happening.entries[0].occurred_at if happening.entries else occurred_at
    zone, calendar = happening.zone, definitions.calendar
    caps = [(cap, earnings.window(cap, counted_at, zone, calendar)) for cap in applying]
    uses = happening.participant.limit_uses
    credit = earnings.credit(command.amount, purse.multipliers, caps, uses, occurred_at, happening.now)
    awarded = rules.award(purse, credit.points, command, expires_at, moved_from)
    if isinstance(awarded, Rejection):
        return awarded
    return msgspec.structs.replace(
        awarded,
        base_amount=command.amount if credit.points != command.amount else None,
        multiplier=credit.multiplier,
        capped_by=credit.capped_by,
        cap_windows=credit.windows,
        expires_at=None if awarded.lots else expires_at,
    )


def _requested_expiry(
    happening: Happening, command: AwardPoints, occurred_at: datetime, due_to: str | None
) -> datetime | ExpiryPassed | None:
    """The requested expiry of an award; None for never. Rules and challenges may give points that have already expired
    (kernel/deciding/cascade.py, rule 5); requests may not."""
    expires_at = command.expires_at
    if command.expires_in_days is not None:
        expires_at = earnings.expiry(occurred_at, command.expires_in_days, happening.zone)
    if expires_at is not None and expires_at <= happening.now:
        if due_to is None:
            return ExpiryPassed()
        happening.memory[_HAS_OUTLIVED] = True
    return expires_at


def _expiry(happening: Happening, requested: datetime) -> datetime | TooManyExpiries:
    """The actual expiry, since the number of lots is limited (lots.py, rule 4). Points that expire at once need
    none."""
    if requested <= happening.now:
        return requested
    purse = happening.participant[PURSE]
    number = len(purse.lots) + purse.other_lots
    if number < lots.EXACT_LOTS:
        return requested
    if number >= lots.LOTS_LIMIT:
        return TooManyExpiries(lots.LOTS_LIMIT)
    return earnings.end_of_day(requested, happening.zone)
