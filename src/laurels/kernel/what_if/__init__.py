"""Deciding the past again with other definitions, for simulations."""
