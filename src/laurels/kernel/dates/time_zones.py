"""The IANA time zones, from the package tzdata, so that they are the same on every machine."""

import os
from collections.abc import Iterator, Mapping
from datetime import tzinfo
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

# CEL searches for zones in this folder, and not every machine has a system folder.
os.environ["TZDIR"] = str(files("tzdata.zoneinfo"))


@cache
def names() -> frozenset[str]:
    return frozenset((files("tzdata") / "zones").read_text().split())


@cache
def zone(name: str) -> ZoneInfo:
    """The zone with this name. Raises FileNotFoundError for an unknown name."""
    with files("tzdata.zoneinfo").joinpath(*name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


class _Zones(Mapping[str, tzinfo]):
    """All zones by name, each read on first use."""

    def __getitem__(self, name: object) -> tzinfo:
        if not isinstance(name, str) or name not in names():
            raise KeyError(name)
        return zone(name)

    def __iter__(self) -> Iterator[str]:
        return iter(names())

    def __len__(self) -> int:
        return len(names())


ZONES = _Zones()
