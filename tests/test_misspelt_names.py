"""Misspelt fields and parameters are refused and say what was meant; others are ignored and named, or refused where the
project wants it so."""

import re
import time
from collections.abc import Iterator
from typing import Any, get_args
from uuid import uuid4

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from laurels.app import COMPOSITION
from laurels.kernel.input.examination import options
from laurels.kernel.input.names import (
    _ALSO_CALLED,
    _SHOWN_AS,
    IGNORED_SHOWN,
    LONGEST_NAME,
    UNKNOWN_NAMES_LIMIT,
    UnknownNames,
    resembled_name,
)
from laurels.mechanics.events.api import EventRequest
from laurels.mechanics.points.api.awards import AwardPointsRequest
from laurels.web.protocol.errors import Refusal
from laurels.web.requests.decoding import decode_json
from laurels.web.requests.forms import PROBLEMS_LIMIT, Form
from tests.checks import assert_refused, unchanged
from tests.processes import laurels
from tests.support import Server, eventually
from tests.test_projects import new_project

AWARD = {"participant_id": "ada", "amount": 5}
ACTIONS = "award_points, deduct_points, assign_tier, record_streak, advance_challenge, award_badge or grant_reward"
FIELDS = AwardPointsRequest.__struct_encode_fields__


@pytest.mark.parametrize(
    ("name", "known"),
    [
        # The same but for case, underscores and hyphens.
        ("idempotencyKey", "idempotency_key"),
        ("Idempotency-Key", "idempotency_key"),
        ("IDEMPOTENCYKEY", "idempotency_key"),
        ("expiresInDays", "expires_in_days"),
        ("par_am", "param"),
        # One edit of up to five letters: one too few, too many, another, two swapped.
        ("pae", "page"),
        ("pagee", "page"),
        ("paqe", "page"),
        ("paeg", "page"),
        # One of six and seven, two of more.
        ("reasn", "reason"),
        ("amuont", "amount"),
        ("serach", "search"),
        ("peroid", "period"),
        ("expires_in_day", "expires_in_days"),
        ("proptries", "properties"),
        ("pointsDeductions", "points_deduction"),
        # As responses show it.
        ("occurred_at", "timestamp"),
        ("occurredAt", "timestamp"),
        ("created_at", "timestamp"),
        ("points_deducted", "points_deduction"),
        ("icon", "icon_url"),
        ("code", "badge_code"),
        # As programs call it, where points or a whole list are at stake.
        ("deduct_points", "points_deduction"),
        ("deductPoints", "points_deduction"),
        ("expiry_days", "expires_in_days"),
        ("expiryDays", "expires_in_days"),
        ("points", "amount"),
        ("date", "timestamp"),
        ("time", "timestamp"),
        ("dedupe_key", "idempotency_key"),
        ("refund", "return_points"),
        ("limit", "page_size"),
    ],
)
def test_names_that_resemble_a_known_one(name: str, known: str) -> None:
    assert resembled_name(name, (known,)) == known
    assert resembled_name(name, ("else", known)) == known


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("aeg", "page"),
        ("pgae1", "page"),
        ("amoutn1", "amount"),
        ("resn", "reason"),
        ("idempotncykyes", "idempotency_key"),
        ("colour", "amount"),
        ("user_id", "participant_id"),
        ("reference", "reason"),
        ("", "to"),
        ("_", "to"),
        ("", "x"),
        ("timestamp_ms_" + "x" * 100, "timestamp"),
    ],
)
def test_names_that_resemble_none(name: str, known: str) -> None:
    assert resembled_name(name, (known,)) is None


def test_the_nearest_name_is_meant() -> None:
    assert resembled_name("mode_s", ("code", "mode", "modes")) == "modes"


@given(st.sampled_from(FIELDS), st.data())
def test_every_single_edit_is_recognised(field: str, data: Any) -> None:
    place = data.draw(st.integers(0, len(field) - 1))
    letter = data.draw(st.sampled_from("abcxyz019"))
    edited = data.draw(
        st.sampled_from(
            [
                field[:place] + field[place + 1 :],
                field[:place] + letter + field[place:],
                field[:place] + letter + field[place + 1 :],
                field[: place - 1] + field[place] + field[place - 1] + field[place + 1 :] if place else field,
            ]
        )
    )
    assert resembled_name(edited, FIELDS) in FIELDS


def read(form: Form, body: Any, *, is_strict: bool = False) -> tuple[Any, str]:
    names = UnknownNames(is_strict=is_strict)
    decoded = decode_json(form, msgspec.json.encode(body), names)
    return decoded, dict(names.headers()).get(b"laurels-ignored", b"").decode()


def problems(form: Form, body: Any, *, is_strict: bool = False) -> list[tuple[str, str]]:
    with pytest.raises(Refusal) as raised:
        read(form, body, is_strict=is_strict)
    assert raised.value.status == 422
    return [(error.field, error.message) for error in raised.value.errors]


award, event = Form(AwardPointsRequest), Form(EventRequest)


def test_a_misspelt_field_is_refused_and_says_what_was_meant() -> None:
    with pytest.raises(Refusal) as raised:
        read(award, {"participant_id": "ada", "amout": 5})
    assert raised.value.detail == 'amout is not a field of this request; did you mean "amount"?'
    assert [error.field for error in raised.value.errors] == ["amout"]


def test_fields_of_the_callers_own_are_not_looked_at() -> None:
    body = {**AWARD, "event_name": "e", "properties": {"Amount": 1, "amout": 2}}
    del body["amount"]
    assert read(event, body)[0].properties == {"Amount": 1, "amout": 2}
    assert read(award, {**AWARD, "metadata": {"idempotencyKey": 1}})[1] == ""


def test_other_names_are_ignored_and_named() -> None:
    decoded, ignored = read(award, {**AWARD, "colour": "red", "order": {"amount": 7}})
    assert decoded == AwardPointsRequest(participant_id="ada", amount=5)
    assert ignored == "colour, order"


def test_what_is_named_is_safe_and_bounded() -> None:
    _, ignored = read(award, {**AWARD, "a\r\nX-Evil: 1": 1, "größe, b": 2})
    assert ignored == "a??X-Evil??1, gr??e??b"
    many = {f"{number:02}{'x' * 100}": 1 for number in range(IGNORED_SHOWN + 1)}
    _, ignored = read(award, {**AWARD, **many})
    assert ignored.split(", ") == [name[:LONGEST_NAME] for name in [*many][:IGNORED_SHOWN]] + ["..."]


def test_a_strict_project_refuses_them() -> None:
    sentence = "is not a field of this request, and this project refuses unknown names (strict_fields)"
    assert problems(award, {**AWARD, "colour": 1}, is_strict=True) == [("colour", sentence)]


def test_how_many_names_are_compared_has_a_bound() -> None:
    names = [f"a-{number:03}" for number in range(UNKNOWN_NAMES_LIMIT + 1)]
    assert read(award, {**AWARD, **dict.fromkeys(names[:-1])})[1].startswith("a-000, ")
    [(field, message)] = problems(award, {**AWARD, **dict.fromkeys(names)})
    assert field == names[-1]
    assert f"up to {UNKNOWN_NAMES_LIMIT} unknown names" in message


def test_comparing_takes_no_longer_than_a_moment() -> None:
    """The worst: names of the length and the letters of ours, as many as a body holds. Far above what it takes."""
    body = {**AWARD, **{f"idempotenyc_eky{number}": 1 for number in range(20_000)}}
    started = time.process_time()
    problems(award, body)
    assert time.process_time() - started < 10


def test_what_was_decoded_of_the_rest_is_checked() -> None:
    assert problems(award, {**AWARD, "amount": 0, "colour": 1}) == [("amount", "must be at least 1")]
    both = {"expires_at": "2999-01-01T00:00:00Z", "expires_in_days": 1}
    assert problems(award, {**AWARD, **both, "colour": 1})[0][0] == "expires_in_days"


def test_a_number_that_nothing_holds_hides_no_misspelt_name() -> None:
    with pytest.raises(Refusal):
        decode_json(award, b'{"participant_id":"ada","amount":1,"idempotencyKey":"k","x":1e999}', UnknownNames())


def structs_in(kind: Any) -> Iterator[type[Struct]]:
    for option in options(kind):
        if isinstance(option, type) and issubclass(option, Struct):
            yield option
            for field in msgspec.structs.fields(option):
                yield from structs_in(field.type)
        else:
            for inner in get_args(option):
                yield from structs_in(inner)


def test_what_is_nested_in_a_body_ignores_nothing() -> None:
    """So that only names at the top may be ignored."""
    nested = {
        inner
        for endpoint in COMPOSITION.endpoints
        if isinstance(endpoint.body, type) and issubclass(endpoint.body, Struct)
        for field in msgspec.structs.fields(endpoint.body)
        for inner in structs_in(field.type)
    }
    assert nested
    assert [inner.__name__ for inner in nested if not inner.__struct_config__.forbid_unknown_fields] == []


def test_what_responses_show_is_a_field_of_some_request() -> None:
    taken = {
        name
        for endpoint in COMPOSITION.endpoints
        for kind in (endpoint.body_documented, endpoint.query)
        for inner in structs_in(kind)
        for name in inner.__struct_encode_fields__
    }
    assert _SHOWN_AS.keys() | _ALSO_CALLED.keys() <= taken


def test_no_request_takes_two_names_that_resemble_each_other_so_that_one_is_never_meant() -> None:
    """Every known name is accepted as itself: what is compared are the unknown ones alone."""
    for endpoint in COMPOSITION.endpoints:
        for kind in (endpoint.body_documented, endpoint.query):
            for inner in structs_in(kind):
                for name in inner.__struct_encode_fields__:
                    assert resembled_name(name, inner.__struct_encode_fields__) == name


@pytest.fixture(scope="module")
def known(api: httpx.Client) -> None:
    api.post("/points/award", json={"participant_id": "ada", "amount": 100}).raise_for_status()


@pytest.mark.parametrize(
    ("path", "body", "field", "meant"),
    [
        ("/points/award", {**AWARD, "idempotencyKey": "k"}, "idempotencyKey", "idempotency_key"),
        ("/points/award", {**AWARD, "expires_in_day": 3}, "expires_in_day", "expires_in_days"),
        ("/points/deduct", {"participant_id": "ada", "amout": 5}, "amout", "amount"),
        ("/points/reverse", {"participant_id": "ada", "transaction_id": "x", "amout": 5}, "amout", "amount"),
        ("/points/hold", {**AWARD, "expires_in_minute": 3}, "expires_in_minute", "expires_in_minutes"),
        ("/rewards/gift_card/claim", {"participant_id": "ada", "pointsDeduction": True}, "pointsDeduction", None),
        ("/events", {"participant_id": "ada", "event_name": "e", "occurred_at": "x"}, "occurred_at", "timestamp"),
        ("/events", {"participant_id": "ada", "event_name": "e", "proptries": {}}, "proptries", "properties"),
        (
            "/rewards/gift_card/claim",
            {"participant_id": "ada", "deduct_points": True},
            "deduct_points",
            "points_deduction",
        ),
        ("/points/award", {**AWARD, "expiry_days": 3}, "expiry_days", "expires_in_days"),
        ("/points/award", {**AWARD, "date": "2026-01-01"}, "date", "timestamp"),
        ("/points/reverse", {"participant_id": "ada", "transaction_id": "x", "points": 5}, "points", "amount"),
        ("/events", {"participant_id": "ada", "event_name": "e", "time": "x"}, "time", "timestamp"),
        ("/events", {"participant_id": "ada", "event_name": "e", "data": {}}, "data", "properties"),
        ("/badges/award", {"participant_id": "ada", "code": "first_steps"}, "code", "badge_code"),
        ("/streaks/record", {"participant_id": "ada", "streak_code": "s", "timestmp": 1}, "timestmp", "timestamp"),
        ("/tiers/assign", {"participant_id": "ada", "tierCode": "gold"}, "tierCode", "tier_code"),
        ("/participants", {"participant_id": "ada", "displayName": "Ada"}, "displayName", "display_name"),
        ("/admin/claims/cancel", {"participant_id": "ada", "claim_id": "x", "return_point": 0}, "return_point", None),
        ("/admin/badges", {"code": "b", "name": "B", "iconUrl": "x"}, "iconUrl", "icon_url"),
        ("/admin/badges", {"code": "b", "name": "B", "quality": "x"}, "quality", ""),
        ("/admin/simulate", {"definitions": {}, "day": 3}, "day", "days"),
        ("/admin/projects", {"code": "p", "timezone": "UTC"}, "timezone", "time_zone"),
    ],
)
@pytest.mark.usefixtures("known")
def test_bodies(api: httpx.Client, database_url: str, path: str, body: Any, field: str, meant: str | None) -> None:
    with unchanged(database_url):
        reply = api.post(path, json=body)
    assert_refused(reply, 422, field=field)
    end = "." if meant == "" else f'; did you mean "{meant}"?' if meant else "?"
    assert reply.json()["detail"].endswith(end)


@pytest.mark.parametrize(
    ("path", "field", "meant"),
    [
        ("/admin/participants?serach=a", "serach", "search"),
        ("/admin/participants?last_seen_at=2026-01-01T00:00:00Z", "last_seen_at", "seen_since"),
        ("/leaderboards/top_scorers?peroid=daily", "peroid", "period"),
        ("/participants/ada/events?page=1&eventName=login", "eventName", "event_name"),
        ("/participants/ada/events?since=2026-01-01T00:00:00Z", "since", "from"),
        ("/participants/ada/points/transactions?pageSize=100", "pageSize", "page_size"),
        ("/participants/ada/badges?badge_code=x", "badge_code", "badge_codes"),
        ("/participants/ada/challenges?stats=active", "stats", "status"),
        ("/rewards?type=coupon", "type", "reward_type"),
        ("/participants/ada/events?event=login", "event", "event_name"),
        ("/participants/ada/events?start=2026-01-01T00:00:00Z", "start", "from"),
        ("/participants/ada/points/transactions?limit=5", "limit", "page_size"),
        ("/leaderboards/top_scorers?page_size=5", "page_size", "limit"),
        ("/admin/participants?q=a", "q", "search"),
        ("/admin/badges?isActive=false", "isActive", "is_active"),
    ],
)
@pytest.mark.usefixtures("known")
def test_parameters(api: httpx.Client, path: str, field: str, meant: str) -> None:
    reply = api.get(path)
    assert_refused(reply, 422, field=field)
    assert reply.json()["detail"] == f'{field} is not a parameter of this request; did you mean "{meant}"?'


@pytest.mark.usefixtures("known")
def test_what_is_ignored_is_named_in_every_response(api: httpx.Client) -> None:
    for path, ignored in [
        ("/participants/ada/challenges?lang=de&status=active", "lang"),
        ("/participants/ada/points?_=1700000000&page=2", "_, page"),
        ("/participants/nobody/points?debug=1", "debug"),
        ("/leaderboards/top_scorers?utm_source=x", "utm_source"),
    ]:
        assert api.get(path).headers["laurels-ignored"] == ignored
    reply = api.post("/points/award?trace=1", json={**AWARD, "colour": "red"})
    assert (reply.status_code, reply.headers["laurels-ignored"]) == (200, "trace, colour")
    assert "laurels-ignored" not in api.post("/points/award", json=AWARD).headers
    assert "laurels-ignored" not in api.get("/participants/ada/points").headers


@pytest.mark.parametrize(
    ("path", "items", "extra"), [("award-batch", "awards", {"amount": 1}), ("batch", "events", {"event_name": "e"})]
)
def test_items_of_a_batch(api: httpx.Client, path: str, items: str, extra: Any) -> None:
    good = {"participant_id": "batch", **extra}
    bad = {**good, "idempotencyKey": "k"}
    where = "/points" if items == "awards" else "/events"
    reply = api.post(f"{where}/{path}", json={items: [{**good, "colour": 1}, bad, good], "source": "x"})
    answer = reply.json()
    assert (answer["processed"], answer["failed"]) == (2, 1)
    sentence = 'idempotencyKey is not a field of this request; did you mean "idempotency_key"?'
    assert answer["results"][1]["error"] == sentence
    assert reply.headers["laurels-ignored"] == f"source, {items}[].colour"
    assert_refused(api.post(f"{where}/{path}", json={items.upper(): [good]}), 422, field=items.upper())


def test_codes_that_are_uploaded(api: httpx.Client) -> None:
    code = f"coupon_{uuid4().hex[:8]}"
    api.post("/admin/rewards", json={"code": code, "name": "C", "type": "coupon"}).raise_for_status()
    path = f"/admin/rewards/{code}/codes"
    assert_refused(api.post(path, json={"code": ["a"]}), 422, field="code")
    reply = api.post(path, json={"codes": ["a"], "batch": 7})
    assert (reply.json()["added"], reply.headers["laurels-ignored"]) == (1, "batch")


@pytest.mark.usefixtures("known")
def test_a_patch_names_what_cannot_be_changed(api: httpx.Client, database_url: str) -> None:
    badge = api.get("/admin/badges").json()["items"][0]
    key = api.post("/admin/keys", json={}).json()
    project = new_project(api)
    for path, change in [
        ("/participants/ada", {"participant_id": "other"}),
        ("/participants/ada", {"is_active": False}),
        ("/participants/ada", {"display_name": "Ada", "points": {"balance": 7}}),
        (f"/admin/badges/{badge['id']}", {"id": "other"}),
        (f"/admin/badges/{badge['id']}", {"created_at": None}),
        (f"/admin/keys/{key['id']}", {"scope": "operator"}),
        (f"/admin/projects/{project['code']}", {"mode": "test"}),
    ]:
        with unchanged(database_url):
            reply = api.patch(path, json=change)
        assert_refused(reply, 422, field=[*change][-1])
        assert re.match(rf"{[*change][-1]} cannot be changed; (a PATCH can change|it is) \S+", reply.json()["detail"])
    for path, name in [
        ("/participants/ada", "displayName"),
        (f"/admin/badges/{badge['id']}", "Name"),
        (f"/admin/keys/{key['id']}", "rateLimit"),
        (f"/admin/projects/{project['code']}", "event_retention_day"),
    ]:
        reply = api.patch(path, json={name: 1})
        assert_refused(reply, 422, field=name)
        assert "; did you mean " in reply.json()["detail"]
    assert api.patch("/participants/ada", json={"nickname": "A"}).headers["laurels-ignored"] == "nickname"


@pytest.mark.usefixtures("known")
def test_all_problems_are_told(api: httpx.Client) -> None:
    reply = api.post("/points/award", json={"participant_id": 5, "amount": 0, "reason": "x" * 501})
    assert [error["field"] for error in reply.json()["errors"]] == ["participant_id", "amount", "reason"]
    assert reply.json()["detail"] == "participant_id must be a string, not a number. There are 3 problems; see errors."
    reply = api.get("/admin/participants?page=0&page_size=x&sort_by=age&serach=x")
    assert [error["field"] for error in reply.json()["errors"]] == ["page", "page_size", "sort_by", "serach"]
    times = "from=a&to=b&page=0&pagee=2&page_size=5&page_size=6"
    reply = api.get(f"/participants/ada/events?{times}&event_name=%00")
    assert [error["field"] for error in reply.json()["errors"]] == [
        *("page_size", "from", "to", "event_name"),
        *("page", "pagee"),
    ]
    reply = api.get("/admin/participants?sort_by=foo&page=x&seen_since=y&is_active=maybe")
    assert sorted(error["field"] for error in reply.json()["errors"]) == ["is_active", "page", "seen_since", "sort_by"]
    objectives = [{"code": "no spaces", "target": 0}, {"code": "b", "event_name": "e", "target": 1, "measur": "sum"}]
    reply = api.post("/admin/challenges", json={"code": "c", "objectives": objectives, "actions": [{"type": "nope"}]})
    assert [error["field"] for error in reply.json()["errors"]] == [
        "objectives[0].code",
        "objectives[0].target",
        "objectives[0].event_name",
        "objectives[1].measur",
        "actions[0].type",
        "name",
    ]
    item = {"participant_id": "", "amount": "x"}
    error = api.post("/points/award-batch", json={"awards": [item]}).json()["results"][0]["error"]
    assert error == "participant_id must not be empty. amount must be a whole number, not a string."


PERIODS = "all_time, yearly, monthly, weekly, daily or the code of a season of the board"


@pytest.mark.parametrize(
    ("path", "body", "field", "message"),
    [
        ("/leaderboards/top_scorers?period=hourly", None, "period", PERIODS),
        ("/leaderboards/top_scorers?period=", None, "period", PERIODS),
        ("/admin/participants?sort_order=up", None, "sort_order", "asc or desc"),
        ("/rewards?reward_type=gift", None, "reward_type", "coupon, voucher, physical, digital or points_multiplier"),
        ("/admin/streaks", {"code": "s", "name": "S", "period": "hourly"}, "period", "daily, weekly or monthly"),
        ("/admin/streaks", {"code": "s", "name": "S", "period": 1}, "period", "daily, weekly or monthly"),
        ("/admin/tiers", {"code": "s", "name": "S", "level": 1, "award_type": []}, "award_type", "automatic or manual"),
        (
            "/admin/keys",
            {"scope": "root"},
            "scope",
            "gamify, gamify:read, gamify:support, gamify:admin, admin or operator",
        ),
        ("/admin/projects", {"code": "p", "mode": "dev"}, "mode", "live or test"),
        (
            "/admin/rules",
            {"code": "r", "name": "R", "event_name": "e", "actions": [{"amount": 5}]},
            "actions[0].type",
            ACTIONS,
        ),
        (
            "/admin/rules",
            {"code": "r", "name": "R", "event_name": "e", "actions": [{"type": {}}]},
            "actions[0].type",
            ACTIONS,
        ),
    ],
)
def test_what_can_be_chosen_is_listed(api: httpx.Client, path: str, body: Any, field: str, message: str) -> None:
    reply = api.get(path) if body is None else api.post(path, json=body)
    assert_refused(reply, 422, field=field, detail=f"{field} must be {message}.")


def test_how_many_problems_are_told_has_a_bound(api: httpx.Client) -> None:
    body = api.post("/admin/rewards/x/codes/revoke", json={"codes": [1] * (PROBLEMS_LIMIT + 1)}).json()
    assert [error["field"] for error in body["errors"]] == [f"codes[{place}]" for place in range(PROBLEMS_LIMIT)]
    assert body["detail"].endswith(f"There are more than {PROBLEMS_LIMIT} problems; see errors.")
    body = api.post("/admin/rewards/x/codes/revoke", json={"codes": [1] * 1_001}).json()
    assert [error["field"] for error in body["errors"]] == ["codes[0]"]


def test_strict_fields_of_a_project(server: Server, api: httpx.Client) -> None:
    made = new_project(api, mode="test")
    assert made["strict_fields"] is True
    assert new_project(api)["strict_fields"] is False
    assert new_project(api, strict_fields=True)["strict_fields"] is True
    assert new_project(api, mode="test", strict_fields=False)["strict_fields"] is False
    with server.client(made["admin_key"]["key"]) as own:
        reply = own.post("/points/award", json={**AWARD, "colour": "red"})
        assert_refused(reply, 422, field="colour")
        assert "strict_fields" in reply.json()["detail"]
        assert_refused(own.get("/participants/ada/points?debug=1"), 422, field="debug")
        assert own.post("/points/award", json=AWARD).status_code == 200
        path = f"/admin/projects/{made['code']}"
        assert api.patch(path, json={"strict_fields": False}).json()["strict_fields"] is False
        eventually(lambda: own.post("/points/award", json={**AWARD, "colour": "red"}).status_code == 200, 5)
        assert_refused(own.post("/points/award", json={**AWARD, "amonut": 1}), 422, field="amonut")


def test_strict_fields_by_command(database_url: str) -> None:
    def run(*arguments: str) -> str:
        done = laurels("projects", *arguments, "--database-url", database_url)
        assert done.returncode == 0, done.stderr
        return done.stdout

    code = f"p-{uuid4().hex}"
    refused = "Unknown fields and parameters are refused.\n"
    ignored = "Unknown fields and parameters are ignored, unless they look misspelt.\n"
    run("create", code, "--mode", "test")
    assert run("strict-fields", code) == refused
    assert run("strict-fields", code, "--off") == ignored
    assert run("strict-fields", code) == ignored
    assert run("strict-fields", code, "--on") == refused
    run("create", f"{code}-2", "--strict-fields")
    assert run("strict-fields", f"{code}-2") == refused
    run("create", f"{code}-3")
    assert run("strict-fields", f"{code}-3") == ignored
