"""The transports: they send calls, retry them, and decode the responses."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import uuid4

import httpx
import msgspec

from laurels import __version__
from laurels.client.calls import ApiCall
from laurels.client.errors import LaurelsError, UnreachableError, UnreadableResponseError, refused
from laurels.client.pages import AsyncPages, Paged, Pages
from laurels.client.retries import Retries

Response = TypeVar("Response")
PagedResponse = TypeVar("PagedResponse", bound=Paged)
Item = TypeVar("Item")

# Failures before the request is sent.
_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class _BaseTransport:
    """The common part of both transports."""

    def __init__(self, url: str, key: str, retries: int) -> None:
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"The URL of Laurels must begin with http:// or https://, not {url!r}")
        # The base URL that `laurels serve` prints includes the version.
        self._url = url.rstrip("/").removesuffix("/api/v1")
        self._headers = {"X-API-Key": key, "User-Agent": f"laurels-python/{__version__}"}
        self._retries = Retries(limit=retries)

    def _request(self, call: ApiCall[Any], http: httpx.Client | httpx.AsyncClient) -> httpx.Request:
        """The request of a call. Every attempt has the same request id and the same bytes."""
        headers = {**self._headers, "X-Request-ID": str(uuid4())}
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        return http.build_request(
            call.method, self._url + call.path, params=call.parameters(), headers=headers, content=call.content()
        )

    def _pause_seconds(self, failure: LaurelsError, attempts: int, call: ApiCall[Any]) -> float | None:
        return self._retries.pause_seconds(failure, attempts, is_repeatable=call.is_repeatable)


class Transport(_BaseTransport):
    """The base of the blocking client. Many threads may share one client."""

    def __init__(
        self, url: str, key: str, *, timeout_seconds: float = 30, retries: int = 4, http: httpx.Client | None = None
    ) -> None:
        """`url` is the address of Laurels, such as http://127.0.0.1:8080, and `key` an API key.

        `timeout_seconds` is the timeout of one attempt. `retries` is the number of attempts after the first one. `http`
        is your own httpx client, for proxies, certificates or connection limits; you then set its timeout and close it.
        """
        super().__init__(url, key, retries)
        self._http = http or httpx.Client(timeout=timeout_seconds)
        self._owns_http = http is None

    def close(self) -> None:
        """Closes the connections."""
        if self._owns_http:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, call: ApiCall[Response]) -> Response:
        return _decoded(self._send(call), call)

    def _pages(
        self, call: ApiCall[PagedResponse], items: Callable[[PagedResponse], Sequence[Item]]
    ) -> Pages[PagedResponse, Item]:
        return Pages(lambda parameters: self._run(call.with_parameters(parameters)), items)

    def _lines(self, call: ApiCall[Response]) -> Iterator[Response]:
        """The values of a response with one JSON value per line, as they arrive."""
        response = self._send(call, stream=True)
        try:
            for line in response.iter_lines():
                yield _decoded_line(line, call, response)
        except httpx.TransportError as error:
            raise _unreachable(error, response.request) from error
        finally:
            response.close()

    def _send(self, call: ApiCall[Any], *, stream: bool = False) -> httpx.Response:
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


class AsyncTransport(_BaseTransport):
    """The base of the asynchronous client. Many tasks of one event loop may share one client."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout_seconds: float = 30,
        retries: int = 4,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        """`url` is the address of Laurels, such as http://127.0.0.1:8080, and `key` an API key.

        `timeout_seconds` is the timeout of one attempt. `retries` is the number of attempts after the first one. `http`
        is your own httpx client, for proxies, certificates or connection limits; you then set its timeout and close it.
        """
        super().__init__(url, key, retries)
        self._http = http or httpx.AsyncClient(timeout=timeout_seconds)
        self._owns_http = http is None

    async def close(self) -> None:
        """Closes the connections."""
        if self._owns_http:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _run(self, call: ApiCall[Response]) -> Response:
        return _decoded(await self._send(call), call)

    def _pages(
        self, call: ApiCall[PagedResponse], items: Callable[[PagedResponse], Sequence[Item]]
    ) -> AsyncPages[PagedResponse, Item]:
        return AsyncPages(lambda parameters: self._run(call.with_parameters(parameters)), items)

    async def _lines(self, call: ApiCall[Response]) -> AsyncIterator[Response]:
        """The values of a response with one JSON value per line, as they arrive."""
        response = await self._send(call, stream=True)
        try:
            async for line in response.aiter_lines():
                yield _decoded_line(line, call, response)
        except httpx.TransportError as error:
            raise _unreachable(error, response.request) from error
        finally:
            await response.aclose()

    async def _send(self, call: ApiCall[Any], *, stream: bool = False) -> httpx.Response:
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
        f"No response from {request.url.scheme}://{request.url.netloc.decode()}: {error or type(error).__name__}",
        request_id=_request_id(request),
        is_outcome_unknown=not isinstance(error, _NOTHING_SENT),
    )


def _decoded(response: httpx.Response, call: ApiCall[Response]) -> Response:
    if call.response_type is str:
        return response.text  # type: ignore[return-value]
    return _decoded_line(response.content, call, response)


def _decoded_line(content: bytes | str, call: ApiCall[Response], response: httpx.Response) -> Response:
    try:
        return msgspec.json.decode(content, type=call.response_type)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableResponseError(
            f"The response to {call.method} {call.path} cannot be read: {error}",
            request_id=_request_id(response.request),
            is_outcome_unknown=not call.is_repeatable,
        ) from error
