"""Lists that come in pages: loop over all that is in them, or take a page at a time."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar


class Paged(Protocol):
    """What the answers of such lists have in common."""

    @property
    def total(self) -> int: ...
    @property
    def page(self) -> int: ...
    @property
    def page_size(self) -> int: ...


Answer = TypeVar("Answer", bound=Paged)
Item = TypeVar("Item")


class Pages(Generic[Answer, Item]):
    """Nothing is asked for until you do. A list that changes meanwhile can show an item twice, or miss one."""

    def __init__(self, fetch: Callable[[int], Answer], items: Callable[[Answer], Sequence[Item]]) -> None:
        self._fetch = fetch
        self._items = items

    def page(self, number: int = 1) -> Answer:
        """One page as the server answers it, with `total`."""
        return self._fetch(number)

    def pages(self) -> Iterator[Answer]:
        """Page after page."""
        answer = self._fetch(1)
        yield answer
        while not _is_last(answer, self._items(answer)):
            answer = self._fetch(answer.page + 1)
            yield answer

    def __iter__(self) -> Iterator[Item]:
        for answer in self.pages():
            yield from self._items(answer)


class AsyncPages(Generic[Answer, Item]):
    """Nothing is asked for until you do. A list that changes meanwhile can show an item twice, or miss one."""

    def __init__(self, fetch: Callable[[int], Awaitable[Answer]], items: Callable[[Answer], Sequence[Item]]) -> None:
        self._fetch = fetch
        self._items = items

    async def page(self, number: int = 1) -> Answer:
        """One page as the server answers it, with `total`."""
        return await self._fetch(number)

    async def pages(self) -> AsyncIterator[Answer]:
        """Page after page."""
        answer = await self._fetch(1)
        yield answer
        while not _is_last(answer, self._items(answer)):
            answer = await self._fetch(answer.page + 1)
            yield answer

    async def __aiter__(self) -> AsyncIterator[Item]:
        async for answer in self.pages():
            for item in self._items(answer):
                yield item


def _is_last(answer: Paged, items: Sequence[object]) -> bool:
    return not items or answer.page * answer.page_size >= answer.total
