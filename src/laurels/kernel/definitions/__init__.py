"""The language of definitions: the bodies of each kind, their checks, and their compilation for the game.

It is pure. Files, the API and drafts use the same bodies.
"""
