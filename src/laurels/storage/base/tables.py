"""The tables that belong to no mechanic."""

from laurels.storage import limits
from laurels.storage.checking import event_order, invariants
from laurels.storage.checking import limits as limit_checks
from laurels.storage.tables import PeopleTable, SharedRows, Tables

BASE = Tables(
    invariants=(invariants.ACCOUNTS, invariants.KEYS, event_order.ORDER),
    people=(
        PeopleTable(name="participant", section="participant"),
        # Not searched: every batch notices locked accounts when it locks them.
        PeopleTable(name="account", section="account", is_searched_for_locks=False),
    ),
    by_lane=("alarm", "lasting", "journal", "idempotency", "erased_id", "erased_key", "erasure"),
    everywhere=("project", "definition", "definition_history"),
    in_one_place=(
        "api_key",
        "key_use",
        "judging",
        "worker",
        "audit_log",
        "erasure_secret",
        "console_session",
        "outbox",
        "feed_event",
        "feed_sequencer",
        "feed_listener",
        "alarm_filling",
        "lasting_end",
        "statistic",
        "statistics_progress",
    ),
)
"""Journal rows and idempotency keys can be many per person, so they are exported and erased in steps."""

LIMITS = Tables(
    invariants=limit_checks.INVARIANTS,
    projections=limit_checks.PROJECTIONS,
    people=(
        PeopleTable(
            name="limit_use",
            section="limits",
            key=(("definition_id", "uuid"), ("window_key", "integer")),
            definition="r.definition_id",
        ),
    ),
    by_lane=("rule_total",),
    shared=SharedRows(leave=limits.leave, save=limits.save, lock=limits.load),
)
"""The counts of the limits of all mechanics."""
