"""Examples of requests and responses about badges, for the OpenAPI document."""

from laurels.kernel.rejections import DefinitionInactive, DefinitionNotFound
from laurels.mechanics.badges.model import BadgeNotEarned
from laurels.web.protocol.errors import refusal_for

AWARD_BADGE_RESPONSE = {
    "participant_id": "user_123",
    "badge_code": "first_steps",
    "badge_name": "First Steps",
    "icon": None,
    "rarity": "common",
    "earned_at": "2026-03-01T09:30:00Z",
    "already_earned": False,
}

AWARD_BADGE_REFUSALS = {
    400: refusal_for(DefinitionInactive("badge", "first_steps")),
    404: refusal_for(DefinitionNotFound("badge", "first_steps")),
}

AWARD_BADGE_REQUEST = {
    "participant_id": "user_123",
    "badge_code": "first_steps",
    "reason": "Finished the tour",
    "metadata": {"trigger": "tour finished"},
}

REVOKE_BADGE_RESPONSE = {
    "participant_id": "user_123",
    "badge_code": "first_steps",
    "badge_name": "First Steps",
    "earned_at": "2026-03-01T09:30:00Z",
    "revoked_at": "2026-03-02T08:00:00Z",
}

REVOKE_BADGE_REFUSALS = {400: refusal_for(BadgeNotEarned("first_steps"))}

REVOKE_BADGE_REQUEST = {"participant_id": "user_123", "badge_code": "first_steps", "reason": "Awarded by mistake"}

PARTICIPANT_BADGES_RESPONSE = {
    "participant_id": "user_123",
    "badges": [
        {
            "code": "first_steps",
            "name": "First Steps",
            "description": "Finish the tour",
            "icon": None,
            "rarity": "common",
            "earned": True,
            "earned_at": "2026-03-01T09:30:00Z",
        }
    ],
    "total": 8,
    "earned_count": 3,
}
