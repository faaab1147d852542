"""A thread for work that would block the event loop for too long. It runs one task at a time.

Compiling an expression and computing its cost takes up to 50 ms, and a definition has many expressions. Checking and
decoding a body of 1 MiB takes up to 100 ms.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from laurels.web.protocol.errors import busy

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

WAITING_LIMIT = 50

SWITCH_SECONDS = 0.001
"""The argument of sys.setswitchinterval: the longest time that the event loop waits for the interpreter lock."""


class Aside:
    """A thread with a queue."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="laurels-aside")
        self._waiting = 0

    async def run(
        self, work: Callable[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs
    ) -> Result:
        """The result of `work`. Raises the exceptions of `work`, and Refusal 503 if the queue is full."""
        if self._waiting >= WAITING_LIMIT:
            raise busy()
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: work(*arguments, **named))
        finally:
            self._waiting -= 1

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)
