"""HTTP, thin: routes, keys, limits, errors; bytes to structs and back. No rule of the game lives here."""
