"""Explain: why an event, or any other fact, brought what it brought."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from laurels.core import explain as considered
from laurels.core.explain import Considered, Verdict
from laurels.core.facts import EventForgotten
from laurels.core.model import Definitions
from laurels.http.endpoint import Reply, Request, Routes
from laurels.http.errors import Refusal
from laurels.http.found import find_participant
from laurels.store import challenges, definitions, events
from laurels.store.events import Recorded

routes = Routes("Events")

EVENT_ID = "0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e0f"


class ConsideredShown(Struct, frozen=True, kw_only=True):
    """`version` is that of the definition as it was then."""

    code: str
    name: str
    version: int
    outcome: Verdict
    reason: str


class DueTo(Struct, frozen=True, kw_only=True):
    kind: str
    code: str


class FactShown(Struct, frozen=True, kw_only=True):
    """`cause_id` is the fact that brought this one about, `due_to` the rule or challenge by which it did."""

    fact_id: str
    kind: str
    cause_id: str | None
    due_to: DueTo | None
    occurred_at: datetime
    data: dict[str, Any]


class ExplainAnswer(Struct, frozen=True, kw_only=True):
    """`facts` are all that happened together, the one that began it first. The rest says what was considered, by the
    definitions of `definitions_version`, those that were live then. `note` says what cannot be told any more."""

    participant_id: str
    event_id: str
    recorded_at: datetime
    definitions_version: int
    facts: list[FactShown]
    rules: list[ConsideredShown]
    challenges: list[ConsideredShown]
    badges: list[ConsideredShown]
    note: str | None = None


@routes.get(
    "/gamify/participants/{participant_id}/events/{event_id}/explain",
    summary="Why an event brought what it brought",
    answers={200: ExplainAnswer},
    answer_example={
        "participant_id": "user_123",
        "event_id": EVENT_ID,
        "recorded_at": "2026-03-01T09:30:00Z",
        "definitions_version": 12,
        "facts": [
            {
                "fact_id": EVENT_ID,
                "kind": "event_recorded",
                "cause_id": None,
                "due_to": None,
                "occurred_at": "2026-03-01T09:30:00Z",
                "data": {"event_name": "purchase_completed", "properties": {"amount": 149.99}},
            },
            {
                "fact_id": "0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e10",
                "kind": "points_awarded",
                "cause_id": EVENT_ID,
                "due_to": {"kind": "rule", "code": "big_order"},
                "occurred_at": "2026-03-01T09:30:00Z",
                "data": {"amount": 149, "balance_after": 1649},
            },
        ],
        "rules": [
            {"code": "big_order", "name": "Big order", "version": 11, "outcome": "acted", "reason": "It acted."},
        ],
        "challenges": [],
        "badges": [],
        "note": None,
    },
    refuses=(404, 503),
)
async def explain_event(request: Request[None, None]) -> Reply:
    """Takes the id of an event or of any other fact, such as a transaction: then all that happened with it is told."""
    found = await find_participant(request)
    facts = await events.together(request.services.readers, found.lane, found.subject, _event_id(request))
    if not facts:
        raise _not_found(request)
    first = facts[0]
    known = await definitions.as_of(request.services.readers, request.project_id, first.definitions_version)
    all_facts = [recorded.fact for recorded in facts]
    states = await challenges.states_before(request.services.readers, found.lane, found.subject, first.seq)
    zone = known.calendar.zone_named(found.profile.attributes.get("timezone"))
    answer = ExplainAnswer(
        participant_id=found.participant_id,
        event_id=_event_id(request),
        recorded_at=first.recorded_at,
        definitions_version=first.definitions_version,
        facts=[_fact(known, recorded) for recorded in facts],
        rules=_shown(considered.considered_rules(known, first.fact, first.occurred_at)),
        challenges=_shown(considered.considered_challenges(known, facts, states, zone)),
        badges=_shown(considered.considered_badges(known, all_facts)),
        note=f"{considered.FORGOTTEN}." if isinstance(first.fact, EventForgotten) else None,
    )
    return Reply(msgspec.json.encode(answer))


def _shown(found: Sequence[Considered]) -> list[ConsideredShown]:
    return [
        ConsideredShown(
            code=each.definition.code,
            name=each.definition.name,
            version=each.definition.version,
            outcome=each.verdict,
            reason=each.reason,
        )
        for each in found
    ]


def _fact(known: Definitions, recorded: Recorded) -> FactShown:
    data = msgspec.to_builtins(recorded.fact)
    due_to = data.pop("due_to", None)
    data.pop("outcomes", None)
    return FactShown(
        fact_id=recorded.id,
        kind=recorded.fact.kind,
        cause_id=recorded.cause_id,
        due_to=_due_to(known, due_to) if due_to else None,
        occurred_at=recorded.occurred_at,
        data=data,
    )


def _due_to(known: Definitions, definition_id: str) -> DueTo | None:
    if definition_id in known.rules:
        return DueTo(kind="rule", code=known.rules[definition_id].code)
    if definition_id in known.challenges:
        return DueTo(kind="challenge", code=known.challenges[definition_id].code)
    return None


def _event_id(request: Request[None, None]) -> str:
    try:
        return str(msgspec.convert(request.path[1], UUID))
    except msgspec.ValidationError:
        raise _not_found(request) from None


def _not_found(request: Request[None, None]) -> Refusal:
    return Refusal(404, f"Event not found: {request.path[1]}", code="event_not_found")
