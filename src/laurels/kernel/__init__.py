"""The rules of the game: pure functions of definitions, state, command, time and ids."""
