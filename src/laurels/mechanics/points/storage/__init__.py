"""The tables of points: loading and saving under locks, reading and checks."""
