"""Batches: many commands in one request, each judged by itself."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from laurels.engine.batch import Answered
from laurels.kernel.commands import Command
from laurels.kernel.input.names import UnknownNames
from laurels.kernel.input.problems import sentence
from laurels.web import outcomes
from laurels.web.endpoint import AnyRequest
from laurels.web.protocol.errors import Refusal, invalid
from laurels.web.requests.decoding import decode_json
from laurels.web.requests.forms import Form

PROBLEMS_TOLD = 5
"""Of one item."""


class Ending(Struct, frozen=True, kw_only=True):
    """One item's ending: the answer's JSON, or the sentence that says why not, and its code. The item `differs` from
    the first request with its key in these fields."""

    participant_id: str | None
    answer: bytes = b""
    error: str | None = None
    error_code: str | None = None
    differs: Sequence[str] = ()

    @property
    def idempotency_differs(self) -> list[str] | UnsetType:
        """For the item's result."""
        return [*self.differs] or UNSET


class _Named(Struct):
    participant_id: Any = None


_named_decoder = msgspec.json.Decoder(_Named)


async def run(
    request: AnyRequest,
    raws: Sequence[msgspec.Raw],
    form: Form,
    command: Callable[[Any], Command],
) -> list[Ending]:
    """The items' endings, in their order. Raises Refusal when none was taken."""
    if request.headers.get(b"idempotency-key") is not None:
        raise invalid("Idempotency-Key", "does not apply to a batch; give each item its own idempotency_key")
    if request.is_long:
        items = await request.services.decoding.run(_items, raws, form, command, request.names)
    else:
        items = _items(raws, form, command, request.names)
    commands = [item for item in items if isinstance(item, Command)]
    answered = iter(await outcomes.run_all(request, commands)) if commands else iter(())
    return [item if isinstance(item, Ending) else _ending(item, next(answered)) for item in items]


def _items(
    raws: Sequence[msgspec.Raw], form: Form, command: Callable[[Any], Command], names: UnknownNames
) -> list[Command | Ending]:
    return [_item(raw, form, command, names) for raw in raws]


def _item(raw: msgspec.Raw, form: Form, command: Callable[[Any], Command], names: UnknownNames) -> Command | Ending:
    try:
        return command(decode_json(form, raw, names))
    except Refusal as refusal:
        told = [sentence(error, "The item") for error in refusal.errors[:PROBLEMS_TOLD]]
        error = " ".join(told) or refusal.detail
        return Ending(participant_id=_named_participant(raw), error=error, error_code=refusal.code)


def _ending(command: Command, answered: Answered | Refusal) -> Ending:
    if isinstance(answered, Refusal):
        return Ending(participant_id=command.participant_id, error=answered.detail, error_code=answered.code)
    return Ending(participant_id=command.participant_id, answer=answered.answer, differs=answered.differs)


def _named_participant(raw: msgspec.Raw) -> str | None:
    """Whom an invalid item is about, so that the caller finds it again."""
    try:
        named = _named_decoder.decode(raw).participant_id
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return named if isinstance(named, str) else None
