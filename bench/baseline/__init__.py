"""A hand-written handler for comparison: see app.py."""
