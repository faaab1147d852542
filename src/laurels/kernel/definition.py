"""Definitions: everything that the administrators of a project have defined, in the form that the game uses."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from msgspec import Struct

from laurels.kernel.actions import Action
from laurels.kernel.dates.calendar import Calendar
from laurels.kernel.feed import Announcing
from laurels.kernel.game import Game


class Reference(Struct, frozen=True):
    """A reference to another definition, in `field`. `follows` describes the consequence if the other definition is
    unavailable; `actions` is the list of actions with the reference."""

    field: str
    kind: str
    code: str
    follows: str | None = None
    actions: tuple[Action, ...] = ()


class Definition(Struct, frozen=True, kw_only=True):
    """A definition of any kind, including deactivated and deleted ones, as histories refer to them."""

    kind: ClassVar[str]
    fires_by_outcome: ClassVar[bool] = True
    """Whether a simulation counts the outcome "acted" as firing. Kinds with their own fact for it set this to False."""

    id: str
    code: str
    name: str
    version: int = 0
    is_active: bool = True
    is_deleted: bool = False

    def references(self) -> Iterator[Reference]:
        """The references to other definitions, without those in actions."""
        return iter(())

    def action_lists(self) -> Iterator[tuple[str, tuple[Action, ...]]]:
        """The lists of actions, with their fields."""
        return iter(())

    def lack(self, now: datetime) -> str | None:
        """The reason why an action on the definition would be refused, such as "is not active"."""
        del now
        return None if self.is_active else "is not active"

    @property
    def is_shared_limit(self) -> bool:
        """Whether the definition has a limit that all participants share."""
        return False


AnyDefinition = TypeVar("AnyDefinition", bound=Definition)


class Defined(Generic[AnyDefinition]):
    """The definitions of one kind. `by_code` leaves out deleted ones."""

    def __init__(self, definitions: Iterable[AnyDefinition] = ()) -> None:
        self.by_id = {definition.id: definition for definition in definitions}
        self.by_code = {each.code: each for each in self.by_id.values() if not each.is_deleted}


_NONE = Defined[Any]()


class Definitions:
    """The definitions of a project as of one version. Immutable: an edit creates a new object.

    `definitions[Badge].by_code` are the badges. `memory` caches values derived from this version.
    """

    def __init__(
        self,
        game: Game,
        version: int,
        definitions: Iterable[Definition] = (),
        calendar: Calendar | None = None,
        listened: Iterable[str] = (),
    ) -> None:
        """`listened` are the types of feed events that the project listens to."""
        self.game = game
        self.announcing = Announcing(game.feed, listened)
        self.version = version
        self.calendar = calendar or Calendar()
        self.memory: dict[Any, Any] = {}
        by_kind: dict[type[Definition], list[Definition]] = defaultdict(list)
        for definition in definitions:
            by_kind[type(definition)].append(definition)
        self._by_kind: dict[type[Definition], Defined[Any]] = {
            kind: Defined(of_kind) for kind, of_kind in by_kind.items()
        }
        self._by_id: dict[str, Definition] = {definition.id: definition for definition in self}

    def __getitem__(self, kind: type[AnyDefinition]) -> Defined[AnyDefinition]:
        defined: Defined[AnyDefinition] = self._by_kind.get(kind, _NONE)
        return defined

    def of_kind(self, name: str) -> Defined[Any]:
        """The definitions of the kind with this name."""
        return next((defined for kind, defined in self._by_kind.items() if kind.kind == name), _NONE)

    def find(self, definition_id: str) -> Definition | None:
        """The definition with this id, of any kind."""
        return self._by_id.get(definition_id)

    def __iter__(self) -> Iterator[Definition]:
        for defined in self._by_kind.values():
            yield from defined.by_id.values()
