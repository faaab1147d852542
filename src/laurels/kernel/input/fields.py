"""Types of fields that several requests and definitions share."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from laurels.kernel.input.problems import field_problem

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
NESTING_LIMIT = 32
"""Levels of objects and lists in a body, or in one definition of a file."""
JSON_LIMIT_BYTES = 65_536
"""Of a value in which callers keep whatever they want; expressions are bounded for it (kernel/cel/costs.py)."""

ImageUrl = Annotated[
    str,
    Meta(
        max_length=2_000,
        # No other scheme, as pages show what is here: a colon stands behind the first /, ? or #.
        pattern=r"^(?:[Hh][Tt][Tt][Pp][Ss]?://|[Dd][Aa][Tt][Aa]:[Ii][Mm][Aa][Gg][Ee]/|(?![^/?#]*:))",
    ),
]


def check_size(field: str, value: dict[str, Any] | None) -> None:
    """For `__post_init__` of a request's struct. Raises ValueError beyond JSON_LIMIT_BYTES."""
    if value and len(msgspec.json.encode(value)) > JSON_LIMIT_BYTES:
        raise field_problem(field, f"must have at most {JSON_LIMIT_BYTES} bytes of JSON")
