"""A key used again: the same bytes for the same request, a refusal for another one, nothing counted twice."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from laurels.engine import fingerprints
from laurels.kernel.commands import Actor
from laurels.mechanics.points.purse.commands import AwardPoints
from tests.checks import assert_refused, query, unchanged


def post(api: httpx.Client, operation: str, body: Any, **headers: str) -> httpx.Response:
    return api.post(f"/points/{operation}", json=body, headers=headers)


def balance(api: httpx.Client, name: str) -> int:
    found: int = api.get(f"/participants/{name}/points").json()["balance"]
    return found


def assert_replayed(reply: httpx.Response, first: httpx.Response) -> None:
    assert reply.status_code == 200, reply.text
    assert reply.content == first.content
    assert reply.headers["idempotency-replayed"] == "true"
    assert reply.headers["content-type"] == first.headers["content-type"]


@pytest.mark.parametrize("operation", ["award", "deduct"])
def test_a_replay_answers_the_same_bytes(api: httpx.Client, database_url: str, operation: str) -> None:
    name = f"replay_{operation}"
    post(api, "award", {"participant_id": name, "amount": 900})
    body = {"participant_id": name, "amount": 150, "metadata": {"b": 1, "a": [1]}, "idempotency_key": "order 1"}
    first = post(api, operation, body)
    assert first.status_code == 200
    assert "idempotency-replayed" not in first.headers
    post(api, "award", {"participant_id": name, "amount": 5_000})
    with unchanged(database_url):
        assert_replayed(post(api, operation, body), first)


def test_a_replay_repeats_the_tier_upgrade(api: httpx.Client, database_url: str) -> None:
    body = {"participant_id": "upgrade", "amount": 1_000, "idempotency_key": "k"}
    first = post(api, "award", body)
    assert first.json()["tier_upgrade"]["code"] == "silver"
    with unchanged(database_url):
        assert_replayed(post(api, "award", body), first)


def test_the_key_in_the_header(api: httpx.Client, database_url: str) -> None:
    body = {"participant_id": "header", "amount": 10}
    first = post(api, "award", body, **{"Idempotency-Key": "k"})
    with unchanged(database_url):
        assert_replayed(post(api, "award", body, **{"Idempotency-Key": "k"}), first)
        assert_replayed(post(api, "award", {**body, "idempotency_key": "k"}), first)
        assert_replayed(post(api, "award", {**body, "idempotency_key": "k"}, **{"Idempotency-Key": "k"}), first)
    assert balance(api, "header") == 10


@pytest.mark.parametrize(
    ("key", "quoted"),
    [("k", '"k"'), ("k 1", '"k 1"'), ('say "k"', '"say \\"k\\""'), ("back\\slash", '"back\\\\slash"')],
)
def test_a_quoted_header_is_the_same_key(api: httpx.Client, database_url: str, key: str, quoted: str) -> None:
    """As structured fields have strings (RFC 9651, 3.3.3)."""
    body = {"participant_id": "quoted", "amount": 10}
    first = post(api, "award", {**body, "idempotency_key": key})
    with unchanged(database_url):
        assert_replayed(post(api, "award", body, **{"Idempotency-Key": quoted}), first)
        assert_replayed(post(api, "award", {**body, "idempotency_key": key}, **{"Idempotency-Key": quoted}), first)


@pytest.mark.parametrize("key", ['"', '"k', 'k"', 'a"k"'])
def test_other_quotes_belong_to_the_key(api: httpx.Client, key: str) -> None:
    body = {"participant_id": "unquoted", "amount": 10}
    first = post(api, "award", body, **{"Idempotency-Key": key})
    assert_replayed(post(api, "award", {**body, "idempotency_key": key}), first)


def test_two_different_keys_are_refused(api: httpx.Client, database_url: str) -> None:
    body = {"participant_id": "both", "amount": 10, "idempotency_key": "one"}
    with unchanged(database_url):
        assert_refused(post(api, "award", body, **{"Idempotency-Key": "other"}), 422, field="idempotency_key")


@pytest.mark.parametrize(
    "key",
    ["", "x" * 256, "nul\0", 5, True, ["k"]],
    ids=["empty", "256 characters", "NUL", "number", "true", "list"],
)
def test_keys_that_are_none(api: httpx.Client, database_url: str, key: Any) -> None:
    with unchanged(database_url):
        reply = post(api, "award", {"participant_id": "bad_key", "amount": 10, "idempotency_key": key})
        assert_refused(reply, 422, field="idempotency_key")


@pytest.mark.parametrize("key", ["", '""', "x" * 256], ids=["empty", "empty quotes", "256 characters"])
def test_headers_that_are_no_keys(api: httpx.Client, database_url: str, key: str) -> None:
    with unchanged(database_url):
        reply = post(api, "award", {"participant_id": "bad_header", "amount": 10}, **{"Idempotency-Key": key})
        assert_refused(reply, 422, field="Idempotency-Key")


def test_a_key_that_is_not_ascii_is_the_same_in_header_and_body(api: httpx.Client) -> None:
    body = {"participant_id": "not_ascii", "amount": 10}
    first = post(api, "award", {**body, "idempotency_key": "größe"})
    reply = api.post("/points/award", json=body, headers={b"Idempotency-Key": "größe".encode()})
    assert_replayed(reply, first)


USED = {"participant_id": "used", "amount": 10, "reason": "a", "metadata": {"n": 1}, "idempotency_key": "used"}


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 11},
        {"expires_in_days": 3},
        {"amount": 11, "reason": "b"},
    ],
    ids=str,
)
def test_the_key_of_another_request_is_refused(api: httpx.Client, database_url: str, change: Any) -> None:
    assert post(api, "award", USED).status_code == 200
    with unchanged(database_url):
        assert_refused(post(api, "award", {**USED, **change}), 422, field="idempotency_key")


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({"reason": "b"}, "reason"),
        ({"reason": None}, "reason"),
        ({"metadata": {"n": 2}}, "metadata"),
        ({"metadata": {"n": 1, "m": None}}, "metadata"),
        ({"metadata": None}, "metadata"),
        ({"timestamp": "2026-02-14T10:00:00Z"}, "timestamp"),
        ({"timestamp": "2026-02-14T10:00:00Z", "metadata": {}, "reason": "c"}, "reason, metadata, timestamp"),
    ],
    ids=str,
)
def test_a_retry_may_differ_in_what_moves_no_points(
    api: httpx.Client, database_url: str, change: Any, differs: str
) -> None:
    """The contract's two example programs send other metadata for one order."""
    first = post(api, "award", USED)
    with unchanged(database_url):
        again = post(api, "award", {**USED, **change})
        [result] = batch(api, {**USED, **change})["results"]
    assert again.content == first.content
    assert (again.headers["idempotency-replayed"], again.headers["idempotency-differs"]) == ("true", differs)
    assert result["idempotency_differs"] == differs.split(", ")
    assert result["transaction_id"] == first.json()["transaction_id"]
    [result] = batch(api, USED)["results"]
    assert "idempotency_differs" not in result
    assert "idempotency-differs" not in post(api, "award", USED).headers


def test_all_that_takes_a_key_may_differ_so(api: httpx.Client) -> None:
    who = {"participant_id": "all_kinds"}
    award = post(api, "award", {**who, "amount": 100}).json()["transaction_id"]
    holds = [post(api, "hold", {**who, "amount": 10}).json()["hold_id"] for _ in range(2)]
    for path, body, other in [
        ("/points/deduct", {"amount": 1}, {"amount": 2}),
        ("/points/reverse", {"transaction_id": award, "amount": 1}, {"amount": 2}),
        ("/points/hold", {"amount": 1}, {"expires_in_minutes": 3}),
        ("/points/capture", {"hold_id": holds[0]}, {"hold_id": holds[1]}),
        ("/points/release", {"hold_id": holds[1]}, {"hold_id": holds[0]}),
    ]:
        whole = {**who, **body, "reason": "a", "metadata": {"n": 1}, "idempotency_key": path}
        first = api.post(path, json=whole)
        again = api.post(path, json={**whole, "reason": "b", "metadata": {"n": 2}})
        assert (again.content, again.headers["idempotency-differs"]) == (first.content, "reason, metadata"), path
        assert_refused(api.post(path, json={**whole, **other}), 422, field="idempotency_key")
    event = {**who, "event_name": "e", "properties": {"n": 1}, "idempotency_key": "k"}
    first = api.post("/events", json=event)
    again = api.post("/events", json={**event, "timestamp": "2026-02-14T10:00:00Z"})
    assert (again.content, again.headers["idempotency-differs"]) == (first.content, "timestamp")
    assert_refused(api.post("/events", json={**event, "properties": {"n": 2}}), 422, field="idempotency_key")
    answer = api.post("/events/batch", json={"events": [{**event, "timestamp": "2026-02-14T10:00:00Z"}]}).json()
    assert answer["results"][0]["idempotency_differs"] == ["timestamp"]


def test_no_metadata_and_empty_ones_are_the_same(api: httpx.Client) -> None:
    body = {"participant_id": "empty", "amount": 1, "idempotency_key": "k"}
    first = post(api, "award", body)
    for metadata in ({}, None):
        again = post(api, "award", {**body, "metadata": metadata})
        assert_replayed(again, first)
        assert "idempotency-differs" not in again.headers


def test_keys_of_before_match_the_same_request_alone(api: httpx.Client, database_url: str) -> None:
    body: dict[str, Any] = {"participant_id": "before", "amount": 1, "reason": "a", "idempotency_key": "k"}
    first = post(api, "award", body)
    [(project_id,)] = query(database_url, "SELECT project_id FROM participant WHERE participant_id = 'before'")
    whole = fingerprints.whole(AwardPoints(project_id=project_id, **body))
    query(database_url, f"UPDATE idempotency SET parts = NULL, fingerprint = '\\x{whole.hex()}' WHERE key = 'k'")
    assert_replayed(post(api, "award", body), first)
    for change in ({"reason": "b"}, {"metadata": {"n": 1}}, {"amount": 2}):
        assert_refused(post(api, "award", {**body, **change}), 422, field="idempotency_key")


def test_the_same_request_written_differently_is_a_replay(api: httpx.Client, database_url: str) -> None:
    first = api.post(
        "/points/award",
        content='{"participant_id": "ways", "amount": 5, "metadata": {"a": 1, "b": 2}, "idempotency_key": "k",'
        ' "timestamp": "2026-02-14T10:00:00Z"}',
    )
    assert first.status_code == 200
    with unchanged(database_url):
        again = api.post(
            "/points/award",
            content='{"idempotency_key":"k","timestamp":"2026-02-14T11:00:00+01:00","metadata":{"b":2,"a":1},'
            '"amount":5,"reason":null,"participant_id":"w\\u0061ys","unknown":1}',
        )
        assert_replayed(again, first)


def test_a_refused_command_keeps_no_key(api: httpx.Client, database_url: str) -> None:
    body = {"participant_id": "refused", "amount": 50, "idempotency_key": "k"}
    with unchanged(database_url):
        assert_refused(post(api, "deduct", body), 400)
    post(api, "award", {"participant_id": "refused", "amount": 80})
    with unchanged(database_url):
        assert_refused(post(api, "deduct", {**body, "amount": 81}), 400)
    reply = post(api, "deduct", body)
    assert reply.json()["new_balance"] == 30
    assert "idempotency-replayed" not in reply.headers


def test_a_replay_does_not_need_the_points_again(api: httpx.Client) -> None:
    post(api, "award", {"participant_id": "spent", "amount": 50})
    body = {"participant_id": "spent", "amount": 50, "idempotency_key": "k"}
    first = post(api, "deduct", body)
    assert_replayed(post(api, "deduct", body), first)
    assert balance(api, "spent") == 0


def test_an_invalid_request_keeps_no_key(api: httpx.Client) -> None:
    body = {"participant_id": "invalid", "amount": 0, "idempotency_key": "k"}
    assert_refused(post(api, "award", body), 422)
    assert "idempotency-replayed" not in post(api, "award", {**body, "amount": 5}).headers


def test_participants_and_operations_have_keys_of_their_own(api: httpx.Client) -> None:
    replies = [
        post(api, "award", {"participant_id": "own_1", "amount": 70, "idempotency_key": "same"}),
        post(api, "award", {"participant_id": "own_2", "amount": 70, "idempotency_key": "same"}),
        post(api, "deduct", {"participant_id": "own_1", "amount": 70, "idempotency_key": "same"}),
    ]
    assert [reply.status_code for reply in replies] == [200, 200, 200]
    assert not any("idempotency-replayed" in reply.headers for reply in replies)
    assert (balance(api, "own_1"), balance(api, "own_2")) == (0, 70)


def test_keys_mind_the_case_and_spaces(api: httpx.Client) -> None:
    for key in ("k", "K", "k ", " k"):
        post(api, "award", {"participant_id": "exact", "amount": 1, "idempotency_key": key})
    assert balance(api, "exact") == 4


def batch(api: httpx.Client, *items: Any) -> Any:
    reply = post(api, "award-batch", {"awards": items})
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_a_key_that_comes_twice_in_one_batch_acts_once(api: httpx.Client) -> None:
    item = {"participant_id": "double", "amount": 10, "idempotency_key": "k"}
    answer = batch(api, item, {"participant_id": "double", "amount": 1}, item)
    first, _, third = answer["results"]
    assert third == first
    assert (answer["processed"], answer["failed"]) == (3, 0)
    assert balance(api, "double") == 11


def test_a_key_in_a_batch_with_two_requests(api: httpx.Client) -> None:
    item = {"participant_id": "clash", "amount": 10, "idempotency_key": "k"}
    answer = batch(api, item, {**item, "amount": 20})
    assert [result["new_balance"] for result in answer["results"]] == [10, None]
    assert answer["results"][1]["error"]
    assert balance(api, "clash") == 10


def test_a_key_whose_first_use_in_the_batch_was_refused_runs(api: httpx.Client, database_url: str) -> None:
    item = {"participant_id": "second_try", "amount": 10, "idempotency_key": "k"}
    answer = batch(api, {**item, "timestamp": "2099-01-01T00:00:00Z"}, item)
    assert answer["results"][0]["error"]
    assert answer["results"][1]["new_balance"] == 10


def test_single_awards_and_batch_items_share_their_keys(api: httpx.Client, database_url: str) -> None:
    item = {"participant_id": "shared", "amount": 10, "idempotency_key": "single"}
    single = post(api, "award", item)
    with unchanged(database_url):
        result = batch(api, item)["results"][0]
    assert result["transaction_id"] == single.json()["transaction_id"]
    assert (result["new_balance"], result["error"]) == (10, None)

    item = {**item, "idempotency_key": "batch"}
    result = batch(api, item)["results"][0]
    with unchanged(database_url):
        replayed = post(api, "award", item)
    assert replayed.headers["idempotency-replayed"] == "true"
    assert replayed.json()["transaction_id"] == result["transaction_id"]


def test_a_whole_batch_sent_again_changes_nothing(api: httpx.Client, database_url: str) -> None:
    items = [{"participant_id": f"again_{n % 7}", "amount": n, "idempotency_key": str(n)} for n in range(1, 31)]
    first = batch(api, *items)
    with unchanged(database_url):
        assert batch(api, *items) == first


def test_the_header_does_not_apply_to_a_batch(api: httpx.Client, database_url: str) -> None:
    body = {"awards": [{"participant_id": "whole", "amount": 1}]}
    with unchanged(database_url):
        assert_refused(post(api, "award-batch", body, **{"Idempotency-Key": "k"}), 422, field="Idempotency-Key")


def test_racing_retries_act_once(api: httpx.Client, database_url: str) -> None:
    body = {"participant_id": "racing", "amount": 10, "idempotency_key": "k"}
    with ThreadPoolExecutor(16) as threads:
        replies = list(threads.map(lambda _: post(api, "award", body), range(48)))
    assert {reply.content for reply in replies} == {replies[0].content}
    assert sum("idempotency-replayed" not in reply.headers for reply in replies) == 1
    assert balance(api, "racing") == 10
    assert query(database_url, "SELECT count(*) FROM participant WHERE participant_id = 'racing'") == [(1,)]


def test_a_key_of_a_deleted_participant_acts_no_more(api: httpx.Client) -> None:
    body = {"participant_id": "erased", "amount": 10, "idempotency_key": "k"}
    post(api, "award", body)
    assert api.delete("/admin/participants/erased").status_code == 200
    assert_refused(post(api, "award", body), 409)
    reply = post(api, "award", {**body, "idempotency_key": "another"})
    assert "idempotency-replayed" not in reply.headers
    assert reply.json()["new_balance"] == 10


class LaterAward(AwardPoints, frozen=True, kw_only=True):
    """As a later version of Laurels may have it."""

    campaign: str | None = None


def test_a_retry_is_the_same_request_after_an_upgrade() -> None:
    """Keys are kept for ever, and so is what they are compared with."""
    given = {"project_id": 1, "participant_id": "ada", "amount": 5, "reason": "Order", "idempotency_key": "k"}
    first, parts = fingerprints.whole(AwardPoints(**given)), fingerprints.parts(AwardPoints(**given))
    assert first.hex() == "b3c18146826e6a2573bd9a1ccedbe280"
    assert parts.hex() == "60fc94dd3af5f5b72390f7c34ad2ed2c8a63cfd20000000000000000"
    asked_by_another = AwardPoints(**given, actor=Actor(name="Ada", request_id="r"))
    for same in (LaterAward(**given), asked_by_another):
        assert fingerprints.whole(same) == first
        assert fingerprints.parts(same) == parts
    other = LaterAward(**given, campaign="spring")
    assert fingerprints.whole(other) != first
    assert fingerprints.differences(parts, fingerprints.parts(other)) is None
