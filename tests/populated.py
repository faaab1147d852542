"""A project in which there is one of everything."""

from uuid import uuid4

import httpx


def populate(api: httpx.Client, participant_id: str = "described") -> dict[str, str]:
    """Makes one of everything; gives the parameters of paths by their names."""
    code = f"tier_{uuid4().hex}"
    tier = api.post("/admin/tiers", json={"code": code, "name": "A tier", "level": 1, "award_type": "manual"})
    made = {
        "badge": {"code": code, "name": "A badge"},
        "streak": {"code": code, "name": "A streak", "period": "weekly"},
        "leaderboard": {"code": code, "name": "A board", "metric": "event_sum", "property": "amount"},
        "rule": {
            "code": code,
            "name": "A rule",
            "event_name": "described",
            "condition": "event.properties.amount > 2",
            "actions": [{"type": "award_points", "amount": 5}],
        },
        "reward": {"code": code, "name": "A reward", "type": "coupon"},
        "webhook": {"code": code, "name": "A webhook", "url": "https://receiver.example", "types": ["tier.changed"]},
        "earning_cap": {"code": code, "name": "A cap", "period": "month", "points": 1_000_000_000},
        "challenge": {
            "code": code,
            "name": "A challenge",
            "objectives": [{"code": "orders", "event_name": "described", "target": 3}],
        },
    }
    ids = {
        f"{kind}_id": api.post(f"/admin/{kind.replace('_', '-')}s", json=body).json()["id"]
        for kind, body in made.items()
    }
    test = api.post(f"/admin/webhooks/{ids['webhook_id']}/test")
    ids["delivery_number"] = str(test.json()["delivery_number"])
    ids["key_id"] = api.post("/admin/keys", json={}).json()["id"]
    ids["project_code"] = api.post("/admin/projects", json={"code": code}).json()["code"]
    award = api.post(
        "/points/award", json={"participant_id": participant_id, "amount": 5_000, "metadata": {"a": [None]}}
    )
    assert (tier.status_code, award.status_code) == (201, 200)
    event = api.post("/events", json={"participant_id": participant_id, "event_name": "described"})
    return {
        "participant_id": participant_id,
        "event_id": event.json()["event_id"],
        "tier_id": tier.json()["id"],
        "code": "top_scorers",
        "file": "swagger-ui.css",
        **ids,
    }
