"""The definition of leaderboards."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, Struct

from laurels.kernel.cel.environment import NOW
from laurels.kernel.cel.expressions import Expressions
from laurels.kernel.definitions.body import DefinitionBody, Kind, StoredDefinition, several, with_fields
from laurels.kernel.definitions.checks import check_expression
from laurels.kernel.game import Game
from laurels.kernel.input.fields import Code, Condition, EventName
from laurels.kernel.input.problems import field_problem
from laurels.kernel.measures import Measure
from laurels.mechanics.leaderboards.scoring.model import WINDOWS, Leaderboard, Order, TimeWindow

PropertyName = Annotated[str, Meta(min_length=1, max_length=255)]
TIE_BREAKERS = Meta(max_length=3)
SEASONS = Meta(max_length=100)


class TieBreaker(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number that decides between participants with equal scores."""

    metric: str
    """The source of the number, as for the board."""
    event_name: EventName | None = None
    """The name of the events that count; null for all events. Only for metrics of events."""
    property: PropertyName | None = None
    """The name of the event's property, for metrics of a property; null for other metrics."""
    order: Order = "desc"
    """Whether the greater number is better (`desc`) or the smaller one (`asc`)."""


EARLIEST_DAY = date(1970, 1, 1)
LATEST_DAY = date(9998, 12, 31)
"""The first and the last day of seasons. Their results are stored a day after their end, which needs a date."""


class NamedSeason(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """A window with a name, from the first local date to the last one, in the project's time zone."""

    code: Code
    """The name that requests use as `period`. It is unique on the board, and not the name of a time window."""
    from_: Annotated[date, Meta(description="The first day.")]
    to: date
    """The last day."""


class LeaderboardDefinition(DefinitionBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A board. It keeps scores in time windows and seasons; `time_window` is the window that it shows by default."""

    measures: ClassVar[Mapping[str, Measure]]
    """The measures of the game, by the names that `metric` can have."""
    conditions: ClassVar[Expressions]

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    """The name that participants see."""
    description: Annotated[str, Meta(max_length=2_000)] | None = None
    """The text that participants see; null for none."""
    metric: str = "points_earned"
    """The source of scores: points earned, the change of the balance, the number of events, or the sum, the greatest,
    the least or the latest value of an event's property."""
    event_name: EventName | None = None
    """The name of the events that count; null for all events. Only for metrics of events."""
    property: PropertyName | None = None
    """The name of the event's property, for `event_sum`, `event_max`, `event_min` and `event_last`; null for other
    metrics."""
    order: Order = "desc"
    """Whether the greater score is better (`desc`) or the smaller one (`asc`), as for lap times."""
    condition: Condition | None = None
    """A CEL expression over `event` or `points`; only facts for which it is true count. Null for all facts."""
    tie_breakers: Annotated[tuple[TieBreaker, ...], TIE_BREAKERS] = ()
    """The numbers that decide between equal scores, in order. After them comes the time at which the score was
    reached."""
    time_window: TimeWindow = "all_time"
    """The window that the board shows by default; one of `windows`. It is required if `windows` do not have
    `all_time`."""
    windows: Annotated[tuple[TimeWindow, ...], Meta(min_length=1, max_length=5)] = WINDOWS
    """The time windows in which the board keeps scores."""
    seasons: Annotated[tuple[NamedSeason, ...], SEASONS] = ()
    """Further windows with names and dates."""

    def __post_init__(self) -> None:
        measure = self.measures[self.metric]
        _check_scored("", measure, self.event_name, self.property)
        for index, each in enumerate(self.tie_breakers):
            _check_scored(f"tie_breakers[{index}].", self.measures[each.metric], each.event_name, each.property)
        self._check_condition(measure)
        if duplicates := _duplicates(self.windows):
            raise field_problem("windows", f"must not repeat {duplicates[0]}")
        if self.time_window not in self.windows:
            message = f"must be one of windows, not {self.time_window}; send {self.windows[0]}, for example"
            raise field_problem("time_window", message)
        for index, season in enumerate(self.seasons):
            for name, day in (("from", season.from_), ("to", season.to)):
                if not EARLIEST_DAY <= day <= LATEST_DAY:
                    raise field_problem(f"seasons[{index}].{name}", f"must be from {EARLIEST_DAY} to {LATEST_DAY}")
            if season.to < season.from_:
                raise field_problem(f"seasons[{index}].to", "must not be before from")
            if season.code in WINDOWS:
                raise field_problem(f"seasons[{index}].code", "must not be the name of a time window")
        if duplicates := _duplicates([season.code for season in self.seasons]):
            raise field_problem("seasons", f"must not repeat the code {duplicates[0]}")

    def _check_condition(self, measure: Measure) -> None:
        if self.condition is None:
            return
        if measure.judged_by is None:
            raise field_problem("condition", f"has no meaning for the metric {self.metric}; send null")
        check_expression("condition", self.condition, self.conditions.condition)
        reads = self.conditions.condition(self.condition).reads
        for name in sorted(reads):
            if name == NOW or not name.startswith(f"{measure.judged_by}."):
                raise field_problem(
                    "condition", f"can read {measure.judged_by}.* for the metric {self.metric}, but not {name}"
                )


def _check_scored(prefix: str, measure: Measure, event_name: str | None, property_name: str | None) -> None:
    if measure.is_of_property and property_name is None:
        purpose = "to add up" if measure.combination == "sum" else "with the numbers"
        message = f"is required by the metric {measure.name}: the event's property {purpose}"
        raise field_problem(f"{prefix}property", message)
    if not measure.is_of_property and property_name is not None:
        raise field_problem(f"{prefix}property", f"has no meaning for the metric {measure.name}; send null")
    if not measure.is_of_events and event_name is not None:
        raise field_problem(f"{prefix}event_name", f"has no meaning for the metric {measure.name}; send null")


def _one_of(names: Iterable[str]) -> Any:
    """The type of texts that are one of the names."""
    return Literal[tuple(names)]


def _duplicates(values: Sequence[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


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
    metric = _one_of(game.measures)
    tie_breakers = several(with_fields(TieBreaker, {}, metric=metric))
    body = with_fields(
        LeaderboardDefinition,
        {"measures": game.measures, "conditions": game.board_conditions},
        metric=metric,
        tie_breakers=Annotated[tie_breakers, TIE_BREAKERS],
    )
    return Kind(Leaderboard, body, _compiled, example=EXAMPLE, is_simulated=False)
