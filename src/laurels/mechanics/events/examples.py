"""Examples of requests and responses about events, for the OpenAPI document."""

from laurels.web import pages

RECORD_EVENT_REQUEST = {
    "participant_id": "user_123",
    "event_name": "purchase_completed",
    "properties": {"amount": 49.99, "currency": "USD"},
    "idempotency_key": "order_1001",
}

RECORD_EVENT_RESPONSE = {
    "event_id": "0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e0f",
    "fact_id": "0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e0f",
    "status": "processed",
    "effects": {
        "points": [
            {
                "transaction_id": "0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e10",
                "amount": 49,
                "new_balance": 1549,
                "reason": "A point for each dollar",
                "due_to": "point_per_dollar",
            }
        ],
        "tier_upgrade": None,
        "streaks": [],
        "challenges": [],
        "badges": [],
        "rewards": [],
    },
}

RECORD_EVENT_BATCH_REQUEST = {"events": [RECORD_EVENT_REQUEST, {"participant_id": "user_2", "event_name": "login"}]}

RECORD_EVENT_BATCH_RESPONSE = {
    "processed": 1,
    "failed": 0,
    "results": [{"participant_id": "user_123", **RECORD_EVENT_RESPONSE, "error": None, "error_code": None}],
}

PARTICIPANT_EVENTS_RESPONSE = {
    "participant_id": "user_123",
    "events": [
        {
            "id": RECORD_EVENT_RESPONSE["event_id"],
            "event_name": "purchase_completed",
            "properties": {"amount": 49.99, "currency": "USD"},
            "occurred_at": "2026-03-01T09:30:00Z",
        }
    ],
    "total": 156,
    "page": 1,
    "page_size": 20,
    "next_cursor": pages.CURSOR_EXAMPLE,
}
