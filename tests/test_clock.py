"""The movable clock of test projects: a month in seconds, for everything that depends on time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.checks import assert_refused, make_key, unchanged
from tests.conftest import TEMPLATE
from tests.support import Databases, Server

DAY = 86_400


@pytest.fixture(scope="module")
def two_servers(databases: Databases) -> Iterator[list[Server]]:
    url = databases.create(TEMPLATE)
    with Server(url) as first, Server(url) as second:
        yield [first, second]


class Lab:
    """A test project of the test's own, asked through two servers."""

    def __init__(self, here: httpx.Client, there: httpx.Client) -> None:
        self.here, self.there = here, there

    def post(self, path: str, **body: Any) -> Any:
        done = self.here.post(path, json={"participant_id": "ada", **body})
        assert done.status_code == 200, done.text
        return done.json()

    def define(self, section: str, **body: Any) -> None:
        assert self.here.post(f"/admin/{section}", json={"name": "N", **body}).status_code == 201

    def get(self, path: str) -> Any:
        """The same from both."""
        here, there = self.here.get(path).json(), self.there.get(path).json()
        assert here == there
        return here

    def move(self, **to: Any) -> Any:
        moved = self.here.post("/admin/clock", json=to)
        assert moved.status_code == 200, moved.text
        assert moved.json()["is_settled"]
        return moved.json()

    @property
    def now(self) -> datetime:
        return datetime.fromisoformat(self.here.get("/admin/clock").json()["now"])


@pytest.fixture
def lab(two_servers: list[Server]) -> Iterator[Lab]:
    first, second = two_servers
    key = make_key(first.database_url or "", "admin", project=f"lab-{uuid4().hex}", mode="test")
    with first.client(key) as here, second.client(key) as there:
        yield Lab(here, there)


def test_it_goes_forward_and_runs_on(lab: Lab) -> None:
    assert abs(lab.now - datetime.now(UTC)) < timedelta(seconds=20)
    moved = lab.move(advance_seconds=3 * DAY)
    assert (moved["mode"], moved["can_be_moved"], moved["offset_ms"]) == ("test", True, 3 * DAY * 1000)
    assert abs(lab.now - datetime.now(UTC) - timedelta(days=3)) < timedelta(seconds=20)
    target = datetime.now(UTC).replace(microsecond=0) + timedelta(days=40)
    lab.move(now=target.isoformat())
    assert timedelta(0) <= lab.now - target < timedelta(seconds=20)
    award = lab.post("/points/award", amount=1)
    listed = lab.get("/participants/ada/points/transactions")["transactions"]
    assert listed[0]["id"] == award["transaction_id"]
    assert timedelta(0) <= datetime.fromisoformat(listed[0]["created_at"]) - target < timedelta(seconds=20)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "now"),
        ({"now": "2030-01-01T00:00:00Z", "advance_seconds": 5}, "now"),
        ({"now": "2026-01-01T00:00:00Z"}, "now"),
        ({"now": "2300-01-01T00:00:00Z"}, "now"),
        ({"advance_seconds": 0}, "advance_seconds"),
        ({"advance_seconds": 101 * 366 * DAY}, "advance_seconds"),
        ({"advance_days": 1}, "advance_days"),
    ],
)
def test_where_it_does_not_go(lab: Lab, two_servers: list[Server], body: dict[str, Any], field: str) -> None:
    with unchanged(two_servers[0].database_url or ""):
        assert_refused(lab.here.post("/admin/clock", json=body), 422, field=field)


def test_the_clock_of_a_live_project_stays(server: Server, database_url: str) -> None:
    with server.client() as api, unchanged(database_url):
        assert api.get("/admin/clock").json()["can_be_moved"] is False
        assert_refused(api.post("/admin/clock", json={"advance_seconds": 60}), 400)


def test_thirty_days_of_a_streak(lab: Lab) -> None:
    lab.define("streaks", code="daily", period="daily")
    for day in range(1, 31):
        assert lab.post("/streaks/record", streak_code="daily")["new_count"] == day
        lab.move(advance_seconds=DAY)
    [streak] = lab.get("/participants/ada/streaks")["streaks"]
    assert (streak["current_count"], streak["is_at_risk"]) == (30, True)
    lab.move(advance_seconds=DAY)
    [streak] = lab.get("/participants/ada/streaks")["streaks"]
    assert (streak["current_count"], streak["longest_count"]) == (0, 30)


def test_points_and_holds_expire_for_who_does_nothing(lab: Lab) -> None:
    lab.define("leaderboards", code="rich", metric="points_balance", time_window="all_time")
    lab.post("/points/award", amount=100, expires_in_days=10)
    lab.post("/points/award", amount=7)
    lab.post("/points/hold", amount=50)
    lab.move(advance_seconds=11 * DAY)
    points = lab.get("/participants/ada/points")
    assert (points["balance"], points["total_expired"], points["held"]) == (7, 100, 0)
    kinds = [one["type"] for one in lab.get("/participants/ada/points/transactions")["transactions"]]
    assert "expiry" in kinds, "the facts are there, without anybody having asked for the account"
    assert lab.there.get("/leaderboards/rich").json()["entries"][0]["score"] == 7


def test_a_board_rolls_over(lab: Lab) -> None:
    lab.define("leaderboards", code="daily", metric="points_earned", time_window="daily")
    lab.post("/points/award", amount=5)
    for api in (lab.here, lab.there):
        before = api.get("/leaderboards/daily").json()
        assert [entry["score"] for entry in before["entries"]] == [5]
    lab.move(now=before["resets_at"])
    for api in (lab.here, lab.there):
        after = api.get("/leaderboards/daily").json()
        assert (after["entries"], after["period_key"] > before["period_key"]) == ([], True)
        past = api.get(f"/leaderboards/daily?period_key={before['period_key']}").json()
        assert [entry["score"] for entry in past["entries"]] == [5]


def test_a_change_to_summer_time(lab: Lab) -> None:
    """The 28th of March 2027 has 23 hours in Berlin; a day remains a day."""
    lab.define("streaks", code="daily", period="daily")
    lab.here.post("/participants", json={"participant_id": "ada", "attributes": {"timezone": "Europe/Berlin"}})
    for evening in ("2027-03-27T22:30:00Z", "2027-03-28T21:30:00Z", "2027-03-29T21:30:00Z"):  # 23:30 there
        lab.move(now=evening)
        recorded = lab.post("/streaks/record", streak_code="daily")
    assert recorded["new_count"] == 3
    [streak] = lab.get("/participants/ada/streaks")["streaks"]
    assert streak["expires_at"] == "2027-03-30T22:00:00Z"


def test_other_projects_keep_their_time(lab: Lab, two_servers: list[Server]) -> None:
    lab.move(advance_seconds=365 * DAY)
    with two_servers[0].client() as other:
        now = datetime.fromisoformat(other.get("/admin/clock").json()["now"])
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=20)
