"""The IANA names of time zones, the same on every machine: those of the package tzdata."""

from functools import cache
from importlib.resources import files


@cache
def names() -> frozenset[str]:
    return frozenset((files("tzdata") / "zones").read_text().split())
