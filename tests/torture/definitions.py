"""The definitions that the load works on. None of them depends on the time of the run, so that the model can know
what each answer must bring."""

from typing import Any

import httpx

BADGES = tuple(f"badge_{number}" for number in range(8))
STREAK = "torture_days"
COUPON, TRINKET, SCARCE = "coupon", "trinket", "scarce"
CODES = 20_000
STOCK = 200
BONUS_TIMES = 500
LESSONS_A_RUN = 5
CHEST_PRICE = 5

_OBJECTIVE = {"code": "count", "name": "Count"}

DEFINITIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    *(("badges", {"code": code, "name": code}) for code in BADGES),
    ("streaks", {"code": STREAK, "name": "Days", "period": "daily"}),
    ("rewards", {"code": COUPON, "name": "Coupon", "type": "coupon", "points_cost": 20}),
    ("rewards", {"code": TRINKET, "name": "Trinket", "type": "coupon"}),
    ("rewards", {"code": SCARCE, "name": "Scarce", "type": "physical", "points_cost": 1, "total_inventory": STOCK}),
    (
        "challenges",
        {
            "code": "five",
            "name": "Five",
            "is_repeatable": True,
            "objectives": [{**_OBJECTIVE, "event_name": "lesson", "target": LESSONS_A_RUN}],
            "actions": [{"type": "award_points", "amount": 3}],
        },
    ),
    (
        "challenges",
        {
            "code": "club",
            "name": "Club",
            "join_type": "manual",
            "objectives": [{**_OBJECTIVE, "event_name": "visit", "target": 1_000_000}],
        },
    ),
    (
        "rules",
        {
            "code": "lesson",
            "name": "Lesson",
            "event_name": "lesson",
            "actions": [
                {"type": "award_points", "amount": 2},
                {"type": "record_streak", "streak_code": STREAK},
            ],
        },
    ),
    (
        "rules",
        {
            "code": "bonus",
            "name": "Bonus",
            "event_name": "lesson",
            "actions": [{"type": "award_points", "amount": 1}],
            "limit": {"in_total": {"ever": BONUS_TIMES}},
        },
    ),
    (
        "rules",
        {
            "code": "chest",
            "name": "Chest",
            "event_name": "chest",
            "actions": [
                {"type": "deduct_points", "amount": CHEST_PRICE},
                {"type": "grant_reward", "reward_code": TRINKET},
            ],
        },
    ),
)


def make(api: httpx.Client) -> None:
    for kind, body in DEFINITIONS:
        reply = api.post(f"/admin/{kind}", json=body)
        assert reply.status_code == 201, reply.text
    for reward in (COUPON, TRINKET):
        codes = [f"{reward.upper()}-{number:06}" for number in range(CODES)]
        reply = api.post(f"/admin/rewards/{reward}/codes", json={"codes": codes})
        assert reply.status_code == 200, reply.text
