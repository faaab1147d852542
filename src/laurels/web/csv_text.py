"""Responses in CSV (RFC 4180), which are opened in spreadsheets."""

import csv
import io
from collections.abc import Iterable, Sequence

CONTENT_TYPE = b"text/csv; charset=utf-8"
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")

Cell = str | int | None


def lines(rows: Iterable[Sequence[Cell]]) -> bytes:
    """The rows as CSV. A text that a spreadsheet would take for a formula gets an apostrophe in front."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([[_safe(cell) for cell in row] for row in rows])
    return text.getvalue().encode()


def download(name: str) -> tuple[tuple[bytes, bytes], ...]:
    """The header with which a browser saves the response in a file."""
    return ((b"content-disposition", f'attachment; filename="{name}"'.encode()),)


def _safe(cell: Cell) -> Cell:
    """OWASP, CSV injection."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULAS) else cell
