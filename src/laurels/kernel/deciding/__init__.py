"""A command decided: what happens, what follows from it, and what has to be loaded for it."""
