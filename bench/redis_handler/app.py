"""Points and a leaderboard as a team would write them by hand: Redis behind the same HTTP layer as Laurels.

Each request makes one round trip to Redis, with a hash and a sorted set. There are no windows, no shared ranks for
ties, no names and no history. With BASELINE_ORDER=asc less is better: the ranks are those of ZRANK. With
BASELINE_TIE_BREAKERS the score in Redis is one number, whose last digits to the base BASELINE_TIE_FACTOR are the tie
values.
"""

import os
import sys
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import valkey.asyncio as valkey
from msgspec import Meta, Struct

from laurels.web.application import Application
from laurels.web.endpoint import Reply, Request, Routes
from laurels.web.keys.access import Access, Principal
from laurels.web.protocol.draining import Draining
from laurels.web.protocol.errors import Refusal
from laurels.web.protocol.memory import Budget
from laurels.web.protocol.request_log import RequestLog

routes = Routes("Leaderboards", access=Access.KEY)
BOARD = "board"
MEMORY_BYTES = 64 * 1024 * 1024
IS_ASCENDING = os.environ.get("BASELINE_ORDER") == "asc"
TIE_BREAKERS = int(os.environ.get("BASELINE_TIE_BREAKERS", "0"))
TIE_FACTOR = int(os.environ.get("BASELINE_TIE_FACTOR", "1"))


class TopQuery(Struct, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    around: str | None = None


class Keys:
    async def principal(self, header: bytes | None) -> Principal:
        if header != os.environ["BASELINE_KEY"].encode():
            raise Refusal(401, "Invalid API key")
        return Principal(project_id=1, scope="gamify")


class NeverFull:
    def is_full(self, _holder: object) -> bool:
        return False


class Services:
    """The services that the HTTP layer needs."""

    def __init__(self) -> None:
        self.keys = Keys()
        self.engine = NeverFull()
        self.draining = Draining()
        self.memory = Budget(MEMORY_BYTES)
        self.redis = valkey.Valkey.from_url(os.environ["BASELINE_REDIS_URL"], decode_responses=True, max_connections=64)
        self.award_script = self.redis.register_script(AWARD)

    async def principal(self, headers: Mapping[bytes, bytes]) -> Principal:
        return await self.keys.principal(headers.get(b"x-api-key"))


class Award(Struct, frozen=True):
    participant_id: str
    amount: int
    idempotency_key: str
    reason: str | None = None


def numbers(combined: float) -> dict[str, Any]:
    """The score, and the tie values on a board with tie-breakers."""
    score, ties = int(combined), list[int]()
    for _ in range(TIE_BREAKERS):
        score, tie = divmod(score, TIE_FACTOR)
        ties.insert(0, tie)
    return {"score": score, "tie_values": ties} if ties else {"score": score}


AWARD = """
if redis.call('SET', KEYS[1], '1', 'NX', 'EX', 86400) then
  redis.call('ZINCRBY', KEYS[3], ARGV[2], ARGV[1])
  return redis.call('HINCRBY', KEYS[2], ARGV[1], ARGV[2])
end
return redis.call('HGET', KEYS[2], ARGV[1])
"""


@routes.post("/gamify/points/award", summary="Award", body=Award, answers={200: dict})
async def award(request: Request[Award, Any]) -> Reply:
    """Awards points, once for each idempotency key within a day."""
    body, script = request.body, request.services.award_script  # type: ignore[attr-defined]
    balance = await script(
        keys=[f"key:{body.idempotency_key}", "wallet", BOARD], args=[body.participant_id, body.amount]
    )
    return Reply(msgspec.json.encode({"participant_id": body.participant_id, "new_balance": int(balance)}))


@routes.get("/gamify/leaderboards/{code}/rank/{participant_id}", summary="Rank", answers={200: dict})
async def rank(request: Request[Any, Any]) -> Reply:
    name = request.path[1]
    pipeline = request.services.redis.pipeline(transaction=False)  # type: ignore[attr-defined]
    ranked = pipeline.zrank(BOARD, name) if IS_ASCENDING else pipeline.zrevrank(BOARD, name)
    above, score, total = await ranked.zscore(BOARD, name).zcard(BOARD).execute()
    if above is None:
        raise Refusal(404, f"Participant not found: {name}")
    body = {
        "participant_id": name,
        "rank": above + 1,
        **numbers(score),
        "total_participants": total,
        "percentile": round(100 * (total - above - 1) / total, 1),
    }
    return Reply(msgspec.json.encode(body))


@routes.get("/gamify/leaderboards/{code}", summary="Top", query=TopQuery, answers={200: dict})
async def top(request: Request[Any, TopQuery]) -> Reply:
    redis = request.services.redis  # type: ignore[attr-defined]
    first, limit = 0, request.query.limit
    if request.query.around is not None:
        name = request.query.around
        above = await (redis.zrank(BOARD, name) if IS_ASCENDING else redis.zrevrank(BOARD, name))
        first = max(0, (above or 0) - (limit - 1) // 2)
    pipeline = redis.pipeline(transaction=False)
    read = pipeline.zrange if IS_ASCENDING else pipeline.zrevrange
    rows, total = await read(BOARD, first, first + limit - 1, withscores=True).zcard(BOARD).execute()
    body = {
        "leaderboard_code": request.path[0],
        "entries": [
            {"rank": first + place, "participant_id": name, **numbers(score)}
            for place, (name, score) in enumerate(rows, start=1)
        ],
        "total_participants": total,
    }
    return Reply(msgspec.json.encode(body))


@routes.get("/ready", summary="Ready", answers={200: dict}, access=Access.OPEN)
async def ready(_request: Request[Any, Any]) -> Reply:
    return Reply(b"{}")


async def _open() -> Any:
    return Services()


async def _close(services: Any) -> None:
    await services.redis.aclose()


_endpoints = [endpoint for endpoint in routes.endpoints if endpoint.path == "/ready"]
_endpoints += [endpoint for endpoint in routes.endpoints_under("/api/v1") if not endpoint.path.endswith("/ready")]
app = Application(_endpoints, _open, _close, RequestLog(sys.stderr.buffer))
