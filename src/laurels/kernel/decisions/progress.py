"""Deciding about tiers, badges, streaks and taking part in challenges."""

from laurels.kernel.cascade import Cascade
from laurels.kernel.commands import JudgeAnew
from laurels.kernel.decisions import Decision, followed, occurred_at
from laurels.kernel.reacting import reach_anew
from laurels.kernel.rejections import Rejection
from laurels.kernel.responses import (
    BadgeAwardedAnswer,
    BadgeRevokedAnswer,
    ChallengeJoinedAnswer,
    ChallengeLeftAnswer,
    JudgedAnswer,
    TierAssignedAnswer,
)
from laurels.mechanics.badges import rules as badges
from laurels.mechanics.badges.model import AwardBadge, Badge, RevokeBadge
from laurels.mechanics.challenges import rules as challenges
from laurels.mechanics.challenges import runs as challenge_runs
from laurels.mechanics.challenges.model import Challenge, JoinChallenge, LeaveChallenge
from laurels.mechanics.streaks import rules as streaks
from laurels.mechanics.streaks.model import RecordStreak
from laurels.mechanics.tiers import rules as tiers
from laurels.mechanics.tiers.model import AssignTier, Tier


def assign_tier(cascade: Cascade, command: AssignTier) -> Decision | Rejection:
    assigned = tiers.assign(cascade.definitions, cascade.participant.account, command)
    if isinstance(assigned, Rejection):
        return assigned
    cascade.happen(assigned, cascade.now)
    tier = cascade.definitions[Tier].by_id[assigned.tier_id]
    previous = cascade.definitions[Tier].by_id[assigned.previous_tier_id] if assigned.previous_tier_id else None
    answer = TierAssignedAnswer(
        participant_id=command.participant_id,
        tier_code=tier.code,
        tier_name=tier.name,
        level=tier.level,
        previous_code=previous.code if previous else None,
        previous_level=previous.level if previous else None,
        assigned_at=cascade.now,
    )
    return followed(cascade, answer)


def award_badge(cascade: Cascade, command: AwardBadge) -> Decision | Rejection:
    awarded = badges.award(cascade.definitions, cascade.participant.badges, command)
    if isinstance(awarded, Rejection):
        return awarded
    badge, fact = awarded
    if fact is not None:
        cascade.happen(fact, cascade.now)
    answer = BadgeAwardedAnswer(
        participant_id=command.participant_id,
        badge_code=badge.code,
        badge_name=badge.name,
        icon=badge.icon_url,
        rarity=badge.rarity,
        earned_at=cascade.participant.badges[badge.id],
        already_earned=fact is None,
    )
    return followed(cascade, answer)


def judge_anew(cascade: Cascade, command: JudgeAnew) -> Decision:
    reach_anew(cascade, command.definition_ids, silent=command.silent)
    cascade.follow()
    return Decision(cascade.entries, JudgedAnswer(participant_id=command.participant_id))


def revoke_badge(cascade: Cascade, command: RevokeBadge) -> Decision | Rejection:
    revoked = badges.revoke(cascade.definitions, cascade.participant.badges, command)
    if isinstance(revoked, Rejection):
        return revoked
    earned_at = cascade.participant.badges[revoked.badge_id]
    cascade.happen(revoked, cascade.now)
    answer = BadgeRevokedAnswer(
        participant_id=command.participant_id,
        badge_code=revoked.badge_code,
        badge_name=cascade.definitions[Badge].by_id[revoked.badge_id].name,
        earned_at=earned_at,
        revoked_at=cascade.now,
    )
    return followed(cascade, answer)


def record_streak(cascade: Cascade, command: RecordStreak) -> Decision | Rejection:
    happened_at = occurred_at(command.occurred_at, cascade.now)
    if isinstance(happened_at, Rejection):
        return happened_at
    zone = cascade.participant.zone or cascade.definitions.calendar.zone
    recorded = streaks.record(cascade.definitions, cascade.participant.streaks, command, happened_at, zone)
    if isinstance(recorded, Rejection):
        return recorded
    fact, answer = recorded
    if fact is not None:
        cascade.happen(fact, happened_at)
    return followed(cascade, answer)


def join_challenge(cascade: Cascade, command: JoinChallenge) -> Decision | Rejection:
    participant, calendar = cascade.participant, cascade.definitions.calendar
    zone = participant.zone or calendar.zone
    joined = challenge_runs.join(cascade.definitions, participant.challenges, command, cascade.now, zone)
    if isinstance(joined, Rejection):
        return joined
    if joined is not None:
        cascade.happen(joined, cascade.now)
    challenge = cascade.definitions[Challenge].by_code[command.challenge_code]
    state = participant.challenges[challenge.id]
    run = challenges.summary(challenge, state, cascade.now, zone, calendar)
    answer = ChallengeJoinedAnswer(
        participant_id=command.participant_id,
        challenge_code=challenge.code,
        challenge_name=challenge.name,
        joined_at=state.joined_at,
        ends_at=run.ends_at,
        already_joined=joined is None,
    )
    return Decision(cascade.entries, answer)


def leave_challenge(cascade: Cascade, command: LeaveChallenge) -> Decision | Rejection:
    zone = cascade.participant.zone or cascade.definitions.calendar.zone
    left = challenge_runs.leave(cascade.definitions, cascade.participant.challenges, command, cascade.now, zone)
    if isinstance(left, Rejection):
        return left
    cascade.happen(left, cascade.now)
    answer = ChallengeLeftAnswer(
        participant_id=command.participant_id,
        challenge_code=left.challenge_code,
        challenge_name=cascade.definitions[Challenge].by_id[left.challenge_id].name,
        left_at=cascade.now,
    )
    return Decision(cascade.entries, answer)
