"""A model of what must be true, and Hypothesis looking for calls after which the running server disagrees."""

import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.support import check

NAMES = ("ann", "bob", "cid")
TIERS = (("bronze", 0), ("silver", 1_000), ("gold", 5_000), ("platinum", 10_000))
_runs = iter(range(1_000_000))


class Model(RuleBasedStateMachine):
    """Balances, history and key uses as plain Python, compared with the server's answers after every step."""

    api: httpx.Client

    @initialize()
    def start(self) -> None:
        self.run = next(_runs)
        self.transactions: dict[str, list[int]] = {name: [] for name in NAMES}
        self.registered: set[str] = set()
        self.first_answers: dict[tuple[str, str, str], tuple[int, bytes]] = {}

    def name(self, short: str) -> str:
        return f"{short}_{self.run}"

    def balance(self, short: str) -> int:
        return sum(self.transactions[short])

    def earned(self, short: str) -> int:
        return sum(amount for amount in self.transactions[short] if amount > 0)

    @rule(
        short=st.sampled_from(NAMES),
        operation=st.sampled_from(["award", "deduct"]),
        amount=st.one_of(st.integers(1, 3_000), st.sampled_from([0, -1, 1_000_001])),
        key=st.none() | st.sampled_from(["k1", "k2", "k3"]),
    )
    def move_points(self, short: str, operation: str, amount: int, key: str | None) -> None:
        body = {"participant_id": self.name(short), "amount": amount, "idempotency_key": key}
        reply = self.api.post(f"/points/{operation}", json=body)
        use = (short, operation, key or "")
        first = self.first_answers.get(use) if key else None
        if not 1 <= amount <= 1_000_000:
            assert reply.status_code == 422
        elif first is not None and first[0] == amount:
            assert reply.status_code == 200
            assert reply.content == first[1]
            assert reply.headers["Idempotency-Replayed"] == "true"
        elif first is not None:
            assert reply.status_code == 422
        elif operation == "deduct" and amount > self.balance(short):
            assert reply.status_code == 400
            sentence = f"Insufficient points. Available: {self.balance(short)}, requested: {amount}"
            assert reply.json()["detail"] == sentence
        else:
            self.accept(short, amount if operation == "award" else -amount, reply)
            if key:
                self.first_answers[use] = (amount, reply.content)

    def accept(self, short: str, change: int, reply: httpx.Response) -> None:
        assert reply.status_code == 200, reply.text
        before = self.tier(short)
        self.transactions[short].append(change)
        answer = reply.json()
        assert answer["amount"] == abs(change)
        assert answer["new_balance"] == self.balance(short)
        assert "Idempotency-Replayed" not in reply.headers
        if change > 0:
            after = self.tier(short)
            entry = before or "bronze"
            expected = after if after != entry else None
            assert (answer["tier_upgrade"] or {}).get("code") == expected

    def tier(self, short: str) -> str | None:
        if not self.earned(short):
            return None
        return [code for code, points in TIERS if self.earned(short) >= points][-1]

    @rule(short=st.sampled_from(NAMES), names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=8))
    def award_batch(self, short: str, names: list[str]) -> None:
        awards: list[dict[str, Any]] = [{"participant_id": self.name(name), "amount": 7} for name in names]
        awards.append({"participant_id": self.name(short), "amount": "7"})
        answer = self.api.post("/points/award-batch", json={"awards": awards}).json()
        assert (answer["processed"], answer["failed"]) == (len(names), 1)
        for name, result in zip(names, answer["results"], strict=False):
            self.transactions[name].append(7)
            assert result["new_balance"] == self.balance(name)
        assert answer["results"][-1]["error"] == "amount must be a whole number, not a string."

    @rule(short=st.sampled_from(NAMES))
    def register(self, short: str) -> None:
        reply = self.api.post("/participants", json={"participant_id": self.name(short), "attributes": {"n": self.run}})
        known = short in self.registered or bool(self.transactions[short])
        assert reply.status_code == (200 if known else 201)
        self.registered.add(short)

    @invariant()
    def server_agrees(self) -> None:
        for short in NAMES if hasattr(self, "run") else ():
            reply = self.api.get(f"/participants/{self.name(short)}/points")
            history = self.transactions[short]
            if not history and short not in self.registered:
                assert reply.status_code == 404
                continue
            balance, earned = self.balance(short), self.earned(short)
            assert json.loads(reply.content) == {
                "participant_id": self.name(short),
                "balance": balance,
                "total_earned": earned,
                "total_spent": earned - balance,
                "total_expired": 0,
                "held": 0,
                "next_expiry": None,
            }
            answer = self.api.get(f"/participants/{self.name(short)}/points/transactions?page_size=100").json()
            assert answer["total"] == len(history)
            running = 0
            expected = []
            for change in history:
                running += change
                expected.append(("award" if change > 0 else "deduct", abs(change), running))
            seen = [(t["type"], t["amount"], t["balance_after"]) for t in answer["transactions"]]
            assert seen == expected[::-1][:100]


def run(api: httpx.Client, database_url: str, examples: int, steps: int) -> None:
    Model.api = api
    run_state_machine_as_test(
        Model,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    check(database_url)


@pytest.mark.more_cases
def test_server_agrees_with_the_model(api: httpx.Client, database_url: str, all_cases: bool) -> None:
    run(api, database_url, examples=25 if all_cases else 8, steps=25)


@pytest.mark.slow
def test_server_agrees_with_the_model_at_length(api: httpx.Client, database_url: str) -> None:
    run(api, database_url, examples=500, steps=50)
