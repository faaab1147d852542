"""Sends calls, again where that is right, and reads what comes back."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import uuid4

import httpx
import msgspec

from laurels import __version__
from laurels.client.calls import Call
from laurels.client.errors import LaurelsError, UnreachableError, UnreadableAnswerError, refused
from laurels.client.pages import AsyncPages, Paged, Pages
from laurels.client.retries import Retries

Answer = TypeVar("Answer")
PagedAnswer = TypeVar("PagedAnswer", bound=Paged)
Item = TypeVar("Item")

# Failures that come before the request is sent.
_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class _Transport:
    """What both transports share."""

    def __init__(self, url: str, key: str, retries: int) -> None:
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"The URL of Laurels must begin with http:// or https://, not {url!r}")
        # Laurels prints its base URL with the version.
        self._url = url.rstrip("/").removesuffix("/api/v1")
        self._headers = {"X-API-Key": key, "User-Agent": f"laurels-python/{__version__}"}
        self._retries = Retries(limit=retries)

    def _request(self, call: Call[Any], http: httpx.Client | httpx.AsyncClient) -> httpx.Request:
        """Every attempt of a call has the same request id, and the same bytes."""
        headers = {**self._headers, "X-Request-ID": str(uuid4())}
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        return http.build_request(
            call.method, self._url + call.path, params=call.parameters(), headers=headers, content=call.content()
        )

    def _pause_seconds(self, failure: LaurelsError, attempts: int, call: Call[Any]) -> float | None:
        return self._retries.pause_seconds(failure, attempts, is_repeatable=call.is_repeatable)


class Transport(_Transport):
    """Base of the blocking client. One client may be used by many threads."""

    def __init__(
        self, url: str, key: str, *, timeout_seconds: float = 30, retries: int = 4, http: httpx.Client | None = None
    ) -> None:
        """`url` is where Laurels is, such as http://127.0.0.1:8080, and `key` an API key.

        `timeout_seconds` is that of one attempt, `retries` how many may follow the first one. `http` brings a client of
        your own, for proxies, certificates or limits of connections; its timeout is then yours, and so is closing it.
        """
        super().__init__(url, key, retries)
        self._http = http or httpx.Client(timeout=timeout_seconds)
        self._owns_http = http is None

    def close(self) -> None:
        """Ends the connections."""
        if self._owns_http:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, call: Call[Answer]) -> Answer:
        return _decoded(self._send(call), call)

    def _pages(
        self, call: Call[PagedAnswer], items: Callable[[PagedAnswer], Sequence[Item]]
    ) -> Pages[PagedAnswer, Item]:
        return Pages(lambda which: self._run(call.asking(which)), items)

    def _lines(self, call: Call[Answer]) -> Iterator[Answer]:
        """An answer of one JSON value a line, as it comes."""
        response = self._send(call, stream=True)
        try:
            for line in response.iter_lines():
                yield _decoded_line(line, call, response)
        except httpx.TransportError as error:
            raise _unreachable(error, response.request) from error
        finally:
            response.close()

    def _send(self, call: Call[Any], *, stream: bool = False) -> httpx.Response:
        request = self._request(call, self._http)
        attempts = 0
        while True:
            attempts += 1
            failure: LaurelsError
            cause: httpx.TransportError | None = None
            try:
                response = self._http.send(request, stream=stream)
                if response.is_success:
                    return response
                failure = _refused(response, response.read())
                response.close()
            except httpx.TransportError as error:
                failure, cause = _unreachable(error, request), error
            pause_seconds = self._pause_seconds(failure, attempts, call)
            if pause_seconds is None:
                raise failure from cause
            time.sleep(pause_seconds)


class AsyncTransport(_Transport):
    """Base of the asynchronous client. One client may be used by many tasks of one event loop."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout_seconds: float = 30,
        retries: int = 4,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        """`url` is where Laurels is, such as http://127.0.0.1:8080, and `key` an API key.

        `timeout_seconds` is that of one attempt, `retries` how many may follow the first one. `http` brings a client of
        your own, for proxies, certificates or limits of connections; its timeout is then yours, and so is closing it.
        """
        super().__init__(url, key, retries)
        self._http = http or httpx.AsyncClient(timeout=timeout_seconds)
        self._owns_http = http is None

    async def close(self) -> None:
        """Ends the connections."""
        if self._owns_http:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _run(self, call: Call[Answer]) -> Answer:
        return _decoded(await self._send(call), call)

    def _pages(
        self, call: Call[PagedAnswer], items: Callable[[PagedAnswer], Sequence[Item]]
    ) -> AsyncPages[PagedAnswer, Item]:
        return AsyncPages(lambda which: self._run(call.asking(which)), items)

    async def _lines(self, call: Call[Answer]) -> AsyncIterator[Answer]:
        """An answer of one JSON value a line, as it comes."""
        response = await self._send(call, stream=True)
        try:
            async for line in response.aiter_lines():
                yield _decoded_line(line, call, response)
        except httpx.TransportError as error:
            raise _unreachable(error, response.request) from error
        finally:
            await response.aclose()

    async def _send(self, call: Call[Any], *, stream: bool = False) -> httpx.Response:
        request = self._request(call, self._http)
        attempts = 0
        while True:
            attempts += 1
            failure: LaurelsError
            cause: httpx.TransportError | None = None
            try:
                response = await self._http.send(request, stream=stream)
                if response.is_success:
                    return response
                failure = _refused(response, await response.aread())
                await response.aclose()
            except httpx.TransportError as error:
                failure, cause = _unreachable(error, request), error
            pause_seconds = self._pause_seconds(failure, attempts, call)
            if pause_seconds is None:
                raise failure from cause
            await asyncio.sleep(pause_seconds)


def _request_id(request: httpx.Request) -> str:
    return str(request.headers["x-request-id"])


def _refused(response: httpx.Response, content: bytes) -> LaurelsError:
    return refused(response.status_code, response.headers, content, _request_id(response.request))


def _unreachable(error: httpx.TransportError, request: httpx.Request) -> UnreachableError:
    return UnreachableError(
        f"No answer from {request.url.scheme}://{request.url.netloc.decode()}: {error or type(error).__name__}",
        request_id=_request_id(request),
        is_outcome_unknown=not isinstance(error, _NOTHING_SENT),
    )


def _decoded(response: httpx.Response, call: Call[Answer]) -> Answer:
    if call.answer is str:
        return response.text  # type: ignore[return-value]
    return _decoded_line(response.content, call, response)


def _decoded_line(content: bytes | str, call: Call[Answer], response: httpx.Response) -> Answer:
    try:
        return msgspec.json.decode(content, type=call.answer)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableAnswerError(
            f"The answer to {call.method} {call.path} cannot be read: {error}",
            request_id=_request_id(response.request),
            is_outcome_unknown=not call.is_repeatable,
        ) from error
