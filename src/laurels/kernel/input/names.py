"""Unknown names of fields and parameters in a request: misspelt names are errors, others are ignored."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

LONGEST_NAME = 64
"""Longer names are not compared with known names."""
UNKNOWN_NAMES_LIMIT = 100
"""The maximum number of different unknown names in a request, as each is compared with the known names."""
IGNORED_SHOWN = 20

_SHOWN_AS: dict[str, tuple[str, ...]] = {
    "after": ("next_cursor",),
    "amount": ("base_amount",),
    "badge_code": ("code",),
    "earned_only": ("earned",),
    "from": ("since",),
    "hold_id": ("id",),
    "icon_url": ("icon",),
    "points_deduction": ("points_deducted",),
    "return_item": ("item_returned",),
    "return_points": ("points_returned",),
    "reward_id": ("reward_code",),
    "reward_type": ("type",),
    "seen_since": ("last_seen_at",),
    "streak_code": ("code",),
    "tier": ("current_tier",),
    "tier_code": ("code",),
    "time_window": ("period",),
    "timestamp": ("occurred_at", "created_at", "recorded_at", "last_recorded_at"),
    "to": ("until",),
    "transaction_id": ("id", "reversed_transaction_id"),
}
"""Names in requests, with the names of the same values in responses."""

_ALSO_CALLED: dict[str, tuple[str, ...]] = {
    "after": ("cursor",),
    "amount": ("points",),
    "badge_codes": ("badges", "badge", "codes"),
    "earned_only": ("only_earned",),
    "event_name": ("event", "event_type", "name"),
    "expires_at": ("expiry", "expiry_date", "expires", "expires_on", "expiration", "expiration_date", "valid_until"),
    "expires_in_days": (
        "expiry_days",
        "expire_days",
        "expiration_days",
        "expires_in",
        "expires_after_days",
        "ttl_days",
    ),
    "expires_in_minutes": (
        "expiry_minutes",
        "expire_minutes",
        "expires_in",
        "expires_after_minutes",
        "ttl_minutes",
        "minutes",
    ),
    "from": ("start", "start_date", "from_date", "date_from"),
    "idempotency_key": (
        "idempotency",
        "idempotency_id",
        "idempotency_token",
        "idempotent_key",
        "x_idempotency_key",
        "dedup_key",
        "dedupe_key",
        "deduplication_id",
        "deduplication_key",
    ),
    "include": ("sections",),
    "is_active": ("active", "enabled"),
    "limit": ("page_size", "per_page", "count", "top"),
    "page": ("page_number",),
    "page_size": ("limit", "per_page", "size"),
    "period": ("window", "time_window"),
    "points_deduction": (
        "deduct_points",
        "deduct",
        "deduction",
        "points_cost",
        "use_points",
        "spend_points",
        "pay_points",
    ),
    "properties": ("data", "payload", "event_data", "event_properties"),
    "return_item": ("restock",),
    "return_points": ("refund", "refund_points"),
    "search": ("q", "query"),
    "sort_by": ("sort", "order_by"),
    "sort_order": ("order", "direction"),
    "timestamp": ("date", "time", "datetime", "date_time", "event_time", "happened_at", "at"),
    "to": ("end", "end_date", "to_date", "date_to"),
}
"""Names in requests, with common names in other programs that must not be ignored silently, as the request would then
give, take or show something unintended."""

_UNSAFE = re.compile(r"[^\w.\[\]-]", re.ASCII)


class MisplacedNames(NamedTuple):
    """Names that belong elsewhere in the request. `message` names the place, with `{}` for the known name. With
    `is_exact`, names that only resemble them do not match."""

    names: tuple[str, ...]
    message: str
    is_exact: bool = False


class UnknownNames:
    """The unknown names of one request. With `is_strict`, the project refuses all of them instead of ignoring them."""

    __slots__ = ("ignored", "is_strict", "seen")

    def __init__(self, *, is_strict: bool = False) -> None:
        self.is_strict = is_strict
        self.ignored: dict[str, None] | None = None
        self.seen: set[str] | None = None

    def exceeds_limit(self, name: str) -> bool:
        """Whether this is a new name beyond the limit."""
        if self.seen is None:
            self.seen = set()
        if len(self.seen) < UNKNOWN_NAMES_LIMIT:
            self.seen.add(name)
        return name not in self.seen

    def ignore(self, place: str) -> None:
        if self.ignored is None:
            self.ignored = {}
        self.ignored[place] = None

    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """The header `Laurels-Ignored` with the first ignored names, in characters that are valid in a header."""
        if not self.ignored:
            return ()
        shown = [_UNSAFE.sub("?", name[:LONGEST_NAME]) for name in [*self.ignored][:IGNORED_SHOWN]]
        if len(self.ignored) > IGNORED_SHOWN:
            shown.append("...")
        return ((b"laurels-ignored", ", ".join(shown).encode()),)


def resembled_name(name: str, known: tuple[str, ...]) -> str | None:
    """The known name that an unknown name resembles. It is the same except for case, `_` and `-`, or is called so in
    responses or by other programs, or is one edit away, or two edits if it has more than seven letters."""
    return _resembled_name(name, known) if len(name) <= LONGEST_NAME else None


@lru_cache(maxsize=4_096)
def _resembled_name(name: str, known: tuple[str, ...]) -> str | None:
    plain = _plain(name)
    if not plain:
        return None
    for each in known:
        if plain in map(_plain, (each, *_SHOWN_AS.get(each, ()), *_ALSO_CALLED.get(each, ()))):
            return each
    close = [(edits, each) for each in known if (edits := _edits_within(plain, _plain(each))) is not None]
    return min(close, key=lambda pair: pair[0])[1] if close else None


def suggestion(name: str, known: tuple[str, ...]) -> str:
    """The suggestion at the end of a sentence about an unknown name."""
    resembled = resembled_name(name, known)
    return f'; did you mean "{resembled}"?' if resembled else ""


def place_message(name: str, others: Sequence[MisplacedNames]) -> str | None:
    """The message about the right place of a name that belongs elsewhere, if any."""
    for other in others:
        resembled = resembled_name(name, other.names)
        if resembled and not (other.is_exact and _plain(name) != _plain(resembled)):
            return other.message.format(resembled)
    return None


def _plain(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "")


def _edits_within(name: str, known: str) -> int | None:
    """The number of edits between the two names; None if it is more than the length of the name allows."""
    allowed = 1 if len(known) <= 7 else 2
    if abs(len(name) - len(known)) > allowed or len(set(name) ^ set(known)) > 2 * allowed:
        return None
    edits = _edits(name, known)
    return edits if edits <= allowed else None


def _edits(one: str, other: str) -> int:
    """The number of insertions, deletions, substitutions and swaps of neighbours between two names: the optimal string
    alignment distance (G. Navarro, A guided tour to approximate string matching, ACM Computing Surveys 33:1)."""
    earlier: list[int] = []
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        current = [row]
        for column, other_letter in enumerate(other, start=1):
            edits = min(above[column] + 1, current[-1] + 1, above[column - 1] + (letter != other_letter))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == other_letter:
                edits = min(edits, earlier[column - 2] + 1)
            current.append(edits)
        earlier, above = above, current
    return above[-1]
