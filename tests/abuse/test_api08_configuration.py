"""API8:2023 Security misconfiguration: headers, errors, cross-origin calls, files."""

import re
from base64 import b64encode
from hashlib import sha256

import httpx
import pytest

from laurels.embedded.settings import default_settings
from tests.abuse.conftest import World
from tests.abuse.requests import ENDPOINTS, KEYED, plain
from tests.checks import send
from tests.support import Databases

OPEN = ["/healthz", "/readyz", "/metrics"]
SESSIONS = {"sign_in", "sign_out"}
CHATTY = re.compile(r"Traceback|File \"|asyncpg|msgspec|uvicorn|SELECT |python|/src/", re.IGNORECASE)


@pytest.mark.parametrize("operation", KEYED)
def test_answers_are_kept_by_no_cache_and_taken_for_nothing_else(world: World, operation: str) -> None:
    attack = plain(ENDPOINTS[operation], world.targets(operation))
    for client in (world.api, httpx.Client(base_url=world.api.base_url)):
        headers = attack.send(client).headers
        assert headers.get_list("cache-control") == ["no-store"]
        assert headers.get_list("x-content-type-options") == ["nosniff"]
        assert "server" not in headers
        assert "set-cookie" not in headers or operation in SESSIONS


@pytest.mark.parametrize("path", [*OPEN, "/nope", "/docs/nope.js"])
def test_open_answers_as_well(world: World, path: str) -> None:
    headers = httpx.get(world.server.base_url + path).headers
    assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")


def test_the_document_is_asked_for_each_time(world: World) -> None:
    headers = httpx.get(f"{world.server.base_url}/openapi.json").headers
    assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-cache", "nosniff")


def test_the_page(world: World) -> None:
    page = httpx.get(f"{world.server.base_url}/docs")
    assert page.headers.get_list("x-content-type-options") == ["nosniff"]
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["referrer-policy"] == "no-referrer"
    policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    # No script but the page's own, whose hash is named.
    inline = re.findall(rb"<script>(.*?)</script>", page.content, re.DOTALL)
    hashes = [f"'sha256-{b64encode(sha256(script).digest()).decode()}'" for script in inline]
    assert policy["script-src"].split() == ["'self'", *hashes]
    assert "unsafe" not in policy["script-src"]
    for file in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        asset = httpx.get(httpx.URL(f"{world.server.base_url}/docs").join(file))
        assert asset.headers["x-content-type-options"] == "nosniff"
        assert asset.headers.get_list("cache-control") == ["public, max-age=3600"]


def test_no_page_of_another_origin_may_read(world: World) -> None:
    origin = {"Origin": "https://evil.example"}
    for reply in (
        world.api.get("/participants/described", headers=origin),
        httpx.get(f"{world.server.base_url}/openapi.json", headers=origin),
        httpx.options(
            f"{world.server.base_url}/api/v1/gamify/points/award",
            headers={**origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key"},
        ),
    ):
        assert [name for name in reply.headers if name.startswith("access-control-")] == []


def test_errors_do_not_chat(world: World) -> None:
    replies = [
        send(world.server, "GET", "/nope"),
        send(world.server, "POST", "/points/award", b"{"),
        send(world.server, "POST", "/points/award", b"\xff"),
        send(world.server, "TRACE", "/points/award"),
        send(world.server, "GET", "/participants/%FF/points"),
        send(world.server, "GET", "/participants/described/points/transactions?page=x"),
        send(world.server, "GET", "/participants/x", **{"X-API-Key": "wrong"}),
    ]
    for reply in replies:
        assert reply.status_code >= 400
        assert CHATTY.search(reply.text) is None, reply.text


def test_a_trace_does_not_echo(world: World) -> None:
    reply = send(world.server, "TRACE", "/participants/described", **{"X-Echo": "echoed"})
    assert reply.status_code == 405
    assert "echoed" not in reply.text + str(reply.headers)


def test_the_embedded_databases_log_tells_no_values_of_rows() -> None:
    settings = default_settings()
    assert settings["log_error_verbosity"] == "terse"
    assert settings["log_parameter_max_length"] == settings["log_parameter_max_length_on_error"] == "0"


def test_the_embedded_databases_folder_is_closed(databases: Databases) -> None:
    if databases.data_dir is None:
        pytest.skip("this run has a PostgreSQL of its own")
    for path in (databases.data_dir / "postgres", databases.data_dir / "postgres.log"):
        assert path.stat().st_mode & 0o077 == 0, path
