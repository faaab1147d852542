"""Compiling definitions of all kinds from their rows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from laurels.kernel.definition import Definition
from laurels.kernel.definitions.body import Kind, StoredDefinition


def compiled(
    kinds: Sequence[Kind], rows: Iterable[StoredDefinition], before: Iterable[Definition] = ()
) -> list[Definition]:
    """The game's view of the rows, in the order of the kinds. Definitions in `before` that have no row here are taken
    over."""
    by_kind: dict[str, list[StoredDefinition]] = defaultdict(list)
    for row in rows:
        by_kind[row.kind].append(row)
    by_id = {definition.id: definition for definition in before}
    by_id |= {row.id: kind.compiled(row) for kind in kinds for row in by_kind[kind.name]}
    positions = {kind.name: position for position, kind in enumerate(kinds)}
    return sorted(by_id.values(), key=lambda definition: positions[definition.kind])
