"""Work that takes the processor for longer than others should wait: in a thread beside the event loop, one piece after
the other. Compiling and weighing an expression takes up to 50 ms, and a definition has many; a body of 1 MiB may take
100 ms to be checked and decoded."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from laurels.web.protocol.errors import busy

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

WAITING_LIMIT = 50

SWITCH_SECONDS = 0.001
"""For sys.setswitchinterval: how long the event loop waits at most for the interpreter when the thread has it."""


class Aside:
    """A thread with its queue."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="laurels-aside")
        self._waiting = 0

    async def run(
        self, work: Callable[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs
    ) -> Result:
        """Its result. Raises what it raises, and Refusal 503 when too much is waiting already."""
        if self._waiting >= WAITING_LIMIT:
            raise busy()
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: work(*arguments, **named))
        finally:
            self._waiting -= 1

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)
