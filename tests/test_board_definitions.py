"""Boards by each field of their definition, against brute force."""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest

from laurels.app import TABLES
from laurels.mechanics.leaderboards import closing
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.postgres.database import connect_job
from tests.checks import make_key, query
from tests.support import Server, check
from tests.test_leaderboards import until_ready
from tests.test_retention import Project

BEGAN = datetime(2026, 1, 5, tzinfo=UTC)
SEASON = {"code": "spring", "from": "2026-01-08", "to": "2026-01-12"}


class Event(NamedTuple):
    name: str
    at: datetime
    properties: dict[str, Any]


class Told(NamedTuple):
    """A row of a board, by brute force: the numbers in the order of the board, greater first, and as shown."""

    numbers: tuple[float, ...]
    reached_at: datetime
    shown: tuple[float | None, ...]


@pytest.fixture
def admin(server: Server, database_url: str) -> Iterator[httpx.Client]:
    key = make_key(database_url, project=f"project-{uuid4().hex}", scope="admin")
    with server.client(key) as client:
        yield client
    check(database_url)


def create(client: httpx.Client, code: str, **fields: Any) -> str:
    reply = client.post("/admin/leaderboards", json={"code": code, "name": code, **fields})
    assert reply.status_code == 201, reply.text
    until_ready(client, reply.json()["id"])
    return str(reply.json()["id"])


def record(client: httpx.Client, name: str, event_name: str, at: datetime | None = None, **properties: Any) -> None:
    body = {"participant_id": name, "event_name": event_name, "properties": properties}
    if at is not None:
        body["timestamp"] = at.isoformat()
    reply = client.post("/events", json=body)
    assert reply.status_code == 200, reply.text


def award(client: httpx.Client, name: str, amount: int, **optional: Any) -> str:
    reply = client.post("/points/award", json={"participant_id": name, "amount": amount, **optional})
    assert reply.status_code == 200, reply.text
    return str(reply.json()["transaction_id"])


def reverse(client: httpx.Client, name: str, transaction_id: str, amount: int | None = None) -> None:
    body = {"participant_id": name, "transaction_id": transaction_id} | ({} if amount is None else {"amount": amount})
    reply = client.post("/points/reverse", json=body)
    assert reply.status_code == 200, reply.text


def listed(client: httpx.Client, code: str, **parameters: Any) -> list[tuple[Any, ...]]:
    reply = client.get(f"/leaderboards/{code}", params={"limit": 100, **parameters})
    assert reply.status_code == 200, reply.text
    return [
        (entry["rank"], entry["participant_id"], entry["score"], *entry.get("tie_values", ()))
        for entry in reply.json()["entries"]
    ]


def ranked(rows: dict[str, Told]) -> list[tuple[Any, ...]]:
    in_order = sorted(rows.items(), key=lambda row: (tuple(-n for n in row[1].numbers), row[1].reached_at, row[0]))
    numbers = [told.numbers for _, told in in_order]
    return [(1 + numbers.index(told.numbers), name, *told.shown) for name, told in in_order]


def combined(metric: str, events: Sequence[tuple[datetime, float]], order: str) -> tuple[float, datetime | None, Any]:
    """The number by which a board ranks, the time of its last change, and the number as shown."""
    if metric in ("event_sum", "event_count"):
        total = round(sum(number for _, number in events), 6)
        changes = [at for at, number in events if number]
        return (-total if order == "asc" else total), max(changes, default=None), total
    if not events:
        return float("-inf"), None, None
    if metric == "event_last":
        at, number = max(enumerate(events), key=lambda each: (each[1][0], each[0]))[1]
    else:
        number = (max if metric == "event_max" else min)(number for _, number in events)
        at = min(at for at, other in events if other == number)
    return (-number if order == "asc" else number), at, number


def brute_force(
    board: dict[str, Any], events: dict[str, list[Event]], condition: Callable[[Event], bool], in_window: Any
) -> dict[str, Told]:
    rows = {}
    for name, own in events.items():
        counted = [event for event in own if in_window(event.at) and condition(event)]
        numbers = []
        for scored in (board, *board.get("tie_breakers", ())):
            of_metric = [
                (event.at, event.properties[scored["property"]] if "property" in scored else 1)
                for event in counted
                if scored.get("event_name") in (None, event.name)
                and ("property" not in scored or isinstance(event.properties.get(scored["property"]), int | float))
            ]
            numbers.append((combined(scored["metric"], of_metric, scored.get("order", "desc")), of_metric))
        if numbers[0][1]:
            changes = [at for (_, at, _), _ in numbers if at is not None]
            reached_at = max(changes) if changes else min(at for _, found in numbers for at, _ in found)
            rows[name] = Told(
                tuple(number for (number, _, _), _ in numbers),
                reached_at,
                tuple(shown for (_, _, shown), _ in numbers),
            )
    return rows


BOARDS: dict[str, dict[str, Any]] = {
    "sum": {"metric": "event_sum", "property": "n"},
    "least_sum": {"metric": "event_sum", "property": "n", "order": "asc"},
    "high_score": {"metric": "event_max", "property": "n"},
    "lap": {"metric": "event_min", "event_name": "a", "property": "n", "order": "asc"},
    "worst": {"metric": "event_max", "property": "n", "order": "asc"},
    "last": {"metric": "event_last", "property": "n"},
    "wins": {"metric": "event_count", "condition": "event.properties.n == 3"},
    "table": {
        "metric": "event_sum",
        "property": "n",
        "tie_breakers": [
            {"metric": "event_sum", "property": "m"},
            {"metric": "event_count", "event_name": "b", "order": "asc"},
            {"metric": "event_sum", "event_name": "a", "property": "m"},
        ],
    },
    "mixed": {
        "metric": "event_max",
        "event_name": "a",
        "property": "n",
        "condition": "event.properties.m >= 0",
        "tie_breakers": [
            {"metric": "event_min", "property": "m", "order": "asc"},
            {"metric": "event_last", "event_name": "b", "property": "m"},
        ],
    },
}
CONDITIONS: dict[str, Callable[[Event], bool]] = {
    "wins": lambda event: event.properties.get("n") == 3,
    "mixed": lambda event: event.properties.get("m", -1) >= 0,
}


def random_events(generator: random.Random, people: int, number: int) -> dict[str, list[Event]]:
    events: dict[str, list[Event]] = defaultdict(list)
    for _ in range(number):
        properties = {"n": generator.choice((0, 1, 3, 2.5, -1, 0.5)), "m": generator.choice((0, 2, -2, 1))}
        if generator.random() < 0.1:
            del properties[generator.choice(("n", "m"))]
        at = BEGAN + timedelta(hours=generator.randrange(0, 240, 6))
        events[f"p{generator.randrange(people)}"].append(Event(generator.choice("ab"), at, properties))
    return events


def windows() -> dict[str, Any]:
    spring = BEGAN + timedelta(days=3), BEGAN + timedelta(days=8)
    return {
        "all_time": lambda _: True,
        "spring": lambda at: spring[0] <= at < spring[1],
    }


def test_boards_are_exact_live_and_filled(admin: httpx.Client) -> None:
    generator = random.Random(20)
    live = {"seasons": [SEASON], "windows": ["all_time", "daily"]}
    for code, board in BOARDS.items():
        create(admin, code, **board, **live)
    events = random_events(generator, 12, 260)
    for name, own in events.items():
        for start in range(0, len(own), 50):
            commands = [
                {
                    "participant_id": name,
                    "event_name": event.name,
                    "properties": event.properties,
                    "timestamp": event.at.isoformat(),
                }
                for event in own[start : start + 50]
            ]
            for command in commands:
                admin.post("/events", json=command).raise_for_status()
    for code, board in BOARDS.items():
        create(admin, f"{code}_again", **board, **live)
        for period, in_window in windows().items():
            expected = ranked(brute_force(board, events, CONDITIONS.get(code, lambda _: True), in_window))
            assert expected
            for each in (code, f"{code}_again"):
                assert listed(admin, each, period=period) == expected, (each, period)
        for name in ("p0", "p7"):
            found = admin.get(f"/leaderboards/{code}/rank/{name}", params={"period": "spring"}).json()
            row = next((row for row in expected if row[1] == name), None)
            assert (found["rank"], found["total_participants"]) == (row[0] if row else None, len(expected))
            around = listed(admin, code, period="spring", around=name, limit=3)
            assert around == [] if row is None else row in around


def test_a_board_keeps_its_windows_alone(admin: httpx.Client, database_url: str) -> None:
    create(admin, "few", windows=["monthly"], time_window="monthly", seasons=[SEASON])
    award(admin, "ada", 5, timestamp="2026-01-09T12:00:00Z")
    award(admin, "bob", 7, timestamp="2026-02-09T12:00:00Z")
    assert listed(admin, "few", period="spring") == [(1, "ada", 5)]
    assert listed(admin, "few", period_key="2026-02") == [(1, "bob", 7)]
    refused = admin.get("/leaderboards/few", params={"period": "daily"})
    assert refused.status_code == 422
    assert "period must be a window that the board keeps: monthly" in refused.json()["detail"]
    assert admin.get("/leaderboards/few", params={"period": "summer"}).status_code == 422
    assert admin.get("/leaderboards/few", params={"period": "spring", "period_key": "2026"}).status_code == 422
    shown = admin.get("/leaderboards/few", params={"period": "spring"}).json()
    assert (shown["period"], shown["period_key"], shown["resets_at"]) == ("spring", None, None)
    [(number,)] = query(
        database_url,
        "SELECT count(*) FROM board_standing s JOIN board_generation g ON g.id = s.generation"
        " WHERE g.rules -> 'windows' = '[\"monthly\"]'",
    )
    assert number == 3


def test_seasons_begin_and_end_with_days_of_the_project(server: Server, database_url: str) -> None:
    key = make_key(database_url, project=f"project-{uuid4().hex}", scope="admin")
    query(
        database_url,
        "UPDATE project SET time_zone = 'America/New_York', definitions_version = definitions_version + 1"
        " WHERE id = (SELECT max(id) FROM project)",
    )
    with server.client(key) as client:
        create(client, "spring", seasons=[{"code": "s1", "from": "2026-03-08", "to": "2026-03-08"}])
        for name, at in (
            ("before", "2026-03-08T04:59:59Z"),
            ("first", "2026-03-08T05:00:00Z"),
            ("last", "2026-03-09T03:59:59Z"),
            ("after", "2026-03-09T04:00:00Z"),
        ):
            award(client, name, 5, timestamp=at)
        assert {row[1] for row in listed(client, "spring", period="s1")} == {"first", "last"}


def test_somebody_whose_awards_were_all_reversed_leaves_the_board(admin: httpx.Client) -> None:
    create(admin, "earned")
    create(admin, "large", condition="points.amount >= 50")
    first, second = award(admin, "ada", 60, timestamp="2026-01-09T12:00:00Z"), award(admin, "ada", 10)
    award(admin, "bob", 5)
    assert listed(admin, "large") == [(1, "ada", 60)]
    reverse(admin, "ada", first, 20)
    # The part that is left is below 50, but the award is judged.
    assert listed(admin, "large") == [(1, "ada", 40)]
    reverse(admin, "ada", second)
    assert listed(admin, "earned") == [(1, "ada", 40), (2, "bob", 5)]
    reverse(admin, "ada", first, 30)
    reverse(admin, "ada", first, 10)
    assert listed(admin, "large") == []
    assert listed(admin, "earned") == [(1, "bob", 5)]
    assert listed(admin, "earned", period="daily", period_key="2026-01-09") == []
    assert admin.get("/leaderboards/earned/rank/ada").json()["rank"] is None
    create(admin, "earned_again")
    create(admin, "large_again", condition="points.amount >= 50")
    assert listed(admin, "earned_again") == [(1, "bob", 5)]
    award(admin, "ada", 50)
    for code in ("earned", "earned_again", "large", "large_again"):
        assert (1, "ada", 50) in listed(admin, code), code


def test_a_condition_reads_the_rule_that_gave_the_points(admin: httpx.Client) -> None:
    for code, points in (("order", 10), ("visit", 1)):
        rule = {
            "code": code,
            "name": code,
            "event_name": code,
            "actions": [{"type": "award_points", "amount": points}],
        }
        admin.post("/admin/rules", json=rule).raise_for_status()
    fields = {
        "condition": 'points.rule == "order" && points.reason != "gift"',
        "tie_breakers": [{"metric": "points_balance"}, {"metric": "event_count", "event_name": "visit"}],
    }
    create(admin, "by_orders", **fields)
    award(admin, "ada", 100)
    for name in ("order", "visit", "order"):
        record(admin, "ada", name)
    record(admin, "bob", "visit")
    create(admin, "by_orders_again", **fields)
    for code in ("by_orders", "by_orders_again"):
        assert listed(admin, code) == [(1, "ada", 20, 20, 1)]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"condition": "event.properties.n == 3"}, "condition can read points.* for the metric points_earned"),
        ({"condition": "now > timestamp('2026-01-01T00:00:00Z')"}, "but not now"),
        ({"condition": "points.amout > 3"}, "condition is not accepted at line 1"),
        ({"metric": "event_count", "condition": "points.amount > 3"}, "condition can read event.*"),
        ({"tie_breakers": [{"metric": "event_sum"}]}, "tie_breakers[0].property is required"),
        ({"tie_breakers": [{"metric": "points_earned"}] * 4}, "tie_breakers"),
        (
            {"windows": ["daily", "weekly"]},
            "time_window must be one of windows, not all_time; send daily, for example",
        ),
        ({"windows": ["daily", "daily"], "time_window": "daily"}, "windows must not repeat daily"),
        ({"windows": []}, "windows"),
        ({"seasons": [{"code": "s", "from": "2026-02-01", "to": "2026-01-01"}]}, "seasons[0].to must not be before"),
        (
            {"seasons": [{"code": "s", "from": "2026-02-01", "to": "9998-12-32"}]},
            "seasons[0].to must be a date",
        ),
        (
            {"seasons": [{"code": "s", "from": "2026-02-01", "to": "9999-01-01"}]},
            "seasons[0].to must be from 1970",
        ),
        (
            {"seasons": [{"code": "s", "from": "1969-12-31", "to": "2026-01-01"}]},
            "seasons[0].from must be from 1970",
        ),
        ({"seasons": [{"code": "daily", "from": "2026-01-01", "to": "2026-01-01"}]}, "seasons[0].code must not be"),
        ({"seasons": [SEASON, SEASON]}, "seasons must not repeat the code spring"),
        ({"order": "up"}, "order"),
    ],
)
def test_what_is_refused(admin: httpx.Client, fields: dict[str, Any], sentence: str) -> None:
    reply = admin.post("/admin/leaderboards", json={"code": "x", "name": "X", **fields})
    assert reply.status_code == 422
    assert sentence in reply.json()["detail"]


def test_an_edit_of_the_scoring_fills_the_board_again(admin: httpx.Client, database_url: str) -> None:
    identifier = create(admin, "edited")
    award(admin, "ada", 5)
    award(admin, "bob", 7)

    def generations() -> int:
        [(count,)] = query(database_url, "SELECT count(*) FROM board_generation WHERE definition_id = %s", identifier)
        return int(count)

    for patch in (
        {"order": "asc"},
        {"condition": "points.amount > 5"},
        {"windows": ["all_time"]},
        {"seasons": [SEASON]},
    ):
        before = generations()
        assert admin.patch(f"/admin/leaderboards/{identifier}", json=patch).status_code == 200
        until_ready(admin, identifier)
        assert generations() == before + 1, patch
        if patch == {"order": "asc"}:
            assert listed(admin, "edited") == [(1, "ada", 5), (2, "bob", 7)]
    assert admin.patch(f"/admin/leaderboards/{identifier}", json={"name": "New"}).status_code == 200
    assert generations() == 5
    assert listed(admin, "edited") == [(1, "bob", 7)]


def test_forgotten_events_keep_verdicts_and_numbers(server: Server, database_url: str) -> None:
    code = f"forgets_{uuid4().hex}"
    with server.client(make_key(database_url, "admin", project=code, mode="test")) as api:
        project = Project(api, code, database_url)
        fields = {
            "metric": "event_max",
            "property": "n",
            "condition": "event.properties.league == 'first'",
            "tie_breakers": [{"metric": "event_sum", "property": "m"}],
        }
        create(api, "kept", **fields)
        record(api, "ada", "match", n=5, m=1, league="first")
        record(api, "ada", "match", n=9, m=1, league="second")
        record(api, "bob", "match", n=4, m=2, league="first")
        expected = [(1, "ada", 5, 1), (2, "bob", 4, 2)]
        assert listed(api, "kept") == expected
        project.set_retention("--event-days", "30")
        project.later(31)
        project.forget()
        assert len(project.stored("event_forgotten")) == 3
        create(api, "kept_again", **fields)
        create(api, "too_late", **{**fields, "condition": "event.properties.league == 'second'"})
        record(api, "bob", "match", n=6, m=0, league="first")
        for board in ("kept", "kept_again"):
            assert listed(api, board) == [(1, "bob", 6, 2), (2, "ada", 5, 1)]
        assert listed(api, "too_late") == []
    check(database_url)


def test_cursors_reach_everybody_once(admin: httpx.Client) -> None:
    create(admin, "long", tie_breakers=[{"metric": "points_balance"}])
    generator = random.Random(3)
    for number in range(70):
        award(
            admin, f"p{number:02}", generator.randint(1, 6), timestamp=f"2026-01-0{generator.randint(1, 3)}T00:00:00Z"
        )
    everybody = listed(admin, "long")
    assert len(everybody) == 70
    for limit in (1, 7, 20, 69, 70):
        pages, cursor = [], None
        while True:
            parameters = {"limit": limit} | ({"after": cursor} if cursor else {})
            found = admin.get("/leaderboards/long", params=parameters).json()
            assert found["total_participants"] == 70
            pages += [(e["rank"], e["participant_id"], e["score"], *e["tie_values"]) for e in found["entries"]]
            cursor = found.get("next_cursor")
            if cursor is None:
                break
        assert pages == everybody, limit
    cursor = admin.get("/leaderboards/long", params={"limit": 5}).json()["next_cursor"]
    for parameters in ({"after": cursor, "period": "daily"}, {"after": "x"}, {"after": cursor, "around": "p01"}):
        assert admin.get("/leaderboards/long", params=parameters).status_code == 422


def test_a_ranking_among_friends_has_the_ranks_of_the_board_beside(admin: httpx.Client) -> None:
    create(admin, "friends")
    for number in range(30):
        award(admin, f"p{number:02}", 1 + number // 3, timestamp="2026-01-01T00:00:00Z")
    whole = {row[1]: row for row in listed(admin, "friends")}
    chosen = ["p03", "p04", "p29", "nobody", "p17"]
    by_get = admin.get("/leaderboards/friends", params={"among": ",".join(chosen), "include": "profile"})
    by_post = admin.post("/leaderboards/friends/among", json={"participant_ids": chosen, "include": "profile"})
    assert by_get.status_code == by_post.status_code == 200, by_get.text
    assert by_get.json() == by_post.json()
    found = by_get.json()
    rows = [(e["rank"], e["participant_id"], e["score"], e["global_rank"]) for e in found["entries"]]
    assert rows == [(1, "p29", 10, 1), (2, "p17", 6, 13), (3, "p03", 2, 25), (3, "p04", 2, 25)]
    assert all((whole[name][0], whole[name][2]) == (rank, score) for _, name, score, rank in rows)
    assert found["total_participants"] == 4
    many = [f"p{number:02}" for number in range(30)] + [f"x{number}" for number in range(470)]
    everybody = admin.post("/leaderboards/friends/among", json={"participant_ids": many}).json()
    assert [(e["global_rank"], e["participant_id"], e["score"]) for e in everybody["entries"]] == [*whole.values()]
    refused = admin.post("/leaderboards/friends/among", json={"participant_ids": [*many, "more"]})
    assert refused.status_code == 422
    assert admin.get("/leaderboards/friends", params={"among": "a,,b"}).status_code == 422
    assert admin.get("/leaderboards/friends", params={"among": "nobody"}).json()["entries"] == []


def test_one_call_returns_the_ranks_in_all_windows(admin: httpx.Client) -> None:
    create(admin, "all", seasons=[SEASON, {"code": "other", "from": "2027-01-01", "to": "2027-12-31"}])
    award(admin, "ada", 5, timestamp="2026-01-09T12:00:00Z")
    award(admin, "bob", 7, timestamp="2026-01-09T12:00:00Z")
    award(admin, "ada", 1)
    found = admin.get("/leaderboards/all/ranks/ada").json()
    assert [each["period"] for each in found["ranks"]] == [
        *("all_time", "yearly", "monthly", "weekly", "daily"),
        *("spring", "other"),
    ]
    for each in found["ranks"]:
        alone = admin.get("/leaderboards/all/rank/ada", params={"period": each["period"]}).json()
        for name in ("rank", "score", "total_participants", "percentile"):
            assert each[name] == alone[name], each
    assert [each["rank"] for each in found["ranks"]][-2:] == [2, None]
    assert admin.get("/leaderboards/all/ranks/nobody").status_code == 404


def store_results(database_url: str) -> None:
    async def work() -> None:
        connection = await connect_job(database_url)
        # A step of the job ends after a second, however many boards there are.
        for _ in range(60):
            if await closing.close_windows(connection, DefinitionsCache(TABLES)):
                break
        else:
            raise AssertionError("some windows have no result yet")
        await connection.close()

    asyncio.run(work())


def test_the_result_of_a_window_is_stored_a_day_after_its_end(server: Server, database_url: str) -> None:
    code = f"results_{uuid4().hex}"
    with server.client(make_key(database_url, "admin", project=code, mode="test")) as api:
        project = Project(api, code, database_url)
        today = datetime.now(UTC).date()
        season = {"code": "now", "from": str(today - timedelta(days=1)), "to": str(today)}
        create(api, "cup", tie_breakers=[{"metric": "points_balance", "order": "asc"}], seasons=[season])
        for number in range(25):
            award(api, f"p{number:02}", 1 + number // 2)
        award(api, "gone", 99)
        expected = listed(api, "cup", period="now")
        project.later(1)
        store_results(database_url)
        missing = api.get("/leaderboards/cup", params={"period": "now", "result": True})
        assert (missing.status_code, missing.json()["code"]) == (404, "result_not_found")
        project.later(1)
        store_results(database_url)
        store_results(database_url)
        late = datetime.now(UTC).isoformat()
        award(api, "p00", 50, timestamp=late)
        assert listed(api, "cup", period="now")[1][1] == "p00"
        assert listed(api, "cup", period="now", result=True) == expected
        pages, cursor = [], None
        while True:
            parameters = {"period": "now", "result": True, "limit": 10} | ({"after": cursor} if cursor else {})
            found = api.get("/leaderboards/cup", params=parameters).json()
            assert (found["total_participants"], found["resets_at"]) == (26, None)
            pages += [(e["rank"], e["participant_id"], e["score"], *e["tie_values"]) for e in found["entries"]]
            cursor = found.get("next_cursor")
            if cursor is None:
                break
        assert pages == expected
        identifier = api.get("/admin/leaderboards").json()["items"][0]["id"]
        api.patch(f"/admin/leaderboards/{identifier}", json={"tie_breakers": [], "order": "asc"}).raise_for_status()
        until_ready(api, identifier)
        assert api.delete("/admin/participants/gone").status_code in (200, 204)
        shown = listed(api, "cup", period="now", result=True)
        assert shown == [row for row in expected if row[1] != "gone"]
        for parameters in ({"result": True}, {"result": True, "period": "now", "around": "p01"}):
            assert api.get("/leaderboards/cup", params=parameters).status_code == 422
    check(database_url)


def test_a_stored_result_is_announced(server: Server, database_url: str) -> None:
    """Once, also to a reader who filters by participant; no event names an erased person."""
    code = f"announced_{uuid4().hex}"
    with server.client(make_key(database_url, "admin", project=code, mode="test")) as api:
        project = Project(api, code, database_url)
        today = datetime.now(UTC).date()
        seasons = [
            {"code": "now", "from": str(today - timedelta(days=1)), "to": str(today)},
            {"code": "before", "from": str(today - timedelta(days=9)), "to": str(today - timedelta(days=5))},
        ]
        create(api, "cup", order="asc", windows=["all_time"], seasons=seasons)
        assert api.get("/feed").json()["events"] == []
        past = datetime.now(UTC) - timedelta(days=6)
        for number in range(103):
            award(api, f"p{number:03}", 1 + number)
        award(api, "p000", 5, timestamp=past.isoformat())
        assert api.delete("/admin/participants/p002").status_code in (200, 204)
        project.later(1)
        project.later(1)
        store_results(database_url)
        store_results(database_url)
        closed = until_announced(api, "leaderboard.closed", 1)
        placed = until_announced(api, "leaderboard.placed", 100)
        window = {"leaderboard_code": "cup", "leaderboard_name": "cup", "period": "now", "total_participants": 102}
        assert [(each["participant_id"], each["data"]) for each in closed] == [(None, window)]
        assert placed[0]["participant_id"] == "p000"
        assert placed[0]["data"] == window | {"rank": 1, "score": 1}
        assert [each["data"]["rank"] for each in placed] == [*range(1, 101)]
        assert len({each["id"] for each in placed + closed}) == 101
        mine = api.get("/feed", params={"participant_id": "p000", "types": "leaderboard.placed"}).json()["events"]
        assert mine == placed[:1]
        assert api.delete("/admin/participants/p000").status_code in (200, 204)
        erased = api.get("/feed", params={"types": "leaderboard.placed"}).json()["events"]
        assert [each["participant_id"] for each in erased] == [None, *(each["participant_id"] for each in placed[1:])]


def test_a_season_with_other_dates_has_a_separate_result(server: Server, database_url: str) -> None:
    code = f"moved_{uuid4().hex}"
    with server.client(make_key(database_url, "admin", project=code, mode="test")) as api:
        project = Project(api, code, database_url)
        today = datetime.now(UTC).date()

        def season(first: int, last: int) -> list[dict[str, str]]:
            return [{"code": "cup", "from": str(today + timedelta(first)), "to": str(today + timedelta(last))}]

        def winners() -> list[str] | int:
            response = api.get("/leaderboards/board", params={"period": "cup", "result": "true"})
            return [each["participant_id"] for each in response.json()["entries"]] if response.is_success else 404

        board = create(api, "board", windows=["all_time"], seasons=season(0, 0))
        award(api, "ann", 5)
        project.later(1)
        project.later(1)
        store_results(database_url)
        assert winners() == ["ann"]
        for seasons in (season(2, 2), season(0, 2)):
            api.patch(f"/admin/leaderboards/{board}", json={"seasons": seasons}).raise_for_status()
            until_ready(api, board)
            assert winners() == 404
        award(api, "bob", 9)
        project.later(1)
        project.later(1)
        store_results(database_url)
        assert winners() == ["bob", "ann"]
        api.patch(f"/admin/leaderboards/{board}", json={"seasons": season(0, 0)}).raise_for_status()
        until_ready(api, board)
        assert winners() == ["ann"]


def test_the_last_possible_day_of_a_season(server: Server, database_url: str) -> None:
    """Reads and the job that stores results compute the end of the season."""
    with server.client(make_key(database_url, "admin", project=f"ever_{uuid4().hex}", mode="test")) as api:
        create(api, "ever", windows=["all_time"], seasons=[{"code": "s", "from": "1970-01-01", "to": "9998-12-31"}])
        award(api, "ann", 5)
        assert api.get("/leaderboards/ever", params={"period": "s"}).json()["entries"][0]["participant_id"] == "ann"
        assert api.get("/leaderboards/ever/ranks/ann").is_success
        store_results(database_url)


def until_announced(api: httpx.Client, type_: str, count: int) -> list[dict[str, Any]]:
    """The events of this type, once there are so many."""
    deadline = time.monotonic() + 20
    while True:
        events: list[dict[str, Any]] = api.get("/feed", params={"types": type_}).json()["events"]
        if len(events) >= count or time.monotonic() > deadline:
            assert len(events) == count
            return events
        time.sleep(0.1)
