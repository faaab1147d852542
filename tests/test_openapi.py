"""The OpenAPI document and the page at /docs: complete, true, and without the internet."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import httpx
import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from laurels.app import COMPOSITION
from laurels.storage.office.keys import SCOPES
from tests.populated import populate
from tests.support import ADMIN_KEY, Server

METHODS = {"get", "post", "put", "patch", "delete"}
CONTRACT = {
    ("post", "/points/award"),
    ("post", "/points/deduct"),
    ("post", "/points/award-batch"),
    ("get", "/participants/{participant_id}/points"),
    ("get", "/participants/{participant_id}/points/transactions"),
    ("get", "/participants/{participant_id}/tier"),
    ("post", "/tiers/assign"),
    ("post", "/participants"),
    ("get", "/participants/{participant_id}"),
    ("patch", "/participants/{participant_id}"),
    ("get", "/participants/{participant_id}/state"),
    ("get", "/admin/tiers"),
    ("post", "/admin/tiers"),
    ("get", "/admin/tiers/{tier_id}"),
    ("patch", "/admin/tiers/{tier_id}"),
    ("delete", "/admin/tiers/{tier_id}"),
    ("delete", "/admin/participants/{participant_id}"),
}


@pytest.fixture(scope="module")
def document(server: Server) -> Any:
    reply = httpx.get(f"{server.base_url}/openapi.json")
    assert (reply.status_code, reply.headers["content-type"]) == (200, "application/json")
    return reply.json()


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert method in METHODS
            yield method, path, operation


def keyed(document: Any) -> list[tuple[str, str, Any]]:
    return [entry for entry in operations(document) if entry[1].startswith("/api/")]


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def resolved(document: Any, schema: Any) -> Any:
    return document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


def test_the_head_of_the_document(document: Any) -> None:
    assert re.fullmatch(r"3\.1\.\d", document["openapi"])
    assert document["info"]["title"]
    assert document["info"]["version"]
    scheme = document["components"]["securitySchemes"]["key"]
    assert scheme.pop("description")
    assert scheme == {"type": "apiKey", "in": "header", "name": "X-API-Key"}


def test_every_endpoint_is_described(document: Any) -> None:
    served = {(endpoint.method.lower(), endpoint.path) for endpoint in COMPOSITION.endpoints}
    described = {(method, path) for method, path, _ in operations(document)}
    assert described == served
    assert {("/api/v1/gamify" + path, method) for method, path in CONTRACT} <= {(p, m) for m, p in described}


def test_every_operation_is_complete(document: Any) -> None:
    for method, path, operation in operations(document):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert operation["description"], where
        assert operation["tags"], where
        parameters = [(p["in"], p["name"]) for p in operation.get("parameters", [])]
        assert len(set(parameters)) == len(parameters), where
        assert {name for place, name in parameters if place == "path"} == set(re.findall(r"{(\w+)}", path)), where
        assert any(status < "400" for status in operation["responses"]), where
        assert {"500", "503"} <= operation["responses"].keys(), where
        for status, response in operation["responses"].items():
            assert response["description"], f"{where} {status}"
            assert "X-Request-ID" in response["headers"], f"{where} {status}"
            for content in response["content"].values():
                assert content["schema"], f"{where} {status}"


def test_operations_have_names_that_clients_can_use(document: Any) -> None:
    identifiers = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(identifiers)) == len(identifiers)
    # At least two words: what is done, or whose it is, and what. They become `award_points` and `awardPoints`.
    for _, path, operation in keyed(document):
        assert re.fullmatch(r"[a-z]+(_[a-z]+)+", operation["operationId"]), path


def test_schemas_have_names_that_clients_can_use(document: Any) -> None:
    """Two structs of the same name would be told apart by their modules, with dots."""
    for name in document["components"]["schemas"]:
        assert re.fullmatch(r"([A-Z][a-z]+)+", name), name


def examples(operation: Any) -> Iterator[tuple[str, Any]]:
    """Where JSON is described, and how."""
    for kind, content in operation.get("requestBody", {"content": {}})["content"].items():
        yield f"the body, {kind}", content
    for status, response in operation["responses"].items():
        for kind, content in response["content"].items():
            if "json" in kind:
                yield f"{status}, {kind}", content


def test_every_body_and_answer_has_an_example_that_fits(document: Any) -> None:
    checked = 0
    for method, path, operation in operations(document):
        for place, content in examples(operation):
            where = f"{method} {path} {place}"
            assert content.get("example"), where
            schema = {**content["schema"], "components": document["components"]}
            problems = [error.message for error in jsonschema_rs.iter_errors(schema, content["example"])]
            assert problems == [], where
            checked += 1
    assert checked > 500


def test_every_body_names_its_fields(document: Any) -> None:
    for method, path, operation in operations(document):
        if "requestBody" not in operation:
            continue
        content = operation["requestBody"]["content"]["application/json"]
        schema = {**content["schema"], "components": document["components"]}
        assert not jsonschema_rs.is_valid(schema, "text"), f"{method} {path}"
        assert resolved(document, content["schema"]).get("properties"), f"{method} {path} does not name its fields"


def test_times_are_told_from_other_text(document: Any) -> None:
    """By the names of their fields, which all end alike."""
    times = 0
    for name, schema in document["components"]["schemas"].items():
        for field, described in schema.get("properties", {}).items():
            options = [option for option in described.get("anyOf", [described]) if option.get("type") == "string"]
            if field.endswith("_at") or field in {"timestamp", "since", "until"}:
                assert [option["format"] for option in options] == ["date-time"], f"{name}.{field}"
                times += 1
    assert times > 40


def test_the_items_of_a_batch_are_described(document: Any) -> None:
    operation = document["paths"]["/api/v1/gamify/points/award-batch"]["post"]
    schema = resolved(document, operation["requestBody"]["content"]["application/json"]["schema"])
    items = resolved(document, schema["properties"]["awards"]["items"])
    assert {"participant_id", "amount"} <= set(items["required"])


def test_all_keyed_operations_say_so(document: Any) -> None:
    for method, path, operation in keyed(document):
        where = f"{method} {path}"
        assert operation["security"] == [{"key": []}], where
        assert {"401", "503"} <= operation["responses"].keys(), where
        scopes = operation["x-scopes"]
        assert ("403" in operation["responses"]) == (len(scopes) < len(SCOPES)), where
        assert ("gamify" in scopes) == ("/admin/" not in path and not path.startswith("/api/v1/gamify/feed")), where
        assert ("gamify:read" in scopes) == (
            method == "get" or path.endswith("/session")
        ) or "gamify:admin" not in scopes
        if "403" in operation["responses"]:
            refusal = operation["responses"]["403"]["content"]["application/json"]["example"]
            assert refusal["sufficient_scopes"] == scopes, where
        for status in ("413", "415"):
            assert (status in operation["responses"]) == ("requestBody" in operation), where
        if "requestBody" in operation or operation.get("parameters"):
            assert "422" in operation["responses"], where
        if "{" in path:
            assert "404" in operation["responses"], where


def test_open_operations_ask_for_no_key(document: Any) -> None:
    opened = {path for _, path, operation in operations(document) if "security" not in operation}
    assert opened == {"/healthz", "/readyz", "/metrics", "/openapi.json", "/", "/docs", "/docs/", "/docs/{file}"} | {
        "/console",
        "/console/",
        "/console/assets/{file}",
    }


def test_all_references_lead_somewhere_and_all_schemas_are_used(document: Any) -> None:
    named = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    used = set(references(document))
    assert used == named


def test_all_schemas_are_valid(document: Any) -> None:
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


def test_errors_have_one_schema(document: Any) -> None:
    for method, path, operation in operations(document):
        for status, response in operation["responses"].items():
            if status >= "400":
                schema = response["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/ErrorBody"}, f"{method} {path} {status}"


def test_idempotency_is_described(document: Any) -> None:
    for path in ("award", "deduct"):
        operation = document["paths"][f"/api/v1/gamify/points/{path}"]["post"]
        assert ("header", "Idempotency-Key") in [(p["in"], p["name"]) for p in operation["parameters"]]
        assert "Idempotency-Replayed" in operation["responses"]["200"]["headers"]


def test_the_page_needs_nothing_from_elsewhere(server: Server) -> None:
    with httpx.Client(base_url=server.base_url) as client:
        page = client.get("/docs")
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert not re.findall(r"(?:https?:)?//\w", page.text)
        resources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert len(resources) == 5
        types = {".js": "text/javascript", ".css": "text/css", ".png": "image/png"}
        for resource in resources:
            reply = client.get(f"/{resource}")
            assert reply.status_code == 200, resource
            assert reply.headers["content-type"] == types[resource[resource.rfind(".") :]]
            assert reply.content
            if resource.endswith(".css"):
                assert not re.findall(r"@import|url\((?!data:|[\"']?data:)", reply.text), resource
        assert '"openapi.json"' in client.get("/docs/page.js").text


def test_the_page_works_behind_a_prefix(server: Server) -> None:
    """As a browser resolves what the page names (RFC 3986, 5.2), and a proxy takes the prefix away again."""
    prefix = "https://example.org/some/where"
    parts = [httpx.get(f"{server.base_url}{path}").text for path in ("/docs", "/docs/page.js")]
    named = re.findall(r'(?:src|href|url)(?:=|: )"([^"]+)"', "".join(parts))
    assert len(named) == 7
    for address in named:
        resolved = urljoin(f"{prefix}/docs", address)
        assert resolved.startswith(f"{prefix}/")
        assert httpx.get(server.base_url + resolved.removeprefix(prefix)).status_code == 200
    described = httpx.get(f"{server.base_url}/openapi.json").json()
    [place] = described["servers"]
    assert urljoin(f"{prefix}/openapi.json", place["url"]).rstrip("/") == prefix


@pytest.mark.parametrize("file", ["nope.js", "..%2F__init__.py", "%2E%2E", "LICENSE", "swagger-ui.css%00", "%FF"])
def test_files_that_the_page_does_not_have(server: Server, file: str) -> None:
    reply = httpx.get(f"{server.base_url}/docs/{file}")
    assert reply.status_code in {404, 422}
    assert reply.json()["detail"]


@pytest.fixture(scope="module")
def described_api(server: Server, document: Any) -> Any:
    loaded = schemathesis.openapi.from_dict(document)
    loaded.config.update(base_url=server.base_url)
    return loaded


ANSWER_SECONDS = 60
"""A simulation starts a process, which takes a while on a busy machine."""

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def known_to_reads(api: httpx.Client) -> dict[str, str]:
    return populate(api)


@pytest.fixture
def known(api: httpx.Client, method: str, request: pytest.FixtureRequest) -> dict[str, str]:
    """Parameters of paths that lead to something."""
    return request.getfixturevalue("known_to_reads") if method == "GET" else populate(api)


@pytest.mark.more_cases
@pytest.mark.parametrize(
    ("method", "path"),
    # A stream does not end by itself; test_feed_stream.py has its tests.
    [(each.method, each.path) for each in COMPOSITION.endpoints if each.content_type != "text/event-stream"],
)
def test_answers_are_as_described(
    described_api: Any, known: dict[str, str], method: str, path: str, all_cases: bool
) -> None:
    @given(case=described_api[path][method].as_strategy(), is_known=st.booleans())
    @settings(
        max_examples=25 if all_cases else 6,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def conforms(case: Any, is_known: bool) -> None:
        if is_known:
            case.path_parameters = {name: known[name] for name in case.path_parameters}
        case.call_and_validate(headers={"X-API-Key": ADMIN_KEY}, checks=CHECKS, timeout=ANSWER_SECONDS)

    conforms()
