"""Examples of requests and responses about rewards, for the OpenAPI document."""

from laurels.kernel.rejections import DefinitionNotFound
from laurels.mechanics.rewards.model import ClaimClosed, ClaimNotFound, NoRewardCodes
from laurels.web import pages
from laurels.web.protocol.errors import refusal_for

ID = "0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e0f"

UNKNOWN_REWARD = refusal_for(DefinitionNotFound("reward", ID))

AVAILABLE_REWARDS_RESPONSE = {
    "rewards": [
        {
            "id": ID,
            "code": "tenth_off",
            "name": "A tenth off",
            "type": "coupon",
            "description": "On the next order",
            "points_cost": 500,
            "available_codes": 45,
            "remaining_inventory": None,
            "max_claims_per_user": 1,
            "starts_at": None,
            "ends_at": None,
            "required_tier": "silver",
            "required_badges": [],
            "multiplier": None,
            "duration_hours": None,
            "can_claim": False,
            "reason": "insufficient_points",
            "shortfall": 120,
            "claims": 0,
        }
    ],
    "total": 1,
}

CLAIM = {
    "claim_id": ID,
    "reward_id": "0198c0de-0f1e-7d2c-8b3a-495867768594",
    "reward_code": "tenth_off",
    "reward_name": "A tenth off",
    "reward_type": "coupon",
    "status": "claimed",
    "code_value": "TENTH-7F3K",
    "points_deducted": 500,
    "claimed_at": "2026-03-01T09:30:00Z",
    "fulfilled_at": None,
    "cancelled_at": None,
}

CLAIM_REWARD_RESPONSE = {
    "claim_id": ID,
    "participant_id": "user_123",
    "reward_name": "A tenth off",
    "reward_type": "coupon",
    "code_value": "TENTH-7F3K",
    "points_deducted": 500,
    "new_balance": 1000,
}

CLAIM_REWARD_REFUSALS = {400: refusal_for(NoRewardCodes("gift_card")), 404: UNKNOWN_REWARD}

CLAIM_REWARD_REQUEST = {"participant_id": "user_123", "points_deduction": True}

PARTICIPANT_CLAIMS_RESPONSE = {
    "participant_id": "user_123",
    "rewards": [CLAIM],
    "total": 1,
    "page": 1,
    "page_size": 20,
    "next_cursor": None,
}

LIST_CLAIMS_RESPONSE = {
    "items": [
        {**CLAIM, "participant_id": "user_123", "display_name": "Jane Doe", "closed_by": None, "reason": None},
    ],
    "total": 156,
    "page": 1,
    "page_size": 1,
    "next_cursor": pages.CURSOR_EXAMPLE,
}

LIST_CLAIMS_REFUSALS = {404: refusal_for(DefinitionNotFound("reward", "gift_card"))}

FULFIL_CLAIM_REFUSALS = {400: refusal_for(ClaimClosed("cancelled")), 404: refusal_for(ClaimNotFound(ID))}

FULFIL_CLAIM_REQUEST = {"participant_id": "user_123", "claim_id": ID, "reason": "Sent by post"}

FULFIL_CLAIM_RESPONSE = {
    "claim_id": ID,
    "participant_id": "user_123",
    "reward_name": "Gift Card",
    "status": "fulfilled",
    "fulfilled_at": "2026-03-02T08:00:00Z",
}

CANCEL_CLAIM_REFUSALS = {400: refusal_for(ClaimClosed("fulfilled")), 404: refusal_for(ClaimNotFound(ID))}

CANCEL_CLAIM_REQUEST = {"participant_id": "user_123", "claim_id": ID, "reason": "Out of stock at the shop"}

CANCEL_CLAIM_RESPONSE = {
    "claim_id": ID,
    "participant_id": "user_123",
    "reward_name": "Gift Card",
    "status": "cancelled",
    "points_returned": 1000,
    "item_returned": True,
    "new_balance": 1500,
    "cancelled_at": "2026-03-02T08:00:00Z",
}

UPLOAD_REWARD_CODES_REQUEST = {"codes": ["TENTH-7F3K", "TENTH-9QX2"]}

UPLOAD_REWARD_CODES_RESPONSE = {
    "reward_id": ID,
    "received": 3,
    "added": 2,
    "duplicates": {"in_request": 1, "existing": 0, "examples": ["TENTH-7F3K"]},
    "available": 47,
}

UPLOAD_REWARD_CODES_CSV = "code\nTENTH-7F3K\nTENTH-9QX2\n"

COUNT_REWARD_CODES_RESPONSE = {"reward_id": ID, "total": 100, "available": 45, "claimed": 53, "revoked": 2}

COUNT_REWARD_CODES_REFUSALS = {404: UNKNOWN_REWARD}

REVOKE_REWARD_CODES_REFUSALS = {404: UNKNOWN_REWARD}

REVOKE_REWARD_CODES_REQUEST = {"codes": ["TENTH-9QX2", "TENTH-0000"]}

REVOKE_REWARD_CODES_RESPONSE = {"reward_id": ID, "revoked": 1, "not_revoked": ["TENTH-0000"], "available": 44}
