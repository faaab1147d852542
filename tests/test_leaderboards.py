"""Leaderboards over HTTP: ranks against brute force, windows, ticks, boards made after the fact, under load."""

import asyncio
import csv
import gzip
import random
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from laurels.storage.lanes import lane_of
from laurels.storage.postgres.ids import new_id
from tests.checks import ID, Maybe, Moment, assert_answer, assert_refused, make_key, query, unchanged
from tests.conftest import TEMPLATE
from tests.hammer import Connection
from tests.processes import laurels
from tests.support import ADMIN_KEY, Databases, Server, check

COMMITS = Path(__file__).parents[1] / "examples" / "commits" / "commits.csv.gz"
BOARD = {
    "leaderboard_code": str,
    "period": str,
    "entries": [{"rank": int, "participant_id": str, "score": int, "change": Maybe(str)}],
    "total_participants": int,
    "period_key": Maybe(str),
    "resets_at": Maybe(Moment),
}
RANK = {
    "participant_id": str,
    "rank": Maybe(int),
    "score": int,
    "total_participants": int,
    "percentile": Maybe(float),
}
DEFINITION = {
    "id": ID,
    "code": str,
    "name": str,
    "metric": str,
    "event_name": Maybe(str),
    "property": Maybe(str),
    "time_window": str,
    "status": str,
    "progress": float,
    "is_active": bool,
}


@pytest.fixture
def admin(server: Server, database_url: str) -> Iterator[httpx.Client]:
    """An admin of a project of the test's own, with a board `top`."""
    with server.client(make_key(database_url, project=f"project-{uuid4().hex}", scope="admin")) as client:
        create(client, "top")
        yield client


def create(client: httpx.Client, code: str, **particulars: Any) -> Any:
    """A board, filled."""
    made = client.post("/admin/leaderboards", json={"code": code, "name": code, **particulars})
    assert_answer(made, DEFINITION, 201)
    return until_ready(client, made.json()["id"])


def delete_boards(client: httpx.Client) -> None:
    """For facts that a test writes past the server, which no board that is there has counted."""
    for definition in client.get("/admin/leaderboards").json()["items"]:
        client.delete(f"/admin/leaderboards/{definition['id']}").raise_for_status()


def until_ready(client: httpx.Client, identifier: str, seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while (found := client.get(f"/admin/leaderboards/{identifier}").json())["status"] != "ready":
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def award(client: httpx.Client, name: str, amount: int, **optional: Any) -> None:
    body = {"participant_id": name, "amount": amount, **optional}
    client.post("/points/award", json=body).raise_for_status()


def board(client: httpx.Client, code: str = "top", **parameters: Any) -> Any:
    return assert_answer(client.get(f"/leaderboards/{code}", params=parameters), BOARD)


def listed(client: httpx.Client, code: str = "top", **parameters: Any) -> list[tuple[int, str, int]]:
    entries = board(client, code, **parameters)["entries"]
    return [(entry["rank"], entry["participant_id"], entry["score"]) for entry in entries]


def rank(client: httpx.Client, name: str, code: str = "top", **parameters: Any) -> Any:
    return assert_answer(client.get(f"/leaderboards/{code}/rank/{name}", params=parameters), RANK)


def move_clock(database_url: str, client: httpx.Client, to: datetime) -> None:
    """Sets the clock of the client's project."""
    award(client, "clock", 1)
    [(project_id,)] = query(database_url, "SELECT max(project_id) FROM participant WHERE participant_id = 'clock'")
    query(
        database_url,
        "UPDATE project SET clock_offset_ms = %s, definitions_version = definitions_version + 1 WHERE id = %s",
        round((to - datetime.now(UTC)).total_seconds() * 1000),
        project_id,
    )


def eventually(holds: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_ties_share_a_rank_and_are_listed_by_who_was_first(admin: httpx.Client) -> None:
    award(admin, "late", 300, timestamp="2026-02-14T12:00:00Z")
    award(admin, "early", 300, timestamp="2026-02-14T11:00:00Z")
    award(admin, "best", 500)
    award(admin, "last", 100)
    assert listed(admin) == [(1, "best", 500), (2, "early", 300), (2, "late", 300), (4, "last", 100)]
    assert listed(admin, limit=2) == [(1, "best", 500), (2, "early", 300)]
    answer = board(admin, period="all_time")
    assert (answer["leaderboard_code"], answer["period"], answer["total_participants"]) == ("top", "all_time", 4)
    assert (answer["period_key"], answer["resets_at"]) == (None, None)
    assert rank(admin, "late") == {
        "participant_id": "late",
        "rank": 2,
        "score": 300,
        "total_participants": 4,
        "percentile": 50.0,
    }


def test_around_a_participant(admin: httpx.Client) -> None:
    for number in range(1, 10):
        award(admin, f"n{number}", 100 * (1 + number // 2), timestamp=f"2026-02-14T1{number}:00:00Z")
    everyone = listed(admin, limit=100)
    assert [entry[0] for entry in everyone] == [1, 1, 3, 3, 5, 5, 7, 7, 9]
    for place, (_, name, _) in enumerate(everyone):
        for limit in (1, 3, 4):
            start = max(0, min(place - (limit - 1) // 2, len(everyone) - limit))
            assert listed(admin, around=name, limit=limit) == everyone[start : start + limit], (name, limit)
    assert listed(admin, around="nobody") == []


def test_profiles_on_request(admin: httpx.Client) -> None:
    admin.post("/participants", json={"participant_id": "ada", "display_name": "Ada", "avatar_url": "https://x/a"})
    award(admin, "ada", 5)
    assert "display_name" not in board(admin)["entries"][0]
    entry = board(admin, include="profile")["entries"][0]
    assert (entry["display_name"], entry["avatar_url"]) == ("Ada", "https://x/a")


def test_windows_of_the_projects_calendar(admin: httpx.Client) -> None:
    for day, amount in (("2026-01-31", 1), ("2026-02-01", 20), ("2026-02-02", 300), ("2025-12-31", 4_000)):
        award(admin, "ada", amount, timestamp=f"{day}T23:59:59Z")
    expected = {
        ("daily", "2026-02-01"): 20,
        ("weekly", "2026-W05"): 21,
        ("weekly", "2026-W06"): 300,
        ("monthly", "2026-01"): 1,
        ("monthly", "2026-02"): 320,
        ("yearly", "2026"): 321,
        ("yearly", "2025"): 4_000,
    }
    for (period, key), score in expected.items():
        assert rank(admin, "ada", period=period, period_key=key)["score"] == score, key
        answer = board(admin, period=period, period_key=key)
        assert (answer["period_key"], answer["resets_at"], len(answer["entries"])) == (
            key,
            None if key not in ("2026",) or datetime.now(UTC).year > 2026 else answer["resets_at"],
            1,
        )
    assert rank(admin, "ada")["score"] == 4_321


def test_without_a_score_in_the_window_there_is_no_rank(admin: httpx.Client) -> None:
    award(admin, "old", 5, timestamp="2026-02-14T00:00:00Z")
    answer = {"participant_id": "old", "rank": None, "score": 0, "total_participants": 0, "percentile": None}
    assert rank(admin, "old", period="daily") == answer
    assert listed(admin, period="daily", around="old") == []


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/leaderboards/nope", 404, "Leaderboard definition not found: nope"),
        ("/leaderboards/nope/rank/ada", 404, "Leaderboard definition not found: nope"),
        ("/leaderboards/top/rank/nobody", 404, "Participant not found: nobody"),
        ("/leaderboards/asleep", 400, "Leaderboard is not active: asleep"),
        ("/leaderboards/top?limit=0", 422, None),
        ("/leaderboards/top?limit=101", 422, None),
        ("/leaderboards/top?period=hourly", 422, None),
        ("/leaderboards/top?period=daily&period_key=2026-02-30", 422, None),
        ("/leaderboards/top?period_key=2026", 422, None),
        ("/leaderboards/top?include=badges", 422, None),
        ("/leaderboards/top?around=", 422, None),
    ],
)
def test_refusals(admin: httpx.Client, path: str, status: int, detail: str | None) -> None:
    create(admin, "asleep", is_active=False)
    assert_refused(admin.get(path), status, detail=detail)


@pytest.mark.parametrize(
    "wrong",
    [
        {"metric": "event_sum"},
        {"metric": "event_count", "property": "amount"},
        {"metric": "points_earned", "event_name": "bought"},
        {"metric": "stars"},
        {"time_window": "hourly"},
    ],
)
def test_definitions_that_make_no_sense(admin: httpx.Client, database_url: str, wrong: Any) -> None:
    with unchanged(database_url):
        assert_refused(admin.post("/admin/leaderboards", json={"code": "odd", "name": "Odd", **wrong}), 422)


def test_the_four_metrics(admin: httpx.Client, database_url: str, tmp_path: Path) -> None:
    create(admin, "balance", metric="points_balance")
    create(admin, "events", metric="event_count", event_name="bought")
    create(admin, "money", metric="event_sum", property="price")
    award(admin, "ada", 100)
    admin.post("/points/deduct", json={"participant_id": "ada", "amount": 30}).raise_for_status()
    assert (rank(admin, "ada")["score"], rank(admin, "ada", "balance")["score"]) == (100, 70)
    project = query(database_url, "SELECT code FROM project ORDER BY id DESC LIMIT 1")[0][0]
    file = tmp_path / "events.jsonl"
    file.write_text(
        '{"participant_id": "ada", "what": "bought", "price": 49.99}\n'
        '{"participant_id": "ada", "what": "bought", "price": 0.01}\n'
        '{"participant_id": "ada", "what": "sold", "price": 0.5}\n'
    )
    options = ["--event", "what", "--project", project, "--database-url", database_url]
    laurels("import", str(file), *options).check_returncode()
    assert rank(admin, "ada", "events")["score"] == 2
    assert admin.get("/leaderboards/money/rank/ada").json()["score"] == 50.5
    check(database_url)


@pytest.mark.parametrize("anonymize", ["true", "false"])
def test_the_erased_leave_every_board(admin: httpx.Client, database_url: str, anonymize: str) -> None:
    for name, amount in (("ada", 10), ("bob", 20), ("eve", 30)):
        award(admin, name, amount)
    admin.delete("/admin/participants/bob", params={"anonymize": anonymize}).raise_for_status()
    for period in ("all_time", "yearly", "monthly", "weekly", "daily"):
        assert listed(admin, period=period) == [(1, "eve", 30), (2, "ada", 10)]
    assert rank(admin, "ada")["total_participants"] == 2
    create(admin, "after")
    assert listed(admin, "after") == [(1, "eve", 30), (2, "ada", 10)]
    check(database_url)


def test_another_metric_shows_when_it_is_filled(admin: httpx.Client, database_url: str) -> None:
    award(admin, "ada", 100)
    admin.post("/points/deduct", json={"participant_id": "ada", "amount": 30}).raise_for_status()
    identifier = admin.get("/admin/leaderboards").json()["items"][0]["id"]
    admin.patch(f"/admin/leaderboards/{identifier}", json={"metric": "points_balance"}).raise_for_status()
    assert rank(admin, "ada")["score"] in (100, 70)
    until_ready(admin, identifier)
    assert rank(admin, "ada")["score"] == 70
    admin.patch(f"/admin/leaderboards/{identifier}", json={"name": "New name"}).raise_for_status()
    assert rank(admin, "ada")["score"] == 70
    check(database_url)
    admin.delete(f"/admin/leaderboards/{identifier}").raise_for_status()
    assert_refused(admin.get("/leaderboards/top"), 404)
    check(database_url)


def test_change_since_the_last_tick(admin: httpx.Client, database_url: str) -> None:
    noon = datetime.now(UTC).replace(hour=12, minute=10, second=0, microsecond=0) + timedelta(days=1)
    move_clock(database_url, admin, noon)
    # The tick that the move makes due comes before the awards.
    ticked = "SELECT count(*) FROM board_tick WHERE ticked_at BETWEEN %s AND %s"
    eventually(lambda: query(database_url, ticked, noon, noon + timedelta(minutes=1)) == [(5,)])
    for name, amount in (("ada", 30), ("bob", 20), ("eve", 10)):
        award(admin, name, amount)

    def changes(period: str) -> dict[str, str]:
        return {entry["participant_id"]: entry["change"] for entry in board(admin, period=period)["entries"]}

    assert changes("daily")["ada"] == "new"
    move_clock(database_url, admin, noon + timedelta(hours=1))
    eventually(lambda: changes("daily")["ada"] == "same")
    award(admin, "eve", 15)
    award(admin, "new", 5)
    found = changes("daily")
    assert {name: found[name] for name in ("ada", "bob", "eve", "new")} == {
        "ada": "same",
        "bob": "down",
        "eve": "up",
        "new": "new",
    }
    # The other windows tick by the day.
    assert changes("all_time")["bob"] == "new"
    move_clock(database_url, admin, noon + timedelta(days=1))
    eventually(lambda: changes("all_time")["bob"] == "same")


def test_a_board_made_after_the_fact_counts_every_fact_once(databases: Databases) -> None:
    """Also those of a transaction that began before the board did, and those that come while it is filled."""
    url = databases.create(TEMPLATE)
    with Server(url) as server, Server(url) as second, server.client() as client:
        delete_boards(client)
        for number in range(300):
            award(client, f"p{number}", 1 + number % 50)
        with psycopg.connect(url) as slow:
            # As a batch does it, with the definitions' version of now.
            found = slow.execute(
                "SELECT a.lane, a.subject, a.seq, a.balance, project.definitions_version FROM account a "
                "JOIN participant p USING (lane, subject) JOIN project ON project.id = p.project_id "
                "WHERE p.lane = %s AND p.project_id = 1 AND p.participant_id = 'p0' FOR NO KEY UPDATE OF a",
                (lane_of(1, "p0"),),
            ).fetchone()
            assert found is not None
            made = client.post("/admin/leaderboards", json={"code": "late", "name": "Late"}).json()
            with second.client() as other:
                for number in range(200):
                    award(other if number % 2 else client, f"p{1 + number % 299}", 7)
            assert client.get(f"/admin/leaderboards/{made['id']}").json()["status"] == "waiting"
            assert board(client, "late")["progress"] == 0.0
            person = dict(zip(("lane", "subject", "seq", "balance", "version"), found, strict=True))
            slow.execute(
                """
                INSERT INTO journal (lane, id, project_id, subject, seq, kind, command_id, definitions_version,
                                     occurred_at, recorded_at, data)
                VALUES (%(lane)s, %(id)s, 1, %(subject)s, %(seq)s + 1, 'points_awarded', %(id)s, %(version)s, now(),
                        now(), jsonb_build_object('amount', 1000, 'balance_after', %(balance)s + 1000))
                """,
                {**person, "id": uuid4()},
            )
            slow.execute(
                """
                UPDATE account SET seq = seq + 1, balance = balance + 1000, total_earned = total_earned + 1000,
                                   transactions = transactions + 1
                WHERE lane = %(lane)s AND subject = %(subject)s
                """,
                person,
            )
            slow.commit()
        until_ready(client, made["id"])
        assert rank(client, "p0", "late")["score"] == 1001
        totals = dict(
            query(url, "SELECT participant_id, total_earned FROM participant JOIN account USING (lane, subject)")
        )
        for name in random.Random(3).sample(sorted(totals), 60):
            assert rank(client, name, "late")["score"] == totals[name]
    check(url)


@pytest.mark.all_cases
def test_commits_in_every_window(databases: Databases) -> None:
    url = databases.create(TEMPLATE)
    with Server(url) as server, server.client() as client:
        options = ["--amount", "files_changed", "--key", "commit", "--timestamp", "timestamp", "--database-url", url]
        laurels("import", str(COMMITS), *options).check_returncode()
        create(client, "filled")
        scores: dict[tuple[str, str | None], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        with gzip.open(COMMITS, "rt", newline="") as file:
            for row in csv.DictReader(file):
                amount = int(row["files_changed"])
                day = datetime.fromisoformat(row["timestamp"]).astimezone(UTC).date()
                year, week, _ = day.isocalendar()
                keys = {
                    ("all_time", None),
                    ("yearly", f"{day.year}"),
                    ("monthly", f"{day.year}-{day.month:02}"),
                    ("weekly", f"{year}-W{week:02}"),
                    ("daily", day.isoformat()),
                }
                for key in keys if amount else ():
                    scores[key][row["participant_id"]] += amount
        chosen = random.Random(2).sample(sorted(scores, key=str), 60)
        wide = [key for key in scores if key[0] in ("all_time", "yearly")]
        for code in ("top_scorers", "filled"):
            for period, name in [*wide, *chosen]:
                expected = scores[period, name]
                parameters = {"period": period, "limit": 100} | ({"period_key": name} if name else {})
                found = board(client, code, **parameters)
                ordered = sorted(expected.values(), reverse=True)
                assert [entry["score"] for entry in found["entries"]] == ordered[:100], (code, period, name)
                for entry in found["entries"]:
                    assert entry["score"] == expected[entry["participant_id"]]
                    assert entry["rank"] == 1 + ordered.index(entry["score"])
                assert found["total_participants"] == len(expected)
    check(url)


def fill_a_large_project(url: str, participants: int) -> None:
    """Participants with one award each, 30 % of them with a score that many others have."""
    generator = random.Random(5)
    now = datetime.now(UTC)
    with psycopg.connect(url, autocommit=True) as connection:
        people = []
        for number in range(participants):
            tied = generator.random() < 0.3
            amount = generator.choice((100, 200, 500)) if tied else generator.randint(1, 1_000_000)
            people.append((lane_of(1, f"p{number}"), uuid4(), f"p{number}", new_id(), amount))
        with connection.cursor().copy(
            "COPY participant (lane, subject, project_id, participant_id, created_at) FROM STDIN"
        ) as copy:
            for lane, subject, name, _, _ in people:
                copy.write_row((lane, subject, 1, name, now))
        with connection.cursor().copy(
            "COPY account (lane, subject, seq, balance, total_earned, transactions, last_seen_at) FROM STDIN"
        ) as copy:
            for lane, subject, _, _, amount in people:
                copy.write_row((lane, subject, 1, amount, amount, 1, now))
        with connection.cursor().copy(
            "COPY journal (lane, id, project_id, subject, seq, kind, command_id, definitions_version, occurred_at,"
            " recorded_at, data) FROM STDIN"
        ) as copy:
            for lane, subject, _, fact, amount in people:
                data = f'{{"amount": {amount}, "balance_after": {amount}}}'
                copy.write_row((lane, fact, 1, subject, 1, "points_awarded", fact, 1, now, now, data))
        connection.execute("ANALYZE")


async def write(base_url: str, until: float, seed: int, participants: int) -> int:
    connection, generator, written = Connection(base_url), random.Random(seed), 0
    while time.monotonic() < until:
        # Half of the awards go to a few, who overtake one another all the time.
        number = generator.randrange(40 if generator.random() < 0.5 else participants)
        body = {"participant_id": f"p{number}", "amount": generator.choice((1, 100, 200_000))}
        reply = await connection.post("/points/award", body)
        assert reply.status == 200, reply.body
        written += 1
    connection.close()
    return written


async def read(server: Server, until: float) -> int:
    """While scores change every answer must still agree with itself."""
    reads = 0
    async with httpx.AsyncClient(
        base_url=f"{server.base_url}/api/v1/gamify", headers={"X-API-Key": ADMIN_KEY}, timeout=30
    ) as client:
        while time.monotonic() < until:
            name = f"p{random.randrange(40)}"
            for path in ("/leaderboards/top_scorers?limit=50", f"/leaderboards/top_scorers?around={name}&limit=9"):
                entries = (await client.get(path)).json()["entries"]
                scores = [entry["score"] for entry in entries]
                assert scores == sorted(scores, reverse=True)
                for before, after in pairwise(entries):
                    assert (before["rank"] == after["rank"]) == (before["score"] == after["score"])
                    assert before["rank"] <= after["rank"]
            reads += 1
    return reads


def assert_exact(client: httpx.Client, url: str, period: str) -> None:
    """Against brute force: every score of the accounts, sorted. All facts are of today."""
    totals = dict(query(url, "SELECT participant_id, total_earned FROM participant JOIN account USING (lane, subject)"))
    ascending = sorted(totals.values())

    def expected(score: int) -> int:
        return 1 + len(ascending) - bisect_left(ascending, score + 1)

    generator = random.Random(7)
    names = [f"p{number}" for number in range(20)] + generator.sample(sorted(totals), 150)
    for name in names:
        found = rank(client, name, "top_scorers", period=period)
        assert (found["score"], found["rank"]) == (totals[name], expected(totals[name])), name
        assert found["total_participants"] == len(totals)
    assert [entry[2] for entry in listed(client, "top_scorers", period=period, limit=100)] == ascending[:-101:-1]
    for name in names[::17]:
        for place, other, score in listed(client, "top_scorers", period=period, around=name, limit=11):
            assert (score, place) == (totals[other], expected(score))


@pytest.mark.parametrize(
    "participants",
    [2_000, pytest.param(20_000, marks=pytest.mark.all_cases), pytest.param(100_000, marks=pytest.mark.slow)],
)
def test_ranks_are_exact_while_32_writers_go_on(databases: Databases, participants: int) -> None:
    url = databases.create()
    with Server(url, arguments=("--workers", "1")) as server, server.client() as client:
        fill_a_large_project(url, participants)
        identifier = client.get("/admin/leaderboards").json()["items"][0]["id"]
        # Everything so far is older than this generation.
        client.patch(f"/admin/leaderboards/{identifier}", json={"metric": "points_balance"}).raise_for_status()
        client.patch(f"/admin/leaderboards/{identifier}", json={"metric": "points_earned"}).raise_for_status()

        async def load(seconds: float) -> None:
            until = time.monotonic() + seconds
            writers = [write(server.base_url, until, seed, participants) for seed in range(32)]
            results = await asyncio.gather(*writers, read(server, until))
            assert min(results) > 0

        asyncio.run(load(3))
        until_ready(client, identifier, seconds=120)
        assert_exact(client, url, "all_time")
        asyncio.run(load(3))
        assert_exact(client, url, "all_time")
        server.stop()
        server.start()
        assert_exact(client, url, "yearly")
    check(url)


@pytest.mark.all_cases
def test_a_filling_that_is_killed_goes_on_where_it_was(databases: Databases) -> None:
    url = databases.create()
    with Server(url) as server:
        with server.client() as client:
            delete_boards(client)
            fill_a_large_project(url, 5_000)
            made = client.post("/admin/leaderboards", json={"code": "killed", "name": "Killed"}).json()
            eventually(lambda: client.get(f"/admin/leaderboards/{made['id']}").json()["progress"] > 0)
        server.kill()
        begun = query(url, "SELECT status, filled_participants FROM board_generation ORDER BY id DESC LIMIT 1")
        server.start()
        with server.client() as client:
            until_ready(client, made["id"])
            assert board(client, "killed")["total_participants"] == 5_000
    assert begun[0][0] == "filling"
    assert 0 < begun[0][1] < 5_000
    check(url)


@pytest.mark.all_cases
def test_a_window_rolls_over_under_load(databases: Databases) -> None:
    url = databases.create(TEMPLATE)
    midnight = (datetime.now(UTC) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    with Server(url) as server, server.client() as client:
        move_clock(url, client, midnight - timedelta(seconds=3))

        async def load() -> int:
            until = time.monotonic() + 6
            written = await asyncio.gather(*(write(server.base_url, until, seed, 500) for seed in range(8)))
            return sum(written)

        asyncio.run(load())
        day_before = (midnight - timedelta(days=1)).date().isoformat()
        ended = board(client, "top_scorers", period="daily", period_key=day_before)
        present = board(client, "top_scorers", period="daily")
        assert present["period_key"] == midnight.date().isoformat()
        assert datetime.fromisoformat(present["resets_at"]) == midnight + timedelta(days=1)
        assert ended["resets_at"] is None
        days = query(
            url,
            "SELECT (occurred_at AT TIME ZONE 'UTC')::date::text, sum((data->>'amount')::bigint) FROM journal "
            "WHERE kind = 'points_awarded' GROUP BY 1 ORDER BY 1",
        )
        stored = query(
            url,
            "SELECT sum(score) FROM board_standing WHERE window_key / 10000000 = 4 "
            "GROUP BY window_key ORDER BY window_key",
        )
        assert [day for day, _ in days][-2:] == [day_before, midnight.date().isoformat()]
        assert [total for _, total in days] == [total for (total,) in stored]
    check(url)
