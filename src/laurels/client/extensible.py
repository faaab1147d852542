"""Enumerations that a later version of the server may extend."""

from typing import TYPE_CHECKING, Annotated, Any, TypeVar

Values = TypeVar("Values")

if TYPE_CHECKING:
    Extensible = Annotated[Values, "the values of this version"]
else:

    class Extensible:
        """To a type checker, `Extensible[Literal["a", "b"]]` is the literal. At run time it accepts any string, so that
        the client can read responses with values of a later version."""

        def __class_getitem__(cls, _values: Any) -> type[str]:
            return str
