"""Graceful shutdown: after SIGTERM the server reports to its proxy that it is not ready, and keeps serving for a
while."""

import asyncio
import signal
import threading
from types import FrameType

import structlog

log = structlog.get_logger("laurels.web")


class Draining:
    """Whether this worker is about to stop. `/readyz` then returns 503, and connections close after their response."""

    def __init__(self) -> None:
        self.has_begun = False

    def on_sigterm(self, seconds: float) -> None:
        """Makes SIGTERM start draining, and stop the worker `seconds` later. A second SIGTERM stops it at once.

        Does nothing if `seconds` is 0, or outside the main thread, where signals cannot be caught.
        """
        if not seconds or threading.current_thread() is not threading.main_thread():
            return
        stop = signal.getsignal(signal.SIGTERM)
        loop = asyncio.get_running_loop()

        def stop_now() -> None:
            if callable(stop):
                stop(signal.SIGTERM, None)

        def handle(_number: int, _frame: FrameType | None) -> None:
            if self.has_begun:
                stop_now()
                return
            self.has_begun = True
            loop.call_soon_threadsafe(lambda: loop.call_later(seconds, stop_now))
            log.info("draining", seconds=seconds)

        signal.signal(signal.SIGTERM, handle)
