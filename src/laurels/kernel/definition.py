"""Definitions: all that the admins of one project wrote, as the game sees it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Generic, TypeVar, cast

from msgspec import Struct

from laurels.kernel.calendar import Calendar


class Definition(Struct, frozen=True, kw_only=True):
    """A definition of any kind, also one that has been switched off or deleted: histories refer to it."""

    kind: ClassVar[str]

    id: str
    code: str
    name: str
    is_active: bool = True
    is_deleted: bool = False


AnyDefinition = TypeVar("AnyDefinition", bound=Definition)


class Defined(Generic[AnyDefinition]):
    """The definitions of one kind. `by_code` has those that are not deleted."""

    def __init__(self, definitions: Iterable[AnyDefinition] = ()) -> None:
        self.by_id = {definition.id: definition for definition in definitions}
        self.by_code = {each.code: each for each in self.by_id.values() if not each.is_deleted}


class Definitions:
    """As of one version. Never changed: an edit makes a new one.

    `definitions[Badge].by_code` are the badges. `memory` keeps what has been found out about this version.
    """

    def __init__(self, version: int, definitions: Iterable[Definition] = (), calendar: Calendar | None = None) -> None:
        self.version = version
        self.calendar = calendar or Calendar()
        self.memory: dict[Any, Any] = {}
        by_kind: dict[type[Definition], list[Definition]] = defaultdict(list)
        for definition in definitions:
            by_kind[type(definition)].append(definition)
        self._by_kind: dict[type[Definition], Defined[Any]] = {kind: Defined(of) for kind, of in by_kind.items()}

    def __getitem__(self, kind: type[AnyDefinition]) -> Defined[AnyDefinition]:
        found = self._by_kind.get(kind)
        if found is None:
            found = self._by_kind[kind] = Defined()
        return cast(Defined[AnyDefinition], found)

    def of_kind(self, name: str) -> Defined[Any]:
        """Those of the kind of this name."""
        return next((defined for kind, defined in self._by_kind.items() if kind.kind == name), Defined())

    def __iter__(self) -> Iterator[Definition]:
        for defined in self._by_kind.values():
            yield from defined.by_id.values()
