"""The common part of definitions of all kinds, as written and as stored."""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from types import GenericAlias
from typing import Annotated, Any, NamedTuple, Protocol, TypeVar, cast

import msgspec
from msgspec import Meta, Struct

from laurels.kernel.definition import Definition
from laurels.kernel.definitions.checks import utc
from laurels.kernel.facts import Fact
from laurels.kernel.game import Game
from laurels.kernel.input.fields import Code
from laurels.kernel.input.problems import FieldError

AnyStruct = TypeVar("AnyStruct", bound=Struct)

ROW_FIELDS = ("code", "is_active", "display_order")
"""The fields stored in columns of the row; the other fields are in the row's body."""


class DefinitionBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The common fields of all definitions; each kind adds its own fields."""

    code: Code
    is_active: bool = True
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: Annotated[int, Meta(ge=-1_000_000, le=1_000_000)] = 0
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""


class StoredDefinition(Struct, frozen=True, kw_only=True):
    """The values of a definition's row from which the game's view is compiled."""

    id: str
    kind: str
    code: str
    body: dict[str, Any]
    version: int
    is_active: bool
    is_deleted: bool
    display_order: int


class Written(Protocol):
    """A row that holds a definition."""

    @property
    def code(self) -> str: ...
    @property
    def body(self) -> dict[str, Any]: ...
    @property
    def is_active(self) -> bool: ...
    @property
    def display_order(self) -> int: ...


class PastReach(NamedTuple):
    """The way in which a change of a definition can apply to participants who already meet its condition."""

    fields: frozenset[str]
    """The fields whose change can make participants reach the definition."""
    is_judged: Callable[[Definition], bool]
    """Whether the definition is given automatically, by its condition."""
    given_by: Callable[[Fact], str | None]
    """The id of the definition, of this kind, that a fact gives."""


@dataclass(eq=False)
class Kind:
    """A kind of definition: its body, and its compilation for the game."""

    definition: type[Definition]
    body: type[DefinitionBody]
    compiled: Callable[[StoredDefinition], Definition]
    """Compiles the game's view."""
    _: KW_ONLY
    example: dict[str, Any]
    fixed_fields: dict[str, str] = field(default_factory=dict)
    """The fields that cannot be changed, with the reasons."""
    is_simulated: bool = True
    """Whether simulations report on the kind."""
    past_reach: PastReach | None = None
    """None if no definitions of the kind are given automatically."""

    def __post_init__(self) -> None:
        self.name = self.definition.kind
        self.title = self.name.replace("_", " ")
        self.section = f"{self.name}s"
        """The plural, which names the kind in files and paths."""
        self.fixed_fields = {"code": "history refers to it", **self.fixed_fields}
        self.defaults: dict[str, Any] = {
            field.name: msgspec.to_builtins(field.default)
            for field in msgspec.structs.fields(self.body)
            if field.default is not msgspec.NODEFAULT
        }
        """The values for bodies that were stored before a field was added."""

    def whole(self, row: Written) -> dict[str, Any]:
        """All fields of the definition."""
        return {
            **self.defaults,
            **row.body,
            "code": row.code,
            "is_active": row.is_active,
            "display_order": row.display_order,
        }

    def body_of(self, row: Written) -> DefinitionBody:
        """The definition as in a create request. Raises msgspec.ValidationError if another version stored a body that
        this version cannot read."""
        whole = self.whole(row)
        try:
            return msgspec.convert(whole, self.body)
        except msgspec.ValidationError:
            # Older versions did not check addresses; an invalid one stays until it is changed.
            icon_url = whole.pop("icon_url", None)
            if icon_url is None:
                raise
            body = msgspec.convert(whole, self.body)
            msgspec.structs.force_setattr(body, "icon_url", icon_url)
            return body

    def changed_fixed_field(self, row: Written, body: DefinitionBody, *, is_deleted: bool) -> FieldError | None:
        """The first fixed field whose value differs from the row, which may be of a deleted definition."""
        stored, requested = self.whole(row), msgspec.to_builtins(body)
        for name, reason in self.fixed_fields.items():
            if requested[name] == stored[name]:
                continue
            if not is_deleted:
                return FieldError(name, f"cannot be changed; {reason}")
            value = msgspec.json.encode(stored[name]).decode()
            message = f"must be {value}, as in the deleted {self.title} with this code, which this restores; {reason}"
            return FieldError(name, message)
        return None


KindOfGame = Callable[[Game], Kind]
"""Builds a kind whose definitions depend on parts of all mechanics, such as their actions."""


def several(thing: Any) -> Any:
    """The type of a tuple whose items have a type that is composed at start."""
    return GenericAlias(tuple, (thing, ...))


def with_fields(template: type[AnyStruct], of_class: Mapping[str, Any], **fields: Any) -> type[AnyStruct]:
    """The struct with other values of class variables and other types for some fields; the order and defaults of fields
    stay."""
    struct = msgspec.defstruct(
        template.__name__,
        [
            (each.name, fields[each.name]) if each.required else (each.name, fields[each.name], each.default)
            for each in msgspec.structs.fields(template)
            if each.name in fields
        ],
        bases=(template,),
        module=template.__module__,
        namespace={"__doc__": template.__doc__, **of_class},
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
    )
    return cast(type[AnyStruct], struct)


def particulars(body: DefinitionBody) -> dict[str, Any]:
    """The fields of the kind, as stored in the row's body."""
    in_utc = {field: utc(value) for field, value in msgspec.structs.asdict(body).items() if isinstance(value, datetime)}
    whole: dict[str, Any] = msgspec.to_builtins(msgspec.structs.replace(body, **in_utc))
    return {field: value for field, value in whole.items() if field not in ROW_FIELDS}


def moment(text: str | None) -> datetime | None:
    """A stored time."""
    return utc(msgspec.convert(text, datetime)) if text is not None else None
