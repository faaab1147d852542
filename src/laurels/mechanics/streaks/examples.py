"""Examples of requests and responses about streaks, for the OpenAPI document."""

from datetime import UTC, datetime

from laurels.kernel.rejections import DefinitionInactive, DefinitionNotFound, ParticipantErased
from laurels.web.protocol.errors import refusal_for

RECORD_STREAK_RESPONSE = {
    "streak_code": "daily_login",
    "new_count": 3,
    "longest_count": 14,
    "is_new_record": False,
    "already_recorded": False,
}

RECORD_STREAK_REFUSALS = {
    400: refusal_for(DefinitionInactive("streak", "daily_login")),
    404: refusal_for(DefinitionNotFound("streak", "daily_login")),
    409: refusal_for(ParticipantErased(datetime(2026, 3, 1, 9, 30, tzinfo=UTC))),
}

RECORD_STREAK_REQUEST = {
    "participant_id": "user_123",
    "streak_code": "daily_login",
    "timestamp": "2026-03-01T08:15:00Z",
}

LOST_STREAKS_RESPONSE = {
    "participant_id": "user_123",
    "lost": [
        {
            "code": "daily_login",
            "name": "Daily Login",
            "period": "daily",
            "count": 21,
            "first_period": "2026-01-20",
            "last_period": "2026-02-09",
            "lost_at": "2026-02-11T00:00:00Z",
        }
    ],
}

PARTICIPANT_STREAKS_RESPONSE = {
    "participant_id": "user_123",
    "streaks": [
        {
            "code": "daily_login",
            "name": "Daily Login",
            "current_count": 7,
            "longest_count": 21,
            "last_recorded_at": "2026-03-01T08:15:00Z",
            "period": "daily",
            "is_at_risk": False,
            "expires_at": "2026-03-03T00:00:00Z",
        }
    ],
}
