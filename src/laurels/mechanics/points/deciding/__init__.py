"""Deciding the commands of points: their needs, facts and responses."""
