"""Examples of requests and responses about tiers, for the OpenAPI document."""

from laurels.kernel.rejections import DefinitionInactive, DefinitionNotFound
from laurels.web.protocol.errors import refusal_for

ASSIGN_TIER_RESPONSE = {
    "participant_id": "user_123",
    "tier_code": "gold",
    "tier_name": "Gold",
    "level": 3,
    "previous_code": "bronze",
    "previous_level": 1,
    "assigned_at": "2026-03-01T09:30:00Z",
}

ASSIGN_TIER_REFUSALS = {
    400: refusal_for(DefinitionInactive("tier", "gold")),
    404: refusal_for(DefinitionNotFound("tier", "gold")),
}

ASSIGN_TIER_REQUEST = {"participant_id": "user_123", "tier_code": "gold", "reason": "Prize of the summer contest"}

PARTICIPANT_TIER_RESPONSE = {
    "participant_id": "user_123",
    "current_tier": {
        "code": "silver",
        "name": "Silver",
        "level": 2,
        "color": "#C0C0C0",
        "achieved_at": "2026-03-01T09:30:00Z",
    },
    "next_tier": {"code": "gold", "name": "Gold", "points_required": 5000, "points_remaining": 3400},
    "tier_history": [
        {"code": "bronze", "achieved_at": "2026-01-07T18:02:11Z"},
        {"code": "silver", "achieved_at": "2026-03-01T09:30:00Z"},
    ],
}
