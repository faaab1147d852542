"""Endpoints of streaks: record, list, and definitions."""

from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from laurels.kernel.dates import periods
from laurels.kernel.input.fields import CodeSought, ParticipantId, Timestamp
from laurels.mechanics.streaks import rules
from laurels.mechanics.streaks import store as streaks
from laurels.mechanics.streaks.definition import KIND
from laurels.mechanics.streaks.examples import (
    LOST_STREAKS_RESPONSE,
    PARTICIPANT_STREAKS_RESPONSE,
    RECORD_STREAK_REFUSALS,
    RECORD_STREAK_REQUEST,
    RECORD_STREAK_RESPONSE,
)
from laurels.mechanics.streaks.model import RecordStreak, Streak, StreakPeriod, StreakRecordedAnswer, StreakState
from laurels.mechanics.streaks.rules import StreakSummary
from laurels.storage.participants import ParticipantRow
from laurels.web import outcomes
from laurels.web.definitions import DeclaredResource
from laurels.web.endpoint import AnyRequest, Reply, Request, Routes
from laurels.web.lookup import definitions_for, find_participant
from laurels.web.requests.fields import utc

LOST_SHOWN = 1_000
"""The most lost streaks in a response."""

routes = Routes(
    "Streaks",
    about="How many days, weeks or months in a row a participant was active. Guides: [Streaks](docs/streaks.md), "
    "[Streaks that survive travel](docs/streaks-that-travel.md).",
)


class RecordStreakRequest(Struct, frozen=True, kw_only=True):
    """The streak in which the participant was active."""

    participant_id: ParticipantId
    streak_code: CodeSought
    """The streak's code."""
    timestamp: Timestamp | None = None


class StreakStatus(Struct, frozen=True, kw_only=True):
    """The state of a streak. `last_recorded_at` is the time of the record that counted for the latest period. The
    streak `is_at_risk` while the current period has no record; without a record before `expires_at`, it lapses."""

    code: str
    """The streak's code."""
    name: str
    """The streak's name."""
    current_count: int
    """How many periods the current streak has; 0 if it has lapsed."""
    longest_count: int
    """How many periods the longest streak had."""
    last_recorded_at: datetime | None
    """The record that counted for the latest period; null without records."""
    period: StreakPeriod
    """The period of the streak."""
    is_at_risk: bool
    """Whether the streak is alive, but the current period has no record."""
    expires_at: datetime | None
    """When the streak lapses without a further record; null if there is no streak to lose."""


class StreaksAnswer(Struct, frozen=True):
    """The streaks of a participant."""

    participant_id: str
    streaks: list[StreakStatus]
    """The streaks, in display order."""


class LostStreak(Struct, frozen=True, kw_only=True):
    """A streak that lapsed."""

    code: str
    """The streak's code."""
    name: str
    """The streak's name."""
    period: StreakPeriod
    """The period of the streak."""
    count: int
    """How many periods it had."""
    first_period: str
    """The first of its periods that is stored, such as `2026-02-14`, `2026-W07` or `2026-02`."""
    last_period: str
    """Its last period."""
    lost_at: datetime
    """When it lapsed without a further record."""


class LostStreaksAnswer(Struct, frozen=True):
    """The lost streaks of a participant."""

    participant_id: str
    lost: list[LostStreak]
    """The streaks that lapsed, the latest first, at most the last 1,000."""


resource = routes.place(DeclaredResource(KIND))


@routes.post(
    "/gamify/streaks/record",
    summary="Record an activity",
    body=RecordStreakRequest,
    answers={200: StreakRecordedAnswer},
    answer_example=RECORD_STREAK_RESPONSE,
    refuses=(400, 404, 409, 503),
    refusals=RECORD_STREAK_REFUSALS,
    example=RECORD_STREAK_REQUEST,
)
async def record_streak(request: Request[RecordStreakRequest, None]) -> Reply:
    """Records an activity, which counts once per period. `new_count` is the length of the streak that the record
    belongs to, also for a late record."""
    body = request.body
    command = RecordStreak(
        project_id=request.project_id,
        participant_id=body.participant_id,
        streak_code=body.streak_code,
        occurred_at=utc(body.timestamp),
    )
    return outcomes.reply(await outcomes.run(request, command))


@routes.get(
    "/gamify/participants/{participant_id}/streaks",
    summary="Streaks of a participant",
    answers={200: StreaksAnswer},
    answer_example=PARTICIPANT_STREAKS_RESPONSE,
    refuses=(404, 503),
)
async def participant_streaks(request: Request[None, None]) -> Reply:
    """Returns all active streaks, including those without records, and inactive ones with records. A lapsed streak has
    a count of 0."""
    participant = await find_participant(request)
    answer = StreaksAnswer(
        participant.participant_id,
        [
            StreakStatus(
                code=streak.code,
                name=streak.name,
                current_count=summary.current,
                longest_count=summary.longest,
                last_recorded_at=summary.last_recorded_at,
                period=streak.period,
                is_at_risk=summary.is_at_risk,
                expires_at=summary.expires_at,
            )
            for streak, summary in await summaries(request, participant)
        ],
    )
    return Reply(msgspec.json.encode(answer))


@routes.get(
    "/gamify/participants/{participant_id}/streaks/lost",
    summary="Lost streaks of a participant",
    answers={200: LostStreaksAnswer},
    answer_example=LOST_STREAKS_RESPONSE,
    refuses=(404, 503),
)
async def lost_streaks(request: Request[None, None]) -> Reply:
    """Returns the streaks that lapsed, the latest first. A late record that repairs a streak removes it from this
    list."""
    participant = await find_participant(request)
    definitions = await definitions_for(request, participant)
    states = await streaks.states(request.services.readers, participant.lane, participant.subject)
    calendar = definitions.calendar
    now = calendar.at(datetime.now(UTC))
    lost = [
        LostStreak(
            code=streak.code,
            name=streak.name,
            period=streak.period,
            count=span.count,
            first_period=periods.key_of(streak.period, span.first, calendar.first_day_of_week),
            last_period=periods.key_of(streak.period, span.last.last, calendar.first_day_of_week),
            lost_at=span.last.continues_until,
        )
        for streak in rules.shown(definitions, states)
        for span in rules.lost(states.get(streak.id, StreakState()), now)
    ]
    lost.sort(key=lambda each: each.lost_at, reverse=True)
    return Reply(msgspec.json.encode(LostStreaksAnswer(participant.participant_id, lost[:LOST_SHOWN])))


async def summaries(request: AnyRequest, participant: ParticipantRow) -> list[tuple[Streak, StreakSummary]]:
    """The current summaries of the participant's streaks, in display order: active streaks, and inactive ones with
    records."""
    definitions = await definitions_for(request, participant)
    states = await streaks.states(request.services.readers, participant.lane, participant.subject)
    calendar = definitions.calendar
    now = calendar.at(datetime.now(UTC))
    zone = calendar.zone_named(participant.attributes.get("timezone")) or calendar.zone
    return [
        (
            streak,
            rules.summary(streak, states.get(streak.id, StreakState()), now, zone, calendar.first_day_of_week),
        )
        for streak in rules.shown(definitions, states)
    ]
