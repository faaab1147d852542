"""The one cascade: a command and the state it meets give facts and an answer, or a rejection.

The only module of the core that composes the others. Consequences follow in a fixed order: points, then tier.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from laurels.core import badges, events, participants, points, streaks, tiers
from laurels.core.answers import (
    Answer,
    BadgeAwardedAnswer,
    BadgeRevokedAnswer,
    EventRecordedAnswer,
    PointsAwardedAnswer,
    PointsDeductedAnswer,
    ProfileSavedAnswer,
    TierAssignedAnswer,
    TierUpgrade,
)
from laurels.core.commands import (
    AssignTier,
    AwardBadge,
    AwardPoints,
    Command,
    DeductPoints,
    RecordEvent,
    RecordStreak,
    RevokeBadge,
    SaveProfile,
)
from laurels.core.facts import Entry, Fact, TierReached
from laurels.core.fold import fold
from laurels.core.model import Definitions, Participant, Profile
from laurels.core.rejections import ParticipantNotFound, Rejection, TimestampAhead, TimestampTooOld

CLOCKS_MAY_DIFFER = timedelta(minutes=5)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


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
        case AwardBadge():
            return _award_badge(definitions, participant, command, now, ids)
        case RevokeBadge():
            return _revoke_badge(definitions, participant, command, now, ids)
        case RecordStreak():
            return _record_streak(definitions, participant, command, now, ids)
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
    if isinstance(occurred_at, Rejection):
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
    if isinstance(occurred_at, Rejection):
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


def _award_badge(
    definitions: Definitions, participant: Participant, command: AwardBadge, now: datetime, ids: Iterator[str]
) -> Decision | Rejection:
    awarded = badges.award(definitions, participant.badges, command)
    if isinstance(awarded, Rejection):
        return awarded
    badge, fact = awarded
    entries = [_happen(participant, fact, now, ids)] if fact else []
    answer = BadgeAwardedAnswer(
        participant_id=command.participant_id,
        badge_code=badge.code,
        badge_name=badge.name,
        icon=badge.icon_url,
        rarity=badge.rarity,
        earned_at=participant.badges[badge.id],
        already_earned=fact is None,
    )
    return Decision(entries, answer)


def _revoke_badge(
    definitions: Definitions, participant: Participant, command: RevokeBadge, now: datetime, ids: Iterator[str]
) -> Decision | Rejection:
    revoked = badges.revoke(definitions, participant.badges, command)
    if isinstance(revoked, Rejection):
        return revoked
    earned_at = participant.badges[revoked.badge_id]
    entry = _happen(participant, revoked, now, ids)
    answer = BadgeRevokedAnswer(
        participant_id=command.participant_id,
        badge_code=revoked.badge_code,
        badge_name=definitions.badges[revoked.badge_id].name,
        earned_at=earned_at,
        revoked_at=now,
    )
    return Decision([entry], answer)


def _record_streak(
    definitions: Definitions, participant: Participant, command: RecordStreak, now: datetime, ids: Iterator[str]
) -> Decision | Rejection:
    occurred_at = _occurred_at(command.occurred_at, now)
    if isinstance(occurred_at, Rejection):
        return occurred_at
    zone = participant.zone or definitions.calendar.zone
    recorded = streaks.record(definitions, participant.streaks, command, occurred_at, zone)
    if isinstance(recorded, Rejection):
        return recorded
    fact, answer = recorded
    return Decision([_happen(participant, fact, occurred_at, ids)] if fact else [], answer)


def _record_event(
    participant: Participant, command: RecordEvent, now: datetime, ids: Iterator[str]
) -> Decision | Rejection:
    occurred_at = _occurred_at(command.occurred_at, now)
    if isinstance(occurred_at, Rejection):
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
    fold(participant, entry)
    return entry


def _occurred_at(given: datetime | None, now: datetime) -> datetime | TimestampAhead | TimestampTooOld:
    if given is None:
        return now
    if given < EARLIEST:
        return TimestampTooOld()
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
