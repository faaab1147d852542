"""The real commits as events: rules, challenges and badges against a plain reading of the file."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, tzinfo
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.support import Server, check
from tests.test_streaks import COMMITS

FILES_TARGET = 1_000
DAYS_TARGET = 30
WEEK_TARGET = 10
BATCH = 100
NEW_YORK = ZoneInfo("America/New_York")


class Commit(NamedTuple):
    id: str
    author: str
    timestamp: str
    files: int

    @property
    def instant(self) -> datetime:
        return datetime.fromisoformat(self.timestamp).astimezone(UTC)


class Reached(NamedTuple):
    """What an author has reached: points for the first commit, the sum of files and when it passed the target, the
    longest row of days and whether it was long enough, and when the weeks' commits were enough."""

    first_commits: int
    files: int
    passed_at: datetime | None
    longest: int
    has_badge: bool
    weeks: list[datetime]


def read_commits() -> list[Commit]:
    """In the order of time."""
    with gzip.open(COMMITS, "rt", newline="") as file:
        found = [
            Commit(row["commit"], row["participant_id"], row["timestamp"], int(row["files_changed"]))
            for row in csv.DictReader(file)
        ]
    return sorted(found, key=lambda commit: commit.instant)


def longest_row(days: set[date]) -> int:
    longest = length = 1
    for before, after in pairwise(sorted(day.toordinal() for day in days)):
        length = length + 1 if after == before + 1 else 1
        longest = max(longest, length)
    return longest


def full_weeks(commits: list[Commit]) -> list[datetime]:
    """When, in each week that has so many, the commit occurred that made the target."""
    weeks = defaultdict(list)
    for commit in commits:
        weeks[commit.instant.astimezone(zone_of(commits)).isocalendar()[:2]].append(commit.instant)
    return [instants[WEEK_TARGET - 1] for instants in weeks.values() if len(instants) >= WEEK_TARGET]


def zone_of(commits: list[Commit]) -> tzinfo:
    """Where an author is taken to live: in New York if the first commit says so, else in the project's zone."""
    return NEW_YORK if commits[0].timestamp.endswith(("-04:00", "-05:00")) else UTC


def expected_of(commits: list[Commit]) -> Reached:
    """Of one author's commits, without anything of the server's."""
    total, passed_at = 0, None
    for commit in commits:
        total += commit.files
        if total >= FILES_TARGET and passed_at is None:
            passed_at = commit.instant
    longest = longest_row({commit.instant.astimezone(zone_of(commits)).date() for commit in commits})
    return Reached(1, total, passed_at, longest, longest >= DAYS_TARGET, full_weeks(commits))


def batches(commits: list[Commit]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(commits), BATCH):
        yield [
            {
                "participant_id": commit.author,
                "event_name": "commit",
                "properties": {"commit": commit.id, "files_changed": commit.files},
                "timestamp": commit.timestamp,
                "idempotency_key": commit.id,
            }
            for commit in commits[start : start + BATCH]
        ]


def define(api: httpx.Client) -> None:
    definitions: list[tuple[str, dict[str, Any]]] = [
        ("streaks", {"code": "commit_days", "name": "Days with commits", "period": "daily"}),
        (
            "badges",
            {
                "code": "thirty_days",
                "name": "30 days in a row",
                "criteria": f'participant.longest_streaks["commit_days"] >= {DAYS_TARGET}',
            },
        ),
        ("badges", {"code": "first_commit", "name": "First commit", "criteria": "participant.total_events == 1"}),
        (
            "rules",
            {
                "code": "first_commit",
                "name": "First commit",
                "event_name": "commit",
                "actions": [{"type": "award_points", "amount": 100}],
                "limit": {"per_participant": {"ever": 1}},
            },
        ),
        (
            "rules",
            {
                "code": "commit_day",
                "name": "Day with a commit",
                "event_name": "commit",
                "actions": [{"type": "record_streak", "streak_code": "commit_days"}],
            },
        ),
        (
            "challenges",
            {
                "code": "thousand_files",
                "name": "1,000 files",
                "objectives": [
                    {
                        "code": "files",
                        "name": "Files",
                        "event_name": "commit",
                        "measure": "sum",
                        "property": "files_changed",
                        "target": FILES_TARGET,
                    }
                ],
                "actions": [{"type": "award_points", "amount": 1_000}],
            },
        ),
        (
            "challenges",
            {
                "code": "busy_week",
                "name": "10 commits in a week",
                "period": "weekly",
                "objectives": [{"code": "commits", "event_name": "commit", "target": WEEK_TARGET}],
                "actions": [{"type": "award_points", "amount": 10}],
            },
        ),
    ]
    for kind, body in definitions:
        api.post(f"/admin/{kind}", json=body).raise_for_status()


@pytest.fixture(scope="module")
def commits(api: httpx.Client) -> list[Commit]:
    """Sent as events, once."""
    found = read_commits()
    define(api)
    for author, own in by_author(found).items():
        attributes = {"timezone": "America/New_York"} if zone_of(own) is NEW_YORK else {}
        api.post("/participants", json={"participant_id": author, "attributes": attributes}).raise_for_status()
    for events in batches(found):
        answer = api.post("/events/batch", json={"events": events}).raise_for_status().json()
        assert (answer["processed"], answer["failed"]) == (len(events), 0)
    return found


def by_author(commits: list[Commit]) -> dict[str, list[Commit]]:
    authors = defaultdict(list)
    for commit in commits:
        authors[commit.author].append(commit)
    return authors


def moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


@pytest.mark.all_cases
def test_every_author_has_what_the_file_says(api: httpx.Client, commits: list[Commit]) -> None:
    authors = by_author(commits)
    assert len(authors) == 481
    winners = {"files": 0, "weeks": 0, "days": 0}
    for author, own in authors.items():
        expected = expected_of(own)
        where = f"/participants/{author}"

        badges = {b["code"]: b["earned"] for b in api.get(f"{where}/badges").json()["badges"]}
        assert (badges["first_commit"], badges["thirty_days"]) == (True, expected.has_badge), author

        streaks = {s["code"]: s["longest_count"] for s in api.get(f"{where}/streaks").json()["streaks"]}
        assert streaks["commit_days"] == expected.longest, author

        challenges = {c["code"]: c for c in api.get(f"{where}/challenges").json()["challenges"]}
        challenge = challenges["thousand_files"]
        assert challenge["objectives"][0]["progress"] == min(expected.files, FILES_TARGET), author
        assert challenge["completions"] == (expected.passed_at is not None), author
        assert moment(challenge["completed_at"]) == expected.passed_at, author
        assert challenges["busy_week"]["completions"] == len(expected.weeks), author
        assert moment(challenges["busy_week"]["completed_at"]) == max(expected.weeks, default=None), author
        # A commit without files adds nothing, so it does not join.
        joins = [commit.instant for commit in own if commit.files]
        assert moment(challenge["joined_at"]) == min(joins, default=None), author

        page = api.get(f"{where}/points/transactions?page_size=100").json()
        moved = sorted((t["reason"], t["amount"], moment(t["created_at"])) for t in page["transactions"])
        told = [("First commit", 100, own[0].instant)]
        if expected.passed_at is not None:
            told.append(("1,000 files", 1_000, expected.passed_at))
        told.extend(("10 commits in a week", 10, instant) for instant in expected.weeks)
        assert moved == sorted(told), author

        winners["files"] += expected.passed_at is not None
        winners["weeks"] += len(expected.weeks)
        winners["days"] += expected.has_badge
    # The days of the one with the badge are 30 in a row in New York alone, not in UTC.
    assert winners == {"files": 9, "weeks": 199, "days": 1}


@pytest.mark.all_cases
def test_the_history_is_the_file(api: httpx.Client, commits: list[Commit]) -> None:
    authors = by_author(commits)
    author = max(authors, key=lambda name: len(authors[name]))
    for event_filter, own in [
        ({}, authors[author]),
        (
            {"from": "2018-01-01T00:00:00Z", "to": "2019-01-01T00:00:00Z"},
            [commit for commit in authors[author] if commit.instant.year == 2018],
        ),
    ]:
        answer = api.get(f"/participants/{author}/events", params={"page_size": 100, **event_filter}).json()
        assert answer["total"] == len(own)
        latest = sorted((commit.instant for commit in own), reverse=True)[:BATCH]
        assert [moment(event["occurred_at"]) for event in answer["events"]] == latest


@pytest.mark.all_cases
def test_the_same_events_again_change_nothing(server: Server, api: httpx.Client, commits: list[Commit]) -> None:
    author = commits[-1].author
    before = api.get(f"/participants/{author}/state").json()
    for events in list(batches(commits))[-3:]:
        answer = api.post("/events/batch", json={"events": events}).raise_for_status().json()
        assert answer["failed"] == 0
    assert api.get(f"/participants/{author}/state").json() == before
    assert server.database_url is not None
    check(server.database_url)
