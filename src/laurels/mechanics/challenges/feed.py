"""The feed events of challenges."""

from datetime import UTC, datetime

from laurels.kernel.deciding.listing import announces
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.feed import FeedData
from laurels.mechanics.challenges.model import (
    Challenge,
    ChallengeCompleted,
    ChallengeJoined,
    ChallengeLeft,
    MilestoneReached,
)


class ChallengeData(FeedData, frozen=True, kw_only=True):
    """A participant's challenge."""

    challenge_code: str
    """The challenge's code."""
    challenge_name: str
    """The challenge's name."""
    icon_url: str | None = None
    """The address of the challenge's image; null for none."""


class ChallengeJoinedData(ChallengeData, frozen=True, kw_only=True):
    """A run of a challenge that began."""

    ends_at: datetime | None = None
    """When the run ends; null if only the challenge's own dates end it."""


class MilestoneReachedData(ChallengeData, frozen=True, kw_only=True):
    """A milestone of a challenge."""

    percent: int
    """The milestone, in percent of the whole challenge."""


def _joined(definitions: Definitions, _: Entry, fact: ChallengeJoined) -> ChallengeJoinedData:
    challenge = definitions[Challenge].by_id[fact.challenge_id]
    return ChallengeJoinedData(
        challenge_code=challenge.code,
        challenge_name=challenge.name,
        icon_url=challenge.icon_url,
        ends_at=fact.deadline,
    )


def _milestone(definitions: Definitions, _: Entry, fact: MilestoneReached) -> MilestoneReachedData:
    challenge = definitions[Challenge].by_id[fact.challenge_id]
    return MilestoneReachedData(
        challenge_code=challenge.code,
        challenge_name=challenge.name,
        icon_url=challenge.icon_url,
        percent=fact.percent,
    )


def _ended(definitions: Definitions, _: Entry, fact: ChallengeCompleted | ChallengeLeft) -> ChallengeData:
    challenge = definitions[Challenge].by_id[fact.challenge_id]
    return ChallengeData(challenge_code=challenge.code, challenge_name=challenge.name, icon_url=challenge.icon_url)


_EXAMPLE = ChallengeData(challenge_code="spring", challenge_name="Spring challenge")

FEED = (
    announces(
        "challenge.joined",
        ChallengeJoined,
        _joined,
        about="A participant began a run of a challenge, by a request or by an event that counts.",
        example=ChallengeJoinedData(
            challenge_code="spring",
            challenge_name="Spring challenge",
            ends_at=datetime(2026, 3, 31, 9, 30, tzinfo=UTC),
        ),
    ),
    announces(
        "challenge.milestone_reached",
        MilestoneReached,
        _milestone,
        about="A participant reached a milestone of a challenge.",
        example=MilestoneReachedData(challenge_code="spring", challenge_name="Spring challenge", percent=50),
    ),
    announces(
        "challenge.completed",
        ChallengeCompleted,
        _ended,
        about="A participant completed a challenge.",
        example=_EXAMPLE,
    ),
    announces("challenge.left", ChallengeLeft, _ended, about="A participant left a challenge.", example=_EXAMPLE),
)
