"""Clients that mean harm, as a process of its own: `python -m tests.attackers KIND COUNT PORT [KEY]`.

Prints `ready` when all connections are open and have done their worst; ends when its standard input does.
A connection that the server ends is opened anew, as an attacker would.
"""

import asyncio
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

DRIBBLE_SECONDS = 5.0
OPENED_AT_ONCE = 200
FILES_KEPT_FREE = 100

HEAD = b"POST /api/v1/gamify/points/award HTTP/1.1\r\nHost: attacked\r\nX-API-Key: %s\r\n"
BODY = b'{"participant_id": "attacker", "amount": 1}'
# What each kind sends at first, and what it dribbles on.
OPENINGS = {
    "idle": (b"", b""),
    "heads": (HEAD, b"X-Slow: a\r\n"),
    "bodies": (HEAD + b"Content-Length: 100000\r\n\r\n", b" "),
    "readers": (b"GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: attacked\r\n\r\n", b""),
}


async def hold(kind: str, port: int, key: bytes, opening: asyncio.Semaphore, opened: asyncio.Semaphore) -> None:
    """One connection, for ever; `opened` is released when it stands for the first time."""
    first, more = OPENINGS[kind]
    loop = asyncio.get_running_loop()
    is_new = True
    while True:
        peer = socket.socket()
        peer.setblocking(False)
        if kind == "readers":
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        try:
            async with opening:
                await loop.sock_connect(peer, ("127.0.0.1", port))
                await loop.sock_sendall(peer, first % key if b"%s" in first else first)
            if is_new:
                opened.release()
                is_new = False
            while True:
                await asyncio.sleep(DRIBBLE_SECONDS)
                if more:
                    await loop.sock_sendall(peer, more)
                if kind != "readers":
                    _still_open(peer)
        except OSError:
            await asyncio.sleep(0.1)
        finally:
            peer.close()


def _still_open(peer: socket.socket) -> None:
    """Raises OSError when the server has closed."""
    try:
        if not peer.recv(4096):
            raise ConnectionResetError
    except BlockingIOError:
        return


async def attack(kind: str, count: int, port: int, key: bytes) -> None:
    opening, opened = asyncio.Semaphore(OPENED_AT_ONCE), asyncio.Semaphore(0)
    tasks = [asyncio.create_task(hold(kind, port, key, opening, opened)) for _ in range(count)]
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


def main() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    kind, count, port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    key = sys.argv[4].encode() if len(sys.argv) > 4 else b"wrong"
    asyncio.run(attack(kind, count, port, key))


if __name__ == "__main__":
    main()
