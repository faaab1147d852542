"""Examples of requests and responses about points, for the OpenAPI document."""

from laurels.mechanics.points.purse.commands import (
    HoldClosed,
    HoldNotFound,
    InsufficientPoints,
    PointsLimitPassed,
    ReversalTooLarge,
    TransactionNotFound,
)
from laurels.mechanics.points.purse.model import POINTS_LIMIT
from laurels.web import pages
from laurels.web.protocol.errors import refusal_for

AWARD_POINTS_REQUEST = {
    "participant_id": "user_123",
    "amount": 100,
    "reason": "Order 1001",
    "metadata": {"order_id": "1001"},
    "idempotency_key": "order_1001",
}

AWARD_POINTS_REFUSALS = {400: refusal_for(PointsLimitPassed(POINTS_LIMIT))}

TRANSACTION = {
    "transaction_id": "0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e0f",
    "participant_id": "user_123",
    "amount": 100,
    "new_balance": 5100,
}

AWARD_POINTS_RESPONSE = {
    **TRANSACTION,
    "tier_upgrade": {
        "code": "gold",
        "name": "Gold",
        "level": 3,
        "previous_code": "silver",
        "previous_level": 2,
    },
}

DEDUCT_POINTS_REFUSALS = {400: refusal_for(InsufficientPoints(available=30, requested=50))}

DEDUCT_POINTS_REQUEST = {**AWARD_POINTS_REQUEST, "amount": 50, "reason": "Coffee mug"}

DEDUCT_POINTS_RESPONSE = {**TRANSACTION, "amount": 50, "new_balance": 5050}

AWARD_POINTS_BATCH_REQUEST = {
    "awards": [
        {"participant_id": "user_1", "amount": 100},
        {"participant_id": "user_2", "amount": 50, "timestamp": "2999-01-01T00:00:00Z"},
    ]
}

AWARD_POINTS_BATCH_RESPONSE = {
    "processed": 1,
    "failed": 1,
    "results": [
        {
            "participant_id": "user_1",
            "transaction_id": TRANSACTION["transaction_id"],
            "new_balance": 500,
            "error": None,
            "error_code": None,
        },
        {
            "participant_id": "user_2",
            "transaction_id": None,
            "new_balance": None,
            "error": "timestamp must not be more than 5 minutes ahead of now.",
            "error_code": "timestamp_ahead",
        },
    ],
}

PARTICIPANT_POINTS_RESPONSE = {
    "participant_id": "user_123",
    "balance": 1500,
    "total_earned": 5000,
    "total_spent": 3300,
    "total_expired": 100,
    "held": 100,
    "next_expiry": {"points": 250, "expires_at": "2026-04-01T00:00:00Z"},
}

PARTICIPANT_TRANSACTIONS_RESPONSE = {
    "participant_id": "user_123",
    "transactions": [
        {
            "id": TRANSACTION["transaction_id"],
            "type": "award",
            "amount": 100,
            "balance_after": 5100,
            "reason": "Order 1001",
            "metadata": {"order_id": "1001"},
            "created_at": "2026-03-01T09:30:00Z",
        }
    ],
    "total": 156,
    "page": 1,
    "page_size": 20,
    "next_cursor": pages.CURSOR_EXAMPLE,
}

ID = "0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e0f"

REVERSE_TRANSACTION_REFUSALS = {400: refusal_for(ReversalTooLarge(0, 40)), 404: refusal_for(TransactionNotFound(ID))}

REVERSE_TRANSACTION_REQUEST = {
    "participant_id": "user_123",
    "transaction_id": ID,
    "amount": 40,
    "reason": "Order returned",
}

REVERSE_TRANSACTION_RESPONSE = {
    "transaction_id": "0198c0de-2b3c-7d4e-8f5a-6b7c8d9e0f1a",
    "reversed_transaction_id": ID,
    "participant_id": "user_123",
    "amount": 40,
    "left": 60,
    "new_balance": 1460,
}

HOLD_POINTS_REFUSALS = {400: refusal_for(InsufficientPoints(available=30, requested=500))}

HOLD_POINTS_REQUEST = {"participant_id": "user_123", "amount": 500, "expires_in_minutes": 30, "reason": "Order 1002"}

HOLD_POINTS_RESPONSE = {
    "hold_id": ID,
    "participant_id": "user_123",
    "amount": 500,
    "new_balance": 1000,
    "expires_at": "2026-03-01T10:00:00Z",
}

CAPTURE_HOLD_REFUSALS = {400: refusal_for(HoldClosed("released")), 404: refusal_for(HoldNotFound(ID))}

CAPTURE_HOLD_REQUEST = {"participant_id": "user_123", "hold_id": ID, "amount": 450}

CAPTURE_HOLD_RESPONSE = {
    "transaction_id": "0198c0de-2b3c-7d4e-8f5a-6b7c8d9e0f1a",
    "hold_id": ID,
    "participant_id": "user_123",
    "amount": 450,
    "released_amount": 50,
    "new_balance": 1050,
}

RELEASE_HOLD_REFUSALS = {400: refusal_for(HoldClosed("captured")), 404: refusal_for(HoldNotFound(ID))}

RELEASE_HOLD_REQUEST = {"participant_id": "user_123", "hold_id": ID}

RELEASE_HOLD_RESPONSE = {"hold_id": ID, "participant_id": "user_123", "amount": 500, "new_balance": 1500}

PARTICIPANT_HOLDS_RESPONSE = {
    "participant_id": "user_123",
    "held": 500,
    "holds": [
        {
            "hold_id": ID,
            "amount": 500,
            "reason": "Order 1002",
            "held_at": "2026-03-01T09:30:00Z",
            "expires_at": "2026-03-01T10:00:00Z",
        }
    ],
}

POINTS_LIABILITY_RESPONSE = {
    "issued": 120_000,
    "spent": 45_000,
    "expired": 5_000,
    "held": 500,
    "outstanding": 70_000,
    "breakage_percent": 4.2,
    "by_expiry_month": [{"month": "2026-12", "points": 20_000}, {"month": None, "points": 50_000}],
}

TRANSACTIONS_CSV = (
    "transaction_id,recorded_at,occurred_at,participant_id,type,amount,balance_change,balance_after,reason\r\n"
    "0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e0f,2026-03-01T09:30:00+00:00,2026-03-01T09:30:00+00:00,user_123,award,50,50,1250,"
    "Onboarding done\r\n"
)
