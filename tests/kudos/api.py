"""Kudos: give, hand over, list, and the definitions of their kinds."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from laurels.kernel.commands import MOST_PARTICIPANTS
from laurels.kernel.definition import Definitions
from laurels.kernel.input.fields import CodeSought, IdempotencyKey, ParticipantId
from laurels.storage.participants import ParticipantRow
from laurels.web import outcomes
from laurels.web.api import Section
from laurels.web.definitions import DeclaredResource
from laurels.web.endpoint import Reply, Request, Routes
from laurels.web.lookup import definitions_for, find_participant
from tests.kudos import rules, store
from tests.kudos.definition import KIND
from tests.kudos.examples import (
    GIVE_KUDOS_REFUSALS,
    GIVE_KUDOS_REQUEST,
    GIVE_KUDOS_RESPONSE,
    HAND_OVER_KUDOS_REFUSALS,
    HAND_OVER_KUDOS_REQUEST,
    HAND_OVER_KUDOS_RESPONSE,
    PARTICIPANT_KUDOS_RESPONSE,
)
from tests.kudos.model import GiveKudos, HandOverKudos, KudosGivenAnswer, KudosHandedOverAnswer

routes = Routes("Kudos")


class GiveKudosRequest(Struct, frozen=True, kw_only=True):
    participant_id: ParticipantId
    kudos_code: CodeSought
    number: Annotated[int, Meta(ge=1, le=1_000)] = 1
    thanks: Annotated[str, Meta(max_length=500)] | None = None


class HandOverKudosRequest(Struct, frozen=True, kw_only=True):
    participant_id: ParticipantId
    receiver_ids: Annotated[list[ParticipantId], Meta(min_length=1, max_length=MOST_PARTICIPANTS - 1)]
    kudos_code: CodeSought
    number: Annotated[int, Meta(ge=1, le=1_000)] = 1
    idempotency_key: IdempotencyKey | None = None


class KudosCount(Struct, frozen=True, kw_only=True):
    code: str
    name: str
    number: int


class KudosAnswer(Struct, frozen=True, kw_only=True):
    participant_id: str
    kudos: list[KudosCount]


resource = routes.place(DeclaredResource(KIND))


@routes.post(
    "/gamify/kudos/give",
    summary="Give kudos",
    body=GiveKudosRequest,
    answers={200: KudosGivenAnswer},
    answer_example=GIVE_KUDOS_RESPONSE,
    refuses=(400, 404, 503),
    refusals=GIVE_KUDOS_REFUSALS,
    example=GIVE_KUDOS_REQUEST,
    takes_idempotency_key=True,
)
async def give_kudos(request: Request[GiveKudosRequest, None]) -> Reply:
    """Kudos of one kind can be given again and again."""
    body = request.body
    command = GiveKudos(
        project_id=request.project_id,
        participant_id=body.participant_id,
        kudos_code=body.kudos_code,
        number=body.number,
        thanks=body.thanks,
        idempotency_key=request.idempotency_key(None),
    )
    return outcomes.reply(await outcomes.run(request, command))


@routes.post(
    "/gamify/kudos/hand-over",
    summary="Hand over kudos",
    body=HandOverKudosRequest,
    answers={200: KudosHandedOverAnswer},
    answer_example=HAND_OVER_KUDOS_RESPONSE,
    refuses=(400, 404, 503),
    refusals=HAND_OVER_KUDOS_REFUSALS,
    example=HAND_OVER_KUDOS_REQUEST,
    takes_idempotency_key=True,
)
async def hand_over_kudos(request: Request[HandOverKudosRequest, None]) -> Reply:
    """From a participant to each of the receivers: to all, or to none."""
    body = request.body
    command = HandOverKudos(
        project_id=request.project_id,
        participant_id=body.participant_id,
        receiver_ids=tuple(body.receiver_ids),
        kudos_code=body.kudos_code,
        number=body.number,
        idempotency_key=request.idempotency_key(body.idempotency_key),
    )
    return outcomes.reply(await outcomes.run(request, command))


@routes.get(
    "/gamify/participants/{participant_id}/kudos",
    summary="Kudos of a participant",
    answers={200: KudosAnswer},
    answer_example=PARTICIPANT_KUDOS_RESPONSE,
    refuses=(404, 503),
)
async def participant_kudos(request: Request[None, None]) -> Reply:
    """The kinds in display order, each with the number of kudos."""
    found = await find_participant(request)
    kudos = await _counted(request, found, await definitions_for(request, found))
    return Reply(msgspec.json.encode(KudosAnswer(participant_id=found.participant_id, kudos=kudos)))


async def _counted(request: Request[Any, Any], found: ParticipantRow, definitions: Definitions) -> list[KudosCount]:
    counts = await store.counts(request.services.readers, found.lane, found.subject)
    return [
        KudosCount(code=kind.code, name=kind.name, number=number) for kind, number in rules.shown(definitions, counts)
    ]


STATE = Section(name="kudos", type=list[KudosCount], read=_counted, example=PARTICIPANT_KUDOS_RESPONSE["kudos"])
