"""The types of variables, with which expressions are checked."""

from cel_expr_python import cel

Type = cel.Type

NUMBER = cel.Type.INT
TEXT = cel.Type.STRING
TIME = cel.Type.TIMESTAMP
TEXTS = cel.Type.List(cel.Type.STRING)
NUMBERS = cel.Type.Map(cel.Type.STRING, cel.Type.INT)
"""A map from names to whole numbers."""
FREE_FIELDS = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
"""A map from names to values of any type, such as the properties of an event."""

OF_FIXED_SIZE = (NUMBER, TIME)
