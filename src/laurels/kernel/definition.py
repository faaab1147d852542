"""Definitions: all that the admins of one project wrote, as the game sees it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from msgspec import Struct

from laurels.kernel.actions import Action
from laurels.kernel.dates.calendar import Calendar
from laurels.kernel.game import Game


class Reference(Struct, frozen=True):
    """A definition names another one, in `field`. Where that comes to nothing, `follows` says so in words; `actions`
    are those of the list that names it."""

    field: str
    kind: str
    code: str
    follows: str | None = None
    actions: tuple[Action, ...] = ()


class Definition(Struct, frozen=True, kw_only=True):
    """A definition of any kind, also one that has been switched off or deleted: histories refer to it."""

    kind: ClassVar[str]
    fires_by_outcome: ClassVar[bool] = True
    """The outcome of having acted is what it is for, and no side effect of a fact of its own."""

    id: str
    code: str
    name: str
    version: int = 0
    is_active: bool = True
    is_deleted: bool = False

    def references(self) -> Iterator[Reference]:
        """What it names of other definitions, beside its actions."""
        return iter(())

    def action_lists(self) -> Iterator[tuple[str, tuple[Action, ...]]]:
        """Its lists of actions by their fields."""
        return iter(())

    def lack(self, now: datetime) -> str | None:
        """Why an action on it comes to nothing, such as "is not active"."""
        del now
        return None if self.is_active else "is not active"

    @property
    def is_shared_limit(self) -> bool:
        """Whether several participants together can use it up."""
        return False


AnyDefinition = TypeVar("AnyDefinition", bound=Definition)


class Defined(Generic[AnyDefinition]):
    """The definitions of one kind. `by_code` has those that are not deleted."""

    def __init__(self, definitions: Iterable[AnyDefinition] = ()) -> None:
        self.by_id = {definition.id: definition for definition in definitions}
        self.by_code = {each.code: each for each in self.by_id.values() if not each.is_deleted}


_NONE = Defined[Any]()


class Definitions:
    """As of one version. Never changed: an edit makes a new one.

    `definitions[Badge].by_code` are the badges. `memory` keeps what has been found out about this version.
    """

    def __init__(
        self, game: Game, version: int, definitions: Iterable[Definition] = (), calendar: Calendar | None = None
    ) -> None:
        self.game = game
        self.version = version
        self.calendar = calendar or Calendar()
        self.memory: dict[Any, Any] = {}
        by_kind: dict[type[Definition], list[Definition]] = defaultdict(list)
        for definition in definitions:
            by_kind[type(definition)].append(definition)
        self._by_kind: dict[type[Definition], Defined[Any]] = {kind: Defined(of) for kind, of in by_kind.items()}

    def __getitem__(self, kind: type[AnyDefinition]) -> Defined[AnyDefinition]:
        defined: Defined[AnyDefinition] = self._by_kind.get(kind, _NONE)
        return defined

    def of_kind(self, name: str) -> Defined[Any]:
        """Those of the kind of this name."""
        return next((defined for kind, defined in self._by_kind.items() if kind.kind == name), _NONE)

    def find(self, definition_id: str) -> Definition | None:
        """One of any kind."""
        for defined in self._by_kind.values():
            if definition_id in defined.by_id:
                found: Definition = defined.by_id[definition_id]
                return found
        return None

    def __iter__(self) -> Iterator[Definition]:
        for defined in self._by_kind.values():
            yield from defined.by_id.values()
