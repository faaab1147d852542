"""Names of fields and parameters that a request does not have: misspelt ones are told from those that are ignored."""

import re
from functools import lru_cache

LONGEST_NAME = 64
"""A longer name resembles none of ours."""
UNKNOWN_NAMES_LIMIT = 100
"""How many different ones a request may have: each is compared with those of ours."""
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
"""Names of requests, and under which others responses show the same."""

_UNSAFE = re.compile(r"[^\w.\[\]-]", re.ASCII)


class UnknownNames:
    """Those of one request that are ignored. `is_strict`: none is, as the project refuses all."""

    __slots__ = ("ignored", "is_strict", "seen")

    def __init__(self, *, is_strict: bool = False) -> None:
        self.is_strict = is_strict
        self.ignored: dict[str, None] | None = None
        self.seen: set[str] | None = None

    def is_one_too_many(self, name: str) -> bool:
        """Whether this is another name beyond the limit."""
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
        """`Laurels-Ignored`: the names, as far as they fit and in characters that a header may have."""
        if not self.ignored:
            return ()
        shown = [_UNSAFE.sub("?", name[:LONGEST_NAME]) for name in [*self.ignored][:IGNORED_SHOWN]]
        if len(self.ignored) > IGNORED_SHOWN:
            shown.append("...")
        return ((b"laurels-ignored", ", ".join(shown).encode()),)


def meant(name: str, known: tuple[str, ...]) -> str | None:
    """The known name that an unknown one resembles: the same but for case, `_` and `-`, the name that responses have
    for it, or one edit away, two from a name of more than seven letters."""
    return _meant(name, known) if len(name) <= LONGEST_NAME else None


@lru_cache(maxsize=4_096)
def _meant(name: str, known: tuple[str, ...]) -> str | None:
    plain = _plain(name)
    if not plain:
        return None
    for each in known:
        if plain in map(_plain, (each, *_SHOWN_AS.get(each, ()))):
            return each
    close = [(edits, each) for each in known if (edits := _edits_within(plain, _plain(each))) is not None]
    return min(close, key=lambda found: found[0])[1] if close else None


def instead(name: str, known: tuple[str, ...]) -> str:
    """The end of a sentence about an unknown name."""
    resembled = meant(name, known)
    return f'; did you mean "{resembled}"?' if resembled else ""


def _plain(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "")


def _edits_within(name: str, known: str) -> int | None:
    """How many edits lead from one to the other, None for more than a name of this length allows."""
    allowed = 1 if len(known) <= 7 else 2
    if abs(len(name) - len(known)) > allowed or len(set(name) ^ set(known)) > 2 * allowed:
        return None
    edits = _edits(name, known)
    return edits if edits <= allowed else None


def _edits(one: str, other: str) -> int:
    """Insertions, deletions, substitutions and swaps of neighbours: the optimal string alignment distance (G. Navarro,
    A guided tour to approximate string matching, ACM Computing Surveys 33:1)."""
    earlier: list[int] = []
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        present = [row]
        for column, wanted in enumerate(other, start=1):
            edits = min(above[column] + 1, present[-1] + 1, above[column - 1] + (letter != wanted))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == wanted:
                edits = min(edits, earlier[column - 2] + 1)
            present.append(edits)
        earlier, above = above, present
    return above[-1]
