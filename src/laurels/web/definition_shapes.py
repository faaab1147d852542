"""The types of requests and responses of the admin endpoints of definitions, made from the body of a kind."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from laurels.web.requests.fields import DESCRIBED_LIKE, NextCursor

TIMES: tuple[tuple[str, Any, Any], ...] = (
    ("created_at", Annotated[datetime, Meta(description="When it was created.")], "2026-03-01T09:30:00Z"),
    ("updated_at", Annotated[datetime, Meta(description="When it was last changed.")], "2026-03-01T09:30:00Z"),
    ("deleted_at", Annotated[datetime | None, Meta(description="When it was deleted; null if it is not.")], None),
)
"""The fields of every response that are not in the body: name, type and an example."""

_Id = Annotated[str, Meta(description="The definition's id, which never changes.")]

EXAMPLE_ID = "0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e0f"
PATCH_EXAMPLE = {"name": "New name"}


class Shapes(NamedTuple):
    """The types of one kind: of responses (one definition, a list of them) and of the body of a PATCH."""

    answer: Any
    answer_example: dict[str, Any]
    listed: Any
    patch: Any

    @property
    def listed_example(self) -> dict[str, Any]:
        return {"items": [self.answer_example], "total": 1, "page": 1, "page_size": 50, "next_cursor": None}


def shapes_of(
    body: type[Struct], example: dict[str, Any], fixed: Sequence[str], added: Sequence[tuple[str, Any, Any]]
) -> Shapes:
    """`added` are the fields of responses that are not in the body: name, type and an example. `fixed` fields are
    left out of the patch."""
    fields = msgspec.structs.fields(body)
    answer: Any = msgspec.defstruct(
        f"{body.__name__}Answer",
        [("id", _Id), *((field.name, field.type) for field in fields), *((name, kind) for name, kind, _ in added)],
        namespace={"__doc__": body.__doc__, DESCRIBED_LIKE: body},
    )
    answer_example: dict[str, Any] = {
        "id": EXAMPLE_ID,
        **{field.name: None for field in fields},
        **example,
        **{name: shown for name, _, shown in added},
    }
    listed = msgspec.defstruct(
        f"{body.__name__}List",
        [("items", list[answer]), ("total", int), ("page", int), ("page_size", int), ("next_cursor", NextCursor)],
        namespace={"__doc__": "A page of the project's definitions of one kind."},
    )
    patch = msgspec.defstruct(
        f"{body.__name__}Patch",
        [(field.name, _in_parts(field.type) | UnsetType, UNSET) for field in fields if field.name not in fixed],
        namespace={"__doc__": "The fields to change; all others stay as they are.", DESCRIBED_LIKE: body},
        kw_only=True,
    )
    return Shapes(answer, answer_example, listed, patch)


def _in_parts(kind: Any) -> Any:
    """The type of a field in a patch. Objects are merged, so all their fields are optional."""
    if get_origin(kind) in (Union, UnionType):
        return reduce(or_, (_in_parts(part) for part in get_args(kind)))
    return _partial(kind) if isinstance(kind, type) and issubclass(kind, Struct) else kind


@cache
def _partial(kind: type[Struct]) -> Any:
    fields = [(field.name, _in_parts(field.type) | UnsetType, UNSET) for field in msgspec.structs.fields(kind)]
    return msgspec.defstruct(
        f"{kind.__name__}Patch", fields, namespace={"__doc__": kind.__doc__, DESCRIBED_LIKE: kind}, kw_only=True
    )


def merged(values: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """The definition after the patch: objects are merged, other values replaced. Null does not remove a field: the
    field becomes null, or is refused if it cannot be null."""
    result = dict(values)
    for name, value in patch.items():
        current = result.get(name)
        result[name] = merged(current, value) if isinstance(value, dict) and isinstance(current, dict) else value
    return result
