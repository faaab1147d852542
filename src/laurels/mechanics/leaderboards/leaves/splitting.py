"""Where leaves are cut, which are merged, and how leaves are divided into parts."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

Value = tuple[int, int, int, int]
"""Score and tie values, greater is better."""


class Leaf(NamedTuple):
    """A leaf of the directory. `beside` is another that it is read as one with."""

    leaf: int
    part: int
    people: int
    is_tie: bool
    beside: int | None
    low: Value


class Cut(NamedTuple):
    """The least value of a new leaf. A tie leaf has this value alone."""

    low: Value
    is_tie: bool


def next_value(value: Value) -> Value:
    """The least value above it."""
    return *value[:3], value[3] + 1


def cuts(values: Sequence[tuple[Value, int]], aim: float, ties: float) -> list[Cut]:
    """The new leaves of a leaf that is too large, given its values with the number of people, in order. Leaves have
    about `aim` people; a value of more than `ties` people has a separate leaf."""
    found: list[Cut] = []
    people = 0
    for value, of_value in values:
        if of_value > ties:
            if found and found[-1].low == value:
                found.pop()
            found += [Cut(value, is_tie=True), Cut(next_value(value), is_tie=False)]
            people = 0
        elif people and people + of_value > aim:
            found.append(Cut(value, is_tie=False))
            people = of_value
        else:
            people += of_value
    return found


def merges(leaves: Sequence[Leaf], below: int, most: int) -> dict[int, list[int]]:
    """Small leaves that merge into the one below them, by this one. `leaves` are all of a ranking, in order. Both are
    of one part, and the lower leaf is not a tie leaf: the values above a tie are not in its range."""
    found: dict[int, list[int]] = {}
    root, people = leaves[0], leaves[0].people
    for leaf in leaves[1:]:
        is_small = leaf.people < below and people + leaf.people <= most
        if is_small and leaf.part == root.part and not root.is_tie:
            found.setdefault(root.leaf, []).append(leaf.leaf)
            people += leaf.people
        else:
            root, people = leaf, leaf.people
    return found


class Division(NamedTuple):
    """Leaves that go from one part into another one, a new one if `into` is None. `low` is that of the first leaf."""

    part: int
    into: int | None
    leaves: list[int]
    low: Value


class PartSizes(NamedTuple):
    """How many leaves a part is to have, has at most, and at least."""

    aim: int
    most: int
    least: int


def division(leaves: Sequence[Leaf], sizes: PartSizes) -> Division | None:
    """One change that brings a part to its size, or None. `leaves` are all of a ranking, in order. No part begins
    between leaves that are read as one, nor between those of one value."""
    parts: dict[int, list[Leaf]] = {}
    for leaf in leaves:
        parts.setdefault(leaf.part, []).append(leaf)
    for part, own in parts.items():
        if len(own) > sizes.most and (upper := _upper_piece(own, sizes.aim)):
            return Division(part, None, [leaf.leaf for leaf in upper], upper[0].low)
    for (lower, first), (part, own) in pairwise(parts.items()):
        if len(own) < sizes.least and len(first) + len(own) <= sizes.most:
            return Division(part, lower, [leaf.leaf for leaf in own], own[0].low)
    return None


def _upper_piece(leaves: Sequence[Leaf], size: int) -> Sequence[Leaf]:
    """The last leaves, as many as a part is to have; those below them stay together."""
    for start in range(len(leaves) - size, 0, -1):
        if leaves[start].beside is None and leaves[start - 1].low != leaves[start].low:
            return leaves[start:]
    return ()
