"""The tables of rules. What their limits have counted is storage's, as caps count there, too."""

from laurels.storage.tables import Kept, Tables

TABLES = Tables(kept=(Kept(kind="rule", shown="its limits go on"),))
