"""Feed events as callers receive them: one struct for each type, with the data of its mechanic."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import Annotated, Any

import asyncpg
import msgspec
from msgspec import Meta, Raw, Struct

from laurels.kernel.feed import FeedCause, FeedType
from laurels.web.documentation.openapi import DocumentedEvent

_FIELDS: list[tuple[str, Any]] = [
    (
        "id",
        Annotated[
            str,
            Meta(
                description="The id of the event, the same however often it is read. For the event of a fact it is the "
                "id of the fact, such as that of the transaction."
            ),
        ],
    ),
    (
        "occurred_at",
        Annotated[datetime, Meta(description="When it happened. For events of the past, this can be long ago.")],
    ),
    (
        "recorded_at",
        Annotated[datetime, Meta(description="When Laurels recorded it, by the project's clock.")],
    ),
    (
        "participant_id",
        Annotated[
            str | None,
            Meta(description="The participant; null for events about definitions, and once the person is erased."),
        ],
    ),
    (
        "sequence",
        Annotated[
            int | None,
            Meta(
                description="The number of the fact among all facts of the participant: it puts the participant's "
                "events in order. Facts without an event leave gaps. Null without a participant."
            ),
        ],
    ),
    (
        "historical",
        Annotated[
            bool,
            Meta(
                description="Whether the event comes from an import or from `apply --past silently`. Applications "
                "usually do not announce such events."
            ),
        ],
    ),
    ("cause", Annotated[FeedCause, Meta(description="The cause of the event.")]),
]

_EXAMPLE_ID = "0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e0f"
_EXAMPLE_COMMAND_ID = "0198c0de-1a2b-7c3d-8e4f-4a5b6c7d8e9f"
_EXAMPLE_TIME = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


class StoredEvent(Struct, frozen=True, kw_only=True):
    """A feed event as it is stored: the parts that depend on its type are JSON."""

    type: str
    id: str
    occurred_at: datetime
    recorded_at: datetime
    participant_id: str | None
    sequence: int | None
    historical: bool
    cause: Raw
    data: Raw


def stored_event(row: asyncpg.Record) -> StoredEvent:
    """The event in a row of the table."""
    return StoredEvent(
        type=row["type"],
        id=str(row["id"]),
        occurred_at=row["occurred_at"],
        recorded_at=row["recorded_at"],
        participant_id=row["participant_id"],
        sequence=row["sequence"],
        historical=row["historical"],
        cause=Raw(row["cause"].encode()),
        data=Raw(row["data"].encode()),
    )


def list_of_events(events: Sequence[DocumentedEvent]) -> Any:
    """The type of a list of events."""
    any_event: Any = reduce(or_, (event.kind for event in events))
    return list[any_event]


def example_of(type_: FeedType) -> Any:
    """An example of an event of this type."""
    return msgspec.to_builtins(
        {
            "type": type_.name,
            "id": _EXAMPLE_ID,
            "occurred_at": _EXAMPLE_TIME,
            "recorded_at": _EXAMPLE_TIME,
            "participant_id": "user_123" if type_.is_of_participant else None,
            "sequence": 42 if type_.facts or type_.is_first else None,
            "historical": False,
            "cause": {"command_id": _EXAMPLE_COMMAND_ID} if type_.facts or type_.is_first else {},
            "data": type_.example,
        }
    )


def documented_events(feed: Mapping[str, FeedType]) -> list[DocumentedEvent]:
    """The types of events, as the OpenAPI document describes them."""
    return [
        DocumentedEvent(name=name, about=each.about, kind=_event_struct(each), example=example_of(each))
        for name, each in feed.items()
    ]


def _event_struct(type_: FeedType) -> type[Struct]:
    words = type_.name.replace(".", "_").split("_")
    return msgspec.defstruct(
        "".join(word.capitalize() for word in words) + "Event",
        [*_FIELDS, ("data", Annotated[type(type_.example), Meta(description="The content of the event.")])],
        frozen=True,
        kw_only=True,
        tag_field="type",
        tag=type_.name,
        namespace={"__doc__": type_.about},
    )
