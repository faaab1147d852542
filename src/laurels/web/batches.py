"""Batches: many commands in one request, each with its own outcome."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from laurels.engine.batch import CommandResponse
from laurels.kernel.commands import Command
from laurels.kernel.input.names import UnknownNames
from laurels.kernel.input.problems import sentence
from laurels.web import outcomes
from laurels.web.endpoint import AnyRequest
from laurels.web.protocol.errors import Refusal, invalid
from laurels.web.requests.decoding import decode_json
from laurels.web.requests.forms import Form

PROBLEMS_SHOWN = 5
"""The number of problems shown for one item."""


class ItemOutcome(Struct, frozen=True, kw_only=True):
    """The outcome of one item: the JSON of its response, or an error sentence with its code. `differs` lists the fields
    in which the item differs from the first request with the same idempotency key."""

    participant_id: str | None
    answer: bytes = b""
    error: str | None = None
    error_code: str | None = None
    differs: Sequence[str] = ()

    @property
    def idempotency_differs(self) -> list[str] | UnsetType:
        """The field of this name in the item's result."""
        return [*self.differs] or UNSET


class _WithParticipant(Struct):
    participant_id: Any = None


_participant_decoder = msgspec.json.Decoder(_WithParticipant)


async def run(
    request: AnyRequest,
    raws: Sequence[msgspec.Raw],
    form: Form,
    command: Callable[[Any], Command],
) -> list[ItemOutcome]:
    """The outcomes of the items, in the order of the items. Raises Refusal if no item was accepted."""
    if request.headers.get(b"idempotency-key") is not None:
        raise invalid("Idempotency-Key", "does not apply to a batch; give each item its own idempotency_key")
    if request.is_long:
        items = await request.services.decoding.run(_items, raws, form, command, request.names)
    else:
        items = _items(raws, form, command, request.names)
    commands = [item for item in items if isinstance(item, Command)]
    answered = iter(await outcomes.run_all(request, commands)) if commands else iter(())
    return [item if isinstance(item, ItemOutcome) else _outcome(item, next(answered)) for item in items]


def _items(
    raws: Sequence[msgspec.Raw], form: Form, command: Callable[[Any], Command], names: UnknownNames
) -> list[Command | ItemOutcome]:
    return [_item(raw, form, command, names) for raw in raws]


def _item(
    raw: msgspec.Raw, form: Form, command: Callable[[Any], Command], names: UnknownNames
) -> Command | ItemOutcome:
    try:
        return command(decode_json(form, raw, names))
    except Refusal as refusal:
        sentences = [sentence(error, "The item") for error in refusal.errors[:PROBLEMS_SHOWN]]
        error = " ".join(sentences) or refusal.detail
        return ItemOutcome(participant_id=_participant_of(raw), error=error, error_code=refusal.code)


def _outcome(command: Command, response: CommandResponse | Refusal) -> ItemOutcome:
    if isinstance(response, Refusal):
        return ItemOutcome(participant_id=command.participant_id, error=response.detail, error_code=response.code)
    return ItemOutcome(participant_id=command.participant_id, answer=response.body, differs=response.differs)


def _participant_of(raw: msgspec.Raw) -> str | None:
    """The participant id of an invalid item, so that the caller can identify the item."""
    try:
        participant_id = _participant_decoder.decode(raw).participant_id
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return participant_id if isinstance(participant_id, str) else None
