"""Readers of `GET /gamify/feed/stream`, and a server whose streams have short times."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from laurels.cli.main import main
from laurels.delivery import event_stream

SHORT = "tests.streams:serve_short"
"""The command of a server with short times."""
HEARTBEAT_SECONDS = 0.3
LONGEST_SECONDS = 3.0
LONGEST_WAIT_SECONDS = 90
"""A heartbeat shows after at most 15 s more that this time is over."""


def serve_short() -> None:
    """`laurels` with heartbeats each HEARTBEAT_SECONDS, and streams of about LONGEST_SECONDS."""
    event_stream.HEARTBEAT_SECONDS = HEARTBEAT_SECONDS
    event_stream.LONGEST_SECONDS = LONGEST_SECONDS
    main()


@dataclass
class Block:
    """What stands between two empty lines: an event, a heartbeat, or the end's reason."""

    id: str = ""
    data: str = ""
    retry: str = ""
    comment: str = ""

    @property
    def event(self) -> Any:
        return json.loads(self.data)


def blocks(reply: httpx.Response) -> Iterator[Block]:
    """Those of an open stream, as they come."""
    found = Block()
    for line in reply.iter_lines():
        if not line:
            yield found
            found = Block()
            continue
        name, _, value = line.partition(":")
        name = name or "comment"
        assert name in ("id", "data", "retry", "comment"), line
        assert not getattr(found, name), line
        setattr(found, name, value.removeprefix(" "))
    assert found == Block(), "cut within a block"


@contextmanager
def opened(api: httpx.Client, last: str = "", **parameters: Any) -> Iterator[Iterator[Block]]:
    """An open stream, and the id at which it begins as its first block."""
    headers = {"Last-Event-ID": last} if last else {}
    with api.stream("GET", "/feed/stream", params=parameters, headers=headers) as reply:
        assert reply.status_code == 200, reply.read()
        assert reply.headers["content-type"] == "text/event-stream"
        yield blocks(reply)


def events(stream: Iterator[Block], number: int) -> list[Block]:
    """The next events, without heartbeats. Fails if they do not come."""
    found: list[Block] = []
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    while len(found) < number:
        block = next(stream)
        if block.data:
            found.append(block)
        assert time.monotonic() < deadline, f"only {len(found)} of {number} events came"
    return found
