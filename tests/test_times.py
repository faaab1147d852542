"""Times wherever requests and files hold them: a nanosecond before midnight belongs to its own day."""

from datetime import datetime
from typing import Any

import httpx
import msgspec
import pytest
from msgspec.structs import fields

from laurels.app import COMPOSITION, TABLES
from laurels.config import definitions_file
from laurels.kernel.input import time_fields
from laurels.kernel.input.names import UnknownNames
from laurels.mechanics.events.api import EventRequest
from laurels.mechanics.rules.definition import RuleDefinition
from laurels.web.endpoint import Endpoint
from laurels.web.requests.decoding import decode_body, decode_query
from laurels.web.requests.forms import Form

# Java's LocalTime.MAX, and a leap second (RFC 3339, section 5.7).
LATE = ["2026-03-31T23:59:59.999999999Z", "2026-03-31T23:59:60Z"]
KEPT = "2026-03-31T23:59:59.999999Z"
MOMENT = datetime.fromisoformat(KEPT)
TAKING_TIMES = [endpoint for endpoint in COMPOSITION.endpoints if endpoint.body and time_fields.names(endpoint.body)]
ASKING_TIMES = [endpoint for endpoint in COMPOSITION.endpoints if endpoint.query and time_fields.names(endpoint.query)]


def operation(endpoint: Endpoint) -> str:
    return endpoint.operation


@pytest.mark.parametrize("late", LATE)
@pytest.mark.parametrize("endpoint", TAKING_TIMES, ids=operation)
def test_every_time_in_a_body_is_cut_off(endpoint: Endpoint, late: str) -> None:
    assert endpoint.body is not None
    form = Form(endpoint.body)
    required = {each.name: endpoint.example[each.name] for each in fields(endpoint.body) if each.required}
    for name in time_fields.names(endpoint.body):
        body = msgspec.json.encode({**required, name: late})
        assert getattr(decode_body(form, body, UnknownNames()), name) == MOMENT


@pytest.mark.parametrize("late", LATE)
@pytest.mark.parametrize("endpoint", ASKING_TIMES, ids=operation)
def test_every_time_in_a_query_is_cut_off(endpoint: Endpoint, late: str) -> None:
    kind = endpoint.query
    assert kind is not None
    for field in fields(kind):
        if field.encode_name in time_fields.names(kind):
            query = decode_query(kind, f"{field.encode_name}={late}".encode(), UnknownNames())
            assert getattr(query, field.name) == MOMENT


def test_there_are_such_endpoints() -> None:
    taking, asking = {each.operation for each in TAKING_TIMES}, {each.operation for each in ASKING_TIMES}
    assert {"award_points", "record_event", "record_streak", "hold_points", "create_rule", "create_reward"} <= taking
    assert {"participant_events", "list_participants"} <= asking


def decoded(body: str) -> EventRequest:
    request: EventRequest = decode_body(Form(EventRequest), body.encode(), UnknownNames())
    return request


@pytest.mark.parametrize("text", [*LATE, '2026-03-31T23:59:59.9999999Z", "more": "12:30:60'])
def test_texts_of_the_callers_own_stay_as_they_were_sent(text: str) -> None:
    properties = f'{{"at": "{text}", "amount": 0.1234567890123, "great": 123456789012345678901234567890}}'
    request = decoded(
        f'{{"participant_id": "a", "event_name": "e", "timestamp": "{LATE[0]}", "properties": {properties}}}'
    )
    assert request.timestamp == MOMENT
    assert request.properties == msgspec.json.decode(properties)


@pytest.mark.parametrize("escaped", ["2026-03-31T23:59:59\\u002e9999999Z", "2026-03-31T23\\u003a59:\\u00360Z"])
def test_escaped_times(escaped: str) -> None:
    body = f'{{"participant_id": "a", "event_name": "e", "timestamp": "{escaped}"}}'
    assert decoded(body).timestamp == MOMENT


def test_lists_and_unions_of_types_are_looked_into() -> None:
    class Part(msgspec.Struct, tag="part"):
        at: datetime | None = None

    class Other(msgspec.Struct, tag="other"):
        note: str = ""

    class Whole(msgspec.Struct):
        parts: list[Part | Other]
        pair: tuple[datetime, ...] = ()

    given = {"parts": [{"type": "part", "at": LATE[0]}, {"type": "other", "note": LATE[0]}], "pair": [LATE[1]]}
    whole = msgspec.json.decode(time_fields.in_json(msgspec.json.encode(given), Whole), type=Whole)
    assert whole == Whole([Part(MOMENT), Other(LATE[0])], (MOMENT,))


def test_times_of_definitions_in_a_file() -> None:
    text = "rules:\n  - {code: a, name: A, event_name: e, actions: [{type: award_points, amount: 1}], "
    text += f"ends_at: '{LATE[0]}', starts_at: '2026-01-01T00:00:60Z'}}\n"
    rule = definitions_file.load(TABLES.kinds, text.encode())["rules"][0]
    assert isinstance(rule, RuleDefinition)
    assert (rule.ends_at, rule.starts_at) == (MOMENT, datetime.fromisoformat("2026-01-01T00:00:59.999999Z"))


def test_what_is_stored_and_found(api: httpx.Client, name: str) -> None:
    event = {"participant_id": name, "event_name": "e", "properties": {"at": LATE[0]}}
    api.post("/events", json={**event, "timestamp": LATE[0]}).raise_for_status()
    batch = api.post("/events/batch", json={"events": [{**event, "timestamp": late} for late in LATE]}).json()
    assert (batch["processed"], batch["failed"]) == (2, 0)
    listed: Any = api.get(f"/participants/{name}/events", params={"from": LATE[0]}).json()["events"]
    assert [(each["occurred_at"], each["properties"]["at"]) for each in listed] == [(KEPT, LATE[0])] * 3
    assert api.get(f"/participants/{name}/events", params={"to": LATE[1]}).json()["total"] == 0


def test_a_definition_that_is_changed(api: httpx.Client) -> None:
    body = {"code": "march", "name": "March", "event_name": "e", "actions": [{"type": "award_points", "amount": 1}]}
    made = api.post("/admin/rules", json={**body, "starts_at": LATE[1]}).json()
    assert made["starts_at"] == KEPT
    changed = api.patch(f"/admin/rules/{made['id']}", json={"starts_at": None, "ends_at": LATE[0]}).json()
    assert changed["ends_at"] == KEPT
