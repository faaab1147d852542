"""Strict decoding of bodies and queries. If it fails, a slower examination finds all problems, and distinguishes
misspelt names from unknown names that can be ignored."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from itertools import chain, islice
from typing import Any, Literal, get_args, get_origin

import msgspec
from msgspec import Struct

from laurels.kernel.input import time_fields
from laurels.kernel.input.examination import Examination, FieldProblem, Path, is_struct, is_tagged, options, place
from laurels.kernel.input.names import (
    UNKNOWN_NAMES_LIMIT,
    MisplacedNames,
    UnknownNames,
    place_message,
    resembled_name,
    suggestion,
)
from laurels.kernel.input.problems import FieldError
from laurels.web.protocol.errors import invalid_fields
from laurels.web.requests.repeated_names import GIVEN_TWICE, AllNames, FlatNames, OuterNames

PROBLEMS_LIMIT = 20
"""The number of problems shown for one body."""

Noun = Literal["field", "parameter"]


class Form:
    """A decoder for the JSON of one type."""

    __slots__ = ("_elsewhere", "_fixed", "_kind", "_lenient", "_list", "_names", "_nulls_are_nothing", "_strict")

    def __init__(
        self,
        kind: Any,
        *,
        fixed: Iterable[str] = (),
        within: str = "",
        nulls_are_nothing: bool = False,
        values_are_free: bool = False,
        elsewhere: Sequence[MisplacedNames] = (),
    ) -> None:
        """`fixed` are fields that responses show and requests cannot change.
        `within` is the list whose items are decoded, such as `awards[].`.
        `nulls_are_nothing`: null in an optional field means the same as leaving the field out.
        `values_are_free`: objects inside the outermost object may have any names.
        `elsewhere` are names that belong outside the body or deeper in it."""
        self._kind = kind
        self._elsewhere = elsewhere
        self._nulls_are_nothing = nulls_are_nothing
        self._fixed = frozenset(fixed)
        self._list = within
        self._lenient: msgspec.json.Decoder[Any] = msgspec.json.Decoder(kind)
        self._strict: msgspec.json.Decoder[Any] = msgspec.json.Decoder(_strict(kind))
        self._names = OuterNames() if values_are_free else _names_of(kind)

    def decode(self, body: bytes, names: UnknownNames) -> Any:
        """Decodes the body. Adds ignored names to `names`. Raises Refusal 422, and msgspec.DecodeError if the body is
        not JSON or the problem concerns the body as a whole."""
        exact = time_fields.in_json(body, self._kind)
        try:
            decoded = self._strict.decode(exact)
        except msgspec.ValidationError:
            decoded = self._examined(exact, names)
        self._names.refuse_repeated(body, decoded)
        return decoded

    def _examined(self, body: bytes, names: UnknownNames) -> Any:
        """The decoded body, in which unknown names are ignored."""
        try:
            value = msgspec.json.decode(body)
        except msgspec.DecodeError:
            # May raise an error with a better message.
            self._lenient.decode(body)
            raise
        has_nulls = self._nulls_are_nothing and _drop_nulls(value, self._kind)
        examination = RequestExamination(names, fixed=self._fixed, within=self._list, elsewhere=self._elsewhere)
        wrong = first_problems(examination.problems_in_parts(value, self._kind))
        if wrong:
            # A repeated field is the only problem shown for it: its values are not examined.
            repeated = [FieldProblem((name,), GIVEN_TWICE) for name in self._names.repeated(body)]
            paths = {each.path for each in repeated}
            refuse([*(each for each in wrong if each.path not in paths), *repeated])
        return msgspec.convert(value, self._kind) if has_nulls else self._lenient.decode(body)


class RequestExamination(Examination):
    """The examination of a body, or of query parameters, which are strings."""

    def __init__(
        self,
        names: UnknownNames,
        *,
        noun: Noun = "field",
        fixed: frozenset[str] = frozenset(),
        within: str = "",
        elsewhere: Sequence[MisplacedNames] = (),
    ) -> None:
        super().__init__(is_text=noun == "parameter")
        self._names = names
        self._noun = noun
        self._fixed = fixed
        self._list = within
        self._elsewhere = elsewhere

    def unknown_name(self, name: str, known: tuple[str, ...], path: Path, *, is_forbidden: bool) -> str | None:
        if not path and name in self._fixed:
            return f"cannot be changed; a PATCH can change {', '.join(known)}"
        unknown = f"is not a {self._noun} of this request"
        if self._names.exceeds_limit(name):
            return f"{unknown}, and a request may have up to {UNKNOWN_NAMES_LIMIT} unknown names"
        if is_forbidden or resembled_name(name, known) is not None:
            return f"{unknown}{suggestion(name, known)}"
        if not path and (right_place := place_message(name, self._elsewhere)) is not None:
            return f"{unknown}; {right_place}"
        if self._names.is_strict:
            return f"{unknown}, and this project refuses unknown names (strict_fields)"
        self._names.ignore(f"{self._list}{place((*path, name))}")
        return None

    def message_for(self, wrong: FieldError, value: Any, error: msgspec.ValidationError) -> str:
        message = super().message_for(wrong, value, error)
        # Every parameter is a string, so the message names only the expected type.
        return message.removesuffix(", not a string").replace(" or null", "") if self._noun == "parameter" else message


def convert_query(
    values: dict[str, str],
    kind: type[Struct],
    names: UnknownNames,
    wrong: Sequence[FieldProblem] = (),
    elsewhere: Sequence[MisplacedNames] = (),
) -> Any:
    """Converts query parameters to `kind`. `wrong` are the problems found before, up to one per parameter. Raises
    Refusal 422 and msgspec.ValidationError."""
    if not wrong and values.keys() <= _parameters(kind):
        with suppress(msgspec.ValidationError):
            return msgspec.convert(values, kind, strict=False)
    reported = {each.path[0] for each in wrong}
    problems = RequestExamination(names, noun="parameter", elsewhere=elsewhere).problems_in_parts(values, kind)
    refuse(chain(wrong, (each for each in problems if each.path[0] not in reported)))
    return msgspec.convert(values, kind, strict=False)


def first_problems(problems: Iterable[FieldProblem]) -> list[FieldProblem]:
    """The problems to be shown, and one more if there are more."""
    return [*islice(problems, PROBLEMS_LIMIT + 1)]


def refuse(problems: Iterable[FieldProblem]) -> None:
    """Raises Refusal 422 if there are problems."""
    wrong = first_problems(problems)
    if wrong:
        errors = [FieldError(place(path), message) for path, message in wrong[:PROBLEMS_LIMIT]]
        raise invalid_fields(errors, are_all=len(errors) == len(wrong))


def read_only_fields(kind: Any, shown: Any) -> list[str]:
    """The fields in `shown`, the response of a PATCH, that are not in its body `kind`."""
    if not (is_struct(kind) and is_struct(shown)):
        return []
    writable = kind.__struct_encode_fields__
    return [name for name in shown.__struct_encode_fields__ if name not in writable]


def _names_of(kind: Any) -> FlatNames | AllNames:
    return FlatNames(kind, _free_fields(kind)) if _is_flat(kind) else AllNames()


@cache
def _parameters(kind: type[Struct]) -> frozenset[str]:
    return frozenset(kind.__struct_encode_fields__)


def _strict(kind: Any) -> Any:
    """The same type, but a struct that ignores unknown names forbids them."""
    if not is_struct(kind) or kind.__struct_config__.forbid_unknown_fields:
        return kind
    return msgspec.defstruct(kind.__name__, [], bases=(kind,), frozen=True, forbid_unknown_fields=True)


def _drop_nulls(value: Any, kind: Any) -> bool:
    """Removes optional fields whose value is null although their type has no null, in all objects of the kind. Whether
    any field was removed."""
    removed = False
    for option in options(kind):
        if isinstance(value, list) and get_origin(option) in (list, tuple):
            for item in value:
                removed |= _drop_nulls(item, get_args(option)[0])
        elif isinstance(value, dict) and is_struct(option) and is_tagged(value, option):
            for field in msgspec.structs.fields(option):
                if field.encode_name not in value:
                    continue
                if value[field.encode_name] is not None:
                    removed |= _drop_nulls(value[field.encode_name], field.type)
                elif not field.required and not has_null(field.type):
                    del value[field.encode_name]
                    removed = True
    return removed


def has_null(kind: Any) -> bool:
    """Whether null is a value of the type."""
    return any(option in (None, type(None), Any) for option in options(kind))


def _free_fields(kind: type[Struct]) -> list[str]:
    """The fields that hold free-form objects, such as metadata."""
    return [
        field.name
        for field in msgspec.structs.fields(kind)
        if any(get_origin(option) is dict for option in options(field.type))
    ]


def _is_flat(kind: Any) -> bool:
    """Whether the only objects in a struct are free-form objects. A struct that forbids unknown fields may have none of
    these."""
    if not is_struct(kind) or (kind.__struct_config__.forbid_unknown_fields and _free_fields(kind)):
        return False
    return not any(is_struct(option) for field in msgspec.structs.fields(kind) for option in _parts(field.type))


def _parts(kind: Any) -> Iterator[Any]:
    for option in options(kind):
        yield option
        for inner in get_args(option):
            yield from _parts(inner)
