"""The points economy over HTTP: expiry, holds, reversals, caps, what is owed; and races for held points."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.checks import assert_refused, make_key, query, unchanged
from tests.conftest import TEMPLATE
from tests.hammer import post_all
from tests.support import Databases, Server, check, eventually

DAY = timedelta(days=1)


class Shop:
    """A project of the test's own, whose clock can be moved on."""

    def __init__(self, client: httpx.Client, database_url: str, project: str) -> None:
        self.api = client
        self.url = database_url
        self.project = project
        self._moved = timedelta(0)

    def wait(self, by: timedelta) -> None:
        self._moved += by
        query(
            self.url,
            "UPDATE project SET clock_offset_ms = %s, definitions_version = definitions_version + 1 WHERE code = %s",
            round(self._moved.total_seconds() * 1000),
            self.project,
        )

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self._moved

    def post(self, path: str, name: str = "ada", **body: Any) -> Any:
        done = self.api.post(path, json={"participant_id": name, **body})
        assert done.status_code == 200, done.text
        return done.json()

    def award(self, amount: int, name: str = "ada", **more: Any) -> str:
        transaction: str = self.post("/points/award", name, amount=amount, **more)["transaction_id"]
        return transaction

    def points(self, name: str = "ada") -> Any:
        return self.api.get(f"/participants/{name}/points").json()

    def balance(self, name: str = "ada") -> int:
        balance: int = self.points(name)["balance"]
        return balance

    def types(self, name: str = "ada") -> list[tuple[str, int, int]]:
        """Transactions, the oldest first."""
        listed = self.api.get(f"/participants/{name}/points/transactions").json()
        return [(one["type"], one["amount"], one["balance_after"]) for one in reversed(listed["transactions"])]


@pytest.fixture
def shop(server: Server, database_url: str) -> Iterator[Shop]:
    project = f"shop-{uuid4().hex}"
    with server.client(make_key(database_url, "admin", project=project)) as client:
        yield Shop(client, database_url, project)


def test_points_expire_in_answers_at_once_and_in_the_journal_soon(shop: Shop) -> None:
    shop.award(100)
    answer = shop.post("/points/award", amount=50, expires_at=(shop.now + 3 * DAY).isoformat())
    assert answer["new_balance"] == 150
    assert shop.points()["next_expiry"] == {"points": 50, "expires_at": answer["expires_at"]}
    shop.wait(3 * DAY)
    # Whether the sweep has come by or not.
    assert shop.balance() == 100
    assert shop.api.get("/participants/ada").json()["points"]["balance"] == 100
    assert shop.points() == {
        "participant_id": "ada",
        "balance": 100,
        "total_earned": 150,
        "total_spent": 0,
        "total_expired": 50,
        "held": 0,
        "next_expiry": None,
    }
    eventually(lambda: shop.types()[-1] == ("expiry", 50, 100))
    assert_refused(shop.api.post("/points/deduct", json={"participant_id": "ada", "amount": 101}), 400)
    check(shop.url)


def test_what_ends_by_itself_is_no_activity(shop: Shop) -> None:
    shop.award(100)
    shop.award(50, expires_at=(shop.now + DAY).isoformat())
    shop.post("/points/hold", amount=10, expires_in_minutes=60)

    def seen_at() -> datetime:
        return datetime.fromisoformat(shop.api.get("/participants/ada").json()["last_seen_at"])

    before = seen_at()
    shop.wait(2 * DAY)
    ended = "SELECT kind FROM journal JOIN project p ON p.id = project_id WHERE p.code = %s AND kind = ANY (%s)"
    eventually(lambda: len(query(shop.url, ended, shop.project, ["points_expired", "hold_released"])) == 2)
    assert seen_at() == before
    since = {"seen_since": (before + timedelta(microseconds=1)).isoformat()}
    assert shop.api.get("/admin/participants", params=since).json()["total"] == 0
    shop.award(50, expires_at=(shop.now + DAY).isoformat())
    shop.wait(2 * DAY)
    # Whether or not the expiry is settled with the award, in one batch.
    shop.award(1)
    assert seen_at() >= before + 4 * DAY
    assert shop.api.get("/admin/participants", params=since).json()["total"] == 1
    check(shop.url)


def test_what_an_administrator_does_is_no_activity_of_the_participant(shop: Shop) -> None:
    reward, badge = f"r_{uuid4().hex}", f"b_{uuid4().hex}"
    shop.api.post("/admin/rewards", json={"code": reward, "name": "R", "type": "voucher"}).raise_for_status()
    shop.api.post("/admin/badges", json={"code": badge, "name": "B"}).raise_for_status()
    claims = [shop.post(f"/rewards/{reward}/claim")["claim_id"] for _ in range(2)]
    shop.post("/badges/award", badge_code=badge)
    before = shop.api.get("/participants/ada").json()["last_seen_at"]
    for path, body in (
        ("/admin/claims/fulfil", {"claim_id": claims[0]}),
        ("/admin/claims/cancel", {"claim_id": claims[1]}),
        ("/admin/badges/revoke", {"badge_code": badge}),
    ):
        shop.post(path, **body)
    assert shop.api.get("/participants/ada").json()["last_seen_at"] == before
    shop.award(1)
    assert shop.api.get("/participants/ada").json()["last_seen_at"] > before
    check(shop.url)


def test_points_of_an_imported_past_expire_at_once(shop: Shop) -> None:
    code = uuid4().hex
    actions = [
        {"type": "award_points", "amount": 100, "expires_in_days": 30},
        {"type": "record_streak", "streak_code": code},
    ]
    shop.api.post("/admin/streaks", json={"code": code, "name": "S", "period": "daily"}).raise_for_status()
    tier = {"code": code, "name": "T", "level": 9, "criteria_config": {"min_points": 150}}
    shop.api.post("/admin/tiers", json=tier).raise_for_status()
    body = {"code": code, "name": "R", "event_name": code, "actions": actions}
    shop.api.post("/admin/rules", json=body).raise_for_status()
    shop.award(60, expires_at=(shop.now + 9 * DAY).isoformat())
    events = [
        {"participant_id": "ada", "event_name": code, "timestamp": f"2020-0{month}-01T00:00:00Z"} for month in (3, 2, 1)
    ]
    told = shop.api.post("/events/batch", json={"events": events}).json()["results"]
    assert [len(one["effects"]["streaks"]) for one in told] == [1, 1, 1]
    points = shop.points()
    assert (points["balance"], points["total_earned"], points["total_expired"]) == (60, 360, 300)
    assert points["next_expiry"]["points"] == 60
    assert shop.types()[1:3] == [("award", 100, 160), ("expiry", 100, 60)]
    assert shop.api.get("/participants/ada/tier").json()["current_tier"]["code"] == code
    check(shop.url)


def test_days_end_with_the_participants_day(shop: Shop) -> None:
    shop.api.post("/participants", json={"participant_id": "ada", "attributes": {"timezone": "Asia/Tokyo"}})
    answer = shop.post("/points/award", amount=1, expires_in_days=2)
    today = (shop.now + timedelta(hours=9)).date()
    midnight = datetime(today.year, today.month, today.day, tzinfo=UTC) + 3 * DAY - timedelta(hours=9)
    assert answer["expires_at"] == f"{midnight:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_in_days": 0}, "expires_in_days"),
        ({"expires_in_days": 1, "timestamp": "2026-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_in_days": 1, "expires_at": "2999-01-01T00:00:00Z"}, "expires_in_days"),
        ({"expires_at": "soon"}, "expires_at"),
    ],
)
def test_expiries_that_are_refused(shop: Shop, body: dict[str, Any], field: str) -> None:
    with unchanged(shop.url):
        refused = shop.api.post("/points/award", json={"participant_id": "ada", "amount": 5, **body})
        assert_refused(refused, 422, field=field)


def test_boards_and_sorted_lists_follow_the_sweep(shop: Shop) -> None:
    made = shop.api.post("/admin/leaderboards", json={"code": "b", "name": "B", "metric": "points_balance"}).json()
    eventually(lambda: shop.api.get(f"/admin/leaderboards/{made['id']}").json()["status"] == "ready")
    for hundred in range(10):
        awards = [
            {"participant_id": f"p{hundred}-{number}", "amount": 10 + number, "expires_in_days": 1}
            for number in range(100)
        ]
        assert shop.api.post("/points/award-batch", json={"awards": awards}).json()["processed"] == 100
    shop.award(1, "keeps")
    shop.wait(3 * DAY)

    def scores() -> dict[str, int]:
        entries = shop.api.get("/leaderboards/b", params={"limit": 100}).json()["entries"]
        return {entry["participant_id"]: entry["score"] for entry in entries}

    eventually(lambda: sum(scores().values()) == 1, seconds=30)
    assert shop.api.get("/admin/liability").json()["expired"] == 10 * sum(range(10, 110))
    check(shop.url)


def test_the_points_of_anonymised_people_expire_too(shop: Shop) -> None:
    made = shop.api.post("/admin/leaderboards", json={"code": "b", "name": "B", "metric": "points_balance"}).json()
    eventually(lambda: shop.api.get(f"/admin/leaderboards/{made['id']}").json()["status"] == "ready")
    shop.award(100, expires_in_days=1)
    name = shop.api.delete("/admin/participants/ada", params={"anonymize": "true"}).json()["anonymized_id"]
    shop.wait(3 * DAY)
    eventually(lambda: shop.types(name) == [("award", 100, 100), ("expiry", 100, 0)])
    assert shop.api.get("/leaderboards/b").json()["entries"] == []
    check(shop.url)


def test_a_hold(shop: Shop) -> None:
    shop.award(100)
    held = shop.post("/points/hold", amount=60, reason="Order 7", expires_in_minutes=30)
    assert (held["amount"], held["new_balance"]) == (60, 40)
    assert shop.points()["held"] == 60
    listed = shop.api.get("/participants/ada/points/holds").json()
    assert [(one["hold_id"], one["amount"], one["reason"]) for one in listed["holds"]] == [
        (held["hold_id"], 60, "Order 7")
    ]
    assert_refused(
        shop.api.post("/points/deduct", json={"participant_id": "ada", "amount": 41}),
        400,
        detail="Insufficient points. Available: 40, requested: 41",
    )
    too_much = {"participant_id": "ada", "hold_id": held["hold_id"], "amount": 61}
    assert_refused(
        shop.api.post("/points/capture", json=too_much),
        400,
        detail="The hold has fewer points. Held: 60, requested: 61",
    )
    captured = shop.post("/points/capture", hold_id=held["hold_id"], amount=45, idempotency_key="k")
    assert (captured["amount"], captured["released_amount"], captured["new_balance"]) == (45, 15, 55)
    again = shop.post("/points/capture", hold_id=held["hold_id"], amount=45, idempotency_key="k")
    assert again == captured
    who = {"participant_id": "ada", "hold_id": held["hold_id"]}
    assert_refused(shop.api.post("/points/release", json=who), 400, detail="The hold has been captured already")
    released = shop.post("/points/release", hold_id=shop.post("/points/hold", amount=5)["hold_id"])
    assert released["new_balance"] == 55
    assert shop.types() == [
        ("award", 100, 100),
        ("hold", 60, 40),
        ("capture", 45, 40),
        ("release", 15, 55),
        ("hold", 5, 50),
        ("release", 5, 55),
    ]
    assert (shop.points()["total_spent"], shop.points()["held"]) == (45, 0)
    for path in ("capture", "release"):
        for unknown in (str(uuid4()), "nope"):
            gone = shop.api.post(f"/points/{path}", json={"participant_id": "ada", "hold_id": unknown})
            assert_refused(gone, 404, detail=f"Hold not found: {unknown}")
    check(shop.url)


def test_a_hold_that_nobody_ends_ends_by_itself(shop: Shop) -> None:
    shop.award(100)
    held = shop.post("/points/hold", amount=60)["hold_id"]
    shop.wait(timedelta(minutes=61))
    assert (shop.balance(), shop.points()["held"]) == (100, 0)
    late = shop.api.post("/points/capture", json={"participant_id": "ada", "hold_id": held})
    assert_refused(late, 400, detail="The hold has expired already")
    eventually(lambda: shop.types()[-1] == ("release", 60, 100))
    assert shop.api.get("/participants/ada/points/holds").json()["holds"] == []


def test_a_reversal(shop: Shop) -> None:
    first = shop.award(100, reason="Order 7")
    part = shop.post("/points/reverse", transaction_id=first, amount=30, reason="Returned", idempotency_key="r")
    assert (part["amount"], part["left"], part["new_balance"]) == (30, 70, 70)
    assert shop.post("/points/reverse", transaction_id=first, amount=30, reason="Returned", idempotency_key="r") == part
    spent = shop.post("/points/deduct", amount=60)["transaction_id"]
    who = {"participant_id": "ada", "transaction_id": first}
    assert_refused(
        shop.api.post("/points/reverse", json=who),
        400,
        detail="Points of this award have been spent. Left to reverse: 10, requested: 70",
    )
    shop.post("/points/reverse", transaction_id=spent)
    assert_refused(
        shop.api.post("/points/reverse", json={**who, "transaction_id": spent}),
        400,
        detail="The transaction has been reversed already",
    )
    shop.post("/points/reverse", transaction_id=first)
    assert shop.points()["balance"] == shop.points()["total_earned"] == shop.points()["total_spent"] == 0
    listed = shop.api.get("/participants/ada/points/transactions").json()["transactions"]
    assert [(one["type"], one.get("reverses")) for one in listed] == [
        ("award_reversal", first),
        ("deduct_reversal", spent),
        ("deduct", None),
        ("award_reversal", first),
        ("award", None),
    ]
    for unknown in (str(uuid4()), "nope"):
        gone = shop.api.post("/points/reverse", json={**who, "transaction_id": unknown})
        assert_refused(gone, 404, detail=f"Transaction not found: {unknown}")
    other = shop.api.post("/points/reverse", json={**who, "participant_id": "bob"})
    assert_refused(other, 404, detail="Participant not found: bob")
    shop.award(5, "bob")
    assert_refused(shop.api.post("/points/reverse", json={**who, "participant_id": "bob"}), 404)
    check(shop.url)


def test_a_claim_is_cancelled_and_not_reversed(shop: Shop) -> None:
    shop.award(50)
    reward = shop.api.post("/admin/rewards", json={"name": "R", "type": "voucher", "points_cost": 20}).json()
    claimed = shop.post(f"/rewards/{reward['id']}/claim", points_deduction=True)["claim_id"]
    assert_refused(
        shop.api.post("/points/reverse", json={"participant_id": "ada", "transaction_id": claimed}),
        400,
        detail="Cancel the claim to return points spent on a reward",
    )


def test_an_earning_cap(shop: Shop) -> None:
    cap = {"code": "daily", "name": "100 a day", "period": "day", "points": 100}
    made = shop.api.post("/admin/earning-caps", json=cap)
    assert made.status_code == 201
    assert "capped_by" not in shop.post("/points/award", amount=80)
    reduced = shop.post("/points/award", amount=80)
    assert (reduced["amount"], reduced["base_amount"], reduced["capped_by"]) == (20, 80, ["daily"])
    nothing = shop.post("/points/award", amount=80)
    assert (nothing["amount"], nothing["base_amount"], nothing["new_balance"]) == (0, 80, 100)
    batch = {"awards": [{"participant_id": "bob", "amount": 60}, {"participant_id": "bob", "amount": 60}]}
    assert [one["new_balance"] for one in shop.api.post("/points/award-batch", json=batch).json()["results"]] == [
        60,
        100,
    ]
    shop.wait(DAY)
    assert shop.post("/points/award", amount=80)["amount"] == 80
    fixed = shop.api.patch(f"/admin/earning-caps/{made.json()['id']}", json={"period": "week"})
    assert_refused(fixed, 422, field="period")
    assert_refused(shop.api.post("/admin/earning-caps", json={**cap, "code": "x", "rule_code": "nope"}), 422)
    shop.api.delete(f"/admin/earning-caps/{made.json()['id']}").raise_for_status()
    assert shop.post("/points/award", amount=800)["amount"] == 800
    check(shop.url)


def test_a_cap_holds_for_many_callers(shop: Shop, server: Server, database_url: str) -> None:
    code = f"cap-{uuid4().hex}"
    with server.client() as admin:
        made = admin.post("/admin/earning-caps", json={"code": code, "name": "C", "period": "month", "points": 500})
        requests = [("/points/award", {"participant_id": code, "amount": 7}) for _ in range(300)]
        replies = asyncio.run(post_all([server.base_url], requests))
        assert {reply.status for _, reply in replies} == {200}
        assert sum(reply.json()["amount"] for _, reply in replies) == 500
        admin.delete(f"/admin/earning-caps/{made.json()['id']}")
    check(database_url)


def test_what_is_owed(shop: Shop) -> None:
    month = (shop.now + 40 * DAY).replace(day=15, hour=12)
    shop.award(100)
    shop.award(50, "bob", expires_at=month.isoformat())
    shop.award(30, "bob", expires_at=(month + DAY).isoformat())
    shop.award(20, expires_at=(shop.now + DAY).isoformat())
    shop.post("/points/deduct", "bob", amount=10)
    shop.post("/points/hold", amount=25, expires_in_minutes=10_000)
    shop.wait(2 * DAY)
    owed = shop.api.get("/admin/liability").json()
    # The hold took the twenty that would have expired, which do so when it is released.
    assert owed == {
        "issued": 200,
        "spent": 10,
        "expired": 0,
        "held": 25,
        "outstanding": 190,
        "breakage_percent": 0.0,
        "by_expiry_month": [{"month": f"{month:%Y-%m}", "points": 70}, {"month": None, "points": 120}],
    }
    shop.wait(8 * DAY)
    eventually(lambda: shop.api.get("/admin/liability").json()["expired"] == 20)
    owed = shop.api.get("/admin/liability").json()
    assert (owed["held"], owed["outstanding"], owed["breakage_percent"]) == (0, 170, 10.0)


@pytest.mark.parametrize(
    ("expires_at", "month"),
    [
        # The end of a day, a month and a year in the project's zone, UTC.
        ("2098-04-01T00:00:00Z", "2098-03"),
        ("2098-04-01T00:00:00.000001Z", "2098-04"),
        ("2098-04-15T00:00:00Z", "2098-04"),
        ("2099-01-01T00:00:00Z", "2098-12"),
        ("2098-04-01T02:00:00+02:00", "2098-03"),
    ],
)
def test_what_ends_with_a_month_is_owed_in_it(shop: Shop, expires_at: str, month: str) -> None:
    shop.award(5, expires_at=expires_at)
    owed = shop.api.get("/admin/liability").json()["by_expiry_month"]
    assert owed == [{"month": month, "points": 5}, {"month": None, "points": 0}]


def test_erasing_leaves_nothing(shop: Shop) -> None:
    shop.award(50, expires_in_days=3)
    shop.post("/points/hold", amount=5)
    shop.post("/points/reverse", transaction_id=shop.post("/points/deduct", amount=5)["transaction_id"])
    subject = query(shop.url, "SELECT subject FROM participant ORDER BY created_at DESC LIMIT 1")[0][0]
    shop.api.delete("/admin/participants/ada").raise_for_status()
    for table in ("point_lot", "hold", "reversal", "claim", "journal", "account"):
        assert query(shop.url, f"SELECT count(*) FROM {table} WHERE subject = %s", subject) == [(0,)]
    check(shop.url)


def test_captures_and_releases_of_two_servers(databases: Databases) -> None:
    """Of a capture and a release of the same hold exactly one takes place, whichever server is asked."""
    url = databases.create(TEMPLATE)
    with Server(url) as one, Server(url) as other, one.client() as api:
        holds = {}
        for number in range(60):
            name = f"p{number}"
            api.post("/points/award", json={"participant_id": name, "amount": 10}).raise_for_status()
            body = {"participant_id": name, "amount": 6}
            holds[name] = api.post("/points/hold", json=body).json()["hold_id"]
        requests = [
            (f"/points/{verb}", {"participant_id": name, "hold_id": hold})
            for name, hold in holds.items()
            for verb in ("capture", "release", "capture")
        ]
        replies = asyncio.run(post_all([one.base_url, other.base_url], requests))
        done = Counter(body["participant_id"] for body, reply in replies if reply.status == 200)
        assert done == dict.fromkeys(holds, 1)
        assert query(url, "SELECT count(*) FROM account WHERE held <> 0") == [(0,)]
        check(url)


@pytest.mark.all_cases
def test_holds_that_expire_while_they_are_captured(databases: Databases) -> None:
    """With two servers and their sweeps each hold is either captured or released, its points where they belong."""
    url = databases.create(TEMPLATE)
    with Server(url) as one, Server(url) as other, one.client() as api:
        names = [f"p{number}" for number in range(120)]
        started = datetime.now(UTC)
        for name in names:
            api.post("/points/award", json={"participant_id": name, "amount": 10}).raise_for_status()
        # No hold may have expired before all are made, which takes about as long as the awards.
        ends = datetime.now(UTC) + 3 * (datetime.now(UTC) - started) + timedelta(seconds=2)
        holds = {}
        for number, name in enumerate(names):
            expires_at = (ends + timedelta(milliseconds=5 * number)).isoformat()
            body = {"participant_id": name, "amount": 6, "expires_at": expires_at}
            holds[name] = api.post("/points/hold", json=body).json()["hold_id"]
        time.sleep(max(0.0, (ends - datetime.now(UTC)).total_seconds()))
        requests = [("/points/capture", {"participant_id": name, "hold_id": hold}) for name, hold in holds.items()]
        replies = asyncio.run(post_all([one.base_url, other.base_url], requests, connections=8))
        captured = {body["participant_id"] for body, reply in replies if reply.status == 200}
        balances = {name: api.get(f"/participants/{name}/points").json() for name in names}
        eventually(lambda: query(url, "SELECT count(*) FROM hold WHERE status = 'held'") == [(0,)])
        for name in names:
            expected = (4, 6, 0) if name in captured else (10, 0, 0)
            told = balances[name]
            assert (told["balance"], told["total_spent"], told["held"]) == expected
        check(url)
