"""The endpoint that erases a participant, by deleting or anonymizing."""

import msgspec
import structlog
from msgspec import Struct

from laurels.kernel.rejections import ParticipantNotFound
from laurels.office.examples import ERASE_PARTICIPANT_RESPONSE
from laurels.storage import erased_ids
from laurels.storage.erasing import erasures
from laurels.storage.erasing import file as erasures_file
from laurels.storage.erasing.erasures import How
from laurels.web.endpoint import AnyRequest, Reply, Request, Routes
from laurels.web.keys.access import Access
from laurels.web.lookup import participant_id
from laurels.web.protocol.errors import Refusal, refusal_for, unavailable

log = structlog.get_logger("laurels.web")

routes = Routes("Participants", Access.ADMIN)


class EraseQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Unknown parameters are refused, because a misspelt `anonymize` would delete permanently."""

    anonymize: bool = False
    """True keeps the facts under a random id and removes everything personal. False removes all rows of the
    participant."""


class ErasedAnswer(Struct, frozen=True):
    """`anonymized_id` is the random id that now owns the remaining facts; null after a deletion."""

    participant_id: str
    anonymized: bool
    """Whether the participant was anonymized."""
    deleted: bool
    """Whether the participant was deleted."""
    anonymized_id: str | None
    """The random id that the remaining facts belong to; null after a deletion."""


@routes.delete(
    "/gamify/admin/participants/{participant_id}",
    summary="Delete or anonymize a participant",
    query=EraseQuery,
    answers={200: ErasedAnswer},
    answer_example=ERASE_PARTICIPANT_RESPONSE,
    refuses=(404, 503),
)
async def erase_participant(request: Request[None, EraseQuery]) -> Reply:
    """`anonymize=true` keeps the facts under a random id and clears all personal data. Otherwise every row of the
    participant is removed. Neither can be undone. If the participant has more than 10,000 facts, they are cleared or
    removed step by step after the response; they cannot be read in the meantime."""
    name = participant_id(request)
    how: How = "anonymise" if request.query.anonymize else "delete"
    services = request.services
    if services.erasures_file is not None and services.erasures_file.is_stuck:
        raise _not_noted()
    async with services.edits.transaction() as connection:
        erased = await erasures.erase(connection, services.tables, request.project_id, name, how)
        if erased is None:
            raise refusal_for(ParticipantNotFound(name))
        await _note(request, erasures_file.line(erased, how, await erased_ids.secret(connection)))
    if not erased.is_finished:
        services.jobs.wake()
    answer = ErasedAnswer(name, request.query.anonymize, not request.query.anonymize, erased.anonymous_id)
    return Reply(msgspec.json.encode(answer))


async def _note(request: AnyRequest, line: erasures_file.ErasureLine) -> None:
    """Adds the erasure to the file, before the commit: a confirmed erasure must be in the file. Raises Refusal 503."""
    file = request.services.erasures_file
    if file is None:
        return
    try:
        await file.add(line)
    except OSError as error:
        log.error("erasures_file_not_writable", file=str(file.path), error=error.strerror or type(error).__name__)
        raise _not_noted() from None


def _not_noted() -> Refusal:
    detail = "Nothing was erased, because the erasures file could not be written; the server's log has the cause"
    return unavailable(detail, code="erasures_file_unavailable")
