"""What a mechanic adds to the game itself: all of it pure."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Play:
    """Commands, facts, state, reactions, actions and variables of one mechanic."""
