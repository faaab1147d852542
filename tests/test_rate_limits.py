"""Rate limits: a bucket's arithmetic, headers, refusals, shares of several workers."""

import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurels.web.protocol import rate_limits
from laurels.web.protocol.rate_limits import Bucket, Buckets
from tests.checks import assert_refused, make_key
from tests.conftest import TEMPLATE
from tests.support import Databases, Server, eventually


@given(st.integers(1, 50), st.lists(st.floats(0, 0.5), min_size=1, max_size=300), st.sampled_from([1.0, 0.5, 0.25]))
def test_no_second_takes_more_than_twice_its_share(limit: int, pauses: list[float], share: float) -> None:
    """A full bucket at once, and what has come in during the second; never more over any stretch of time."""
    bucket = Bucket(limit, share)
    now = time.monotonic()
    taken: list[float] = []
    for pause in pauses:
        now += pause
        if bucket.take(now):
            taken.append(now)
        assert bucket.remaining >= 0
    capacity = max(1.0, limit * share)
    for first in taken:
        for last in taken:
            if last >= first:
                within = sum(first <= moment <= last for moment in taken)
                assert within <= capacity + (last - first) * limit * share + 1e-6


def test_a_request_that_one_limit_refuses_costs_the_others_nothing() -> None:
    wide, narrow = Bucket(100, 1.0), Bucket(1, 1.0)
    assert rate_limits.judge((wide, narrow)).refused_for_seconds is None
    before = wide.remaining
    refused = rate_limits.judge((wide, narrow))
    assert refused.refused_for_seconds == 1
    assert wide.remaining == before
    assert dict(refused.headers)[b"x-ratelimit-limit"] == b"1"


def test_a_limit_that_stays_keeps_what_was_taken() -> None:
    buckets = Buckets()
    first = buckets.limited("a", 10)
    assert first is not None
    for _ in range(4):
        first.take(time.monotonic())
    buckets.share_among(2)
    assert (buckets.limited("a", 10) is first, first.share) == (True, 0.5)
    assert buckets.limited("a", 0) is None
    new = buckets.limited("a", 10)
    assert new is not None
    assert (new is first, new.share) == (False, 0.5)


@pytest.fixture(scope="module")
def limited(databases: Databases) -> Iterator[Server]:
    # So low that a machine that other tests keep busy sends more requests per second.
    with Server(databases.create(TEMPLATE), rate_limit="10") as server:
        yield server


def burst(api: httpx.Client, requests: int) -> list[httpx.Response]:
    return [api.get("/participants/nobody/points") for _ in range(requests)]


def new_key(server: Server, **fields: Any) -> str:
    with server.client() as api:
        made = api.post("/admin/keys", json=fields)
        assert made.status_code == 201, made.text
        return str(made.json()["key"])


def test_the_default_limit_and_its_headers(limited: Server) -> None:
    with limited.client(new_key(limited)) as api:
        replies = burst(api, 200)
    allowed = [reply for reply in replies if reply.status_code == 404]
    refused = [reply for reply in replies if reply.status_code == 429]
    assert len(allowed) + len(refused) == 200
    assert 10 <= len(allowed) < 200
    remaining = [int(reply.headers["X-RateLimit-Remaining"]) for reply in allowed]
    assert (remaining[0], min(remaining)) == (9, 0)
    for reply in replies:
        assert reply.headers["X-RateLimit-Limit"] == "10"
        assert int(reply.headers["X-RateLimit-Reset"]) <= 1
    assert_refused(refused[0], 429)
    assert refused[0].headers["Retry-After"] == "1"
    assert refused[0].json() == {"detail": "Rate limit exceeded; try again in 1 s", "code": "rate_limited"}


def test_room_comes_back(limited: Server) -> None:
    with limited.client(new_key(limited, rate_limit=2)) as api:
        assert {reply.status_code for reply in burst(api, 40)} == {404, 429}
        eventually(lambda: api.get("/participants/nobody/points").status_code == 404)


def test_a_limit_of_the_keys_own_and_none(limited: Server) -> None:
    with limited.client(new_key(limited, rate_limit=0)) as api:
        replies = burst(api, 80)
    assert {reply.status_code for reply in replies} == {404}
    assert not any("X-RateLimit-Limit" in reply.headers for reply in replies)
    with limited.client(new_key(limited, rate_limit=3)) as api:
        assert burst(api, 1)[0].headers["X-RateLimit-Limit"] == "3"


def test_a_changed_limit_holds_soon(limited: Server) -> None:
    key = new_key(limited, rate_limit=3, name="mine")
    with limited.client() as admin, limited.client(key) as api:
        mine = next(row for row in admin.get("/admin/keys").json()["items"] if row["name"] == "mine")
        burst(api, 1)
        admin.patch(f"/admin/keys/{mine['id']}", json={"rate_limit": 900}).raise_for_status()
        eventually(lambda: burst(api, 1)[0].headers["X-RateLimit-Limit"] == "900")


def test_all_keys_of_a_project_share_its_limit(limited: Server) -> None:
    code = f"p-{uuid4().hex}"
    with limited.client() as operator:
        made = operator.post("/admin/projects", json={"code": code, "rate_limit": 3}).json()
    first = make_key(limited.database_url or "", project=code)
    with limited.client(first) as one, limited.client(made["admin_key"]["key"]) as other:
        replies = [reply for _ in range(10) for reply in (*burst(one, 1), *burst(other, 1))]
    assert {reply.status_code for reply in replies} == {404, 429}
    assert 3 <= sum(reply.status_code == 404 for reply in replies) < 20
    assert replies[-1].headers["X-RateLimit-Limit"] == "3"


def test_who_needs_no_key_has_no_limit(limited: Server) -> None:
    for _ in range(60):
        assert httpx.get(f"{limited.base_url}/healthz").status_code == 200


@pytest.mark.all_cases
def test_workers_share_a_limit(databases: Databases) -> None:
    """Two workers have half of it each; when one ends, the other has all of it."""
    url = databases.create(TEMPLATE)
    with Server(url, rate_limit="100") as first:
        with Server(url, rate_limit="100") as second:
            keys = [make_key(url), make_key(url)]

            def shares(server: Server, key: str) -> int:
                """A request of a full bucket costs one of the worker's share, so as many of the limit as there are."""
                time.sleep(1.1)  # until it is full
                with server.client(key) as api:
                    [reply] = burst(api, 1)
                return 100 - int(reply.headers["X-RateLimit-Remaining"])

            eventually(lambda: shares(first, keys[0]) == shares(second, keys[1]) == 2, 30)
        eventually(lambda: shares(first, keys[0]) == 1, 30)
