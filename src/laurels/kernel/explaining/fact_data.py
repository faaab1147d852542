"""The data of a fact for readers: decimals, codes and names of periods instead of the journal's numbers and ids."""

from typing import Any

import msgspec

from laurels.kernel.dates import periods
from laurels.kernel.dates.periods import Period
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Fact

_INTERNAL = ("due_to", "outcomes")


def shown(definitions: Definitions, fact: Fact) -> dict[str, Any]:
    """The data of a fact. `definitions` must be the version that the fact names."""
    data: dict[str, Any] = msgspec.to_builtins(fact)
    for name in _INTERNAL:
        data.pop(name, None)
    for show in definitions.game.showing.get(type(fact), ()):
        show(data, definitions, fact)
    return data


def name_periods(
    data: dict[str, Any], fields: tuple[str, ...], definitions: Definitions, period: Period | None
) -> None:
    """Replaces the numbers of periods by names such as 2026-02-14, 2026-W07 or 2026-02. If the kind of period is
    unknown, the fields are removed."""
    for name in fields:
        number = data.pop(name, None)
        if number is not None and period is not None:
            data[name] = periods.key_of(period, number, definitions.calendar.first_day_of_week)
