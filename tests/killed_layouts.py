"""`laurels` that ends by SIGKILL beside a statement of a split or merge of leaves.

Each process ends at the first point at which none has ended yet, so that one after another ends at each. A point is
before a statement, or after one whose name begins with KILLED_AFTER. The points so far are in a file of the folder
LAYOUTS. Leaves are small, so that few people are enough for every step. `second` is a server that leaves splits and
merges to others until the file `released` is there.
"""

import asyncio
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

import asyncpg

from laurels.cli import main as command
from laurels.mechanics.leaderboards import jobs
from laurels.mechanics.leaderboards.leaves import filing, layout, waiting
from laurels.mechanics.leaderboards.leaves.laying import lay_out
from laurels.mechanics.leaderboards.leaves.layout import LeafSizes
from laurels.mechanics.leaderboards.leaves.splitting import PartSizes
from laurels.storage.postgres.database import JOB_SETTINGS, connect_job

SMALL = LeafSizes(aim=3, most=6, ties=3)
NAMES = {
    statement: name.strip("_").lower()
    for module in (filing, waiting, layout)
    for name, statement in vars(module).items()
    if isinstance(statement, str)
}
"""The statements by their text."""


def folder() -> Path:
    return Path(os.environ["LAYOUTS"])


def serve() -> None:
    """`laurels serve`. The file `rounds` grows by a byte whenever all is split and merged."""
    _make_small()
    _make_mortal()
    lay_out_present = jobs.lay_out_present

    async def lay_out_and_tell(*arguments: Any) -> bool:
        is_done = await lay_out_present(*arguments)
        if is_done:
            with (folder() / "rounds").open("ab") as rounds:
                rounds.write(b".")
        return is_done

    jobs.lay_out_present = lay_out_and_tell
    command.main()


def job() -> None:
    """The job without the server: one process after another splits and merges all that is to be split and merged. Each
    begins when a byte comes through the pipe `orders`, and its exit code goes through the pipe `ends`."""
    _make_small()
    _make_mortal()
    with (folder() / "orders").open("rb", buffering=0) as orders, (folder() / "ends").open("wb", buffering=0) as ends:
        while orders.read(1):
            process = os.fork()
            if not process:
                _work()
            code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
            ends.write(code.to_bytes(1, signed=True))


def _work() -> NoReturn:
    async def work() -> None:
        await jobs.lay_out_all(await connect_job(os.environ["LAURELS_DATABASE_URL"]))

    try:
        asyncio.run(work())
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)


def second() -> None:
    """`laurels serve`, whose splits and merges wait."""
    _make_small()

    async def lay_out_when_released(*arguments: Any, **named: Any) -> bool:
        return (folder() / "released").exists() and await lay_out(*arguments, **{**named, "merges": True})

    jobs.lay_out = lay_out_when_released
    command.main()


def _make_small() -> None:
    jobs.LeafSizes = lambda: SMALL  # type: ignore[misc, assignment]
    layout.PART_SIZES = PartSizes(aim=4, most=9, least=2)
    layout.MERGE_BELOW, layout.MERGED_MOST, layout.MOVED_AT_ONCE = 3, 4, 5


def _make_mortal() -> None:
    """Jobs have connections that count statements while they lay out."""
    connect = asyncpg.connect

    async def connect_mortal(*arguments: Any, **named: Any) -> Any:
        if named.get("server_settings") == JOB_SETTINGS:
            named["connection_class"] = Mortal
        return await connect(*arguments, **named)

    async def lay_out_mortal(connection: Any, *arguments: Any, **named: Any) -> bool:
        connection.is_mortal = True
        try:
            return await lay_out(connection, *arguments, **{**named, "merges": True})
        finally:
            connection.is_mortal = False

    asyncpg.connect = connect_mortal
    jobs.lay_out = lay_out_mortal


class Mortal(asyncpg.Connection):  # type: ignore[type-arg]
    """A connection with which the process ends beside a statement."""

    is_mortal = False
    change = "no change"
    """The change of leaves that is under way, as far as the process has seen it."""
    last = "start"

    async def execute(self, query: str, *args: Any, **more: Any) -> str:  # type: ignore[override]
        with Beside(self, query):
            return await super().execute(query, *args, **more)

    async def fetch(self, query: str, *args: Any, **more: Any) -> Any:
        with Beside(self, query):
            rows = await super().fetch(query, *args, **more)
            if query == layout._OPEN and rows:
                self.change = "split" if rows[0]["takes"] else "merge"
            if query == layout._CHANGES and not rows:
                self.change = "no change"
            return rows

    async def fetchval(self, query: str, *args: Any, **more: Any) -> Any:
        with Beside(self, query):
            return await super().fetchval(query, *args, **more)

    async def fetchrow(self, query: str, *args: Any, **more: Any) -> Any:
        with Beside(self, query):
            return await super().fetchrow(query, *args, **more)


class Beside:
    """Ends the process before or after a statement, unless one has ended there."""

    def __init__(self, connection: Mortal, query: str) -> None:
        self._connection = connection
        self._changes_to = {layout._INSERT_LEAVES: "split", layout._CLOSE: "merge"}.get(query)
        # Each transaction begins and ends with the same two.
        self._name = NAMES.get(query) or f"{query.split(maxsplit=1)[0].strip(';').lower()} after {connection.last}"

    def __enter__(self) -> None:
        if self._changes_to:
            self._connection.change = self._changes_to
        self._end("before")

    def __exit__(self, *_: object) -> None:
        if self._name.startswith(os.environ["KILLED_AFTER"]):
            self._end("after")
        self._connection.last = self._name.split()[-1]

    def _end(self, moment: str) -> None:
        if not self._connection.is_mortal:
            return
        point = f"{self._connection.change}: {moment} {self._name}\n"
        with (folder() / "points").open("a+") as file:
            file.seek(0)
            if point in file.readlines():
                return
            file.write(point)
        os.kill(os.getpid(), signal.SIGKILL)
