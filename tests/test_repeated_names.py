"""A field or parameter that is given more than once is refused, never the last one taken in silence."""

import json
import re
import time
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurels.kernel.input.names import UnknownNames
from laurels.mechanics.badges.definition import BadgeDefinition
from laurels.mechanics.challenges.definition import ChallengeDefinition
from laurels.mechanics.events.api import EventRequest
from laurels.mechanics.participants.profile_api import RegisterRequest
from laurels.mechanics.points.api.awards import AwardPointsRequest
from laurels.web.protocol.errors import Refusal
from laurels.web.requests.decoding import decode_json
from laurels.web.requests.forms import Form
from laurels.web.requests.repeated_names import SHORT_BYTES
from tests.checks import assert_refused, unchanged

award, event = Form(AwardPointsRequest), Form(EventRequest)
LONG = f'"reason": "{"x" * 400}", "metadata": {{"text": "{"y" * SHORT_BYTES}"}}, '


def refused_field(form: Form, body: str) -> str | None:
    """The one field that is refused as it comes more than once."""
    problems = refused_fields(form, body)
    assert len(problems) < 2
    return problems[0] if problems else None


def refused_fields(form: Form, body: str) -> list[str]:
    """The fields that are refused as they come more than once, or else the messages."""
    try:
        decode_json(form, body.encode(), UnknownNames())
    except Refusal as refusal:
        twice = "is given more than once; send it once"
        return [error.field if error.message == twice else error.message for error in refusal.errors]
    return []


@pytest.mark.parametrize("rest", ["", LONG], ids=["short", "long"])
@pytest.mark.parametrize(
    ("fields", "repeated"),
    [
        ('"amount": 1, "amount": 1000', "amount"),
        ('"amount": 1, "amount": 1', "amount"),
        ('"amount":1,"am\\u006funt":1000', "amount"),
        ('"am\\u006Funt": 1, "amount": 1000', "amount"),
        ('"amount": 1, "idempotency_key": "a", "idempotency_key": null', "idempotency_key"),
        ('"amount": 1, "metadata": {"amount": 2}', None),
        ('"amount": 1, "metadata": {"a": {"amount": 2}, "b": [{"amount": 3}]}', None),
        ('"amount": 1, "metadata": {"amount": 2}, "amount": 3', "amount"),
        ('"amount": 1, "idempotency_key": "amount"', None),
        ('"amount": 1, "idempotency_key": "\\"amount\\":\\"amount\\""', None),
        ('"amount": 1, "idempotency_key": "\\u0022amount\\u0022\\u00f6"', None),
        # What is the caller's own is the caller's.
        ('"amount": 1, "metadata": {"a": 1, "a": 2}', None),
        # As is what is ignored.
        ('"amount": 1, "colour": 1, "colour": 2', None),
        ('"amount": 1, "colour": 1, "amount": 2', "amount"),
    ],
)
def test_fields_of_an_award(rest: str, fields: str, repeated: str | None) -> None:
    if "metadata" in fields:
        rest = rest.replace("metadata", "more")
    assert refused_field(award, f'{{"participant_id": "ada", {rest}{fields}}}') == repeated


@given(
    st.lists(st.sampled_from(AwardPointsRequest.__struct_encode_fields__), min_size=1, max_size=6),
    st.dictionaries(st.sampled_from(["amount", "reason", "a"]), st.sampled_from(["amount", "reason", 1])),
    st.sampled_from(["", LONG]),
)
def test_against_a_parser_that_tells_all_names(names: list[str], metadata: dict[str, Any], rest: str) -> None:
    values = {"participant_id": "ada", "amount": 5, "metadata": metadata, "expires_in_days": None}
    given_values = [(name, values.get(name)) for name in ["participant_id", "amount", *names]]
    inner = ", ".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in given_values)
    once: list[list[str]] = []
    json.loads(f"{{{inner}}}", object_pairs_hook=lambda pairs: once.append([name for name, _ in pairs]))
    outermost = once[-1]
    found = refused_fields(award, f"{{{rest.replace('reason', 'a').replace('metadata', 'b')}{inner}}}")
    assert found == [name for name in dict.fromkeys(outermost) if outermost.count(name) > 1]


def test_all_of_them_are_told_beside_what_else_is_wrong() -> None:
    body = '{"participant_id": 5, "amount": 1, "amount": 0, "reason": "a", "reason": "b", "c": 1, "c": 2, "reasn": 1}'
    with pytest.raises(Refusal) as raised:
        decode_json(award, body.encode(), UnknownNames())
    assert [error.field for error in raised.value.errors] == ["participant_id", "reasn", "amount", "reason"]
    inner = '{"code": "o", "event_name": "e", "target": 0, "target": 0}'
    with pytest.raises(Refusal) as raised:
        decode_json(Form(ChallengeDefinition), f'{{"objectives": [{inner}]}}'.encode(), UnknownNames())
    fields = [error.field for error in raised.value.errors]
    assert fields == ["objectives[0].target", "code", "name", "target"]


def test_in_a_draft_of_definitions(api: httpx.Client) -> None:
    rule = '{"code": "r", "name": "R", "event_name": "e", "actions": [{"type": "award_points", "amount": 5%s}]}'
    for definitions, field in [
        ('"rules": [' + rule % ', "amount": 500' + "]", "amount"),
        ('"rules": [' + rule % "" + '], "rules": []', "rules"),
    ]:
        reply = api.post("/admin/simulate", content=f'{{"definitions": {{{definitions}}}}}')
        assert_refused(reply, 422, field=field, detail=f"{field} is given more than once; send it once.")


@pytest.mark.parametrize("length", [30, 4_300])
def test_numbers_that_are_too_long(length: int) -> None:
    digits = "9" * length
    body = '{"participant_id": "ada", "attributes": {"participant_id": "x", "n": %s}%s}'
    register = Form(RegisterRequest)
    assert refused_field(register, body % (digits, "")) is None
    assert refused_field(register, body % (digits, ', "participant_id": "bob"')) == "participant_id"
    award_body = f'{{"participant_id": "\\u00f6", "amount": 1, "metadata": {{"amount": {digits}}}}}'
    assert refused_field(award, award_body) is None


def test_in_a_definition_in_every_object() -> None:
    whole = '{"code": "c", "name": "C", "objectives": [{"code": "o", "event_name": "e", "target": 1%s}]%s}'
    challenge = Form(ChallengeDefinition)
    assert refused_field(challenge, whole % ("", "")) is None
    assert refused_field(challenge, whole % (', "target": 2', "")) == "target"
    assert refused_field(challenge, whole % ("", ', "name": "D"')) == "name"
    assert refused_field(Form(BadgeDefinition), '{"code": "c", "name": "C", "name": "D"}') == "name"
    assert refused_field(Form(dict[str, Any]), '{"limit": {"day": 1, "day": 2}}') == "day"


def test_looking_for_them_takes_no_longer_than_a_moment() -> None:
    """The worst: many names of ours in a body as long as one may be. Far above what it takes."""
    body = {"participant_id": "ada", "event_name": "e", "properties": {"a": ["event_name", "properties"] * 2_500}}
    started = time.process_time()
    decode_json(event, msgspec.json.encode(body), UnknownNames())
    assert time.process_time() - started < 10


def test_over_http(api: httpx.Client, database_url: str) -> None:
    api.post("/participants", json={"participant_id": "ada"}).raise_for_status()
    badge = api.get("/admin/badges").json()["items"][0]["id"]
    with unchanged(database_url):
        for method, path, body, field in [
            ("POST", "/points/award", '{"participant_id": "ada", "amount": 1, "amount": 1000}', "amount"),
            ("POST", "/participants", '{"participant_id": "ada", "participant_id": "bob"}', "participant_id"),
            ("PATCH", "/participants/ada", '{"display_name": "A", "display_name": null}', "display_name"),
            ("PATCH", f"/admin/badges/{badge}", '{"is_active": true, "is_active": false}', "is_active"),
            ("POST", "/points/award-batch", '{"awards": [], "awards": [{}]}', "awards"),
        ]:
            assert_refused(api.request(method, path, content=body), 422, field=field)
    items = '{"participant_id": "batch", "amount": 1}, {"participant_id": "batch", "amount": 1, "amount": 2}'
    reply = api.post("/points/award-batch", content=f'{{"awards": [{items}]}}')
    assert [result["error"] for result in reply.json()["results"]] == [
        None,
        "amount is given more than once; send it once.",
    ]


def test_a_parameter_given_more_than_once(api: httpx.Client, database_url: str) -> None:
    api.post("/participants", json={"participant_id": "ada"}).raise_for_status()
    with unchanged(database_url):
        for method, path, field in [
            ("DELETE", "/admin/participants/ada?anonymize=true&anonymize=false", "anonymize"),
            ("DELETE", "/admin/participants/ada?anonymize=true&anonymize=true", "anonymize"),
            ("GET", "/leaderboards/top_scorers?period=daily&period=weekly", "period"),
            ("GET", "/participants/ada/events?from=2026-01-01T00:00:00Z&from=2026-02-01T00:00:00Z", "from"),
            ("GET", "/participants/ada/badges?badge_codes=a&earned_only=true&earned_only=0", "earned_only"),
        ]:
            reply = api.request(method, path)
            assert_refused(reply, 422, field=field, detail=f"{field} is given more than once; send it once.")
    assert api.get("/participants/ada/points?_=1&_=2").headers["laurels-ignored"] == "_"


def test_a_list_may_come_in_parts(api: httpx.Client) -> None:
    api.post("/participants", json={"participant_id": "ada"}).raise_for_status()
    parameters = "badge_codes=first_steps&badge_codes=x,power_user&badge_codes=first_steps"
    found = api.get(f"/participants/ada/badges?{parameters}").json()["badges"]
    assert {badge["code"] for badge in found} == {"first_steps", "power_user"} & {
        badge["code"] for badge in api.get("/participants/ada/badges").json()["badges"]
    }
    state = api.get("/participants/ada/state", params={"include": ["points", "tier"]}).json()
    assert state.keys() == {"participant_id", "points", "tier"}


def test_lists_in_the_document_are_those_separated_by_commas(api: httpx.Client) -> None:
    document = httpx.get(f"{str(api.base_url).split('/api')[0]}/openapi.json").json()
    lists = {
        parameter["name"]: (parameter["style"], parameter["explode"])
        for path in document["paths"].values()
        for operation in path.values()
        for parameter in operation.get("parameters", [])
        if re.search(r'"type": "array"', json.dumps(parameter))
    }
    assert lists == dict.fromkeys(("badge_codes", "include", "kinds", "types"), ("form", False))
