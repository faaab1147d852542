"""Definitions name one another: naming what is not there is refused, and so is taking away what is named."""

import os
from typing import Any
from uuid import uuid4

import httpx
import pytest

from laurels.app import TABLES
from laurels.cli.simulate import run as simulate
from laurels.config import definitions_file
from laurels.config.simulation import SimulationJob
from tests.checks import assert_refused, query, unchanged
from tests.support import eventually


def made(api: httpx.Client, section: str, **body: Any) -> dict[str, Any]:
    body = {"code": f"d_{uuid4().hex}", "name": "D", **body}
    reply = api.post(f"/admin/{section}", json=body)
    assert reply.status_code == 201, reply.text
    return {**reply.json(), "path": f"/admin/{section}/{reply.json()['id']}"}


OBJECTIVE = {"code": "o", "event_name": "e", "target": 2}


def naming(api: httpx.Client, named: str, *, is_active: bool = True) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Something, what names it, and in which field."""
    rule = {"event_name": "e", "is_active": is_active}
    match named:
        case "badge":
            it = made(api, "badges")
            actions = [{"type": "award_points", "amount": 1}, {"type": "award_badge", "badge_code": it["code"]}]
            return it, made(api, "rules", actions=actions, **rule), "actions[1].badge_code"
        case "tier":
            it = made(api, "tiers", level=77, award_type="manual")
            cost = {"type": "voucher", "points_cost": 1, "required_tier": it["code"], "is_active": is_active}
            return it, made(api, "rewards", **cost), "required_tier"
        case "streak":
            it = made(api, "streaks", period="daily")
            milestone = {"percent": 50, "actions": [{"type": "record_streak", "streak_code": it["code"]}]}
            challenge = {"objectives": [OBJECTIVE], "milestones": [milestone], "is_active": is_active}
            return it, made(api, "challenges", **challenge), "milestones[0].actions[0].streak_code"
        case "reward":
            it = made(api, "rewards", type="voucher", points_cost=1)
            actions = [{"type": "grant_reward", "reward_code": it["code"]}]
            return it, made(api, "rules", actions=actions, **rule), "actions[0].reward_code"
        case "challenge":
            it = made(api, "challenges", objectives=[OBJECTIVE])
            actions = [{"type": "advance_challenge", "challenge_code": it["code"], "objective_code": "o"}]
            return it, made(api, "rules", actions=actions, **rule), "actions[0].challenge_code"
        case _:
            it = made(api, "rules", event_name="e", actions=[{"type": "award_points", "amount": 1}])
            cap = {"period": "day", "points": 5, "rule_code": it["code"], "is_active": is_active}
            return it, made(api, "earning-caps", **cap), "rule_code"


@pytest.mark.parametrize("named", ["badge", "tier", "streak", "reward", "challenge", "rule"])
def test_what_is_named_stays(api: httpx.Client, database_url: str, named: str) -> None:
    it, other, field = naming(api, named)
    with unchanged(database_url):
        refused = api.delete(it["path"])
    assert_refused(refused, 409)
    assert f"{other['code']} ({field})" in refused.json()["detail"]
    api.patch(other["path"], json={"is_active": False}).raise_for_status()
    api.delete(it["path"]).raise_for_status()
    assert_refused(api.patch(other["path"], json={"is_active": True}), 422, field=field)
    assert api.patch(other["path"], json={"display_order": 3}).status_code == 200
    api.delete(other["path"]).raise_for_status()


@pytest.mark.parametrize(
    ("named", "action", "follows"),
    [
        ("badge", "actions[1]", "changes nothing"),
        ("streak", "milestones[0].actions[0]", "changes nothing"),
        ("challenge", "actions[0]", "changes nothing"),
        ("reward", "actions[0]", "fails, and so do the actions beside it"),
    ],
)
def test_switching_off_what_is_named_says_so(api: httpx.Client, named: str, action: str, follows: str) -> None:
    it, other, _ = naming(api, named)
    switched = api.patch(it["path"], json={"is_active": False})
    kind = "challenge" if named == "streak" else "rule"
    sentence = f"The {named} {it['code']} is not active: {action} of the {kind} {other['code']} {follows}."
    assert (switched.status_code, switched.headers["laurels-warning"]) == (200, sentence)
    assert "laurels-warning" not in api.patch(it["path"], json={"name": "Still off"}).headers, "it was said"
    assert "laurels-warning" not in api.patch(it["path"], json={"is_active": True}).headers
    api.patch(other["path"], json={"is_active": False}).raise_for_status()
    assert "laurels-warning" not in api.patch(it["path"], json={"is_active": False}).headers, "nothing acts on it"
    assert api.patch(other["path"], json={"is_active": True}).headers["laurels-warning"] == sentence
    api.delete(other["path"]).raise_for_status()


@pytest.mark.parametrize(
    ("section", "field", "who"),
    [
        ("badges", "required_badges", "who have already earned it"),
        ("tiers", "required_tier", "who are already in it, or in a higher tier,"),
    ],
)
def test_switching_off_what_a_reward_requires_says_so(api: httpx.Client, section: str, field: str, who: str) -> None:
    it = made(api, section, **({"level": 78, "award_type": "manual"} if section == "tiers" else {}))
    required = it["code"] if section == "tiers" else [it["code"]]
    reward = made(api, "rewards", type="voucher", points_cost=1, **{field: required})
    kind = section.removesuffix("s")
    sentence = f"The {kind} {it['code']} is not active: only participants {who} can claim the reward {reward['code']}."
    assert api.patch(it["path"], json={"is_active": False}).headers["laurels-warning"] == sentence
    assert "laurels-warning" not in api.patch(reward["path"], json={"name": "Still"}).headers, "it was said"
    assert "laurels-warning" not in api.patch(reward["path"], json={field: None if section == "tiers" else []}).headers
    assert api.patch(reward["path"], json={field: required}).headers["laurels-warning"] == sentence
    api.delete(reward["path"]).raise_for_status()
    other = {"code": reward["code"], "name": "Back", "type": "voucher", "points_cost": 1, field: required}
    assert sentence in api.post("/admin/rewards", json=other).headers["laurels-warning"]
    api.delete(reward["path"]).raise_for_status()


@pytest.mark.parametrize(
    ("dates", "lack"),
    [({"ends_at": "2020-01-01T00:00:00Z"}, "has ended"), ({"starts_at": "2100-01-01T00:00:00Z"}, "has not begun")],
)
def test_granting_a_reward_that_cannot_be_claimed_now_says_so(
    api: httpx.Client, dates: dict[str, str], lack: str
) -> None:
    it, rule, _ = naming(api, "reward")
    follows = f"actions[0] of the rule {rule['code']} fails, and so do the actions beside it"
    sentence = f"The reward {it['code']} {lack}: {follows}."
    assert api.patch(it["path"], json=dates).headers["laurels-warning"] == sentence
    assert "laurels-warning" not in api.patch(it["path"], json={"name": "Still"}).headers, "it was said"
    body = {"code": f"late_{uuid4().hex}", "name": "L", "event_name": "e", "actions": rule["actions"]}
    late = api.post("/admin/rules", json=body)
    assert late.headers["laurels-warning"] == sentence.replace(rule["code"], body["code"])
    assert "laurels-warning" not in api.patch(it["path"], json=dict.fromkeys(dates)).headers
    for path in (rule["path"], f"/admin/rules/{body['code']}"):
        api.delete(path).raise_for_status()


def test_what_is_paid_for_fails_with_what_is_switched_off(api: httpx.Client) -> None:
    it = made(api, "badges", is_active=False)
    actions = [{"type": "deduct_points", "amount": 1}, {"type": "award_badge", "badge_code": it["code"]}]
    reply = api.post("/admin/rules", json={"code": "paid", "name": "P", "event_name": "e", "actions": actions})
    assert reply.headers["laurels-warning"] == (
        f"The badge {it['code']} is not active: actions[1] of the rule paid fails, and so do the actions beside it."
    )
    api.delete(f"/admin/rules/{reply.json()['id']}").raise_for_status()


def test_a_warning_stays_short_however_many_there_are(api: httpx.Client) -> None:
    it = made(api, "badges")
    actions = [{"type": "award_badge", "badge_code": it["code"]}] * 12
    rule = made(api, "rules", event_name="e", actions=actions)
    warning = api.patch(it["path"], json={"is_active": False}).headers["laurels-warning"]
    assert warning.count("is not active") == 10
    assert warning.endswith("And 2 more.")
    api.delete(rule["path"]).raise_for_status()


def test_an_objective_that_is_named_stays(api: httpx.Client) -> None:
    it, rule, _ = naming(api, "challenge")
    objectives = [{**OBJECTIVE, "code": "p"}]
    refused = api.patch(it["path"], json={"objectives": objectives})
    assert_refused(refused, 409)
    assert f"rule {rule['code']} (actions[0].objective_code)" in refused.json()["detail"]
    assert api.patch(it["path"], json={"objectives": [*objectives, OBJECTIVE]}).status_code == 200
    api.delete(rule["path"]).raise_for_status()
    assert api.patch(it["path"], json={"objectives": objectives}).status_code == 200


def test_a_challenge_may_advance_itself(api: httpx.Client) -> None:
    code = f"own_{uuid4().hex}"
    action = {"type": "advance_challenge", "challenge_code": code}
    itself = made(api, "challenges", code=code, objectives=[OBJECTIVE], actions=[action])
    distinct = {"code": "d", "event_name": "e", "measure": "distinct", "property": "p", "target": 2}
    assert_refused(api.patch(itself["path"], json={"objectives": [distinct]}), 422, field="actions[0].challenge_code")
    api.delete(itself["path"]).raise_for_status()


DANGLING = """\
badges: []
rules:
  - code: r
    name: R
    event_name: e
    actions:
      - type: award_points
        amount: 1
      - type: award_badge
        badge_code: gone
  - {code: off, name: Off, event_name: e, is_active: false, actions: [{type: award_badge, badge_code: gone}]}
rewards:
  - code: w
    name: W
    type: voucher
    points_cost: 1
    required_tier: nowhere
    required_badges:
      - gone
"""


def test_a_draft_is_told_all_with_their_lines(
    api: httpx.Client, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Not for all the tests that come after it in this process.
    monkeypatch.setattr(os, "nice", lambda _: 0)
    project_id = query(database_url, "SELECT id FROM project WHERE code = 'default'")[0][0]
    with pytest.raises(definitions_file.DefinitionsFileError) as told:
        simulate(SimulationJob(database_url=database_url, project_id=project_id, days=1, file=DANGLING))
    assert str(told.value).splitlines() == [
        "line 10: rules[0].actions[1].badge_code refers to an unknown badge: gone.",
        "line 17: rewards[0].required_tier refers to an unknown tier: nowhere.",
        "line 19: rewards[0].required_badges[0] refers to an unknown badge: gone.",
    ]


def test_a_formula_has_its_own_line() -> None:
    text = DANGLING.replace("amount: 1\n", 'amount: "1 +"\n').replace("rules:", "rules:\n")
    with pytest.raises(definitions_file.DefinitionsFileError) as told:
        definitions_file.load(TABLES.kinds, text.encode())
    assert str(told.value).startswith("line 9: rules[0].actions[0].amount is not accepted at line 1, column 4: ")


SECTIONS: dict[str, dict[str, Any]] = {
    "tiers": {"level": 55, "award_type": "manual"},
    "badges": {"rarity": "epic"},
    "streaks": {"period": "daily"},
    "leaderboards": {"metric": "points_earned", "time_window": "daily"},
    "rewards": {"type": "voucher", "points_cost": 3},
    "challenges": {"objectives": [OBJECTIVE]},
    "rules": {"event_name": "e", "actions": [{"type": "award_points", "amount": 1}]},
    "earning-caps": {"period": "day", "points": 5},
}


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("is_active", [True, False])
def test_what_was_deleted_can_be_restored(api: httpx.Client, section: str, is_active: bool) -> None:
    it = made(api, section, is_active=is_active, **SECTIONS[section])
    gone = api.delete(it["path"]).json()
    assert gone["deleted_at"] is not None
    assert_refused(api.get(it["path"]), 404)
    listed = api.get(f"/admin/{section}", params={"is_deleted": True, "page_size": 100}).json()["items"]
    assert gone in listed
    back = api.post(f"{it['path']}/restore")
    assert back.status_code == 200, back.text
    varying = dict.fromkeys(("updated_at", "status", "progress"))
    assert back.json() | varying == {name: value for name, value in it.items() if name != "path"} | varying
    assert_refused(api.post(f"{it['path']}/restore"), 404)
    assert api.get(it["path"]).json()["deleted_at"] is None
    api.delete(it["path"]).raise_for_status()


def test_a_restored_definition_has_to_fit(api: httpx.Client) -> None:
    it, other, field = naming(api, "badge")
    api.delete(other["path"]).raise_for_status()
    api.delete(it["path"]).raise_for_status()
    assert_refused(api.post(f"{other['path']}/restore"), 422, field=field)
    for path in (it["path"], other["path"]):
        api.post(f"{path}/restore").raise_for_status()
    api.delete(other["path"]).raise_for_status()


@pytest.mark.parametrize("section", SECTIONS)
def test_a_code_that_was_deleted_and_comes_back_is_the_old_definition(api: httpx.Client, section: str) -> None:
    it = made(api, section, **SECTIONS[section])
    assert api.delete(it["path"]).json()["deleted_at"] is not None
    body = {"code": it["code"], "name": "Another name", "display_order": 7, **SECTIONS[section]}
    back = api.post(f"/admin/{section}", json=body)
    assert back.status_code == 201, back.text
    assert (back.json()["id"], back.json()["created_at"]) == (it["id"], it["created_at"])
    assert (back.json()["name"], back.json()["display_order"]) == ("Another name", 7)
    assert (back.json()["is_active"], back.json()["deleted_at"]) == (True, None)
    assert back.headers["laurels-warning"].startswith("This restored the deleted ")
    [logged] = api.get("/admin/audit-log", params={"code": it["code"], "action": "restore"}).json()["items"]
    assert (logged["object_id"], logged["after"]["name"]) == (it["id"], "Another name")
    assert_refused(api.post(f"/admin/{section}", json=body), 409)
    api.delete(it["path"]).raise_for_status()


FIXED: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("streaks", {"period": "daily"}, {"period": "weekly"}, "period"),
    ("rewards", {"type": "voucher"}, {"type": "digital"}, "type"),
    ("earning-caps", {"period": "day", "points": 5}, {"period": "week", "points": 5}, "period"),
    ("challenges", {"objectives": [OBJECTIVE]}, {"objectives": [OBJECTIVE], "period": "weekly"}, "period"),
    (
        "challenges",
        {"objectives": [OBJECTIVE]},
        {"objectives": [{**OBJECTIVE, "measure": "sum", "property": "amount"}]},
        "objectives[0].measure",
    ),
]


@pytest.mark.parametrize(("section", "was", "wanted", "field"), FIXED)
def test_what_cannot_be_changed_cannot_come_back_otherwise(
    api: httpx.Client, database_url: str, section: str, was: dict[str, Any], wanted: dict[str, Any], field: str
) -> None:
    it = made(api, section, **was)
    api.delete(it["path"]).raise_for_status()
    with unchanged(database_url):
        refused = api.post(f"/admin/{section}", json={"code": it["code"], "name": "D", **wanted})
    assert_refused(refused, 422, field=field)
    if field == "period" and section == "streaks":
        detail = refused.json()["detail"]
        assert 'must be "daily", as in the deleted streak with this code, which this restores' in detail
    assert api.post(f"/admin/{section}", json={"code": it["code"], "name": "D", **was}).json()["id"] == it["id"]
    api.delete(it["path"]).raise_for_status()


def test_of_several_with_one_code_the_last_comes_back(api: httpx.Client, database_url: str) -> None:
    """Versions before could make another definition of a code that was deleted."""
    old = made(api, "badges")
    api.delete(old["path"]).raise_for_status()
    query(database_url, "UPDATE definition SET code = code || '.old' WHERE id = %s RETURNING 1", old["id"])
    newer = made(api, "badges", code=old["code"])
    api.delete(newer["path"]).raise_for_status()
    query(database_url, "UPDATE definition SET code = %s WHERE id = %s RETURNING 1", old["code"], old["id"])
    back = api.post("/admin/badges", json={"code": old["code"], "name": "D"}).json()
    assert back["id"] == newer["id"]
    assert_refused(api.post(f"{old['path']}/restore"), 409)


def test_a_restored_leaderboard_counts_what_came_while_it_was_away(api: httpx.Client) -> None:
    board = made(api, "leaderboards", metric="points_earned", time_window="daily")
    api.delete(board["path"]).raise_for_status()
    who = f"away_{uuid4().hex}"
    api.post("/points/award", json={"participant_id": who, "amount": 77}).raise_for_status()
    api.post(f"{board['path']}/restore").raise_for_status()
    eventually(lambda: api.get(board["path"]).json()["status"] == "ready")
    assert api.get(f"/leaderboards/{board['code']}/rank/{who}").json()["score"] == 77
    api.delete(board["path"]).raise_for_status()
