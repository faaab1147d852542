"""SQL about the order of a ranking: values of (score, tie_1, tie_2, tie_3), greater first."""

VALUE = ("score", "tie_1", "tie_2", "tie_3")
LOW = ("low", "low_1", "low_2", "low_3")
"""The least value of a leaf or a part."""
PLACE = (*LOW, "is_tie")
"""The order of leaves: that of one value comes after a range from this value on, which has become empty."""

BELOW_ALL = (-(2**63), 0, 0, 0)
"""Below every value."""

ABOVE_ALL = (2**63 - 1, 0, 0, 0)
"""Above every value."""


def row(columns: tuple[str, ...], table: str = "") -> str:
    """A value to compare: `(t.score, t.tie_1, …)`."""
    prefix = f"{table}." if table else ""
    return f"({', '.join(prefix + column for column in columns)})"


def listed(columns: tuple[str, ...], table: str = "") -> str:
    """The columns, to select."""
    return row(columns, table)[1:-1]


def ordered(columns: tuple[str, ...], direction: str, table: str = "") -> str:
    """The columns, to order by."""
    prefix = f"{table}." if table else ""
    return ", ".join(f"{prefix}{column} {direction}" for column in columns)


def number(value: tuple[int, ...]) -> str:
    """A value that is known, as one to compare."""
    return f"({', '.join(f'({part})::bigint' for part in value)})"
