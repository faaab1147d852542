"""The output and the questions of `laurels plan` and `laurels apply`."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from laurels.cli.options import composition
from laurels.config import already_reached
from laurels.config import plan as configuration
from laurels.config.plan import Change, FieldChange, Files, Past, Plan, place
from laurels.engine.engine import Engine
from laurels.engine.settings import EngineSettings
from laurels.office import judging_job as job
from laurels.settings import Settings
from laurels.storage import judgings
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.postgres.database import Connection, connect_job, connect_one

Choose = Callable[[Change, int], Past]
"""Chooses the effect of a change on the participants who have already reached it. The second argument is their
number."""

SHOWN_CHARACTERS = 60
WAIT_SECONDS = 0.2

_SIGNS = {
    "create": "[green]+[/green]",
    "restore": "[green]+[/green]",
    "change": "[yellow]~[/yellow]",
    "delete": "[red]-[/red]",
}


class PreparedPlan:
    """A plan, with the number of participants who have already reached each change."""

    def __init__(self, plan: Plan, reached: Counter[str]) -> None:
        self.plan = plan
        self._reached = reached

    def reached(self, change: Change) -> int:
        return self._reached[change.definition_id]

    @property
    def is_empty(self) -> bool:
        return not self.plan.changes


def prepare(url: str, project_id: int, files: Files) -> PreparedPlan:
    """The plan for the files. Raises DefinitionsFileError."""
    return asyncio.run(_prepare(url, project_id, files))


def show(prepared: PreparedPlan) -> None:
    console = Console(highlight=False, soft_wrap=True)
    plan = prepared.plan
    for change in plan.changes:
        console.print(f"{_SIGNS[change.action]} {escape(place(change))}")
        if change.action == "restore":
            console.print(f"    {_restored(change)}")
        if change.action in ("change", "restore"):
            for field in change.fields:
                console.print(f"    {_difference(field)}")
        if change.holders and change.action != "restore":
            console.print(f"    {composition().tables.kept_states[change.kind].shown}: {change.holders:,}")
        if reached := prepared.reached(change):
            console.print(f"    participants who have already reached it: {reached:,}")
    if plan.drift:
        names = ", ".join(map(escape, plan.drift))
        console.print(f"[red]Edited by other means since the last apply; this would overwrite the edits:[/red] {names}")
    for warning in plan.warnings:
        console.print(f"[yellow]Warning:[/yellow] {escape(warning)}")
    console.print(_summary(plan))


def apply(url: str, project_id: int, files: Files, prepared: PreparedPlan, choose: Choose) -> None:
    """Applies the plan. Raises ConfigurationChangedError and DefinitionsFileError; nothing is changed then."""
    past: dict[str, Past] = {
        place(change): choose(change, prepared.reached(change))
        for change in prepared.plan.changes
        if prepared.reached(change)
    }
    asyncio.run(_apply(url, project_id, files, prepared.plan, past))


async def _prepare(url: str, project_id: int, files: Files) -> PreparedPlan:
    connection = await connect_one(url)
    try:
        plan = await configuration.plan(connection, composition().tables, project_id, files, composition().resources)
        reached: Counter[str] = Counter()
        ids = [change.definition_id for change in plan.judged_anew]
        if ids:
            total = await judgings.participants(connection, project_id)
            with _bar("checking participants") as bar:
                task = bar.add_task("", total=total)
                async for judged, reached_so_far in already_reached.count(
                    connection, composition().tables, project_id, plan.draft, ids
                ):
                    bar.update(task, completed=judged)
                    reached = reached_so_far
        return PreparedPlan(plan, reached)
    finally:
        await connection.close()


async def _apply(url: str, project_id: int, files: Files, plan: Plan, past: dict[str, Past]) -> None:
    connection = await connect_one(url)
    try:
        judging_ids = await configuration.apply(
            connection, composition().tables, project_id, files, composition().resources, plan, past
        )
        if judging_ids:
            total = await judgings.participants(connection, project_id) * len(judging_ids)
            with _bar("judging participants") as bar:
                await _judge(url, connection, judging_ids, bar, total)
    finally:
        await connection.close()


async def _judge(url: str, connection: Connection, judging_ids: list[str], bar: Progress, total: int) -> None:
    """Judges participants, or waits while a server does. If this is interrupted, the servers do the rest."""
    task = bar.add_task("", total=total)
    engine = Engine(
        url, DefinitionsCache(composition().tables), EngineSettings(on_citus=Settings.from_environment().citus)
    )
    engine.start()
    working = await connect_job(url)
    try:
        while True:
            judged, is_done = await judgings.judged(connection, judging_ids)
            bar.update(task, completed=judged)
            if is_done:
                return
            if not await job.step(working, engine):
                await asyncio.sleep(WAIT_SECONDS)
    finally:
        await working.close()
        await engine.drain()


def _bar(activity: str) -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn(f"{activity}: {{task.completed:,.0f}} of {{task.total:,.0f}}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def _restored(change: Change) -> str:
    """A line such as "restore; participants who have earned it: 12"."""
    shown = composition().tables.kept_states[change.kind].shown
    return f"restore; {shown}" if change.holders is None else f"restore; {shown}: {change.holders:,}"


def _difference(field: FieldChange) -> str:
    if field.before is None:
        return f"{escape(field.path)}: {_value(field.after)}"
    after = "(nothing)" if field.after is None else _value(field.after)
    return f"{escape(field.path)}: {_value(field.before)} → {after}"


def _value(value: Any) -> str:
    text = {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    return escape(text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1]}…")


def _summary(plan: Plan) -> str:
    if not plan.changes:
        return "Nothing to change."
    counts = Counter(change.action for change in plan.changes)
    to_restore = f"{counts['restore']} to restore, " if counts["restore"] else ""
    return f"{counts['create']} to create, {to_restore}{counts['change']} to change, {counts['delete']} to delete."
