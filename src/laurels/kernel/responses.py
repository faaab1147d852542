"""The responses of successful commands, with the field names of the API contract.

`effects` is present if a command had effects beyond its own fact; for events it is always present.

A response is encoded once. The caller, and every later caller with the same idempotency key, gets the same bytes.
"""

from msgspec import Struct


class Answer(Struct, frozen=True, kw_only=True):
    pass


class AnyEffects(Struct, frozen=True, kw_only=True):
    """All effects of a command beyond its own fact, in the order in which they happened."""


class AnyRise(Struct, frozen=True, kw_only=True):
    """A rise that is also shown in the response to an award."""


class JudgedAnswer(Answer, frozen=True, kw_only=True):
    """The response of a judging. It is not part of the API: its effects are in the facts."""

    participant_id: str
