"""The calendar of a project."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo

from msgspec import Struct

from laurels.kernel.dates.periods import MONDAY


class Calendar(Struct, frozen=True):
    """A project's clock, days and weeks. A change of the calendar also takes the next definitions version.

    `zones` are the time zones that participants can have, by name.
    """

    zone: tzinfo = UTC
    first_day_of_week: int = MONDAY
    clock_offset_ms: int = 0
    zones: Mapping[str, tzinfo] = {}

    def at(self, real: datetime) -> datetime:
        """The time on the project's clock at a real time."""
        return real + timedelta(milliseconds=self.clock_offset_ms)

    def zone_named(self, name: object) -> tzinfo | None:
        """The time zone with this name, for a participant; None, for an unknown name, stands for the project's zone."""
        return self.zones.get(name) if isinstance(name, str) else None
