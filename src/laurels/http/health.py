"""For operators: alive, ready, metrics."""

import msgspec
from msgspec import Struct

from laurels.http import metrics as measured
from laurels.http.endpoint import Access, Reply, Request, Routes
from laurels.http.errors import unavailable
from laurels.store.database import DatabaseUnavailableError

routes = Routes("Operation", Access.OPEN)


class HealthAnswer(Struct, frozen=True):
    status: str


@routes.get(
    "/healthz", summary="Is the process alive?", answers={200: HealthAnswer}, answer_example={"status": "alive"}
)
async def healthz(_request: Request[None, None]) -> Reply:
    """200 as long as the process answers at all."""
    return Reply(msgspec.json.encode(HealthAnswer("alive")))


@routes.get("/readyz", summary="Can it serve?", answers={200: HealthAnswer}, answer_example={"status": "ready"})
async def readyz(request: Request[None, None]) -> Reply:
    """200 when the database answers and its schema is the one this version needs."""
    services = request.services
    try:
        rows = await services.readers.fetch("SELECT version_num FROM alembic_version")
    except DatabaseUnavailableError:
        raise unavailable("The database cannot be reached") from None
    if [row["version_num"] for row in rows] != [services.schema_revision]:
        raise unavailable("The database's schema is not that of this version; run `laurels migrate`")
    return Reply(msgspec.json.encode(HealthAnswer("ready")))


@routes.get("/metrics", summary="Metrics for Prometheus", answers={200: str}, content_type=measured.CONTENT_TYPE)
async def metrics(request: Request[None, None]) -> Reply:
    """Requests and latencies by route, batch sizes, queue depth, commit times; of all workers together."""
    measured.QUEUE_DEPTH.set(request.services.engine.queue_depth)
    return Reply(measured.render(), content_type=measured.CONTENT_TYPE.encode())
