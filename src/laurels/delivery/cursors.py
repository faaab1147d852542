"""Cursors of the feed: the place after an event, as callers send it."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import msgspec

from laurels.storage.feed.reading import START, FeedPosition, FeedStanding
from laurels.web.protocol.errors import Refusal, invalid

LATEST = "latest"
"""The value of `after` for the place after the newest event."""
LONGEST_CURSOR = 64


def cursor_of(position: FeedPosition) -> str:
    """The cursor of a place."""
    return urlsafe_b64encode(msgspec.msgpack.encode(position)).rstrip(b"=").decode()


def position_from(cursor: str, field: str = "after") -> FeedPosition:
    """The place that a cursor names. `field` is the part of the request with the cursor. Raises Refusal 422."""
    try:
        packed = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        position = msgspec.msgpack.decode(packed, type=FeedPosition)
        is_ours = cursor_of(position) == cursor and 0 <= position.position < 2**63
    except (ValueError, OverflowError, msgspec.DecodeError):
        is_ours = False
    if not is_ours:
        raise not_a_cursor(field)
    return position


def not_a_cursor(field: str = "after") -> Refusal:
    message = "must be the cursor of an earlier response of the feed"
    return invalid(field, message + ", or `latest`" if field == "after" else message)


def cursor_expired() -> Refusal:
    detail = (
        "Events after this cursor are no longer kept, so some would be missing. Leave out `after` to read everything "
        "that is kept, or send after=latest to go on from now"
    )
    return Refusal(409, detail, code="cursor_expired")


def cursor_unknown() -> Refusal:
    detail = (
        "The feed of this project has no event at this cursor: it is a cursor of another project, or of events that "
        "were lost when the database was restored from a backup. Leave out `after` to read everything that is kept; "
        "you know most of these events by their ids"
    )
    return Refusal(409, detail, code="cursor_unknown")


def check(position: FeedPosition, feed: FeedStanding) -> None:
    """Refuses a place after which events are missing, and one that is not of this feed. `feed` was read for this
    place. Raises Refusal 409."""
    if position.position < feed.floor:
        raise cursor_expired()
    if position.position > feed.floor and position != START and feed.id_part != position.id_part:
        raise cursor_unknown()
