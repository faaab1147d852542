"""Definitions as code: what a plan says, applying all or nothing, who had reached it already, drift."""

import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from laurels.app import COMPOSITION, TABLES
from laurels.cli import plan_and_apply as configuration_command
from laurels.config import plan as configuration
from laurels.config.plan import ConfigurationChangedError, Files
from laurels.storage import judgings
from laurels.storage.postgres.database import connect_one
from tests.checks import make_key, query, unchanged
from tests.processes import laurels
from tests.support import Server, check, eventually

BASE = """\
tiers:
  - {code: low, name: Low, level: 1, criteria_config: {min_points: 0}}
  - {code: high, name: High, level: 2, criteria_config: {min_points: 1000}}
badges:
  - {code: owl, name: Owl}
rules:
  - {code: r, name: R, event_name: e, actions: [{type: award_badge, badge_code: owl}]}
"""


class Place:
    """A project of the test's own, with its file."""

    def __init__(self, api: httpx.Client, url: str, project: str, folder: Path) -> None:
        self.api, self.url, self.project, self.folder = api, url, project, folder

    def run(self, command: str, *texts: str, options: tuple[str, ...] = (), answers: str = "") -> Any:
        paths = []
        for number, text in enumerate(texts):
            path = self.folder / f"file{number}.yaml"
            path.write_text(text)
            paths.append(str(path))
        where = ["--project", self.project, "--database-url", self.url]
        return laurels(command, *paths, *options, *where, text=answers, environment=os.environ)

    def applied(self, *texts: str, options: tuple[str, ...] = (), answers: str | None = None) -> str:
        options = options if answers is not None else ("--yes", *options)
        done = self.run("apply", *texts, options=options, answers=answers or "")
        assert done.returncode == 0, done.stdout + done.stderr
        return str(done.stdout)

    def award(self, who: str, amount: int) -> Any:
        return self.api.post("/points/award", json={"participant_id": who, "amount": amount}).json()

    def tier(self, who: str) -> str | None:
        present = self.api.get(f"/participants/{who}/tier").json()["current_tier"]
        return present["code"] if present else None

    def facts(self, who: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.api.get(f"/admin/participants/{who}/export").json()["stored"]["facts"]
        return found

    @property
    def project_id(self) -> int:
        found: int = query(self.url, "SELECT id FROM project WHERE code = %s", self.project)[0][0]
        return found


@pytest.fixture
def place(server: Server, database_url: str, tmp_path: Path) -> Iterator[Place]:
    project = f"code-{uuid4().hex}"
    with server.client(make_key(database_url, "admin", project=project)) as api:
        yield Place(api, database_url, project, tmp_path)


def test_a_plan_tells_and_changes_nothing(place: Place) -> None:
    place.applied(BASE)
    place.award("ada", 1_500)
    place.api.post("/badges/award", json={"participant_id": "ada", "badge_code": "owl"}).raise_for_status()
    wanted = BASE.replace("name: Owl", "name: Night Owl").replace(
        "code: high, name: High, level: 2", "code: top, name: Top, level: 3"
    )
    with unchanged(place.url):
        done = place.run("plan", wanted, options=("--exit-code",))
    assert done.returncode == 2
    assert done.stdout.splitlines() == [
        "+ tiers.top",
        "    participants who have already reached it: 1",
        "~ badges.owl",
        "    name: Owl → Night Owl",
        "    participants who have earned it: 1",
        "- tiers.high",
        "    participants in the tier: 1",
        "1 to create, 1 to change, 1 to delete.",
    ]
    assert place.run("plan", BASE, options=("--exit-code",)).returncode == 0


def test_what_is_exported_changes_nothing(place: Place) -> None:
    place.applied(BASE)
    exported = place.run("export").stdout
    assert place.run("plan", exported).stdout == "Nothing to change.\n"
    assert "Nothing to change." in place.applied(exported)


def test_an_apply_is_the_whole_of_its_sections(place: Place) -> None:
    made = place.api.post("/admin/streaks", json={"code": "daily", "name": "Daily", "period": "daily"}).json()
    place.applied(BASE)
    without = BASE[: BASE.index("rules:")] + "rules: []\n"
    assert "- rules.r" in place.applied(without)
    assert place.api.get("/admin/rules").json()["total"] == 0
    assert place.api.get(f"/admin/streaks/{made['id']}").status_code == 200, "a kind without a section stays"
    assert "Nothing to change." in place.applied(without)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            BASE.replace("badge_code: owl", "badge_code: eagle"),
            "line 7: rules[0].actions[0].badge_code refers to an unknown badge: eagle.",
        ),
        (BASE.replace("badges:\n  - {code: owl, name: Owl}\n", "badges: []\n"), "refers to an unknown badge: owl."),
        (BASE.replace("level: 2", "level: two"), "line 3: tiers[1].level must be a whole number, not a string."),
    ],
)
def test_what_cannot_be_is_refused_as_a_whole(place: Place, text: str, told: str) -> None:
    place.applied(BASE)
    for command in ("plan", "apply"):
        with unchanged(place.url):
            done = place.run(command, text, options=("--yes",) if command == "apply" else ())
        assert done.returncode == 1
        assert told in done.stderr


def test_what_must_not_change_is_told_with_its_line(place: Place) -> None:
    reward = "rewards:\n  - code: mug\n    name: Mug\n    type: voucher\n    points_cost: 5\n"
    place.applied(reward)
    done = place.run("plan", reward.replace("voucher", "coupon"))
    assert "line 4: rewards[0].type cannot be changed; existing claims depend on it." in done.stderr


def test_a_plan_warns_of_actions_on_what_would_not_be_active(place: Place) -> None:
    place.applied(BASE)
    off = BASE.replace("name: Owl", "name: Owl, is_active: false")
    sentence = "Warning: The badge owl is not active: actions[0] of the rule r changes nothing."
    assert sentence in place.run("plan", off).stdout.splitlines()
    assert sentence in place.applied(off).splitlines()
    assert "Warning" not in place.run("plan", off.replace("name: Low", "name: Lower")).stdout, "it was said"


def test_a_plan_warns_of_rewards_that_nobody_new_can_claim(place: Place) -> None:
    reward = "rewards:\n  - {code: mug, name: Mug, type: voucher, points_cost: 5, required_badges: [owl]}\n"
    grant = "{code: g, name: G, event_name: e, actions: [{type: grant_reward, reward_code: mug}]}"
    text = f"{BASE.rstrip()}\n  - {grant}\n{reward}"
    place.applied(text)
    off = text.replace("name: Owl", "name: Owl, is_active: false")
    off = off.replace("cost: 5", "cost: 5, ends_at: '2020-01-01T00:00:00Z'")
    told = place.run("plan", off).stdout.splitlines()
    for warning in (
        "The badge owl is not active: only participants who have already earned it can claim the reward mug.",
        "The reward mug has ended: actions[0] of the rule g fails, and so do the actions beside it.",
    ):
        assert f"Warning: {warning}" in told


def test_a_badge_that_a_rule_outside_the_files_names_stays(place: Place) -> None:
    place.applied(BASE)
    done = place.run("plan", "badges: []\n")
    assert "rules r, which is in no file: actions[0].badge_code refers to an unknown badge: owl." in done.stderr


def test_several_files_are_one(place: Place) -> None:
    first, second = BASE[: BASE.index("rules:")], BASE[BASE.index("rules:") :]
    place.applied(first, second)
    assert place.api.get("/admin/rules").json()["total"] == 1
    done = place.run("plan", first, second + "badges:\n  - {code: owl, name: Again}\n")
    assert "file1.yaml: badges owl is also in" in done.stderr
    done = place.run("plan", first, second.replace("name: R", "nmae: R"))
    assert 'file1.yaml: line 2: rules[0].nmae is not a field here; did you mean "name"?' in done.stderr


EVERYTHING = """\
tiers:
  - {code: low, name: Low, level: 1, criteria_config: {min_points: 0}}
  - {code: high, name: High, level: 2, criteria_config: {min_points: 1000}}
badges:
  - {code: owl, name: Owl}
streaks:
  - {code: daily, name: Daily, period: daily}
leaderboards:
  - {code: board, name: Board}
rewards:
  - {code: mug, name: Mug, type: voucher, max_claims_per_user: 1, total_inventory: 2}
challenges:
  - {code: two, name: Two, objectives: [{code: o, event_name: e, target: 2}]}
rules:
  - code: once
    name: Once
    event_name: e
    actions: [{type: award_points, amount: 100}, {type: award_badge, badge_code: owl},
              {type: record_streak, streak_code: daily}]
    limit: {per_participant: {ever: 1}}
earning_caps:
  - {code: cap, name: Cap, period: month, points: 150}
"""
EMPTY = "".join(f"{line}: []\n" for line in EVERYTHING.replace(":\n", "\n").splitlines() if not line.startswith(" "))


def test_a_reverted_deletion_brings_everything_back(place: Place) -> None:
    place.applied(EVERYTHING)
    event = {"participant_id": "ada", "event_name": "e"}
    place.api.post("/events", json=event).raise_for_status()
    claim = {"participant_id": "ada"}
    place.api.post("/rewards/mug/claim", json=claim).raise_for_status()
    parts = ("points", "tier", "badges", "streaks", "challenges")
    before = [place.api.get(f"/participants/ada/{part}").json() for part in parts]
    place.applied(EMPTY)
    told = place.run("plan", EVERYTHING.replace("name: Owl", "name: Eagle")).stdout.splitlines()
    assert told == [
        "+ tiers.low",
        "    restore; participants in the tier: 1",
        "+ tiers.high",
        "    restore; participants in the tier: 0",
        "+ badges.owl",
        "    restore; participants who have earned it: 1",
        "    name: Owl → Eagle",
        "+ streaks.daily",
        "    restore; participants with records: 1",
        "+ leaderboards.board",
        "    restore; it is filled again",
        "+ rewards.mug",
        "    restore; participants who have claimed it: 1",
        "+ challenges.two",
        "    restore; participants who have taken part in it: 1",
        "+ rules.once",
        "    restore; its limits keep their counts",
        "+ earning_caps.cap",
        "    restore; it remains in effect",
        "0 to create, 9 to restore, 0 to change, 0 to delete.",
    ]
    place.applied(EVERYTHING)
    assert [place.api.get(f"/participants/ada/{part}").json() for part in parts] == before
    again = place.api.post("/rewards/mug/claim", json=claim)
    assert (again.status_code, again.json()["detail"]) == (400, "Maximum claims per participant exceeded")
    [mug] = place.api.get("/rewards").json()["rewards"]
    assert mug["remaining_inventory"] == 1
    effects = place.api.post("/events", json=event).json()["effects"]
    assert (effects["points"], effects["badges"]) == ([], []), "the rule's limit has been reached"
    assert effects["challenges"][0]["completed"] == 1, "the first event counts on"
    assert place.award("ada", 100)["amount"] == 50, "the cap counts on"

    def score() -> int | None:
        told = place.api.get("/leaderboards/board/rank/ada").json()
        return int(told["score"]) if "progress" not in told else None

    eventually(lambda: score() == 150)
    check(place.url)


def test_what_comes_back_must_not_differ_in_what_is_fixed(place: Place) -> None:
    streak = "streaks:\n  - code: s\n    name: S\n    period: daily\n"
    place.applied(streak)
    place.applied("streaks: []\n")
    done = place.run("plan", streak.replace("daily", "weekly"))
    assert done.returncode == 1
    assert 'line 4: streaks[0].period must be "daily", as in the deleted streak with this code' in done.stderr


def test_who_reached_a_badge_while_it_was_away(place: Place) -> None:
    with_criteria = 'badges:\n  - {code: rich, name: Rich, criteria: "participant.balance >= 100"}\n'
    place.applied(with_criteria)
    place.applied("badges: []\n")
    place.award("ada", 100)
    told = place.run("plan", with_criteria).stdout
    assert "    participants who have already reached it: 1\n" in told


LOWERED = BASE.replace("min_points: 1000", "min_points: 400")


@pytest.mark.parametrize("past", ["from-now-on", "silently", "announced"])
def test_who_has_reached_a_lowered_tier_already(place: Place, past: str) -> None:
    place.applied(BASE)
    for who, amount in (("ada", 500), ("bob", 300), ("eve", 2_000)):
        place.award(who, amount)
    done = place.run("plan", LOWERED)
    assert "    participants who have already reached it: 1\n" in done.stdout
    refused = place.run("apply", LOWERED, options=("--yes",))
    assert (refused.returncode, "Choose --past" in refused.stderr) == (1, True)
    assert place.tier("ada") == "low"
    seen_at = place.api.get("/participants/ada").json()["last_seen_at"]
    place.applied(LOWERED, options=("--past", past))
    assert place.api.get("/participants/ada").json()["last_seen_at"] == seen_at
    assert [place.tier(who) for who in ("ada", "bob", "eve")] == [
        "low" if past == "from-now-on" else "high",
        "low",
        "high",
    ]
    reached = [fact["data"] for fact in place.facts("ada") if fact["kind"] == "tier_reached"][1:]
    assert [fact.get("silent", False) for fact in reached] == {"silently": [True], "announced": [False]}.get(past, [])
    if past == "from-now-on":
        assert place.award("ada", 1)["tier_upgrade"]["code"] == "high"
    check(place.url)


def test_who_meets_new_criteria_already_is_asked_for(place: Place) -> None:
    place.applied(BASE)
    for who in ("ada", "bob", "eve"):
        place.award(who, 100 if who == "eve" else 1_000)
    with_criteria = BASE.replace("name: Owl", 'name: Owl, criteria: "participant.total_earned >= 1000"')
    told = place.applied(with_criteria, answers="y\na\n")
    assert "Participants who have already reached owl: 2. When should they get it?" in told
    for who, badges in (("ada", 1), ("bob", 1), ("eve", 0)):
        assert len(place.api.get(f"/participants/{who}/badges?earned_only=true").json()["badges"]) == badges
    before = place.facts("ada")
    assert "Nothing to change." in place.applied(with_criteria)
    assert place.facts("ada") == before
    check(place.url)


def test_whoever_says_no_changes_nothing(place: Place) -> None:
    place.applied(BASE)
    with unchanged(place.url):
        done = place.run("apply", LOWERED, answers="n\n")
    assert (done.returncode, "Nothing was changed." in done.stderr) == (1, True)


def test_drift_is_told_and_overwritten_only_if_asked(place: Place) -> None:
    place.applied(BASE)
    [badge] = place.api.get("/admin/badges").json()["items"]
    place.api.patch(f"/admin/badges/{badge['id']}", json={"name": "By hand"}).raise_for_status()
    assert (
        "Edited by other means since the last apply; this would overwrite the edits: badges.owl"
        in place.run("plan", BASE).stdout
    )
    refused = place.run("apply", BASE, options=("--yes",))
    assert (refused.returncode, "--overwrite" in refused.stderr) == (1, True)
    exported = place.run("export").stdout
    assert "Edited by other means" not in place.run("plan", exported).stdout, "what the files say as well is no drift"
    place.applied(BASE, options=("--overwrite",))
    assert place.api.get(f"/admin/badges/{badge['id']}").json()["name"] == "Owl"
    assert "Edited by other means" not in place.run("plan", BASE).stdout


def test_a_plan_holds_for_the_definitions_that_it_was_made_for(place: Place) -> None:
    files = Files(TABLES.kinds, {"base": BASE.encode()})
    prepared = configuration_command.prepare(place.url, place.project_id, files)
    place.api.post("/admin/badges", json={"code": "new", "name": "New"}).raise_for_status()
    with unchanged(place.url), pytest.raises(ConfigurationChangedError):
        configuration_command.apply(place.url, place.project_id, files, prepared, lambda _change, _reached: "silently")


def test_a_judging_that_was_left_is_finished_by_the_servers(place: Place) -> None:
    place.applied(BASE)
    for number in range(450):
        assert place.award(f"p{number:03}", 500)["new_balance"] == 500

    async def leave_one() -> None:
        connection = await connect_one(place.url)
        try:
            files = Files(TABLES.kinds, {"lowered": LOWERED.encode()})
            plan = await configuration.plan(connection, TABLES, place.project_id, files, COMPOSITION.resources)
            await configuration.apply(connection, TABLES, place.project_id, files, COMPOSITION.resources, plan, {})
            [high] = [change.definition_id for change in plan.changes]
            await judgings.begin(connection, place.project_id, [high], silent=True, now=datetime.now(UTC))
        finally:
            await connection.close()

    asyncio.run(leave_one())

    def in_high() -> int:
        told = place.api.get("/admin/participants", params={"tier": "high"}).json()
        return int(told["total"])

    eventually(lambda: in_high() == 450)
    check(place.url)
