"""Submits commands to the engine and converts each outcome to a response: a status and, for errors, a sentence."""

import asyncio
from collections.abc import Sequence

from msgspec.structs import replace

from laurels.engine.batch import CommandResponse, Outcome
from laurels.engine.errors import BusyError, CommandFailedError, OutcomeUnknownError, UnsettledError
from laurels.kernel.commands import Command
from laurels.kernel.rejections import Rejection
from laurels.storage.postgres.database import DatabaseUnavailableError, LockedError
from laurels.web.endpoint import AnyRequest, Reply
from laurels.web.protocol.errors import Refusal, busy, command_failed, locked, refusal_for, unavailable

_REPLAYED = ((b"idempotency-replayed", b"true"),)


async def run(request: AnyRequest, command: Command) -> CommandResponse:
    """Runs the command. Raises Refusal."""
    try:
        return _response(await request.services.engine.submit(_signed(request, command), request.principal.holder))
    except (
        BusyError,
        UnsettledError,
        LockedError,
        DatabaseUnavailableError,
        OutcomeUnknownError,
        CommandFailedError,
    ) as error:
        raise failure(error) from error


async def run_all(request: AnyRequest, commands: Sequence[Command]) -> list[CommandResponse | Refusal]:
    """The outcome of each command, in order.

    Raises Refusal if no command was accepted, or if all failed with 503. If several errors are possible, an unknown
    outcome takes precedence, as the other errors mean that nothing was changed.
    """
    try:
        if request.is_session:
            commands = [_signed(request, command) for command in commands]
        futures = request.services.engine.submit_all(commands, request.principal.holder)
    except BusyError as error:
        raise failure(error) from error
    await _all_done(futures)
    results = [_response_or_refusal(future.exception() or future.result()) for future in futures]
    unsettled = [result for result in results if isinstance(result, Refusal) and result.status == 503]
    if unsettled and len(unsettled) == len(results):
        raise next((refusal for refusal in unsettled if "Outcome-Unknown" in refusal.headers), unsettled[0])
    return results


def reply(response: CommandResponse) -> Reply:
    if not response.replayed:
        return Reply(response.body)
    differs = ((b"idempotency-differs", ", ".join(response.differs).encode()),) if response.differs else ()
    return Reply(response.body, headers=(*_REPLAYED, *differs))


def _signed(request: AnyRequest, command: Command) -> Command:
    """The command with its author, if a person in the console sent it: the audit log then has an entry for it."""
    return replace(command, actor=request.actor) if request.is_session and command.actor is None else command


async def _all_done(futures: Sequence[asyncio.Future[Outcome]]) -> None:
    """Waits for all outcomes. Mostly one batch has them all, so that the first is the only one to wait for; a callback
    for each would cost more than the award's response. If the caller leaves, all commands are cancelled."""
    try:
        for future in futures:
            if not future.done():
                await asyncio.wait((future,))
    except asyncio.CancelledError:
        for future in futures:
            future.cancel()
        raise


def _response_or_refusal(outcome: Outcome | BaseException) -> CommandResponse | Refusal:
    if isinstance(outcome, BaseException):
        return failure(outcome)
    return refusal_for(outcome) if isinstance(outcome, Rejection) else outcome


def _response(outcome: Outcome) -> CommandResponse:
    if isinstance(outcome, Rejection):
        raise refusal_for(outcome)
    return outcome


def failure(error: BaseException) -> Refusal:
    match error:
        case BusyError():
            return busy()
        case UnsettledError():
            return unavailable(
                "Many of the participant's points have expired and are still being settled; nothing was changed, try"
                " again shortly",
                code="expiries_unsettled",
            )
        case DatabaseUnavailableError():
            return unavailable("The database cannot be reached; nothing was changed, try again shortly")
        case LockedError():
            return locked()
        case OutcomeUnknownError():
            return unavailable(
                "The connection to the database was lost while saving; send the same request again, with the same "
                "idempotency key",
                is_outcome_unknown=True,
            )
        case CommandFailedError():
            return command_failed()
    raise error
