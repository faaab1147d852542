"""Values that a later version of the server may add to."""

from typing import TYPE_CHECKING, Annotated, Any, TypeVar

Values = TypeVar("Values")

if TYPE_CHECKING:
    Known = Annotated[Values, "those that this version of the client knows"]
else:

    class Known:
        """`Known[Literal["a", "b"]]` is checked as that, and reads any text: an answer with a value that came later is
        still an answer."""

        def __class_getitem__(cls, _values: Any) -> type[str]:
            return str
