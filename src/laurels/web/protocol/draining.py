"""Leaving gracefully: a server that is told to stop says so to its proxy first, and goes on serving for a while."""

import asyncio
import signal
import threading
from types import FrameType

import structlog

log = structlog.get_logger("laurels.web")


class Draining:
    """Whether this worker is about to stop. Then `/readyz` answers 503, and connections close after their answer."""

    def __init__(self) -> None:
        self.has_begun = False

    def on_sigterm(self, seconds: float) -> None:
        """From now on SIGTERM begins to drain and takes its effect so many seconds later; a second one at once.

        Does nothing without a time to wait, nor outside of the main thread, where signals cannot be caught.
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
