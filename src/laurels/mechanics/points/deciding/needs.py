"""The parts of a participant's points that commands and actions need."""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime, tzinfo
from functools import partial
from typing import Any

from msgspec import Struct

from laurels.kernel.commands import Command
from laurels.kernel.dates.calendar import Calendar
from laurels.kernel.definition import Definition, Definitions
from laurels.kernel.limits import Limited
from laurels.kernel.needs import LIMITED, NOTHING, ZONE, Need, Needs, either, union
from laurels.kernel.participant import Participant
from laurels.mechanics.points.deciding import earnings
from laurels.mechanics.points.purse import rules
from laurels.mechanics.points.purse.commands import (
    AwardPoints,
    CaptureHold,
    DeductPoints,
    HoldPoints,
    ReleaseHold,
    ReversePoints,
)
from laurels.mechanics.points.purse.model import POINTS_LIMIT, PURSE, EarningCap, GivePoints, PointsAwarded, TakePoints

ALL_LOTS = POINTS_LIMIT
"""The need of actions whose amount is not known before they are decided."""

COMPLETIONS = 9
"""The most times that the actions of one definition usually take effect by one event (kernel/deciding/cascade.py)."""


class LotNeeds(Struct, frozen=True):
    """The lots needed: the lots `named` by their expiry, and the next lots besides them, until these have more points
    than `taken`. With `is_summed`, also the sum of the points of all other lots."""

    taken: int = 0
    named: frozenset[datetime] = frozenset()
    is_summed: bool = False


LotsOf = Callable[[Definitions, Participant, Any, int], LotNeeds | None]
"""A function that computes the lots that a command needs, after its hold or transaction has been loaded. The last
argument is the points that actions take. None means that no lots are needed, since the command will be refused."""


class Taken(Struct, frozen=True):
    """The most points that actions take from lots, and the function for the lots that the command itself needs."""

    points: int = 0
    of_command: LotsOf | None = None


def _together(one: Taken, other: Taken) -> Taken:
    return Taken(one.points + other.points, one.of_command or other.of_command)


LOTS = Need[Taken]("lots", _together)
"""The next lots, and the next ends of open holds."""

LOT_COUNT = Need[bool]("number of lots", either)
"""The number of lots and of open holds."""

HOLDS = Need[frozenset[str]]("holds", union)
TRANSACTIONS = Need[frozenset[str]]("transactions", union)

ANY_LOTS = Needs({LOTS: Taken()})


def of_awards(definitions: Definitions) -> Needs:
    return _of_caps(definitions, ())


def of_an_award(_: Definitions, command: AwardPoints) -> Needs:
    if command.expires_in_days is None and command.expires_at is None:
        return NOTHING
    return Needs({ZONE: True, LOT_COUNT: True})


def of_a_reversal(_: Definitions, command: ReversePoints) -> Needs:
    return Needs({TRANSACTIONS: frozenset({command.transaction_id})})


def of_a_hold(_: Definitions, command: CaptureHold | ReleaseHold) -> Needs:
    return Needs({HOLDS: frozenset({command.hold_id})})


def of_giving(definitions: Definitions, actions: list[GivePoints], givers: list[Definition]) -> Needs:
    expires = any(action.expires_in_days is not None for action in actions)
    own = Needs({ZONE: expires, LOT_COUNT: expires})
    return own.with_all_of(_of_caps(definitions, [giver.code for giver in givers if giver.kind == "rule"]))


def of_giving_in_the_past(actions: list[GivePoints]) -> Needs:
    return ANY_LOTS if any(action.expires_in_days is not None for action in actions) else NOTHING


def of_taking(_: Definitions, actions: list[TakePoints], __: list[Definition]) -> Needs:
    amounts = [action.amount for action in actions]
    numbers = [amount for amount in amounts if isinstance(amount, int)]
    taken = sum(numbers) * COMPLETIONS if len(numbers) == len(amounts) else ALL_LOTS
    return Needs({LOTS: Taken(taken)})


def lots_of(definitions: Definitions, participant: Participant, command: Command, needs: Needs) -> LotNeeds | None:
    """The lots that the command needs, if any."""
    taken = needs[LOTS]
    if taken is None:
        return None
    if taken.of_command is None:
        return LotNeeds(taken.points)
    return taken.of_command(definitions, participant, command, taken.points)


def _of_amount(_: Definitions, __: Participant, command: DeductPoints | HoldPoints, ___: int) -> LotNeeds:
    return LotNeeds(command.amount)


def _of_reversal(_: Definitions, who: Participant, command: ReversePoints, taken: int) -> LotNeeds | None:
    found = rules.reversible(who[PURSE].reversible, command.transaction_id)
    if not isinstance(found, rules.Reversible) or found.reversed >= found.fact.amount:
        return None
    is_summed = isinstance(found.fact, PointsAwarded) and not found.fact.lots
    return LotNeeds(taken, frozenset(lot.expires_at for lot in found.fact.lots), is_summed)


def _of_hold(_: Definitions, who: Participant, command: CaptureHold | ReleaseHold, taken: int) -> LotNeeds | None:
    hold = who[PURSE].holds.get(command.hold_id)
    return LotNeeds(taken) if hold is not None and hold.status == "held" else None


AMOUNT_OF_LOTS = Needs({LOTS: Taken(of_command=_of_amount)})
LOTS_OF_REVERSAL = Needs({LOTS: Taken(of_command=_of_reversal), LOT_COUNT: True})
LOTS_OF_HOLD = Needs({LOTS: Taken(of_command=_of_hold)})


def _of_caps(definitions: Definitions, rule_codes: Collection[str]) -> Needs:
    """The needs for the caps that can limit an award, or the actions of these rules."""
    caps = [
        Limited(cap.id, partial(_windows, cap))
        for cap in definitions[EarningCap].by_id.values()
        if cap.is_active and not cap.is_deleted and (cap.rule_code is None or cap.rule_code in rule_codes)
    ]
    return Needs({LIMITED: tuple(caps), ZONE: True}) if caps else NOTHING


def _windows(
    cap: EarningCap, occurred_at: datetime, zone: tzinfo, calendar: Calendar
) -> Iterator[tuple[int, int | None]]:
    yield earnings.window(cap, occurred_at, zone, calendar), None
