"""Leaderboards, as they are written."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from laurels.kernel.definitions.body import DefinitionBody, Kind, StoredDefinition, with_fields
from laurels.kernel.game import Game
from laurels.kernel.input.fields import EventName
from laurels.kernel.input.problems import field_problem
from laurels.kernel.measures import Measure
from laurels.mechanics.leaderboards.model import Leaderboard, TimeWindow


class LeaderboardDefinition(DefinitionBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A board. All five time windows are kept; `time_window` is the one shown unless another is asked for."""

    measures: ClassVar[Mapping[str, Measure]]
    """Those of the game, by the names that `metric` can have."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    """The name that participants see."""
    description: Annotated[str, Meta(max_length=2_000)] | None = None
    """The text that participants see; null for none."""
    metric: str = "points_earned"
    """The source of scores: points earned, the change of the balance, the number of events, or the sum of an event's
    property."""
    event_name: EventName | None = None
    """The name of the events that count; null for all events. Only for metrics of events."""
    property: Annotated[str, Meta(min_length=1, max_length=255)] | None = None
    """The name of the event's property that `event_sum` adds up; null for other metrics."""
    time_window: TimeWindow = "all_time"
    """The window that the board shows by default. It keeps scores of all windows."""

    def __post_init__(self) -> None:
        measure = self.measures[self.metric]
        if measure.is_of_property and self.property is None:
            raise field_problem("property", f"is required by the metric {self.metric}: the event's property to add up")
        if not measure.is_of_property and self.property is not None:
            raise field_problem("property", f"has no meaning for the metric {self.metric}; send null")
        if not measure.is_of_events and self.event_name is not None:
            raise field_problem("event_name", f"has no meaning for the metric {self.metric}; send null")


def _compiled(row: StoredDefinition) -> Leaderboard:
    body = row.body
    return Leaderboard(
        id=row.id,
        code=row.code,
        name=body["name"],
        time_window=body["time_window"],
        is_active=row.is_active,
        is_deleted=row.is_deleted,
    )


EXAMPLE = {
    "code": "big_spenders",
    "name": "Big Spenders",
    "metric": "event_sum",
    "event_name": "purchase_completed",
    "property": "amount",
    "time_window": "monthly",
}


def kind(game: Game) -> Kind:
    """Leaderboards by the measures of the game."""
    body = with_fields(LeaderboardDefinition, {"measures": game.measures}, metric=Literal[tuple(game.measures)])
    return Kind(Leaderboard, body, _compiled, example=EXAMPLE, is_simulated=False)
