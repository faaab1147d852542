"""Parameters that several endpoints share, and the conversion of times."""

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
"""The longest possible cursor has 2,740 characters: for an id and a name of 255 characters, each of four bytes."""

NextCursor = Annotated[
    str | None,
    Meta(description="The value of `after` for the next page; null on the last page."),
]


PageSize = Annotated[int, Meta(ge=1, le=100, description="The largest number of rows on the page.")]


class PageQuery(Struct, frozen=True):
    """The parameters that select a page of a list."""

    page: Annotated[
        int,
        Meta(
            ge=1,
            le=10_000,
            description="The number of the page. Added or removed rows shift later pages. `page` times `page_size` "
            "may be up to 10,000; use `after` to read further.",
        ),
    ] = 1
    page_size: PageSize = 20
    after: Annotated[
        Annotated[str, Meta(min_length=1, max_length=LONGEST_CURSOR)] | None,
        Meta(
            description="The `next_cursor` of the previous page, from a response with the same filters and order. "
            "Rows added or removed earlier in the list do not shift the page. Cannot be combined with `page`."
        ),
    ] = None

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.page_size


def comma_separated(item: dict[str, Any], **bounds: int) -> Meta:
    """Documents a parameter that holds several values separated by commas as a list of `item`."""
    return Meta(extra_json_schema={"type": "array", "items": item, **bounds})


@cache
def list_parameters(kind: type[Struct]) -> frozenset[str]:
    """The fields of a query that hold several values, separated by commas."""
    schema = msgspec.json.schema(kind)["$defs"][kind.__name__]["properties"]
    return frozenset(
        name for name, field in schema.items() if any("items" in option for option in field.get("anyOf", [field]))
    )


def utc(moment: datetime | None, field: str = "timestamp") -> datetime | None:
    """The moment in UTC. Raises Refusal 422 for moments before 1970 or after 9999."""
    if moment is None:
        return None
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        if moment.year > EARLIEST_YEAR:
            raise invalid(field, "must not be after the year 9999 in UTC") from None
        moment = datetime.min.replace(tzinfo=UTC)
    if moment.year < EARLIEST_YEAR:
        raise invalid(field, f"must not be before {EARLIEST_YEAR}")
    return moment
