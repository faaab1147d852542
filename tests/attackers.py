"""Clients that mean harm, as a process of its own: `python -m tests.attackers KIND COUNT PORT [KEY]`.

Prints `ready` when all connections are open and have done their worst; ends when its standard input does.
A connection that the server ends is opened anew, as an attacker would.
"""

import asyncio
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

DRIBBLE_SECONDS = 5.0
SENDING_SECONDS = 10.0
OPENED_AT_ONCE = 200
FILES_KEPT_FREE = 100

HEAD = b"POST /api/v1/gamify/points/award HTTP/1.1\r\nHost: attacked\r\nX-API-Key: %s\r\n"
BODY = b'{"participant_id": "attacker", "amount": 1}'
# The densest JSON there is: 24 bytes of memory for each of text.
DENSE = b"[" + b"{}," * 20_000 + b"1]"
LONG_DENSE = b"[" + b"{}," * 330_000 + b"1]"
LONG_PAGE = b"/api/v1/gamify/participants/known/points/transactions?page_size=100"


def posted(path: bytes, body: bytes) -> bytes:
    head = b"POST /api/v1/gamify" + path + b" HTTP/1.1\r\nHost: attacked\r\nX-API-Key: %s\r\n"
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def award(metadata: bytes) -> bytes:
    return b'{"participant_id":"attacker","amount":1,"metadata":{"a":' + metadata + b"}}"


DENSE_AWARD = posted(b"/points/award", award(DENSE))
LONG_DENSE_AWARD = posted(b"/points/award", award(LONG_DENSE))
_BATCH = b'{"awards":[' + b",".join([award(b"[" + b"{}," * 3_000 + b"1]")] * 100) + b"]}"
DENSE_BATCH = posted(b"/points/award-batch", _BATCH)
# Each connection has a participant of its own.
DENSE_PROFILE = posted(b"/participants", b'{"participant_id":"attacker-%dxxxxx","attributes":{"a":' + DENSE + b"}}")
MANY_REQUESTS = b"GET / HTTP/1.1\r\n\r\n" * 14_000
# What each kind sends at first, what it sends on, and after how many seconds each.
OPENINGS = {
    "idle": (b"", b"", DRIBBLE_SECONDS),
    "heads": (HEAD, b"X-Slow: a\r\n", DRIBBLE_SECONDS),
    "bodies": (HEAD + b"Content-Length: 100000\r\n\r\n", b" ", DRIBBLE_SECONDS),
    "readers": (b"GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: attacked\r\n\r\n", b"", DRIBBLE_SECONDS),
    "half-sent bodies": (HEAD + b"Content-Length: 1000000\r\n\r\n" + b" " * 990_000, b" " * 200, 1.0),
    "dense awards": (DENSE_AWARD, DENSE_AWARD, 1.0),
    "long dense awards": (LONG_DENSE_AWARD, LONG_DENSE_AWARD, 2.0),
    "dense batches": (DENSE_BATCH, DENSE_BATCH, 3.0),
    "dense profiles": (DENSE_PROFILE, DENSE_PROFILE, 1.0),
    "pages not taken": (
        b"GET " + LONG_PAGE + b" HTTP/1.1\r\nHost: attacked\r\nX-API-Key: %s\r\n\r\n",
        b"",
        DRIBBLE_SECONDS,
    ),
    "requests without waiting": (MANY_REQUESTS, MANY_REQUESTS, 2.0),
}
TAKE_NOTHING = {"readers", "pages not taken", "requests without waiting"}


async def hold(
    sent: tuple[bytes, bytes, float],
    *,
    takes_nothing: bool,
    port: int,
    opening: asyncio.Semaphore,
    opened: asyncio.Semaphore,
) -> None:
    """One connection, for ever; `opened` is released when it stands for the first time."""
    first, more, pause_seconds = sent
    loop = asyncio.get_running_loop()
    is_new = True
    while True:
        peer = socket.socket()
        peer.setblocking(False)
        if takes_nothing:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        try:
            async with opening:
                await loop.sock_connect(peer, ("127.0.0.1", port))
                await _send(loop, peer, first)
            if is_new:
                opened.release()
                is_new = False
            while True:
                await asyncio.sleep(pause_seconds)
                if more:
                    await _send(loop, peer, more)
                if not takes_nothing:
                    _still_open(peer)
        except OSError:
            await asyncio.sleep(0.1)
        finally:
            peer.close()


def _filled_in(text: bytes, key: bytes, number: int) -> bytes:
    # The length has been told already.
    return text.replace(b"%dxxxxx", b"%07d" % number).replace(b"%s", key)


async def _send(loop: asyncio.AbstractEventLoop, peer: socket.socket, text: bytes) -> None:
    """All of it, or what the server takes of it in a while."""
    with suppress(TimeoutError):
        async with asyncio.timeout(SENDING_SECONDS):
            await loop.sock_sendall(peer, text)


def _still_open(peer: socket.socket) -> None:
    """Raises OSError when the server has closed."""
    try:
        if not peer.recv(1024 * 1024):
            raise ConnectionResetError
    except BlockingIOError:
        return


async def attack(kind: str, count: int, port: int, key: bytes) -> None:
    opening, opened = asyncio.Semaphore(OPENED_AT_ONCE), asyncio.Semaphore(0)
    first, more, pause_seconds = OPENINGS[kind]
    tasks = []
    for number in range(count):
        sent = _filled_in(first, key, number), _filled_in(more, key, number), pause_seconds
        holding = hold(sent, takes_nothing=kind in TAKE_NOTHING, port=port, opening=opening, opened=opened)
        tasks.append(asyncio.create_task(holding))
    for _ in range(count):
        await opened.acquire()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()


@contextmanager
def attacking(kind: str, count: int, port: int, key: str = "wrong") -> Iterator[float]:
    """Meanwhile `count` such connections are held, by as many processes as the limit of files asks for; gives the
    seconds that it took to open them."""
    started = time.monotonic()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1] - FILES_KEPT_FREE
    shares = [min(most, count - begun) for begun in range(0, count, most)]
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.attackers", kind, str(share), str(port), key],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for share in shares
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
        yield time.monotonic() - started
    finally:
        for process in processes:
            process.communicate(timeout=60)


@contextmanager
def peak_memory(process_id: int) -> Iterator[list[int]]:
    """The largest resident size meanwhile, in bytes, as the only item."""
    process = psutil.Process(process_id)
    peak, done = [0], threading.Event()

    def look() -> None:
        while not done.wait(0.02):
            peak[0] = max(peak[0], process.memory_info().rss)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()


def main() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    kind, count, port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    key = sys.argv[4].encode() if len(sys.argv) > 4 else b"wrong"
    asyncio.run(attack(kind, count, port, key))


if __name__ == "__main__":
    main()
