"""What `laurels simulate` shows: a progress bar, then tables of what would differ."""

import asyncio
import os

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from laurels.cli.options import composition
from laurels.config import simulation
from laurels.config.simulation import NICENESS, Job, SimulationResult
from laurels.kernel.tally import Approximation
from laurels.storage.postgres.database import connect_one

_APPROXIMATIONS: dict[Approximation, str] = {
    "profiles": "attributes or time zones have changed meanwhile, and the present ones were read",
    "rewards": "rewards were claimed of which there is a limited number, here without it",
    "limits_in_total": "several participants met a limit in total, here one after another",
    "older_facts": "facts of older versions leave open what was asked for",
}


def run(job: Job) -> SimulationResult:
    """Simulates with a bar on the terminal. Raises what simulation.draft_of raises."""
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
            f"{result.forgotten_events:,} events could not be decided again, as the project no longer keeps their "
            "content: they and what they set off are taken as they were."
        )
    console.print(_definitions(result))
    if result.tier_changes:
        console.print(_tier_changes(result))
    else:
        console.print("Nobody would be in another tier.")


async def _simulated(job: Job, bar: Progress) -> SimulationResult:
    connection = await connect_one(job.database_url)
    task = bar.add_task("", total=1, events=0)
    try:
        drafted = await simulation.drafted(connection, composition().tables, job)
        async for line in simulation.simulate(connection, job, drafted):
            if isinstance(line.progress, simulation.SimulationProgress):
                told = line.progress
                bar.update(task, total=told.participants, completed=told.participants_done, events=told.events_done)
            if isinstance(line.result, SimulationResult):
                return line.result
    finally:
        await connection.close()
    raise AssertionError("a simulation ends with its result")


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
    table = Table("tier now", "with the draft", "participants", "such as", box=None)
    for change in result.tier_changes:
        examples = ", ".join(change.examples[:3])
        table.add_row(change.live_tier or "none", change.draft_tier or "none", f"{change.participants:,}", examples)
    return table
