"""What definitions of all kinds have in common, as they are written and as they are stored."""

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
"""Those that a row has beside what is particular to its kind."""


class DefinitionBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all definitions have; each kind adds its own fields."""

    code: Code
    is_active: bool = True
    """Whether the definition is in use. False switches it off; what it has given so far stays."""
    display_order: Annotated[int, Meta(ge=-1_000_000, le=1_000_000)] = 0
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""


class Stored(Struct, frozen=True, kw_only=True):
    """What of a definition's row the game's view of it is made from."""

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
    """How a change of a definition can hold for people who have reached it already."""

    fields: frozenset[str]
    """Those whose change makes somebody reach it."""
    is_judged: Callable[[Definition], bool]
    """Whether a definition of the kind is reached by itself."""
    given_by: Callable[[Fact], str | None]
    """The id of the definition of the kind that a fact gives."""


@dataclass(eq=False)
class Kind:
    """A kind of definition: how it is written, and what it becomes."""

    definition: type[Definition]
    body: type[DefinitionBody]
    compiled: Callable[[Stored], Definition]
    """Makes the game's view."""
    _: KW_ONLY
    example: dict[str, Any]
    fixed_fields: dict[str, str] = field(default_factory=dict)
    """Those that cannot be changed, with the reasons."""
    is_simulated: bool = True
    """A simulation tells nothing of a kind that is not."""
    past_reach: PastReach | None = None
    """None if nobody reaches its definitions by themselves."""

    def __post_init__(self) -> None:
        self.name = self.definition.kind
        self.title = self.name.replace("_", " ")
        self.section = f"{self.name}s"
        """The plural, by which files and paths name the kind."""
        self.fixed_fields = {"code": "history refers to it", **self.fixed_fields}
        self.defaults: dict[str, Any] = {
            field.name: msgspec.to_builtins(field.default)
            for field in msgspec.structs.fields(self.body)
            if field.default is not msgspec.NODEFAULT
        }
        """What bodies have that were stored before the field was there."""

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
        """The definition as a create would give it. Raises msgspec.ValidationError when another version stored it so
        that this one cannot read it."""
        whole = self.whole(row)
        try:
            return msgspec.convert(whole, self.body)
        except msgspec.ValidationError:
            # Addresses are looked at since they are checked; those of before stay until they are changed.
            icon_url = whole.pop("icon_url", None)
            if icon_url is None:
                raise
            body = msgspec.convert(whole, self.body)
            msgspec.structs.force_setattr(body, "icon_url", icon_url)
            return body

    def changed_fixed_field(self, row: Written, body: DefinitionBody, *, is_deleted: bool) -> FieldError | None:
        """What is wrong with a field that has to be as in the row, which may be that of a deleted definition."""
        present, wanted = self.whole(row), msgspec.to_builtins(body)
        for name, reason in self.fixed_fields.items():
            if wanted[name] == present[name]:
                continue
            if not is_deleted:
                return FieldError(name, f"cannot be changed; {reason}")
            was = msgspec.json.encode(present[name]).decode()
            message = f"must be {was} as in the deleted {self.title} of this code, which this restores; {reason}"
            return FieldError(name, message)
        return None


KindOfGame = Callable[[Game], Kind]
"""Makes a kind whose definitions depend on what all mechanics list, such as their actions."""


def several(thing: Any) -> Any:
    """The type of a tuple of things of a type that is made at start."""
    return GenericAlias(tuple, (thing, ...))


def with_fields(template: type[AnyStruct], of_class: Mapping[str, Any], **fields: Any) -> type[AnyStruct]:
    """The struct with other values of class variables and other types of some fields; the order and the defaults of
    fields stay."""
    made = msgspec.defstruct(
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
    return cast(type[AnyStruct], made)


def particulars(body: DefinitionBody) -> dict[str, Any]:
    """What is particular to the kind, as it is stored."""
    in_utc = {field: utc(value) for field, value in msgspec.structs.asdict(body).items() if isinstance(value, datetime)}
    whole: dict[str, Any] = msgspec.to_builtins(msgspec.structs.replace(body, **in_utc))
    return {field: value for field, value in whole.items() if field not in ROW_FIELDS}


def moment(text: str | None) -> datetime | None:
    """A stored time."""
    return utc(msgspec.convert(text, datetime)) if text is not None else None
