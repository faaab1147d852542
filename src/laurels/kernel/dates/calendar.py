"""The calendar of a project."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo

from msgspec import Struct

from laurels.kernel.dates.periods import MONDAY


class Calendar(Struct, frozen=True):
    """What now, a day and a week are in a project. Whoever changes it takes the next definitions version, too.

    `zones` are those that participants can be in, by name.
    """

    zone: tzinfo = UTC
    first_day_of_week: int = MONDAY
    clock_offset_ms: int = 0
    zones: Mapping[str, tzinfo] = {}

    def at(self, real: datetime) -> datetime:
        """What the project's clock shows at a real time."""
        return real + timedelta(milliseconds=self.clock_offset_ms)

    def zone_named(self, name: object) -> tzinfo | None:
        """A participant's own time zone. A name that is none means the project's."""
        return self.zones.get(name) if isinstance(name, str) else None
