"""The funnel of a challenge: how far its participants have come."""

from datetime import UTC, datetime

import msgspec

from laurels.kernel.rejections import DefinitionNotFound
from laurels.mechanics.challenges import store as challenges
from laurels.mechanics.challenges.examples import CHALLENGE_FUNNEL_REFUSALS, CHALLENGE_FUNNEL_RESPONSE
from laurels.mechanics.challenges.model import Challenge
from laurels.mechanics.challenges.store import FunnelAnswer
from laurels.web.endpoint import Reply, Request, Routes
from laurels.web.keys.access import Access
from laurels.web.protocol.errors import refusal_for

routes = Routes("Challenges", Access.ADMIN)


@routes.get(
    "/gamify/admin/challenges/{code}/funnel",
    summary="The progress of all participants in a challenge",
    answers={200: FunnelAnswer},
    answer_example=CHALLENGE_FUNNEL_RESPONSE,
    refuses=(404, 503),
    refusals=CHALLENGE_FUNNEL_REFUSALS,
)
async def challenge_funnel(request: Request[None, None]) -> Reply:
    """Returns how many participants have joined the challenge, begun it, come to a quarter, half and three quarters,
    and completed it. Anonymized participants are included."""
    services, code = request.services, request.path[0]
    known = await services.definitions.newest(services.readers, request.project_id)
    challenge = known[Challenge].by_code.get(code)
    if challenge is None:
        raise refusal_for(DefinitionNotFound("challenge", code))
    now = known.calendar.at(datetime.now(UTC))
    async with services.surveys.transaction() as connection:
        funnel = await challenges.funnel(connection, challenge, now)
    return Reply(msgspec.json.encode(funnel))
