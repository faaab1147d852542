"""The tables that belong to no mechanic, put together."""
