"""The points of one participant: commands, facts and rules."""
