"""Definitions of all kinds, made of their rows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from laurels.kernel.definition import Definition
from laurels.kernel.definitions.body import Kind, Stored


def compiled(kinds: Sequence[Kind], rows: Iterable[Stored], before: Iterable[Definition] = ()) -> list[Definition]:
    """The game's view of the rows, and of what is in no row any more or not yet: that is as `before`. In the order of
    the kinds."""
    by_kind: dict[str, list[Stored]] = defaultdict(list)
    for row in rows:
        by_kind[row.kind].append(row)
    found = {definition.id: definition for definition in before}
    found |= {row.id: kind.compiled(row) for kind in kinds for row in by_kind[kind.name]}
    places = {kind.name: place for place, kind in enumerate(kinds)}
    return sorted(found.values(), key=lambda definition: places[definition.kind])
