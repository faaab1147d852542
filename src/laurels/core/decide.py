"""A command and the state it meets give facts and an answer, or a rejection.

What the facts bring about, core/cascade.py says.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct

from laurels.core import badges, challenges, effects, events, participants, points, streaks, tiers
from laurels.core.answers import (
    Answer,
    AnswerWithEffects,
    BadgeAwardedAnswer,
    BadgeRevokedAnswer,
    ChallengeJoinedAnswer,
    ChallengeLeftAnswer,
    EventRecordedAnswer,
    PointsAwardedAnswer,
    PointsDeductedAnswer,
    ProfileSavedAnswer,
    TierAssignedAnswer,
    TierUpgrade,
)
from laurels.core.cascade import Cascade
from laurels.core.commands import (
    AssignTier,
    AwardBadge,
    AwardPoints,
    Command,
    DeductPoints,
    JoinChallenge,
    LeaveChallenge,
    RecordEvent,
    RecordStreak,
    RevokeBadge,
    SaveProfile,
)
from laurels.core.facts import Entry, Fact, TierReached
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

    Leaves `participant` as it is when it refuses; otherwise folds the facts into the participant's state.
    """
    if participant.is_anonymised:
        return ParticipantNotFound(command.participant_id)
    cascade = Cascade(definitions, participant, now, ids)
    match command:
        case AwardPoints():
            return _award(cascade, definitions, participant, command, now)
        case DeductPoints():
            return _deduct(cascade, definitions, participant, command, now)
        case AssignTier():
            return _assign_tier(cascade, definitions, participant, command, now)
        case AwardBadge():
            return _award_badge(cascade, definitions, participant, command, now)
        case RevokeBadge():
            return _revoke_badge(cascade, definitions, participant, command, now)
        case RecordStreak():
            return _record_streak(cascade, definitions, participant, command, now)
        case RecordEvent():
            return _record_event(cascade, definitions, participant, command, now)
        case JoinChallenge():
            return _join_challenge(cascade, definitions, participant, command, now)
        case LeaveChallenge():
            return _leave_challenge(cascade, definitions, participant, command, now)
        case SaveProfile():
            return _save_profile(cascade, definitions, participant, command, now)
        case _:
            raise TypeError(f"no rule for {type(command).__name__}")


def _award(
    cascade: Cascade, definitions: Definitions, participant: Participant, command: AwardPoints, now: datetime
) -> Decision | Rejection:
    occurred_at = _occurred_at(command.occurred_at, now)
    if isinstance(occurred_at, Rejection):
        return occurred_at
    cause = cascade.award(command, occurred_at)
    if isinstance(cause, Rejection):
        return cause
    answer = PointsAwardedAnswer(
        transaction_id=cause.id,
        participant_id=command.participant_id,
        amount=command.amount,
        new_balance=participant.account.balance,
        tier_upgrade=_upgrade(definitions, cascade.entries[-1].fact),
    )
    return _followed(cascade, definitions, participant, answer)


def _deduct(
    cascade: Cascade, definitions: Definitions, participant: Participant, command: DeductPoints, now: datetime
) -> Decision | Rejection:
    occurred_at = _occurred_at(command.occurred_at, now)
    if isinstance(occurred_at, Rejection):
        return occurred_at
    deducted = points.deduct(participant.account, command)
    if isinstance(deducted, Rejection):
        return deducted
    entry = cascade.happen(deducted, occurred_at)
    answer = PointsDeductedAnswer(
        transaction_id=entry.id,
        participant_id=command.participant_id,
        amount=deducted.amount,
        new_balance=deducted.balance_after,
    )
    return _followed(cascade, definitions, participant, answer)


def _assign_tier(
    cascade: Cascade, definitions: Definitions, participant: Participant, command: AssignTier, now: datetime
) -> Decision | Rejection:
    assigned = tiers.assign(definitions, participant.account, command)
    if isinstance(assigned, Rejection):
        return assigned
    cascade.happen(assigned, now)
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
    return _followed(cascade, definitions, participant, answer)


def _award_badge(
    cascade: Cascade, definitions: Definitions, participant: Participant, command: AwardBadge, now: datetime
) -> Decision | Rejection:
    awarded = badges.award(definitions, participant.badges, command)
    if isinstance(awarded, Rejection):
        return awarded
    badge, fact = awarded
    if fact is not None:
        cascade.happen(fact, now)
    answer = BadgeAwardedAnswer(
        participant_id=command.participant_id,
        badge_code=badge.code,
        badge_name=badge.name,
        icon=badge.icon_url,
        rarity=badge.rarity,
        earned_at=participant.badges[badge.id],
        already_earned=fact is None,
    )
    return _followed(cascade, definitions, participant, answer)


def _revoke_badge(
    cascade: Cascade, definitions: Definitions, participant: Participant, command: RevokeBadge, now: datetime
) -> Decision | Rejection:
    if not participant.exists:
        return ParticipantNotFound(command.participant_id)
    revoked = badges.revoke(definitions, participant.badges, command)
    if isinstance(revoked, Rejection):
        return revoked
    earned_at = participant.badges[revoked.badge_id]
    cascade.happen(revoked, now)
    answer = BadgeRevokedAnswer(
        participant_id=command.participant_id,
        badge_code=revoked.badge_code,
        badge_name=definitions.badges[revoked.badge_id].name,
        earned_at=earned_at,
        revoked_at=now,
    )
    return _followed(cascade, definitions, participant, answer)


def _record_streak(
    cascade: Cascade, definitions: Definitions, participant: Participant, command: RecordStreak, now: datetime
) -> Decision | Rejection:
    occurred_at = _occurred_at(command.occurred_at, now)
    if isinstance(occurred_at, Rejection):
        return occurred_at
    zone = participant.zone or definitions.calendar.zone
    recorded = streaks.record(definitions, participant.streaks, command, occurred_at, zone)
    if isinstance(recorded, Rejection):
        return recorded
    fact, answer = recorded
    if fact is not None:
        cascade.happen(fact, occurred_at)
    return _followed(cascade, definitions, participant, answer)


def _record_event(
    cascade: Cascade, definitions: Definitions, participant: Participant, command: RecordEvent, now: datetime
) -> Decision | Rejection:
    occurred_at = _occurred_at(command.occurred_at, now)
    if isinstance(occurred_at, Rejection):
        return occurred_at
    entry = cascade.happen(events.record(command), occurred_at)
    cascade.follow()
    brought_about = effects.of(definitions, participant, cascade.entries[1:])
    answer = EventRecordedAnswer(event_id=entry.id, fact_id=entry.id, status="processed", effects=brought_about)
    return Decision(cascade.entries, answer)


def _join_challenge(
    cascade: Cascade, definitions: Definitions, participant: Participant, command: JoinChallenge, now: datetime
) -> Decision | Rejection:
    zone = participant.zone or definitions.calendar.zone
    joined = challenges.join(definitions, participant.challenges, command, now, zone)
    if isinstance(joined, Rejection):
        return joined
    if joined is not None:
        cascade.happen(joined, now)
    challenge = definitions.challenges_by_code[command.challenge_code]
    run = challenges.summary(challenge, participant.challenges[challenge.id], now)
    answer = ChallengeJoinedAnswer(
        participant_id=command.participant_id,
        challenge_code=challenge.code,
        challenge_name=challenge.name,
        joined_at=participant.challenges[challenge.id].joined_at,
        ends_at=run.ends_at,
        already_joined=joined is None,
    )
    return Decision(cascade.entries, answer)


def _leave_challenge(
    cascade: Cascade, definitions: Definitions, participant: Participant, command: LeaveChallenge, now: datetime
) -> Decision | Rejection:
    if not participant.exists:
        return ParticipantNotFound(command.participant_id)
    left = challenges.leave(definitions, participant.challenges, command, now)
    if isinstance(left, Rejection):
        return left
    cascade.happen(left, now)
    answer = ChallengeLeftAnswer(
        participant_id=command.participant_id,
        challenge_code=left.challenge_code,
        challenge_name=definitions.challenges[left.challenge_id].name,
        left_at=now,
    )
    return Decision(cascade.entries, answer)


def _save_profile(
    cascade: Cascade, definitions: Definitions, participant: Participant, command: SaveProfile, now: datetime
) -> Decision | Rejection:
    saved = participants.save(participant.exists, participant.profile or Profile(), command)
    if isinstance(saved, Rejection):
        return saved
    profile, fact = saved
    answer = ProfileSavedAnswer(created=not participant.exists)
    if fact is None:
        return Decision([], answer)
    participant.profile = profile
    participant.zone = definitions.calendar.zone_named(profile.attributes.get("timezone"))
    cascade.happen(fact, now)
    cascade.follow()
    return Decision(cascade.entries, answer, profile)


def _followed(
    cascade: Cascade, definitions: Definitions, participant: Participant, answer: AnswerWithEffects
) -> Decision:
    """With all that follows; the answer tells what it says nothing of by itself."""
    own = len(cascade.entries)
    cascade.follow()
    if len(cascade.entries) > own:
        brought_about = effects.of(definitions, participant, cascade.entries[own:])
        answer = msgspec.structs.replace(answer, effects=brought_about)
    return Decision(cascade.entries, answer)


def _occurred_at(given: datetime | None, now: datetime) -> datetime | TimestampAhead | TimestampTooOld:
    if given is None:
        return now
    if given < EARLIEST:
        return TimestampTooOld()
    if given > now + CLOCKS_MAY_DIFFER:
        return TimestampAhead(allowed_minutes=int(CLOCKS_MAY_DIFFER.total_seconds() // 60))
    return given


def _upgrade(definitions: Definitions, fact: Fact) -> TierUpgrade | None:
    return effects.tier_upgrade(definitions, fact) if isinstance(fact, TierReached) else None
