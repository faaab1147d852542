"""What a request may hold: bodies and queries read strictly and, only where that fails, once more to say what is wrong
and to tell misspelt names from those that are ignored."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from itertools import chain, islice
from typing import Any, Literal, get_args, get_origin

import msgspec
from msgspec import Struct

from laurels.kernel.input import time_fields
from laurels.kernel.input.examination import Examination, Path, Wrong, is_struct, is_tagged, options, place
from laurels.kernel.input.names import UNKNOWN_NAMES_LIMIT, Elsewhere, UnknownNames, instead, meant, place_of
from laurels.kernel.input.problems import FieldError
from laurels.web.protocol.errors import invalid_fields
from laurels.web.requests.repeated_names import GIVEN_TWICE, AllNames, FlatNames, OuterNames

PROBLEMS_LIMIT = 20
"""How many of one body are told."""

Noun = Literal["field", "parameter"]


class Form:
    """How the JSON of one type is read."""

    __slots__ = ("_elsewhere", "_fixed", "_kind", "_lenient", "_list", "_names", "_nulls_are_nothing", "_strict")

    def __init__(
        self,
        kind: Any,
        *,
        fixed: Iterable[str] = (),
        within: str = "",
        nulls_are_nothing: bool = False,
        values_are_free: bool = False,
        elsewhere: Sequence[Elsewhere] = (),
    ) -> None:
        """`fixed` are names that responses show and that cannot be changed; `within` is the list whose items are read,
        such as `awards[].`; `nulls_are_nothing`: null is for every optional field as if it were not there;
        `values_are_free`: objects in the outermost one are the caller's own, with any names; `elsewhere` are the names
        that the request has outside the body, or deeper in it."""
        self._kind = kind
        self._elsewhere = elsewhere
        self._nulls_are_nothing = nulls_are_nothing
        self._fixed = frozenset(fixed)
        self._list = within
        self._lenient: msgspec.json.Decoder[Any] = msgspec.json.Decoder(kind)
        self._strict: msgspec.json.Decoder[Any] = msgspec.json.Decoder(_strict(kind))
        self._names = OuterNames() if values_are_free else _names_of(kind)

    def decode(self, body: bytes, names: UnknownNames) -> Any:
        """Notes in `names` what is ignored. Raises Refusal 422, and msgspec.DecodeError for what is no JSON or not as a
        whole what is wanted."""
        exact = time_fields.in_json(body, self._kind)
        try:
            decoded = self._strict.decode(exact)
        except msgspec.ValidationError:
            decoded = self._examined(exact, names)
        self._names.refuse_repeated(body, decoded)
        return decoded

    def _examined(self, body: bytes, names: UnknownNames) -> Any:
        """The body without what is ignored."""
        try:
            value = msgspec.json.decode(body)
        except msgspec.DecodeError:
            # A better complaint, if there is one.
            self._lenient.decode(body)
            raise
        has_nulls = self._nulls_are_nothing and _drop_nulls(value, self._kind)
        examination = RequestExamination(names, fixed=self._fixed, within=self._list, elsewhere=self._elsewhere)
        wrong = first_problems(examination.of_parts(value, self._kind))
        if wrong:
            # Of values that are given twice none counts, so none is looked at.
            repeated = [Wrong((name,), GIVEN_TWICE) for name in self._names.repeated(body)]
            places = {each.path for each in repeated}
            refuse([*(each for each in wrong if each.path not in places), *repeated])
        return msgspec.convert(value, self._kind) if has_nulls else self._lenient.decode(body)


class RequestExamination(Examination):
    """Of a body, or of a query's parameters, which are text."""

    def __init__(
        self,
        names: UnknownNames,
        *,
        noun: Noun = "field",
        fixed: frozenset[str] = frozenset(),
        within: str = "",
        elsewhere: Sequence[Elsewhere] = (),
    ) -> None:
        super().__init__(is_text=noun == "parameter")
        self._names = names
        self._noun = noun
        self._fixed = fixed
        self._list = within
        self._elsewhere = elsewhere

    def unknown_name(self, name: str, known: tuple[str, ...], path: Path, *, is_forbidden: bool) -> str | None:
        if not path and name in self._fixed:
            return f"cannot be changed; a PATCH takes {', '.join(known)}"
        no_such = f"is not a {self._noun} of this request"
        if self._names.is_one_too_many(name):
            return f"{no_such}, nor are {UNKNOWN_NAMES_LIMIT} others, the most that are compared with those that are"
        if is_forbidden or meant(name, known) is not None:
            return f"{no_such}{instead(name, known)}"
        if not path and (its_place := place_of(name, self._elsewhere)) is not None:
            return f"{no_such}; {its_place}"
        if self._names.is_strict:
            return f"{no_such}, and this project refuses unknown ones (strict_fields)"
        self._names.ignore(f"{self._list}{place((*path, name))}")
        return None

    def in_words(self, wrong: FieldError, value: Any, error: msgspec.ValidationError) -> str:
        message = super().in_words(wrong, value, error)
        # Every parameter is text: what matters is what it should read as.
        return message.removesuffix(", not a string").replace(" or null", "") if self._noun == "parameter" else message


def convert_query(
    values: dict[str, str],
    kind: type[Struct],
    names: UnknownNames,
    wrong: Sequence[Wrong] = (),
    elsewhere: Sequence[Elsewhere] = (),
) -> Any:
    """The query's struct. `wrong` is what is known to be so already, at most once of each parameter. Raises Refusal 422
    and msgspec.ValidationError."""
    if not wrong and values.keys() <= _parameters(kind):
        with suppress(msgspec.ValidationError):
            return msgspec.convert(values, kind, strict=False)
    known = {each.path[0] for each in wrong}
    found = RequestExamination(names, noun="parameter", elsewhere=elsewhere).of_parts(values, kind)
    refuse(chain(wrong, (each for each in found if each.path[0] not in known)))
    return msgspec.convert(values, kind, strict=False)


def first_problems(found: Iterable[Wrong]) -> list[Wrong]:
    """As many as are told, and one more if there is one."""
    return [*islice(found, PROBLEMS_LIMIT + 1)]


def refuse(found: Iterable[Wrong]) -> None:
    """Raises Refusal 422 if anything is wrong."""
    wrong = first_problems(found)
    if wrong:
        errors = [FieldError(place(path), message) for path, message in wrong[:PROBLEMS_LIMIT]]
        raise invalid_fields(errors, are_all=len(errors) == len(wrong))


def shown_alone(kind: Any, shown: Any) -> list[str]:
    """The names that the response of a PATCH shows and that its body, `kind`, does not take."""
    if not (is_struct(kind) and is_struct(shown)):
        return []
    taken = kind.__struct_encode_fields__
    return [name for name in shown.__struct_encode_fields__ if name not in taken]


def _names_of(kind: Any) -> FlatNames | AllNames:
    return FlatNames(kind, _free_fields(kind)) if _is_flat(kind) else AllNames()


@cache
def _parameters(kind: type[Struct]) -> frozenset[str]:
    return frozenset(kind.__struct_encode_fields__)


def _strict(kind: Any) -> Any:
    """The same type without names that it does not know, for a struct that would ignore them."""
    if not is_struct(kind) or kind.__struct_config__.forbid_unknown_fields:
        return kind
    return msgspec.defstruct(kind.__name__, [], bases=(kind,), frozen=True, forbid_unknown_fields=True)


def _drop_nulls(value: Any, kind: Any) -> bool:
    """Takes nulls out of optional fields that have no null, in all objects of the kind. Says whether there were any."""
    found = False
    for option in options(kind):
        if isinstance(value, list) and get_origin(option) in (list, tuple):
            for item in value:
                found |= _drop_nulls(item, get_args(option)[0])
        elif isinstance(value, dict) and is_struct(option) and is_tagged(value, option):
            for field in msgspec.structs.fields(option):
                if field.encode_name not in value:
                    continue
                if value[field.encode_name] is not None:
                    found |= _drop_nulls(value[field.encode_name], field.type)
                elif not field.required and not has_null(field.type):
                    del value[field.encode_name]
                    found = True
    return found


def has_null(kind: Any) -> bool:
    """Whether null is one of its values."""
    return any(option in (None, type(None), Any) for option in options(kind))


def _free_fields(kind: type[Struct]) -> list[str]:
    """Those that hold objects of the caller's own."""
    return [
        field.name
        for field in msgspec.structs.fields(kind)
        if any(get_origin(option) is dict for option in options(field.type))
    ]


def _is_flat(kind: Any) -> bool:
    """Whether there are no objects in it but for the caller's own. Where every name has to be known, none are."""
    if not is_struct(kind) or (kind.__struct_config__.forbid_unknown_fields and _free_fields(kind)):
        return False
    return not any(is_struct(option) for field in msgspec.structs.fields(kind) for option in _parts(field.type))


def _parts(kind: Any) -> Iterator[Any]:
    for option in options(kind):
        yield option
        for inner in get_args(option):
            yield from _parts(inner)
