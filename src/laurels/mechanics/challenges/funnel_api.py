"""The funnel of a challenge: how far its participants have come."""

from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from laurels.kernel.rejections import DefinitionNotFound
from laurels.mechanics.challenges import store as challenges
from laurels.mechanics.challenges.examples import CHALLENGE_FUNNEL_REFUSALS, CHALLENGE_FUNNEL_RESPONSE
from laurels.mechanics.challenges.model import Challenge
from laurels.web.endpoint import Reply, Request, Routes
from laurels.web.keys.access import Access
from laurels.web.protocol.errors import refusal_for

routes = Routes("Challenges", Access.ADMIN)


class FunnelAnswer(Struct, frozen=True, kw_only=True):
    """The numbers of participants in a challenge, from joining to completion. Progress is that of the newest run; a
    participant who has completed the challenge before counts as complete."""

    code: str
    """The challenge's code."""
    joined: int
    """Participants who have ever joined."""
    begun: int
    """Of these, participants with progress."""
    quarter: int
    """Participants with a mean progress of at least 25 %."""
    half: int
    """Participants with a mean progress of at least 50 %."""
    three_quarters: int
    """Participants with a mean progress of at least 75 %."""
    completed: int
    """Participants who have completed the challenge at least once."""
    completions: int
    """All completions, repeated ones included."""
    active: int
    """Participants in a run that has not ended."""
    left: int
    """Participants who have left the challenge."""


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
    return Reply(msgspec.json.encode(FunnelAnswer(code=challenge.code, **msgspec.structs.asdict(funnel))))
