"""The types of fields that several requests and definitions share."""

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
        description="Your application's id of the user: 1 to 255 characters, no control characters.",
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
# Without a pattern: looking up a code that cannot exist returns "not found".
CodeSought = Annotated[str, Meta(min_length=1, max_length=255)]
Amount = Annotated[int, Meta(ge=1, le=1_000_000, description="Points, a whole number.", examples=[100])]
Reason = Annotated[str, Meta(max_length=500, description="Shown in the transaction history.")]
IdempotencyKey = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=255,
        description="Makes retries safe: the same key never acts twice for the same participant and operation.",
    ),
]
Metadata = Annotated[
    dict[str, Any], Meta(description="Your own data, stored with the fact: at most 65,536 bytes of JSON.")
]
Timestamp = Annotated[
    datetime, Meta(description="The time when it happened, by RFC 3339. A time without an offset is in UTC.")
]
Expiry = Annotated[
    datetime, Meta(description="The time when it ends, by RFC 3339. A time without an offset is in UTC.")
]

EventName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern=r"^[^\x00-\x1f\x7f-\x9f]+$(?!\n)",
        description="The name of the event, which you choose: 1 to 100 characters.",
        examples=["purchase_completed"],
    ),
]
Condition = Annotated[
    str, Meta(min_length=1, max_length=2_000, description="A CEL expression over event, participant and now.")
]

EARLIEST_YEAR = 1970
NESTING_LIMIT = 32
"""The maximum depth of objects and lists in a body, or in a definition in a file."""
JSON_LIMIT_BYTES = 65_536
"""The maximum size of callers' own data in one value; the costs of expressions assume it (kernel/cel/costs.py)."""

ImageUrl = Annotated[
    str,
    Meta(
        max_length=2_000,
        # No other scheme, as pages show the image: without one of these, a colon comes only after a /, ? or #.
        pattern=r"^(?:[Hh][Tt][Tt][Pp][Ss]?://|[Dd][Aa][Tt][Aa]:[Ii][Mm][Aa][Gg][Ee]/|(?![^/?#]*:))",
    ),
]


def check_size(field: str, value: dict[str, Any] | None) -> None:
    """Raises ValueError if the value exceeds JSON_LIMIT_BYTES; for `__post_init__` of a request's struct."""
    if value and len(msgspec.json.encode(value)) > JSON_LIMIT_BYTES:
        raise field_problem(field, f"must have at most {JSON_LIMIT_BYTES} bytes of JSON")
