"""Deciding a command: its facts, their consequences, and the state that has to be loaded."""
