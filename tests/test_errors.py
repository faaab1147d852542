"""Every refusal has a code, and docs/errors.md lists exactly those codes."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from laurels.app import COMPOSITION, TABLES
from laurels.kernel.rejections import AmountOutOfRange, DefinitionInactive, DefinitionNotFound, Rejection
from laurels.web.endpoint import Endpoint
from laurels.web.near_endpoints import SEGMENT_LIMIT_CHARACTERS, SEGMENTS_LIMIT, NearEndpoints
from laurels.web.protocol import errors
from tests.checks import documented_codes, make_key
from tests.support import Server

PAST = "2020-01-01T00:00:00Z"
ROOT = Path(__file__).parents[1]
REFUSERS = {"Refusal", "unavailable", "KeyChangeRefusedError", "_refuse"}


def source_trees() -> Iterator[tuple[Path, ast.AST]]:
    for path in (ROOT / "src/laurels").rglob("*.py"):
        if "client" not in path.parts:
            yield path, ast.parse(path.read_text())


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in REFUSERS:
                yield node


def written_codes() -> set[str]:
    found = set()
    for _, tree in source_trees():
        for call in calls(tree):
            found |= {each.value.value for each in call.keywords if each.arg == "code" and is_text(each.value)}
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            if function.name in REFUSERS:
                defaults = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
                found |= {each.value for name, each in defaults if name.arg == "code" and is_text(each)}
    return found


def is_text(node: Any) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def inactive_kinds() -> set[str]:
    """The kinds of which something says that they are inactive."""
    return {
        node.args[0].value
        for _, tree in source_trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "DefinitionInactive" and is_text(node.args[0])
    }


def rejection_codes() -> set[str]:
    found = {errors.code_of(DefinitionNotFound(kind.name, "x")) for kind in TABLES.kinds}
    found |= {errors.code_of(DefinitionInactive(kind, "x")) for kind in inactive_kinds()}
    # An action alone is refused for its amount: the journal says so.
    plain = {kind for kind in Rejection.__subclasses__() if kind.__module__.startswith("laurels.")}
    plain -= {DefinitionNotFound, DefinitionInactive, AmountOutOfRange}
    return found | {errors._snake_case(kind.__name__) for kind in plain}


def test_the_page_lists_exactly_the_codes_that_there_are() -> None:
    there = written_codes() | rejection_codes()
    assert sorted(documented_codes()) == sorted(there)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", code) for code in there)


def test_every_rejection_has_a_sentence_and_an_invalid_one_the_field() -> None:
    for kind in Rejection.__subclasses__():
        assert kind.sentence is not Rejection.sentence, kind
        assert bool(kind.field) == (kind.reason == "invalid"), kind


def test_every_refusal_is_declared_with_a_code() -> None:
    """mypy holds to it, too; a code that is computed would be listed nowhere."""
    computed = [
        f"{path.name}: {ast.unparse(call)}"
        for path, tree in source_trees()
        for call in calls(tree)
        if getattr(call.func, "id", "") == "Refusal" and not any(each.arg == "code" for each in call.keywords)
    ]
    assert not computed


def test_the_page_has_the_status_of_each_code() -> None:
    listed = documented_codes()
    for _, tree in source_trees():
        for call in calls(tree):
            codes = [each.value.value for each in call.keywords if each.arg == "code" and is_text(each.value)]
            if codes and isinstance(status := call.args[0], ast.Constant) and isinstance(status.value, int):
                assert listed[codes[0]] == status.value, codes
    for endpoint in COMPOSITION.endpoints:
        for status, refusal in endpoint.refusals.items():
            assert (refusal.status, listed[refusal.code]) == (status, status), endpoint.path


def body_of(reply: httpx.Response) -> Any:
    assert reply.headers["content-type"] == "application/json"
    return reply.json()


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/participants/nobody/points", None, 404, "participant_not_found"),
        ("POST", "/points/deduct", {"participant_id": "a", "amount": 5}, 400, "insufficient_points"),
        ("POST", "/badges/award", {"participant_id": "a", "badge_code": "nope"}, 404, "badge_not_found"),
        ("POST", "/points/award", {"participant_id": "a", "amount": 0}, 422, "invalid_request"),
        ("GET", "/admin/earning-caps/nope", None, 404, "earning_cap_not_found"),
        ("POST", "/points/hold", {"participant_id": "a", "amount": 1, "expires_at": PAST}, 422, "expiry_passed"),
        ("POST", "/admin/badges", {"code": "first_steps", "name": "Again"}, 409, "code_taken"),
        ("PUT", "/points/award", {}, 405, "method_not_allowed"),
    ],
)
def test_responses_have_the_code(api: httpx.Client, method: str, path: str, body: Any, status: int, code: str) -> None:
    reply = api.request(method, path, json=body)
    assert (reply.status_code, body_of(reply)["code"]) == (status, code)
    assert reply.json()["detail"]


def test_items_of_batches_have_the_code(api: httpx.Client) -> None:
    items = [{"participant_id": "b", "amount": 1}, {"participant_id": "b", "amount": -1}]
    results = api.post("/points/award-batch", json={"awards": items}).json()["results"]
    assert [result["error_code"] for result in results] == [None, "invalid_request"]
    happened = {"participant_id": "b", "event_name": "x", "timestamp": "1969-01-01T00:00:00Z"}
    [result] = api.post("/events/batch", json={"events": [happened]}).json()["results"]
    assert result["error"]
    assert result["error_code"] in {"timestamp_too_old", "invalid_request"}


@pytest.mark.parametrize(
    ("scope", "path", "named", "sufficient"),
    [
        ("gamify", "/admin/badges", "admin", ["gamify:read", "gamify:support", "gamify:admin", "admin", "operator"]),
        ("gamify:support", "/admin/keys", "admin", ["admin", "operator"]),
        ("gamify:admin", "/admin/keys", "admin", ["admin", "operator"]),
        ("admin", "/admin/projects", "operator", ["operator"]),
    ],
)
def test_a_403_says_which_scopes_suffice(
    server: Server, database_url: str, scope: str, path: str, named: str, sufficient: list[str]
) -> None:
    with server.client(make_key(database_url, scope=scope)) as client:
        reply = client.get(path)
    assert reply.status_code == 403
    assert reply.json() == {
        "detail": f"API key requires '{named}' scope",
        "code": "insufficient_scope",
        "sufficient_scopes": sufficient,
    }


@pytest.mark.parametrize(
    ("scope", "path", "named", "lowest"),
    [
        ("gamify:read", "/points/award", "gamify", "gamify"),
        ("gamify:read", "/admin/claims/fulfil", "admin", "gamify:support"),
        ("gamify:support", "/admin/badges", "admin", "gamify:admin"),
    ],
)
def test_a_scope_of_people_that_is_too_low(
    server: Server, database_url: str, scope: str, path: str, named: str, lowest: str
) -> None:
    with server.client(make_key(database_url, scope=scope)) as client:
        reply = client.post(path, json={})
    assert (reply.status_code, reply.json()["detail"]) == (403, f"API key requires '{named}' scope")
    assert reply.json()["sufficient_scopes"][0] == lowest


def test_a_key_of_a_higher_scope_than_ones_own(server: Server, database_url: str) -> None:
    with server.client(make_key(database_url, scope="admin")) as client:
        reply = client.post("/admin/keys", json={"scope": "operator"})
    assert (reply.status_code, reply.json()["sufficient_scopes"]) == (403, ["operator"])


NEAR = [
    ("POST", "/api/v1/gamify/points/awards", "POST /api/v1/gamify/points/award"),
    ("POST", "/gamify/points/award", "POST /api/v1/gamify/points/award"),
    ("POST", "/v1/gamify/points/award", "POST /api/v1/gamify/points/award"),
    ("POST", "/api/v1/gamify/points/award/", "POST /api/v1/gamify/points/award"),
    ("POST", "/api/v1//gamify/points/award", "POST /api/v1/gamify/points/award"),
    ("POST", "/api/v1/gamify/points/award_batch", "POST /api/v1/gamify/points/award-batch"),
    ("POST", "/api/v1/Gamify/Points/Award", "POST /api/v1/gamify/points/award"),
    ("POST", "/api/v1/points/award", "POST /api/v1/gamify/points/award"),
    ("GET", "/api/v1/gamify/participant/ada/points", "GET /api/v1/gamify/participants/{participant_id}/points"),
    ("GET", "/api/v1/gamify/participants/ada/pionts", "GET /api/v1/gamify/participants/{participant_id}/points"),
    ("PATCH", "/api/v1/gamify/admin/badge/x", "PATCH /api/v1/gamify/admin/badges/{badge_id}"),
    ("GET", "/api/v1/healthz", "GET /healthz"),
    ("GET", "/api/v1/leaderboards/top", "GET /api/v1/gamify/leaderboards/{code}"),
    ("GET", "/api/v1/gamify/leaderboards", "GET /api/v1/gamify/admin/leaderboards"),
    ("GET", "/api/v1/gamify/points", "POST /api/v1/gamify/points/award"),
    # What is left beside a missing segment has to be a name of that endpoint.
    ("GET", "/api/v1/gamify/point", None),
    ("GET", "/api/v1/gamify/admin/nothing", None),
    ("GET", "/api/v1/gamify/nothing/like/it", None),
    ("GET", "/wp-login.php", None),
    ("GET", "/" + "x/" * (SEGMENTS_LIMIT + 1), None),
    ("POST", "/api/v1/gamify/points/" + "a" * (SEGMENT_LIMIT_CHARACTERS + 1), None),
]


@pytest.mark.parametrize(("method", "path", "near"), NEAR)
def test_a_wrong_path_names_the_near_one(method: str, path: str, near: str | None) -> None:
    found: Endpoint | None = NearEndpoints(COMPOSITION.endpoints).to(method, path)
    assert (f"{found.method} {found.path}" if found else None) == near


def test_a_wrong_path_in_a_response(server: Server) -> None:
    reply = httpx.post(f"{server.base_url}/gamify/points/award", json={})
    assert reply.status_code == 404
    assert reply.json() == {
        "detail": "There is no such endpoint; did you mean POST /api/v1/gamify/points/award?",
        "code": "endpoint_not_found",
    }
    reply = httpx.get(f"{server.base_url}/nowhere")
    assert reply.json()["detail"] == "There is no such endpoint; /openapi.json lists all endpoints"


def test_a_405_lists_the_methods(server: Server) -> None:
    reply = httpx.delete(f"{server.base_url}/api/v1/gamify/participants/ada")
    assert (reply.status_code, reply.headers["allow"]) == (405, "GET, HEAD, PATCH")
    assert "GET, HEAD, PATCH" in reply.json()["detail"]


def test_the_root_leads_to_the_documentation(server: Server) -> None:
    reply = httpx.get(f"{server.base_url}/")
    assert (reply.status_code, reply.headers["location"]) == (302, "docs")
    reply = httpx.get(f"{server.base_url}/docs/")
    assert (reply.status_code, reply.headers["location"]) == (302, "../docs")
    assert httpx.get(f"{server.base_url}/docs/", follow_redirects=True).url.path == "/docs"
    assert httpx.get(f"{server.base_url}/", follow_redirects=True).headers["content-type"].startswith("text/html")
