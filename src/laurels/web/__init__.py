"""The HTTP layer: routes, keys, limits, errors, and the conversion between bytes and structs. It has no rule of the
game."""
