"""The language of definitions: what admins may write of each kind, what is checked, and what the game makes of it.

Pure. Files, the API and drafts read the same bodies.
"""
