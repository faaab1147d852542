"""Kudos: an active kind can be given again and again, and handed over by those who have some."""

from laurels.kernel.definition import Definitions
from laurels.kernel.rejections import DefinitionInactive, DefinitionNotFound
from tests.kudos.model import KudosFact, KudosGiven, KudosHandedOver, KudosKind, KudosReceived, NotEnoughKudos


def _active(definitions: Definitions, code: str) -> KudosKind | DefinitionNotFound | DefinitionInactive:
    kind = definitions[KudosKind].by_code.get(code)
    if kind is None:
        return DefinitionNotFound("kudos_kind", code)
    return kind if kind.is_active else DefinitionInactive("kudos_kind", code)


def give(
    definitions: Definitions, code: str, number: int, thanks: str | None = None
) -> KudosGiven | DefinitionNotFound | DefinitionInactive:
    kind = _active(definitions, code)
    if not isinstance(kind, KudosKind):
        return kind
    return KudosGiven(kudos_id=kind.id, kudos_code=kind.code, number=number, thanks=thanks)


def hand_over(
    definitions: Definitions, kudos: dict[str, int], code: str, number: int, receivers: int
) -> tuple[KudosHandedOver, KudosReceived] | DefinitionNotFound | DefinitionInactive | NotEnoughKudos:
    """The giver's fact, and that of each receiver."""
    kind = _active(definitions, code)
    if not isinstance(kind, KudosKind):
        return kind
    available, requested = kudos.get(kind.id, 0), number * receivers
    if available < requested:
        return NotEnoughKudos(available, requested)
    return (
        KudosHandedOver(kudos_id=kind.id, kudos_code=kind.code, number=requested),
        KudosReceived(kudos_id=kind.id, kudos_code=kind.code, number=number),
    )


def fold(kudos: dict[str, int], fact: KudosFact) -> None:
    change = -fact.number if isinstance(fact, KudosHandedOver) else fact.number
    kudos[fact.kudos_id] = kudos.get(fact.kudos_id, 0) + change


def shown(definitions: Definitions, kudos: dict[str, int]) -> list[tuple[KudosKind, int]]:
    """The kinds in display order, each with its number: the active kinds, and those that were given."""
    kinds = [kind for kind in definitions[KudosKind].by_id.values() if kind.is_active or kind.id in kudos]
    kinds.sort(key=lambda kind: (kind.display_order, kind.code))
    return [(kind, kudos.get(kind.id, 0)) for kind in kinds]
