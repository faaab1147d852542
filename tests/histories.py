"""Random histories of every command, over HTTP, in a test project whose clock moves on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

import httpx

from tests.checks import make_key
from tests.support import Server

TIERS = [
    {"code": "low", "name": "Low", "level": 1, "criteria_config": {"min_points": 0}},
    {"code": "high", "name": "High", "level": 2, "criteria_config": {"min_points": 150}},
    {"code": "rich", "name": "Rich", "level": 3, "criteria_config": {"min_points": 120, "basis": "balance"}},
    {"code": "guest", "name": "Guest", "level": 4, "award_type": "manual"},
]
BADGES = [
    {"code": "hand", "name": "By hand"},
    {"code": "off", "name": "Off", "is_active": False},
    {"code": "poor", "name": "Poor", "criteria": "participant.total_earned > 50 && participant.balance < 20"},
    {"code": "runner", "name": "Runner", "criteria": "participant.longest_streaks['daily'] >= 2"},
    {"code": "both", "name": "Both", "criteria": "'poor' in participant.badges && 'hand' in participant.badges"},
]
STREAKS = [{"code": "daily", "name": "Daily", "period": "daily", "grace_period_hours": 6}]
REWARDS = [
    {"code": "mug", "name": "Mug", "type": "voucher", "points_cost": 30, "max_claims_per_user": 2},
    {"code": "free", "name": "Free", "type": "voucher"},
    {
        "code": "double",
        "name": "Double",
        "type": "points_multiplier",
        "config": {"multiplier": 2, "duration_hours": 30},
        "required_tier": "low",
    },
]
CHALLENGES = [
    {
        "code": "three",
        "name": "Three",
        "is_repeatable": True,
        "objectives": [{"code": "orders", "event_name": "order", "target": 3}],
        "milestones": [{"percent": 50, "actions": [{"type": "award_points", "amount": 4}]}],
        "actions": [
            {"type": "award_points", "amount": 11, "expires_in_days": 2},
            {"type": "award_badge", "badge_code": "off"},
        ],
    },
    {
        "code": "joined",
        "name": "Joined",
        "join_type": "manual",
        "duration_days": 3,
        "objectives": [
            {"code": "sum", "event_name": "order", "measure": "sum", "property": "amount", "target": 40},
            {"code": "kinds", "event_name": "visit", "measure": "distinct", "property": "amount", "target": 2},
        ],
        "actions": [{"type": "grant_reward", "reward_code": "free"}],
    },
    {
        "code": "weekly",
        "name": "Weekly",
        "period": "weekly",
        "objectives": [{"code": "visits", "event_name": "visit", "target": 2}],
        "actions": [{"type": "award_points", "amount": 9}],
    },
]
RULES = [
    {
        "code": "order",
        "name": "Order",
        "event_name": "order",
        "condition": "event.properties.amount > 5",
        "actions": [{"type": "award_points", "amount": "event.properties.amount", "expires_in_days": 3}],
        "limit": {"per_participant": {"day": 2, "ever": 9}},
    },
    {
        "code": "visit",
        "name": "Visit",
        "event_name": "visit",
        "actions": [
            {"type": "record_streak", "streak_code": "daily"},
            {"type": "award_points", "amount": 2},
            {"type": "award_badge", "badge_code": "off"},
        ],
    },
    {
        "code": "pay",
        "name": "Pay",
        "event_name": "visit",
        "group": "once",
        "actions": [{"type": "deduct_points", "amount": 25}, {"type": "grant_reward", "reward_code": "double"}],
    },
    {
        "code": "advance",
        "name": "Advance",
        "event_name": "visit",
        "group": "once",
        "actions": [{"type": "advance_challenge", "challenge_code": "three"}],
    },
]
CAPS = [{"code": "cap", "name": "Cap", "period": "day", "points": 60}]
EVERYTHING = {
    "tiers": TIERS,
    "badges": BADGES,
    "streaks": STREAKS,
    "rewards": REWARDS,
    "challenges": CHALLENGES,
    "rules": RULES,
    "earning-caps": CAPS,
}

# Of these there is not enough for all, or they read what facts do not hold.
SHARED = {
    "rewards": [
        {"code": "few", "name": "Few", "type": "voucher", "total_inventory": 2},
    ],
    "badges": [{"code": "pro", "name": "Pro", "criteria": "participant.attributes.plan == 'pro'"}],
    "rules": [
        {
            "code": "first",
            "name": "First",
            "event_name": "order",
            "actions": [{"type": "award_points", "amount": 1}],
            "limit": {"in_total": {"day": 3}},
        },
    ],
}


@contextmanager
def project(server: Server, database_url: str, make: Callable[[str], None]) -> Iterator[httpx.Client]:
    """A test project of its own; `make` makes it."""
    code = f"history_{uuid4().hex[:8]}"
    make(code)
    with server.client(make_key(database_url, "admin", project=code)) as api:
        yield api


def define(api: httpx.Client, definitions: dict[str, list[dict[str, Any]]]) -> None:
    for section, bodies in definitions.items():
        for body in bodies:
            reply = api.post(f"/admin/{section}", json=body)
            assert reply.status_code == 201, reply.text


class Walk:
    """Steps at random. Refusals belong to it, errors do not."""

    def __init__(self, api: httpx.Client, seed: int, people: tuple[str, ...], *, changes_profiles: bool) -> None:
        self.api, self.random, self.people = api, Random(seed), people
        self.changes_profiles = changes_profiles
        self.transactions: list[tuple[str, str]] = []
        self.holds: list[tuple[str, str]] = []
        self.claims: list[tuple[str, str]] = []
        self.statuses: dict[str, set[int]] = {}

    def step(self) -> None:
        steps = [
            self.order,
            self.order,
            self.visit,
            self.visit,
            self.award,
            self.deduct,
            self.hold,
            self.end_hold,
            self.reverse,
            self.claim,
            self.end_claim,
            self.badge,
            self.streak,
            self.tier,
            self.challenge,
            self.profile,
            self.clock,
        ]
        self.random.choice(steps)()

    def post(self, path: str, **body: Any) -> Any:
        reply = self.api.post(path, json=body)
        assert reply.status_code < 500, reply.text
        assert reply.status_code != 422, reply.text
        self.statuses.setdefault(path.rsplit("/", maxsplit=1)[-1], set()).add(reply.status_code)
        answer = reply.json() if reply.is_success else {}
        for points in (answer.get("effects") or {}).get("points", []):
            self.transactions.append((body["participant_id"], points["transaction_id"]))
        for claim in (answer.get("effects") or {}).get("rewards", []):
            self.claims.append((body["participant_id"], claim["claim_id"]))
        return answer

    def who(self) -> str:
        return self.random.choice(self.people)

    def when(self) -> dict[str, str]:
        """Now, or some days and hours ago."""
        if self.random.random() < 0.6:
            return {}
        now = datetime.fromisoformat(self.api.get("/admin/clock").json()["now"])
        return {"timestamp": (now - timedelta(hours=self.random.randint(1, 200))).isoformat()}

    def order(self) -> None:
        properties = {"amount": self.random.choice([3, 8, 20, 41])}
        self.post("/events", participant_id=self.who(), event_name="order", properties=properties, **self.when())

    def visit(self) -> None:
        properties = {"amount": self.random.choice(["a", "b", 3])}
        self.post("/events", participant_id=self.who(), event_name="visit", properties=properties, **self.when())

    def award(self) -> None:
        who, expiry = self.who(), self.random.choice([{}, {"expires_in_days": 1}, {"expires_in_days": 4}])
        answer = self.post("/points/award", participant_id=who, amount=self.random.choice([5, 33, 80]), **expiry)
        self.transactions.append((who, answer["transaction_id"]))

    def deduct(self) -> None:
        who = self.who()
        if answer := self.post("/points/deduct", participant_id=who, amount=self.random.choice([2, 19, 60])):
            self.transactions.append((who, answer["transaction_id"]))

    def hold(self) -> None:
        who, minutes = self.who(), self.random.choice([60, 3_000])
        body = {"participant_id": who, "amount": self.random.choice([3, 24]), "expires_in_minutes": minutes}
        if answer := self.post("/points/hold", **body):
            self.holds.append((who, answer["hold_id"]))

    def end_hold(self) -> None:
        if not self.holds:
            return
        who, hold = self.random.choice(self.holds)
        if self.random.random() < 0.5:
            self.post("/points/release", participant_id=who, hold_id=hold)
            return
        part = self.random.choice([{}, {"amount": 3}])
        if answer := self.post("/points/capture", participant_id=who, hold_id=hold, **part):
            self.transactions.append((who, answer["transaction_id"]))

    def reverse(self) -> None:
        if self.transactions:
            who, name = self.random.choice(self.transactions)
            part = self.random.choice([{}, {"amount": 2}])
            self.post("/points/reverse", participant_id=who, transaction_id=name, **part)

    def claim(self) -> None:
        who, reward = self.who(), self.random.choice(["mug", "free", "double", "few"])
        deducts = self.random.random() < 0.7
        if answer := self.post(f"/rewards/{reward}/claim", participant_id=who, points_deduction=deducts):
            self.claims.append((who, answer["claim_id"]))

    def end_claim(self) -> None:
        if self.claims:
            who, claim = self.random.choice(self.claims)
            way = self.random.choice(["fulfil", "cancel"])
            self.post(f"/admin/claims/{way}", participant_id=who, claim_id=claim)

    def badge(self) -> None:
        code = self.random.choice(["hand", "poor", "off"])
        path = self.random.choice(["/badges/award", "/admin/badges/revoke"])
        self.post(path, participant_id=self.who(), badge_code=code)

    def streak(self) -> None:
        self.post("/streaks/record", participant_id=self.who(), streak_code="daily", **self.when())

    def tier(self) -> None:
        if self.random.random() < 0.3:
            self.post(
                "/tiers/assign", participant_id=self.who(), tier_code=self.random.choice(["low", "high", "guest"])
            )

    def challenge(self) -> None:
        code, way = self.random.choice(["joined", "three", "weekly"]), self.random.choice(["join", "join", "leave"])
        self.post(f"/challenges/{code}/{way}", participant_id=self.who())

    def profile(self) -> None:
        attributes = self.random.choice([{"plan": "pro"}, {"plan": "free"}, {"timezone": "Asia/Tokyo"}])
        more = {"attributes": attributes} if self.changes_profiles else {}
        self.post("/participants", participant_id=self.who(), display_name=self.random.choice(["A", "B"]), **more)

    def clock(self) -> None:
        self.post("/admin/clock", advance_seconds=self.random.choice([600, 9_000, 50_000, 100_000]))
