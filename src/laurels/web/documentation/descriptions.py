"""Descriptions of fields, for the OpenAPI document: the docstring below a field, as a reader of the code finds it."""

import ast
import inspect
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from msgspec import inspect as types

from laurels.web.requests.fields import DESCRIBED_LIKE

Schema = dict[str, Any]

_EVERYWHERE = {
    "code": "The definition's code.",
    "effects": "Everything else that the request caused, such as badges and tiers; left out if there is nothing.",
    "items": "The rows of this page, in their order.",
    "error": "A sentence that explains why this item failed; null if it succeeded.",
    "error_code": "The code of that error, for programs; null if the item succeeded.",
    "page": "The number of this page, from 1.",
    "page_size": "The largest number of rows on a page.",
    "participant_id": "Your application's own id of the user.",
    "total": "The number of rows on all pages.",
}
"""Fields that mean the same in every response. A description of the field or of its type takes precedence."""


def add_to(components: dict[str, Schema], kinds: Iterable[Any]) -> None:
    """Describes the fields of all structs that the types contain, in the structs' schemas."""
    for kind in structs(kinds):
        properties = components[kind.__name__]["properties"]
        by_name = of_fields(kind)
        for name, schema in properties.items():
            inside = _of_type(schema)
            if text := by_name.get(name) or inside or _of_tag(schema) or _EVERYWHERE.get(name):
                properties[name] = {"description": " ".join(text.split()), **schema}


def of_fields(kind: type) -> dict[str, str]:
    """The descriptions of the struct's own and inherited fields, where they have one."""
    found: dict[str, str] = {}
    for each in reversed(kind.__mro__):
        if DESCRIBED_LIKE in vars(each):
            found |= of_fields(vars(each)[DESCRIBED_LIKE])
        found |= _docstrings(each.__module__).get(each.__name__, {})
    return found


def structs(kinds: Iterable[Any]) -> list[type]:
    """All structs that the types contain."""
    seen: dict[type, None] = {}
    waiting = [types.type_info(kind) for kind in kinds]
    while waiting:
        info = waiting.pop()
        if isinstance(info, types.StructType):
            if info.cls in seen:
                continue
            seen[info.cls] = None
        waiting.extend(_inside(info))
    return list(seen)


def _inside(info: types.Type) -> Iterator[types.Type]:
    match info:
        case types.StructType():
            yield from (field.type for field in info.fields)
        case types.Metadata():
            yield info.type
        case types.UnionType():
            yield from info.types
        case types.ListType() | types.VarTupleType():
            yield info.item_type
        case types.DictType():
            yield info.value_type


def _of_type(schema: Schema) -> str | None:
    """Takes the description out of a field's schema, where it may belong to one of several options."""
    inside = [option.pop("description") for option in (schema, *schema.get("anyOf", ())) if "description" in option]
    return inside[0] if inside else None


def _of_tag(schema: Schema) -> str | None:
    """The description of a field that has one value only, by which a struct is recognised."""
    match schema:
        case {"enum": [value]}:
            return f"Always `{value}`."
    return None


@cache
def _docstrings(module: str) -> dict[str, dict[str, str]]:
    """The docstrings below the fields of each class of a module; none where its source is not at hand."""
    try:
        source = inspect.getsource(sys.modules[module])
    except (KeyError, OSError, TypeError):
        return {}
    return {node.name: dict(_below_fields(node)) for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}


def _below_fields(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, below in zip(node.body, node.body[1:], strict=False):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, text
