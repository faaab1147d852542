"""Authentication: the API keys in a worker's memory, their scopes and limits, and the workers that share the limits."""
