"""Examples of the endpoints of webhooks, for the OpenAPI document."""

from typing import Any

EVENT_ID = "0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e0f"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105

ROTATE_REQUEST = {"valid_hours": 24}
ROTATE_RESPONSE = {"secret": SECRET, "old_secret_until": "2026-03-02T09:30:00Z"}

RESEND_REQUEST = {"since": "2026-03-01T00:00:00Z"}

DELIVERY: dict[str, Any] = {
    "delivery_number": 17,
    "event_id": EVENT_ID,
    "type": "tier.changed",
    "state": "delivered",
    "created_at": "2026-03-01T09:30:00Z",
    "next_attempt_at": None,
    "attempts": [
        {
            "at": "2026-03-01T09:30:00Z",
            "duration_ms": 15_000,
            "status": None,
            "failure": "timeout",
            "response": None,
        },
        {"at": "2026-03-01T09:30:20Z", "duration_ms": 41, "status": 200, "failure": None, "response": "ok"},
    ],
}

NEW_DELIVERY = {
    **DELIVERY,
    "delivery_number": 18,
    "state": "waiting",
    "next_attempt_at": "2026-03-01T09:30:00Z",
    "attempts": [],
}

TEST = {**NEW_DELIVERY, "type": "webhook.tested"}

LIST_DELIVERIES = {"items": [DELIVERY], "total": 1, "page": 1, "page_size": 20, "next_cursor": None}
