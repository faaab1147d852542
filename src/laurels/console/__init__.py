"""Serves the browser console, whose source is in `console/` at the top of the repository."""
