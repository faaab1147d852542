"""Kudos: an active kind can be given again and again."""

from laurels.kernel.definition import Definitions
from laurels.kernel.rejections import DefinitionInactive, DefinitionNotFound
from tests.kudos.model import KudosGiven, KudosKind


def give(
    definitions: Definitions, code: str, number: int, thanks: str | None = None
) -> KudosGiven | DefinitionNotFound | DefinitionInactive:
    kind = definitions[KudosKind].by_code.get(code)
    if kind is None:
        return DefinitionNotFound("kudos_kind", code)
    if not kind.is_active:
        return DefinitionInactive("kudos_kind", code)
    return KudosGiven(kudos_id=kind.id, kudos_code=kind.code, number=number, thanks=thanks)


def fold_given(kudos: dict[str, int], fact: KudosGiven) -> None:
    kudos[fact.kudos_id] = kudos.get(fact.kudos_id, 0) + fact.number


def shown(definitions: Definitions, kudos: dict[str, int]) -> list[tuple[KudosKind, int]]:
    """The kinds in display order, each with its number: the active kinds, and those that were given."""
    kinds = [kind for kind in definitions[KudosKind].by_id.values() if kind.is_active or kind.id in kudos]
    kinds.sort(key=lambda kind: (kind.display_order, kind.code))
    return [(kind, kudos.get(kind.id, 0)) for kind in kinds]
