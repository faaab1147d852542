"""API5:2023 Broken function level authorization: a scope opens what is its own, by every method and path."""

from uuid import uuid4

import httpx
import pytest

from laurels.web.keys.access import Access
from tests.abuse.conftest import World
from tests.abuse.requests import ENDPOINTS, KEYED, plain
from tests.checks import assert_refused, make_key, send

# The scopes that are too low for it.
TOO_LOW = {
    Access.SUPPORT: ("gamify",),
    Access.ADMIN: ("gamify",),
    Access.PROJECT_ADMIN: ("gamify", "gamify:admin"),
    Access.OPERATOR: ("gamify", "gamify:admin", "admin"),
}
ADMINISTRATION = [name for name in KEYED if ENDPOINTS[name].access in TOO_LOW]


@pytest.mark.parametrize("operation", ADMINISTRATION)
def test_too_low_a_scope(world: World, operation: str) -> None:
    endpoint = ENDPOINTS[operation]
    with world.unchanged():
        for scope in TOO_LOW[endpoint.access]:
            with world.client(scope) as client:
                assert_refused(plain(endpoint, world.known).send(client), 403)


def test_all_of_administration_needs_a_scope() -> None:
    """Nothing below /admin is open to every key; beside it, only the feed needs such a scope."""
    for name in KEYED:
        assert ("/admin/" in ENDPOINTS[name].path or name in ("read_feed", "stream_feed")) == (
            name in ADMINISTRATION
        ), name


FORMS = [
    "/ADMIN/keys",
    "/Admin/keys",
    "/admin//keys",
    "/admin/keys/",
    "/admin/./keys",
    "/x/../admin/keys",
    "/admin/keys;a=b",
    "/admin%2Fkeys",
    "/%61dmin/keys",
    "/admin/keys%00",
    "/admin/keys?scope=operator",
    "/admin/keys#",
    "//admin/keys",
    "/participants/..%2Fadmin%2Fkeys",
]


@pytest.mark.parametrize("path", FORMS)
def test_other_ways_to_write_a_path(world: World, path: str) -> None:
    key = world.keys["gamify"]
    for headers in ({}, {"X-HTTP-Method-Override": "GET", "X-Original-URL": "/api/v1/gamify/admin/keys"}):
        reply = send(world.server, "GET", path, **{"X-API-Key": key, **headers})
        assert reply.status_code in {400, 403, 404, 405, 422}, reply.text


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE", "SEARCH", "LOCK"])
def test_other_methods(world: World, method: str) -> None:
    with world.unchanged():
        for path in ("/participants/described/points", "/admin/audit-log", "/leaderboards/top_scorers"):
            headers = {"X-API-Key": world.keys["gamify"], "X-HTTP-Method-Override": "DELETE", "X-Method": "DELETE"}
            assert send(world.server, method, path, b"{}", **headers).status_code == 405


@pytest.fixture
def project(world: World) -> httpx.Client:
    """An administrator of a project in which an operator has a key, too."""
    code = f"p{uuid4().hex}"
    key = world.api.post("/admin/projects", json={"code": code}).json()["admin_key"]["key"]
    make_key(world.database_url, "operator", project=code)
    return world.server.client(key)


def test_nobody_raises_themselves(world: World, project: httpx.Client) -> None:
    with project as admin:
        operator = next(key for key in admin.get("/admin/keys").json()["items"] if key["scope"] == "operator")
        with world.unchanged():
            assert_refused(admin.post("/admin/keys", json={"scope": "operator"}), 403)
            assert_refused(admin.post(f"/admin/keys/{operator['id']}/rotate", json={}), 403)
            assert_refused(admin.post(f"/admin/keys/{operator['id']}/revoke"), 403)
            assert_refused(admin.patch(f"/admin/keys/{operator['id']}", json={"rate_limit": 1}), 403)
            assert_refused(admin.patch(f"/admin/keys/{operator['id']}", json={"scope": "gamify"}), 403)
