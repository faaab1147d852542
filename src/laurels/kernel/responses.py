"""What a successful command answers, in the contract's field names.

`effects` is there when a command brought about more than itself, with events always.

An answer is encoded once; the caller, and every later caller with the same idempotency key, gets those very bytes.
"""

from msgspec import Struct


class Answer(Struct, frozen=True, kw_only=True):
    pass


class AnyEffects(Struct, frozen=True, kw_only=True):
    """All that a command brought about beyond itself, in the order in which it happened."""


class AnyRise(Struct, frozen=True, kw_only=True):
    """A rise that an award is told of at once."""


class JudgedAnswer(Answer, frozen=True, kw_only=True):
    """Nobody asks for it over the API: what it brought, the facts tell."""

    participant_id: str
