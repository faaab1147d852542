"""Demo definitions: what `laurels serve --demo` gives a new project, so that there is something to play with."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from laurels.http import badges, leaderboards, streaks, tiers
from laurels.http.definitions import DefinitionResource
from laurels.store import definitions
from laurels.store.database import Connection

Demo = tuple[DefinitionResource, list[dict[str, Any]]]
DEMO: list[Demo] = [
    (
        tiers.resource,
        [
            {"code": "bronze", "name": "Bronze", "level": 1, "color": "#CD7F32", "criteria_config": {"min_points": 0}},
            {
                "code": "silver",
                "name": "Silver",
                "level": 2,
                "color": "#C0C0C0",
                "criteria_config": {"min_points": 1_000},
            },
            {"code": "gold", "name": "Gold", "level": 3, "color": "#FFD700", "criteria_config": {"min_points": 5_000}},
            {
                "code": "platinum",
                "name": "Platinum",
                "level": 4,
                "color": "#E5E4E2",
                "criteria_config": {"min_points": 10_000},
            },
        ],
    ),
    (
        badges.resource,
        [
            {"code": "first_steps", "name": "First Steps", "description": "Do something for the first time"},
            {"code": "power_user", "name": "Power User", "description": "Come back ten times", "rarity": "rare"},
        ],
    ),
    (
        streaks.resource,
        [
            {"code": "daily_login", "name": "Daily Login", "period": "daily", "grace_period_hours": 24},
            {"code": "daily_purchase", "name": "Daily Purchase", "period": "daily"},
        ],
    ),
    (leaderboards.resource, [{"code": "top_scorers", "name": "Top Scorers"}]),
]


async def add(connection: Connection, project_id: int, demo: list[Demo] = DEMO) -> None:
    """Adds the demo definitions to a project that has no definitions of its own."""
    async with connection.transaction():
        version = await definitions.lock(connection, project_id)
        if await definitions.any_of(connection, project_id):
            return
        now = datetime.now(UTC)
        for resource, bodies in demo:
            for order, body in enumerate(bodies, start=1):
                whole = msgspec.convert({**body, "display_order": order}, resource.body)
                await resource.insert(connection, project_id, whole, version, now)
