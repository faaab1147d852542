"""Challenges: definition, state, commands, facts and rejections."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import ClassVar, Literal

from msgspec import Struct

from laurels.kernel.actions import Action, Code, Count, Formula, Named
from laurels.kernel.commands import Command
from laurels.kernel.dates.times import in_seconds
from laurels.kernel.definition import Definition
from laurels.kernel.facts import Fact
from laurels.kernel.participant import Slice
from laurels.kernel.rejections import Rejection
from laurels.kernel.responses import Answer

LATE_PERIODS = 2
"""The default number of past periods of a challenge that stay open for late events."""


ChallengePeriod = Literal["daily", "weekly", "monthly"]


ObjectiveMeasure = Literal["count", "sum", "distinct"]


class Objective(Struct, frozen=True, kw_only=True):
    """A part of a challenge: events to count, numbers in `property` to sum (in millionths), or distinct values to
    count.

    It counts nothing before the objectives in `requires` are complete.
    """

    code: str
    name: str
    event_name: str
    target: int
    measure: ObjectiveMeasure = "count"
    property: str | None = None
    condition: str | None = None
    requires: tuple[str, ...] = ()


class Milestone(Struct, frozen=True, kw_only=True):
    percent: int
    actions: tuple[Action, ...]


class Challenge(Definition, frozen=True, kw_only=True):
    """A challenge. With `joins_automatically`, a participant joins with the first event that counts. `duration_days`,
    each of 24 hours, begin at joining. With a `period`, each run is one day, week or month of the participant's
    calendar, and the runs of the last `late_periods` periods before the newest one take late events."""

    kind: ClassVar[str] = "challenge"
    fires_by_outcome: ClassVar[bool] = False

    objectives: tuple[Objective, ...]
    description: str | None = None
    icon_url: str | None = None
    joins_automatically: bool = True
    is_repeatable: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    duration_days: int | None = None
    period: ChallengePeriod | None = None
    late_periods: int = LATE_PERIODS
    milestones: tuple[Milestone, ...] = ()
    actions: tuple[Action, ...] = ()
    display_order: int = 0

    def action_lists(self) -> Iterator[tuple[str, tuple[Action, ...]]]:
        for index, milestone in enumerate(self.milestones):
            yield f"milestones[{index}].actions", milestone.actions
        yield "actions", self.actions


class ChallengeRun(Struct, frozen=True, kw_only=True):
    """A participant's run of a challenge. It `is_active` until it is completed or left.

    `progress` and `seen` (fingerprints of the distinct values counted) are by objective code, `milestones` are the
    percentages reached. `deadline` is the time when the run ends; None if only the challenge's own dates end it.
    `period` is the number of the run's period, and `since` the start of that period in the participant's time zone
    then; both are None without periods. `latest_at` is the latest time of joining and of everything counted.
    """

    joined_at: datetime
    is_active: bool = True
    deadline: datetime | None = None
    progress: dict[str, int] = {}
    seen: dict[str, list[str]] = {}
    milestones: list[int] = []
    since: datetime | None = None
    period: int | None = None
    latest_at: datetime | None = None


class ChallengeState(ChallengeRun, frozen=True, kw_only=True):
    """A participant's state in a challenge: the newest run and, in order, the runs of `earlier` periods that take late
    events. Periods before `open_from` take no events.

    If it is not `is_active`, the run was completed, or the participant `has_left`: then its progress is gone, and its
    milestones cannot be reached again. `completions` counts all runs, and `completed_at` is the latest completion. Runs
    of older servers have neither `period` nor `latest_at`.
    """

    completions: int = 0
    completed_at: datetime | None = None
    has_left: bool = False
    earlier: list[ChallengeRun] = []
    open_from: int | None = None

    @property
    def newest(self) -> ChallengeRun:
        """The newest run, without the other state."""
        return ChallengeRun(
            joined_at=self.joined_at,
            is_active=self.is_active,
            deadline=self.deadline,
            progress=self.progress,
            seen=self.seen,
            milestones=self.milestones,
            since=self.since,
            period=self.period,
            latest_at=self.latest_at,
        )


class ChallengeFact(Fact, frozen=True, kw_only=True):
    """The common part of facts about challenges. `period` is the number of the run's period; without it, the fact is
    about the newest run."""

    challenge_id: str
    challenge_code: str
    period: int | None = None


class ChallengeJoined(ChallengeFact, frozen=True, kw_only=True):
    """A run began. `deadline` is the time when it ends, if it has its own end, and `since` the start of its calendar
    period, if it has one. Earlier periods from `open_from` on take late events."""

    kind: ClassVar[str] = "challenge_joined"

    deadline: datetime | None = None
    since: datetime | None = None
    open_from: int | None = None


class ChallengeLeft(ChallengeFact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "challenge_left"


class ChallengeAdvanced(ChallengeFact, frozen=True, kw_only=True):
    """An objective advanced `by` a number of events, millionths or new values; `seen` is the fingerprint of a new
    value."""

    kind: ClassVar[str] = "challenge_advanced"

    objective: str
    by: int
    seen: str | None = None


class MilestoneReached(ChallengeFact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "milestone_reached"

    percent: int


class ChallengeCompleted(ChallengeFact, frozen=True, kw_only=True):
    """All targets were met. If the challenge is repeatable, `used` is the progress that the completion took, by
    objective: the next run begins at once with the rest, and `deadline` is its end."""

    kind: ClassVar[str] = "challenge_completed"

    used: dict[str, int] = {}
    deadline: datetime | None = None


class JoinChallenge(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "join_challenge"

    challenge_code: str

    @property
    def named(self) -> Mapping[str, str | int | None]:
        return {"challenge_code": self.challenge_code}


class LeaveChallenge(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "leave_challenge"

    challenge_code: str

    @property
    def named(self) -> Mapping[str, str | int | None]:
        return {"challenge_code": self.challenge_code}


class ChallengeNotOpen(Rejection, frozen=True):
    """The challenge has not begun yet, or has ended."""

    code: str
    has_ended: bool

    def sentence(self) -> str:
        if self.has_ended:
            return f"The challenge has ended: {self.code}"
        return f"The challenge has not begun yet: {self.code}"


class ChallengeNotJoined(Rejection, frozen=True):
    code: str

    def sentence(self) -> str:
        return f"The participant is not in this challenge: {self.code}"


class ChallengeDone(Rejection, frozen=True):
    """The challenge was completed, or its time has run out, and it cannot be repeated. `again_at` is the start of the
    next period, in which it can be joined again."""

    code: str
    is_completed: bool
    again_at: datetime | None = None

    def sentence(self) -> str:
        if not self.is_completed:
            return f"The participant's time for this challenge has run out, and it cannot be repeated: {self.code}"
        completed = "The participant has completed this challenge"
        if self.again_at is None:
            return f"{completed}, and it cannot be repeated: {self.code}"
        again_at = in_seconds(self.again_at)
        return f"{completed} in this period; it can be joined again from {again_at} on: {self.code}"


class ChallengeEffect(Struct, frozen=True, kw_only=True):
    """A challenge that the event advanced, with the state afterwards. `milestones` and `completed` are the milestones
    reached and the number of completions by this event."""

    challenge_code: str
    """The challenge's code."""
    challenge_name: str
    """The challenge's name."""
    percent: int
    """The progress afterwards, 0 to 100."""
    joined: bool
    """Whether this began a run."""
    completed: int
    """How often this completed the challenge."""
    milestones: list[int]
    """The percentages of the milestones that this reached."""


class ChallengeJoinedAnswer(Answer, frozen=True, kw_only=True):
    """The run. `ends_at` is the time when it ends, null if it has no end. `already_joined` is true if it had begun
    before."""

    participant_id: str
    challenge_code: str
    """The challenge's code."""
    challenge_name: str
    """The challenge's name."""
    joined_at: datetime
    """The beginning of the run."""
    ends_at: datetime | None
    """When the run ends; null for no end."""
    already_joined: bool
    """Whether a run was in progress before; then nothing was changed."""


class ChallengeLeftAnswer(Answer, frozen=True, kw_only=True):
    """The run that the participant has left."""

    participant_id: str
    challenge_code: str
    """The challenge's code."""
    challenge_name: str
    """The challenge's name."""
    left_at: datetime
    """When the run ended."""


class AdvanceChallenge(
    Action, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="advance_challenge"
):
    """Adds to an objective with the measure count or sum; by default to the first one."""

    quantity_field: ClassVar[str] = "by"

    challenge_code: Code
    """The challenge's code."""
    objective_code: Code | None = None
    """The code of the objective to advance; null for the first one that counts or sums."""
    by: Count | Formula = 1
    """How far to advance it: a number, or an expression that computes one."""

    def named(self) -> Named:
        return Named("challenge_code", "challenge", self.challenge_code)

    def quantity(self) -> int | str:
        return self.by


def _no_challenges() -> dict[str, ChallengeState]:
    return {}


CHALLENGES = Slice[dict[str, ChallengeState]]("challenges", _no_challenges, dict)
"""The state in each challenge, by challenge id."""
