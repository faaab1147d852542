"""API9:2023 Improper inventory management: what is served is described, and nothing else answers."""

import re
from pathlib import Path

import httpx
import pytest

from laurels.app import COMPOSITION
from tests.abuse.conftest import World
from tests.abuse.requests import DOCUMENT
from tests.checks import send

ROOT = Path(__file__).parents[2]


def test_every_route_is_described_and_every_description_is_a_route() -> None:
    served = {(endpoint.method.lower(), endpoint.path) for endpoint in COMPOSITION.endpoints}
    described = {(method, path) for path, item in DOCUMENT["paths"].items() for method in item}
    assert served == described


def test_the_docs_name_every_open_route() -> None:
    page = (ROOT / "docs" / "endpoints.md").read_text()
    for endpoint in COMPOSITION.endpoints:
        if endpoint.access.value == "open" and "{" not in endpoint.path:
            assert f"`{endpoint.path}`" in page, endpoint.path


FORGOTTEN = """
/api /api/v1 /api/v2/gamify/points/award /api/v0/gamify/points/award /gamify/points/award /v1/gamify/points/award
/.git/config /.env /.well-known/security.txt /robots.txt /favicon.ico /debug /debug/pprof/ /actuator /actuator/env
/server-status /console/../api /console/.env /admin /internal
/graphql /swagger /swagger.json /redoc /openapi.yaml /docs// /docs/index.html
/static/ /docs/%2e%2e/healthz /test /backup /dump /laurels-data /api/v1/gamify /api/v1/gamify/admin
/api/v1/gamify/debug /metrics/ /healthz/ /readyz/x /phpmyadmin /wp-login.php /cgi-bin/
"""


@pytest.mark.parametrize("path", FORGOTTEN.split())
def test_nothing_else_answers(world: World, path: str) -> None:
    for method in ("GET", "POST"):
        reply = httpx.request(method, httpx.URL(world.server.base_url).copy_with(raw_path=path.encode()))
        assert reply.status_code in {404, 405}, path


def test_every_method_that_is_not_described_is_refused(world: World) -> None:
    for path, item in DOCUMENT["paths"].items():
        if not path.startswith("/api/v1/gamify"):
            continue
        for method in {"get", "post", "put", "patch", "delete", "options", "trace"} - item.keys():
            filled = re.sub(r"{\w+}", "x", path).removeprefix("/api/v1/gamify")
            assert send(world.server, method.upper(), filled).status_code == 405, f"{method} {path}"


def test_versions_are_not_mixed(world: World) -> None:
    """One version of the interface, and the document says which server this is."""
    assert {path.split("/")[2] for path in DOCUMENT["paths"] if path.startswith("/api/")} == {"v1"}
    told = httpx.get(f"{world.server.base_url}/openapi.json").json()["info"]["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+\w*", told)
