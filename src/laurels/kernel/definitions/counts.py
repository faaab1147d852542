"""How many definitions of a kind a project may have: all of them are in the memory of every worker."""

from laurels.kernel.model import Definitions

PRESENT_LIMIT = 1_000
"""Of each kind, those that are not deleted."""
ALL_LIMIT = 5_000
"""Of each kind, deleted ones included: histories name them, and a code that comes back is the old definition."""


def too_many(kind: str, before: Definitions, after: Definitions) -> str | None:
    """A sentence without its stop where an edit makes more of them than there may be. A project that has more from
    before this bound keeps them."""
    words = f"{kind.replace('_', ' ')}s"
    present, were_present = (len(getattr(each, f"{kind}s_by_code")) for each in (after, before))
    if present > max(PRESENT_LIMIT, were_present):
        return f"A project has {PRESENT_LIMIT} {words} at most: delete those that are not needed"
    in_all, were_in_all = (len(getattr(each, f"{kind}s")) for each in (after, before))
    if in_all > max(ALL_LIMIT, were_in_all):
        return f"A project has {ALL_LIMIT} {words} at most, deleted ones included: restore one, or use its code again"
    return None
