"""Examples of requests and responses about leaderboards, for the OpenAPI document."""

from laurels.kernel.rejections import DefinitionInactive, DefinitionNotFound
from laurels.web.protocol.errors import refusal_for

LEADERBOARD_STANDINGS_RESPONSE = {
    "leaderboard_code": "top_scorers",
    "period": "monthly",
    "entries": [
        {"rank": 1, "participant_id": "user_456", "score": 5000, "change": "up"},
        {"rank": 2, "participant_id": "user_123", "score": 4500, "change": "same"},
    ],
    "total_participants": 1250,
    "period_key": "2026-03",
    "resets_at": "2026-04-01T00:00:00Z",
}

LEADERBOARD_STANDINGS_REFUSALS = {
    400: refusal_for(DefinitionInactive("leaderboard", "top_scorers")),
    404: refusal_for(DefinitionNotFound("leaderboard", "top_scorers")),
}

PARTICIPANT_RANK_RESPONSE = {
    "participant_id": "user_123",
    "rank": 2,
    "score": 4500,
    "total_participants": 1250,
    "percentile": 99.8,
}

PARTICIPANT_RANK_REFUSALS = {400: refusal_for(DefinitionInactive("leaderboard", "top_scorers"))}
