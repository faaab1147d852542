"""Parameters that several endpoints share, and times of requests."""

from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from laurels.kernel.input.fields import EARLIEST_YEAR
from laurels.web.protocol.errors import invalid

DESCRIBED_LIKE = "__described_like__"
"""The attribute in which a struct that is made at start names the struct whose fields it repeats."""

LONGEST_CURSOR = 4_096
"""Of an id and a name with 255 characters each, every one of four bytes, a cursor has 2,740."""

NextCursor = Annotated[
    str | None,
    Meta(description="What to send as `after` to read the rows that follow this page; null when no row follows it."),
]


PageSize = Annotated[int, Meta(ge=1, le=100, description="The largest number of rows on the page.")]


class Page(Struct, frozen=True):
    """Which page of a list."""

    page: Annotated[
        int,
        Meta(
            ge=1,
            le=10_000,
            description="The number of the page; rows that come or go shift later pages. `page` times `page_size` "
            "is at most 10,000: `after` reads further.",
        ),
    ] = 1
    page_size: PageSize = 20
    after: Annotated[
        Annotated[str, Meta(min_length=1, max_length=LONGEST_CURSOR)] | None,
        Meta(
            description="The `next_cursor` of a response of this list with the same filters and order: the rows that "
            "follow that page, whatever has come or gone before them. Not together with `page`."
        ),
    ] = None

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.page_size


def comma_separated(item: dict[str, Any], **bounds: int) -> Meta:
    """How a parameter with several values, separated by commas, is described: a list of such items."""
    return Meta(extra_json_schema={"type": "array", "items": item, **bounds})


@cache
def list_parameters(kind: type[Struct]) -> frozenset[str]:
    """The fields of a query that hold several values, separated by commas."""
    schema = msgspec.json.schema(kind)["$defs"][kind.__name__]["properties"]
    return frozenset(
        name for name, field in schema.items() if any("items" in option for option in field.get("anyOf", [field]))
    )


def utc(moment: datetime | None, field: str = "timestamp") -> datetime | None:
    """The moment in UTC. Raises Refusal 422 when the calendar cannot hold it or it lies before 1970."""
    if moment is None:
        return None
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        if moment.year > EARLIEST_YEAR:
            raise invalid(field, "is beyond the year 9999 in UTC") from None
        moment = datetime.min.replace(tzinfo=UTC)
    if moment.year < EARLIEST_YEAR:
        raise invalid(field, f"must not be before {EARLIEST_YEAR}")
    return moment
