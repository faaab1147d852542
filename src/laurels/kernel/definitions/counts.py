"""How many definitions of a kind a project may have: all of them are in the memory of every worker."""

from laurels.kernel.definition import Definitions
from laurels.kernel.definitions.body import Kind

PRESENT_LIMIT = 1_000
"""Of each kind, those that are not deleted."""
ALL_LIMIT = 5_000
"""Of each kind, deleted ones included: histories name them, and a code that comes back is the old definition."""


def too_many(kind: Kind, before: Definitions, after: Definitions) -> str | None:
    """A sentence without its stop where an edit makes more of them than there may be. A project that has more from
    before this bound keeps them."""
    words = f"{kind.title}s"
    present, were_present = (len(each[kind.definition].by_code) for each in (after, before))
    if present > max(PRESENT_LIMIT, were_present):
        return f"A project has {PRESENT_LIMIT} {words} at most: delete those that are not needed"
    in_all, were_in_all = (len(each[kind.definition].by_id) for each in (after, before))
    if in_all > max(ALL_LIMIT, were_in_all):
        return f"A project has {ALL_LIMIT} {words} at most, deleted ones included: restore one, or use its code again"
    return None
