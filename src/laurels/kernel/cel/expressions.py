"""Expressions: conditions and amounts in CEL (https://cel.dev) that read a participant, an event and the current time.

1. An expression is compiled and type-checked when it is saved. A refusal names the position and an alternative.
2. An accepted expression returns or is stopped within 50 ms, for event properties of up to 64 KiB: kernel/cel/costs.py.
3. A missing value, or a value of the wrong type, raises EvaluationError; nothing is guessed.
4. The variables that an expression reads are known from its checked tree, so that only they have to be loaded.
5. Times have microseconds, as everywhere in Laurels: `timestamp(…)` uses `kernel.dates.times`, since the library's own
   function has nanoseconds.

Compiled expressions belong to a game, like its variables.
"""

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import Any

from cel_expr_python import cel

from laurels.kernel.cel import costs as expression_costs
from laurels.kernel.cel import tree as expression_tree
from laurels.kernel.cel import wording
from laurels.kernel.cel.costs import Costs
from laurels.kernel.cel.environment import (
    EXACT_TIMESTAMP,
    NOW,
    STATUS,
    TIMESTAMP,
    Environment,
    EvaluationError,
    Values,
    evaluated,
)
from laurels.kernel.cel.tree import Call, Constant, Name, Node, Select, Tree
from laurels.kernel.cel.types import TEXT, Type

LARGEST_NUMBER = 2**53 - 1
COMPILED_KEPT = 10_000
COMBINED = 32  # small enough that one failing condition costs little, large enough to save most calls

_TRIAL = Environment({"text": TEXT})
_TRIAL_OF_PATTERN = _TRIAL.written.compile("''.matches(text)")
_TRIAL_OF_ZONE = _TRIAL.written.compile("now.getHours(text)")
_FIRST_ERROR = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): ([^\n]*)")


class ExpressionError(ValueError):
    """The refusal of an expression when it is saved: a `message` of one line, and the `line` and `column` of the error,
    counted from 1."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


class Expression:
    """A compiled expression. `type`: CEL's name of the result's type, in lower case. `reads`: the variables that it
    reads. `properties`: the fields that it reads from variables with free fields, except for fields whose names are
    computed at run time."""

    def __init__(
        self, environment: Environment, source: str, compiled: cel.Expression, tree: Tree, costs: Costs
    ) -> None:
        self.source = source
        self.type = _name_of(compiled.return_type())
        nodes = list(expression_tree.walk(tree.root))
        self.reads = frozenset(name.name for name in expression_tree.free_names(tree.root)) & environment.names
        self.properties = frozenset(field for node in nodes if (field := _field_of(node, environment)))
        self.has_macros = any(isinstance(node, expression_tree.Comprehension) for node in nodes)
        self.is_measured = (
            costs.work(expression_costs.LARGEST, expression_costs.LARGEST) > expression_costs.WORK_ALLOWED
        )
        self._compiled = compiled
        self._costs = costs

    def holds(self, values: Values) -> bool:
        """Whether the condition is true. Raises EvaluationError."""
        result = self._result(values)
        if result is True or result is False:
            return result
        raise EvaluationError(f"The result must be a bool, not {_kind_of(result)}.")

    def number(self, values: Values) -> int:
        """The amount, rounded down. Raises EvaluationError, also for a number beyond ±(2^53 − 1)."""
        result = self._result(values)
        if isinstance(result, bool) or not isinstance(result, (int, float)):
            raise EvaluationError(f"The result must be a number, not {_kind_of(result)}.")
        if not math.isfinite(result):
            raise EvaluationError(f"The result must be a finite number, not {result}.")
        number = math.floor(result)
        if abs(number) > LARGEST_NUMBER:
            raise EvaluationError("The result is beyond 9007199254740991, the largest number of points.")
        return number

    def _result(self, values: Values) -> Any:
        if self.is_measured and self._work(values) > expression_costs.WORK_ALLOWED:
            raise EvaluationError("The values are too large for this expression: it would take too long.")
        return evaluated(self._compiled, values)

    def _work(self, values: Values) -> float:
        return self._costs.work(values.sizes(self.reads), values.sizes(self._costs.ranged))


class Conditions:
    """Conditions that are evaluated together, such as those of all rules for one event, which is several times faster.

    None stands for the absence of a condition, which always holds. Conditions without macros are evaluated as one list;
    if one of them fails, the conditions of the list are evaluated one by one. Raises ExpressionError for a source that
    is not a condition."""

    def __init__(self, expressions: "Expressions", sources: Sequence[str | None]) -> None:
        self._running = expressions.environment.running
        self._conditions = {
            place: expressions.condition(source) for place, source in enumerate(sources) if source is not None
        }
        self._open: list[bool | EvaluationError] = [True] * len(sources)

    def outcomes(self, values: Values) -> list[bool | EvaluationError]:
        """The results of the conditions, in the order of their sources."""
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
        """Lists of conditions: the positions of the conditions, and one expression that evaluates all of them."""
        plain = [
            place
            for place, condition in self._conditions.items()
            if not (condition.has_macros or condition.is_measured)
        ]
        chunks = [plain[start : start + COMBINED] for start in range(0, len(plain), COMBINED)]
        found = []
        for places in chunks:
            # each on a separate line, since a condition may end in a comment
            source = ",".join(f"({self._conditions[place].source}\n)" for place in places)
            try:
                found.append((places, self._running.compile(f"[{source}]")))
            except RuntimeError:
                continue  # too deeply nested for the parser inside a list
        return found


class Expressions:
    """The expressions of one game, which read its `variables`. The variables in `of_first` come from a command's first
    fact; the variables in `changing` change with facts. Compiled expressions are cached for all users of the game."""

    def __init__(
        self, variables: Mapping[str, Type], of_first: Collection[str] = (), changing: Collection[str] = ()
    ) -> None:
        self.environment = Environment(variables)
        self.nothing_known = Values(self.environment, {})
        """The values for expressions that read no variable."""
        self._of_first = frozenset(of_first)
        self._changing = frozenset(changing)
        self.condition: Callable[[str], Expression] = lru_cache(COMPILED_KEPT)(self._condition)
        """A compiled condition. Raises ExpressionError."""
        self.amount: Callable[[str], Expression] = lru_cache(COMPILED_KEPT)(self._amount)
        """A compiled amount. Raises ExpressionError."""
        self.criterion: Callable[[str], Expression] = lru_cache(COMPILED_KEPT)(self._criterion)
        """A compiled condition that reads the participant and the time, but no event. Raises ExpressionError."""

    def values(self, known: Mapping[str, Any]) -> Values:
        """`known` are the values by dotted name; variables that no expression reads may be missing."""
        return Values(self.environment, known)

    def _condition(self, source: str) -> Expression:
        return self._compiled(source, ("bool", "dyn"), "A condition must be a bool")

    def _amount(self, source: str) -> Expression:
        return self._compiled(source, ("int", "double", "dyn"), "An amount must be an int or a double")

    def _criterion(self, source: str) -> Expression:
        expression = self._compiled(source, ("bool", "dyn"), "A criterion must be a bool")
        of_event = expression.reads & self._of_first
        if of_event:
            tree = expression_tree.read(expression._compiled.serialize())
            node = next(n for n in expression_tree.walk(tree.root) if isinstance(n, Name) and n.name in of_event)
            raise _error_at(
                source,
                tree,
                node,
                f"A criterion can read participant.* and now, but not {node.name}; use a rule instead.",
            )
        if not expression.reads & self._changing:
            raise ExpressionError("A criterion must read a value that changes, not only now and participant.id.")
        return expression

    def _compiled(self, source: str, types: tuple[str, ...], demand: str) -> Expression:
        _check_text(source, demand)
        environment = self.environment
        try:
            compiled = environment.written.compile(source)
        except (RuntimeError, ValueError) as error:
            raise _compiler_error(str(error)) from None
        tree = expression_tree.read(compiled.serialize())
        type_name = _name_of(compiled.return_type())
        if type_name not in types:
            raise _error_at(source, tree, tree.root, f"{demand}, not {type_name}.")
        try:
            expression_costs.check(tree)
            costs = expression_costs.costs(tree, environment.of_varying_size)
            for node in expression_tree.walk(tree.root):
                _check_constant(node)
        except expression_costs.DisallowedError as refused:
            raise _error_at(source, tree, refused.node, f"Not allowed: {refused}.") from None
        exact = _with_exact_times(source, tree)
        running = compiled if exact == source else environment.running.compile(exact)
        return Expression(environment, exact, running, tree, costs)


WITHOUT_VARIABLES = Expressions({})
"""The expressions that belong to no game, and read no variable but `now`."""


def _check_text(source: str, demand: str) -> None:
    """Raises ExpressionError for a text that cannot be an expression."""
    if len(source) > expression_costs.LONGEST_SOURCE:
        raise ExpressionError(
            f"An expression may have up to {expression_costs.LONGEST_SOURCE:,} characters; use several rules instead."
        )
    if not source.strip():
        raise ExpressionError(f"{demand}, not empty.")
    if any("\ud800" <= character <= "\udfff" for character in source):
        raise ExpressionError("An expression must be valid Unicode; it has half of a surrogate pair.")


def _with_exact_times(source: str, tree: Tree) -> str:
    """The source with EXACT_TIMESTAMP in place of TIMESTAMP."""
    # The position of a call is that of its bracket.
    for node in expression_tree.walk(tree.root):
        if not isinstance(node, Call) or node.function != TIMESTAMP:
            continue
        before = source[: tree.positions.get(node.id, 0)]
        name = before.rstrip()
        if not name.endswith(TIMESTAMP):
            # A macro may contain the same call twice.
            if name.endswith(EXACT_TIMESTAMP):
                continue
            raise _error_at(source, tree, node, "Write the bracket right after timestamp, without a comment.")
        start = len(name) - len(TIMESTAMP)
        source = source[:start] + EXACT_TIMESTAMP + source[start + len(TIMESTAMP) :]
    return source


def _check_constant(node: Node) -> None:
    """Refuses an invalid constant pattern or time zone, which the library would find only at run time."""
    if not isinstance(node, Call) or len(node.arguments) < 2 or not isinstance(text := node.arguments[1], Constant):
        return
    trial = _TRIAL_OF_PATTERN if node.function == "matches" else _TRIAL_OF_ZONE
    if node.function != "matches" and node.function not in expression_costs.ZONED:
        return
    try:
        evaluated(trial, Values(_TRIAL, {"text": text.text, NOW: datetime(2000, 1, 1, tzinfo=UTC)}))
    except EvaluationError as error:
        raise expression_costs.DisallowedError(node, f"{text.text!r}: {error}") from None


def _compiler_error(text: str) -> ExpressionError:
    found = _FIRST_ERROR.search(text)
    if found is None:
        return ExpressionError(wording.plain(" ".join(STATUS.sub("", text).split())))
    line, column, message = found.groups()
    return ExpressionError(wording.plain(STATUS.sub("", message)), max(int(line), 1), max(int(column), 1))


def _error_at(source: str, tree: Tree, node: Node, message: str) -> ExpressionError:
    before = source[: tree.positions.get(node.id, 0)]
    return ExpressionError(message, before.count("\n") + 1, len(before) - before.rfind("\n"))


def _list_of(combined: cel.Expression, values: Values) -> list[bool | EvaluationError]:
    """The results of a list of conditions. Empty if one of them fails."""
    try:
        results = combined.eval(values.activation).plain_value()
    except Exception:  # they are then evaluated one by one, and each failure gets its own message
        return []
    return results if isinstance(results, list) and set(map(type, results)) == {bool} else []


def _outcome(condition: Expression, values: Values) -> bool | EvaluationError:
    try:
        return condition.holds(values)
    except EvaluationError as error:
        return error


def _field_of(node: Node, environment: Environment) -> str | None:
    match node:
        case Select(operand=Name(name=variable), field=field) if variable in environment.with_free_fields:
            return f"{variable}.{field}"
        case Call(function="_[_]", arguments=(Name(name=variable), Constant(text=str(field)))) if (
            variable in environment.with_free_fields
        ):
            return f"{variable}.{field}"
    return None


def _name_of(type_: cel.Type) -> str:
    return str(type_.name()).lower()


def _kind_of(value: object) -> str:
    names = {type(None): "null", bool: "a bool", int: "an int", float: "a double", str: "a string", list: "a list"}
    return names.get(type(value), "a map" if isinstance(value, dict) else "another type")
