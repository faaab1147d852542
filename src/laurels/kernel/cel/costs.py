"""The cost limits of expressions: costly ones are refused when saved, or stopped before they run.

1. An expression whose cost is unbounded, or high for any values, is refused when saved: see `check`.
2. For all other expressions `costs` derives a formula from the tree: the cost by the sizes of the values read. An
   expression whose cost for the LARGEST values stays within WORK_ALLOWED runs unmeasured. Nearly all of them do.
3. The remaining expressions have their values measured before each run, and do not run if the cost is too high.

CEL's evaluation cannot be interrupted, and its own budget (10,000 iterations of all macros together) does not limit the
cost of one iteration: comparing two long lists, searching a long text, compiling a pattern again, or copying the list
that `map` and `filter` have built so far. The weights are chosen so that a unit of work takes at most 25 ns.
WORK_ALLOWED is then 15 ms, which leaves time for measuring, and for slow and busy machines.

Within a macro, values from its own element cost less than values from elsewhere: over all iterations together, the
elements are as large as the list.
"""

import math
from typing import Any

from msgspec import Struct

from laurels.kernel.cel.tree import (
    Call,
    Comprehension,
    Constant,
    ListLiteral,
    MapLiteral,
    Name,
    Node,
    Select,
    Tree,
    children,
    walk,
)

LONGEST_SOURCE = 2_000
PARTS = 700
LONGEST_PATTERN = 200
MACROS = 8
MACRO_LEVELS = 3
ITERATIONS = 10_000  # CEL's own budget for one evaluation
PATTERN_WEIGHT = 200
WORK_ALLOWED = 600_000
CHARACTERS_A_UNIT = 8

ZONED = frozenset(
    {
        "getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear",
        "getHours", "getMinutes", "getSeconds", "getMilliseconds",
    }
)  # fmt: skip
OPERATORS_OF_FIXED_SIZE = frozenset(
    {"_&&_", "_||_", "!_", "@not_strictly_false", "_-_", "_*_", "_/_", "_%_", "-_", "type"}
)
COMPARISONS = frozenset({"_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "startsWith", "endsWith"})
CONVERSIONS = frozenset({"string", "bytes", "int", "uint", "double", "bool", "timestamp", "duration"})
CONVERSIONS_TO_TEXT = frozenset({"string", "bytes"})


class DisallowedError(Exception):
    """The reason why an expression is not accepted, and the node concerned."""

    def __init__(self, node: Node, message: str) -> None:
        super().__init__(message)
        self.node = node


class Sizes(Struct, frozen=True):
    """The sizes of the values that an expression reads: the count of their numbers, texts, lists and maps, the count of
    their characters, the length of the longest list or map and the length of the longest text."""

    values: int = 0
    characters: int = 0
    longest: int = 0
    longest_text: int = 0


# 64 KiB of JSON as a list of digits and as one text, each twice: the event's properties and a participant's attributes
LARGEST = Sizes(values=80_000, characters=140_000, longest=ITERATIONS, longest_text=66_000)


class Extent(Struct, frozen=True):
    """An upper bound of a value's size: `whole` times all values read, plus `part` times the macro's element."""

    whole: int = 0
    part: int = 0

    def __add__(self, other: "Extent") -> "Extent":
        return Extent(self.whole + other.whole, self.part + other.part)

    def or_larger(self, other: "Extent") -> "Extent":
        return Extent(max(self.whole, other.whole), max(self.part, other.part))

    def or_smaller(self, other: "Extent") -> "Extent":
        return min(self, other, key=lambda extent: (extent.whole, extent.part))


NOTHING = Extent()
ALL = Extent(whole=1)
ELEMENT = Extent(part=1)


class Term(Struct, frozen=True):
    """One summand of the cost: `weight` × the iterations of `level` nested macros × the size named by `of`: "once" (1),
    "values", "text" (the longest), "list" (the longest) or "pair" (the longest text, squared)."""

    weight: float
    level: int
    of: str


class Costs(Struct, frozen=True):
    """The cost formula of an expression. `ranged`: the variables whose lists and maps macros iterate over; `copies`: an
    upper bound of the times that a macro's range contains the longest of them; `longest_literal`: the number of
    elements of the longest list in the source."""

    terms: tuple[Term, ...]
    ranged: frozenset[str]
    copies: int
    longest_literal: int

    def work(self, read: Sizes, ranged: Sizes) -> float:
        """The most units of work, by the sizes of all variables read and of the ranged ones among them."""
        longest = max(ranged.longest * self.copies, self.longest_literal)
        text = read.longest_text / CHARACTERS_A_UNIT
        size_of = {
            "once": 1.0,
            "values": read.values + read.characters / CHARACTERS_A_UNIT,
            "text": text,
            "list": float(longest),
            "pair": text * text,
        }
        return math.fsum(
            term.weight * float(min(ITERATIONS, longest**term.level)) * size_of[term.of] for term in self.terms
        )


def measured(value: Any) -> Sizes:
    """The sizes of a JSON or CEL value. A character outside ASCII counts as four, its greatest length in UTF-8."""
    values, characters, longest, longest_text = 1, 0, 0, 0
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, str):
            length = len(found) if found.isascii() else 4 * len(found)
            characters += length
            longest_text = max(longest_text, length)
        elif isinstance(found, dict):
            values += 2 * len(found)
            longest = max(longest, len(found))
            waiting.extend(found)
            waiting.extend(found.values())
        elif isinstance(found, list):
            values += len(found)
            longest = max(longest, len(found))
            waiting.extend(found)
    return Sizes(values, characters, longest, longest_text)


def together(parts: list[Sizes]) -> Sizes:
    return Sizes(
        values=sum(part.values for part in parts),
        characters=sum(part.characters for part in parts),
        longest=max((part.longest for part in parts), default=0),
        longest_text=max((part.longest_text for part in parts), default=0),
    )


def check(tree: Tree) -> None:
    """Raises DisallowedError for an expression that must not run, whatever its values."""
    nodes = list(walk(tree.root))
    if len(nodes) > PARTS:
        raise DisallowedError(tree.root, f"more than {PARTS:,} operators, names and values; use several rules instead")
    macros = [node for node in nodes if isinstance(node, Comprehension)]
    for macro in macros:
        if _levels(macro) > MACRO_LEVELS:
            raise DisallowedError(macro, f"macros nested more than {MACRO_LEVELS} levels deep; send flatter properties")
        _check_built_list(macro)
    if len(macros) > MACROS:
        raise DisallowedError(
            macros[MACROS], f"more than {MACROS} macros (all, exists, exists_one, filter, map); use two rules"
        )
    for node in nodes:
        if isinstance(node, MapLiteral) and node.message:
            raise DisallowedError(
                node, f"{node.message} cannot be built here; use plain values such as 1, 'a', [1] or timestamp('…')"
            )
        if isinstance(node, Call) and node.function == "matches":
            _check_pattern(node)


def costs(tree: Tree, sized: frozenset[str]) -> Costs:
    """The cost formula of an expression. `sized` are the variables whose size varies: texts, lists and maps. Raises
    DisallowedError for a `map` whose result could become larger than the values read."""
    builder = _Builder(sized)
    builder.extent(tree.root, {}, 0, 0)
    literals = [len(node.elements) for node in walk(tree.root) if isinstance(node, ListLiteral)]
    ranges = [node.elements for node in walk(tree.root) if isinstance(node, Comprehension)]
    ranged = frozenset(node.name for elements in ranges for node in walk(elements) if isinstance(node, Name)) & sized
    return Costs(_like_terms_added(builder.terms), ranged, builder.copies, max(literals, default=0))


def _like_terms_added(terms: list[Term]) -> tuple[Term, ...]:
    weights: dict[tuple[int, str], float] = {}
    for term in terms:
        weights[term.level, term.of] = weights.get((term.level, term.of), 0) + term.weight
    return tuple(Term(weight, level, of) for (level, of), weight in weights.items())


def pattern_weight(pattern: str) -> int:
    """The approximate number of instructions of a regular expression: one per literal, more per class, with counted
    repetitions written out."""
    levels: list[list[int]] = [[0]]
    place = 0
    while place < len(pattern):
        character = pattern[place]
        place += 1
        if character == "\\":
            place += 1
            levels[-1].append(1)
        elif character == "[":
            end = _end_of_class(pattern, place)
            levels[-1].append(3 + (end - place) // 4)
            place = end
        elif character == "(":
            levels.append([1])
        elif character == ")" and len(levels) > 1:
            group = sum(levels.pop())
            levels[-1].append(group)
        elif character == "{" and (end := pattern.find("}", place)) > 0:
            counts = [int(count) for count in pattern[place:end].split(",") if count.isdecimal()]
            levels[-1][-1] *= max(counts, default=0) + 1
            place = end + 1
        else:
            levels[-1].append(2 if character == "." else 1)  # any character: several instructions in UTF-8
    return sum(sum(level) for level in levels)


def _end_of_class(pattern: str, place: int) -> int:
    """The position after the `]` of a class whose `[` is just before `place`."""
    first = place + 1 if pattern[place : place + 1] == "^" else place
    at = first
    while at < len(pattern):
        if pattern[at] == "\\":
            at += 1
        elif pattern[at] == "[" and pattern[at + 1 : at + 2] == ":":
            at = max(at, pattern.find(":]", at) + 1)
        elif pattern[at] == "]" and at > first:
            return at + 1
        at += 1
    return at


def _check_pattern(call: Call) -> None:
    pattern = call.arguments[-1]
    if not isinstance(pattern, Constant) or pattern.text is None:
        raise DisallowedError(
            call, "the pattern of matches() must be a string constant; compare with == or contains() instead"
        )
    if len(pattern.text) > LONGEST_PATTERN:
        raise DisallowedError(
            call, f"a pattern of matches() may have up to {LONGEST_PATTERN} characters; use several matches()"
        )
    if any(text in pattern.text for text in ("\\p", "\\P")):
        raise DisallowedError(call, "a pattern of matches() cannot use \\p or \\P; name the characters, as in [a-zäöü]")
    if pattern_weight(pattern.text) > PATTERN_WEIGHT:
        raise DisallowedError(
            call,
            f"the pattern of matches() is too costly: it has more than {PATTERN_WEIGHT} parts when repetitions are "
            "written out; repeat less, or use + and * instead of {n}",
        )


def _builds_list(node: Node) -> bool:
    return isinstance(node, Comprehension) and isinstance(node.start, ListLiteral)


def _check_built_list(macro: Comprehension) -> None:
    if not _builds_list(macro):
        return
    if any(_builds_list(node) for node in walk(macro.elements)):
        raise DisallowedError(
            macro, "map and filter cannot follow one another; write map(x, condition, value), or a rule for each"
        )
    if any(_builds_list(node) for node in walk(macro.step)):
        raise DisallowedError(macro, "map and filter cannot be nested; use exists or all inside, or send the list flat")


def _levels(node: Node) -> int:
    return max(map(_levels, children(node)), default=0) + isinstance(node, Comprehension)


class _Builder:
    """Walks the tree once, innermost nodes first, and collects the terms.

    `level`: the number of macros around the node, whose iterations multiply. `element_level`: the same for values from
    the innermost macro's element, without the macros that visit each element only once in total."""

    def __init__(self, sized: frozenset[str]) -> None:
        self.sized = sized
        self.terms: list[Term] = []
        self.copies = 1

    def add(self, extent: Extent, level: int, element_level: int, weight: float = 1.0, of: str = "values") -> None:
        """Adds the work of one pass over a value of this extent."""
        if extent.whole:
            self.terms.append(Term(weight * extent.whole, level, of))
        if extent.part:
            self.terms.append(Term(weight * extent.part, element_level, "pair" if of == "pair" else "values"))

    def extent(self, node: Node, names: dict[str, Extent], level: int, element_level: int) -> Extent:
        self.terms.append(Term(1, level, "once"))
        if isinstance(node, Comprehension):
            return self.comprehension(node, names, level, element_level)
        if isinstance(node, Name):
            return names.get(node.name, ALL if node.name in self.sized else NOTHING)
        extents = [self.extent(child, names, level, element_level) for child in children(node)]
        if isinstance(node, Select):
            self.terms.append(Term(4, level, "once"))  # a missing field builds an error
            return extents[0]
        if isinstance(node, Call):
            return self.call(node, extents, level, element_level)
        return sum(extents, NOTHING)

    def call(self, call: Call, extents: list[Extent], level: int, element_level: int) -> Extent:
        def add(extent: Extent, weight: float = 1.0, of: str = "values") -> None:
            self.add(extent, level, element_level, weight, of)

        function = call.function
        if function in OPERATORS_OF_FIXED_SIZE:
            return NOTHING
        if function in COMPARISONS:
            add(extents[0].or_smaller(extents[1]), 4)
            return NOTHING
        if function == "_[_]":
            self.terms.append(Term(4, level, "once"))
            add(extents[1], of="text")  # the error quotes a missing key
            return extents[0]
        if function == "_?_:_":
            return extents[1].or_larger(extents[2])
        if function == "@in":
            add(extents[1], 2)
            self.terms.append(Term(_written_elements(call.arguments[1]), level, "once"))
            return NOTHING
        if function == "size":
            add(extents[0], of="text")
            return NOTHING
        if function == "contains":
            searched = call.arguments[1]
            if isinstance(searched, Constant):
                add(extents[0], 3 + len(searched.text or "") / 200, "text")
            else:
                add(extents[0] + extents[1], 3, "text")
                add(extents[0], 0.01, "pair")
            return NOTHING
        if function == "matches":
            weight = _weight_of(call.arguments[-1])
            self.terms.append(Term(200 + 60 * weight, level, "once"))  # CEL compiles the pattern at every use
            add(extents[0], 8 + 6 * weight, "text")
            return NOTHING
        if function in CONVERSIONS:
            # `timestamp` runs in Python and takes 2 µs; see environment.py.
            self.terms.append(Term(100 if function == "timestamp" else 8, level, "once"))
            add(extents[0], 3, "text")
            return extents[0] if function in CONVERSIONS_TO_TEXT else NOTHING
        if function in ZONED:
            is_read = len(call.arguments) > 1 and not isinstance(call.arguments[1], Constant)
            self.terms.append(Term(2_000 if is_read else 20, level, "once"))  # a new zone is read from disk
            return NOTHING
        total = sum(extents, NOTHING)
        add(total, 2)
        return total

    def comprehension(self, macro: Comprehension, names: dict[str, Extent], level: int, element_level: int) -> Extent:
        elements = self.extent(macro.elements, names, level, element_level)
        self.copies = max(self.copies, elements.whole + elements.part)
        # inside this macro, elements of the macros around it count like all other values
        around = {name: Extent(whole=extent.whole + extent.part) for name, extent in names.items()}
        inner = {**around, macro.variable: ELEMENT, macro.accumulator: NOTHING}
        inner_element_level = level if elements.whole else element_level
        self.extent(macro.start, around, level, element_level)
        self.extent(macro.condition, inner, level + 1, inner_element_level)
        built = self.extent(macro.step, inner, level + 1, inner_element_level)
        self.extent(macro.result, inner, level, element_level)
        if not _builds_list(macro):
            return NOTHING
        if built.whole:
            raise DisallowedError(macro, "map() may only use its own element; compare inside exists() or all() instead")
        self.terms.append(Term(1.2, level + 1, "list"))  # the list so far is copied for every element
        return Extent(elements.whole * built.part, elements.part * built.part)


def _written_elements(node: Node) -> int:
    """The number of elements that a search in a list literal compares one by one."""
    return len(node.elements) if isinstance(node, ListLiteral) else 0


def _weight_of(pattern: Node) -> int:
    return pattern_weight(pattern.text or "") if isinstance(pattern, Constant) else PATTERN_WEIGHT
