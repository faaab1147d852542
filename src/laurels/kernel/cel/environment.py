"""The variables that expressions can read, and the values that they are evaluated against."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cel_expr_python import cel

from laurels.kernel.cel import costs as expression_costs
from laurels.kernel.cel.costs import Sizes
from laurels.kernel.cel.types import FREE_FIELDS, OF_FIXED_SIZE, TIME, Type
from laurels.kernel.dates import times

NOW = "now"
"""The variable that every game has."""

TIMESTAMP, EXACT_TIMESTAMP = "timestamp", "exacttime"
"""What is written as TIMESTAMP runs as EXACT_TIMESTAMP, which has as many letters, so that places in the source stay
the same: the library does not let its own function be replaced."""

LONGEST_MESSAGE = 200

STATUS = re.compile(r"^[A-Z_]+: | \[[A-Z_]+\]$")
"""What the library's messages have around them."""


class EvaluationError(Exception):
    """Failed, or was stopped, at run time. Its text is one line of at most 200 characters."""

    def __init__(self, message: str) -> None:
        line = " ".join(STATUS.sub("", message.strip()).split())
        super().__init__(line if len(line) <= LONGEST_MESSAGE else f"{line[: LONGEST_MESSAGE - 1]}…")


def _of_text(text: str) -> datetime:
    try:
        moment = times.parse(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError("String to Timestamp conversion failed")
    return moment


def _of_seconds(seconds: int) -> datetime:
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    except OverflowError:
        raise ValueError("timestamp overflow") from None


def _overload(parameter: Type, convert: Callable[[Any], datetime]) -> cel.Overload:
    name = f"{EXACT_TIMESTAMP}_of_{parameter.name().lower()}"
    return cel.Overload(name, cel.Type.TIMESTAMP, [parameter], impl=convert)


_CONVERSIONS = [
    _overload(cel.Type.STRING, _of_text),
    _overload(cel.Type.INT, _of_seconds),
    _overload(cel.Type.TIMESTAMP, lambda moment: moment),
]


class Environment:
    """The variables of a game by their types, `now` among them. `written` checks what is written, `running` what it
    runs as."""

    def __init__(self, variables: Mapping[str, Type]) -> None:
        types = {**variables, NOW: TIME}
        self.names = frozenset(types)
        self.of_varying_size = frozenset(name for name, type_ in types.items() if type_ not in OF_FIXED_SIZE)
        self.with_free_fields = frozenset(name for name, type_ in types.items() if type_ == FREE_FIELDS)
        self.written = cel.NewEnv(variables=types)
        self.running = cel.NewEnv(variables=types, functions=[cel.FunctionDecl(EXACT_TIMESTAMP, _CONVERSIONS)])


class Values:
    """Values that any number of expressions are evaluated against; they must not be changed meanwhile."""

    def __init__(self, environment: Environment, known: Mapping[str, Any]) -> None:
        """By their dotted names; those that no expression reads may be missing."""
        self.activation = environment.written.Activation(known)
        self._of_varying_size = environment.of_varying_size
        self._known = known
        self._sizes: dict[str, Sizes] = {}

    def sizes(self, names: frozenset[str]) -> Sizes:
        """Of these variables together; each is measured once."""
        names = names & self._of_varying_size
        for name in names - self._sizes.keys():
            self._sizes[name] = expression_costs.measured(self._known.get(name))
        return expression_costs.together([self._sizes[name] for name in names])


def evaluated(compiled: cel.Expression, values: Values) -> Any:
    """The result as a Python value. Raises EvaluationError."""
    try:
        result = compiled.eval(values.activation)
        value = result.value()
    except Exception as error:  # the library raises RuntimeError, and others for odd values
        raise EvaluationError(str(error)) from None
    if result.type() == cel.Type.ERROR:
        raise EvaluationError(str(value).replace(f" : {EXACT_TIMESTAMP}(", f" : {TIMESTAMP}("))
    return value
