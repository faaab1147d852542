"""The maximum number of definitions of a kind per project, as every worker holds all of them in memory."""

from laurels.kernel.definition import Definitions
from laurels.kernel.definitions.body import Kind

PRESENT_LIMIT = 1_000
"""Per kind, without deleted definitions."""
ALL_LIMIT = 5_000
"""Per kind, including deleted definitions: histories refer to them, and creating one with the same code restores it."""


def too_many(kind: Kind, before: Definitions, after: Definitions) -> str | None:
    """The problem, as a sentence without its full stop, if an edit exceeds a limit. A project that had more definitions
    before the limits were introduced keeps them."""
    plural = f"{kind.title}s"
    present, present_before = (len(each[kind.definition].by_code) for each in (after, before))
    if present > max(PRESENT_LIMIT, present_before):
        return f"A project can have up to {PRESENT_LIMIT} {plural}: delete unused ones first"
    total, total_before = (len(each[kind.definition].by_id) for each in (after, before))
    if total > max(ALL_LIMIT, total_before):
        return f"A project can have up to {ALL_LIMIT} {plural}, including deleted ones: restore one, or reuse its code"
    return None
