"""The past decided again by other definitions."""
