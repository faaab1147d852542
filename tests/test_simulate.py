"""What-if over HTTP and on the command line: what a draft would have done, and that nothing is written."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from laurels.config import simulation
from laurels.storage.office import projects
from laurels.storage.postgres.database import connect_one
from tests import histories
from tests.checks import make_key, query
from tests.processes import laurels
from tests.support import Server

RULE: dict[str, Any] = {
    "code": "points",
    "name": "Points",
    "event_name": "order",
    "actions": [{"type": "award_points", "amount": 10}],
}
TIERS = [
    {"code": "low", "name": "Low", "level": 1, "criteria_config": {"min_points": 0}},
    {"code": "high", "name": "High", "level": 2, "criteria_config": {"min_points": 100}},
]


def create(database_url: str, code: str, mode: projects.Mode = "live") -> None:
    async def insert() -> None:
        connection = await connect_one(database_url)
        try:
            await projects.create(connection, code, code, mode, "UTC")
        finally:
            await connection.close()

    asyncio.run(insert())


@pytest.fixture
def project(server: Server, database_url: str) -> Any:
    """A project of its own with three orders of one participant and one of another."""
    code = f"what_if_{uuid4().hex[:8]}"
    create(database_url, code)
    with server.client(make_key(database_url, "admin", project=code)) as api:
        for tier in TIERS:
            assert api.post("/admin/tiers", json=tier).status_code == 201
        assert api.post("/admin/rules", json=RULE).status_code == 201
        for who, amount in [("ada", 5), ("ada", 50), ("ada", 500), ("bob", 5)]:
            body = {"participant_id": who, "event_name": "order", "properties": {"amount": amount}}
            assert api.post("/events", json=body).status_code == 200
        yield api, code


def lines(api: httpx.Client, definitions: dict[str, Any], **fields: Any) -> list[dict[str, Any]]:
    reply = api.post("/admin/simulate", json={"definitions": definitions, **fields}, timeout=60)
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in reply.text.splitlines()]


def result(api: httpx.Client, definitions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    *progress, last = lines(api, definitions, **fields)
    assert all(list(line) == ["progress"] for line in progress)
    assert list(last) == ["result"]
    return last["result"]  # type: ignore[no-any-return]


def fired(told: dict[str, Any], side: str) -> dict[str, int]:
    return {f"{each['kind']} {each['code']}": each[side]["fired"] for each in told["definitions"]}


TABLES = (
    "participant",
    "account",
    "journal",
    "idempotency",
    "limit_use",
    "definition",
    "definition_history",
    "project",
)


def contents(database_url: str) -> list[Any]:
    return [query(database_url, f"SELECT * FROM {table} ORDER BY 1, 2, 3") for table in TABLES]


def test_what_is_live_differs_in_nothing(project: Any) -> None:
    told = result(project[0], {})
    assert all(each["live"] == each["draft"] for each in told["definitions"])
    assert (told["participants"], told["commands"], told["events"], told["refused"]) == (2, 4, 4, 0)
    assert told["points_live"] == told["points_draft"] == {"awarded": 40, "deducted": 0}
    assert told["tier_changes"] == []


def test_people_are_counted_by_their_facts_and_not_by_when_they_were_seen(project: Any, database_url: str) -> None:
    api, code = project
    unseen = """
        UPDATE account SET last_seen_at = '2020-01-01Z' FROM participant p JOIN project ON project.id = p.project_id
        WHERE p.lane = account.lane AND p.subject = account.subject AND code = %s
    """
    query(database_url, unseen, code)
    assert result(api, {})["participants"] == 2


def test_a_draft_is_tried_and_nothing_is_written(project: Any, database_url: str) -> None:
    api, _ = project
    before = contents(database_url)
    draft = [
        RULE | {"condition": "event.properties.amount >= 50", "actions": [{"type": "award_points", "amount": 80}]},
        RULE | {"code": "new", "limit": {"in_total": {"ever": 3}}, "actions": [{"type": "award_points", "amount": 1}]},
    ]
    told = result(api, {"rules": draft})
    assert fired(told, "live") | {"rule points": 4, "rule new": 0} == fired(told, "live")
    assert fired(told, "draft") | {"rule points": 2, "rule new": 3} == fired(told, "draft")
    new = next(each for each in told["definitions"] if each["code"] == "new")
    assert (new["is_live"], new["in_draft"], new["draft"]["limited"]) == (False, True, 1)
    assert told["points_draft"]["awarded"] == 163
    of_ada = {"live_tier": "low", "draft_tier": "high", "participants": 1, "examples": ["ada"]}
    # Where bob comes after her in the order of lanes, the limit in total leaves him nothing.
    of_bob = {"live_tier": "low", "draft_tier": None, "participants": 1, "examples": ["bob"]}
    assert told["tier_changes"] in ([of_ada], [of_ada, of_bob], [of_bob, of_ada])
    assert contents(database_url) == before


def test_a_section_that_is_there_replaces_all_of_its_kind(project: Any) -> None:
    api, _ = project
    without_rules = result(api, {"rules": []})
    points = next(each for each in without_rules["definitions"] if each["kind"] == "rule")
    assert (points["is_live"], points["in_draft"]) == (True, False)
    assert without_rules["points_draft"]["awarded"] == 0
    lower = result(api, {"tiers": [TIERS[0], TIERS[1] | {"criteria_config": {"min_points": 30}}]})
    assert [(c["live_tier"], c["draft_tier"]) for c in lower["tier_changes"]] == [("low", "high")]


@pytest.fixture
def history(server: Server, database_url: str) -> Any:
    """A test project of its own with a definition of every kind."""
    with histories.project(server, database_url, lambda code: create(database_url, code, "test")) as api:
        histories.define(api, histories.EVERYTHING)
        yield api


PEOPLE = ("ann", "bob", "cid")


def different(told: dict[str, Any]) -> list[Any]:
    found = [each for each in told["definitions"] if each["live"] != each["draft"]]
    if told["points_live"] != told["points_draft"]:
        found.append((told["points_live"], told["points_draft"]))
    return [*found, *told["tier_changes"], *(["refused"] * told["refused"])]


@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_live_differs_in_nothing_whatever_happened(history: httpx.Client, seed: int) -> None:
    zone = {"participant_id": "ann", "attributes": {"timezone": "America/New_York", "plan": "pro"}}
    history.post("/participants", json=zone).raise_for_status()
    walk = histories.Walk(history, seed, PEOPLE, changes_profiles=False)
    for _ in range(160):
        walk.step()
    told = result(history, {}, days=366)
    assert (different(told), told["approximations"]) == ([], [])
    fired_live = fired(told, "live")
    assert sum(count > 0 for count in fired_live.values()) > 10, fired_live


def test_where_what_is_live_differs_the_result_says_why(history: httpx.Client) -> None:
    histories.define(history, histories.SHARED)
    walk = histories.Walk(history, 3, PEOPLE, changes_profiles=True)
    for _ in range(120):
        walk.step()
    told = result(history, {}, days=366)
    assert {"limits_in_total", "profiles", "rewards"} == set(told["approximations"])
    first = next(each for each in told["definitions"] if each["code"] == "first")
    # Its points are not: they count towards a cap of the day, and which day that is, the changed profiles say.
    assert first["live"]["fired"] == first["draft"]["fired"] > 0, "how often a limit in total lets act is right"


def test_a_reward_that_was_free_and_would_cost_something(project: Any) -> None:
    api, _ = project
    mug = {"code": "mug", "name": "Mug", "type": "voucher"}
    api.post("/admin/rewards", json=mug).raise_for_status()
    for who, deducts in (("ada", True), ("bob", True), ("ada", False)):
        claim = {"participant_id": who, "points_deduction": deducts}
        api.post("/rewards/mug/claim", json=claim).raise_for_status()
    told = result(api, {"rewards": [mug | {"points_cost": 20}]})
    assert told["points_draft"]["deducted"] == 20, "ada had 30, bob 10 points"
    assert (told["refused"], told["approximations"]) == (1, [])


def test_an_attribute_that_changed_makes_the_result_approximate(project: Any) -> None:
    api, _ = project
    badge = {"code": "pro", "name": "Pro", "criteria": "participant.attributes.plan == 'pro'"}
    api.post("/admin/badges", json=badge).raise_for_status()
    for plan in ("free", "pro"):
        body = {"participant_id": "ada", "attributes": {"plan": plan}}
        api.post("/participants", json=body).raise_for_status()
    told = result(api, {})
    assert (different(told), told["approximations"]) == ([], ["profiles"])
    assert result(api, {"badges": []})["approximations"] == [], "nothing reads it"


def test_a_draft_goes_on_with_what_was_deleted(project: Any) -> None:
    api, _ = project
    once = RULE | {"code": "once", "limit": {"per_participant": {"ever": 1}}}
    made = api.post("/admin/rules", json=once).json()
    api.post("/events", json={"participant_id": "ada", "event_name": "order"}).raise_for_status()
    api.delete(f"/admin/rules/{made['id']}").raise_for_status()
    api.post("/events", json={"participant_id": "ada", "event_name": "order"}).raise_for_status()
    told = next(each for each in result(api, {"rules": [RULE, once]})["definitions"] if each["code"] == "once")
    assert (told["live"]["fired"], told["draft"]["fired"], told["draft"]["limited"]) == (1, 2, 4)


def test_a_draft_cannot_change_what_is_fixed(project: Any) -> None:
    api, _ = project
    streak = {"code": "s", "name": "S", "period": "daily"}
    api.post("/admin/streaks", json=streak).raise_for_status()
    refused = api.post("/admin/simulate", json={"definitions": {"streaks": [streak | {"period": "weekly"}]}})
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith("definitions.streaks[0].period cannot be changed; ")


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"definitions": {"rules": [{"code": "x"}]}}, "definitions.rules[0].name is required."),
        ({"definitions": {"bagdes": []}}, 'definitions.bagdes is not a section; did you mean "badges"?'),
        ({"definitions": {}, "days": 0}, "days must be at least 1."),
        ({"definitions": {}, "day": 3}, 'day is not a field of this request; did you mean "days"?'),
        (
            {"definitions": {"rules": [RULE | {"actions": [{"type": "award_badge", "badge_code": "nope"}]}]}},
            "definitions.rules[0].actions[0].badge_code refers to an unknown badge: nope.",
        ),
    ],
)
def test_drafts_that_cannot_be(project: Any, body: dict[str, Any], detail: str) -> None:
    reply = project[0].post("/admin/simulate", json=body)
    assert (reply.status_code, reply.json()["detail"]) == (422, detail)


def test_of_many_problems_the_first_are_told(project: Any) -> None:
    rules = [{"code": f"rule_{number}", "x" * 1_000: 1} for number in range(300)]
    reply = project[0].post("/admin/simulate", json={"definitions": {"rules": rules}})
    assert reply.status_code == 422
    assert len(reply.json()["errors"]) == simulation.PROBLEMS_SHOWN == 100
    assert reply.json()["detail"].endswith(" problems; the first 100 are listed.")
    assert len(reply.content) < 200_000


@pytest.mark.all_cases
def test_others_are_served_while_a_costly_draft_is_checked(project: Any) -> None:
    """It has expressions for seconds of the processor: there is no stretch of time in which nobody is answered."""
    api, _ = project
    costly = [
        {**RULE, "code": f"costly_{number}", "condition": " || ".join([f"now > now && {number} == 0"] * 60)}
        for number in range(60)
    ]
    with ThreadPoolExecutor() as threads:
        checked = threads.submit(api.post, "/admin/simulate", json={"definitions": {"rules": costly}}, timeout=300)
        answered = 0
        while not checked.done():
            assert api.get("/admin/badges").status_code == 200
            answered += 1
        assert checked.result().status_code == 200, checked.result().text
    assert answered > len(costly) / 2


def test_it_is_for_admins(server: Server, database_url: str) -> None:
    with server.client(make_key(database_url, "gamify")) as api:
        assert api.post("/admin/simulate", json={"definitions": {}}).status_code == 403


def test_the_command(project: Any, database_url: str, tmp_path: Path) -> None:
    api, code = project
    file = tmp_path / "draft.yaml"
    file.write_text(
        "rules:\n  - code: points\n    name: Points\n    event_name: order\n"
        "    actions:\n      - {type: award_points, amount: 50}\n"
    )
    common = ("simulate", "--definitions", str(file), "--project", code, "--database-url", database_url)
    shown = laurels(*common)
    assert shown.returncode == 0, shown.stderr
    assert "Points awarded: 40 → 200" in shown.stdout
    assert "rule points" in shown.stdout
    as_json = laurels(*common, "--json", "--days", "7")
    told = json.loads(as_json.stdout)
    assert (told["points_draft"]["awarded"], told["tier_changes"][0]["draft_tier"]) == (200, "high")
    assert (
        told["definitions"]
        == result(api, {"rules": [RULE | {"actions": [{"type": "award_points", "amount": 50}]}]})["definitions"]
    )
    file.write_text("rules:\n  - code: points\n")
    broken = laurels(*common)
    assert broken.returncode == 1
    assert "rules[0].name is required" in broken.stderr
