"""A proxy that hands requests on to a server, or does to them what networks do."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

import httpx

Answer = tuple[int, dict[str, str], bytes]
DROPPED: Answer = (0, {}, b"")


class FaultyProxy:
    """Treats the next requests by `faults`, one each, and hands on all others.

    A fault is an answer to give without handing the request on, `drop_before`, `lose_answer` or `delay`.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self.faults: list[str | Answer] = []
        self.seen: list[httpx.Headers] = []
        self.handed_on = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._treat))
        self._released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def _treat(self, method: str, path: str, headers: httpx.Headers, body: bytes) -> Answer:
        self.seen.append(headers)
        fault = self.faults.pop(0) if self.faults else ""
        if isinstance(fault, tuple):
            return fault
        if fault == "drop_before":
            return DROPPED
        if fault == "delay":
            self._released.wait(30)
            return DROPPED
        kept = {name: value for name, value in headers.items() if name not in {"host", "connection", "content-length"}}
        reply = httpx.request(method, self.target + path, headers=kept, content=body, timeout=30)
        self.handed_on += 1
        return DROPPED if fault == "lose_answer" else (reply.status_code, dict(reply.headers), reply.content)

    def __enter__(self) -> "FaultyProxy":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()


def _handler(treat: Callable[[str, str, httpx.Headers, bytes], Answer]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, headers, content = treat(self.command, self.path, httpx.Headers(self.headers.items()), body)
            if not status:
                self.close_connection = True
                return
            self.send_response_only(status)
            for name, value in headers.items():
                if name.lower() not in {"content-length", "connection", "transfer-encoding"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = handle_any  # noqa: N815

        def log_message(self, format: str, *arguments: object) -> None:
            """Quiet."""

    return Handler
