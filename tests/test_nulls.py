"""Null for an optional field: in what is posted it is as if the field were not there, in a PATCH it clears."""

from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
from msgspec import UNSET, Struct

from laurels.app import COMPOSITION
from laurels.kernel.input.names import UnknownNames
from laurels.web.endpoint import Endpoint
from laurels.web.protocol.errors import Refusal
from laurels.web.requests.decoding import decode_json
from laurels.web.requests.forms import Form, has_null
from tests.checks import assert_refused
from tests.test_misspelt_names import structs_in

POSTED = [endpoint for endpoint in COMPOSITION.endpoints if endpoint.method == "POST" and endpoint.body_documented]


@pytest.mark.parametrize("endpoint", POSTED, ids=lambda endpoint: endpoint.operation)
def test_every_optional_field_of_what_is_posted(endpoint: Endpoint) -> None:
    kind: Any = endpoint.body_documented
    form = Form(kind, nulls_are_nothing=True)
    # Codes that are made up differ each time.
    whole = {**endpoint.example, "code": "x"} if "code" in kind.__struct_fields__ else endpoint.example
    optional = [field for field in msgspec.structs.fields(kind) if not field.required]
    for field in optional:
        without = {name: value for name, value in whole.items() if name != field.encode_name}
        try:
            expected = decode_json(form, msgspec.json.encode(without), UnknownNames())
        except Refusal:
            # Here it is not optional, as others are as they are.
            continue
        found = decode_json(form, msgspec.json.encode({**without, field.encode_name: None}), UnknownNames())
        if field.default is UNSET and has_null(field.type):
            assert getattr(found, field.name) is None
            assert field.name in {"display_name", "avatar_url"}
        elif field.name != "code":
            assert msgspec.to_builtins(found) == msgspec.to_builtins(expected), field.name


def test_what_has_a_null_of_its_own_has_it_as_default() -> None:
    """Otherwise to give null and to give nothing would differ."""
    for endpoint in POSTED:
        for kind in structs_in(endpoint.body_documented):
            for field in msgspec.structs.fields(kind):
                if not field.required and has_null(field.type) and field.default is not None:
                    assert field.name in {"display_name", "avatar_url"}, (kind, field.name)


def test_nested_nulls(api: httpx.Client) -> None:
    code = f"c_{uuid4().hex[:8]}"
    objective = {"code": "o", "event_name": "e", "target": 1, "measure": None, "requires": None}
    milestone = {"percent": 50, "actions": None}
    body = {"code": code, "name": "C", "objectives": [objective], "milestones": [milestone], "is_active": None}
    made = api.post("/admin/challenges", json=body)
    assert made.status_code == 201, made.text
    assert (made.json()["is_active"], made.json()["milestones"][0]["actions"]) == (True, [])
    assert made.json()["objectives"][0]["measure"] == "count"
    advance = {"type": "advance_challenge", "challenge_code": code, "by": None}
    rule = {"code": code, "name": "R", "event_name": "e", "actions": [advance], "priority": None}
    made = api.post("/admin/rules", json=rule)
    assert (made.json()["actions"][0]["by"], made.json()["priority"]) == (1, 0)


def test_required_fields_have_no_null(api: httpx.Client) -> None:
    for path, body, field in [
        ("/points/award", {"participant_id": "ada", "amount": None}, "amount"),
        ("/events", {"participant_id": None, "event_name": "e", "properties": None}, "participant_id"),
        ("/admin/badges", {"code": None, "name": "B", "is_hidden": None}, "code"),
        ("/points/award-batch", {"awards": None}, "awards"),
    ]:
        assert_refused(api.post(path, json=body), 422, field=field)


def test_a_posted_null_leaves_what_is_there_and_a_patched_one_clears_it(api: httpx.Client) -> None:
    profile = {"participant_id": "nulls", "display_name": "Ada", "avatar_url": "https://example.com/a.png"}
    api.post("/participants", json={**profile, "attributes": {"plan": "free"}}).raise_for_status()
    nulls = {"display_name": None, "avatar_url": None, "attributes": None}
    again = api.post("/participants", json={"participant_id": "nulls", **nulls})
    assert again.status_code == 200
    assert {name: again.json()[name] for name in profile} == profile
    assert again.json()["attributes"] == {"plan": "free"}
    cleared = api.patch("/participants/nulls", json={"display_name": None}).json()
    assert (cleared["display_name"], cleared["avatar_url"]) == (None, profile["avatar_url"])
    assert_refused(api.patch("/participants/nulls", json={"attributes": None}), 422, field="attributes")


def test_nulls_over_http(api: httpx.Client) -> None:
    assert api.post("/events", json={"participant_id": "n", "event_name": "e", "properties": None}).status_code == 200
    reply = api.post("/events/batch", json={"events": [{"participant_id": "n", "event_name": "e", "properties": None}]})
    assert reply.json()["processed"] == 1
    made = api.post("/admin/keys", json={"scope": None, "name": None, "rate_limit": None})
    assert (made.json()["scope"], made.json()["name"]) == ("gamify", "")
    rotated = api.post(f"/admin/keys/{made.json()['id']}/rotate", json={"valid_hours": None})
    assert rotated.status_code == 201
    project = api.post("/admin/projects", json={"code": f"p-{uuid4().hex}", "mode": None, "time_zone": None})
    assert (project.json()["mode"], project.json()["time_zone"]) == ("live", "UTC")


def test_what_is_posted_is_described_so(api: httpx.Client) -> None:
    document = httpx.get(f"{str(api.base_url).split('/api')[0]}/openapi.json").json()
    schemas = document["components"]["schemas"]
    for endpoint in POSTED:
        kind: Any = endpoint.body_documented
        assert issubclass(kind, Struct)
        for field in msgspec.structs.fields(kind):
            described = schemas[kind.__name__]["properties"][field.encode_name]
            options = [option.get("type") for option in described.get("anyOf", [described])]
            assert ("null" in options) == (not field.required), (kind.__name__, field.name)
