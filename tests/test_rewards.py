"""Rewards over HTTP: the contract's answers, refusals, codes, and races for what there is only once."""

import asyncio
import csv
import io
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.checks import Maybe, assert_answer, assert_refused, query, unchanged
from tests.conftest import TEMPLATE
from tests.hammer import Reply, post_all
from tests.support import Databases, Server, check

CLAIM = {
    "claim_id": str,
    "participant_id": str,
    "reward_name": str,
    "reward_type": str,
    "code_value": Maybe(str),
    "points_deducted": int,
    "new_balance": int,
}


def make(api: httpx.Client, codes: int = 0, **particulars: Any) -> Any:
    code = f"reward_{uuid4().hex}"
    body = {"code": code, "name": "A reward", "type": "coupon" if codes else "voucher", **particulars}
    made = api.post("/admin/rewards", json=body)
    assert made.status_code == 201, made.text
    if codes:
        upload(api, made.json()["id"], [f"{code}-{number}" for number in range(codes)])
    return made.json()


def upload(api: httpx.Client, reward: str, codes: list[str]) -> Any:
    done = api.post(f"/admin/rewards/{reward}/codes", json={"codes": codes})
    assert done.status_code == 200, done.text
    return done.json()


def award(api: httpx.Client, name: str, amount: int, **more: Any) -> Any:
    done = api.post("/points/award", json={"participant_id": name, "amount": amount, **more})
    assert done.status_code == 200, done.text
    return done.json()


def claim(api: httpx.Client, reward: str, name: str, **more: Any) -> httpx.Response:
    return api.post(f"/rewards/{reward}/claim", json={"participant_id": name, **more})


def offered(api: httpx.Client, code: str, **parameters: Any) -> Any:
    listed = api.get("/rewards", params=parameters).json()
    assert listed["total"] == len(listed["rewards"])
    return next((reward for reward in listed["rewards"] if reward["code"] == code), None)


@pytest.fixture(scope="module")
def two_servers(databases: Databases) -> Iterator[list[Server]]:
    url = databases.create(TEMPLATE)
    with Server(url) as one, Server(url) as other:
        yield [one, other]


def test_the_contract(api: httpx.Client, name: str) -> None:
    made = api.post(
        "/admin/rewards",
        json={
            "name": "Premium Gift Card",
            "type": "voucher",
            "description": "Redeemable for premium items",
            "points_cost": 1000,
            "max_claims_per_user": 1,
            "total_inventory": 100,
            "is_active": True,
        },
    ).json()
    shown = offered(api, made["code"])
    assert {
        "id",
        "name",
        "type",
        "description",
        "points_cost",
        "available_codes",
        "max_claims_per_user",
    } <= shown.keys()
    assert (shown["remaining_inventory"], shown["available_codes"]) == (100, None)
    award(api, name, 1500)
    answer = assert_answer(claim(api, made["id"], name, points_deduction=True), CLAIM)
    assert (answer["points_deducted"], answer["new_balance"], answer["code_value"]) == (1000, 500, None)
    assert answer["reward_type"] == "voucher"
    assert offered(api, made["code"])["remaining_inventory"] == 99
    history = api.get(f"/participants/{name}/rewards").json()
    assert [(one["claim_id"], one["status"]) for one in history["rewards"]] == [(answer["claim_id"], "claimed")]
    assert api.get(f"/participants/{name}").json()["rewards_claimed"] == 1
    assert api.get(f"/participants/{name}/state", params={"include": "rewards"}).json()["rewards"] == {
        "total_claimed": 1
    }
    transactions = api.get(f"/participants/{name}/points/transactions").json()["transactions"]
    assert [(one["type"], one["amount"], one["balance_after"]) for one in transactions] == [
        ("claim", 1000, 500),
        ("award", 1500, 1500),
    ]


def test_claims_are_free_unless_asked_to_cost(api: httpx.Client, name: str) -> None:
    made = make(api, points_cost=50)
    answer = claim(api, made["code"], name).json()
    assert (answer["points_deducted"], answer["new_balance"]) == (0, 0)
    assert api.get(f"/participants/{name}/points/transactions").json()["total"] == 0


def test_a_key_claims_once(api: httpx.Client, name: str) -> None:
    made = make(api, codes=3)
    first = claim(api, made["id"], name, idempotency_key="k")
    again = claim(api, made["id"], name, idempotency_key="k")
    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"
    assert api.get(f"/admin/rewards/{made['id']}/codes").json()["claimed"] == 1
    assert_refused(claim(api, make(api)["id"], name, idempotency_key="k"), 422)


LATER = (datetime.now(UTC) + timedelta(days=1)).isoformat()
EARLIER = (datetime.now(UTC) - timedelta(days=1)).isoformat()


@pytest.mark.parametrize(
    ("particulars", "codes", "points", "detail", "reason"),
    [
        ({"starts_at": LATER}, 0, 0, "The reward cannot be claimed yet: {code}", "not_started"),
        ({"ends_at": EARLIER}, 0, 0, "The reward can no longer be claimed: {code}", None),
        ({"required_tier": "silver"}, 0, 999, "The reward requires the tier silver or a higher one", "tier_required"),
        (
            {"required_badges": ["power_user"]},
            0,
            0,
            "The reward requires badges that the participant has not earned: power_user",
            "badges_required",
        ),
        ({"total_inventory": 0}, 0, 0, "The reward is sold out: {code}", "sold_out"),
        ({"type": "coupon"}, 0, 0, "No available reward codes", "no_codes"),
        ({"points_cost": 50}, 0, 30, "Insufficient points. Available: 30, requested: 50", "insufficient_points"),
        ({"is_active": False}, 0, 0, "Reward is not active: {code}", None),
    ],
)
def test_refusals_change_nothing_and_the_list_tells_them_before(
    api: httpx.Client,
    database_url: str,
    name: str,
    particulars: dict[str, Any],
    codes: int,
    points: int,
    detail: str,
    reason: str | None,
) -> None:
    made = make(api, codes, **particulars)
    if points:
        award(api, name, points)
    shown = offered(api, made["code"], participant_id=name)
    assert (shown["reason"], shown["can_claim"]) == (reason, False) if reason else shown is None
    with unchanged(database_url):
        refused = claim(api, made["id"], name, points_deduction=True)
        assert_refused(refused, 400, detail=detail.format(code=made["code"]))
    if reason == "insufficient_points":
        assert shown["shortfall"] == 20


def test_what_is_not_there(api: httpx.Client, name: str) -> None:
    assert_refused(claim(api, "nope", name), 404, detail="Reward definition not found: nope")
    assert_refused(claim(api, str(uuid4()), name), 404)
    assert_refused(api.get(f"/participants/{name}/rewards"), 404)
    assert_refused(api.get("/rewards", params={"reward_type": "gold"}), 422)
    made = make(api)
    api.delete(f"/admin/rewards/{made['id']}")
    assert_refused(claim(api, made["id"], name), 404)
    assert offered(api, made["code"]) is None


def test_the_limit_of_a_participant(api: httpx.Client, name: str) -> None:
    made = make(api, max_claims_per_user=2)
    first = claim(api, made["id"], name).json()["claim_id"]
    assert claim(api, made["id"], name).status_code == 200
    assert_refused(claim(api, made["id"], name), 400, detail="Maximum claims per participant exceeded")
    assert offered(api, made["code"], participant_id=name)["reason"] == "limit_reached"
    assert claim(api, made["id"], f"{name}-other").status_code == 200
    api.post("/admin/claims/cancel", json={"participant_id": name, "claim_id": first}).raise_for_status()
    assert claim(api, made["id"], name).status_code == 200


def test_requirements_that_are_met(api: httpx.Client, name: str) -> None:
    made = make(api, required_tier="silver", required_badges=["first_steps"])
    award(api, name, 6000)
    api.post("/badges/award", json={"participant_id": name, "badge_code": "first_steps"})
    assert offered(api, made["code"], participant_id=name)["can_claim"] is True
    assert claim(api, made["id"], name).status_code == 200


def test_nobody_has_heard_of_the_participant_yet(api: httpx.Client) -> None:
    made = make(api, points_cost=10)
    shown = offered(api, made["code"], participant_id="a stranger")
    assert (shown["can_claim"], shown["reason"], shown["shortfall"]) == (False, "insufficient_points", 10)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"type": "gold"}, "type"),
        ({"type": "points_multiplier"}, "config"),
        ({"config": {"multiplier": 2, "duration_hours": 1}}, "config"),
        ({"type": "points_multiplier", "config": {"multiplier": 1, "duration_hours": 1}}, "config.multiplier"),
        ({"type": "points_multiplier", "config": {"multiplier": 2}}, "config.duration_hours"),
        ({"required_tier": "nope"}, "required_tier"),
        ({"required_badges": ["first_steps", "nope"]}, "required_badges[1]"),
        ({"max_claims_per_user": 0}, "max_claims_per_user"),
        ({"total_inventory": -1}, "total_inventory"),
        ({"starts_at": LATER, "ends_at": EARLIER}, "ends_at"),
        ({"stock": 5}, "stock"),
    ],
)
def test_definitions_that_are_refused(api: httpx.Client, body: dict[str, Any], field: str) -> None:
    refused = api.post("/admin/rewards", json={"name": "R", "type": "voucher", **body})
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == [field]


def test_claims_end(api: httpx.Client, database_url: str, name: str) -> None:
    made = make(api, codes=2, points_cost=30)
    award(api, name, 100, expires_in_days=5)
    api.patch(f"/participants/{name}", json={"display_name": "Ada"}).raise_for_status()
    first, second = (claim(api, made["id"], name, points_deduction=True).json() for _ in range(2))
    assert_refused(claim(api, made["id"], name), 400, detail="No available reward codes")
    who = {"participant_id": name}
    fulfilled = api.post("/admin/claims/fulfil", json={**who, "claim_id": first["claim_id"], "reason": "sent"}).json()
    assert fulfilled["status"] == "fulfilled"
    assert_refused(
        api.post("/admin/claims/cancel", json={**who, "claim_id": first["claim_id"]}),
        400,
        detail="The claim is fulfilled already",
    )
    cancelled = api.post("/admin/claims/cancel", json={**who, "claim_id": second["claim_id"]}).json()
    assert (cancelled["points_returned"], cancelled["item_returned"], cancelled["new_balance"]) == (30, True, 70)
    for verb in ("cancel", "fulfil"):
        again = api.post(f"/admin/claims/{verb}", json={**who, "claim_id": second["claim_id"]})
        assert_refused(again, 400, detail="The claim is cancelled already")
    assert_refused(api.post("/admin/claims/cancel", json={**who, "claim_id": str(uuid4())}), 404)
    assert_refused(api.post("/admin/claims/cancel", json={**who, "claim_id": "x"}), 404, detail="Claim not found: x")
    assert_refused(
        api.post("/admin/claims/cancel", json={"participant_id": "nobody", "claim_id": first["claim_id"]}), 404
    )
    # The code goes to the next one; the points are of the lot that they were of.
    assert claim(api, made["id"], f"{name}-other").json()["code_value"] == second["code_value"]
    assert query(
        database_url,
        "SELECT points FROM point_lot JOIN participant p USING (lane, subject) WHERE p.participant_id = %s",
        name,
    ) == [(70,)]
    statuses = [one["status"] for one in api.get(f"/participants/{name}/rewards").json()["rewards"]]
    assert statuses == ["cancelled", "fulfilled"]
    listed = api.get("/admin/claims", params={"reward_id": made["code"], "status": "claimed"}).json()
    assert [one["participant_id"] for one in listed["items"]] == [f"{name}-other"]
    assert listed["total"] == 1
    assert [(one["closed_by"], one["reason"]) for one in listed["items"]] == [(None, None)]
    closed = api.get("/admin/claims", params={"reward_id": made["code"], "status": "fulfilled"}).json()["items"]
    assert [(one["display_name"], one["reason"]) for one in closed] == [("Ada", "sent")]
    assert isinstance(closed[0]["closed_by"], str)
    assert api.get(f"/participants/{name}").json()["rewards_claimed"] == 1


def test_a_cancelled_claim_can_keep_what_was_given(api: httpx.Client, name: str) -> None:
    made = make(api, codes=1, points_cost=30, total_inventory=5)
    award(api, name, 30)
    claimed = claim(api, made["id"], name, points_deduction=True).json()
    body = {"participant_id": name, "claim_id": claimed["claim_id"], "return_points": False, "return_item": False}
    cancelled = api.post("/admin/claims/cancel", json=body).json()
    assert (cancelled["points_returned"], cancelled["item_returned"], cancelled["new_balance"]) == (0, False, 0)
    assert api.get(f"/admin/rewards/{made['id']}/codes").json()["available"] == 0
    assert offered(api, made["code"])["remaining_inventory"] == 4


def test_codes(api: httpx.Client, name: str) -> None:
    made = make(api, type="coupon")
    done = upload(api, made["id"], ["A-1", "A-2", "A-1", "Ü-3"])
    assert (done["received"], done["added"], done["available"]) == (4, 3, 3)
    assert done["duplicates"] == {"in_request": 1, "existing": 0, "examples": ["A-1"]}
    text = io.StringIO()
    csv.writer(text).writerows([["code", "note"], ["A-2", "again"], ["B-4", 'a "quoted", one'], [], [" B-5 ", ""]])
    done = api.post(
        f"/admin/rewards/{made['code']}/codes", content=text.getvalue().encode(), headers={"content-type": "text/csv"}
    ).json()
    assert (done["received"], done["added"], done["available"]) == (3, 2, 5)
    assert done["duplicates"] == {"in_request": 0, "existing": 1, "examples": ["A-2"]}
    given = claim(api, made["id"], name).json()["code_value"]
    revoked = api.post(f"/admin/rewards/{made['id']}/codes/revoke", json={"codes": ["B-4", given, "nope"]}).json()
    assert (revoked["revoked"], revoked["not_revoked"], revoked["available"]) == (1, [given, "nope"], 3)
    assert api.get(f"/admin/rewards/{made['id']}/codes").json() == {
        "reward_id": made["id"],
        "total": 5,
        "available": 3,
        "claimed": 1,
        "revoked": 1,
    }
    assert upload(api, made["id"], ["B-4", given])["added"] == 0
    assert api.post(f"/admin/rewards/{made['id']}/codes/revoke", json={"all_available": True}).json()["revoked"] == 3
    assert_refused(claim(api, made["id"], name), 400, detail="No available reward codes")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"codes": []}', "application/json", 422),
        (b'{"codes": ["A", ""]}', "application/json", 422),
        (b'{"codes": ["A", " B"]}', "application/json", 422),
        (b'{"codes": ["A", "B\\u0007"]}', "application/json", 422),
        (b'{"codes": "A"}', "application/json", 422),
        (b"", "application/json", 422),
        (b"code\n", "text/csv", 422),
        (b"A\n\xff\n", "text/csv", 422),
        (b'A\n"B', "text/csv", 422),
        (b'A\n"B\nC"\n', "text/csv", 422),
        (b"A\n" + b"x" * 100_000, "text/csv", 422),
        (b"A\n" + b"x" * 256, "text/csv", 422),
        (b"x" * (33 * 1024 * 1024), "text/csv", 413),
    ],
)
def test_an_upload_that_is_refused_adds_nothing(api: httpx.Client, body: bytes, kind: str, status: int) -> None:
    made = make(api, type="coupon")
    refused = api.post(f"/admin/rewards/{made['id']}/codes", content=body, headers={"content-type": kind})
    assert_refused(refused, status)
    assert api.get(f"/admin/rewards/{made['id']}/codes").json()["total"] == 0


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        # RFC 4180: quotes that do not add up would take the lines after them along.
        (b'A1,"24 inch\nA2,x\nA3,y\n', "line 1: A quote opens in column 2 and is never closed"),
        (
            b'A1,"24 inch\nA2,x\nA3,30"\n',
            "line 1: A quoted cell reaches from line 1 to line 3 and contains",
        ),
        (b'A1,"24 inch\nA2\nA3,17"\nA4,x\n', "line 1: A quoted cell reaches from line 1 to line 3 and contains"),
        (b'A0\nA1,"24 inch\nA2\nA3"\nA4,x\n', "line 2: A quoted cell continues to line 4: remove the quotes"),
        (b'A1\nA2,"x" y\n', "line 2: More text follows the quoted cell in column 2"),
        (b"code;note\nA1;x\n", "line 1: The first column contains a semicolon: separate columns with commas"),
        (b"A1\tx\n", "line 1: The first column contains a tab: separate columns with commas; nothing was added."),
        # What a spreadsheet adds or spoils.
        (b"Gutscheincode\nL1\n", "line 1: 'Gutscheincode' looks like a heading: remove"),
        (b"sep=,\nNumber,x\nL1,\nL2,\n", "line 2: 'Number' looks like a heading"),
        (b"Vouchers\nABC\n", "line 1: 'Vouchers' looks like a heading"),
        (b"note,Code\nx,K1\n", "line 1: The codes are not in the first column"),
        (b"sep=|\nK1\n", "line 1: The file declares another delimiter: separate columns with commas"),
        (b"code\nK1\n1.23E+15\n", "line 3: 1.23E+15 is a long number shortened by a spreadsheet"),
        (b"A1,x\n,y\n", "line 2: There is no code in the first column"),
    ],
)
def test_an_upload_loses_no_line_unsaid(api: httpx.Client, body: bytes, detail: str) -> None:
    made = make(api, type="coupon")
    refused = api.post(f"/admin/rewards/{made['id']}/codes", content=body, headers={"content-type": "text/csv"})
    assert_refused(refused, 422)
    assert refused.json()["detail"].startswith(f"The request body cannot be read as CSV at {detail}")
    assert refused.json()["detail"].endswith("; nothing was added.")
    assert api.get(f"/admin/rewards/{made['id']}/codes").json()["total"] == 0


def test_a_code_in_quotes_may_hold_what_separates_others(api: httpx.Client) -> None:
    made = make(api, type="coupon")
    body = b'\xef\xbb\xbfCode,note\r\n"A1;x",\r\nB2\r\n,\r\n'
    done = api.post(f"/admin/rewards/{made['id']}/codes", content=body, headers={"content-type": "text/csv"})
    assert (done.json()["received"], done.json()["added"]) == (2, 2)
    assert upload(api, made["id"], ["A1;x", "B2"])["duplicates"]["existing"] == 2


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        (b"\xef\xbb\xbfsep=,\r\nN1,x\r\n", ["N1"]),
        (b'"sep=,"\n,\nCODES,note\nK1,x\n', ["K1"]),
        (b"WELCOME\nSUMMER\nSAVE10\n", ["WELCOME", "SUMMER", "SAVE10"]),
        (b"WELCOME\n", ["WELCOME"]),
        (b"K1\nGutscheincode\n5E-10\n", ["K1", "Gutscheincode", "5E-10"]),
    ],
)
def test_what_is_no_code_at_the_beginning_of_a_csv(api: httpx.Client, body: bytes, codes: list[str]) -> None:
    made = make(api, type="coupon")
    done = api.post(f"/admin/rewards/{made['id']}/codes", content=body, headers={"content-type": "text/csv"})
    assert (done.status_code, done.json().get("added")) == (200, len(codes)), done.text
    assert upload(api, made["id"], codes)["added"] == 0


def test_a_reward_without_codes_takes_none(api: httpx.Client) -> None:
    made = make(api)
    refused = api.post(f"/admin/rewards/{made['id']}/codes", json={"codes": ["A"]})
    assert_refused(refused, 400, detail=f"The reward has no codes; set has_codes to true first: {made['code']}")
    api.patch(f"/admin/rewards/{made['id']}", json={"has_codes": True}).raise_for_status()
    assert upload(api, made["id"], ["A"])["added"] == 1


def test_a_hundred_thousand_codes_in_one_call(api: httpx.Client, name: str) -> None:
    made = make(api, type="coupon")
    lines = "".join(f"CODE-{number:06}\n" for number in range(100_000))
    done = api.post(
        f"/admin/rewards/{made['id']}/codes",
        content=(lines[start : start + 70_001].encode() for start in range(0, len(lines), 70_001)),
        headers={"content-type": "text/csv"},
        timeout=60,
    ).json()
    assert (done["added"], done["available"]) == (100_000, 100_000)
    assert claim(api, made["id"], name).json()["code_value"] == "CODE-000000"


def test_a_multiplier(api: httpx.Client, name: str) -> None:
    made = make(api, type="points_multiplier", config={"multiplier": 1.5, "duration_hours": 2})
    assert offered(api, made["code"])["multiplier"] == 1.5
    assert award(api, name, 7)["amount"] == 7
    claimed = claim(api, made["id"], name).json()
    answer = award(api, name, 7)
    assert (answer["amount"], answer["base_amount"], answer["multiplier"]) == (10, 7, 1.5)
    assert answer["new_balance"] == 17
    api.post("/admin/claims/cancel", json={"participant_id": name, "claim_id": claimed["claim_id"]}).raise_for_status()
    assert award(api, name, 7)["amount"] == 7


def test_rules_grant_rewards(api: httpx.Client, name: str) -> None:
    made = make(api, codes=1)
    rule = {
        "code": made["code"],
        "name": "R",
        "event_name": made["code"],
        "actions": [{"type": "grant_reward", "reward_code": made["code"]}],
    }
    assert_refused(
        api.post("/admin/rules", json={**rule, "actions": [{"type": "grant_reward", "reward_code": "nope"}]}), 422
    )
    api.post("/admin/rules", json=rule).raise_for_status()
    told = api.post("/events", json={"participant_id": name, "event_name": made["code"]}).json()
    (given,) = told["effects"]["rewards"]
    assert (given["reward_code"], given["code_value"], given["due_to"]) == (
        made["code"],
        f"{made['code']}-0",
        made["code"],
    )
    history = api.get(f"/participants/{name}/rewards").json()["rewards"]
    assert [one["claim_id"] for one in history] == [given["claim_id"]]
    told = api.post("/events", json={"participant_id": name, "event_name": made["code"]}).json()
    assert told["effects"]["rewards"] == []
    explained = api.get(f"/participants/{name}/events/{told['event_id']}/explain").json()
    assert "no reward codes" in str(explained["rules"])


def test_erasing_people_leaves_what_they_took_taken(api: httpx.Client, database_url: str, name: str) -> None:
    made = make(api, codes=2, total_inventory=2)
    claim(api, made["id"], name).raise_for_status()
    claim(api, made["id"], f"{name}-2").raise_for_status()
    api.delete(f"/admin/participants/{name}").raise_for_status()
    api.delete(f"/admin/participants/{name}-2", params={"anonymize": "true"}).raise_for_status()
    assert offered(api, made["code"])["remaining_inventory"] == 0
    assert api.get(f"/admin/rewards/{made['id']}/codes").json()["claimed"] == 2
    check(database_url)


def race(servers: list[Server], requests: list[tuple[str, dict[str, Any]]]) -> list[tuple[dict[str, Any], Reply]]:
    return asyncio.run(post_all([server.base_url for server in servers], requests))


def test_a_thousand_codes_for_five_thousand_claimers(two_servers: list[Server]) -> None:
    with two_servers[0].client() as api:
        made = make(api, codes=1000)
    requests = [(f"/rewards/{made['id']}/claim", {"participant_id": f"claimer-{n}"}) for n in range(5000)]
    replies = [reply for _, reply in race(two_servers, requests)]
    given = [reply.json()["code_value"] for reply in replies if reply.status == 200]
    assert len(given) == len(set(given)) == 1000
    refused = Counter((reply.status, reply.body) for reply in replies if reply.status != 200)
    assert refused == {(400, b'{"detail":"No available reward codes","code":"no_reward_codes"}'): 4000}
    check(two_servers[0].database_url or "")


def trial(api: httpx.Client, servers: list[Server], number: int, chosen: random.Random) -> None:
    """A reward with a small stock and a limit, and some who try more often than they may."""
    stock, limit, people = chosen.randint(1, 6), chosen.randint(1, 3), chosen.randint(1, 5)
    made = make(api, codes=chosen.choice([0, stock]), total_inventory=stock, max_claims_per_user=limit)
    requests = [
        (f"/rewards/{made['id']}/claim", {"participant_id": f"trial-{number}-{one}"})
        for one in range(people)
        for _ in range(4)
    ]
    replies = race(servers, requests)
    given = Counter(body["participant_id"] for body, reply in replies if reply.status == 200)
    assert {reply.status for _, reply in replies} <= {200, 400}
    assert sum(given.values()) == min(stock, people * limit)
    assert max(given.values()) <= limit
    stored = query(
        servers[0].database_url or "",
        "SELECT p.participant_id, count(*) FROM claim JOIN participant p USING (lane, subject) "
        "WHERE reward_id = %s GROUP BY 1",
        made["id"],
    )
    assert dict(stored) == given
    # A project has room for 1,000 rewards.
    api.delete(f"/admin/rewards/{made['id']}").raise_for_status()


def test_stock_and_limits_are_never_exceeded(two_servers: list[Server]) -> None:
    chosen = random.Random(5)
    with two_servers[0].client() as api:
        for number in range(40):
            trial(api, two_servers, number, chosen)
    check(two_servers[0].database_url or "")


@pytest.mark.slow
def test_stock_and_limits_are_never_exceeded_in_a_thousand_trials(two_servers: list[Server]) -> None:
    chosen = random.Random(6)
    with two_servers[0].client() as api:
        for number in range(1000):
            trial(api, two_servers, 1000 + number, chosen)
    check(two_servers[0].database_url or "")


def test_a_claim_and_a_deduct_for_the_same_points(two_servers: list[Server]) -> None:
    with two_servers[0].client() as api:
        made = make(api, points_cost=10)
        for number in range(60):
            award(api, f"torn-{number}", 15)
    requests: list[tuple[str, dict[str, Any]]] = []
    for number in range(60):
        who = {"participant_id": f"torn-{number}"}
        requests.append((f"/rewards/{made['id']}/claim", {**who, "points_deduction": True}))
        requests.append(("/points/deduct", {**who, "amount": 10}))
    replies = race(two_servers, requests)
    assert Counter(body["participant_id"] for body, reply in replies if reply.status == 200) == {
        f"torn-{number}": 1 for number in range(60)
    }
    assert {reply.status for _, reply in replies} == {200, 400}
    check(two_servers[0].database_url or "")


def test_claims_of_several_rewards_at_once_do_not_block_one_another(two_servers: list[Server]) -> None:
    """Every server takes the rewards of a batch in one order."""
    with two_servers[0].client() as api:
        made = [make(api, codes=30)["id"] for _ in range(8)]
    requests = [
        (f"/rewards/{reward}/claim", {"participant_id": f"several-{number}"}) for number in range(40) for reward in made
    ]
    random.Random(1).shuffle(requests)
    replies = race(two_servers, requests)
    assert Counter(reply.status for _, reply in replies) == {200: 240, 400: 80}


def test_a_server_that_is_killed_leaves_no_code_without_a_claim(databases: Databases) -> None:
    url = databases.create(TEMPLATE)
    with Server(url) as kept, Server(url) as killed:
        with kept.client() as api:
            made = make(api, codes=2000, points_cost=5)
            for number in range(50):
                award(api, f"p{number}", 200)

        async def storm() -> list[tuple[dict[str, Any], Reply]]:
            requests = [
                (f"/rewards/{made['id']}/claim", {"participant_id": f"p{n % 50}", "points_deduction": True})
                for n in range(1500)
            ]
            storming = asyncio.create_task(post_all([kept.base_url, killed.base_url], requests, connections=32))
            await asyncio.sleep(0.3)
            killed.kill()
            return await storming

        replies = asyncio.run(storm())
        acknowledged = [reply.json()["code_value"] for _, reply in replies if reply.status == 200]
        with kept.client() as api:
            claimed = api.get(f"/admin/rewards/{made['id']}/codes").json()["claimed"]
        assert len(set(acknowledged)) == len(acknowledged) <= claimed
        spent = query(url, "SELECT sum(total_spent) FROM account")
        assert spent == [(5 * claimed,)]
        check(url)
