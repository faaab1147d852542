"""Encoding arrays for PostgreSQL at less cost.

For each element of an array, asyncpg asks two abstract base classes of `collections.abc` whether the element is an
array itself. That takes 0.1 µs per element, a third of the CPU time of a statement with six arrays of 100 elements. A
comparison of types is quicker, and has the same result for the arrays that Laurels passes.
"""

from collections.abc import Mapping

from asyncpg.protocol import protocol

_ARRAYS: tuple[type, ...] = (list, tuple, set, frozenset, type({}.keys()), type({}.values()))

_REPLACED: Mapping[str, type | tuple[type, ...]] = {"SizedABC": _ARRAYS, "IterableABC": _ARRAYS, "MappingABC": dict}
"""By their names in the driver. A release without these names makes tests/test_arrays.py fail."""


def compare_types() -> None:
    """Makes the driver compare types, for all connections of the process."""
    for name, types in _REPLACED.items():
        if hasattr(protocol, name):
            setattr(protocol, name, types)
