"""The variables that expressions can read, and the values for their evaluation."""

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
"""Expressions are written with TIMESTAMP and run with EXACT_TIMESTAMP, since the library's own function cannot be
replaced. The names have the same length, so that positions in the source stay the same."""

LONGEST_MESSAGE = 200

STATUS = re.compile(r"^[A-Z_]+: | \[[A-Z_]+\]$")
"""The status codes before and after the library's messages."""


class EvaluationError(Exception):
    """The failure of an expression at run time, or the refusal to run it. The text is one line of at most 200
    characters."""

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
    """The variables of a game with their types, including `now`. `written` checks expressions as their authors write
    them; `running` compiles the form that is evaluated, with EXACT_TIMESTAMP."""

    def __init__(self, variables: Mapping[str, Type]) -> None:
        types = {**variables, NOW: TIME}
        self.names = frozenset(types)
        self.of_varying_size = frozenset(name for name, type_ in types.items() if type_ not in OF_FIXED_SIZE)
        self.with_free_fields = frozenset(name for name, type_ in types.items() if type_ == FREE_FIELDS)
        self.written = cel.NewEnv(variables=types)
        self.running = cel.NewEnv(variables=types, functions=[cel.FunctionDecl(EXACT_TIMESTAMP, _CONVERSIONS)])


class Values:
    """The values of variables, for the evaluation of any number of expressions. They must not change meanwhile."""

    def __init__(self, environment: Environment, known: Mapping[str, Any]) -> None:
        """`known` are the values by dotted name; variables that no expression reads may be missing."""
        self.activation = environment.written.Activation(known)
        self._of_varying_size = environment.of_varying_size
        self._known = known
        self._sizes: dict[str, Sizes] = {}

    def sizes(self, names: frozenset[str]) -> Sizes:
        """The sizes of these variables together. Each variable is measured once."""
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
