"""The state and the facts of points: lots, holds, multipliers and earning caps."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, TypedDict

from msgspec import Meta, Struct
from msgspec.structs import replace

from laurels.kernel import decimals
from laurels.kernel.actions import Action, Count, ExpiryDays, Formula
from laurels.kernel.definition import Definition, Reference
from laurels.kernel.facts import Fact
from laurels.kernel.participant import Slice

POINTS_LIMIT = 2**53 - 1
"""The largest stored number of points, which every JSON reader represents exactly (RFC 8259, section 6)."""


CapPeriod = Literal["day", "week", "month"]


HoldStatus = Literal["held", "captured", "released", "expired"]


class EarningCap(Definition, frozen=True, kw_only=True):
    """The most points that one participant is awarded in a period, by all awards or by one rule."""

    kind: ClassVar[str] = "earning_cap"

    period: CapPeriod
    points: int
    rule_code: str | None = None

    def references(self) -> Iterator[Reference]:
        if self.rule_code is not None:
            yield Reference("rule_code", "rule", self.rule_code)


class Multiplier(Struct, frozen=True):
    """A multiplier of awards from `starts_at` until `ends_at`, in millionths. It comes from a claim."""

    claim_id: str
    millionths: int
    starts_at: datetime
    ends_at: datetime


class Lot(Struct, frozen=True, array_like=True):
    """Points that expire together."""

    expires_at: datetime
    points: int


class Hold(Struct, frozen=True):
    """Points set aside. `lots` are the part of them that expires; `captured` is the number of points spent."""

    points: int
    expires_at: datetime
    lots: list[Lot] = []
    status: HoldStatus = "held"
    captured: int = 0


class Moves(NamedTuple):
    """The signs, 1, 0 or -1, with which a fact's amount is added to the counts of an account."""

    balance: int
    total_earned: int = 0
    total_spent: int = 0
    total_expired: int = 0
    held: int = 0


TransactionType = Literal[
    "award",
    "deduct",
    "expiry",
    "hold",
    "capture",
    "release",
    "award_reversal",
    "deduct_reversal",
    "claim",
    "claim_cancellation",
]


class Details(TypedDict, total=False):
    """Fields that only some types of transactions have."""

    expires_at: datetime
    requested_expires_at: datetime
    base_amount: int
    multiplier: int | float
    reverses: str
    hold_id: str
    reward_id: str
    claim_id: str


class PointsFact(Fact, frozen=True, kw_only=True):
    """A fact that moves points. `lots` are the part of the amount that expires."""

    moves: ClassVar[Moves]
    is_shown_empty: ClassVar[bool] = True
    """Whether the transaction history shows the fact even if it moved no points."""
    transaction_type: ClassVar[TransactionType]

    amount: int
    balance_after: int
    lots: list[Lot] = []
    reason: str | None = None
    metadata: dict[str, Any] | None = None

    def details(self, _fact_id: str) -> Details:
        """The fields that the transaction history shows. The fact's id is also the id of the hold or claim that
        begins."""
        return {}


class ReversibleTransaction(Struct, frozen=True):
    """A fact that can be reversed, and the points already reversed."""

    fact: PointsFact
    occurred_at: datetime
    reversed: int = 0


class PointsAwarded(PointsFact, frozen=True, kw_only=True):
    """Points were awarded. `base_amount` is the requested amount, if multipliers or caps changed it; `multiplier` is in
    millionths, and `capped_by` lists the caps that reduced the amount. `cap_windows` are the windows in which the
    amount counts, by cap. `requested_expires_at` is the requested expiry, if the points expire at the end of that day
    instead. `expires_at` is the expiry of an award that caps reduced to 0."""

    kind: ClassVar[str] = "points_awarded"
    moves: ClassVar[Moves] = Moves(balance=1, total_earned=1)
    transaction_type: ClassVar[TransactionType] = "award"

    base_amount: int | None = None
    multiplier: int | None = None
    capped_by: list[str] = []
    cap_windows: dict[str, int] = {}
    requested_expires_at: datetime | None = None
    expires_at: datetime | None = None

    def details(self, _fact_id: str) -> Details:
        details: Details = {}
        if expires_at := self.lots[0].expires_at if self.lots else self.expires_at:
            details["expires_at"] = expires_at
        if self.requested_expires_at is not None:
            details["requested_expires_at"] = self.requested_expires_at
        if self.base_amount is not None:
            details["base_amount"] = self.base_amount
            if self.multiplier is not None:
                details["multiplier"] = decimals.shown(self.multiplier)
        return details

    def counted_in(self) -> Iterable[tuple[str, int]]:
        return self.cap_windows.items()


class PointsDeducted(PointsFact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "points_deducted"
    moves: ClassVar[Moves] = Moves(balance=-1, total_spent=1)
    transaction_type: ClassVar[TransactionType] = "deduct"


class PointsExpired(PointsFact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "points_expired"
    moves: ClassVar[Moves] = Moves(balance=-1, total_expired=1)
    transaction_type: ClassVar[TransactionType] = "expiry"


class PointsHeld(PointsFact, frozen=True, kw_only=True):
    """Points were set aside until `expires_at`. The fact's id is also the id of the hold."""

    kind: ClassVar[str] = "points_held"
    moves: ClassVar[Moves] = Moves(balance=-1, held=1)
    transaction_type: ClassVar[TransactionType] = "hold"

    expires_at: datetime

    def details(self, fact_id: str) -> Details:
        return {"hold_id": fact_id, "expires_at": self.expires_at}


class HoldCaptured(PointsFact, frozen=True, kw_only=True):
    """Held points were spent. A separate fact releases the rest of the hold."""

    kind: ClassVar[str] = "hold_captured"
    moves: ClassVar[Moves] = Moves(balance=0, total_spent=1, held=-1)
    transaction_type: ClassVar[TransactionType] = "capture"

    hold_id: str

    def details(self, _fact_id: str) -> Details:
        return {"hold_id": self.hold_id}


class HoldReleased(PointsFact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "hold_released"
    moves: ClassVar[Moves] = Moves(balance=1, held=-1)
    transaction_type: ClassVar[TransactionType] = "release"

    hold_id: str
    has_expired: bool = False

    def details(self, _fact_id: str) -> Details:
        return {"hold_id": self.hold_id}


class AwardReversed(PointsFact, frozen=True, kw_only=True):
    """An award was reversed, in whole or in part. The fact has the time of the award, so that the points leave the same
    windows."""

    kind: ClassVar[str] = "award_reversed"
    moves: ClassVar[Moves] = Moves(balance=-1, total_earned=-1)
    transaction_type: ClassVar[TransactionType] = "award_reversal"

    transaction_id: str

    def details(self, _fact_id: str) -> Details:
        return {"reverses": self.transaction_id}


class DeductReversed(PointsFact, frozen=True, kw_only=True):
    """Spent points were returned, in whole or in part."""

    kind: ClassVar[str] = "deduct_reversed"
    moves: ClassVar[Moves] = Moves(balance=1, total_spent=-1)
    transaction_type: ClassVar[TransactionType] = "deduct_reversal"

    transaction_id: str

    def details(self, _fact_id: str) -> Details:
        return {"reverses": self.transaction_id}


class Purse(Struct):
    """The points of one participant.

    Invariants: `balance` = `total_earned` - `total_spent` - `total_expired` - `held`. None of them is below 0 or above
    POINTS_LIMIT. `transactions` is the number of facts that move points. `latest_earned_at` and `latest_spent_at` are
    the latest times of the facts that `total_earned` and `total_spent` count; None if all of them come from older
    servers.

    Some fields are loaded only if a command needs them: `lots` (points by expiry); `holds` and `reversible`
    transactions, by id; `open_holds`, the number of open holds; `other_lots`, the number of lots that are not in
    `lots`, including those of open holds; and `other_lot_points`, the points in the lots of the balance that are not in
    `lots`. `endings` is a heap of the loaded lots and holds.
    """

    balance: int = 0
    total_earned: int = 0
    total_spent: int = 0
    total_expired: int = 0
    held: int = 0
    transactions: int = 0
    multipliers: list[Multiplier] = []
    latest_earned_at: datetime | None = None
    latest_spent_at: datetime | None = None
    lots: dict[datetime, int] = {}
    other_lots: int = 0
    other_lot_points: int = 0
    endings: list[tuple[datetime, int, str]] | None = None
    holds: dict[str, Hold] = {}
    open_holds: int = 0
    reversible: dict[str, ReversibleTransaction] = {}


def _copied(purse: Purse) -> Purse:
    return replace(
        purse,
        lots=dict(purse.lots),
        endings=None if purse.endings is None else list(purse.endings),
        holds=dict(purse.holds),
        reversible=dict(purse.reversible),
    )


PURSE = Slice("points", Purse, _copied)


class MultiplierEnded(Fact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "multiplier_ended"

    claim_id: str


class GivePoints(Action, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="award_points"):
    """An action that awards points."""

    amount: Count | Formula
    """The number of points, or an expression that computes it."""
    reason: Annotated[str, Meta(max_length=500)] | None = None
    """Shown in the transaction history; null for the name of the rule or challenge."""
    expires_in_days: ExpiryDays | None = None
    """The points expire at the end of the day this many days after the event, in the participant's time zone; null for
    never."""

    def quantity(self) -> int | str:
        return self.amount


class TakePoints(Action, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="deduct_points"):
    """An action that deducts points. It is refused if the balance is too low."""

    is_paid: ClassVar[bool] = True

    amount: Count | Formula
    """The number of points, or an expression that computes it."""
    reason: Annotated[str, Meta(max_length=500)] | None = None
    """Shown in the transaction history; null for the name of the rule or challenge."""

    def quantity(self) -> int | str:
        return self.amount
