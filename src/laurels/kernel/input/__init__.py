"""What callers send, in bodies, files and settings: the types of fields, and what is wrong with a value in words."""
