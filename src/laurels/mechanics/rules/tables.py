"""The tables of rules. The counts of their limits belong to storage, as earning caps count there as well."""

from laurels.storage.tables import KeptState, Tables

TABLES = Tables(kept_states=(KeptState(kind="rule", shown="its limits keep their counts"),))
