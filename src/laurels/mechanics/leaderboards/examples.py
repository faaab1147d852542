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

LEADERBOARD_AMONG_REQUEST = {"participant_ids": ["user_123", "user_456", "user_789"], "period": "monthly"}

LEADERBOARD_AMONG_RESPONSE = {
    "leaderboard_code": "top_scorers",
    "period": "monthly",
    "entries": [
        {"rank": 1, "participant_id": "user_456", "score": 5000, "global_rank": 1, "change": "up"},
        {"rank": 2, "participant_id": "user_789", "score": 300, "global_rank": 214, "change": "same"},
    ],
    "total_participants": 2,
    "period_key": "2026-03",
    "resets_at": "2026-04-01T00:00:00Z",
}

PARTICIPANT_RANKS_RESPONSE = {
    "participant_id": "user_123",
    "leaderboard_code": "top_scorers",
    "ranks": [
        {
            "period": "monthly",
            "period_key": "2026-03",
            "rank": 2,
            "score": 4500,
            "total_participants": 1250,
            "percentile": 99.8,
            "resets_at": "2026-04-01T00:00:00Z",
        },
        {
            "period": "spring",
            "period_key": None,
            "rank": None,
            "score": 0,
            "total_participants": 0,
            "percentile": None,
            "resets_at": "2026-06-01T00:00:00Z",
        },
    ],
}
