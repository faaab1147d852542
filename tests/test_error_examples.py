"""The examples of error responses are what the endpoints really return."""

import http.client
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from laurels.app import COMPOSITION
from laurels.web.documentation import refusals
from laurels.web.documentation.openapi import document
from laurels.web.endpoint import Endpoint
from laurels.web.keys.access import Access
from tests.checks import asked
from tests.support import ADMIN_KEY, Server

ID = "0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e0f"
DOCUMENT = json.loads(document(COMPOSITION.endpoints))
KEYED = [endpoint for endpoint in COMPOSITION.endpoints if endpoint.access is not Access.OPEN]
OTHER_VALUES = (-1, 0, 5, "yes", [], "")
OF_OPERATORS = {"/gamify/admin/projects"}


def named(*operations: str) -> list[Endpoint]:
    return [endpoint for endpoint in KEYED if endpoint.operation in operations]


def with_status(status: int, *without: str) -> list[Any]:
    return [
        pytest.param(endpoint, id=endpoint.operation)
        for endpoint in KEYED
        if status in refusals.statuses(endpoint) and endpoint.operation not in without
    ]


def described(endpoint: Endpoint, status: int) -> dict[str, Any]:
    operation = DOCUMENT["paths"][endpoint.path][endpoint.method.lower()]
    content = operation["responses"][str(status)]["content"]["application/json"]
    return dict(content["example"])


@pytest.fixture(scope="module")
def project(server: Server, api: httpx.Client) -> Iterator[httpx.Client]:
    """An administrator's client of a project without definitions and participants."""
    with server.client(new_project(api)) as client:
        yield client


@pytest.fixture(scope="module")
def begun(server: Server, api: httpx.Client) -> Iterator[httpx.Client]:
    """That of a project with the examples' participant."""
    with server.client(new_project(api)) as client:
        client.post("/points/award", json={"participant_id": "user_123", "amount": 30}).raise_for_status()
        yield client


@pytest.fixture(scope="module")
def ranked(server: Server, api: httpx.Client) -> Iterator[httpx.Client]:
    """That of a project with the examples' leaderboard."""
    with server.client(new_project(api)) as client:
        client.post("/admin/leaderboards", json={"code": "top_scorers", "name": "Top scorers"}).raise_for_status()
        yield client


def new_project(api: httpx.Client) -> str:
    """The key of its administrator."""
    made = api.post("/admin/projects", json={"code": f"examples_{uuid4().hex}"})
    return str(made.json()["admin_key"]["key"])


def path_of(endpoint: Endpoint) -> str:
    """With the values of the document's examples."""
    values = {"participant_id": "user_123", "project_code": "shop-test", "file": "nope", "event_id": ID}
    if "code}" in endpoint.path:
        values["code"] = "top_scorers" if "leaderboards" in endpoint.path else "weekend_shopper"
    path = endpoint.path.removeprefix("/api/v1/gamify")
    return re.sub(r"{(\w+)}", lambda found: values.get(found[1], ID), path)


def send(client: httpx.Client, endpoint: Endpoint, **more: Any) -> httpx.Response:
    if endpoint.example is not None and not more.keys() & {"content", "json"}:
        more["json"] = endpoint.example
    return asked(client, endpoint.method, path_of(endpoint), **more)


@pytest.mark.parametrize("endpoint", with_status(401))
def test_without_a_valid_key(project: httpx.Client, endpoint: Endpoint) -> None:
    response = send(project, endpoint, headers={"X-API-Key": "lk_wrong"})
    assert (response.status_code, response.json()) == (401, described(endpoint, 401))


@pytest.mark.parametrize("endpoint", with_status(403))
def test_without_a_sufficient_scope(server: Server, project: httpx.Client, endpoint: Endpoint) -> None:
    """Calls of applications are refused to keys that only read."""
    scope = "gamify:read" if endpoint.access is Access.KEY else "gamify"
    key = project.post("/admin/keys", json={"scope": scope}).json()["key"]
    response = send(project, endpoint, headers={"X-API-Key": key})
    assert (response.status_code, response.json()) == (403, described(endpoint, 403))


@pytest.mark.parametrize("endpoint", with_status(404))
def test_where_there_is_nothing(
    api: httpx.Client, project: httpx.Client, begun: httpx.Client, ranked: httpx.Client, endpoint: Endpoint
) -> None:
    clients = [api] if endpoint.access is Access.OPERATOR else [project, begun, ranked]
    more: dict[str, Any] = {}
    if endpoint.operation == "list_participants":
        more = {"params": {"tier": "gold"}}
    elif endpoint.operation == "list_claims":
        more = {"params": {"reward_id": "gift_card"}}
    responses = [send(client, endpoint, **more) for client in clients]
    found = [(response.status_code, response.json()) for response in responses]
    assert (404, described(endpoint, 404)) in found


@pytest.mark.parametrize("endpoint", with_status(413))
def test_with_a_long_body(server: Server, project: httpx.Client, endpoint: Endpoint) -> None:
    """Only the length is sent: it is refused before the body."""
    address = urlsplit(str(project.base_url))
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
    connection.putrequest(endpoint.method, f"{address.path.rstrip('/')}{path_of(endpoint)}")
    key = ADMIN_KEY if endpoint.access is Access.OPERATOR else project.headers["x-api-key"]
    connection.putheader("X-API-Key", key)
    connection.putheader("Content-Length", str(10**9))
    connection.endheaders()
    response = connection.getresponse()
    assert (response.status, json.loads(response.read())) == (413, described(endpoint, 413))
    connection.close()


@pytest.mark.parametrize("endpoint", with_status(415))
def test_with_another_encoding(api: httpx.Client, project: httpx.Client, endpoint: Endpoint) -> None:
    client = api if endpoint.access is Access.OPERATOR else project
    response = send(client, endpoint, headers={"Content-Encoding": "br"})
    assert (response.status_code, response.json()) == (415, described(endpoint, 415))


def wrong_requests(endpoint: Endpoint, field: str) -> Iterator[dict[str, Any]]:
    """What may be wrong with this field, in the body or the query, or with the request as a whole."""
    if field == "path":
        yield {
            "path": re.sub(
                r"user_123|shop-test|top_scorers|weekend_shopper|[0-9a-f-]{36}", "%FF", path_of(endpoint), count=1
            )
        }
    elif field == "":
        yield {"json": {"a": 1}}
    elif endpoint.body_documented is not None:
        body = endpoint.example or {}
        yield {"json": {name: value for name, value in body.items() if name != field}}
        yield from ({"json": {**body, field: value}} for value in OTHER_VALUES)
    else:
        yield from ({"params": {field: value}} for value in ("0", "tiers"))


@pytest.mark.parametrize("endpoint", with_status(422))
def test_an_invalid_request(api: httpx.Client, endpoint: Endpoint) -> None:
    expected = described(endpoint, 422)
    key_id = api.post("/admin/keys", json={}).json()["id"] if "key_id" in endpoint.path else ""
    definitions = definitions_of(api, endpoint)
    responses = []
    for request in wrong_requests(endpoint, expected["errors"][0]["field"]):
        path = request.pop("path", path_of(endpoint).replace(ID, key_id or definitions or ID))
        path = path.replace("/shop-test", "/default")
        response = api.request(endpoint.method, path, **request)
        responses.append((response.status_code, response.json()))
    assert (422, expected) in responses


def definitions_of(api: httpx.Client, endpoint: Endpoint) -> str:
    """The id of a new definition of the kind that the path names, if it names one."""
    found = re.match(r"update_(\w+)", endpoint.operation)
    creates = [each for each in KEYED if found and each.operation == f"create_{found[1]}"]
    if not creates:
        return ""
    [create] = creates
    made = api.post(path_of(create), json={**create.example, "code": f"wrong_{uuid4().hex}"})
    return str(made.json().get("id", ""))


@pytest.mark.parametrize(
    "endpoint",
    [
        pytest.param(endpoint, id=endpoint.operation)
        for endpoint in KEYED
        if endpoint.operation.startswith("create_")
        and 409 in refusals.statuses(endpoint)
        and "key" not in endpoint.path
    ],
)
def test_a_code_that_is_taken(api: httpx.Client, project: httpx.Client, endpoint: Endpoint) -> None:
    client = api if endpoint.access is Access.OPERATOR else project
    responses = [send(client, endpoint) for _ in range(2)]
    assert responses[0].status_code in {201, 409, 422}
    if responses[0].status_code != 422:
        assert (responses[1].status_code, responses[1].json()) == (409, described(endpoint, 409))


def test_above_the_rate_limit(server: Server, project: httpx.Client) -> None:
    key = project.post("/admin/keys", json={"rate_limit": 1}).json()["key"]
    with server.client(key) as client:
        responses = [client.get("/rewards") for _ in range(5)]
    [endpoint] = named("available_rewards")
    assert (responses[-1].status_code, responses[-1].json()) == (429, described(endpoint, 429))


def test_rules_of_the_game(project: httpx.Client) -> None:
    """A sample: what the requests of the examples return in a project where they are not allowed."""

    def refused(operation: str, status: int, **body: Any) -> None:
        [endpoint] = named(operation)
        response = send(project, endpoint, json={**(endpoint.example or {}), **body})
        assert (response.status_code, response.json()) == (status, described(endpoint, status)), operation

    off = {"is_active": False, "name": "Off"}
    project.post("/admin/badges", json={"code": "first_steps", **off}).raise_for_status()
    project.post("/admin/streaks", json={"code": "daily_login", "period": "daily", **off}).raise_for_status()
    tier = {"code": "gold", "level": 3, "award_type": "manual", **off}
    assert project.post("/admin/tiers", json=tier).status_code in {201, 409}
    project.patch("/admin/tiers/gold", json=off).raise_for_status()
    project.post("/admin/leaderboards", json={"code": "top_scorers", **off}).raise_for_status()
    project.post("/points/award", json={"participant_id": "user_123", "amount": 30}).raise_for_status()
    for operation in ("award_badge", "record_streak", "assign_tier", "deduct_points", "hold_points"):
        refused(operation, 400)
    refused("revoke_badge", 400)
    refused("move_clock", 400)
    for operation in ("leaderboard_standings", "participant_rank"):
        [endpoint] = named(operation)
        response = project.get(path_of(endpoint))
        assert (response.status_code, response.json()) == (400, described(endpoint, 400))
    hold = project.post("/points/hold", json={"participant_id": "user_123", "amount": 10}).json()["hold_id"]
    project.post("/points/capture", json={"participant_id": "user_123", "hold_id": hold}).raise_for_status()
    refused("release_hold", 400, hold_id=hold)
    award = project.post("/points/award", json={"participant_id": "user_123", "amount": 5}).json()["transaction_id"]
    body = {"participant_id": "user_123", "transaction_id": award}
    project.post("/points/reverse", json=body).raise_for_status()
    refused("reverse_transaction", 400, transaction_id=award)


def test_keys_that_have_ended(project: httpx.Client) -> None:
    key_id = project.post("/admin/keys", json={}).json()["id"]
    project.post(f"/admin/keys/{key_id}/revoke").raise_for_status()
    [endpoint] = named("rotate_key")
    response = project.post(f"/admin/keys/{key_id}/rotate", json={})
    assert (response.status_code, response.json()) == (409, described(endpoint, 409))
