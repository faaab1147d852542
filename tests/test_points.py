"""Points over HTTP: award, deduct, batch, balance, transactions."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.checks import ID, Maybe, Moment, assert_answer, assert_refused, query, unchanged

UPGRADE = {"code": str, "name": str, "level": int, "previous_code": Maybe(str), "previous_level": Maybe(int)}
AWARDED = {
    "transaction_id": ID,
    "participant_id": str,
    "amount": int,
    "new_balance": int,
    "tier_upgrade": Maybe(UPGRADE),
}
DEDUCTED = {"transaction_id": ID, "participant_id": str, "amount": int, "new_balance": int}
BATCH = {
    "processed": int,
    "failed": int,
    "results": [
        {"participant_id": Maybe(str), "transaction_id": Maybe(ID), "new_balance": Maybe(int), "error": Maybe(str)}
    ],
}
BALANCE = {"participant_id": str, "balance": int, "total_earned": int, "total_spent": int}
TRANSACTIONS = {
    "transactions": [
        {
            "id": ID,
            "type": str,
            "amount": int,
            "balance_after": int,
            "reason": Maybe(str),
            "metadata": Maybe(dict),
            "created_at": Moment,
        }
    ],
    "total": int,
    "page": int,
    "page_size": int,
}


def award(api: httpx.Client, name: str, amount: int = 100, **optional: Any) -> Any:
    body = {"participant_id": name, "amount": amount, **optional}
    return assert_answer(api.post("/points/award", json=body), AWARDED)


def deduct(api: httpx.Client, name: str, amount: int) -> Any:
    return assert_answer(api.post("/points/deduct", json={"participant_id": name, "amount": amount}), DEDUCTED)


def balance(api: httpx.Client, name: str) -> Any:
    return assert_answer(api.get(f"/participants/{name}/points"), BALANCE)


def transactions(api: httpx.Client, name: str, **parameters: int) -> Any:
    return assert_answer(api.get(f"/participants/{name}/points/transactions", params=parameters), TRANSACTIONS)


def test_the_contracts_award(api: httpx.Client) -> None:
    answer = award(
        api,
        "award_of_the_contract",
        reason="Purchase completed",
        metadata={"order_id": "ord_abc", "amount_usd": 49.99},
        idempotency_key="purchase_ord_abc",
    )
    assert answer["participant_id"] == "award_of_the_contract"
    assert (answer["amount"], answer["new_balance"], answer["tier_upgrade"]) == (100, 100, None)


def test_the_contracts_tier_upgrade(api: httpx.Client) -> None:
    award(api, "upgraded", 1_400)
    answer = award(api, "upgraded", 5_000)
    assert answer["new_balance"] == 6_400
    assert answer["tier_upgrade"] == {
        "code": "gold",
        "name": "Gold",
        "level": 3,
        "previous_code": "silver",
        "previous_level": 2,
    }


def test_a_first_award_past_the_entry_tier_is_an_upgrade_from_it(api: httpx.Client) -> None:
    assert award(api, "first_past", 1_000)["tier_upgrade"] == {
        "code": "silver",
        "name": "Silver",
        "level": 2,
        "previous_code": "bronze",
        "previous_level": 1,
    }


def test_the_contracts_deduct(api: httpx.Client) -> None:
    award(api, "deducted", 1_500)
    answer = deduct(api, "deducted", 50)
    assert (answer["participant_id"], answer["amount"], answer["new_balance"]) == ("deducted", 50, 1_450)


@pytest.mark.parametrize(
    ("available", "requested"), [(30, 50), (0, 50), (49, 50)], ids=["too little", "unknown", "one short"]
)
def test_the_contracts_refusal_of_a_deduct(
    api: httpx.Client, database_url: str, available: int, requested: int
) -> None:
    name = f"poor_{available}"
    if available:
        award(api, name, available)
    with unchanged(database_url):
        reply = api.post("/points/deduct", json={"participant_id": name, "amount": requested})
    assert_refused(reply, 400, detail=f"Insufficient points. Available: {available}, requested: {requested}")
    assert api.get(f"/participants/{name}/points").status_code == (200 if available else 404)


def test_the_contracts_batch(api: httpx.Client) -> None:
    award(api, "batch_1", 400)
    items = [
        {"participant_id": "batch_1", "amount": 100, "reason": "Weekly bonus"},
        {"participant_id": "batch_2", "amount": 100, "reason": "Weekly bonus"},
        {"participant_id": "batch_3", "amount": 50, "reason": "Referral bonus"},
    ]
    answer = assert_answer(api.post("/points/award-batch", json={"awards": items}), BATCH)
    assert (answer["processed"], answer["failed"]) == (3, 0)
    assert [(r["participant_id"], r["new_balance"], r["error"]) for r in answer["results"]] == [
        ("batch_1", 500, None),
        ("batch_2", 100, None),
        ("batch_3", 50, None),
    ]
    assert len({result["transaction_id"] for result in answer["results"]}) == 3


def test_a_batch_of_100_keeps_its_order_for_one_participant(api: httpx.Client) -> None:
    items = [{"participant_id": "hundred", "amount": number} for number in range(1, 101)]
    answer = assert_answer(api.post("/points/award-batch", json={"awards": items}), BATCH)
    assert [result["new_balance"] for result in answer["results"]] == [n * (n + 1) // 2 for n in range(1, 101)]
    listed = transactions(api, "hundred", page_size=100)["transactions"]
    assert [entry["amount"] for entry in listed] == list(range(100, 0, -1))


def test_balance(api: httpx.Client) -> None:
    award(api, "balanced", 5_000)
    deduct(api, "balanced", 3_500)
    assert balance(api, "balanced") == {
        "participant_id": "balanced",
        "balance": 1_500,
        "total_earned": 5_000,
        "total_spent": 3_500,
        "total_expired": 0,
        "held": 0,
        "next_expiry": None,
    }


def test_transactions_are_listed_newest_first(api: httpx.Client) -> None:
    first = award(api, "history", 200, reason="Signup", metadata={"campaign": "spring", "nested": {"a": [1, None]}})
    second = deduct(api, "history", 50)
    answer = transactions(api, "history")
    assert (answer["total"], answer["page"], answer["page_size"]) == (2, 1, 20)
    newest, oldest = answer["transactions"]
    assert newest["id"] == second["transaction_id"]
    assert (newest["type"], newest["amount"], newest["balance_after"]) == ("deduct", 50, 150)
    assert (newest["reason"], newest["metadata"]) == (None, None)
    assert oldest["id"] == first["transaction_id"]
    assert (oldest["type"], oldest["amount"], oldest["balance_after"]) == ("award", 200, 200)
    assert (oldest["reason"], oldest["metadata"]) == ("Signup", {"campaign": "spring", "nested": {"a": [1, None]}})


def test_pages(api: httpx.Client) -> None:
    for amount in range(1, 6):
        award(api, "paged", amount)

    def page(number: int, size: int) -> list[int]:
        answer = transactions(api, "paged", page=number, page_size=size)
        assert (answer["total"], answer["page"], answer["page_size"]) == (5, number, size)
        return [entry["amount"] for entry in answer["transactions"]]

    assert [page(1, 2), page(2, 2), page(3, 2), page(4, 2)] == [[5, 4], [3, 2], [1], []]
    assert page(1, 100) == [5, 4, 3, 2, 1]


def test_tiers_and_events_are_no_transactions(api: httpx.Client) -> None:
    award(api, "tiered", 20_000)
    assert transactions(api, "tiered")["total"] == 1


@pytest.mark.parametrize("path", ["points", "points/transactions"])
def test_an_unknown_participant_is_not_found_and_not_created(api: httpx.Client, database_url: str, path: str) -> None:
    with unchanged(database_url):
        assert_refused(api.get(f"/participants/nobody/{path}"), 404, detail="Participant not found: nobody")


@pytest.mark.parametrize(
    ("timestamp", "created_at"),
    [
        pytest.param("2026-02-14T10:00:00Z", "2026-02-14T10:00:00Z", id="UTC"),
        pytest.param("2026-02-14T10:00:00", "2026-02-14T10:00:00Z", id="without an offset"),
        pytest.param("2026-02-14T10:00:00+05:30", "2026-02-14T04:30:00Z", id="with an offset"),
        pytest.param("2026-02-14T10:00:00.250-01:00", "2026-02-14T11:00:00.250000Z", id="with a fraction"),
    ],
)
def test_when_an_award_happened(api: httpx.Client, timestamp: str, created_at: str) -> None:
    name = f"at_{len(timestamp)}_{created_at[11:13]}"
    award(api, name, 1_000, timestamp=timestamp)
    assert transactions(api, name)["transactions"][0]["created_at"] == created_at
    assert api.get(f"/participants/{name}/tier").json()["current_tier"]["achieved_at"] == created_at


def test_the_clocks_may_differ_by_five_minutes(api: httpx.Client, database_url: str) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=4)
    award(api, "ahead", 1, timestamp=soon.isoformat())
    too_late = datetime.now(UTC) + timedelta(minutes=6)
    for path in ("award", "deduct"):
        with unchanged(database_url):
            body = {"participant_id": "ahead", "amount": 1, "timestamp": too_late.isoformat()}
            reply = api.post(f"/points/{path}", json=body)
        assert_refused(reply, 422, field="timestamp")


def test_the_largest_and_the_smallest_amount(api: httpx.Client) -> None:
    assert award(api, "amounts", 1)["new_balance"] == 1
    assert award(api, "amounts", 1_000_000)["new_balance"] == 1_000_001


def test_the_balance_never_passes_what_json_holds_exactly(api: httpx.Client, database_url: str) -> None:
    limit = 2**53 - 1
    award(api, "rich", 10)
    query(
        database_url,
        "UPDATE account SET balance = %s, total_earned = %s FROM participant p"
        " WHERE p.lane = account.lane AND p.subject = account.subject AND p.participant_id = 'rich'",
        limit - 5,
        limit - 5,
    )
    with unchanged(database_url):
        assert_refused(api.post("/points/award", json={"participant_id": "rich", "amount": 6}), 400)
        items = [{"participant_id": "rich", "amount": 6}]
        answer = assert_answer(api.post("/points/award-batch", json={"awards": items}), BATCH)
        assert (answer["processed"], answer["failed"]) == (0, 1)
    assert award(api, "rich", 5)["new_balance"] == limit
    assert balance(api, "rich")["balance"] == limit


def test_the_longest_texts(api: httpx.Client) -> None:
    longest = "é" * 500
    award(api, "texts", reason=longest, idempotency_key="k" * 255)
    assert transactions(api, "texts")["transactions"][0]["reason"] == longest


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param({}, id="empty"),
        pytest.param({"": {"": []}}, id="empty names"),
        pytest.param({"n": [0, -1, 2**53, 2**64, 10**40, 1.5, 1e15, 1e-300]}, id="numbers"),
        pytest.param({"text": "🏆 \u2028 \\u0000 \" ' % \x7f"}, id="texts"),
        pytest.param({"deep": [[[[[[[[[[[[[[[[[[[[["x"]]]]]]]]]]]]]]]]]]]]]}, id="lists in lists"),
    ],
)
def test_metadata_comes_back_as_it_was(api: httpx.Client, request: pytest.FixtureRequest, metadata: Any) -> None:
    name = f"metadata_{request.node.callspec.id.replace(' ', '_')}"
    award(api, name, metadata=metadata)
    assert transactions(api, name)["transactions"][0]["metadata"] == metadata


def test_unknown_fields_of_an_award_are_ignored(api: httpx.Client) -> None:
    assert award(api, "unknown_field", 7, colour="blue")["new_balance"] == 7


def test_one_bad_item_does_not_disturb_the_others(api: httpx.Client) -> None:
    items: list[Any] = [
        {"participant_id": "mixed", "amount": 1},
        {"participant_id": "mixed_bad", "amount": 0},
        {"participant_id": "mixed_bad", "amount": 1, "timestamp": "2099-01-01T00:00:00Z"},
        {"participant_id": "mixed_bad"},
        {"participant_id": "", "amount": 1},
        {"participant_id": 7, "amount": 1},
        {"participant_id": "mixed_bad", "amount": 1, "reason": "\0"},
        {"amount": 1},
        "not an object",
        None,
        {"participant_id": "mixed", "amount": 2},
    ]
    answer = assert_answer(api.post("/points/award-batch", json={"awards": items}), BATCH)
    assert (answer["processed"], answer["failed"]) == (2, 9)
    first, *bad, last = answer["results"]
    assert (first["new_balance"], last["new_balance"]) == (1, 3)
    for result in bad:
        assert result["error"]
        assert (result["transaction_id"], result["new_balance"]) == (None, None)
    assert [result["participant_id"] for result in bad[:3]] == ["mixed_bad"] * 3
    assert api.get("/participants/mixed_bad/points").status_code == 404


def test_an_unreadable_number_in_an_item_still_names_whom_it_was_for(api: httpx.Client) -> None:
    body = '{"awards": [{"participant_id": "huge", "amount": 1, "metadata": {"n": 1e999}}]}'
    answer = assert_answer(api.post("/points/award-batch", content=body), BATCH)
    assert answer["results"][0]["participant_id"] == "huge"
    assert answer["results"][0]["error"]
