"""Leaderboards, as they are written."""

from typing import Annotated

from msgspec import Meta

from laurels.kernel.definitions.body import DefinitionBody, Kind, Stored
from laurels.kernel.input.fields import EventName
from laurels.kernel.input.problems import field_problem
from laurels.mechanics.leaderboards.model import Leaderboard, Metric, TimeWindow


class LeaderboardDefinition(DefinitionBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A board. All five time windows are kept; `time_window` is the one shown unless another is asked for."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    description: Annotated[str, Meta(max_length=2_000)] | None = None
    metric: Metric = "points_earned"
    event_name: EventName | None = None
    property: Annotated[str, Meta(min_length=1, max_length=255)] | None = None
    time_window: TimeWindow = "all_time"

    def __post_init__(self) -> None:
        if self.metric == "event_sum" and self.property is None:
            raise field_problem("property", "is required by the metric event_sum: the event's property to add up")
        if self.metric != "event_sum" and self.property is not None:
            raise field_problem("property", f"has no meaning for the metric {self.metric}; send null")
        if self.metric.startswith("points") and self.event_name is not None:
            raise field_problem("event_name", f"has no meaning for the metric {self.metric}; send null")


def _compiled(row: Stored) -> Leaderboard:
    body = row.body
    return Leaderboard(
        id=row.id,
        code=row.code,
        name=body["name"],
        time_window=body["time_window"],
        is_active=row.is_active,
        is_deleted=row.is_deleted,
    )


KIND = Kind(
    Leaderboard,
    LeaderboardDefinition,
    _compiled,
    example={
        "code": "big_spenders",
        "name": "Big Spenders",
        "metric": "event_sum",
        "event_name": "purchase_completed",
        "property": "amount",
        "time_window": "monthly",
    },
    is_simulated=False,
)
