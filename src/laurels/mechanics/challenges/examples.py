"""Examples of requests and responses about challenges, for the OpenAPI document."""

from laurels.kernel.rejections import DefinitionNotFound
from laurels.mechanics.challenges.model import ChallengeNotJoined, ChallengeNotOpen
from laurels.web.protocol.errors import refusal_for

OPEN_CHALLENGES_RESPONSE = {
    "challenges": [
        {
            "code": "weekend_shopper",
            "name": "Weekend Shopper",
            "description": "Five orders",
            "icon": None,
            "join_type": "manual",
            "is_repeatable": False,
            "starts_at": None,
            "ends_at": None,
            "duration_days": 30,
            "period": None,
            "objectives": [
                {
                    "code": "orders",
                    "name": "Orders",
                    "event_name": "purchase_completed",
                    "measure": "count",
                    "target": 5,
                }
            ],
            "milestones": [50],
        }
    ],
    "total": 1,
}

PARTICIPANT_CHALLENGES_RESPONSE = {
    "participant_id": "user_123",
    "challenges": [
        {
            "code": "weekend_shopper",
            "name": "Weekend Shopper",
            "description": "Five orders",
            "icon": None,
            "status": "active",
            "percent": 60,
            "objectives": [
                {
                    "code": "orders",
                    "name": "Orders",
                    "progress": 3,
                    "target": 5,
                    "is_complete": False,
                }
            ],
            "milestones": [{"percent": 50, "reached": True}],
            "join_type": "manual",
            "is_repeatable": False,
            "joined_at": "2026-03-01T09:30:00Z",
            "ends_at": "2026-03-31T09:30:00Z",
            "completed_at": None,
            "completions": 0,
        }
    ],
}

JOIN_CHALLENGE_RESPONSE = {
    "participant_id": "user_123",
    "challenge_code": "weekend_shopper",
    "challenge_name": "Weekend Shopper",
    "joined_at": "2026-03-01T09:30:00Z",
    "ends_at": "2026-03-31T09:30:00Z",
    "already_joined": False,
}

JOIN_CHALLENGE_REFUSALS = {
    400: refusal_for(ChallengeNotOpen("weekend_shopper", has_ended=True)),
    404: refusal_for(DefinitionNotFound("challenge", "weekend_shopper")),
}

JOIN_CHALLENGE_REQUEST = {"participant_id": "user_123"}

LEAVE_CHALLENGE_RESPONSE = {
    "participant_id": "user_123",
    "challenge_code": "weekend_shopper",
    "challenge_name": "Weekend Shopper",
    "left_at": "2026-03-02T10:00:00Z",
}

LEAVE_CHALLENGE_REFUSALS = {
    400: refusal_for(ChallengeNotJoined("weekend_shopper")),
    404: refusal_for(DefinitionNotFound("challenge", "weekend_shopper")),
}

LEAVE_CHALLENGE_REQUEST = {"participant_id": "user_123"}

CHALLENGE_FUNNEL_RESPONSE = {
    "code": "weekend_shopper",
    "joined": 400,
    "begun": 310,
    "quarter": 280,
    "half": 190,
    "three_quarters": 120,
    "completed": 96,
    "completions": 104,
    "active": 250,
    "left": 12,
}

CHALLENGE_FUNNEL_REFUSALS = {404: refusal_for(DefinitionNotFound("challenge", "weekend_shopper"))}
