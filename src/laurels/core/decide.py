"""The one cascade: a command and the state it meets give facts and an answer, or a rejection.

The only module of the core that composes the others. Consequences follow in a fixed order: points, then tier.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from laurels.core import events, participants, points, tiers
from laurels.core.answers import (
    Answer,
    EventRecordedAnswer,
    PointsAwardedAnswer,
    PointsDeductedAnswer,
    ProfileSavedAnswer,
    TierAssignedAnswer,
    TierUpgrade,
)
from laurels.core.commands import AssignTier, AwardPoints, Command, DeductPoints, RecordEvent, SaveProfile
from laurels.core.facts import Entry, Fact, TierReached
from laurels.core.fold import fold
from laurels.core.model import Definitions, Participant, Profile
from laurels.core.rejections import ParticipantNotFound, Rejection, TimestampAhead

CLOCKS_MAY_DIFFER = timedelta(minutes=5)


class Decision(Struct, frozen=True):
    """An allowed command. `profile` is the one to store, None when it stays as it is."""

    entries: list[Entry]
    answer: Answer
    profile: Profile | None = None


def decide(
    definitions: Definitions, participant: Participant, command: Command, now: datetime, ids: Iterator[str]
) -> Decision | Rejection:
    """Judges `command` at `now` (the project's clock, UTC); each fact takes the next of `ids`.

    Leaves `participant` as it is when it refuses; otherwise folds the facts into the participant's account.
    """
    if participant.is_anonymised:
        return ParticipantNotFound(command.participant_id)
    match command:
        case AwardPoints():
            return _award(definitions, participant, command, now, ids)
        case DeductPoints():
            return _deduct(participant, command, now, ids)
        case AssignTier():
            return _assign_tier(definitions, participant, command, now, ids)
        case RecordEvent():
            return _record_event(participant, command, now, ids)
        case SaveProfile():
            return _save_profile(participant, command, now, ids)
        case _:
            raise TypeError(f"no rule for {type(command).__name__}")


def _award(
    definitions: Definitions, participant: Participant, command: AwardPoints, now: datetime, ids: Iterator[str]
) -> Decision | Rejection:
    account = participant.account
    occurred_at = _occurred_at(command.occurred_at, now)
    if isinstance(occurred_at, TimestampAhead):
        return occurred_at
    awarded = points.award(account, command)
    if isinstance(awarded, Rejection):
        return awarded
    cause = _happen(participant, awarded, occurred_at, ids)
    entries = [cause]
    for rise in tiers.reached(definitions, account.tier, account.total_earned, account.balance):
        entries.append(_happen(participant, rise, occurred_at, ids, cause.id))
    answer = PointsAwardedAnswer(
        transaction_id=cause.id,
        participant_id=command.participant_id,
        amount=awarded.amount,
        new_balance=awarded.balance_after,
        tier_upgrade=_upgrade(definitions, entries[-1].fact),
    )
    return Decision(entries, answer)


def _deduct(participant: Participant, command: DeductPoints, now: datetime, ids: Iterator[str]) -> Decision | Rejection:
    occurred_at = _occurred_at(command.occurred_at, now)
    if isinstance(occurred_at, TimestampAhead):
        return occurred_at
    deducted = points.deduct(participant.account, command)
    if isinstance(deducted, Rejection):
        return deducted
    entry = _happen(participant, deducted, occurred_at, ids)
    answer = PointsDeductedAnswer(
        transaction_id=entry.id,
        participant_id=command.participant_id,
        amount=deducted.amount,
        new_balance=deducted.balance_after,
    )
    return Decision([entry], answer)


def _assign_tier(
    definitions: Definitions, participant: Participant, command: AssignTier, now: datetime, ids: Iterator[str]
) -> Decision | Rejection:
    assigned = tiers.assign(definitions, participant.account, command)
    if isinstance(assigned, Rejection):
        return assigned
    entry = _happen(participant, assigned, now, ids)
    tier = definitions.tiers[assigned.tier_id]
    previous = definitions.tiers[assigned.previous_tier_id] if assigned.previous_tier_id else None
    answer = TierAssignedAnswer(
        participant_id=command.participant_id,
        tier_code=tier.code,
        tier_name=tier.name,
        level=tier.level,
        previous_code=previous.code if previous else None,
        previous_level=previous.level if previous else None,
        assigned_at=now,
    )
    return Decision([entry], answer)


def _record_event(
    participant: Participant, command: RecordEvent, now: datetime, ids: Iterator[str]
) -> Decision | Rejection:
    occurred_at = _occurred_at(command.occurred_at, now)
    if isinstance(occurred_at, TimestampAhead):
        return occurred_at
    entry = _happen(participant, events.record(command), occurred_at, ids)
    return Decision([entry], EventRecordedAnswer(event_id=entry.id, fact_id=entry.id, status="processed"))


def _save_profile(
    participant: Participant, command: SaveProfile, now: datetime, ids: Iterator[str]
) -> Decision | Rejection:
    saved = participants.save(participant.exists, participant.profile or Profile(), command)
    if isinstance(saved, Rejection):
        return saved
    profile, fact = saved
    answer = ProfileSavedAnswer(created=not participant.exists)
    if fact is None:
        return Decision([], answer)
    entry = _happen(participant, fact, now, ids)
    participant.profile = profile
    return Decision([entry], answer, profile)


def _happen(
    participant: Participant, fact: Fact, occurred_at: datetime, ids: Iterator[str], cause_id: str | None = None
) -> Entry:
    entry = Entry(next(ids), participant.account.seq + 1, fact, occurred_at, cause_id)
    fold(participant.account, entry)
    return entry


def _occurred_at(given: datetime | None, now: datetime) -> datetime | TimestampAhead:
    if given is None:
        return now
    if given > now + CLOCKS_MAY_DIFFER:
        return TimestampAhead(allowed_minutes=int(CLOCKS_MAY_DIFFER.total_seconds() // 60))
    return given


def _upgrade(definitions: Definitions, fact: Fact) -> TierUpgrade | None:
    if not isinstance(fact, TierReached) or fact.silent:
        return None
    tier = definitions.tiers[fact.tier_id]
    previous = definitions.tiers[fact.previous_tier_id] if fact.previous_tier_id else None
    return TierUpgrade(
        code=tier.code,
        name=tier.name,
        level=tier.level,
        previous_code=previous.code if previous else None,
        previous_level=previous.level if previous else None,
    )
