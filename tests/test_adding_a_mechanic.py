"""A further mechanic is a folder and one line of the composition: tests/kudos, which works like those of Laurels."""

import pickle
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from laurels import app
from laurels.mechanics.rules.definition import RuleDefinition
from tests import processes
from tests.checks import assert_refused, query
from tests.conftest import TEMPLATE
from tests.kudos.composed import COMPOSITION
from tests.kudos.model import SendKudos
from tests.support import Databases, Server, eventually

MAIN = "tests.kudos.composed:main"
HELPFUL = ("kudos_kind", "helpful")
ROOT = Path(__file__).parents[1]

DEFINITIONS = """
kudos_kinds:
  - code: helpful
    name: Helpful
badges:
  - code: loved
    name: Loved
    criteria: participant.kudos >= 20
rules:
  - code: thanked
    name: Thanked
    event_name: helped
    condition: event.properties.minutes >= 5
    actions:
      - {type: award_points, amount: 1}
      - {type: give_kudos, kudos_code: helpful, number: int(event.properties.minutes) / 5}
  - code: well_liked
    name: Well liked
    event_name: visited
    condition: participant.kudos >= 10
    actions:
      - {type: award_points, amount: 3}
"""


def laurels(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = processes.laurels(*arguments, main=MAIN, LAURELS_DATABASE_URL=url)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def url(databases: Databases) -> str:
    return databases.create(TEMPLATE)


@pytest.fixture(scope="module")
def kudos(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server with kudos, and with the definitions applied."""
    with pytest.MonkeyPatch.context() as patched:
        # Processes that the server starts find the composition where the server finds it.
        patched.setenv("PYTHONPATH", str(ROOT))
        laurels(url, "migrate")
        with Server(url, main=MAIN) as server, server.client() as api:
            file: Path = tmp_path_factory.mktemp("definitions") / "kudos.yaml"
            exported = laurels(url, "export").stdout
            assert "kudos" not in exported
            # A section that is there is the whole of its kind.
            file.write_text(DEFINITIONS)
            planned = laurels(url, "plan", str(file)).stdout
            assert "+ kudos_kinds.helpful" in planned
            laurels(url, "apply", str(file), "--yes")
            yield api


def given(api: httpx.Client, who: str) -> int:
    reply = api.get(f"/participants/{who}/kudos")
    assert reply.status_code == 200, reply.text
    [counted] = [each for each in reply.json()["kudos"] if each["code"] == "helpful"]
    return int(counted["number"])


def give(api: httpx.Client, who: str, **particulars: Any) -> httpx.Response:
    return api.post("/kudos/give", json={"participant_id": who, "kudos_code": "helpful", **particulars})


def help_somebody(api: httpx.Client, who: str, minutes: int) -> Any:
    body = {"participant_id": who, "event_name": "helped", "properties": {"minutes": minutes}}
    reply = api.post("/events", json=body)
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_an_endpoint_of_its_own(kudos: httpx.Client) -> None:
    reply = give(kudos, "ada", number=2, thanks="For the help")
    assert reply.json() == {"participant_id": "ada", "kudos_code": "helpful", "number": 2, "total": 2}
    assert give(kudos, "ada").json()["total"] == 3
    assert given(kudos, "ada") == 3
    refused = give(kudos, "ada", kudos_code="nope")
    assert (refused.status_code, refused.json()["code"]) == (404, "kudos_kind_not_found")
    assert_refused(give(kudos, "ada", number=0), 422, field="number")
    state = kudos.get("/participants/ada/state").json()
    assert state["kudos"] == [{"code": "helpful", "name": "Helpful", "number": 3}]


def test_it_acts_once_with_an_idempotency_key(kudos: httpx.Client) -> None:
    body = {"participant_id": "keyed", "kudos_code": "helpful"}
    replies = [kudos.post("/kudos/give", json=body, headers={"Idempotency-Key": "once"}) for _ in range(2)]
    assert replies[0].content == replies[1].content
    assert given(kudos, "keyed") == 1


def test_its_definitions_have_the_endpoints_of_all_kinds(kudos: httpx.Client) -> None:
    made = kudos.post("/admin/kudos-kinds", json={"code": "kind", "name": "Kind", "display_order": 2})
    assert made.status_code == 201, made.text
    changed = kudos.patch("/admin/kudos-kinds/kind", json={"name": "Kindness"}).json()
    assert changed["name"] == "Kindness"
    assert [each["code"] for each in kudos.get("/admin/kudos-kinds").json()["items"]] == ["helpful", "kind"]
    assert kudos.delete("/admin/kudos-kinds/kind").status_code == 200
    reply = kudos.delete("/admin/kudos-kinds/helpful")
    assert_refused(reply, 409)
    assert "rule thanked (actions[1].kudos_code)" in reply.json()["detail"]


def test_a_rule_gives_kudos_and_explains_it(kudos: httpx.Client) -> None:
    brought = help_somebody(kudos, "bob", 15)
    assert brought["effects"]["kudos"] == [{"kudos_code": "helpful", "number": 3, "due_to": "thanked"}]
    assert given(kudos, "bob") == 3
    explained = kudos.get(f"/participants/bob/events/{brought['event_id']}/explain").json()
    assert [(each["code"], each["outcome"]) for each in explained["rules"]] == [("thanked", "acted")]
    [fact] = [fact for fact in explained["facts"] if fact["kind"] == "kudos_given"]
    assert fact["due_to"] == {"kind": "rule", "code": "thanked"}
    assert fact["data"] == {"kudos_code": "helpful", "kudos_name": "Helpful", "number": 3}


def test_the_feed_has_its_events(kudos: httpx.Client) -> None:
    cursor = kudos.get("/feed").json()["cursor"]
    assert give(kudos, "fed", number=2, thanks="Well done").status_code == 200
    found = kudos.get("/feed", params={"after": cursor, "types": "kudos.given", "wait_seconds": 10}).json()["events"]
    assert [(event["participant_id"], event["data"]["number"]) for event in found] == [("fed", 2)]
    document = kudos.get(str(kudos.base_url.copy_with(path="/openapi.json"))).json()
    assert document["webhooks"]["kudos.given"]["post"]["summary"] == "A participant received kudos."


def test_conditions_and_criteria_read_it(kudos: httpx.Client) -> None:
    """A criterion is judged as soon as a fact changes what it reads."""
    give(kudos, "liked", number=9)
    assert visit(kudos, "liked")["effects"]["points"] == []
    give(kudos, "liked")
    visited = visit(kudos, "liked")
    assert [each["amount"] for each in visited["effects"]["points"]] == [3]
    explained = kudos.get(f"/participants/liked/events/{visited['event_id']}/explain").json()
    [rule] = explained["rules"]
    assert rule["conditions"][0]["values"] == {"participant.kudos": 10}
    earned = give(kudos, "liked", number=10).json()["effects"]["badges"]
    assert [each["badge_code"] for each in earned] == ["loved"]


def visit(api: httpx.Client, who: str) -> Any:
    reply = api.post("/events", json={"participant_id": who, "event_name": "visited"})
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_expressions_over_it_are_checked(kudos: httpx.Client) -> None:
    asked = {"expression": "participant.kudos * 2", "use": "amount"}
    assert kudos.post("/admin/rules/validate", json=asked).json() == {"type": "int", "reads": ["participant.kudos"]}
    rule = {
        "code": "wrong",
        "name": "Wrong",
        "event_name": "visited",
        "actions": [{"type": "award_points", "amount": 1}],
    }
    reply = kudos.post("/admin/rules", json={**rule, "condition": "participant.kudos == 'many'"})
    assert_refused(reply, 422, field="condition")


def test_leaderboards_rank_by_it(kudos: httpx.Client, url: str) -> None:
    """By what was given before the leaderboard was created, and by what is given after it was filled."""
    give(kudos, "earliest", number=600)
    give(kudos, "early", number=700)
    board = {"code": "thanked", "name": "Thanked", "metric": "kudos"}
    created = kudos.post("/admin/leaderboards", json=board)
    assert created.status_code == 201, created.text
    eventually(lambda: kudos.get("/admin/leaderboards/thanked").json()["status"] == "ready")
    help_somebody(kudos, "late", 500)
    give(kudos, "late", number=550)
    give(kudos, "earliest", number=100)
    shown = kudos.get("/leaderboards/thanked", params={"limit": 3}).json()["entries"]
    ranks = [(each["participant_id"], each["rank"], each["score"]) for each in shown]
    assert ranks == [("early", 1, 700), ("earliest", 1, 700), ("late", 3, 650)]
    assert kudos.get("/leaderboards/thanked/rank/late", params={"period": "daily"}).json()["rank"] == 3
    assert_refused(kudos.post("/admin/leaderboards", json={**board, "event_name": "helped"}), 422, field="event_name")
    laurels(url, "check", "--rebuild")


def test_rules_are_checked_with_its_action(kudos: httpx.Client) -> None:
    rule = {"code": "wrong", "name": "Wrong", "event_name": "helped"}
    for action, field in [
        ({"type": "give_kudos", "kudos_code": "nope"}, "actions[0].kudos_code"),
        ({"type": "give_kudos", "kudos_code": "helpful", "number": "'text'"}, "actions[0].number"),
        ({"type": "give_kudos"}, "actions[0].kudos_code"),
    ]:
        assert_refused(kudos.post("/admin/rules", json={**rule, "actions": [action]}), 422, field=field)


def test_definitions_go_out_and_come_back(kudos: httpx.Client, url: str, tmp_path: Path) -> None:
    exported = laurels(url, "export").stdout
    assert "kudos_kinds:\n" in exported
    assert "kudos_code: helpful" in exported
    (tmp_path / "again.yaml").write_text(exported)
    assert "Nothing to change" in laurels(url, "plan", str(tmp_path / "again.yaml")).stdout


def test_the_api_describes_it(kudos: httpx.Client) -> None:
    document = kudos.get(str(kudos.base_url.copy_with(path="/openapi.json"))).json()
    assert {"/api/v1/gamify/kudos/give", "/api/v1/gamify/admin/kudos-kinds"} <= document["paths"].keys()
    components = document["components"]["schemas"]
    assert "kudos" in components["Effects"]["properties"]
    for name in ("RuleDefinition", "ChallengeDefinition", "MilestoneDefinition"):
        assert "SendKudos" in str(components[name]["properties"]["actions"])


def test_simulate_decides_it_again(kudos: httpx.Client) -> None:
    help_somebody(kudos, "simulated", 5)
    draft = {
        "rules": [
            {
                "code": "thanked",
                "name": "Thanked",
                "event_name": "helped",
                "actions": [{"type": "give_kudos", "kudos_code": "helpful"}] * 2,
            }
        ]
    }
    reply = kudos.post("/admin/simulate", json={"definitions": draft}, timeout=120)
    assert reply.status_code == 200, reply.text
    last = msgspec.json.decode(reply.text.splitlines()[-1])
    [counted] = [each for each in last["result"]["definitions"] if (each["kind"], each["code"]) == HELPFUL]
    assert counted["draft"]["fired"] > counted["live"]["fired"] > 0


def test_a_check_rebuilds_it_and_finds_what_is_wrong(kudos: httpx.Client, url: str) -> None:
    give(kudos, "checked", number=7)
    shown = laurels(url, "check", "--rebuild").stdout
    assert "ok    nobody has less than no kudos of a kind" in shown
    query(url, "UPDATE kudos SET number = number + 1 WHERE number = 7 RETURNING 1")
    broken = processes.laurels("check", "--rebuild", main=MAIN, LAURELS_DATABASE_URL=url)
    assert broken.returncode == 1
    assert "kudos" in broken.stdout.partition("FAIL")[2]
    query(url, "UPDATE kudos SET number = number - 1 WHERE number = 8 RETURNING 1")
    laurels(url, "check", "--rebuild")


def test_an_export_of_a_person_has_it(kudos: httpx.Client) -> None:
    give(kudos, "exported", number=4, thanks="A word")
    exported = kudos.get("/admin/participants/exported/export").json()
    [row] = exported["stored"]["kudos"]
    assert row["number"] == 4
    assert "A word" in str(exported["stored"]["facts"])


@pytest.mark.parametrize("how", ["", "?anonymize=true"])
def test_an_erasure_removes_it(kudos: httpx.Client, url: str, how: str) -> None:
    who, word = f"erased{len(how)}", f"word{len(how)}"
    give(kudos, who, number=5, thanks=word)
    assert query(url, f"SELECT count(*) FROM journal WHERE data::text LIKE '%{word}%'")[0][0] == 1
    assert kudos.delete(f"/admin/participants/{who}{how}").status_code == 200
    eventually(lambda: query(url, "SELECT count(*) FROM erasure")[0][0] == 0)
    assert query(url, f"SELECT count(*) FROM journal WHERE data::text LIKE '%{word}%'")[0][0] == 0
    # Whoever was anonymised keeps the kudos.
    assert query(url, "SELECT count(*) FROM kudos WHERE number = 5")[0][0] == (1 if how else 0)
    laurels(url, "check", "--rebuild")


def test_every_worker_has_it(kudos: httpx.Client, url: str) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PYTHONPATH", str(ROOT))
        with Server(url, main=MAIN, workers="2") as server:
            for _ in range(8):
                # Each has a connection of its own, which one of the workers takes.
                with server.client() as api:
                    last = give(api, "many")
    assert last.json()["total"] == 8


def test_its_migrations_are_its_own(kudos: httpx.Client, url: str) -> None:
    assert query(url, "SELECT version_num FROM alembic_version_kudos") == [("0001",)]
    laurels(url, "migrate")


def test_a_server_without_its_migrations_is_not_ready(databases: Databases) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PYTHONPATH", str(ROOT))
        own_url = databases.create(TEMPLATE)
        with Server(own_url, main=MAIN) as server:
            for change, code in [
                ("UPDATE alembic_version_kudos SET version_num = 'other'", "schema_unknown"),
                ("DELETE FROM alembic_version_kudos", "schema_outdated"),
                ("DROP TABLE alembic_version_kudos", "schema_outdated"),
            ]:
                query(own_url, change)
                reply = httpx.get(f"{server.base_url}/readyz")
                assert (reply.status_code, reply.json()["code"]) == (503, code)
                assert "schema of kudos" in reply.json()["detail"]


def test_laurels_without_it_is_as_it_was() -> None:
    with_kudos = {endpoint.operation for endpoint in COMPOSITION.endpoints}
    without = {endpoint.operation for endpoint in app.COMPOSITION.endpoints}
    assert {"give_kudos", "create_kudos_kind"} <= with_kudos - without
    assert without < with_kudos
    assert set(COMPOSITION.game.measures) - set(app.COMPOSITION.game.measures) == {"kudos"}
    actions = [{"type": "give_kudos", "kudos_code": "helpful"}]
    rule = {"code": "r", "name": "R", "event_name": "e", "actions": actions}
    bodies = [
        next(resource.kind.body for resource in composition.resources if resource.kind.name == "rule")
        for composition in (COMPOSITION, app.COMPOSITION)
    ]
    body = msgspec.convert(rule, bodies[0])
    assert isinstance(body, RuleDefinition)
    assert body.actions == (SendKudos(kudos_code="helpful"),)
    with pytest.raises(msgspec.ValidationError, match="give_kudos"):
        msgspec.convert(rule, bodies[1])


def test_another_process_is_told_where_the_composition_is() -> None:
    present_tables = pickle.loads(pickle.dumps(COMPOSITION.present_tables))
    assert present_tables() is COMPOSITION.tables
