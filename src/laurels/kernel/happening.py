"""The facts of one command, as they happen: folded at once, so that what follows sees the state after them."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from laurels.kernel import expressions
from laurels.kernel.actions import AnyAction
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry, Fact, Outcome
from laurels.kernel.fold import fold
from laurels.kernel.model import Participant
from laurels.kernel.rejections import Rejection
from laurels.mechanics.points import earnings, endings, holds, lots
from laurels.mechanics.points import rules as points
from laurels.mechanics.points.commands import EXPIRED_AT_ONCE, AwardPoints, ExpiryPassed, TooManyExpiries
from laurels.mechanics.points.model import EarningCap, Lot, MultiplierEnded, PointsAwarded
from laurels.mechanics.rules.model import Rule
from laurels.mechanics.tiers import rules as tiers


class Act(Struct, frozen=True):
    """The actions of one definition, due because of one fact, at the time of that. `reason` is that of points without
    one of their own, `reads` the variables in the condition."""

    definition_id: str
    reason: str
    actions: tuple[AnyAction, ...]
    cause_id: str
    at: datetime
    reads: frozenset[str] = frozenset()


class Happening:
    """Used for one command. `outcomes` are those of all that was considered, `due` the actions of the next round, and
    `values` what expressions read. `judged` of the `entries` have been looked at for badges; `completions_before` are
    those of each challenge before the command. With `is_silent` nobody is to be told of what is earned;
    `has_outlived`: some of the points would have expired by now."""

    def __init__(self, definitions: Definitions, participant: Participant, now: datetime, ids: Iterator[str]) -> None:
        self.entries: list[Entry] = []
        self.definitions = definitions
        self.participant = participant
        self.now = now
        self.outcomes: list[Outcome] = []
        self.due: list[Act] = []
        self.values = expressions.NOTHING_KNOWN
        self.judged = 0
        self.completions_before: dict[str, int] = {}
        self.is_silent = False
        self.has_outlived = False
        self._ids = ids

    def happen(
        self, fact: Fact, occurred_at: datetime, cause_id: str | None = None, due_to: str | None = None
    ) -> Entry:
        if due_to is not None:
            fact = msgspec.structs.replace(fact, due_to=due_to)
        entry = Entry(next(self._ids), self.participant.account.seq + 1, fact, occurred_at, cause_id)
        fold(self.participant, entry)
        self.entries.append(entry)
        return entry

    def award(
        self, command: AwardPoints, occurred_at: datetime, cause_id: str | None = None, due_to: str | None = None
    ) -> Entry | Rejection:
        """The points, and the tiers that they reach."""
        awarded = self._credited(command, occurred_at, due_to)
        if isinstance(awarded, Rejection):
            return awarded
        cause = self.happen(awarded, occurred_at, cause_id, due_to)
        account = self.participant.account
        reached_at = tiers.reached_at(account, occurred_at)
        for rise in tiers.reached(self.definitions, account.tier, account.total_earned, account.balance):
            self.happen(rise, reached_at, cause.id, due_to)
        return cause

    def _credited(self, command: AwardPoints, occurred_at: datetime, due_to: str | None) -> PointsAwarded | Rejection:
        account, calendar = self.participant.account, self.definitions.calendar
        zone = self.participant.zone or calendar.zone
        requested = self._requested_expiry(command, occurred_at, due_to)
        if isinstance(requested, Rejection):
            return requested
        expires_at = None if requested is None else self._expiry(requested)
        if isinstance(expires_at, Rejection):
            return expires_at
        moved_from = requested if expires_at != requested else None
        if not account.multipliers and not self.definitions[EarningCap].by_id:
            return points.award(account, command.amount, command, expires_at, moved_from)
        rule = self.definitions[Rule].by_id.get(due_to) if due_to is not None else None
        applying = earnings.applying(self.definitions[EarningCap].by_id.values(), rule.code if rule else None)
        # All that an event brings counts in the event's windows: they alone are loaded.
        counted_at = self.entries[0].occurred_at if self.entries else occurred_at
        caps = [(cap, earnings.window(cap, counted_at, zone, calendar)) for cap in applying]
        uses = self.participant.limit_uses
        credit = earnings.credit(command.amount, account.multipliers, caps, uses, occurred_at, self.now)
        awarded = points.award(account, credit.points, command, expires_at, moved_from)
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
        self, command: AwardPoints, occurred_at: datetime, due_to: str | None
    ) -> datetime | ExpiryPassed | None:
        """When the points of an award are to expire, None for never. Rules and challenges give points of the past, too
        (rule 5); calls do not."""
        expires_at = command.expires_at
        if command.expires_in_days is not None:
            zone = self.participant.zone or self.definitions.calendar.zone
            expires_at = earnings.expiry(occurred_at, command.expires_in_days, zone)
        if expires_at is not None and expires_at <= self.now:
            if due_to is None:
                return ExpiryPassed()
            self.has_outlived = True
        return expires_at

    def _expiry(self, requested: datetime) -> datetime | TooManyExpiries:
        """When they do: the number of lots is bounded (lots.py, rule 4). Those that expire at once are none."""
        if requested <= self.now:
            return requested
        number = len(self.participant.lots) + self.participant.other_lots
        if number < lots.EXACT_LOTS:
            return requested
        if number >= lots.LOTS_LIMIT:
            return TooManyExpiries(lots.LOTS_LIMIT)
        return earnings.end_of_day(requested, self.participant.zone or self.definitions.calendar.zone)

    def expire(self, cause_id: str | None = None, most: int = EXPIRED_AT_ONCE) -> None:
        """What has ended by now, one after another in the order of time; `most` at once, as a transaction takes."""
        participant, account = self.participant, self.participant.account
        for _ in range(most):
            if account.next_expiry_at is None or account.next_expiry_at > self.now:
                return
            ending = endings.first(participant)
            if ending is None or ending.at > self.now:
                account.next_expiry_at = None if ending is None else ending.at
                return
            ended: Fact
            if ending.kind == endings.LOT:
                ended = points.expire(account, Lot(ending.at, participant.lots[ending.at]))
            elif ending.kind == endings.HOLD:
                hold = participant.holds[ending.name]
                ended = holds.released_rest(account, ending.name, hold, has_expired=True)
            else:
                ended = MultiplierEnded(claim_id=ending.name)
            self.happen(ended, ending.at, cause_id)

    @property
    def balance(self) -> int:
        """Without points that have expired and are still to be settled."""
        account = self.participant.account
        if account.next_expiry_at is None or account.next_expiry_at > self.now:
            return account.balance
        return account.balance - sum(number for at, number in self.participant.lots.items() if at <= self.now)

    def refuses_lots(self, given: Sequence[Lot]) -> TooManyExpiries | None:
        """Whether points that are given back would be too many lots. Those that expire at once are none."""
        participant = self.participant
        new = sum(at > self.now for at in lots.new_among(participant.lots, given))
        number = len(participant.lots) + participant.other_lots + new
        return TooManyExpiries(lots.LOTS_LIMIT) if new and number > lots.LOTS_LIMIT else None

    def note(self, outcome: Outcome) -> None:
        """Once, however often it comes."""
        if outcome not in self.outcomes:
            self.outcomes.append(outcome)
