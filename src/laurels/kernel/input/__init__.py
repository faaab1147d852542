"""Input from callers, in bodies, files and settings: the types of fields, and descriptions of invalid values."""
