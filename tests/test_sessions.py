"""Sessions of the console: a cookie in place of a key."""

from collections.abc import Iterator

import httpx
import pytest

from tests.checks import make_key, query
from tests.support import ADMIN_KEY, Server, eventually

SESSION = "/api/v1/gamify/session"
PEOPLE = "/api/v1/gamify/admin/participants"
MEANT = {"Laurels-Session": "1"}


@pytest.fixture
def browser(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.base_url, timeout=30) as client:
        yield client


def signed_in(browser: httpx.Client, key: str, **headers: str) -> str:
    reply = browser.post(SESSION, headers={"X-API-Key": key, **headers})
    assert reply.status_code == 201, reply.text
    cookie = reply.headers["set-cookie"]
    # httpx has another opinion of default paths than RFC 6265.
    browser.cookies.clear()
    token = cookie.split(";")[0].partition("=")[2]
    browser.headers["Cookie"] = f"other=1; laurels_session={token}"
    return cookie


def test_a_session_is_its_key(browser: httpx.Client, server: Server) -> None:
    key = make_key(server.database_url or "", "gamify:support")
    cookie = signed_in(browser, key)
    assert cookie.endswith("; HttpOnly; SameSite=Strict")
    assert key not in cookie
    shown = browser.get(SESSION, headers=MEANT).json()
    assert shown == browser.get(SESSION, headers={"X-API-Key": key}).json()
    assert (shown["scope"], shown["project"]["code"]) == ("gamify:support", "default")
    assert browser.get(PEOPLE, headers=MEANT).status_code == 200
    refused = browser.get("/api/v1/gamify/admin/keys", headers=MEANT)
    assert (refused.status_code, refused.json()["detail"]) == (403, "API key requires 'admin' scope")


def test_without_the_header_the_cookie_counts_for_nothing(browser: httpx.Client) -> None:
    """A page of another origin can make a browser send cookies, but not this header."""
    signed_in(browser, ADMIN_KEY)
    award = {"participant_id": "forged", "amount": 5}
    reply = browser.post("/api/v1/gamify/points/award", json=award)
    assert (reply.status_code, reply.json()["code"]) == (401, "api_key_missing")
    permission = {"Origin": "https://evil.example", "Access-Control-Request-Headers": "laurels-session"}
    asked = browser.options(SESSION, headers=permission)
    assert not [name for name in asked.headers if name.startswith("access-control-")]
    assert browser.post("/api/v1/gamify/points/award", json=award, headers=MEANT).status_code == 200


def test_each_change_is_in_the_audit_log_under_the_name_of_the_key(browser: httpx.Client, api: httpx.Client) -> None:
    key = api.post("/admin/keys", json={"scope": "gamify:support", "name": "support desk"}).json()["key"]
    signed_in(browser, key)
    api.post("/admin/badges", json={"code": "audited", "name": "Audited"})
    api.post("/admin/tiers", json={"code": "audited", "name": "Audited", "level": 77, "award_type": "manual"})
    who = {"participant_id": "audited"}

    def changed(path: str, **body: object) -> dict[str, object]:
        reply = browser.post(f"/api/v1/gamify{path}", json={**who, **body}, headers=MEANT)
        assert reply.status_code == 200, reply.text
        changed: dict[str, object] = reply.json()
        return changed

    award = changed("/points/award", amount=50, reason="private")
    changed("/points/deduct", amount=10)
    changed("/points/reverse", transaction_id=award["transaction_id"], amount=5)
    changed("/badges/award", badge_code="audited")
    changed("/tiers/assign", tier_code="audited")
    changed("/points/award", amount=50, idempotency_key="once")
    changed("/points/award", amount=50, idempotency_key="once")
    entries = api.get("/admin/audit-log", params={"page_size": 20}).json()["items"]
    own = [(entry["action"], entry["after"]) for entry in entries if entry["actor"] == "support desk"]
    assert own == [
        ("award_points", {"amount": 50}),
        ("assign_tier", {"tier_code": "audited"}),
        ("award_badge", {"badge_code": "audited"}),
        ("reverse_points", {"transaction_id": award["transaction_id"], "amount": 5}),
        ("deduct_points", {"amount": 10}),
        ("award_points", {"amount": 50}),
    ]
    reply = browser.post("/api/v1/gamify/points/award", json={**who, "amount": 1}, headers={"X-API-Key": key})
    assert reply.status_code == 200
    assert api.get("/admin/audit-log").json()["items"][0]["id"] == entries[0]["id"]


def test_a_browser_can_have_a_session_for_each_project(browser: httpx.Client, api: httpx.Client) -> None:
    code = "second_project"
    made = api.post("/admin/projects", json={"code": code}).json()
    cookies = []
    for name, key in (("default", ADMIN_KEY), (code, made["admin_key"]["key"])):
        cookie = signed_in(browser, key, **{"Laurels-Session": name})
        assert cookie.startswith(f"laurels_session_{name}=")
        cookies.append(cookie.split(";")[0])
    browser.headers["Cookie"] = "; ".join(cookies)

    def session(name: str) -> httpx.Response:
        return browser.get(SESSION, headers={"Laurels-Session": name})

    assert [session(name).json()["project"]["code"] for name in ("default", code)] == ["default", code]
    for name in ("1", "other", "a b", "x=y;z"):
        assert session(name).status_code == 401
    browser.delete(SESSION, headers={"Laurels-Session": code})
    assert (session(code).status_code, session("default").status_code) == (401, 200)


def test_over_https_the_cookie_goes_nowhere_else(browser: httpx.Client) -> None:
    assert "; Secure" in signed_in(browser, ADMIN_KEY, Origin="https://shop.example")


def test_signing_out(browser: httpx.Client) -> None:
    signed_in(browser, ADMIN_KEY)
    ended = browser.delete(SESSION, headers=MEANT)
    assert ended.json() == {"ended": True}
    assert "Max-Age=0" in ended.headers["set-cookie"]
    reply = browser.get(PEOPLE, headers=MEANT)
    assert (reply.status_code, reply.json()["code"]) == (401, "session_ended")


def test_it_ends_with_its_key(browser: httpx.Client, server: Server) -> None:
    key = make_key(server.database_url or "", "gamify:read")
    signed_in(browser, key)
    key_id = browser.get(SESSION, headers=MEANT).json()["key_id"]
    httpx.post(
        f"{server.base_url}/api/v1/gamify/admin/keys/{key_id}/revoke", headers={"X-API-Key": ADMIN_KEY}
    ).raise_for_status()
    eventually(lambda: browser.get(SESSION, headers=MEANT).status_code == 401)


@pytest.mark.parametrize(("hours", "status"), [(11.9, 200), (12.1, 401)])
def test_it_ends_when_nobody_uses_it(browser: httpx.Client, server: Server, hours: float, status: int) -> None:
    url = server.database_url or ""
    signed_in(browser, ADMIN_KEY)
    query(url, f"UPDATE console_session SET used_at = used_at - interval '{hours} hours'")
    assert browser.get(SESSION, headers=MEANT).status_code == status
    # A use is noted, so that the hours count from it.
    recent = query(url, "SELECT count(*) FROM console_session WHERE used_at > now() - interval '1 minute'")
    assert (recent[0][0] > 0) == (status == 200)


@pytest.mark.parametrize("cookie", ["", "laurels_session=", "laurels_session=nonsense", "laurels_session=\xe4"])
def test_no_session(browser: httpx.Client, cookie: str) -> None:
    reply = browser.get(SESSION, headers={**MEANT, "Cookie": cookie.encode("latin-1")})  # type: ignore[dict-item]
    assert (reply.status_code, reply.json()["code"]) == (401, "session_ended")


def test_the_database_holds_neither_token_nor_key(browser: httpx.Client, server: Server) -> None:
    key = make_key(server.database_url or "")
    token = signed_in(browser, key).split(";")[0].partition("=")[2]
    rows = str(
        query(server.database_url or "", "SELECT encode(token_hash, 'escape'), console_session FROM console_session")
    )
    assert token not in rows
    assert key not in rows
