"""Explaining the consequences of a command."""
