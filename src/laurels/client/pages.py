"""Lists that come in pages: loop over all that is in them, or take a page at a time.

A loop reads on after the last row of the page before, by its cursor: no item is skipped or repeated while others come
and go, and what the loop does with an item may take it out of the list.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Generic, Protocol, TypeVar


class Paged(Protocol):
    """What the answers of such lists have in common."""

    @property
    def total(self) -> int: ...
    @property
    def page(self) -> int: ...
    @property
    def page_size(self) -> int: ...
    @property
    def next_cursor(self) -> str | None: ...


Answer = TypeVar("Answer", bound=Paged)
Item = TypeVar("Item")
Which = Mapping[str, object]
"""The parameters that say which page."""


class Pages(Generic[Answer, Item]):
    """Nothing is asked for until you do."""

    def __init__(self, fetch: Callable[[Which], Answer], items: Callable[[Answer], Sequence[Item]]) -> None:
        self._fetch = fetch
        self._items = items

    def page(self, number: int = 1) -> Answer:
        """One page as the server answers it, with `total`. Rows that come or go shift the pages behind them."""
        return self._fetch({"page": number})

    def pages(self, after: str | None = None) -> Iterator[Answer]:
        """Page after page: from the first one, or those that follow the page with this `next_cursor`."""
        answer = self._fetch({"after": after})
        yield answer
        while answer.next_cursor is not None:
            answer = self._fetch({"after": answer.next_cursor})
            yield answer

    def __iter__(self) -> Iterator[Item]:
        for answer in self.pages():
            yield from self._items(answer)


class AsyncPages(Generic[Answer, Item]):
    """Nothing is asked for until you do."""

    def __init__(self, fetch: Callable[[Which], Awaitable[Answer]], items: Callable[[Answer], Sequence[Item]]) -> None:
        self._fetch = fetch
        self._items = items

    async def page(self, number: int = 1) -> Answer:
        """One page as the server answers it, with `total`. Rows that come or go shift the pages behind them."""
        return await self._fetch({"page": number})

    async def pages(self, after: str | None = None) -> AsyncIterator[Answer]:
        """Page after page: from the first one, or those that follow the page with this `next_cursor`."""
        answer = await self._fetch({"after": after})
        yield answer
        while answer.next_cursor is not None:
            answer = await self._fetch({"after": answer.next_cursor})
            yield answer

    async def __aiter__(self) -> AsyncIterator[Item]:
        async for answer in self.pages():
            for item in self._items(answer):
                yield item
