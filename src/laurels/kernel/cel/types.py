"""The types of variables, by which expressions over them are checked."""

from cel_expr_python import cel

Type = cel.Type

NUMBER = cel.Type.INT
TEXT = cel.Type.STRING
TIME = cel.Type.TIMESTAMP
TEXTS = cel.Type.List(cel.Type.STRING)
NUMBERS = cel.Type.Map(cel.Type.STRING, cel.Type.INT)
"""By names."""
FREE_FIELDS = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
"""What an application keeps as it wants, by names."""

OF_FIXED_SIZE = (NUMBER, TIME)
