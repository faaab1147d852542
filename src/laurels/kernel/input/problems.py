"""Problems of values in words: problems that msgspec reports, and problems that our own structs find."""

import re
from collections.abc import Callable

import msgspec
from msgspec import Struct

NO_TIME = "must be an RFC 3339 time such as 2026-02-14T10:00:00Z"
NO_DATE = "must be a date such as 2026-02-14"
TOO_LARGE_A_NUMBER = "is out of range"
HOLDS_NUL = "must not contain the NUL character"


def too_deep(levels: int) -> str:
    return f"may be nested up to {levels} levels deep"


class FieldError(Struct, frozen=True):
    """A problem of one field of the request. `field` is a path such as `awards[3].amount`."""

    field: str
    """The field or parameter, such as `awards[2].amount`; empty for the whole body."""
    message: str
    """The problem. It continues the name of the field: `must be at least 1`."""


def sentence(error: FieldError, whole: str) -> str:
    """The problem as a sentence about the field, or about the `whole`."""
    text = f"{error.field or whole} {error.message}"
    return text if text.endswith("?") else f"{text}."


_TYPE_NAMES = {
    "int": "a whole number",
    "str": "a string",
    "bool": "true or false",
    "float": "a number",
    "object": "an object",
    "array": "a list",
    "null": "null",
    "datetime": "an RFC 3339 time",
}
_UNITS = {"str": "characters", "array": "items", "object": "fields"}

# Each matches from the beginning of a shortened text: input of a caller is only at the end.
_MESSAGES: list[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]] = [
    (re.compile(r"Object missing required field"), lambda _: "is required"),
    (re.compile(r"Object contains unknown field"), lambda _: "is not a field of this request"),
    (re.compile(r"Expected `\w+` of length >= 1$"), lambda _: "must not be empty"),
    (re.compile(r"Expected `(\w+)` of length (>=|<=) (\d+)"), lambda m: f"must have {_bound(m)} {_UNITS[m[1]]}"),
    (re.compile(r"Expected `(\w+)` (>=|<=) (-?\d+)"), lambda m: f"must be {_bound(m)}"),
    (re.compile(r"Expected `([^`]+)`, got `([^`]+)`"), lambda m: f"must be {_types(m[1])}{_but_not(m[2], m[1])}"),
    (
        re.compile(r"Expected `str` matching regex '\^\(\?:\[Hh\]"),
        lambda _: "must begin with http://, https:// or data:image/, or be a path without a scheme",
    ),
    (
        re.compile(r"Expected `str` matching regex '\^\[A-Za-z0-9\]"),
        lambda _: "may contain letters, digits and _ . : -, and must begin with a letter or digit",
    ),
    (re.compile(r"Expected `str` matching regex"), lambda _: "must not contain control characters"),
    (re.compile(r"Invalid (?:enum )?value (.+)", re.DOTALL), lambda m: f"has an unknown value: {m[1]}"),
    (re.compile(r"[Nn]umber out of range"), lambda _: TOO_LARGE_A_NUMBER),
    (re.compile(r"Invalid RFC3339 encoded date(?!time)"), lambda _: NO_DATE),
    (re.compile(r"Invalid RFC3339"), lambda _: NO_TIME),
]
_PLACE_BEGINS = " - at `"
_PLACE = re.compile(r"(?:key` in `)?\$([\w.\[\]]*)`")
_NAMED_FIELDS = ("Object missing required field `", "Object contains unknown field `")
_FIELD_PROBLEM_BEGINS = "Field `"
LONGEST_ECHO = 100
LONGEST_PROBLEM = 1_000


def field_problem(field: str, message: str) -> ValueError:
    """An error for `__post_init__` of a request's struct, which becomes a 422 about this field."""
    return ValueError(f"{_FIELD_PROBLEM_BEGINS}{field}` {message}")


def shortened(text: str, limit: int = LONGEST_ECHO) -> str:
    """Input of a caller, shortened for a response."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def problem_of(error: msgspec.ValidationError) -> FieldError:
    """The problem that msgspec reports, in our words."""
    text, parts = _place_of(str(error))
    for beginning in _NAMED_FIELDS:
        if text.startswith(beginning):
            parts.append(shortened(text[len(beginning) :].removesuffix("`")))
    text = shortened(text, LONGEST_PROBLEM)
    if text.startswith(_FIELD_PROBLEM_BEGINS):
        field, _, problem = text.removeprefix(_FIELD_PROBLEM_BEGINS).partition("` ")
        return FieldError(".".join([*parts, field]), problem)
    return FieldError(".".join(parts), _in_our_words(text))


def _place_of(text: str) -> tuple[str, list[str]]:
    """The error text without the place, and the place as the beginning of a path."""
    complaint, _, end = text.rpartition(_PLACE_BEGINS)
    place = _PLACE.fullmatch(end) if complaint else None
    if place is None:
        return text, []
    return complaint, [place[1].lstrip(".")] if place[1] else []


def _in_our_words(text: str) -> str:
    for pattern, message in _MESSAGES:
        if match := pattern.match(text):
            # The end may be input of the caller.
            return shortened(message(match), 2 * LONGEST_ECHO)
    return text[:1].lower() + text[1:]


def _bound(match: re.Match[str]) -> str:
    return ("at least " if match[2] == ">=" else "at most ") + match[3]


def _types(text: str) -> str:
    return " or ".join(_TYPE_NAMES.get(name.strip(), name.strip()) for name in text.split("|"))


def _but_not(given: str, expected: str) -> str:
    """The type that was sent. It is left out where it would only confuse: a number such as 1.5 for a whole number."""
    if given == "float" and "int" in expected:
        return ""
    return f", not {'a number' if given == 'int' else _types(given)}"
