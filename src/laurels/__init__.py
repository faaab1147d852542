"""Laurels: a self-hosted gamification server."""

__version__ = "0.1.0"
