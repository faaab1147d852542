"""The messages of the CEL compiler in plain words. A message without a sentence here stays as it is."""

from collections.abc import Callable

_END = "<EOF>"
_OPERATORS = {"=": "==", "=<": "<=", "=>": ">=", "&": "&&", "|": "||", "and": "&&", "or": "||"}
"""Operators of other languages, and those of CEL with the same meaning."""
_TYPES = {"google.protobuf.Timestamp": "timestamp", "google.protobuf.Duration": "duration", "null_type": "null"}
_FUNCTIONS = {"@in": "in", "_[_]": "[ ]", "_?_:_": "? :"}
_CURLY_QUOTES = "“”„‟‘’‚‛«»"
_OPENING = {")": "(", "]": "[", "}": "{"}


def plain(message: str) -> str:
    """A message of the compiler, without its position, in plain words."""
    text = message.removeprefix("Syntax error: ").replace(" (in container '')", "")
    for beginning, sentence in _SENTENCES.items():
        rest = text.removeprefix(beginning)
        if rest not in (text, "", "'"):
            return sentence(rest) or text
    return text


def _missing(rest: str) -> str | None:
    expected, at, found = rest.removesuffix("'").partition("' at '")
    return f"'{expected}' is missing {_place(found)}" if at else None


def _unexpected(rest: str) -> str | None:
    """The expected part is one token, or all possible tokens in braces."""
    found, expecting, expected = rest.rpartition("' expecting ")
    if not expecting:
        return None
    if "IDENTIFIER" in expected:
        return f"a value is missing {_place(found)}"
    if expected != _END:
        tokens = expected.strip("{}").replace("', '", "' or '")
        return f"{tokens} is missing {_place(found)}"
    if found in _OPERATORS:
        return _other_operator(found)
    if found in _OPENING:
        return f"'{found}' has no '{_OPENING[found]}' before it"
    return f"'{found}' is not allowed here" if found in {",", ":"} else f"an operator is missing {_place(found)}"


def _place(token: str) -> str:
    return "at the end" if token == _END else f"before '{token}'"


def _unreadable(rest: str) -> str:
    """The text begins with a character that begins no token."""
    text = rest.removesuffix("'")
    operator = text.strip()
    if operator in _OPERATORS:
        return _other_operator(operator)
    if rest[0] in "'\"":
        return "the text that begins here has no closing quote, or has a line break or an unknown escape sequence"
    if rest[0] in _CURLY_QUOTES:
        return f"{rest[0]} is not a quote of expressions; use ' or \""
    return f"the character {rest[0]} is not allowed here"


def _other_operator(operator: str) -> str:
    return f"'{operator}' is not an operator; use {_OPERATORS[operator]}"


def _incomplete(rest: str) -> str:
    text = rest.removesuffix("'")
    return "a name is missing after '.'" if text == "." else f"'{text}' is not allowed here"


def _inapplicable(rest: str) -> str | None:
    function, applied, arguments = rest.removesuffix(")'").partition("' applied to '(")
    if not applied:
        return None
    types = [_TYPES.get(type_, type_) for type_ in _parts(arguments)]
    return f"'{_FUNCTIONS.get(function, function.strip('_'))}' cannot be applied to {' and '.join(types)}"


def _parts(arguments: str) -> list[str]:
    """The types in a list such as `map(string, int), int`."""
    parts, depth = [""], 0
    for character in arguments:
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def _unknown(rest: str) -> str:
    name = rest.removesuffix("'")
    return f"unknown name '{name}'"


def _reserved(rest: str) -> str:
    return f"'{rest}' is a reserved word"


def _without_fields(rest: str) -> str | None:
    type_, cannot, _ = rest.partition("' cannot be the operand of a select operation")
    return f"a value of type {_TYPES.get(type_, type_)} has no fields" if cannot else None


def _too_deep(rest: str) -> str:
    return f"the expression has more than {rest.partition(' ')[0]} levels of brackets and operators"


_SENTENCES: dict[str, Callable[[str], str | None]] = {
    "missing '": _missing,
    "mismatched input '": _unexpected,
    "extraneous input '": _unexpected,
    "token recognition error at: '": _unreadable,
    "no viable alternative at input '": _incomplete,
    "found no matching overload for '": _inapplicable,
    "undeclared reference to '": _unknown,
    "reserved identifier: ": _reserved,
    "expression of type '": _without_fields,
    "Exceeded max recursion depth of ": _too_deep,
    "Expression recursion limit exceeded. limit: ": _too_deep,
}
"""By the beginnings of messages: functions of the rest, which return None for a message of another form."""
