"""Tables that commands print."""

import sys
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table


def print_table(table: "Table") -> None:
    """Prints the table. Ids are never cut, so that they can be copied. Without a terminal, each row is on one line."""
    from rich.console import Console

    for column in table.columns:
        column.no_wrap = True
        column.overflow = "ignore"
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def minute(moment: datetime | None) -> str:
    """The moment to the minute; empty for None."""
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""
