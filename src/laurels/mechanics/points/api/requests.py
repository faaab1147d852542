"""Parts that several requests share."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from laurels.kernel.input.fields import IdempotencyKey, Metadata, ParticipantId, Reason, check_size
from laurels.kernel.input.problems import field_problem
from laurels.kernel.rejections import Rejection
from laurels.web.protocol.errors import refusal_for

AnyAmount = Annotated[int, Meta(ge=1, le=2**53 - 1, description="Points, a whole number.")]


class ParticipantRequest(Struct, frozen=True, kw_only=True):
    participant_id: ParticipantId
    reason: Reason | None = None
    metadata: Metadata | None = None
    idempotency_key: IdempotencyKey | None = None

    def __post_init__(self) -> None:
        check_size("metadata", self.metadata)


def both_given(one: str, other: str) -> ValueError:
    return field_problem(one, f"and {other} are both given; send one of them")


def known_id(text: str, not_found: Callable[[str], Rejection]) -> str:
    """The id, if it is a UUID. Raises `not_found` for other texts, which are never ids of Laurels."""
    try:
        return str(UUID(text))
    except ValueError:
        raise refusal_for(not_found(text)) from None
