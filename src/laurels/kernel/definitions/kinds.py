"""Definitions of all kinds, made of their rows."""

from collections import defaultdict
from collections.abc import Iterable

from laurels.kernel.definition import Definition
from laurels.kernel.definitions.body import Kind, Stored


def compiled(kinds: Iterable[Kind], rows: Iterable[Stored], before: Iterable[Definition] = ()) -> list[Definition]:
    """The core's view of the rows, and of what is in no row any more or not yet: that is as `before`."""
    by_kind: dict[str, list[Stored]] = defaultdict(list)
    for row in rows:
        by_kind[row.kind].append(row)
    found = {definition.id: definition for definition in before}
    found |= {row.id: kind.compiled(row) for kind in kinds for row in by_kind[kind.name]}
    return list(found.values())
