"""Expressions: conditions and amounts written in CEL (https://cel.dev) over a participant, an event and now.

1. An expression is compiled and type-checked when it is saved; what is refused says where and what to do instead.
2. Whatever is accepted is answered or stopped within 50 ms, for event properties of up to 64 KiB: kernel/cel/costs.py.
3. A value that is not there, or of another type than the expression takes, is an EvaluationError: never a guess.
4. What an expression reads comes from its checked tree, so that only that has to be loaded.
5. Times are those of `times`, to the microsecond: `timestamp(…)` is done by it, as the library's has nanoseconds.

Compiled expressions are kept for the life of the process and may be shared.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any

from cel_expr_python import cel

from laurels.kernel.cel import costs as expression_costs
from laurels.kernel.cel import tree as expression_tree
from laurels.kernel.cel.costs import Costs, Sizes
from laurels.kernel.cel.tree import Call, Constant, Name, Node, Select, Tree
from laurels.kernel.dates import times

VARIABLES: dict[str, cel.Type] = {
    "participant.id": cel.Type.STRING,
    "participant.balance": cel.Type.INT,
    "participant.total_earned": cel.Type.INT,
    "participant.total_spent": cel.Type.INT,
    "participant.total_events": cel.Type.INT,
    "participant.tier": cel.Type.STRING,
    "participant.tier_level": cel.Type.INT,
    "participant.badges": cel.Type.List(cel.Type.STRING),
    "participant.streaks": cel.Type.Map(cel.Type.STRING, cel.Type.INT),
    "participant.longest_streaks": cel.Type.Map(cel.Type.STRING, cel.Type.INT),
    "participant.completed_challenges": cel.Type.Map(cel.Type.STRING, cel.Type.INT),
    "participant.attributes": cel.Type.Map(cel.Type.STRING, cel.Type.DYN),
    "participant.time_zone": cel.Type.STRING,
    "event.name": cel.Type.STRING,
    "event.properties": cel.Type.Map(cel.Type.STRING, cel.Type.DYN),
    "event.occurred_at": cel.Type.TIMESTAMP,
    "now": cel.Type.TIMESTAMP,
}
OF_VARYING_SIZE = frozenset(
    name for name, type_ in VARIABLES.items() if type_ not in (cel.Type.INT, cel.Type.TIMESTAMP)
)
OF_FREE_FIELDS = ("event.properties", "participant.attributes")
LARGEST_NUMBER = 2**53 - 1
LONGEST_MESSAGE = 200
COMPILED_KEPT = 10_000
COMBINED = 32  # small enough that one failing condition costs little, large enough to save most calls
ENVIRONMENT = cel.NewEnv(variables=VARIABLES)
"""What may be written. What is written as TIMESTAMP runs as EXACT_TIMESTAMP, which has as many letters, so that places
in the source stay the same: the library does not let its own function be replaced."""
TIMESTAMP, EXACT_TIMESTAMP = "timestamp", "exacttime"

_TRIAL_OF_PATTERN = ENVIRONMENT.compile("''.matches(event.name)")
_TRIAL_OF_ZONE = ENVIRONMENT.compile("now.getHours(event.name)")
_FIRST_ERROR = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): ([^\n]*)")
_STATUS = re.compile(r"^[A-Z_]+: | \[[A-Z_]+\]$")


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


def _overload(parameter: cel.Type, convert: Callable[[Any], datetime]) -> cel.Overload:
    name = f"{EXACT_TIMESTAMP}_of_{parameter.name().lower()}"
    return cel.Overload(name, cel.Type.TIMESTAMP, [parameter], impl=convert)


_CONVERSIONS = [
    _overload(cel.Type.STRING, _of_text),
    _overload(cel.Type.INT, _of_seconds),
    _overload(cel.Type.TIMESTAMP, lambda moment: moment),
]
_RUNNING = cel.NewEnv(variables=VARIABLES, functions=[cel.FunctionDecl(EXACT_TIMESTAMP, _CONVERSIONS)])


class ExpressionError(ValueError):
    """Refused when saved: `message` in one line; `line` and `column` of the place it is about, from 1."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


class EvaluationError(Exception):
    """Failed, or was stopped, at run time. Its text is one line of at most 200 characters."""

    def __init__(self, message: str) -> None:
        line = " ".join(_STATUS.sub("", message.strip()).split())
        super().__init__(line if len(line) <= LONGEST_MESSAGE else f"{line[: LONGEST_MESSAGE - 1]}…")


class Values:
    """Values that any number of expressions are evaluated against; they must not be changed meanwhile."""

    def __init__(self, known: Mapping[str, Any]) -> None:
        self.activation = ENVIRONMENT.Activation(known)
        self._known = known
        self._sizes: dict[str, Sizes] = {}

    def sizes(self, names: frozenset[str]) -> Sizes:
        """Of these variables together; each is measured once."""
        names = names & OF_VARYING_SIZE
        for name in names - self._sizes.keys():
            self._sizes[name] = expression_costs.measured(self._known.get(name))
        return expression_costs.together([self._sizes[name] for name in names])


NOTHING_KNOWN = Values({})
"""For expressions that read nothing."""


class Expression:
    """`type`: CEL's name of the result's type in lower case. `reads`: the variables read. `properties`: the fields of
    event.properties and participant.attributes read by name; a field named only at run time is not among them."""

    def __init__(self, source: str, compiled: cel.Expression, tree: Tree, costs: Costs) -> None:
        self.source = source
        self.type = _name_of(compiled.return_type())
        nodes = list(expression_tree.walk(tree.root))
        self.reads = frozenset(name.name for name in expression_tree.free_names(tree.root)) & VARIABLES.keys()
        self.properties = frozenset(field for node in nodes if (field := _field_of(node)))
        self.has_macros = any(isinstance(node, expression_tree.Comprehension) for node in nodes)
        self.is_measured = (
            costs.work(expression_costs.LARGEST, expression_costs.LARGEST) > expression_costs.WORK_ALLOWED
        )
        self._compiled = compiled
        self._costs = costs

    def holds(self, values: Values) -> bool:
        """Raises EvaluationError."""
        result = self._result(values)
        if result is True or result is False:
            return result
        raise EvaluationError(f"The result is no bool but {_kind_of(result)}.")

    def number(self, values: Values) -> int:
        """Rounded down. Raises EvaluationError, also beyond ±(2^53 − 1)."""
        result = self._result(values)
        if isinstance(result, bool) or not isinstance(result, int | float):
            raise EvaluationError(f"The result is no number but {_kind_of(result)}.")
        if not math.isfinite(result):
            raise EvaluationError(f"The result is no finite number: {result}.")
        number = math.floor(result)
        if abs(number) > LARGEST_NUMBER:
            raise EvaluationError("The result is beyond 9007199254740991, the largest number of points.")
        return number

    def _result(self, values: Values) -> Any:
        if self.is_measured and self._work(values) > expression_costs.WORK_ALLOWED:
            raise EvaluationError("The values are too large for this expression: it would take too long.")
        return _evaluated(self._compiled, values)

    def _work(self, values: Values) -> float:
        return self._costs.work(values.sizes(self.reads), values.sizes(self._costs.ranged))


class Conditions:
    """Conditions judged together, as for all rules of one event: several times as quick as one by one.

    None stands for no condition, which always holds. Those without macros are evaluated as one list. When that fails,
    because one of them does, its conditions are evaluated one by one. Raises ExpressionError for a source that is no
    condition."""

    def __init__(self, sources: Sequence[str | None]) -> None:
        self._conditions = {place: condition(source) for place, source in enumerate(sources) if source is not None}
        self._open: list[bool | EvaluationError] = [True] * len(sources)

    def outcomes(self, values: Values) -> list[bool | EvaluationError]:
        """In the order of the sources."""
        outcomes = self._open.copy()
        if not self._conditions:
            return outcomes
        alone = set(self._conditions)
        for places, combined in self._combined:
            if results := _list_of(combined, values):
                alone.difference_update(places)
                for place, result in zip(places, results, strict=True):
                    outcomes[place] = result
        for place in alone:
            outcomes[place] = _outcome(self._conditions[place], values)
        return outcomes

    @cached_property
    def _combined(self) -> list[tuple[list[int], cel.Expression]]:
        """The places of conditions, and the list expression of them."""
        plain = [
            place
            for place, condition in self._conditions.items()
            if not (condition.has_macros or condition.is_measured)
        ]
        chunks = [plain[start : start + COMBINED] for start in range(0, len(plain), COMBINED)]
        found = []
        for places in chunks:
            # each on a line of its own, since a condition may end in a comment
            source = ",".join(f"({self._conditions[place].source}\n)" for place in places)
            try:
                found.append((places, _RUNNING.compile(f"[{source}]")))
            except RuntimeError:
                continue  # too deep for the parser once in brackets: one by one
        return found


def values(known: Mapping[str, Any]) -> Values:
    """By their dotted names; those that no expression reads may be missing."""
    return Values(known)


@lru_cache(COMPILED_KEPT)
def condition(source: str) -> Expression:
    """Raises ExpressionError."""
    return _compiled(source, ("bool", "dyn"), "A condition must be a bool")


@lru_cache(COMPILED_KEPT)
def amount(source: str) -> Expression:
    """Raises ExpressionError."""
    return _compiled(source, ("int", "double", "dyn"), "An amount must be an int or a double")


@lru_cache(COMPILED_KEPT)
def criterion(source: str) -> Expression:
    """A condition on the participant alone. Raises ExpressionError."""
    expression = _compiled(source, ("bool", "dyn"), "A criterion must be a bool")
    of_event = sorted(name for name in expression.reads if name.startswith("event."))
    if of_event:
        tree = expression_tree.read(expression._compiled.serialize())
        node = next(n for n in expression_tree.walk(tree.root) if isinstance(n, Name) and n.name in of_event)
        raise _error_at(
            source, tree, node, f"A criterion cannot read {node.name}, only participant.* and now; use a rule for that."
        )
    if expression.reads <= {"now", "participant.id"}:
        raise ExpressionError("A criterion is judged when something that it reads changes; more than now and the id.")
    return expression


def _compiled(source: str, types: tuple[str, ...], demand: str) -> Expression:
    if len(source) > expression_costs.LONGEST_SOURCE:
        raise ExpressionError(
            f"An expression has at most {expression_costs.LONGEST_SOURCE:,} characters; use several rules instead."
        )
    if not source.strip():
        raise ExpressionError(f"{demand}, not empty.")
    if any("\ud800" <= character <= "\udfff" for character in source):
        raise ExpressionError("An expression must be valid Unicode; it has half of a surrogate pair.")
    try:
        compiled = ENVIRONMENT.compile(source)
    except (RuntimeError, ValueError) as error:
        raise _compiler_error(str(error)) from None
    tree = expression_tree.read(compiled.serialize())
    type_name = _name_of(compiled.return_type())
    if type_name not in types:
        raise _error_at(source, tree, tree.root, f"{demand}, not {type_name}.")
    try:
        expression_costs.check(tree)
        costs = expression_costs.costs(tree, OF_VARYING_SIZE)
        for node in expression_tree.walk(tree.root):
            _check_constant(node)
    except expression_costs.RefusedError as refused:
        raise _error_at(source, tree, refused.node, f"Not allowed: {refused}.") from None
    exact = _with_exact_times(source, tree)
    return Expression(exact, compiled if exact == source else _RUNNING.compile(exact), tree, costs)


def _with_exact_times(source: str, tree: Tree) -> str:
    """A call's position is that of its bracket."""
    for node in expression_tree.walk(tree.root):
        if not isinstance(node, Call) or node.function != TIMESTAMP:
            continue
        before = source[: tree.positions.get(node.id, 0)]
        name = before.rstrip()
        if not name.endswith(TIMESTAMP):
            # A macro has what it uses twice twice.
            if name.endswith(EXACT_TIMESTAMP):
                continue
            raise _error_at(source, tree, node, "Write the bracket right behind timestamp, without a comment between.")
        start = len(name) - len(TIMESTAMP)
        source = source[:start] + EXACT_TIMESTAMP + source[start + len(TIMESTAMP) :]
    return source


def _check_constant(node: Node) -> None:
    """A pattern or a time zone that can never work is refused; the library finds it only when it runs."""
    if not isinstance(node, Call) or len(node.arguments) < 2 or not isinstance(text := node.arguments[1], Constant):
        return
    trial = _TRIAL_OF_PATTERN if node.function == "matches" else _TRIAL_OF_ZONE
    if node.function != "matches" and node.function not in expression_costs.ZONED:
        return
    try:
        _evaluated(trial, Values({"event.name": text.text, "now": datetime(2000, 1, 1, tzinfo=UTC)}))
    except EvaluationError as error:
        raise expression_costs.RefusedError(node, f"{text.text!r}: {error}") from None


def _compiler_error(text: str) -> ExpressionError:
    found = _FIRST_ERROR.search(text)
    if found is None:
        return ExpressionError(" ".join(_STATUS.sub("", text).split()))
    line, column, message = found.groups()
    message = _STATUS.sub("", message).replace(" (in container '')", "")
    return ExpressionError(message, max(int(line), 1), max(int(column), 1))


def _error_at(source: str, tree: Tree, node: Node, message: str) -> ExpressionError:
    before = source[: tree.positions.get(node.id, 0)]
    return ExpressionError(message, before.count("\n") + 1, len(before) - before.rfind("\n"))


def _evaluated(compiled: cel.Expression, values: Values) -> Any:
    """The result as a Python value. Raises EvaluationError."""
    try:
        result = compiled.eval(values.activation)
        value = result.value()
    except Exception as error:  # the library raises RuntimeError, and others for odd values
        raise EvaluationError(str(error)) from None
    if result.type() == cel.Type.ERROR:
        raise EvaluationError(str(value).replace(f" : {EXACT_TIMESTAMP}(", f" : {TIMESTAMP}("))
    return value


def _list_of(combined: cel.Expression, values: Values) -> list[bool | EvaluationError]:
    """The results of a list of conditions; empty when one of them fails."""
    try:
        results = combined.eval(values.activation).plain_value()
    except Exception:  # one by one then, where each failure gets its own message
        return []
    return results if isinstance(results, list) and set(map(type, results)) == {bool} else []


def _outcome(condition: Expression, values: Values) -> bool | EvaluationError:
    try:
        return condition.holds(values)
    except EvaluationError as error:
        return error


def _field_of(node: Node) -> str | None:
    match node:
        case Select(operand=Name(name=variable), field=field) if variable in OF_FREE_FIELDS:
            return f"{variable}.{field}"
        case Call(function="_[_]", arguments=(Name(name=variable), Constant(text=str(field)))) if (
            variable in OF_FREE_FIELDS
        ):
            return f"{variable}.{field}"
    return None


def _name_of(type_: cel.Type) -> str:
    return str(type_.name()).lower()


def _kind_of(value: object) -> str:
    names = {type(None): "null", bool: "a bool", int: "an int", float: "a double", str: "a text", list: "a list"}
    return names.get(type(value), "a map" if isinstance(value, dict) else "another type")
