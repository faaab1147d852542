"""A command and the state it meets give facts and an answer, or a rejection.

How each command is decided, kernel/decisions says; what the facts bring about, kernel/cascade.py.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from laurels.kernel import commands
from laurels.kernel.cascade import Cascade
from laurels.kernel.commands import Command
from laurels.kernel.decisions import Decision, events, participants, points, progress, rewards
from laurels.kernel.definition import Definitions
from laurels.kernel.model import Participant
from laurels.kernel.rejections import ParticipantErased, ParticipantNotFound, Rejection
from laurels.mechanics.badges.model import AwardBadge, RevokeBadge
from laurels.mechanics.challenges.model import JoinChallenge, LeaveChallenge
from laurels.mechanics.events.model import RecordEvent
from laurels.mechanics.participants.model import SaveProfile
from laurels.mechanics.points.commands import (
    AwardPoints,
    CaptureHold,
    DeductPoints,
    HoldPoints,
    ReleaseHold,
    ReversePoints,
    SettleExpiries,
)
from laurels.mechanics.rewards.model import CancelClaim, ClaimReward, FulfilClaim
from laurels.mechanics.streaks.model import RecordStreak
from laurels.mechanics.tiers.model import AssignTier

_DECISIONS: dict[type[Command], Callable[[Cascade, Any], Decision | Rejection]] = {
    AwardPoints: points.award,
    DeductPoints: points.deduct,
    ReversePoints: points.reverse,
    HoldPoints: points.hold,
    CaptureHold: points.capture,
    ReleaseHold: points.release,
    SettleExpiries: points.settle,
    ClaimReward: rewards.claim,
    FulfilClaim: rewards.fulfil,
    CancelClaim: rewards.cancel,
    AssignTier: progress.assign_tier,
    AwardBadge: progress.award_badge,
    RevokeBadge: progress.revoke_badge,
    commands.JudgeAnew: progress.judge_anew,
    RecordStreak: progress.record_streak,
    JoinChallenge: progress.join_challenge,
    LeaveChallenge: progress.leave_challenge,
    RecordEvent: events.record_event,
    SaveProfile: participants.save_profile,
}
_CREATE_NOBODY = (
    ReversePoints,
    CaptureHold,
    ReleaseHold,
    SettleExpiries,
    FulfilClaim,
    CancelClaim,
    RevokeBadge,
    commands.JudgeAnew,
    LeaveChallenge,
)


def decide(
    definitions: Definitions, participant: Participant, command: Command, now: datetime, ids: Iterator[str]
) -> Decision | Rejection:
    """Judges `command` at `now` (the project's clock, UTC); each fact takes the next of `ids`.

    Leaves `participant` as it is when it refuses; otherwise folds the facts into the participant's state.
    """
    # Of those who were anonymised nothing goes on but time.
    is_gone = participant.is_anonymised and not isinstance(command, SettleExpiries)
    if is_gone or (not participant.exists and isinstance(command, _CREATE_NOBODY)):
        return ParticipantNotFound(command.participant_id)
    if participant.erased_before is not None and _may_be_before(command, participant.erased_before):
        return ParticipantErased(participant.erased_before)
    return _DECISIONS[type(command)](Cascade(definitions, participant, now, ids), command)


def _may_be_before(command: Command, erased_at: datetime) -> bool:
    occurred_at: datetime | None = getattr(command, "occurred_at", None)
    return command.is_from_file if occurred_at is None else occurred_at < erased_at


def has_expired(participant: Participant, now: datetime) -> bool:
    """Whether something of the participant's has ended that no fact tells of yet: SettleExpiries comes first then."""
    ends_at = participant.account.next_expiry_at
    return ends_at is not None and ends_at <= now
