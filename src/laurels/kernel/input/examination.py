"""Finds all problems of a value, where msgspec itself stops at the first."""

import re
import types
from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple, TypeGuard, Union, get_args, get_origin

import msgspec
from msgspec import Struct, UnsetType

from laurels.kernel.input.names import resembled_name
from laurels.kernel.input.problems import FieldError, problem_of, shortened

Path = tuple[str | int, ...]

LONGEST_LIST = 1_000
"""In a longer list, only the first problem is reported."""


class FieldProblem(NamedTuple):
    """A problem at a path. `message` continues the path."""

    path: Path
    message: str


class Examination:
    """Examines values. Subclasses decide on unknown names, and word the messages."""

    def __init__(self, *, is_text: bool = False) -> None:
        """`is_text`: numbers and other values are given as text."""
        self._is_text = is_text

    def unknown_name(self, name: str, known: tuple[str, ...], path: Path, *, is_forbidden: bool) -> str | None:
        """The message about a name that the object at `path` does not have; None if the name may be ignored."""
        raise NotImplementedError

    def message_for(self, wrong: FieldError, value: Any, error: msgspec.ValidationError) -> str:  # noqa: ARG002
        """The message for an error of msgspec."""
        return wrong.message

    def problems_of(self, value: Any, kind: Any, path: Path) -> Iterator[FieldProblem]:
        """All problems that keep `value` from being a `kind`."""
        try:
            msgspec.convert(value, kind, strict=not self._is_text)
        except msgspec.ValidationError as error:
            parts = list(self.problems_in_parts(value, kind, path))
            yield from parts or [self._complaint(value, kind, error, path)]

    def problems_in_parts(self, value: Any, kind: Any, path: Path = ()) -> Iterator[FieldProblem]:
        """All problems in parts of `value`, including refused names."""
        for option in options(kind):
            if isinstance(value, list) and get_origin(option) in (list, tuple) and len(value) <= LONGEST_LIST:
                for index, item in enumerate(value):
                    yield from self.problems_of(item, get_args(option)[0], (*path, index))
            elif isinstance(value, dict) and is_struct(option) and is_tagged(value, option):
                yield from self._of_fields(value, option, path)

    def _of_fields(self, value: dict[str, Any], kind: type[Struct], path: Path) -> Iterator[FieldProblem]:
        config = kind.__struct_config__
        fields = _fields(kind)
        names = tuple(fields)
        misspelt = set()
        for name, inner in value.items():
            if name in fields:
                yield from self.problems_of(inner, _readable(fields[name].type), (*path, name))
            elif name != config.tag_field:
                message = self.unknown_name(name, names, path, is_forbidden=config.forbid_unknown_fields)
                if message is not None:
                    misspelt.add(resembled_name(name, names))
                    yield FieldProblem((*path, name), message)
        for name, field in fields.items():
            # A misspelt field is reported under its wrong name only.
            if field.required and name not in value and name not in misspelt:
                yield FieldProblem((*path, name), "is required")

    def _complaint(self, value: Any, kind: Any, error: msgspec.ValidationError, path: Path) -> FieldProblem:
        if (choices := _choices(value, kind)) is not None:
            within, allowed = choices
            *others, last = allowed
            return FieldProblem(
                (*path, *within), f"must be {', '.join(others)} or {last}" if others else f"must be {last}"
            )
        wrong = problem_of(error)
        return FieldProblem((*path, *steps(wrong.field)), self.message_for(wrong, value, error))


def _choices(value: Any, kind: Any) -> tuple[Path, list[str]] | None:
    """The texts of which one is required, and the path to it: the value itself, or the tag that selects the kind."""
    possible = [option for option in options(kind) if option not in (None, type(None), UnsetType)]
    if possible and all(get_origin(option) is Literal for option in possible):
        return (), [text for option in possible for text in get_args(option)]
    if isinstance(value, dict) and len(possible) > 1 and all(map(is_struct, possible)):
        configs = [option.__struct_config__ for option in possible]
        tags = {config.tag: config.tag_field for config in configs if config.tag_field is not None}
        # A list, as the given value may be unhashable.
        if len(tags) == len(possible) and value.get(tag_field := configs[0].tag_field) not in list(tags):
            return (tag_field,), list(tags)
    return None


@cache
def _fields(kind: type[Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    return {field.encode_name: field for field in msgspec.structs.fields(kind)}


def is_tagged(value: dict[str, Any], kind: type[Struct]) -> bool:
    """Whether the value has the tag of the kind, if the kind has one."""
    config = kind.__struct_config__
    return config.tag_field is None or bool(value.get(config.tag_field) == config.tag)


def is_struct(kind: Any) -> TypeGuard[type[Struct]]:
    return isinstance(kind, type) and issubclass(kind, Struct)


def options(kind: Any) -> list[Any]:
    """The members of a union, or the type itself, without annotations."""
    if get_origin(kind) is Annotated:
        return options(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        return [option for inner in get_args(kind) for option in options(inner)]
    return [kind]


def steps(field: str) -> Path:
    """The steps of a path such as `actions[0].amount`."""
    return tuple(int(number) if number else name for name, number in re.findall(r"([^.\[\]]+)|\[(\d+)\]", field))


def place(path: Path) -> str:
    """The path as text, such as `actions[0].amount`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            name = shortened(step)
            text += f".{name}" if text and not name.startswith("[") else name
    return text


def _readable(kind: Any) -> Any:
    """The type, with any JSON allowed in parts that are decoded later."""
    if kind is msgspec.Raw:
        return Any
    if get_origin(kind) is Annotated:
        inner, *marks = get_args(kind)
        return Annotated[(_readable(inner), *marks)]
    return list[_readable(get_args(kind)[0])] if get_origin(kind) is list else kind  # type: ignore[misc]
