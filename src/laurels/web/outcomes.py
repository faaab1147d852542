"""From a command to the reply: submits to the engine and turns every ending into a status and a sentence."""

import asyncio
from collections.abc import Sequence

from laurels.engine.batch import Answered, Outcome
from laurels.engine.errors import BusyError, CommandFailedError, OutcomeUnknownError, UnsettledError
from laurels.kernel.commands import Command
from laurels.kernel.rejections import Rejection
from laurels.storage.postgres.database import DatabaseUnavailableError, LockedError
from laurels.web.endpoint import AnyRequest, Reply
from laurels.web.protocol.errors import Refusal, busy, command_failed, locked, refusal_for, unavailable

_REPLAYED = ((b"idempotency-replayed", b"true"),)


async def run(request: AnyRequest, command: Command) -> Answered:
    """Raises Refusal."""
    try:
        return _answered(await request.services.engine.submit(command, request.principal.holder))
    except (
        BusyError,
        UnsettledError,
        LockedError,
        DatabaseUnavailableError,
        OutcomeUnknownError,
        CommandFailedError,
    ) as error:
        raise failure(error) from error


async def run_all(request: AnyRequest, commands: Sequence[Command]) -> list[Answered | Refusal]:
    """Each command's own ending, in order. Raises Refusal when none was taken or none could be settled: of several the
    one that leaves open what happened, as the others say that nothing did."""
    try:
        futures = request.services.engine.submit_all(commands, request.principal.holder)
    except BusyError as error:
        raise failure(error) from error
    endings = await asyncio.gather(*futures, return_exceptions=True)
    results = [_ending(ending) for ending in endings]
    unsettled = [result for result in results if isinstance(result, Refusal) and result.status == 503]
    if unsettled and len(unsettled) == len(results):
        raise next((refusal for refusal in unsettled if "Outcome-Unknown" in refusal.headers), unsettled[0])
    return results


def reply(answered: Answered) -> Reply:
    if not answered.replayed:
        return Reply(answered.answer)
    differs = ((b"idempotency-differs", ", ".join(answered.differs).encode()),) if answered.differs else ()
    return Reply(answered.answer, headers=(*_REPLAYED, *differs))


def _ending(ending: Outcome | BaseException) -> Answered | Refusal:
    if isinstance(ending, BaseException):
        return failure(ending)
    return refusal_for(ending) if isinstance(ending, Rejection) else ending


def _answered(outcome: Outcome) -> Answered:
    if isinstance(outcome, Rejection):
        raise refusal_for(outcome)
    return outcome


def failure(error: BaseException) -> Refusal:
    match error:
        case BusyError():
            return busy()
        case UnsettledError():
            return unavailable(
                "So many of the participant's points have expired that they are still being settled; nothing was"
                " changed, try again shortly",
                code="expiries_unsettled",
            )
        case DatabaseUnavailableError():
            return unavailable("The database cannot be reached; nothing was changed, try again shortly")
        case LockedError():
            return locked()
        case OutcomeUnknownError():
            return unavailable(
                "The database went away while saving; send the same request with the same idempotency key again",
                is_outcome_unknown=True,
            )
        case CommandFailedError():
            return command_failed()
    raise error
