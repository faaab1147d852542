"""The command that prints the feed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from laurels.cli.options import (
    DEFAULT_DATA_DIR,
    DatabaseUrl,
    DataDir,
    ProjectCode,
    composition,
    fail,
    project_named,
    run,
)

if TYPE_CHECKING:
    from laurels.storage.feed.reading import FeedFilter
    from laurels.storage.postgres.database import Connection

PAUSE_SECONDS = 0.1
EVENTS_AT_ONCE = 1_000


@dataclass(frozen=True, kw_only=True)
class FeedOptions:
    """The options of the command."""

    follow: Annotated[
        bool, typer.Option("--follow", help="Print new events as they happen, until you interrupt the command.")
    ] = False
    types: Annotated[str, typer.Option(help="Only events of these types, separated by commas.")] = ""
    participant: Annotated[str, typer.Option(help="Only events of the participant with this id.")] = ""
    project: ProjectCode = "default"
    data_dir: DataDir = DEFAULT_DATA_DIR
    database_url: DatabaseUrl = None


def print_feed(options: FeedOptions) -> None:
    """Print a project's feed, one event per line as JSON.

    Without --follow, the events that are kept are printed. The first use begins the feed of the project.
    """
    from laurels.settings import Settings
    from laurels.storage.feed.reading import FeedFilter

    if Settings.from_environment().citus:
        fail("There is no feed on Citus; see docs/feed.md.")
    known = composition().game.feed
    types = [name.strip() for name in options.types.split(",") if name.strip()]
    if unknown := [name for name in types if name not in known]:
        fail(f"There are no events of the type {unknown[0]}; the types are {', '.join(sorted(known))}.")
    wanted = FeedFilter(types=types or None, participant_id=options.participant or None)

    async def work(connection: "Connection") -> None:
        project = await project_named(connection, options.project)
        await _print(connection, project.id, wanted, follow=options.follow)

    try:
        run(options.data_dir, options.database_url, work)
    except KeyboardInterrupt:
        raise typer.Exit from None


async def _print(connection: "Connection", project_id: int, wanted: "FeedFilter", *, follow: bool) -> None:
    """Prints the events that are kept or, with `follow`, all later ones."""
    import asyncio

    import msgspec

    from laurels.delivery.event_types import stored_event
    from laurels.storage.feed import listeners, reading
    from laurels.storage.feed.reading import FeedPosition, PageLimits

    state = await reading.standing(connection, project_id)
    if state.used_at is None:
        async with connection.transaction():
            await listeners.begin_feed(connection, project_id)
    position = state.head if follow else FeedPosition(state.floor, b"")
    while True:
        state = await reading.standing(connection, project_id)
        page = await reading.page(connection, project_id, position, state.head, wanted, PageLimits(EVENTS_AT_ONCE))
        for row in page.rows:
            typer.echo(msgspec.json.encode(stored_event(row)).decode())
        position = page.end
        if not page.has_more:
            if not follow:
                return
            await asyncio.sleep(PAUSE_SECONDS)
