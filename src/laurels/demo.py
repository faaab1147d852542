"""Demo definitions: what `laurels serve --demo` gives a new project, so that there is something to play with."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from uuid_utils import uuid7

from laurels.http.definitions import particulars
from laurels.http.tiers import TierDefinition
from laurels.store import definitions
from laurels.store.database import Connection
from laurels.store.definitions import DefinitionRow

TIERS: list[dict[str, Any]] = [
    {"code": "bronze", "name": "Bronze", "level": 1, "color": "#CD7F32", "criteria_config": {"min_points": 0}},
    {"code": "silver", "name": "Silver", "level": 2, "color": "#C0C0C0", "criteria_config": {"min_points": 1_000}},
    {"code": "gold", "name": "Gold", "level": 3, "color": "#FFD700", "criteria_config": {"min_points": 5_000}},
    {"code": "platinum", "name": "Platinum", "level": 4, "color": "#E5E4E2", "criteria_config": {"min_points": 10_000}},
]


async def add(connection: Connection, project_id: int) -> None:
    """Adds the demo definitions to a project that has no definitions yet."""
    async with connection.transaction():
        version = await definitions.lock(connection, project_id)
        _, total = await definitions.page(connection, project_id, "tier", is_active=None, limit=1, offset=0)
        if total:
            return
        now = datetime.now(UTC)
        for order, tier in enumerate(TIERS, start=1):
            body = msgspec.convert({**tier, "display_order": order}, TierDefinition)
            row = DefinitionRow(
                id=str(uuid7()),
                kind="tier",
                code=body.code,
                body=particulars(body),
                is_active=body.is_active,
                display_order=body.display_order,
                version=version,
                created_at=now,
                updated_at=now,
            )
            await definitions.insert(connection, project_id, row)
