"""The endpoint that explains the consequences of an event or another fact."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import UNSET, Struct, UnsetType

from laurels.kernel.definition import Definitions
from laurels.kernel.explaining import explain as considered
from laurels.kernel.explaining import fact_data
from laurels.kernel.explaining.explain import ConsideredDefinition, Verdict
from laurels.kernel.explaining.seen_values import Moment
from laurels.kernel.facts import Fact
from laurels.kernel.participant import Participant
from laurels.mechanics.badges import explain as badges
from laurels.mechanics.challenges import explain as challenges
from laurels.mechanics.challenges import store as challenge_states
from laurels.mechanics.challenges.model import ChallengeState
from laurels.mechanics.events import store as events
from laurels.mechanics.events.model import EventForgotten, EventRecorded
from laurels.mechanics.events.store import JournalRow
from laurels.mechanics.participants.model import PROFILE, Profile
from laurels.mechanics.rules import explain as rules
from laurels.office.examples import EXPLAIN_EVENT_RESPONSE
from laurels.storage import definitions
from laurels.storage.participants import ParticipantRow
from laurels.web.endpoint import Reply, Request, Routes
from laurels.web.lookup import find_participant
from laurels.web.protocol.errors import Refusal

routes = Routes("Events")

FACTS_FOLDED = 10_000
"""The most facts from which the state of a participant at a moment is computed; with more facts it would take too
long."""


class ConditionShown(Struct, frozen=True, kw_only=True):
    """A condition that was evaluated, and the values that it read, by name. `objective` is the code of a challenge's
    objective. Missing values are left out; long values are shortened to a text."""

    objective: str | None
    """The code of the challenge's objective; null for rules and badges."""
    expression: str
    """The expression."""
    values: dict[str, Any]
    """The values that it read, by their names."""


class LimitedIn(Struct, frozen=True, kw_only=True):
    """The window in which a limit was reached. The limit starts again at `ends_at`."""

    period: str
    """The day, week or month, such as `2026-02-14`, `2026-W07` or `2026-02`."""
    time_zone: str
    """The time zone whose days count: the participant's for limits of each participant, else the project's."""
    ends_at: datetime
    """When the window ends."""


class ConsideredShown(Struct, frozen=True, kw_only=True):
    """`version` is the version of the definition at that time. `conditions` are the conditions that were evaluated: the
    condition of a rule, the criteria of a badge, or the conditions of a challenge's objectives."""

    code: str
    name: str
    """The definition's name."""
    version: int
    """The version of the project's definitions that began this state of the definition."""
    outcome: Verdict
    """The outcome, for programs."""
    reason: str
    """The outcome in words."""
    conditions: list[ConditionShown]
    """The conditions that were evaluated."""
    limited_in: LimitedIn | UnsetType = UNSET
    """The day, week or month in which the limit was reached; left out for other outcomes."""


class DueTo(Struct, frozen=True, kw_only=True):
    """The definition behind a fact."""

    kind: str
    """The kind of definition, such as `rule`."""
    code: str


class FactShown(Struct, frozen=True, kw_only=True):
    """`cause_id` is the fact that caused this one, `due_to` the rule or challenge through which it did."""

    fact_id: str
    """The id of the fact."""
    kind: str
    """The kind of fact, such as `points_awarded`."""
    cause_id: str | None
    """The id of the fact that caused it; null for the first."""
    due_to: DueTo | None
    """The rule or challenge in between; null if there is none."""
    occurred_at: datetime
    """When it occurred."""
    data: dict[str, Any]
    """The content of the fact, which depends on its kind."""


class ExplainAnswer(Struct, frozen=True, kw_only=True):
    """`facts` are all facts that were recorded together, beginning with their first cause. `rules`, `challenges` and
    `badges` are the definitions that were considered, in the version `definitions_version`, which was live then. `note`
    names the parts of the explanation that are no longer available."""

    participant_id: str
    event_id: str
    """The id of the event or other fact."""
    recorded_at: datetime
    """When the server received it."""
    definitions_version: int
    """The version of the project's definitions that applied."""
    facts: list[FactShown]
    """The facts that happened together, in their order."""
    rules: list[ConsideredShown]
    """The rules for this event, in the order in which they were considered."""
    challenges: list[ConsideredShown]
    """The challenges with an objective for this event, and the challenges that actions advanced."""
    badges: list[ConsideredShown]
    """The badges that were earned by their criteria, and the badges whose criteria failed."""
    note: str | None = None
    """Information that is no longer available or not exact; null if there is none."""


@routes.get(
    "/gamify/participants/{participant_id}/events/{event_id}/explain",
    summary="Explain the consequences of an event",
    answers={200: ExplainAnswer},
    answer_example=EXPLAIN_EVENT_RESPONSE,
    refuses=(404, 503),
)
async def explain_event(request: Request[None, None]) -> Reply:
    """Shows all facts that an event caused, and the definitions that were considered. The id may also be that of
    another fact, such as a transaction; the response then explains all facts that were recorded together with it."""
    participant = await find_participant(request)
    readers = request.services.readers
    facts = await events.together(
        readers, request.services.definitions.tables.game, participant.lane, participant.subject, _event_id(request)
    )
    if not facts:
        raise _not_found(request)
    first = facts[0]
    live = await definitions.as_of(readers, request.services.tables, request.project_id, first.definitions_version)
    # Reads all earlier facts, to find the facts of challenges.
    states = await challenge_states.states_before(
        request.services.connections_for(first.seq), participant.lane, participant.subject, first.seq
    )
    past = None
    if _reads_state(live, first.fact) and first.seq <= FACTS_FOLDED:
        past = await events.rows_before(
            request.services.connections_for(first.seq), participant.lane, participant.subject, first.seq
        )
    story = _Story(participant=participant, definitions=live, facts=facts, states=states, past=past)
    # In a thread, because conditions are compiled and the past is folded.
    return Reply(await request.services.checking.run(_explanation, story, _event_id(request)))


class _Story(Struct, kw_only=True):
    """The stored data about an event. `past` are the facts before it; None if they are not needed or too many."""

    participant: ParticipantRow
    definitions: Definitions
    facts: Sequence[JournalRow]
    states: dict[str, ChallengeState]
    past: list[asyncpg.Record] | None


def _explanation(story: _Story, event_id: str) -> bytes:
    """The response as JSON."""
    live, facts, first = story.definitions, story.facts, story.facts[0]
    zone = live.calendar.zone_named(story.participant.attributes.get("timezone"))
    moment = _moment(story, zone)
    of_rules = rules.considered_rules(live, first.fact, first.occurred_at, moment, zone or live.calendar.zone)
    of_challenges = challenges.considered_challenges(live, facts, story.states, moment, zone)
    of_badges = badges.considered_badges(live, facts, moment)
    answer = ExplainAnswer(
        participant_id=story.participant.participant_id,
        event_id=event_id,
        recorded_at=first.recorded_at,
        definitions_version=first.definitions_version,
        facts=[_fact(live, recorded) for recorded in facts],
        rules=_shown(of_rules),
        challenges=_shown(of_challenges),
        badges=_shown(of_badges),
        note=_note(story, [*of_rules, *of_challenges, *of_badges]),
    )
    return msgspec.json.encode(answer)


def _moment(story: _Story, zone: tzinfo | None) -> Moment:
    """The moment right after the first fact."""
    row, first = story.participant, story.facts[0]
    participant = None
    if story.past is not None:
        participant = Participant(
            project_id=0,
            participant_id=row.participant_id,
            lane=row.lane,
            subject=row.subject,
            exists=True,
            slices={PROFILE: Profile(row.display_name, row.avatar_url, row.attributes)},
            zone=zone,
        )
    event = considered.entry_of(first)
    moment = Moment(story.definitions, participant, event, first.recorded_at)
    moment.go_on([*events.entries_from(story.definitions.game, story.past or ()), event])
    return moment


def _note(story: _Story, shown: Sequence[ConsideredDefinition]) -> str | None:
    """Sentences about the parts of the explanation that are missing or inexact."""
    sentences = []
    if isinstance(story.facts[0].fact, EventForgotten):
        sentences.append(considered.FORGOTTEN)
    names = {name for each in shown for judged in each.judged for name in judged.values}
    if any(name.startswith(("participant.attributes", "participant.time_zone")) for name in names):
        sentences.append("Attributes and time zones are shown with their current values")
    if story.facts[0].seq > FACTS_FOLDED and _reads_state(story.definitions, story.facts[0].fact):
        sentences.append(
            f"The values of participant.* are shown only for the first {FACTS_FOLDED:,} facts of a participant"
        )
    return ". ".join(sentences) + "." if sentences else None


def _shown(considered: Sequence[ConsideredDefinition]) -> list[ConsideredShown]:
    return [
        ConsideredShown(
            code=each.definition.code,
            name=each.definition.name,
            version=each.definition.version,
            outcome=each.verdict,
            reason=each.reason,
            conditions=[
                ConditionShown(objective=judged.objective, expression=judged.expression, values=judged.values)
                for judged in each.judged
            ],
            limited_in=_limited_in(each),
        )
        for each in considered
    ]


def _limited_in(considered: ConsideredDefinition) -> LimitedIn | UnsetType:
    window = considered.window
    return UNSET if window is None else LimitedIn(period=window.period, time_zone=window.zone, ends_at=window.ends_at)


def _fact(live: Definitions, recorded: JournalRow) -> FactShown:
    due_to = recorded.fact.due_to
    return FactShown(
        fact_id=recorded.id,
        kind=recorded.fact.kind,
        cause_id=recorded.cause_id,
        due_to=_due_to(live, due_to) if due_to else None,
        occurred_at=recorded.occurred_at,
        data=fact_data.shown(live, recorded.fact),
    )


def _due_to(live: Definitions, definition_id: str) -> DueTo | None:
    definition = live.find(definition_id)
    return DueTo(kind=definition.kind, code=definition.code) if definition else None


def _reads_state(definitions: Definitions, first: Fact) -> bool:
    """Whether a condition that may have been evaluated reads the participant."""
    sources = badges.conditions(definitions)
    if isinstance(first, EventRecorded | EventForgotten):
        sources += rules.conditions(definitions, first.event_name)
        sources += challenges.conditions(definitions, first.event_name)
    return any("participant" in source for source in sources)


def _event_id(request: Request[None, None]) -> str:
    try:
        return str(msgspec.convert(request.path[1], UUID))
    except msgspec.ValidationError:
        raise _not_found(request) from None


def _not_found(request: Request[None, None]) -> Refusal:
    return Refusal(404, f"Event not found: {request.path[1]}", code="event_not_found")
