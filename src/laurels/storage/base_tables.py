"""The tables that belong to no mechanic."""

from laurels.storage.checking import invariants
from laurels.storage.tables import PeopleTable, Tables

BASE = Tables(
    invariants=(invariants.ACCOUNTS, invariants.KEYS),
    people=(
        PeopleTable(name="participant", section="participant"),
        # Every batch looks at its accounts' locks anyway.
        PeopleTable(name="account", section="account", is_searched_for_locks=False),
    ),
    by_lane=("journal", "idempotency", "erased_id", "erased_key", "erasure"),
    everywhere=("project", "definition", "definition_history"),
    in_one_place=("api_key", "key_use", "judging", "worker", "audit_log", "erasure_secret"),
)
"""What people have in the journal and as idempotency keys may be much: it is exported and erased in steps."""
