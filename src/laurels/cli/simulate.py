"""The output of `laurels simulate`: a progress bar, then tables with the differences."""

import asyncio
import os

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from laurels.cli.options import composition
from laurels.config import simulation
from laurels.config.simulation import NICENESS, SimulationJob, SimulationResult
from laurels.kernel.tally import Approximation
from laurels.storage.postgres.database import connect_one

_APPROXIMATIONS: dict[Approximation, str] = {
    "profiles": "attributes or time zones have changed since, and their current values were used",
    "rewards": "claims of limited rewards were simulated without the limit",
    "limits_in_total": "participants were simulated one after another, although they share a limit in total",
    "older_facts": "facts of older versions do not show the original request",
}


def run(job: SimulationJob) -> SimulationResult:
    """Simulates with a progress bar on the terminal. Raises DefinitionsFileError."""
    os.nice(NICENESS)
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.completed:,} of {task.total:,} participants, {task.fields[events]:,} events"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )
    with bar:
        return asyncio.run(_simulated(job, bar))


def show(result: SimulationResult) -> None:
    console = Console()
    console.print(
        f"{result.since:%Y-%m-%d %H:%M} to {result.until:%Y-%m-%d %H:%M} UTC: {result.participants:,} participants, "
        f"{result.commands:,} commands ({result.events:,} events) in {result.seconds:.1f} s; "
        f"{result.refused:,} of them would be refused."
    )
    console.print(
        f"Points awarded: {result.points_live.awarded:,} → {result.points_draft.awarded:,}; "
        f"deducted: {result.points_live.deducted:,} → {result.points_draft.deducted:,}."
    )
    for reason in result.approximations:
        if reason in _APPROXIMATIONS:
            console.print(f"Approximate: {_APPROXIMATIONS[reason]}.")
    if result.forgotten_events:
        console.print(
            f"{result.forgotten_events:,} events could not be decided again, because the project no longer keeps their "
            "content; their effects are taken as they were."
        )
    console.print(_definitions(result))
    if result.tier_changes:
        console.print(_tier_changes(result))
    else:
        console.print("Nobody would be in another tier.")


async def _simulated(job: SimulationJob, bar: Progress) -> SimulationResult:
    connection = await connect_one(job.database_url)
    task = bar.add_task("", total=1, events=0)
    try:
        compared = await simulation.compare(connection, composition().tables, job)
        async for line in simulation.simulate(connection, job, compared):
            if isinstance(progress := line.progress, simulation.SimulationProgress):
                bar.update(
                    task,
                    total=progress.participants,
                    completed=progress.participants_done,
                    events=progress.events_done,
                )
            if isinstance(line.result, SimulationResult):
                return line.result
    finally:
        await connection.close()
    raise AssertionError("a simulation must end with its result")


def _definitions(result: SimulationResult) -> Table:
    table = Table("definition", "fired", "limited", "failed", "points", "", box=None, title="Live → draft")
    table.columns[0].no_wrap = True
    for each in result.definitions:
        live, draft = each.live, each.draft
        state = "" if each.is_live and each.in_draft else ("new" if each.in_draft else "withdrawn")
        table.add_row(
            f"{each.kind} {each.code}",
            f"{live.fired:,} → {draft.fired:,}",
            f"{live.limited:,} → {draft.limited:,}",
            f"{live.failed:,} → {draft.failed:,}",
            f"{live.points_awarded - live.points_deducted:,} → {draft.points_awarded - draft.points_deducted:,}",
            state,
        )
    return table


def _tier_changes(result: SimulationResult) -> Table:
    table = Table("current tier", "with the draft", "participants", "examples", box=None)
    for change in result.tier_changes:
        examples = ", ".join(change.examples[:3])
        table.add_row(change.live_tier or "none", change.draft_tier or "none", f"{change.participants:,}", examples)
    return table
