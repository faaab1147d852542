"""Lists in pages: loop over all items, or read single pages.

A loop continues after the last row of the previous page, by its cursor. So it neither skips nor repeats items when rows
are added or removed, and it may itself remove items from the list.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Generic, Protocol, TypeVar


class Paged(Protocol):
    """The common fields of all list responses."""

    @property
    def total(self) -> int: ...
    @property
    def page(self) -> int: ...
    @property
    def page_size(self) -> int: ...
    @property
    def next_cursor(self) -> str | None: ...


Response = TypeVar("Response", bound=Paged)
Item = TypeVar("Item")
PageParameters = Mapping[str, object]
"""The query parameters that select a page."""


class Pages(Generic[Response, Item]):
    """A list of the API. No request is sent before you read a page or an item."""

    def __init__(
        self, fetch: Callable[[PageParameters], Response], items: Callable[[Response], Sequence[Item]]
    ) -> None:
        self._fetch = fetch
        self._items = items

    def page(self, number: int = 1) -> Response:
        """One page, with `total`. Added or removed rows shift later pages."""
        return self._fetch({"page": number})

    def pages(self, after: str | None = None) -> Iterator[Response]:
        """All pages, beginning with the first one, or after the page with this `next_cursor`."""
        response = self._fetch({"after": after})
        yield response
        while response.next_cursor is not None:
            response = self._fetch({"after": response.next_cursor})
            yield response

    def __iter__(self) -> Iterator[Item]:
        for response in self.pages():
            yield from self._items(response)


class AsyncPages(Generic[Response, Item]):
    """A list of the API. No request is sent before you read a page or an item."""

    def __init__(
        self, fetch: Callable[[PageParameters], Awaitable[Response]], items: Callable[[Response], Sequence[Item]]
    ) -> None:
        self._fetch = fetch
        self._items = items

    async def page(self, number: int = 1) -> Response:
        """One page, with `total`. Added or removed rows shift later pages."""
        return await self._fetch({"page": number})

    async def pages(self, after: str | None = None) -> AsyncIterator[Response]:
        """All pages, beginning with the first one, or after the page with this `next_cursor`."""
        response = await self._fetch({"after": after})
        yield response
        while response.next_cursor is not None:
            response = await self._fetch({"after": response.next_cursor})
            yield response

    async def __aiter__(self) -> AsyncIterator[Item]:
        async for response in self.pages():
            for item in self._items(response):
                yield item
