"""The checked syntax tree of a CEL expression, read from its serialized form.

A compiled expression serializes to a protocol buffer: google.protobuf.Any around cel.expr.CheckedExpr, as published in
the CEL specification (cel/expr/checked.proto and syntax.proto). The field numbers below come from these files. In the
wire format of protocol buffers a message is a sequence of (tag, value) pairs, and a tag is the field's number and the
encoding of its value. Only the fields needed here are read. Unknown fields are skipped, as the format demands.
"""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

Fields = dict[int, list[Any]]
"""The fields of a message by their numbers."""


class Constant(Struct, frozen=True):
    id: int
    text: str | None  # None unless it is a string


class Name(Struct, frozen=True):
    """A declared variable with its dotted name, a macro's variable or a type."""

    id: int
    name: str


class Select(Struct, frozen=True):
    """`operand.field` and `has(operand.field)`."""

    id: int
    operand: "Node"
    field: str


class Call(Struct, frozen=True):
    """The call of a function or an operator. A method's target is the first argument."""

    id: int
    function: str
    arguments: "tuple[Node, ...]"


class ListLiteral(Struct, frozen=True):
    id: int
    elements: "tuple[Node, ...]"


class MapLiteral(Struct, frozen=True):
    """`{key: value}`, keys and values alternating. With a `message` it builds a protocol buffer."""

    id: int
    message: str
    items: "tuple[Node, ...]"


class Comprehension(Struct, frozen=True):
    """An expanded macro: a loop over `elements`. The `accumulator` starts as `start` and becomes `step` after each
    element, while `condition` holds."""

    id: int
    variable: str
    elements: "Node"
    accumulator: str
    start: "Node"
    condition: "Node"
    step: "Node"
    result: "Node"


Node = Constant | Name | Select | Call | ListLiteral | MapLiteral | Comprehension


class Tree(Struct, frozen=True):
    """A syntax tree. `positions` are the first positions of its nodes in the source, in code points from 0."""

    root: Node
    positions: dict[int, int]


def read(serialized: bytes) -> Tree:
    """The tree in the output of cel_expr_python's `Expression.serialize()`."""
    checked = _fields(_message(_fields(serialized), 2))
    references = dict(_reference(entry) for entry in checked.get(2, []))
    source = _fields(_message(checked, 5))
    positions = dict(_position(entry) for entry in source.get(4, []))
    return Tree(_node(_message(checked, 4), references), positions)


def children(node: Node) -> tuple[Node, ...]:
    match node:
        case Select(operand=operand):
            return (operand,)
        case Call(arguments=nodes) | ListLiteral(elements=nodes) | MapLiteral(items=nodes):
            return nodes
        case Comprehension():
            return node.elements, node.start, node.condition, node.step, node.result
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and all nodes below it, parents first, from left to right."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        waiting.extend(reversed(children(found)))


def free_names(node: Node, bound: frozenset[str] = frozenset()) -> Iterator[Name]:
    """The names that are not bound by a macro around them; a macro's variable may be called `now`."""
    if isinstance(node, Name) and node.name not in bound:
        yield node
    if not isinstance(node, Comprehension):
        for child in children(node):
            yield from free_names(child, bound)
        return
    inner = bound | {node.variable, node.accumulator}
    for outside in (node.elements, node.start):
        yield from free_names(outside, bound)
    for inside in (node.condition, node.step, node.result):
        yield from free_names(inside, inner)


def _reference(entry: bytes) -> tuple[int, str]:
    fields = _fields(entry)
    return _number(fields, 1), _text(_fields(_message(fields, 2)), 1)


def _position(entry: bytes) -> tuple[int, int]:
    fields = _fields(entry)
    return _number(fields, 1), _number(fields, 2)


def _node(message: bytes, references: dict[int, str]) -> Node:
    fields = _fields(message)
    number = _number(fields, 2)
    reference = references.get(number, "")
    if 4 in fields or (5 in fields and reference):
        # `participant.balance` is encoded as a select; its reference shows that it names one variable
        return Name(number, reference or _text(_fields(_message(fields, 4)), 1))

    def nodes(part: Fields, key: int) -> tuple[Node, ...]:
        return tuple(_node(value, references) for value in part.get(key, []))

    def node(part: Fields, key: int) -> Node:
        return _node(_message(part, key), references)

    if 5 in fields:
        part = _fields(_message(fields, 5))
        return Select(number, node(part, 1), _text(part, 2))
    if 6 in fields:
        part = _fields(_message(fields, 6))
        return Call(number, _text(part, 2), nodes(part, 1) + nodes(part, 3))
    if 7 in fields:
        return ListLiteral(number, nodes(_fields(_message(fields, 7)), 1))
    if 8 in fields:
        part = _fields(_message(fields, 8))
        entries = [_fields(entry) for entry in part.get(2, [])]
        return MapLiteral(
            number, _text(part, 1), tuple(item for entry in entries for item in nodes(entry, 3) + nodes(entry, 4))
        )
    if 9 in fields:
        part = _fields(_message(fields, 9))
        return Comprehension(
            number, _text(part, 1), node(part, 2), _text(part, 3), node(part, 4), node(part, 5), node(part, 6),
            node(part, 7),
        )  # fmt: skip
    constant = _fields(_message(fields, 3))
    return Constant(number, _text(constant, 6) if 6 in constant else None)


def _message(fields: Fields, key: int) -> bytes:
    """The message in a field. A missing field counts as an empty message."""
    value: bytes = fields[key][-1] if key in fields else b""
    return value


def _number(fields: Fields, key: int) -> int:
    value: int = fields[key][-1] if key in fields else 0
    return value


def _text(fields: Fields, key: int) -> str:
    return _message(fields, key).decode()


def _fields(message: bytes) -> Fields:
    """The values of each field: int for a number, bytes for everything else."""
    fields: Fields = {}
    place = 0
    while place < len(message):
        tag, place = _variable_length(message, place)
        value: int | bytes
        match tag & 7:
            case 0:
                value, place = _variable_length(message, place)
            case 1:
                value, place = message[place : place + 8], place + 8
            case 2:
                length, place = _variable_length(message, place)
                value, place = message[place : place + length], place + length
            case 5:
                value, place = message[place : place + 4], place + 4
            case kind:
                raise ValueError(f"a field of unknown kind {kind}")
        fields.setdefault(tag >> 3, []).append(value)
    return fields


def _variable_length(message: bytes, place: int) -> tuple[int, int]:
    """A number in groups of 7 bits, lowest group first, and the position after it."""
    number = shift = 0
    while True:
        byte = message[place]
        number |= (byte & 0x7F) << shift
        place += 1
        shift += 7
        if byte < 0x80:
            return number, place
