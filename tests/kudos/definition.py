"""Kinds of kudos, as they are written."""

from typing import Annotated

from msgspec import Meta

from laurels.kernel.definitions.body import DefinitionBody, Kind, StoredDefinition
from tests.kudos.model import KudosKind


class KudosKindDefinition(DefinitionBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that participants can be thanked for."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    description: Annotated[str, Meta(max_length=2_000)] | None = None


def _compiled(row: StoredDefinition) -> KudosKind:
    return KudosKind(
        id=row.id,
        code=row.code,
        name=row.body["name"],
        display_order=row.display_order,
        version=row.version,
        is_active=row.is_active,
        is_deleted=row.is_deleted,
    )


KIND = Kind(
    KudosKind,
    KudosKindDefinition,
    _compiled,
    example={"code": "helpful", "name": "Helpful", "description": "Helped somebody", "display_order": 1},
)
