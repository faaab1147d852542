"""Types of request fields that several endpoints share."""

from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from laurels.http.errors import field_problem, invalid

# `$` also matches before a final newline, hence the look-ahead.
ParticipantId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=255,
        pattern=r"^[^\x00-\x1f\x7f-\x9f]+$(?!\n)",
        description="Your application's own id of the user: 1 to 255 characters, no control characters.",
        examples=["user_123"],
    ),
]
Code = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]*$(?!\n)",
        description="A short name, unique among the definitions of its kind in the project.",
    ),
]
# Looking up what cannot exist is answered as not found.
CodeSought = Annotated[str, Meta(min_length=1, max_length=255)]
Amount = Annotated[int, Meta(ge=1, le=1_000_000, description="Points, a whole number.", examples=[100])]
Reason = Annotated[str, Meta(max_length=500, description="Shown in the transaction history.")]
IdempotencyKey = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=255,
        description="Makes retries safe: the same key never acts twice for this participant and operation.",
    ),
]
Metadata = Annotated[
    dict[str, Any], Meta(description="Anything of yours, kept with the fact: at most 65,536 bytes of JSON.")
]
Timestamp = Annotated[datetime, Meta(description="When it happened. RFC 3339; without an offset it is read as UTC.")]
Expiry = Annotated[datetime, Meta(description="When it ends. RFC 3339; without an offset it is read as UTC.")]

EventName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern=r"^[^\x00-\x1f\x7f-\x9f]+$(?!\n)",
        description="What happened, in your own words. 1 to 100 characters.",
        examples=["purchase_completed"],
    ),
]
Condition = Annotated[
    str, Meta(min_length=1, max_length=2_000, description="A CEL expression over event, participant and now.")
]

EARLIEST_YEAR = 1970
JSON_LIMIT_BYTES = 65_536
"""Of a value in which callers keep whatever they want; expressions are bounded for it (core/expression_costs.py)."""


LONGEST_CURSOR = 4_096
"""Of an id and a name with 255 characters each, every one of four bytes, a cursor has 2,740."""

NextCursor = Annotated[
    str | None,
    Meta(description="What to send as `after` to read the rows that follow this page; null when no row follows it."),
]


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
    page_size: Annotated[int, Meta(ge=1, le=100)] = 20
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


ImageUrl = Annotated[
    str,
    Meta(
        max_length=2_000,
        # No other scheme, as pages show what is here: a colon stands behind the first /, ? or #.
        pattern=r"^(?:[Hh][Tt][Tt][Pp][Ss]?://|[Dd][Aa][Tt][Aa]:[Ii][Mm][Aa][Gg][Ee]/|(?![^/?#]*:))",
    ),
]


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


def check_size(field: str, value: dict[str, Any] | None) -> None:
    """For `__post_init__` of a request's struct. Raises ValueError beyond JSON_LIMIT_BYTES."""
    if value and len(msgspec.json.encode(value)) > JSON_LIMIT_BYTES:
        raise field_problem(field, f"must have at most {JSON_LIMIT_BYTES} bytes of JSON")


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
