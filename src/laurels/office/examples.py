"""Examples of requests and responses of the administration endpoints, for the OpenAPI document."""

from typing import Any

from laurels.kernel.rejections import DefinitionNotFound
from laurels.web import pages
from laurels.web.protocol.errors import refusal_for

LIST_AUDIT_LOG_RESPONSE = {
    "items": [
        {
            "id": "0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e0f",
            "at": "2026-03-01T09:30:00Z",
            "key_id": "0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e10",
            "actor": "the shop's back office",
            "request_id": "0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e11",
            "action": "change",
            "kind": "badge",
            "object_id": "0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e12",
            "code": "first_steps",
            "before": {"name": "First"},
            "after": {"name": "First Steps"},
        }
    ],
    "total": 1,
    "page": 1,
    "page_size": 50,
    "next_cursor": None,
}

CLOCK = {"now": "2026-03-31T09:30:00Z", "offset_ms": 2592000000, "mode": "test", "can_be_moved": True}

MOVE_CLOCK_RESPONSE = {**CLOCK, "is_settled": True}

MOVE_CLOCK_REQUEST = {"advance_seconds": 2_592_000}

ERASE_PARTICIPANT_RESPONSE = {"participant_id": "user_123", "anonymized": False, "deleted": True, "anonymized_id": None}

EVENT_ID = "0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e0f"

PARTICIPANT_HISTORY_RESPONSE = {
    "participant_id": "user_123",
    "facts": [
        {
            "fact_id": "0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e10",
            "kind": "badge_earned",
            "at": "2026-03-01T09:30:00Z",
            "recorded_at": "2026-03-01T09:30:00Z",
            "sequence": 42,
            "cause_id": None,
            "due_to": None,
            "definition": {"kind": "badge", "code": "first_steps", "name": "First Steps"},
            "actor": "support desk",
            "data": {
                "badge_id": "0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e11",
                "badge_code": "first_steps",
                "by_criteria": False,
                "reason": "Finished the tour by phone",
            },
        }
    ],
    "total": 42,
    "page": 1,
    "page_size": 20,
    "next_cursor": pages.CURSOR_EXAMPLE,
}

EXPLAIN_EVENT_RESPONSE = {
    "participant_id": "user_123",
    "event_id": EVENT_ID,
    "recorded_at": "2026-03-01T09:30:00Z",
    "definitions_version": 12,
    "facts": [
        {
            "fact_id": EVENT_ID,
            "kind": "event_recorded",
            "cause_id": None,
            "due_to": None,
            "occurred_at": "2026-03-01T09:30:00Z",
            "data": {"event_name": "purchase_completed", "properties": {"amount": 149.99}},
        },
        {
            "fact_id": "0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e10",
            "kind": "points_awarded",
            "cause_id": EVENT_ID,
            "due_to": {"kind": "rule", "code": "big_order"},
            "occurred_at": "2026-03-01T09:30:00Z",
            "data": {"amount": 149, "balance_after": 1649},
        },
    ],
    "rules": [
        {
            "code": "big_order",
            "name": "Big order",
            "version": 11,
            "outcome": "acted",
            "reason": "The condition held, and all actions were done.",
            "conditions": [
                {
                    "objective": None,
                    "expression": "event.properties.amount >= 100 && participant.tier_level > 0",
                    "values": {"event.properties.amount": 149.99, "participant.tier_level": 1},
                }
            ],
        },
    ],
    "challenges": [],
    "badges": [],
    "note": None,
}

KEY: dict[str, Any] = {
    "id": "0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e0f",
    "name": "the shop's back end",
    "scope": "gamify",
    "hint": "lk_live_ZBxE",
    "rate_limit": None,
    "created_at": "2026-01-07T18:02:11Z",
    "expires_at": None,
    "revoked_at": None,
    "last_used_at": "2026-02-11T07:45:00Z",
}

NEW_KEY = {**KEY, "last_used_at": None, "key": "lk_live_ZBxEx3NJlxnoIqJKbFOPcezNunGSJJ3J15unUl"}

LIST_KEYS_RESPONSE = {"items": [KEY], "total": 1}

CREATE_KEY_REQUEST = {"scope": "gamify", "name": "the shop's back end"}

CHANGE_KEY_REQUEST = {"rate_limit": 100}

CHANGE_KEY_RESPONSE = {**KEY, "rate_limit": 100}

ROTATE_KEY_REQUEST = {"valid_hours": 24}

ROTATE_KEY_RESPONSE = {**NEW_KEY, "replaces": {**KEY, "expires_at": "2026-01-08T18:02:11Z"}}

REVOKE_KEY_RESPONSE = {**KEY, "revoked_at": "2026-03-01T09:30:00Z"}

LIST_PARTICIPANTS_RESPONSE = {
    "items": [
        {
            "participant_id": "user_123",
            "display_name": "Ada",
            "avatar_url": None,
            "total_points": 5000,
            "available_points": 1500,
            "current_tier": "gold",
            "total_events": 156,
            "is_active": True,
            "created_at": "2026-01-07T18:02:11Z",
            "last_seen_at": "2026-03-01T09:30:00Z",
        }
    ],
    "total": 1,
    "page": 1,
    "page_size": 50,
    "next_cursor": None,
}

LIST_PARTICIPANTS_REFUSALS = {404: refusal_for(DefinitionNotFound("tier", "gold"))}

EXPORT_PARTICIPANT_RESPONSE = {
    "participant_id": "user_123",
    "exported_at": "2026-03-01T09:30:00Z",
    "stored": {
        "participant": [{"participant_id": "user_123", "display_name": "Ada"}],
        "badges": [{"code": "first_steps", "earned_at": "2026-01-08T12:00:00+00:00"}],
        "facts": [{"seq": 1, "kind": "points_awarded", "data": {"amount": 250, "balance_after": 250}}],
    },
}

PROJECT: dict[str, Any] = {
    "code": "shop-test",
    "name": "Shop (test)",
    "mode": "test",
    "time_zone": "Europe/Lisbon",
    "first_day_of_week": "monday",
    "rate_limit": None,
    "event_retention_days": None,
    "strict_fields": True,
    "created_at": "2026-01-07T18:02:11Z",
    "archived_at": None,
}

LIST_PROJECTS_RESPONSE = {"items": [PROJECT], "total": 1}

CREATE_PROJECT_REQUEST = {"code": "shop-test", "name": "Shop (test)", "mode": "test", "time_zone": "Europe/Lisbon"}

CREATE_PROJECT_RESPONSE = {**PROJECT, "admin_key": {**NEW_KEY, "scope": "admin", "name": "first key"}}

CHANGE_PROJECT_REQUEST = {"name": "Shop (staging)"}

CHANGE_PROJECT_RESPONSE = {**PROJECT, "name": "Shop (staging)"}

ARCHIVE_PROJECT_RESPONSE = {**PROJECT, "archived_at": "2026-03-01T09:30:00Z"}

CREATE_PROJECT_KEY_REQUEST = {"scope": "admin", "name": "for the team of the shop"}

CREATE_PROJECT_KEY_RESPONSE = {**NEW_KEY, **{**KEY, "scope": "admin", "name": "for the team of the shop"}}

SESSION_RESPONSE = {
    "project": {"code": "shop", "name": "The shop", "mode": "live", "time_zone": "Europe/Lisbon"},
    "scope": "gamify:support",
    "key_id": KEY["id"],
    "key_name": "the support desk",
}

STATISTICS_RESPONSE = {
    "days": ["2026-03-01", "2026-03-02"],
    "time_zone": "UTC",
    "counted_until": "2026-03-02T09:30:00Z",
    "statistics": [
        {"name": "active_participants", "code": None, "total": 45, "total_before": 40, "by_day": [20, 25]},
        {"name": "events", "code": None, "total": 130, "total_before": 118, "by_day": [60, 70]},
        {"name": "events", "code": "lesson_completed", "total": 130, "total_before": 118, "by_day": [60, 70]},
    ],
}

STATISTICS_CSV = "day,statistic,code,value\r\n2026-03-01,active_participants,,20\r\n"
