"""Who a caller is: API keys as a worker knows them, their scopes and limits, and the workers that share these."""
