"""Points: facts that move them, lots, holds, multipliers and earning caps."""

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
"""No stored count of points may pass this, so that every JSON reader holds it exactly (RFC 8259, section 6)."""


CapPeriod = Literal["day", "week", "month"]


HoldStatus = Literal["held", "captured", "released", "expired"]


class EarningCap(Definition, frozen=True, kw_only=True):
    """How many points one participant is awarded at most in a period: by all awards, or by those of one rule."""

    kind: ClassVar[str] = "earning_cap"

    period: CapPeriod
    points: int
    rule_code: str | None = None

    def references(self) -> Iterator[Reference]:
        if self.rule_code is not None:
            yield Reference("rule_code", "rule", self.rule_code)


class Multiplier(Struct, frozen=True):
    """Awards are multiplied by `millionths` from `starts_at` until `ends_at`. It is that of a claim."""

    claim_id: str
    millionths: int
    starts_at: datetime
    ends_at: datetime


class Lot(Struct, frozen=True, array_like=True):
    """Points that expire together."""

    expires_at: datetime
    points: int


class Hold(Struct, frozen=True):
    """Points set aside. `lots` are the part of them that expires. `captured` is what was spent of them."""

    points: int
    expires_at: datetime
    lots: list[Lot] = []
    status: HoldStatus = "held"
    captured: int = 0


class Moves(NamedTuple):
    """Which way an account's counts go with a fact's amount: 1, 0 or -1."""

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
    """What belongs to some types of transactions alone."""

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
    """The history of transactions shows it also where it moved no points."""
    transaction_type: ClassVar[TransactionType]

    amount: int
    balance_after: int
    lots: list[Lot] = []
    reason: str | None = None
    metadata: dict[str, Any] | None = None

    def details(self, _fact_id: str) -> Details:
        """What the history shows of it. The fact's id is also that of a hold or a claim which it begins."""
        return {}


class Transaction(Struct, frozen=True):
    """A fact that can be reversed, and how much of it has been."""

    fact: PointsFact
    occurred_at: datetime
    reversed: int = 0


class PointsAwarded(PointsFact, frozen=True, kw_only=True):
    """`base_amount` is what was asked for, where multipliers or caps made the amount another; the multiplier is in
    millionths, `capped_by` are the caps that reduced it. `cap_windows` are those that the amount counts in, by cap.
    `requested_expires_at` is the expiry asked for, where the points expire at the end of that day instead; `expires_at`
    is when they would have expired, where caps left none."""

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
    """Set aside until `expires_at`. The fact's id is the hold's."""

    kind: ClassVar[str] = "points_held"
    moves: ClassVar[Moves] = Moves(balance=-1, held=1)
    transaction_type: ClassVar[TransactionType] = "hold"

    expires_at: datetime

    def details(self, fact_id: str) -> Details:
        return {"hold_id": fact_id, "expires_at": self.expires_at}


class HoldCaptured(PointsFact, frozen=True, kw_only=True):
    """Held points were spent; what the hold had beyond them is released by a fact of its own."""

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
    """An award, or a part of it, was taken back. It occurred when the award did: so it leaves the same windows."""

    kind: ClassVar[str] = "award_reversed"
    moves: ClassVar[Moves] = Moves(balance=-1, total_earned=-1)
    transaction_type: ClassVar[TransactionType] = "award_reversal"

    transaction_id: str

    def details(self, _fact_id: str) -> Details:
        return {"reverses": self.transaction_id}


class DeductReversed(PointsFact, frozen=True, kw_only=True):
    """Spent points, or a part of them, were given back."""

    kind: ClassVar[str] = "deduct_reversed"
    moves: ClassVar[Moves] = Moves(balance=1, total_spent=-1)
    transaction_type: ClassVar[TransactionType] = "deduct_reversal"

    transaction_id: str

    def details(self, _fact_id: str) -> Details:
        return {"reverses": self.transaction_id}


class Purse(Struct):
    """The points of one participant.

    Invariants: `balance` = `total_earned` - `total_spent` - `total_expired` - `held` >= 0, none is below 0 or passes
    POINTS_LIMIT; `transactions` counts the facts that move points. `latest_earned_at` and `latest_spent_at` are the
    latest times at which something occurred that `total_earned` and `total_spent` count; None for what older servers
    counted alone.

    `lots` (points by when they expire), `holds` and `reversible` transactions (both by id) are loaded when the command
    needs them, as are `open_holds`, the number of holds, `other_lots`, that of the lots beside the loaded ones, those
    of open holds among them, and `other_lot_points`, the points of the former. `endings` puts in order what is loaded.
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
    reversible: dict[str, Transaction] = {}


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
    """`reason` is shown in the transaction history; the rule's or challenge's name if there is none."""

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
