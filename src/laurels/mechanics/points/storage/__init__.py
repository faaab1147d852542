"""The tables of points: loading and saving under lock, reading, and checking."""
